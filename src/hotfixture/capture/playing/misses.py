"""What is said of a request that no recording answers: what comes nearest, and where it differs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hotfixture.capture.comparing import differences, requests
from hotfixture.capture.playing.matching import Parts
from hotfixture.errors import ReplayMissError

_MOST = 8
"""Differences that are shown."""
_LOOKED_AT = 500
"""Recorded requests among which the nearest is sought."""


def miss(parts: Parts, candidates: Sequence[Parts], *, asked_before: bool) -> ReplayMissError:
    """The error; values in it are clean, for both sides are."""
    if asked_before:
        return ReplayMissError(
            f"{named(parts)} was asked more often than it was recorded",
            hint="Record anew, or let the last answer be repeated (more='repeat').",
        )
    if not candidates:
        return ReplayMissError(f"nothing was recorded for {named(parts)}", hint="Record it: TEST_MODE=capture.")
    nearest = min((_differences(one, parts) for one in candidates[:_LOOKED_AT]), key=len)
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


def _differences(recorded: Parts, asked: Parts) -> list[str]:
    """Each place where two requests differ. What changes with every run is said only where nothing else differs: it is
    forgiven nearly everywhere."""
    old, new = _view(recorded), _view(asked)
    found = differences.differences(old, new) or differences.changes(old, new)
    return [differences.said(one.type, one.path, one.real, one.mock) for one in found]


def _view(parts: Parts) -> dict[str, Any]:
    """What is asked, in the shape in which requests are compared."""
    shown = {name: value for name, value in parts.items() if name not in ("kind", "operation")}
    if "path" in shown:
        shown |= {"path": requests.segments(shown["path"]), "query": requests.grouped(shown["query"])}
    return shown
