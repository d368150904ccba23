"""Where a streamed body was cut, after what was cleaned in it made it longer or shorter."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence


def recut(sizes: Sequence[int], old: bytes, new: bytes) -> list[int]:
    """The sizes of the pieces of `new`, cut where `old` was cut into pieces of `sizes`; as many, with the same sum.

    Where both have as many lines, a cut stays in its line, and at its end if it was there; else what both have in
    common at their beginning and end decides, and between these a cut moves in proportion.
    """
    if len(old) == len(new) or not sizes:
        return list(sizes)
    places, at = [], 0
    for size in sizes:
        at += size
        places.append(at)
    move = _by_lines(old, new) if old.count(b"\n") == new.count(b"\n") > 0 else _Stretch(old, new)
    moved, before = [], 0
    for place in places:
        now = max(move(place), before)
        moved.append(now - before)
        before = now
    moved[-1] += len(new) - before
    return moved


class _Stretch:
    """Moves a place by what two texts have in common at their ends."""

    def __init__(self, old: bytes, new: bytes) -> None:
        self._old, self._new = len(old), len(new)
        least = min(self._old, self._new)
        self._head = _common(old[:least], new[:least])
        self._tail = _common(
            old[self._head :][::-1][: least - self._head], new[self._head :][::-1][: least - self._head]
        )

    def __call__(self, place: int) -> int:
        if place <= self._head:
            return place
        if place >= self._old - self._tail:
            return self._new - (self._old - place)
        old, new = self._old - self._tail - self._head, self._new - self._tail - self._head
        return self._head + (place - self._head) * new // old


def _common(left: bytes, right: bytes) -> int:
    """How many bytes two texts of one length begin with alike."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[:middle] == right[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


class _by_lines:  # noqa: N801 - used like a function
    def __init__(self, old: bytes, new: bytes) -> None:
        self._old, self._new = old.split(b"\n"), new.split(b"\n")
        self._starts, self._moved = _starts(self._old), _starts(self._new)

    def __call__(self, place: int) -> int:
        line = bisect_right(self._starts, place) - 1
        return self._moved[line] + _Stretch(self._old[line], self._new[line])(place - self._starts[line])


def _starts(lines: Sequence[bytes]) -> list[int]:
    starts = [0]
    for line in lines[:-1]:
        starts.append(starts[-1] + len(line) + 1)
    return starts
