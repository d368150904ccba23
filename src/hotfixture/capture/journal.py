"""A session's folder: one append-only journal for each process, and blobs beside them.

::

    capture_20261121_161500_1795277700123/
        4711-1f3a09bc.jsonl    header, one interaction a line, trailer (of a process that ended properly)
        blobs/<sha256>         bodies that are too large for a line
    capture_20261121_161500_1795277700123.json    the same in the contract's one-file form
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from hotfixture.capture import blobs, one_file, upgrades
from hotfixture.capture.records import VERSION, Header, Interaction, Trailer
from hotfixture.capture.values import plain
from hotfixture.errors import CaptureError, Where

JOURNALS = "*.jsonl"
RUN = "run"
"""Label of sessions that belong together: those of the processes of one test run have the same."""
MOST_LINE = 2**30
"""Bytes of a line that are read: more is no line of ours."""
_ASKED = 500
"""Hundredths of a second that others may take to ask whether a journal is written, on a busy machine."""


def create(directory: Path, started: float) -> tuple[Path, str]:
    """A new folder for a session and its id: milliseconds since the epoch, the next that is free. OSError."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    number = int(started * 1000)
    while True:
        folder = directory / name_of(started, number)
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            number += 1
        else:
            return folder, str(number)


def name_of(started: float, number: int) -> str:
    """What a session's folder is called."""
    return f"capture_{datetime.fromtimestamp(started, UTC):%Y%m%d_%H%M%S}_{number}"


class Journal:
    """Appends to one journal: each line is one write, so that a killed process tears at most its last."""

    def __init__(self, path: Path, header: Header) -> None:
        self._folder = path.parent
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        hold(self._file)
        self._size = 0
        self._line(msgspec.json.encode(header))

    def append(self, interaction: Interaction) -> None:
        """One more interaction; OSError where the disk says no."""
        try:
            line = msgspec.json.encode(interaction)
        except (TypeError, ValueError, RecursionError):  # what should have been plain is not
            parts = {"request": plain(interaction.request), "response": plain(interaction.response)}
            interaction = msgspec.structs.replace(interaction, **parts)
            line = msgspec.json.encode(interaction)
        if len(line) > blobs.LARGEST_LINE:
            line = msgspec.json.encode(blobs.put_aside(interaction, self._folder))
        self._line(line)

    def close(self, trailer: Trailer, last: Callable[[], object] = lambda: None) -> None:
        """The end: no more lines. `last` is done with them before others may take them for final."""
        try:
            self._line(msgspec.json.encode(trailer))
            last()
        finally:
            os.close(self._file)

    def forget(self) -> None:
        """Close without a trailer."""
        os.close(self._file)

    def _line(self, line: bytes) -> None:
        """All of a line, or nothing of it: a disk that is full takes half a line."""
        line += b"\n"
        written = 0
        try:
            while written < len(line):
                written += os.write(self._file, memoryview(line)[written:])
        except OSError:
            os.ftruncate(self._file, self._size)
            raise
        self._size += written


def hold(file: int) -> None:
    """Mark a journal as being written for as long as its descriptor is open."""
    if os.name != "posix":
        return
    import fcntl

    for _ in range(_ASKED):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # somebody asks at this moment whether it is written, with a lock of their own
            time.sleep(0.01)
        except OSError:
            return  # a file system without locks: nobody can wait for this one
        else:
            return


class Place(NamedTuple):
    """Where one interaction stands; sorts by when it began."""

    started: float
    process: int
    number: int
    journal: int
    offset: int
    length: int
    line: int


class _Key(msgspec.Struct):
    start_time: float
    process: int = 0
    number: int = 0


_key = msgspec.json.Decoder(_Key).decode
_interaction = msgspec.json.Decoder(Interaction).decode


def session(source: str | Path) -> Path:
    """The path of a session that somebody named; CaptureError where it is a folder of something else."""
    path = Path(source)
    if path.is_dir() and next(path.glob(JOURNALS), None) is None:
        hint = "`hfit capture --capture-dir DIR list` shows the sessions of a directory."
        raise CaptureError("no session: the folder holds no journal", where=Where(str(path)), hint=hint)
    return path


def read(source: str | Path) -> Iterator[Interaction]:
    """Every interaction of a session, in the order they began: of a folder, or of a file in the one-file form.

    A torn last line is left out. Memory is needed for one interaction at a time (and for the whole of a file that
    another tool wrote). CaptureError says the file and line of what cannot be read.
    """
    path = Path(source)
    if not path.is_dir():
        yield from one_file.read(path)
        return
    journals = sorted(path.glob(JOURNALS))
    places = last(sorted(place for number, one in enumerate(journals) for place in _places(one, number)))
    versions = [header(one).version for one in journals]
    files = [os.open(one, os.O_RDONLY) for one in journals]
    try:
        for place in places:
            os.lseek(files[place.journal], place.offset, os.SEEK_SET)
            where = Where(str(journals[place.journal]), place.line)
            line = _exactly(files[place.journal], place.length)
            yield blobs.whole(decoded(line, versions[place.journal], where), path)
    finally:
        for file in files:
            os.close(file)


def last(places: list[Place]) -> list[Place]:
    """Of the sorted places, of several lines of one interaction (its answer came late) the last."""
    return [
        place
        for place, following in zip(places, [*places[1:], None], strict=False)
        if following is None or place.number == 0 or following[:4] != place[:4]
    ]


def _exactly(file: int, length: int) -> bytes:
    data = os.read(file, length)
    while len(data) < length and (more := os.read(file, length - len(data))):
        data += more
    return data


def decoded(line: bytes, version: int, where: Where) -> Interaction:
    """The interaction of a line, with the names of blobs in it; CaptureError where it is none."""
    try:
        if version == VERSION:
            return _interaction(line)
        return msgspec.convert(upgrades.upgraded(msgspec.json.decode(line), version), Interaction)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise CaptureError(f"no interaction: {error}", where=where) from None


def lines(path: Path) -> Iterator[tuple[int, int, bytes]]:
    """Number, offset and text of each whole line of a journal; a torn last one is left out."""
    offset = 0
    with path.open("rb") as stream:
        number = 0
        while line := stream.readline(MOST_LINE):
            number += 1
            if line.endswith(b"\n"):
                yield number, offset, line
            elif len(line) == MOST_LINE:
                raise CaptureError(f"a line of more than {MOST_LINE} bytes", where=Where(str(path), number))
            offset += len(line)


def _places(path: Path, journal: int) -> Iterator[Place]:
    for number, offset, line in lines(path):
        if line.startswith(b'{"type"'):
            continue
        try:
            key = _key(line)
        except (msgspec.MsgspecError, RecursionError, ValueError) as error:
            raise CaptureError(f"no interaction: {error}", where=Where(str(path), number)) from None
        yield Place(key.start_time, key.process, key.number, journal, offset, len(line), number)


def header(path: Path) -> Header:
    """What a journal's first line says; that of a journal that nobody has begun is empty."""
    for number, _, line in lines(path):
        where = Where(str(path), number)
        try:
            header = msgspec.json.decode(line, type=Header)
        except (msgspec.MsgspecError, RecursionError, ValueError) as error:
            raise CaptureError(f"no header of a journal: {error}", where=where) from None
        upgrades.known(header.version, where)
        return header
    return Header(session_id="", name="", timestamp="", process=0, tool="")


def headers(folder: Path) -> list[Header]:
    """What the processes of a session said at their beginning, the first first."""
    found = [header(path) for path in sorted(folder.glob(JOURNALS))]
    return sorted((one for one in found if one.session_id), key=lambda one: (one.timestamp, one.process))


def run_of(folder: Path) -> str:
    """The run of tests that a session belongs to; empty where it is of none, or nobody can tell."""
    try:
        found = headers(folder)
    except CaptureError:
        return ""
    return found[0].labels.get(RUN, "") if found else ""


def trailer(path: Path) -> Trailer | None:
    """The last line of a journal, if its process ended it."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - 65_536))
        last = stream.read().rstrip(b"\n").rpartition(b"\n")[2]
    try:
        return msgspec.json.decode(last, type=Trailer) if last.startswith(b'{"type":"trailer"') else None
    except (msgspec.MsgspecError, ValueError):
        return None


def count_lines(path: Path) -> int:
    """Interactions that stand in a journal."""
    try:
        return len(last(sorted(_places(path, 0))))
    except (OSError, CaptureError):
        return 0


def outcome_of(folder: Path) -> dict[str, Any]:
    """Counts, losses and problems of all processes of a session."""
    count, lost, problems = 0, 0, list[str]()
    for path in sorted(folder.glob(JOURNALS)):
        end = trailer(path)
        count += end.count if end else count_lines(path)
        lost += end.lost if end else 0
        problems += [one for one in (end.problems if end else []) if one not in problems]
    return {"count": count, "lost": lost, "problems": problems}
