"""Recorded interactions by what was asked, and which of several that fit is the next."""

from __future__ import annotations

import gc
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from hotfixture.capture.playing import kept, matching
from hotfixture.capture.playing.kept import Recorded
from hotfixture.capture.playing.matching import Noise, Parts
from hotfixture.capture.sanitising import marks
from hotfixture.capture.sanitising.sanitiser import Sanitiser

_READING = ("GET", "HEAD", "OPTIONS", "TRACE")


@dataclass(slots=True)
class Shelf:
    """The positions of recordings that answer one question: those that are left, in their order, by scope."""

    left: dict[str | None, list[int]] = field(default_factory=dict)
    all: list[int] = field(default_factory=list)

    def add(self, position: int, scope: str | None) -> None:
        """One more, the last in order."""
        self.left.setdefault(scope, []).append(position)
        self.all.append(position)

    def find(self, scope: str | None, after: int) -> int | None:
        """The next of this scope, else of another: the first after `after`, else the first that is left."""
        own = self.left.get(scope)
        if not own:
            own = min((found for found in self.left.values() if found), key=lambda found: found[0], default=None)
        if not own:
            return None
        later = bisect_right(own, after)
        return own[later if later < len(own) else 0]

    def take(self, position: int, scope: str | None) -> None:
        """It is played now."""
        own = self.left[scope]
        own.pop(bisect_right(own, position) - 1)

    def last_played(self) -> int | None:
        """The last in order that was played; None where none was."""
        left = {position for found in self.left.values() for position in found}
        return next((position for position in reversed(self.all) if position not in left), None)


class Library:
    """All that may be played, by exact keys; and by loose ones, as soon as something asks for what has no exact one."""

    def __init__(self, recorded: Iterable[Recorded], sanitiser: Sanitiser, noise: Noise = frozenset()) -> None:
        self._sanitiser, self._noise = sanitiser, noise
        self._noisy = frozenset(marks.text(operation) for operation, _ in noise)
        self.items: list[Recorded] = []
        self._exact: dict[bytes, Shelf] = {}
        self._raw: dict[bytes, int] = {}
        """By keys of the very bytes, the first of those that ask so."""
        self._places: list[Shelf] = []
        self._rough: dict[int, list[int]] = {}
        """Positions by rough keys: those among which a loose key is looked for."""
        self._loose: dict[int, dict[bytes, Shelf]] = {}
        """By rough keys, as far as something inexact was asked."""
        self._loose_places: dict[int, Shelf] = {}
        self._changing: dict[int, Parts] = {}
        """Of recordings that change something, where."""
        self._done: set[int] = set()
        """Positions that were played."""
        self._changes = Changes()
        self._alike: tuple[str | None, list[Parts]] = (None, [])
        with _uncollected():
            for one in recorded:
                self._add(one)

    def _add(self, one: Recorded) -> None:
        position, request = len(self.items), kept.asked(one)
        parts = matching.parts_of(one.kind, one.service, one.operation, request)
        shelf = self._exact.setdefault(matching.exact_key(parts), Shelf())
        shelf.add(position, one.scope)
        self._places.append(shelf)
        self._rough.setdefault(matching.rough_key(parts, self._sanitiser, self._noisy), []).append(position)
        if (raw := matching.raw_key(one.kind, one.operation, request)) is not None:
            self._raw.setdefault(raw, position)
        if changes(parts):
            self._changing[position] = {name: parts[name] for name in ("method", "host", "path")}
        self.items.append(one)

    def _parts(self, position: int) -> Parts:
        one = self.items[position]
        return matching.parts_of(one.kind, one.service, one.operation, kept.asked(one))

    def known(self, raw: bytes | None) -> Parts | None:
        """The parts of a request that was recorded in the very bytes of that key; None where none was."""
        position = None if raw is None else self._raw.get(raw)
        return None if position is None else self._parts(position)

    def take(self, parts: Parts, scope: str | None) -> Recorded | None:
        """The next recording that answers this; None where there is none left."""
        after = self._changes.of(parts)
        for shelf in self._shelves(parts):
            position = shelf.find(scope, after)
            if position is not None:
                self._played(position)
                return self.items[position]
        return None

    def again(self, parts: Parts) -> Recorded | None:
        """The recording that answered this last; None where none did."""
        for shelf in self._shelves(parts):
            position = shelf.last_played()
            if position is not None:
                return self.items[position]
        return None

    def _shelves(self, parts: Parts) -> Iterator[Shelf]:
        """Those that fit: exactly first."""
        if (exact := self._exact.get(matching.exact_key(parts))) is not None:
            yield exact
        rough = matching.rough_key(parts, self._sanitiser, self._noisy)
        if rough not in self._loose:
            self._loose[rough] = self._loosened(self._rough.get(rough, ()))
        loose = self._loose[rough]
        if loose and (found := loose.get(matching.loose_key(parts, self._sanitiser, self._noise))) is not None:
            yield found

    def _loosened(self, positions: Iterable[int]) -> dict[bytes, Shelf]:
        """These by loose keys, which cost more than the others; many playbacks never need them."""
        index: dict[bytes, Shelf] = {}
        for position in positions:
            shelf = index.setdefault(matching.loose_key(self._parts(position), self._sanitiser, self._noise), Shelf())
            shelf.add(position, self.items[position].scope)
            self._loose_places[position] = shelf
            if position in self._done:
                shelf.take(position, self.items[position].scope)
        return index

    def _played(self, position: int) -> None:
        scope = self.items[position].scope
        self._done.add(position)
        self._places[position].take(position, scope)
        if (loose := self._loose_places.get(position)) is not None:
            loose.take(position, scope)
        if (changing := self._changing.get(position)) is not None:
            self._changes.note(changing, position)

    def left(self) -> list[Recorded]:
        """What was not played. Of a call and those within it either view is enough: the outer was given without running
        what is within, or the program runs it and asks for what is within."""
        unplayed = {one.id: one for position, one in enumerate(self.items) if position not in self._done}
        parents = {one.id: one.parent for one in self.items if one.parent is not None}
        if not parents:
            return list(unplayed.values())
        outer = {above for name in parents if name not in unplayed for above in _above(name, parents)}
        return [
            one
            for name, one in unplayed.items()
            if name not in outer and all(above in unplayed for above in _above(name, parents))
        ]

    def like(self, parts: Parts) -> list[Parts]:
        """Recorded requests of the same operation: candidates for a question that nothing answers. Those of the last
        such question are kept, for misses come in crowds."""
        operation = parts["operation"]
        if self._alike[0] != operation:
            positions = (position for position, one in enumerate(self.items) if one.operation == operation)
            self._alike = operation, list(map(self._parts, positions))
        return self._alike[1]


def _above(name: str, parents: Mapping[str, str]) -> list[str]:
    """The ids of the calls within which a call happened, the nearest first."""
    found: list[str] = []
    while (above := parents.get(name)) is not None and above not in found:
        found.append(above)
        name = above
    return found


@contextmanager
def _uncollected() -> Iterator[None]:
    """Within, no garbage is looked for: among thousands of recordings that are being read there is none, and looking
    takes as long as reading."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def changes(parts: Parts) -> bool:
    """Whether a request does more than read."""
    return parts.get("method") not in (None, *_READING) and "path" in parts


class Changes:
    """Where something was changed (by anything but reading), and by which recording last."""

    def __init__(self) -> None:
        self._at: dict[str, int] = {}
        self._below: dict[str, int] = {}

    def note(self, parts: Parts, position: int) -> None:
        """This, which changes something, was played now."""
        place, *above = _places(parts)
        self._at[place] = position
        for one in above:
            self._below[one] = position

    def of(self, parts: Parts) -> int:
        """The position of the last change of what is read: of the place itself, of what stands above or below it. An
        answer from before it is out of date. -1 where there was none, and for what does not read."""
        if not self._at or parts.get("method") not in _READING:
            return -1
        place, *above = _places(parts)
        return max(self._below.get(place, -1), *(self._at.get(one, -1) for one in (place, *above)))


def _places(parts: Parts) -> list[str]:
    """Host and path, and the same without its last segments, one after another."""
    segments = parts["path"].strip("/").split("/")
    return [parts["host"] + "/" + "/".join(segments[:count]) for count in range(len(segments), 0, -1)]
