"""Which recording or playback a piece of code runs under; every hook asks here first.

A tape belongs to a context: tasks inherit it, threads and pools are given it (`threads.py`), and two contexts
never mix. One tape may be put on everything in the process that has none of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from hotfixture.capture.calls import Call
    from hotfixture.capture.replay.playback import Playback
    from hotfixture.capture.session import Session

    Tape: TypeAlias = Session | Playback

_tape: ContextVar[Any] = ContextVar("hotfixture_tape", default=None)
parent: ContextVar[Call | None] = ContextVar("hotfixture_call", default=None)
"""The call within which the code runs."""
_OFF = object()
_everywhere: Tape | None = None
opened: list[Tape] = []
"""Tapes that are running in any context of this process."""


def current() -> Tape | None:
    """The tape of this context; None where nothing is to be recorded or played."""
    tape: Any = _tape.get()
    if tape is None:
        if _everywhere is None and opened:
            _missed()
        return _everywhere
    return None if tape is _OFF else tape


def peek() -> Tape | None:
    """As `current`, but nothing is counted: for those who look on."""
    tape: Any = _tape.get()
    return _everywhere if tape is None else None if tape is _OFF else tape


def _missed() -> None:
    """A call was seen in a context that no tape covers, while some tape runs: it is said at the end."""
    for tape in opened:
        tape.elsewhere += 1


def attached() -> Any:
    """What this context has, to be handed to another by `attach`."""
    return _tape.get()


def attach(tape: Any) -> None:
    """Put a tape, as `attached` gave it, on this context."""
    _tape.set(tape)


@contextmanager
def under(tape: Tape) -> Iterator[None]:
    """Within, this context has that tape, and no parent call from outside of it."""
    token, inner = _tape.set(tape), parent.set(None)
    try:
        yield
    finally:
        parent.reset(inner)
        _tape.reset(token)


@contextmanager
def paused() -> Iterator[None]:
    """Within, nothing is recorded or played in this context."""
    token = _tape.set(_OFF)
    try:
        yield
    finally:
        _tape.reset(token)


def everywhere(tape: Tape | None) -> None:
    """Put a tape on every context that has none of its own; None takes it away."""
    global _everywhere  # noqa: PLW0603 - one process has one such tape
    _everywhere = tape
