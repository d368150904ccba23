"""Which recording or playback a piece of code runs under; every hook asks here first.

A tape belongs to a context: tasks inherit it, threads and pools are given it (`threads.py`), and two contexts
never mix. One tape may be put on everything in the process that has none of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from hotfixture.capture.calls import Call
    from hotfixture.capture.playing.playback import Playback
    from hotfixture.capture.session import Session

    Tape: TypeAlias = Session | Playback


class Attached:
    """A tape on a context, for as long as its block runs; `outer` is what the context had before.

    Contexts that inherited it (tasks, threads) see its end too: they have `outer` again, whatever order blocks end in
    and even where a block ends in another context than it began, as in a generator that nobody ran to its end.
    """

    __slots__ = ("ended", "outer", "tape")

    def __init__(self, tape: Tape | None, outer: Attached | None = None) -> None:
        self.tape, self.outer, self.ended = tape, outer, False


_attached: ContextVar[Attached | None] = ContextVar("hotfixture_tape", default=None)
parent: ContextVar[Call | None] = ContextVar("hotfixture_call", default=None)
"""The call within which the code runs."""
_everywhere: Tape | None = None
opened: list[Tape] = []
"""Tapes that are running in any context of this process."""


def current() -> Tape | None:
    """The tape of this context; None where nothing is to be recorded or played."""
    entry = _attached.get()
    while entry is not None and entry.ended:
        entry = entry.outer
    if entry is None:
        if _everywhere is None and opened:
            _missed()
        return _everywhere
    return entry.tape


def peek() -> Tape | None:
    """As `current`, but nothing is counted: for those who look on."""
    entry = _attached.get()
    while entry is not None and entry.ended:
        entry = entry.outer
    return _everywhere if entry is None else entry.tape


def _missed() -> None:
    """A call was seen in a context that no tape covers, while some tape runs: it is said at the end."""
    for tape in opened:
        tape.elsewhere += 1


def attached() -> Attached | None:
    """What this context has, to be handed to another by `attach`."""
    return _attached.get()


def attach(tape: Attached | None) -> None:
    """Put a tape, as `attached` gave it, on this context."""
    _attached.set(tape)


@contextmanager
def carried(tape: Attached | None, call: Call | None) -> Iterator[None]:
    """Within, this context has the tape and the call of another."""
    before, inner = _attached.get(), parent.get()
    _attached.set(tape)
    parent.set(call)
    try:
        yield
    finally:
        _attached.set(before)
        parent.set(inner)


@contextmanager
def under(tape: Tape | None) -> Iterator[None]:
    """Within, this context has that tape, and no parent call from outside of it."""
    entry = Attached(tape, _attached.get())
    _attached.set(entry)
    inner = parent.get()
    parent.set(None)
    try:
        yield
    finally:
        entry.ended = True
        if _attached.get() is entry:  # else the block ends in another context, or before one within it
            _attached.set(entry.outer)
            parent.set(inner)


@contextmanager
def paused() -> Iterator[None]:
    """Within, nothing is recorded or played in this context."""
    with under(None):
        yield


def everywhere(tape: Tape | None) -> Tape | None:
    """Put a tape on every context that has none of its own; None takes it away. Gives the one that was there."""
    global _everywhere
    before, _everywhere = _everywhere, tape
    return before
