"""Downloading a file: resumed where it breaks off, proven by its digest, and only then under its own name."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from hotfixture.client import answers, conversations, retries
from hotfixture.client.calls import Call
from hotfixture.client.credentials import Credentials
from hotfixture.client.steps import Broken, Conversation, Got, Pause, Send, Work
from hotfixture.errors import HotFixtureError, PackageError

if TYPE_CHECKING:
    from hashlib import _Hash

PIECE = 1 << 20
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
Progress = Callable[[int, int | None], None]
"""Told how many bytes stand in the file, and how many there will be where that is known."""


class Downloaded(NamedTuple):
    """A file that arrived whole."""

    size: int
    sha256: str
    name: str
    """What the daemon calls the file; empty where it says nothing."""


def download(
    call: Call[Any], credentials: Credentials, part: Path, *, sha256: str = "", progress: Progress | None = None
) -> Conversation[Downloaded]:
    """Fetch a file into `part`, which may hold its beginning from an earlier attempt.

    Raises PackageError where the bytes are not those of the digest (`part` is then gone), DatabaseError where the
    connection breaks again and again (`part` stays, for a later attempt), and what `answers.error` makes of a refusal.
    """
    yield from _ready(call, credentials)
    with _Part(part, sha256, progress) as held:
        yield Work(held.resume)
        attempt, renewed, heard = 0, False, time()
        while not held.is_whole:
            before, asked = held.size, replace(call, headers={**call.headers, **held.headers})
            result = yield Send(asked, conversations.headers_of(asked, credentials.token), held)
            attempt = 1 if held.size > before else attempt + 1
            heard = time() if isinstance(result, Got) or held.size > before else heard
            if isinstance(result, Got) and result.status == 401 and not renewed:
                renewed = yield from credentials.again(conversations.sent)
                if renewed:
                    continue
            if isinstance(result, Broken) or not held.is_whole:
                held.is_whole = False
                yield Pause(_seconds(call, attempt, result, held, heard))
        found: Downloaded = yield Work(held.proven)
        return found


def _ready(call: Call[Any], credentials: Credentials) -> Conversation[None]:
    if not call.open:
        yield from credentials.ready(conversations.sent)


def _seconds(call: Call[Any], attempt: int, result: Got | Broken, held: _Part, heard: float) -> float:
    """How long to wait before the next attempt; the error where there is none.

    `heard` is when the daemon last answered: one that went away in mid-download is waited for.
    """
    if isinstance(result, Got) and result.status == 416 and held.size:
        held.restart()
        return 0.0
    status, headers = (result.status, result.headers) if isinstance(result, Got) else (None, {})
    final = isinstance(result, Broken) and result.final
    seconds = None if final else retries.pause(call, attempt, status, headers, time())
    if seconds is None and not final and isinstance(result, Broken) and time() - heard < retries.PATIENCE:
        return retries.PATIENT_PAUSE
    if seconds is None:
        got = conversations.whole(result)
        raise answers.error(got.status, got.headers, got.body, about=call.about)
    return seconds


class _Part:
    """The unfinished file: takes what arrives, and knows how to ask for the rest."""

    def __init__(self, path: Path, sha256: str, progress: Progress | None) -> None:
        self._path, self._wanted, self._progress = path, sha256, progress
        self._file: BinaryIO | None = None
        self._sha = _sha()
        self._tag = f'"{sha256}"' if sha256 else ""
        self._total: int | None = None
        self._name = ""
        self.size = 0
        self.is_whole = False

    def __enter__(self) -> _Part:
        try:
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
            self._file = open(os.open(self._path, flags, 0o600), "r+b", buffering=0)  # noqa: PTH123 - pathlib cannot create a file with its mode; closed in __exit__
            _lock(self._file)
        except OSError as error:
            raise HotFixtureError(f"cannot write {self._path}: {error.strerror}") from None
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    @property
    def headers(self) -> Mapping[str, str]:
        """What asks for the rest: of exactly the file whose beginning is here (RFC 9110, section 13.1.5)."""
        if not self.size or not self._tag:
            return {}
        return {"Range": f"bytes={self.size}-", "If-Range": self._tag}

    def resume(self) -> None:
        """Digest what an earlier attempt left; without a digest to compare with nobody knows whose it is."""
        assert self._file
        if not self._wanted:
            self.restart()
            return
        while piece := self._file.read(PIECE):
            self._sha.update(piece)
            self.size += len(piece)
        self.is_whole = self._sha.hexdigest() == self._wanted

    def restart(self) -> None:
        """Begin with nothing."""
        assert self._file
        self._file.seek(0)
        self._file.truncate()
        self._sha, self.size = _sha(), 0

    def begin(self, status: int, headers: Mapping[str, str]) -> bool:
        """Told the head of an answer: whether the file's bytes follow."""
        self.is_whole = False
        if status == 200:
            if self.size:
                self.restart()
            self._tag = "" if not self._wanted else self._tag  # it may be another file now
            length = headers.get("content-length", "")
            self._total = int(length) if length.isdecimal() else None
        elif status == 206:
            self._check_range(headers.get("content-range", ""))
        else:
            return False
        self._tag = self._tag or _strong(headers.get("etag", ""))
        self._name = file_name(headers.get("content-disposition", "")) or self._name
        self.is_whole = not self._total
        return True

    def _check_range(self, text: str) -> None:
        found = _RANGE.fullmatch(text)
        if not found or int(found[1]) != self.size:
            raise HotFixtureError("the daemon sent another part of the file than was asked for")
        self._total = None if found[3] == "*" else int(found[3])

    def write(self, piece: memoryview | bytes) -> None:
        """The next bytes. HotFixtureError where the disk takes no more."""
        assert self._file
        try:
            left = memoryview(piece)
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            raise HotFixtureError(f"cannot write {self._path}: {error.strerror}") from None
        self._sha.update(piece)
        self.size += len(piece)
        self.is_whole = self._total is None or self.size == self._total
        if self._progress:
            self._progress(self.size, self._total)

    def proven(self) -> Downloaded:
        """The file, on the disk, its digest right; PackageError where it is not, and the file is gone then."""
        assert self._file
        found = self._sha.hexdigest()
        if self._wanted and found != self._wanted:
            self.restart()
            with suppress(OSError):
                self._path.unlink()
            hint = "Nothing of it was kept. Try again; if it happens again, tell the daemon's administrator."
            raise PackageError(f"the download has the digest {found[:16]}…, expected {self._wanted[:16]}…", hint=hint)
        os.fsync(self._file.fileno())
        return Downloaded(self.size, found, self._name)


def _lock(file: BinaryIO) -> None:
    """Two runs that write one file would spoil it for both. OSError where another has it."""
    with suppress(ModuleNotFoundError):
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _sha() -> _Hash:
    import hashlib

    return hashlib.sha256()


def _strong(tag: str) -> str:
    """A tag that stands for exact bytes; empty for a weak one."""
    return tag if tag.startswith('"') else ""


def file_name(header: str) -> str:
    """The plain file name of a `Content-Disposition`; empty where it names none, or one with a path."""
    from urllib.parse import unquote

    encoded = re.search(r"filename\*=utf-8''([^;\s]+)", header, re.IGNORECASE)
    quoted = re.search(r'filename="?([^";]+)"?', header)
    return safe_name(unquote(encoded[1]) if encoded else quoted[1] if quoted else "")


def safe_name(name: str) -> str:
    """The name, where it is that of a file in a folder on every system; empty otherwise."""
    plain = name.isprintable() and not re.search(r'[\\/:*?"<>|]', name) and not name.startswith(".")
    return name if plain and len(name) <= 150 else ""


def claimed(part: Path) -> Path:
    """The name for an unfinished file: this one, or where it is somebody else's, or being written, one of our own."""
    from secrets import token_hex

    try:
        import fcntl
    except ModuleNotFoundError:  # Windows refuses to open a file that another process writes
        return part
    other = part.with_name(f"{part.name}.{token_hex(4)}")
    try:
        with open(os.open(part, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:  # noqa: PTH123 - pathlib follows links
            found = os.fstat(file.fileno())
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return part if found.st_uid == os.geteuid() and found.st_nlink == 1 else other
    except FileNotFoundError:
        return part
    except OSError:  # a link, another user's, or being written
        return other
