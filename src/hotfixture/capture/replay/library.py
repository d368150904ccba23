"""Recorded interactions by what was asked, and which of several that fit is the next."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from hotfixture.capture.records import Interaction
from hotfixture.capture.replay import matching
from hotfixture.capture.replay.matching import Noise, Parts
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
    """All that may be played, indexed twice: by exact keys, and by loose ones."""

    def __init__(self, interactions: Iterable[Interaction], sanitiser: Sanitiser, noise: Noise = frozenset()) -> None:
        self._sanitiser, self._noise = sanitiser, noise
        self.items: list[Interaction] = []
        self._parts: list[Parts] = []
        self._exact: dict[bytes, Shelf] = {}
        self._loose: dict[bytes, Shelf] = {}
        self._places: list[tuple[Shelf, Shelf]] = []
        self._changed: dict[str, int] = {}
        """By host: the position of the last change (anything but reading) that was played, by path."""
        for interaction in interactions:
            self._add(interaction)

    def _add(self, interaction: Interaction) -> None:
        position = len(self.items)
        parts = matching.parts_of(interaction.kind, interaction.service, interaction.operation, interaction.request)
        keys = matching.keys_of(parts, self._sanitiser, self._noise)
        exact, loose = self._exact.setdefault(keys[0], Shelf()), self._loose.setdefault(keys[1], Shelf())
        for shelf in (exact, loose):
            shelf.add(position, interaction.scope)
        self.items.append(interaction)
        self._parts.append(parts)
        self._places.append((exact, loose))

    def take(self, parts: Parts, scope: str | None) -> Interaction | None:
        """The next recording that answers this; None where there is none left."""
        after = self._after(parts)
        for shelf in self._shelves(parts):
            position = shelf.find(scope, after)
            if position is not None:
                self._played(position)
                return self.items[position]
        return None

    def again(self, parts: Parts) -> Interaction | None:
        """The recording that answered this last; None where none did."""
        for shelf in self._shelves(parts):
            position = shelf.last_played()
            if position is not None:
                return self.items[position]
        return None

    def _shelves(self, parts: Parts) -> Iterator[Shelf]:
        """Those that fit: exactly first."""
        exact, loose = matching.keys_of(parts, self._sanitiser, self._noise)
        if exact in self._exact:
            yield self._exact[exact]
        if loose in self._loose:
            yield self._loose[loose]

    def _played(self, position: int) -> None:
        scope = self.items[position].scope
        for shelf in self._places[position]:
            shelf.take(position, scope)
        parts = self._parts[position]
        if parts.get("method") not in (None, *_READING) and "path" in parts:
            self._changed[parts["host"] + parts["path"]] = position

    def _after(self, parts: Parts) -> int:
        """The position of the last played change of what is read: an answer from before it is out of date."""
        if parts.get("method") not in _READING or not self._changed:
            return -1
        place = parts["host"] + parts["path"]
        changes = (at for changed, at in self._changed.items() if _related(changed, place))
        return max(changes, default=-1)

    def left(self) -> list[Interaction]:
        """What was not played."""
        positions: list[int] = []
        for shelf in self._exact.values():
            for found in shelf.left.values():
                for position in found:
                    insort(positions, position)
        return [self.items[position] for position in positions]

    def like(self, parts: Parts) -> list[Parts]:
        """Recorded requests of the same operation: candidates for a question that nothing answers."""
        return [one for one in self._parts if one["operation"] == parts["operation"]]


def _related(changed: str, read: str) -> bool:
    """Whether a change of the one path is likely a change of what the other gives."""
    changed, read = changed.rstrip("/"), read.rstrip("/")
    return read == changed or read.startswith(changed + "/") or changed.startswith(read + "/")
