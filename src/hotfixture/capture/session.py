"""A recording session: what is called within it is kept, in one order, on its own record."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from hotfixture import settings
from hotfixture.capture import clocks, journal, leaving, modes, recovery, spans, tapes
from hotfixture.capture.calls import Call
from hotfixture.capture.handover import Outcome, Setup, named
from hotfixture.capture.records import Frame, Interaction, Kind
from hotfixture.capture.sinks import Sink, sink
from hotfixture.capture.unseen import Unseen, watch
from hotfixture.errors import CaptureError


class Origin(msgspec.Struct, frozen=True):
    """What a session is made of, for processes that go on with it. It holds the key: it goes through pipes only."""

    place: str
    """Its folder."""
    id: str
    name: str
    started: float
    secret: bytes
    rules: dict[str, Any] | str
    labels: dict[str, str]
    scope: str | None
    strict: bool
    within: bool
    owner: int
    """The process that began it, which ends it for all."""
    leaves: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"<Origin of session {self.id}>"

    def open(self) -> Session:
        """The session, in this process."""
        return Session.joined(self)


class Session:
    """A recording that runs. `folder` is where it is written, `problems` what could not be recorded.

    Nothing that goes wrong with the recording reaches the program: it is counted, and `close` says it. InputError at
    the making, where the masking key or the rules cannot be used.
    """

    playing = False
    leaves: frozenset[str] = frozenset()
    """Names of hooks that record nothing of it."""
    elsewhere: int
    """How often calls were seen in contexts that no session covers."""
    unseen: Unseen
    """What of the program went past it: programs that were started, connections of what no hook records."""

    def __init__(
        self,
        name: str = "",
        *,
        directory: str | Path | None = None,
        within: bool = False,
        rules: dict[str, Any] | str | Path | None = None,
        labels: dict[str, str] | None = None,
        strict: bool | None = None,
    ) -> None:
        """`within` writes in this process: dearer for the caller, but at once to be seen. `rules` are a file of rules,
        or what one would hold, else those that TEST_CAPTURE_RULES names. `strict` (by default where TEST_CAPTURE_STRICT
        is 1) makes what was not recorded fail the program, at the end of it."""
        secret, rules = checked(rules)  # what is wrong with them is said before anything runs
        started, problems = clocks.epoch(), list[str]()
        folder, number = _created(modes.directory(directory).absolute(), started, problems)
        strict = os.environ.get("TEST_CAPTURE_STRICT") == "1" if strict is None else strict
        self._origin = Origin(
            place=str(folder), id=number, name=name, started=started, secret=secret, rules=rules, labels=labels or {},
            scope=name or None, strict=strict, within=within, owner=os.getpid(),
        )  # fmt: skip
        self._begin(problems)

    @classmethod
    def joined(cls, origin: Origin) -> Session:
        """The session of another process, going on in this one: with a journal of its own in the same folder."""
        session = cls.__new__(cls)
        session._origin = origin
        session.leaves = origin.leaves
        session._begin([])
        return session

    def _begin(self, problems: list[str]) -> None:
        origin = self._origin
        self.folder, self.place = Path(origin.place), origin.place
        self.id, self.name, self.started, self.strict = origin.id, origin.name, origin.started, origin.strict
        self.scope, self._owner = origin.scope, origin.owner
        self.elsewhere, self.unseen = 0, Unseen()
        self.problems = problems
        self.lost = 0
        self.begun = 0
        """The number of the call that began last."""
        self._numbers = itertools.count(1)
        self._running: dict[int, Call] = {}
        self._closed: Outcome | None = None
        self._ending = False
        self._emit = spans.emitter(self.id)
        self._fresh()
        tapes.opened.append(self)
        leaving.watch(self)
        watch()

    def onward(self) -> Origin:
        """What another process needs to go on with it."""
        return msgspec.structs.replace(self._origin, scope=self.scope, leaves=self.leaves)

    def _fresh(self) -> None:
        """As it is in a process that has recorded nothing yet."""
        self._lock = threading.RLock()
        self._sink: Sink | None = None
        self._prefix = os.urandom(4).hex()
        self._unwritable = not self.folder.is_dir()

    def begin(self, kind: Kind, service: str, operation: str, request: dict[str, Any]) -> Call:
        """A call that starts now."""
        if not self._ending:
            self._open()  # before the call's clock starts
        self.begun = number = next(self._numbers)
        call = Call(self, number, kind=kind, service=service, operation=operation, request=request)
        if self._ending:  # too late: it runs, and nothing is kept of it
            call.ended = True
        else:
            self._running[call.number] = call
        return call

    def keep(self, frame: Frame) -> None:
        """Hand over a finished call."""
        self._running.pop(frame.number, None)
        if self._emit is not None:
            self._emit(frame)
        to = self._open()
        if to is None or self._closed is not None:
            self.lost += 1
        else:
            to.put(frame)

    def part(self, frame: Frame) -> None:
        """Hand over what there is of the bodies of a call that still runs."""
        if (to := self._open()) is not None and not self._ending:
            to.part(frame)

    def trouble(self, error: Exception) -> None:
        """Something could not be recorded; the program under test goes on as if nothing were."""
        self.lost += 1
        self._say(named(error))

    def _say(self, said: str) -> None:
        if said not in self.problems:
            self.problems.append(said)

    def _open(self) -> Sink | None:
        """The sink, made when the first call begins; None where nothing can be written."""
        to = self._sink
        if to is None and not self._unwritable and not self._ending:
            with self._lock:
                to = self._sink = self._sink or self._made()
        return to

    def _setup(self) -> Setup:
        return Setup(
            folder=str(self.folder),
            prefix=self._prefix,
            session_id=self.id,
            name=self.name,
            timestamp=self.timestamp,
            process=os.getpid(),
            secret=self._origin.secret,
            rules=self._origin.rules,
            labels=self._origin.labels,
        )

    def _made(self) -> Sink | None:
        setup = self._setup()
        try:
            setup.journal.touch(0o600, exist_ok=False)  # it is there before the scribe is: others wait for its end
            with tapes.paused():
                return sink(setup, within=self._origin.within)
        except Exception as error:  # noqa: BLE001 - the program under test goes on, whatever it is
            self._unwritable = True
            self._say(named(error))
            return None

    @property
    def timestamp(self) -> str:
        """When it began: ISO 8601, UTC."""
        return datetime.fromtimestamp(self.started, UTC).isoformat()

    def settle(self) -> None:
        """Come back when all that was handed over is written."""
        if self._sink is not None and self._closed is None:
            self._sink.flush()

    @property
    def interactions(self) -> list[Interaction]:
        """All that is written by now, in the order they began."""
        self.settle()
        return list(journal.read(self.folder)) if self.folder.is_dir() else []

    def close(self) -> Outcome:
        """The end: everything stands on the disk, also in the one-file form. A second time gives the same answer.

        Calls that still run are kept as they are, with a note.
        """
        with self._lock:
            if self._closed is None:
                self._leave()
                for call in list(self._running.values()):
                    call.note("it still ran when the session ended")
                    call.closed()
                self._ending = True
                self._closed = self._finished()
        return self._closed

    def _leave(self) -> None:
        tapes.opened[:] = [one for one in tapes.opened if one is not self]
        if (before := tapes.everywhere(None)) is not self:
            tapes.everywhere(before)

    def _finished(self) -> Outcome:
        outcome = Outcome()
        try:
            outcome = self._sink.close() if self._sink is not None else self._empty()
            if self._owner == os.getpid() and not self._unwritable:
                outcome = recovery.merged(self.folder, outcome)
                recovery.save(self.folder)
        except Exception as error:  # noqa: BLE001 - the program under test goes on, whatever it is
            self._say(named(error))
        outcome.lost += self.lost
        for said in self.problems:
            outcome.say(said)
        own = self._owner == os.getpid()  # what others do in other processes is nothing to this session
        leaving.report(self.id, outcome, self.elsewhere if own else 0, self.unseen.told())
        return outcome

    def _empty(self) -> Outcome:
        """A journal without interactions, so that the session is a session."""
        if not self._unwritable and self._owner == os.getpid():
            return sink(self._setup(), within=True).close()
        return Outcome()

    def forked(self) -> None:
        """This process is a child of the one that began the session: it gets a journal of its own, and leaves the
        pipe of the other."""
        if self._sink is not None:
            self._sink.forget()
        self._running.clear()
        self.lost, self.elsewhere, self.problems, self.unseen = 0, 0, [], Unseen()
        self._fresh()


def _created(directory: Path, started: float, problems: list[str]) -> tuple[Path, str]:
    """The folder of a new session, and its id; where there can be none, `problems` says why."""
    try:
        return journal.create(directory, started)
    except OSError as error:
        problems.append(f"{directory}: {named(error)}")
        number = int(started * 1000)
        return directory / journal.name_of(started, number), str(number)


def checked(given: dict[str, Any] | str | Path | None = None) -> tuple[bytes, dict[str, Any] | str]:
    """The masking key, and the rules as a writer takes them; InputError says all that is wrong with either."""
    secret, _ = settings.masking_key(settings.load())
    given = given or os.environ.get("TEST_CAPTURE_RULES")
    if not given:
        return secret, {}
    from hotfixture.capture.sanitising import rules

    return secret, rules.handed(given)


@contextmanager
def capture(
    name: str = "", *, threads: Literal["own", "all"] = "own", strict: bool | None = None, **options: Any
) -> Iterator[Session]:
    """Record everything that runs within, into a session of its own; options are those of Session.

    Tasks, threads and pools go along with whoever starts or feeds them. `threads="all"` records what runs in any other
    thread of the process too. `strict` raises CaptureError at the end where something could not be recorded, unless
    another exception is on its way.
    """
    from hotfixture.capture import hooks, processes

    hooks.install()
    processes.install()
    session = Session(name, strict=strict, **options)
    before = tapes.everywhere(session) if threads == "all" else None
    try:
        with tapes.under(session):
            yield session
    except BaseException:
        session.close()
        raise
    finally:
        if before in tapes.opened:  # of a block around this one
            tapes.everywhere(before)
    outcome = session.close()
    if session.strict and (outcome.lost or outcome.problems):
        raise CaptureError(leaving.sentence(session.id, outcome))
