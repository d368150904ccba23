"""Recordings grow old: what to do with one that is older than it may be."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

from hotfixture.errors import CaptureError, OptionError

Policy = Literal["warn", "fail", "record"]
POLICIES: tuple[Policy, ...] = ("warn", "fail", "record")
_AGE = re.compile(r"(\d+)\s*([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_CI = ("CI", "CONTINUOUS_INTEGRATION", "BUILD_NUMBER", "TF_BUILD", "TEAMCITY_VERSION")
"""Set by the services that run tests unattended; there nothing is recorded anew."""


class StaleRecordingWarning(UserWarning):
    """A recording is older than it may be."""


def age(text: str) -> timedelta:
    """The time that `30d`, `12h`, `90m` or `45s` means; OptionError otherwise."""
    found = _AGE.fullmatch(text.strip().lower())
    try:
        if found is not None:
            return timedelta(**{_UNITS[found[2]]: int(found[1])})
    except (OverflowError, ValueError):  # more than time has, or more digits than a number
        pass
    raise OptionError("max_age", text, "a number and one of s, m, h, d, w: 30d")


def decide(
    recorded: datetime,
    oldest: timedelta | None,
    policy: Policy,
    *,
    now: datetime | None = None,
    environment: Mapping[str, str] | None = None,
) -> Literal["play", "record"]:
    """Whether to play a recording of that time or to make it anew.

    Warns or raises CaptureError where it is too old, as the policy says; and raises in place of recording where a
    service for continuous integration runs: what is recorded there nobody has looked at.
    """
    if policy not in POLICIES:
        raise OptionError("stale", policy, f"one of {', '.join(POLICIES)}")
    old = (now or datetime.now(UTC)) - recorded
    if oldest is None or old <= oldest:
        return "play"
    said = f"the recording is {_length(old)} old, at most {_length(oldest)} are allowed"
    if policy == "warn":
        warnings.warn(said, StaleRecordingWarning, stacklevel=2)
        return "play"
    if policy == "record" and not unattended(environment):
        return "record"
    why = " (and nothing is recorded anew in continuous integration)" if policy == "record" else ""
    raise CaptureError(said + why, hint="Record anew where somebody looks at it: TEST_MODE=capture.")


def unattended(environment: Mapping[str, str] | None = None) -> bool:
    """Whether the environment is that of continuous integration."""
    environment = os.environ if environment is None else environment
    return any(environment.get(name, "").lower() not in ("", "0", "false") for name in _CI)


def _length(length: timedelta) -> str:
    seconds = length.total_seconds()
    for name, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:.0f} seconds"
