"""A recording session: what is called within it is kept, in one order, on its own record."""

from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from hotfixture import settings
from hotfixture.capture import clocks, journal, modes, spans, tapes
from hotfixture.capture.calls import Call
from hotfixture.capture.records import Frame, Interaction, Kind
from hotfixture.capture.sinks import Scribe, Sink, Within
from hotfixture.capture.writer import Outcome, Setup


class Session:
    """A recording that runs. `folder` is where it is written, `problems` what could not be recorded."""

    playing = False

    def __init__(
        self,
        name: str = "",
        *,
        directory: str | Path | None = None,
        within: bool = False,
        rules: dict[str, Any] | None = None,
        labels: dict[str, str] | None = None,
    ) -> None:
        """`within` writes in this process: dearer for the caller, but at once to be seen."""
        self._secret, _ = settings.masking_key(settings.load())  # what is wrong with it is said before anything runs
        self.started = clocks.epoch()
        self.name = name
        self.folder, self.id = journal.create(modes.directory(directory), self.started)
        self.scope: str | None = name or None
        self.elsewhere = 0
        """Calls that were seen in contexts that no session covers."""
        self.problems: list[str] = []
        self.lost = 0
        self._rules, self._labels = rules or {}, labels or {}
        self._within = within
        self._prefix = ""
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._sink: Sink | None = None
        self._closed: Outcome | None = None
        self._emit = spans.emitter(self.id)
        tapes.opened.append(self)

    def begin(self, kind: Kind, service: str, operation: str, request: dict[str, Any]) -> Call:
        """A call that starts now."""
        return Call(self, next(self._numbers), kind=kind, service=service, operation=operation, request=request)

    def keep(self, frame: Frame) -> Interaction | None:
        """Hand over a finished call; the clean interaction where it is written within this process."""
        if self._emit is not None:
            self._emit(frame)
        return self._open().put(frame)

    def id_of(self, number: int) -> str:
        """The id under which the call of that number is kept."""
        self._open()
        return f"{self._prefix}-{number}"

    def trouble(self, error: Exception) -> None:
        """Something could not be recorded; the program under test goes on as if nothing were."""
        self.lost += 1
        said = type(error).__name__
        if said not in self.problems:
            self.problems.append(said)

    def _open(self) -> Sink:
        sink = self._sink
        if sink is None:
            with self._lock:
                sink = self._sink = self._sink or self._made()
        return sink

    def _made(self) -> Sink:
        import os

        self._prefix = uuid4().hex[:8]
        setup = Setup(
            prefix=self._prefix,
            folder=str(self.folder),
            session_id=self.id,
            name=self.name,
            timestamp=datetime.fromtimestamp(self.started, UTC).isoformat(),
            process=os.getpid(),
            secret=self._secret,
            rules=self._rules,
            labels=self._labels,
        )
        with tapes.paused():
            return Within(setup) if self._within else Scribe(setup)

    @property
    def interactions(self) -> list[Interaction]:
        """All that is written by now, in the order of their ends."""
        if self._sink is not None and self._closed is None:
            self._sink.flush()
        return list(journal.read(self.folder))

    def close(self) -> Outcome:
        """The end: everything stands on the disk. A second time gives the same answer."""
        if self._closed is None:
            tapes.opened.remove(self)
            outcome = self._sink.close() if self._sink is not None else Outcome()
            outcome.lost += self.lost
            outcome.problems += self.problems
            self._closed = outcome
            if outcome.lost or outcome.problems:
                print(f"hotfixture: session {self.id}: {outcome.lost} calls not recorded:"
                      f" {', '.join(outcome.problems)}", file=sys.stderr)  # fmt: skip
        return self._closed


@contextmanager
def capture(name: str = "", **options: Any) -> Iterator[Session]:
    """Record everything that runs within, into a session of its own."""
    from hotfixture.capture import hooks

    hooks.install()
    session = Session(name, **options)
    try:
        with tapes.under(session):
            yield session
    finally:
        session.close()
