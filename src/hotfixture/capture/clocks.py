"""The clocks of recordings, out of the reach of libraries that freeze or move the clock of the program under test."""

from __future__ import annotations

import time
from collections.abc import Callable


class _Clocks:
    """Held as attributes of an object: libraries that replace the functions of modules do not find them here."""

    __slots__ = ("epoch", "nanoseconds")

    def __init__(self) -> None:
        self.nanoseconds: Callable[[], int] = time.perf_counter_ns
        self.epoch: Callable[[], float] = time.time


_CLOCKS = _Clocks()


def nanoseconds() -> int:
    """Nanoseconds of a clock that never goes back."""
    return _CLOCKS.nanoseconds()


def epoch() -> float:
    """Seconds since 1970, UTC."""
    return _CLOCKS.epoch()
