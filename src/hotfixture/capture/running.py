"""A recording or a playback of a whole process: for test runs, and for providers that are used without one."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hotfixture.capture import hooks, journal, modes, processes, retention, tapes
from hotfixture.capture.playing import blocking
from hotfixture.capture.playing import sources as playable
from hotfixture.capture.playing.playback import Playback
from hotfixture.capture.session import Session
from hotfixture.errors import CaptureError, ReplayMissError

LEFT = frozenset({"sqlite3"})
"""What a tape on the whole process leaves as it is unless it is asked for: programs, and what tests them, mix it with
other access to the same files."""


def record(name: str, run: str = "", *, directory: str | Path | None = None) -> Session:
    """Record everything in this process that nobody else records."""
    hooks.install()
    processes.install()
    session = Session(name, directory=directory, labels={journal.RUN: run} if run else None)
    session.leaves = LEFT
    tapes.everywhere(session)
    return session


class Running:
    """A playback of everything in this process that has no tape of its own, with the network closed."""

    def __init__(self, session: str | Path | None, *, directory: str | Path | None, name: str, **options: Any) -> None:
        """Of that session, else of the newest that has the name, with all that ran along with it."""
        hooks.install()
        processes.install()
        source = chosen(session, modes.directory(directory), name)
        self.playback = Playback(source, directory=directory, **options)
        self.playback.leaves = LEFT
        tapes.everywhere(self.playback)
        self._closed = ExitStack()
        self._closed.enter_context(blocking.closed(self.playback.gate))

    def stop(self) -> list[str]:
        """End it; the lines of what does not fit."""
        tapes.everywhere(None)
        self._closed.close()
        self.playback.close()
        return self.playback.problems()

    def end(self) -> None:
        """End it; ReplayMissError where it does not fit."""
        if found := self.stop():
            raise ReplayMissError("the playback does not fit: " + "; ".join(found))


def chosen(session: str | Path | None, directory: Path, name: str) -> list[str | Path]:
    """The sessions to play: the one that is named, else the newest run of that name, else the newest session."""
    if session is not None:
        return [session]
    kept = [one for one in retention.sessions(directory) if one.name == name] or retention.sessions(directory)[-1:]
    if not kept:
        raise CaptureError(f"no recording in {directory}", hint="Record one: TEST_MODE=capture.")
    run = journal.run_of(kept[-1].path)
    return [one.path for one in kept if run and journal.run_of(one.path) == run] or [kept[-1].path]


def recorded_at(sources: list[str | Path]) -> datetime:
    """When the oldest of these sessions began."""
    first = (next(journal.read(playable.find(one, modes.directory())), None) for one in sources)
    began = [one.start_time for one in first if one is not None]
    return datetime.fromtimestamp(min(began, default=0.0), UTC)
