"""The sessions of a folder, and of each interaction what an analysis needs: no bodies are decoded, none is kept."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from hotfixture.capture.journal import JOURNALS, read, run_of
from hotfixture.capture.records import VERSION
from hotfixture.errors import CaptureError

NOTHING = msgspec.Raw(b"null")
DAY = 86_400
LONGEST = 1 << 20
"""Bytes of a first line that are read."""
STARTS = b'"interactions":['
"""How the first line of a session's file ends, where each interaction has a line of its own."""
MOST_NUMBERS = 1 << 26
"""Calls of a process up to which one that is told twice is known; beyond, memory would not be bounded."""
_STATUS = re.compile(rb'\s*\{\s*"status"\s*:\s*(\d{3})')
_SESSION = re.compile(rb'"session_id"\s*:\s*"([^"]*)"')


class Glimpse(msgspec.Struct):
    """One interaction as an analysis sees it."""

    service: str = ""
    operation: str = ""
    id: str | int = ""
    request: msgspec.Raw = NOTHING
    response: msgspec.Raw = NOTHING
    start_time: float = 0.0
    duration_ms: float | None = None
    status: str = "success"
    error: str | None = None
    error_type: str | None = None
    kind: str = "call"
    number: int = 0
    parent: str | int | None = None
    thread: str = ""
    scope: str | None = None

    @property
    def code(self) -> int | None:
        """The status of an HTTP answer."""
        if self.kind != "http":
            return None
        found = _STATUS.match(self.response)
        if found:
            return int(found[1])
        try:
            return _answer(self.response).status
        except msgspec.DecodeError:  # no answer, or one of another tool
            return None


@dataclass(frozen=True)
class Recorded:
    """A session on the disk."""

    id: str
    path: Path
    """Its folder, or its one file."""
    changed: float
    """Seconds since the epoch."""
    run: str = ""
    """The run of tests that it belongs to: those of its processes have the same."""


_line = msgspec.json.Decoder(Glimpse).decode


class _Answer(msgspec.Struct):
    status: int | None = None


_answer = msgspec.json.Decoder(_Answer).decode


class _File(msgspec.Struct):
    interactions: list[Glimpse] = []


_file = msgspec.json.Decoder(_File).decode


class _Version(msgspec.Struct):
    version: int = VERSION


_version = msgspec.json.Decoder(_Version).decode


def sessions(directory: Path, days_back: float | None = None) -> list[Recorded]:
    """The sessions under a folder that changed within so many days, oldest first; the folder of a session and its one
    file are one session."""
    since = time.time() - days_back * DAY if days_back is not None else 0.0
    found: dict[str, Recorded] = {}
    if directory.is_dir():
        for path in sorted(directory.iterdir()):
            if path.name.startswith("capture_") and (one := _session(path)) and one.id not in found:
                found[one.id] = one
    return sorted((one for one in found.values() if one.changed >= since), key=lambda one: (one.changed, one.id))


def session(path: Path) -> Recorded:
    """The session at a path; CaptureError where there is none."""
    found = _session(path)
    if found is None:
        raise CaptureError(f"{path}: expected a session's folder or file, found none")
    return found


def _session(path: Path) -> Recorded | None:
    if path.is_dir():
        journals = list(path.glob(JOURNALS))
        if not journals:
            return None
        return Recorded(path.name.rpartition("_")[2], path, max(one.stat().st_mtime for one in journals), run_of(path))
    if path.suffix != ".json" or not path.is_file():
        return None
    with path.open("rb") as file:
        named = _SESSION.search(file.read(4096))
    return Recorded(named[1].decode() if named else path.stem, path, path.stat().st_mtime)


def journals(session: Recorded) -> Iterator[Iterable[Glimpse]]:
    """What each process of a session recorded, in the order in which its calls ended; CaptureError for what is no
    session."""
    if session.path.is_dir():
        paths = sorted(session.path.glob(JOURNALS))
        if all(map(_is_current, paths)):
            yield from (_once(_lines(path)) for path in paths)
        else:
            yield glimpses(read(session.path))
    else:
        yield _of_file(session.path)


def _is_current(path: Path) -> bool:
    """Whether a journal is of this version; older ones are read by the reader that knows them."""
    with path.open("rb") as lines:
        first = lines.readline(LONGEST)
    try:
        return not first.endswith(b"\n") or _version(first).version == VERSION
    except msgspec.DecodeError:
        return True


def _lines(path: Path) -> Iterator[Glimpse]:
    with path.open("rb") as lines:
        for line in lines:
            if line.startswith(b'{"type"') or not line.endswith(b"\n"):
                continue
            try:
                yield _line(line)
            except msgspec.DecodeError:
                continue  # a torn line; `recover` says how many there are


def _once(found: Iterable[Glimpse]) -> Iterator[Glimpse]:
    """Each call of a process once: one whose answer was told late stands in its journal again."""
    seen = bytearray()
    for one in found:
        number = one.number
        if 0 < number < MOST_NUMBERS:
            if number >= len(seen):
                seen.extend(bytes(number - len(seen) + 4096))
            if seen[number]:
                continue
            seen[number] = 1
        yield one


def _of_file(path: Path) -> Iterator[Glimpse]:
    """Of a file of ours line by line; another tool's is held as a whole."""
    with path.open("rb") as file:
        first = file.readline(LONGEST)
        if not first.endswith(STARTS + b"\n"):
            yield from _whole(path)
            return
        for line in file:
            if line.startswith(b"]"):
                return
            try:
                yield _line(line.rstrip(b"\n").removesuffix(b","))
            except msgspec.DecodeError as error:
                raise CaptureError(f"{path}: no interaction: {error}") from None


def _whole(path: Path) -> list[Glimpse]:
    try:
        return _file(path.read_bytes()).interactions
    except msgspec.DecodeError as error:
        raise CaptureError(f"{path}: expected a session file: {error}") from error


def glimpses(interactions: Iterable[Any]) -> Iterator[Glimpse]:
    """Interactions that are held in memory, as dicts or as structs."""
    for one in interactions:
        yield _line(msgspec.json.encode(one, enc_hook=str))
