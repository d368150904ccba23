"""Recorded interactions, from wherever they are: a session's folder, its one file, or memory; in one fixed order."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from hotfixture.capture import journal
from hotfixture.capture.comparing.answers import answered
from hotfixture.capture.comparing.differences import canonical
from hotfixture.capture.comparing.requests import asked
from hotfixture.capture.records import Interaction
from hotfixture.errors import CaptureError

Source = str | os.PathLike[str] | Iterable[Any]
_BARE: dict[str, Any] = {
    "id": "", "timestamp": "", "service": "", "operation": "", "request": None, "start_time": 0.0, "duration_ms": None,
    "status": "success",
}  # fmt: skip
_TEXTS = ("id", "parent")


def interactions(source: Source) -> list[Interaction]:
    """The interactions, in the order of their beginnings; CaptureError where there is no session.

    Calls that ask the same and overlap in time stand in the order of their answers, not in that of the scheduler: two
    recordings of one parallel program give one sequence of answers to each question.
    """
    return ordered(_read(source))


def _read(source: Source) -> Iterable[Interaction]:
    if isinstance(source, str | os.PathLike):
        return journal.read(journal.session(Path(source)))
    return map(_lenient, source)


def _lenient(one: Any) -> Interaction:
    """An interaction that somebody made: what is missing is empty."""
    if isinstance(one, Interaction):
        return one
    try:
        given = {**_BARE, **one, **{name: str(one[name]) for name in _TEXTS if one.get(name) is not None}}
        return msgspec.convert(given, Interaction)
    except (msgspec.ValidationError, TypeError, AttributeError) as error:
        raise CaptureError(f"not an interaction: {error}") from error


def ordered(found: Iterable[Interaction]) -> list[Interaction]:
    """In the order of the beginnings; calls that ask the same and overlap in time, in that of their answers."""
    result = sorted(found, key=lambda one: (one.start_time, one.process, one.number))
    places: dict[tuple[str, str, bytes], list[int]] = defaultdict(list)
    for place, one in enumerate(result):
        places[one.service, one.operation, canonical(asked(one))].append(place)
    for own in places.values():
        if len(own) > 1:
            for place, one in zip(own, _evened([result[place] for place in own]), strict=True):
                result[place] = one
    return result


def _evened(alike: list[Interaction]) -> Iterator[Interaction]:
    """Calls that ask the same, in the order of their beginnings: those that overlap are sorted by their answers."""
    together: list[Interaction] = []
    until = float("-inf")
    for one in alike:
        if together and one.start_time >= until:
            yield from _sorted(together)
            together = []
        together.append(one)
        until = max(until, one.start_time + (one.duration_ms or 0.0) / 1000)
    yield from _sorted(together)


def _sorted(together: list[Interaction]) -> list[Interaction]:
    return together if len(together) < 2 else sorted(together, key=_answered)


def _answered(one: Interaction) -> tuple[bytes, bytes]:
    """What was answered; of equal answers the order of the keys."""
    return canonical([answered(one), one.status, one.error_type, one.error]), _spelled(one)


def _spelled(one: Interaction) -> bytes:
    try:
        return msgspec.json.encode([one.request, one.response], enc_hook=str)
    except (RecursionError, ValueError, TypeError):  # what no JSON can have
        return b""
