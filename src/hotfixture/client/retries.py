"""When a call is sent again: what may be repeated, after a broken connection or an answer that says later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from hotfixture.client.calls import Call

ATTEMPTS = 4
LONGEST_PAUSE = 30.0
"""Seconds; a daemon that wants more is told of at once."""
PATIENCE = 90.0
"""Seconds that a package which is being made or downloaded waits for a daemon that has gone: another takes over."""
PATIENT_PAUSE = 2.0
_LATER = {429, 502, 503, 504}
_REFUSED_UNSEEN = {429}
"""Answers to a call that was not begun: it may be sent again whatever it does."""


def pause(
    call: Call[object], attempt: int, status: int | None, headers: Mapping[str, str], now: float, *, sent: bool = True
) -> float | None:
    """Seconds to wait before the next attempt (`attempt` counts from 1); None where there is to be none.

    `status` is None where the connection broke; `sent` says whether any of the call can have arrived.
    """
    if attempt >= ATTEMPTS:
        return None
    if status is None:
        return _growing(attempt) if call.may_repeat or not sent else None
    if status not in _LATER or not (call.may_repeat or status in _REFUSED_UNSEEN):
        return None
    wanted = _wanted(headers.get("retry-after", ""), now)
    if wanted is None:
        return _growing(attempt)
    return max(wanted, 0.05) if wanted <= LONGEST_PAUSE else None


def _growing(attempt: int) -> float:
    return 0.2 * 3.0 ** (attempt - 1)


def _wanted(header: str, now: float) -> float | None:
    """The seconds of a `Retry-After` (RFC 9110, section 10.2.3): a number, or a date."""
    if header.strip().isdecimal():
        return float(header)
    try:
        until = datetime.strptime(header.strip(), "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    except ValueError:
        return None
    return max(until.timestamp() - now, 0.0)
