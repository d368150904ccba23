"""One playback in several processes: what one of them has played is played for all of them.

Each has its own library, of the same recordings in the same order. What is taken from it goes down in a ledger, a file
that all of them append to; nobody takes anything before it has read what the others took.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from hotfixture.capture import one_file
from hotfixture.capture.playing.kept import Recorded
from hotfixture.capture.playing.library import Library
from hotfixture.capture.playing.matching import Parts
from hotfixture.capture.playing.tally import Tally
from hotfixture.capture.records import Interaction

_LEDGER, _RECORDINGS = "ledger", "recordings.json"
_PLAYED = "played"
_TOLD = ("misses", "repeated", "bypassed", "processes")
"""What of a tally other processes are to know."""
_ledgers: weakref.WeakSet[Ledger] = weakref.WeakSet()


class Ledger:
    """Lines of JSON, in the order in which all processes wrote them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._read = 0
        self._lock = threading.RLock()
        _ledgers.add(self)
        weakref.finalize(self, os.close, self._file)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Within, no other thread or process writes. Where the system has no such locks, others may."""
        with self._lock:
            self._hold(True)
            try:
                yield
            finally:
                self._hold(False)

    def _hold(self, on: bool) -> None:
        if os.name == "posix":
            import fcntl

            fcntl.lockf(self._file, fcntl.LOCK_EX if on else fcntl.LOCK_UN)

    def news(self) -> list[list[Any]]:
        """What others wrote since the last time."""
        size = os.fstat(self._file).st_size - self._read
        if not size:
            return []
        os.lseek(self._file, self._read, os.SEEK_SET)
        data = os.read(self._file, size)
        self._read += len(data)
        return [msgspec.json.decode(line) for line in data.splitlines()]

    def tell(self, sort: str, said: Any) -> None:
        """One more line; all news have been read."""
        self._read += os.write(self._file, msgspec.json.encode([sort, said]) + b"\n")

    def forked(self) -> None:
        """This process is a fork: its lock may be held by a thread that it has not got."""
        self._lock = threading.RLock()


class Shared(Library):
    """A library whose recordings other processes play, too."""

    def __init__(self, library: Library, tally: Tally, ledger: Ledger) -> None:
        vars(self).update(vars(library))
        self._tally, self._ledger = tally, ledger
        self._positions = {id(one): position for position, one in enumerate(self.items)}
        with ledger.alone():  # of the process that was alone until now; others have played nothing yet
            for position in sorted(self._done):
                ledger.tell(_PLAYED, position)

    def take(self, parts: Parts, scope: str | None) -> Recorded | None:
        """As that of the library, and nobody else takes the same."""
        with self._ledger.alone():
            self.catch_up()
            found = super().take(parts, scope)
            if found is not None:
                self._ledger.tell(_PLAYED, self._positions[id(found)])
        return found

    def left(self) -> list[Recorded]:
        """What nobody has played."""
        with self._ledger.alone():
            self.catch_up()
        return super().left()

    def catch_up(self) -> None:
        """Note what others played and said."""
        for sort, said in self._ledger.news():
            if sort == _PLAYED:
                self._played(said)
                self._tally.played += 1
            else:
                list.append(getattr(self._tally, sort), said)

    def say(self, sort: str, text: str) -> None:
        """A line of the tally, for the others."""
        with self._ledger.alone():
            self.catch_up()
            self._ledger.tell(sort, text)


class _Told(list[str]):
    """Lines of a tally that other processes are told, too."""

    def __init__(self, lines: Iterable[str], sort: str, library: Shared) -> None:
        super().__init__(lines)
        self._sort, self._library = sort, library

    def append(self, line: str) -> None:
        super().append(line)
        self._library.say(self._sort, line)


class Onward(msgspec.Struct, frozen=True):
    """What a playback is made of, for processes that go on with it. It holds the key: it goes through pipes only."""

    place: str
    """Where its ledger and its recordings are."""
    secret: bytes
    rules: Any
    options: dict[str, Any]
    scope: str | None
    leaves: frozenset[str]
    opened: Any
    """Makes a playback of this."""

    def __repr__(self) -> str:
        return f"<Onward of {self.place}>"

    def open(self) -> Any:
        """The playback, in this process."""
        return self.opened(self)


def folder(owner: Any) -> Path:
    """A folder for what processes share, which goes when its owner does, or the process that made it."""
    path = Path(tempfile.mkdtemp(prefix="hotfixture-"))
    weakref.finalize(owner, _away, path, os.getpid())
    return path


def _away(path: Path, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(path, ignore_errors=True)


def shared(library: Library, tally: Tally, place: Path) -> Shared:
    """The library and the tally, shared with all processes that have that place."""
    made = Shared(library, tally, Ledger(place / _LEDGER))
    for sort in _TOLD:
        setattr(tally, sort, _Told(getattr(tally, sort), sort, made))
    return made


def recordings(place: Path, interactions: Iterable[Interaction]) -> Path:
    """The file of the recordings, written when the first process asks for it. They are clean."""
    path = place / _RECORDINGS
    if not path.exists():
        one_file.write(path, {"session_id": place.name, "timestamp": ""}, interactions)
    return path


def forked() -> None:
    """This process is a fork."""
    for ledger in list(_ledgers):
        ledger.forked()
