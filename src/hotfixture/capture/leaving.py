"""The ends of sessions: what is said of them, those that nobody closed, and those that a fork has taken along."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING
from weakref import WeakSet

from hotfixture.capture import channels, tapes
from hotfixture.capture.handover import Outcome
from hotfixture.capture.once import once

if TYPE_CHECKING:
    from hotfixture.capture.session import Session

_sessions: WeakSet[Session] = WeakSet()


def watch(session: Session) -> None:
    """Close the session at the end of the program if nobody has, and keep it apart from those of forks."""
    _sessions.add(session)
    _begin()


@once
def _begin() -> None:
    atexit.register(_at_exit)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_in_child)


def leave() -> bool:
    """Close what is open in this process; whether a session that is strict has not recorded all."""
    failed = False
    for session in [one for one in _sessions if one in tapes.opened]:
        outcome = session.close()
        failed |= session.strict and bool(outcome.lost or outcome.problems)
    channels.dismiss()
    return failed


def _in_child() -> None:
    tapes.parent.set(None)
    channels.forget()
    for session in list(_sessions):
        if session in tapes.opened:
            session.forked()


def _at_exit() -> None:
    """Only a session that is strict decides the exit status: it is the program's else."""
    if leave():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(1)


def sentence(name: str, outcome: Outcome) -> str:
    """What was not recorded, and why."""
    return f"session {name}: {outcome.lost} calls not recorded: {', '.join(outcome.problems)}"


def report(name: str, outcome: Outcome, elsewhere: int, unseen: Sequence[str] = ()) -> None:
    """Say on the standard error what was not recorded."""
    said = [sentence(name, outcome)] if outcome.lost or outcome.problems else []
    if elsewhere:
        said.append(
            f"session {name}: calls were seen {elsewhere} times in threads that it does not cover;"
            ' capture(threads="all") records them'
        )
    said += [f"session {name}: not recorded: {line}" for line in unseen]
    for line in said:
        if sys.stderr is not None:
            print(f"hotfixture: {line}", file=sys.stderr)
