"""Whether the program still asks what it asked when it was recorded, and gets what it got: two sessions compared.

What changes by itself is left out: UUIDs, timestamps, places named by the caller, and what was learned to be volatile.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

from hotfixture.capture.analysis.statistics import adjusted, mann_whitney
from hotfixture.capture.comparing import volatile
from hotfixture.capture.comparing.answers import compare_answers
from hotfixture.capture.comparing.differences import Difference, agree, canonical, compare_values, differences
from hotfixture.capture.comparing.paths import Ignored
from hotfixture.capture.comparing.recorded import Source, interactions
from hotfixture.capture.comparing.requests import asked
from hotfixture.capture.comparing.tolerances import DEFAULT, Tolerance, looks
from hotfixture.capture.records import Interaction

Name = tuple[str, str]
PAIRED_AT_MOST, NEXT = 500, 20
"""Requests of one operation, without an equal, each of which is held against all; of more only against those next in
their order."""
FEWEST = 5
LEVEL, NOTABLE = 0.05, 1.5
"""A difference of timing is told when it is significant, and the medians are so many times apart."""


def compare_sessions(
    old: Source,
    new: Source,
    *,
    tolerance: Tolerance = DEFAULT,
    ignore: Iterable[str] = (),
    learn_from: Iterable[Source] = (),
) -> dict[str, Any]:
    """What differs in a new session from a recorded one.

    `drift`: requests that differ from the recorded one they stand for; `new_requests` and `lost_requests`: those that
    stand for none; `answers`: the same request, another answer; `order`: operations in another order; `timing`:
    durations that differ more than by chance. `learn_from` are more recordings of the old program.
    """
    was, now = interactions(old), interactions(new)
    learned = volatile.learn([was, *(interactions(one) for one in learn_from)]) if learn_from else []
    noise = _Noise(tuple(ignore), learned)
    pairs, lost, fresh = pair(was, now, noise)
    drifted = [(one, other, found) for one, other, found in pairs if found]
    return {
        "compared": len(pairs),
        "drift": [_drift(*one) for one in drifted],
        "new_requests": [_request(one) for one in fresh],
        "lost_requests": [_request(one) for one in lost],
        "answers": _answers([(one, other) for one, other, found in pairs if not found], tolerance, noise),
        "order": order([one for one, _, _ in pairs], [other for _, other, _ in pairs]),
        "timing": timing(was, now),
        "volatile": [one.shown() for one in learned],
        "same": not (drifted or lost or fresh),
    }


class _Noise:
    """The places that are left out, by operation and side."""

    def __init__(self, ignore: tuple[str, ...], learned: Sequence[volatile.Volatile]) -> None:
        self._always = ignore
        self._learned = {side: volatile.ignored(learned, side) for side in ("request", "response")}
        self._made: dict[tuple[str, Name], Ignored] = {}

    def of(self, side: str, one: Interaction) -> Ignored:
        """What to leave out of a request or response of this operation."""
        key = side, (one.service, one.operation)
        if key not in self._made:
            self._made[key] = Ignored((*self._always, *self._learned[side].get(key[1], ())))
        return self._made[key]


Pair = tuple[Interaction, Interaction, list[Difference]]


def pair(
    was: Sequence[Interaction], now: Sequence[Interaction], noise: _Noise
) -> tuple[list[Pair], list[Interaction], list[Interaction]]:
    """Each new request with the recorded one it stands for: an equal one where there is one, else the most like of its
    operation. Also what is left over on both sides."""
    equal = _by_question(was)
    pairs: list[Pair] = []
    open_: list[Interaction] = []
    for one in now:
        same = equal.get((one.service, one.operation, canonical(asked(one))))
        if same:
            pairs.append((same.popleft(), one, []))
        else:
            open_.append(one)
    met = {id(old) for old, _, _ in pairs}
    waiting: dict[Name, list[Interaction]] = defaultdict(list)
    for old in was:
        if id(old) not in met:
            waiting[old.service, old.operation].append(old)
    likeness = _Likeness(noise)
    for most in (0, 1, 2, math.inf):  # the most like first: a request that is new must not take another's place
        tried, open_ = open_, []
        for one in tried:
            left = waiting[one.service, one.operation]
            number = likeness.nearest(one, left, most)
            if number is None:
                open_.append(one)
            else:
                old = left.pop(number)
                pairs.append((old, one, likeness.differences(old, one)))
    place = {id(one): number for number, one in enumerate(now)}
    pairs.sort(key=lambda each: place[id(each[1])])
    return pairs, [one for left in waiting.values() for one in left], open_


def _by_question(was: Iterable[Interaction]) -> dict[tuple[str, str, bytes], deque[Interaction]]:
    found: dict[tuple[str, str, bytes], deque[Interaction]] = defaultdict(deque)
    for one in was:
        found[one.service, one.operation, canonical(asked(one))].append(one)
    return found


class _Likeness:
    """In how many places requests differ, each pair looked at once."""

    def __init__(self, noise: _Noise) -> None:
        self._noise = noise
        self._counts: dict[tuple[int, int], int] = {}

    def differences(self, old: Interaction, new: Interaction) -> list[Difference]:
        """The places."""
        return differences(old.request, new.request, self._noise.of("request", new))

    def nearest(self, one: Interaction, left: Sequence[Interaction], most: float) -> int | None:
        """The number of the request that is most like this one; of equals the first. None where each differs in more
        places than `most`."""
        best, fewest = None, most + 1
        for number in range(len(left) if len(left) <= PAIRED_AT_MOST else NEXT):
            key = id(left[number]), id(one)
            if key not in self._counts:
                self._counts[key] = len(self.differences(left[number], one))
            if self._counts[key] < fewest:
                best, fewest = number, self._counts[key]
            if not fewest:
                break
        return best


def _drift(old: Interaction, new: Interaction, found: Sequence[Difference]) -> dict[str, Any]:
    return {
        "service": new.service, "operation": new.operation, "old_id": old.id, "new_id": new.id,
        "differences": [one.told("old", "new") for one in found],
    }  # fmt: skip


def _request(one: Interaction) -> dict[str, Any]:
    return {"service": one.service, "operation": one.operation, "id": one.id, "request": asked(one)}


def _answers(pairs: Iterable[tuple[Interaction, Interaction]], tolerance: Tolerance, noise: _Noise) -> list[Any]:
    found = []
    for old, new in pairs:
        differing = _differing(old, new, tolerance, noise.of("response", old))
        if differing and not agree(differing):
            shown = [one.told("old", "new") for one in differing]
            names = {"service": new.service, "operation": new.operation, "old_id": old.id, "new_id": new.id}
            found.append({**names, "differences": shown})
    return found


def _differing(old: Interaction, new: Interaction, tolerance: Tolerance, ignored: Ignored) -> list[Difference]:
    if old.status != new.status or old.error_type != new.error_type:
        sides = (old.status, old.error_type), (new.status, new.error_type)
        return compare_values({"ended": list(sides[0])}, {"ended": list(sides[1])})
    found = compare_answers(old.kind, old.response, new.response, tolerance=tolerance, ignore=ignored)
    return [one for one in found if not (looks(one.real) and looks(one.real) == looks(one.mock))]


def order(was: Sequence[Interaction], now: Sequence[Interaction]) -> list[dict[str, Any]]:
    """Calls of one thread or task that come earlier now than a call they came after: the paired calls of both sides, in
    the same order of pairs."""
    place = {id(one): number for number, one in enumerate(sorted(was, key=lambda one: one.start_time))}
    last: dict[tuple[Any, ...], tuple[int, Interaction]] = {}
    found = []
    for old, new in sorted(zip(was, now, strict=True), key=lambda each: each[1].start_time):
        own = (new.process, new.thread, new.task, new.parent)
        if own in last and last[own][0] > place[id(old)]:
            before = last[own][1]
            found.append({
                "type": "order_mismatch", "severity": "likely", "id": new.id,
                "operation": f"{new.service} {new.operation}",
                "after": f"{before.service} {before.operation}", "after_id": before.id,
            })  # fmt: skip
        else:
            last[own] = place[id(old)], new
    return found


def timing(was: Iterable[Interaction], now: Iterable[Interaction]) -> list[dict[str, Any]]:
    """Operations whose durations differ more than by chance (Mann and Whitney, p corrected by Holm)."""
    old, new = _durations(was), _durations(now)
    names = [name for name in sorted(old) if len(old[name]) >= FEWEST and len(new.get(name, ())) >= FEWEST]
    tested = [mann_whitney(old[name], new[name]) for name in names]
    found = []
    for name, (_, effect), p in zip(names, tested, adjusted([p for p, _ in tested]), strict=True):
        before, after = median(old[name]), median(new[name])
        if p < LEVEL and not before / NOTABLE < after < before * NOTABLE:
            found.append({
                "type": "timing_mismatch", "severity": "cosmetic", "service": name[0], "operation": name[1],
                "before": before, "now": after, "effect": effect, "p_adjusted": p,
            })  # fmt: skip
    return found


def _durations(found: Iterable[Interaction]) -> dict[Name, list[float]]:
    spent: dict[Name, list[float]] = defaultdict(list)
    for one in found:
        if one.duration_ms is not None:
            spent[one.service, one.operation].append(one.duration_ms)
    return spent
