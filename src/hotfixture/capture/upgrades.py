"""One small step from each older version of what is kept to the next.

Version 0 is the file of the framework that this one's contract comes from; it said no version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from hotfixture.capture.records import VERSION
from hotfixture.errors import CaptureError, Where

Interaction = dict[str, Any]


def known(version: int, where: Where) -> None:
    """CaptureError where a newer release wrote it."""
    if not 0 <= version <= VERSION:
        raise CaptureError(
            f"version {version}: this release reads up to version {VERSION}",
            where=where,
            hint="A newer release of Hot Fixture Tool wrote it; upgrade with `pip install --upgrade hotfixture`.",
        )


def upgraded(interaction: Interaction, version: int) -> Interaction:
    """An interaction as this version has it."""
    for step in range(version, VERSION):
        interaction = STEPS[step](interaction)
    return interaction


def _from_first(old: Interaction) -> Interaction:
    """Times as the clock of the machine had them, sometimes one of the two only; calls by name."""
    timestamp = str(old.get("timestamp") or "")
    started = old.get("start_time")
    if not isinstance(started, int | float):
        started = _seconds(timestamp)
    return {
        "request": None,
        "status": "success",
        "duration_ms": None,
        **old,
        "id": str(old.get("id", "")),
        "timestamp": timestamp or datetime.fromtimestamp(started, UTC).isoformat(),
        "start_time": float(started),
        "service": str(old.get("service", "")),
        "operation": str(old.get("operation", "")),
        "error": None if old.get("error") is None else str(old["error"]),
        "kind": "call",
    }


def _seconds(timestamp: str) -> float:
    try:
        moment = datetime.fromisoformat(timestamp)
    except ValueError:
        return 0.0
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


STEPS: Mapping[int, Callable[[Interaction], Interaction]] = {0: _from_first}
"""By the version that a step starts from."""
