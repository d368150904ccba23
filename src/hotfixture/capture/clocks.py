"""The clocks of recordings, out of the reach of libraries that freeze or move the clock of the program under test."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import BuiltinFunctionType


def _real(name: str) -> Callable[[], float]:
    """The clock of that name: where freezegun has put its own in place before we came, the one it keeps."""
    found = getattr(time, name)
    if not isinstance(found, BuiltinFunctionType):
        found = getattr(sys.modules.get("freezegun.api"), f"real_{name}", found)
    return found  # type: ignore[no-any-return]  # of a module


class _Clocks:
    """Held as attributes of an object: libraries that replace the functions of modules do not find them here."""

    __slots__ = ("epoch", "nanoseconds")

    def __init__(self) -> None:
        self.nanoseconds: Callable[[], int] = _real("perf_counter_ns")  # type: ignore[assignment]  # whole numbers
        self.epoch: Callable[[], float] = _real("time")


CLOCKS = _Clocks()
"""For those who ask often: a call through a function costs twice as much."""


def nanoseconds() -> int:
    """Nanoseconds of a clock that never goes back."""
    return CLOCKS.nanoseconds()


def epoch() -> float:
    """Seconds since 1970, UTC. time-machine changes the very function, and has a hatch to the real one."""
    machine = sys.modules.get("time_machine")
    if machine is None or not machine.escape_hatch.is_travelling():
        return CLOCKS.epoch()
    return float(machine.escape_hatch.time.time())
