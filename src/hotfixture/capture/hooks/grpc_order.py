"""When a message of a played stream may come: not before the calls that it followed when it was recorded were made.

A listener is told of a change after somebody made it. Only calls of gRPC count, and none is waited for longer than
`GRACE`: a program may have changed.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary, WeakMethod

from hotfixture.capture.records import Interaction

GRACE = 2.0
"""Seconds after the last call that was made."""


class Progress:
    """The calls of a playback that were made so far, and the streams that wait for more."""

    def __init__(self) -> None:
        self.made: set[str] = set()
        self.last = time.monotonic()
        self._waiting: list[WeakMethod[Any]] = []

    def make(self, interaction: Interaction) -> None:
        """That call was made now."""
        self.made.add(interaction.id)
        self.last = time.monotonic()
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            if (again := one()) is not None:
                again()

    def wake(self, again: Callable[[], None]) -> None:
        """Call that method when the next call is made."""
        self._waiting.append(WeakMethod(again))


_progress: WeakKeyDictionary[Any, Progress] = WeakKeyDictionary()


def of(tape: Any) -> Progress:
    """That of a playback."""
    found = _progress.get(tape)
    return found if found is not None else _progress.setdefault(tape, Progress())


class Order:
    """Of one played stream: which calls came before each of its messages."""

    def __init__(self, tape: Any, interaction: Interaction) -> None:
        self.progress = of(tape)
        begun = interaction.start_time
        others = sorted(
            (one.start_time, one.id)
            for one in tape.interactions
            if one.kind == "grpc" and one.process == interaction.process and one.start_time > begun
        )
        times = [at for at, _ in others]
        self._ids = [id_ for _, id_ in others]
        self._before = [bisect_left(times, begun + at / 1e6) for at, _ in interaction.chunks]
        self._passed = 0

    def left(self, number: int) -> float:
        """Seconds that this message is to be held back at most; 0 where it may come."""
        wanted = self._before[number] if number < len(self._before) else 0
        while self._passed < wanted and self._ids[self._passed] in self.progress.made:
            self._passed += 1
        if self._passed >= wanted:
            return 0.0
        return max(0.0, self.progress.last + GRACE - time.monotonic())
