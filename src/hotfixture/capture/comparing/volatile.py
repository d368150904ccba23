"""Fields that change from recording to recording although the same was asked: learned, and shown with the evidence."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from hotfixture.capture.comparing.answers import answered
from hotfixture.capture.comparing.differences import canonical, compare_values
from hotfixture.capture.comparing.paths import Place, general
from hotfixture.capture.comparing.requests import asked
from hotfixture.capture.records import Interaction

EVIDENCE = 5
ALL_LOOKED_AT, NEXT = 200, 50
"""Calls of one operation and scope up to which each is held against all others; and against how many where there are
more."""
Side = Literal["request", "response"]
Group = Sequence[Interaction]
Recordings = Sequence[Sequence[Interaction]]


@dataclass
class Volatile:
    """One field that changes by itself."""

    service: str
    operation: str
    side: Side
    path: str
    """With every index of a list left open, as in `items[*].id`."""
    recordings: int = 0
    """How many recordings of a request were compared, at most."""
    changes: int = 0
    """In how many groups of like calls it changed."""
    groups: int = 0
    """How many groups of like calls there were."""
    evidence: list[dict[str, Any]] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """As JSON."""
        return dict(vars(self))


def learn(recordings: Recordings) -> list[Volatile]:
    """The fields that are not the same in all recordings of one program; nothing else.

    Calls are like each other when they are the n-th that ask the same in their recordings (what changes *within* a
    recording may be a change of state). Calls whose question itself changes are paired with those of their operation
    and scope that differ from them least, where all recordings have as many of them: so fields of requests are learned.
    """
    found: dict[tuple[str, str, Side, str], Volatile] = {}
    counts: Counter[tuple[str, str, Side]] = Counter()
    alike, left = _asked_alike(recordings)
    for group in alike:
        _compare(found, counts, "response", group)
    for group in _nearest(left):
        _compare(found, counts, "request", group)
        _compare(found, counts, "response", group)
    for name, one in found.items():
        one.groups = counts[name[:3]]
    return [one for _, one in sorted(found.items())]


def ignored(learned: Iterable[Volatile], side: Side = "response") -> dict[tuple[str, str], list[str]]:
    """Patterns of places to leave out, by service and operation."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in learned:
        if one.side == side:
            found[one.service, one.operation].append(one.path)
    return dict(found)


def noise(learned: Iterable[Volatile]) -> frozenset[tuple[str, str]]:
    """The fields of requests that a playback does not match by, as it wants them: operation and path, of the query or
    the body; any element is `[]`."""
    return frozenset(
        (one.operation, path)
        for one in learned
        if one.side == "request" and (path := one.path.replace("[*]", "[]")).startswith(("query.", "body"))
    )


def _asked_alike(recordings: Recordings) -> tuple[list[Group], list[list[Interaction]]]:
    """Groups of calls with the same question, one of each recording that has it; and what only one recording has."""
    numbered: dict[tuple[Any, ...], list[tuple[int, Interaction]]] = defaultdict(list)
    for number, recording in enumerate(recordings):
        for key, one in _counted(recording, lambda one: (one.service, one.operation, canonical(asked(one)))):
            numbered[key].append((number, one))
    left: list[list[Interaction]] = [[] for _ in recordings]
    for group in numbered.values():
        if len(group) == 1:
            left[group[0][0]].append(group[0][1])
    return [[one for _, one in group] for group in numbered.values() if len(group) > 1], left


def _nearest(left: Sequence[Sequence[Interaction]]) -> Iterator[Group]:
    """Groups of calls that differ least in what they ask, one of each recording."""
    placed: list[dict[tuple[str, str, str | None], list[Interaction]]] = []
    for recording in left:
        named: dict[tuple[str, str, str | None], list[Interaction]] = defaultdict(list)
        for one in recording:
            named[one.service, one.operation, one.scope].append(one)
        placed.append(named)
    for name, first in placed[0].items():
        others = [list(named.get(name, ())) for named in placed[1:]]
        if all(len(other) == len(first) for other in others):
            for one in first:
                yield [one, *(other.pop(_most_like(one, other)) for other in others)]


def _most_like(one: Interaction, others: Sequence[Interaction]) -> int:
    """The number of the call whose question differs in the fewest places; of equals the first. Of very many only those
    are looked at that come next: two recordings of one program have about one order."""
    if len(others) == 1:
        return 0
    own, best, fewest = asked(one), 0, math.inf
    for number in range(len(others) if len(others) <= ALL_LOOKED_AT else NEXT):
        differing = len(compare_values(own, asked(others[number])))
        if differing < fewest:
            best, fewest = number, differing
        if fewest <= 1:  # they are not alike, so none differs in less
            break
    return best


def _counted(recording: Iterable[Interaction], key: Any) -> Iterator[tuple[Any, Interaction]]:
    """Each finished call with its key, and how many there were before it of that key."""
    seen: dict[Any, int] = defaultdict(int)
    for one in recording:
        if one.status == "success":
            name = key(one)
            yield (*name, seen[name]), one
            seen[name] += 1


def _compare(found: dict[Any, Volatile], counts: Counter[Any], side: Side, group: Group) -> None:
    name = group[0].service, group[0].operation
    counts[(*name, side)] += 1
    differing: dict[str, list[Any]] = {}
    _differing((), [asked(one) if side == "request" else answered(one) for one in group], differing)
    for path, samples in differing.items():
        one = found.setdefault((*name, side, path), Volatile(*name, side, path))
        one.changes += 1
        one.recordings = max(one.recordings, len(group))
        if len(one.evidence) < EVIDENCE:
            one.evidence.append({"ids": [each.id for each in group], "values": samples})


def _differing(place: Place, values: Sequence[Any], found: dict[str, list[Any]]) -> None:
    """The places, as general as may be, in which not all values are the same, each with the values."""
    if all(isinstance(one, Mapping) for one in values):
        for key in dict.fromkeys(key for one in values for key in one):
            inner = (*place, str(key))
            if all(key in one for one in values):
                _differing(inner, [one[key] for one in values], found)
            else:
                found.setdefault(general(inner), [one.get(key) for one in values])
    elif all(isinstance(one, list) for one in values) and len({len(one) for one in values}) == 1:
        for number in range(len(values[0])):
            _differing((*place, number), [one[number] for one in values], found)
    elif len({canonical(one) for one in values}) > 1:
        found.setdefault(general(place), list(values))
