"""What is said of a request that no recording answers: what comes nearest, and where it differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from hotfixture.capture.playing.matching import Parts, passing
from hotfixture.errors import ReplayMissError

_MOST = 8
"""Differences that are shown."""


def miss(parts: Parts, candidates: Sequence[Parts], *, asked_before: bool) -> ReplayMissError:
    """The error; values in it are clean, for both sides are."""
    if asked_before:
        return ReplayMissError(
            f"{named(parts)} was asked more often than it was recorded",
            hint="Record anew, or let the last answer be repeated (more='repeat').",
        )
    if not candidates:
        return ReplayMissError(f"nothing was recorded for {named(parts)}", hint="Record it: TEST_MODE=capture.")
    nearest = min((list(differences(one, parts)) for one in candidates), key=len)
    shown = "; ".join(nearest[:_MOST]) + (f"; and {len(nearest) - _MOST} more" if len(nearest) > _MOST else "")
    return ReplayMissError(
        f"{named(parts)} differs from what was recorded: {shown}",
        hint="If the program is right, record anew; if the field is noise, give another recording to learn it from.",
    )


def named(parts: Parts) -> str:
    """The request in a few words."""
    if "path" in parts:
        return f"{parts['method']} {parts['host']}{parts['path']}"
    return str(parts["operation"])


def differences(recorded: Any, asked: Any, path: str = "") -> Iterator[str]:
    """Each place where two requests differ, with both values."""
    if recorded == asked:  # of large ones that are alike this is told far more quickly than place by place
        return
    if isinstance(recorded, dict) and isinstance(asked, dict):
        for name in {**recorded, **asked}:
            inner = f"{path}.{name}" if path else str(name)
            if name not in asked:
                yield f"{inner}: was recorded, is not asked"
            elif name not in recorded:
                yield f"{inner}: is asked, was not recorded"
            else:
                yield from differences(recorded[name], asked[name], inner)
    elif isinstance(recorded, list) and isinstance(asked, list) and len(recorded) == len(asked):
        for number, (old, new) in enumerate(zip(recorded, asked, strict=True)):
            yield from differences(old, new, f"{path}[{number}]")
    elif not (passing(recorded) and passing(asked)):
        yield f"{path}: recorded {_short(recorded)}, asked {_short(asked)}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
