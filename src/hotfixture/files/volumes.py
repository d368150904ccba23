"""Volumes: folders of files, local or in object storage, from which nothing outside can be reached.

A volume is said as a path, `file:///srv/invoices`, `s3://bucket/prefix`, `gs://bucket/prefix` or `az://account/container/prefix`.
Credentials come from the environment as the providers' own tools read them, never from the URL. Local folders need
nothing installed; object storage needs the extra `volumes`.
"""

from __future__ import annotations

import os
import stat
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from glob import escape
from io import BufferedWriter, RawIOBase
from itertools import islice
from pathlib import Path
from typing import IO, Any, NamedTuple
from urllib.parse import unquote, urlsplit

from hotfixture.errors import HotFixtureError, InputError, MissingExtraError, UnknownNameError, Where
from hotfixture.files.archives import aside
from hotfixture.files.globs import advance, matches, until_glob
from hotfixture.files.listing import Entry, Filter, arranged
from hotfixture.files.names import LONGEST_PATH, check_path
from hotfixture.files.remote_walking import walk_store
from hotfixture.files.walking import BY_DESCRIPTOR, Walk, descend
from hotfixture.wire.sources import Listed

PIECE = 1 << 20
UPLOAD = 10 << 20
"""Bytes of each part of an upload."""
MAX_FILES = 1_000_000
_REMOTE = {"s3": "s3", "gs": "gs", "gcs": "gs", "az": "az", "azure": "az", "abfs": "az", "abfss": "az"}

_RETRY = {"max_retries": 3, "retry_timeout": timedelta(seconds=30)}
"""The library's own default waits three minutes for a server that is not there."""


class Found(NamedTuple):
    """A file of a volume: its name below the volume, with `/`, and its size in bytes."""

    name: str
    size: int


class Volume(ABC):
    """A folder of files."""

    @abstractmethod
    def find(self, pattern: str) -> Iterator[Found]:
        """The files that a pattern names, sorted by name; `*`, `?`, `[…]` within one name, `**` for any folders.

        InputError where the pattern, or the name of a file that it finds, is unsafe.
        """

    @abstractmethod
    def walk(self, folder: str, wanted: Filter) -> Iterator[list[Entry]]:
        """What stands below a folder (`""`: all) and passes the filter, unsorted, in parts that come as time passes.

        InputError where the folder's name is unsafe, UnknownNameError where there is none.
        """

    def list(self, folder: str, wanted: Filter) -> Iterator[Sequence[Entry]]:
        """As `walk`, sorted and limited as the filter says."""
        return arranged(self.walk(folder.strip("/"), wanted), wanted)

    @abstractmethod
    def stat(self, name: str) -> Listed:
        """Size and time of one file; InputError where the name is unsafe, UnknownNameError where there is no file."""

    @abstractmethod
    def read(self, name: str, *, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes of one file, or `length` of them from `start` on, in pieces.

        InputError where the name is unsafe, UnknownNameError where there is no file, HotFixtureError where it fails.
        """

    @abstractmethod
    def write(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """A stream whose bytes become the file when the block ends well; nothing is left when it does not."""

    def sweep(self, name: str) -> None:  # noqa: B027 - object stores keep nothing of an upload that broke off
        """Remove what a killed writer of the file has left."""


def open_volume(url: str, *, options: dict[str, Any] | None = None, create: bool = False) -> Volume:
    """The volume at a path or URL; `options` (endpoint, region) go to the object store.

    With `create` a local folder that is not there is made.
    """
    scheme, colon, _ = url.partition("://")
    if not colon or scheme == "file":
        folder = _local(url) if colon else Path(url).expanduser()
        if create:
            with _failing(url):
                folder.mkdir(parents=True, exist_ok=True)
        return LocalVolume(folder)
    if scheme.lower() not in _REMOTE:
        raise UnknownNameError("kind of volume", scheme, ["file", *_REMOTE])
    if "@" in urlsplit(url).netloc and not scheme.lower().startswith("abfs"):
        raise InputError("a volume's URL holds credentials", hint="Give them in the environment.")
    return RemoteVolume(url, options or {})


def _local(url: str) -> Path:
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost"):
        raise InputError(f"file://{parts.netloc}: expected file:///path, on this machine")
    from urllib.request import url2pathname

    return Path(url2pathname(parts.path)) if os.name == "nt" else Path(unquote(parts.path))


def _checked(files: Iterable[Found], pattern: str) -> list[Found]:
    """The files sorted by the bytes of their names; InputError for too many of them, or one whose name is unsafe."""
    found = list(islice(files, MAX_FILES + 1))
    if len(found) > MAX_FILES:
        raise InputError(f"{pattern!r} names more than {MAX_FILES} files")
    found.sort(key=lambda file: os.fsencode(file.name))
    for file in found:
        check_path(file.name)
    return found


@contextmanager
def _failing(what: str, missing: str = "") -> Iterator[None]:
    """Whatever an object store raises, as one error that names the volume or file; its own text may quote requests."""
    try:
        yield
    except HotFixtureError:
        raise
    except Exception as error:  # the store's own tree of exceptions, and OSError
        kind = type(error).__name__.removesuffix("Error")
        if missing and kind in ("NotFound", "FileNotFound"):
            raise UnknownNameError(missing, what, []) from None
        raise HotFixtureError(
            f"the volume answers: {_answer(error, kind)}", where=Where(what), hint=_hint(error)
        ) from error


def _answer(error: Exception, kind: str) -> str:
    """What the system says, without the address of a request; of a store no more than the kind of its answer."""
    said = getattr(error, "strerror", None)
    return said if isinstance(said, str) else "no storage, or no access to it" if kind == "OS" else kind


def _hint(error: Exception) -> str:
    """A folder's own error says enough."""
    if getattr(error, "strerror", None):
        return ""
    return "Check its name, region and endpoint, and the credentials in the environment (AWS_…, GOOGLE_…, AZURE_…)."


@contextmanager
def _reading(name: str, what: str = "cannot be read") -> Iterator[None]:
    """What the system says against it, as one error that names the file."""
    try:
        yield
    except FileNotFoundError:
        raise UnknownNameError("file", name, []) from None
    except OSError as error:
        raise HotFixtureError(f"{what}: {error.strerror}", where=Where(name)) from None


class LocalVolume(Volume):
    """A folder of this machine. Links inside it are not followed, wherever they point."""

    def __init__(self, root: Path) -> None:
        try:
            self._root = root.resolve(strict=True)
        except OSError as error:
            raise InputError(f"no such folder: {error.strerror}", where=Where(str(root))) from None
        if not self._root.is_dir():
            raise InputError("expected a folder", where=Where(str(root)))

    def find(self, pattern: str) -> Iterator[Found]:
        """The files that a pattern names; only folders that can hold one are looked into."""
        parts = check_path(pattern, glob=True).split("/")
        return iter(_checked(self._walk(self._root, "", parts, {0}), pattern))

    def _walk(self, folder: Path, prefix: str, parts: list[str], reached: set[int]) -> Iterator[Found]:
        if len(prefix) > LONGEST_PATH:
            raise InputError(f"folders nested deeper than {LONGEST_PATH} characters", where=Where(prefix[:60]))
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    # A name that is no text cannot match: it would be another name once written down.
                    after = advance(entry.name, parts, reached)
                    if entry.is_dir(follow_symlinks=False) and after:
                        yield from self._walk(Path(entry.path), f"{prefix}{entry.name}/", parts, after)
                    elif len(parts) in after and entry.is_file(follow_symlinks=False):
                        yield Found(prefix + entry.name, entry.stat(follow_symlinks=False).st_size)
        except OSError as error:
            raise HotFixtureError(f"cannot be listed: {error.strerror}", where=Where(prefix or "volume")) from None

    def walk(self, folder: str, wanted: Filter) -> Iterator[list[Entry]]:
        """What stands below a folder, in the order in which the system gives it."""
        where = check_path(folder) if folder else ""
        with _reading(folder or "volume", "cannot be listed"):
            walk = Walk(self._root, where, wanted)
        return iter(walk)

    def stat(self, name: str) -> Listed:
        """Size and time of one file."""
        with _reading(name):
            file = self._open(check_path(name))
        try:
            facts = os.fstat(file)
        finally:
            os.close(file)
        return Listed(name, facts.st_size, facts.st_mtime)

    def read(self, name: str, *, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes of one file, in pieces."""
        with _reading(name):
            file = os.fdopen(self._open(check_path(name)), "rb", buffering=0)
        with file, _reading(name):
            file.seek(start)
            left = sys.maxsize if length is None else length
            while left and (piece := file.read(min(PIECE, left))):
                left -= len(piece)
                yield piece

    def sweep(self, name: str) -> None:
        """Remove what a killed writer of the file has left."""
        path = self._root / check_path(name)
        for left in path.parent.glob(f".{escape(path.name)}.*.partial"):
            left.unlink(missing_ok=True)

    @contextmanager
    def write(self, name: str) -> Iterator[IO[bytes]]:
        """A stream beside the file, which takes its name at the end."""
        with aside(self._root / check_path(name)) as path, path.open("wb") as stream:
            yield stream

    def _open(self, name: str) -> int:
        """A descriptor of a plain file, reached without following a link at any step."""
        if not BY_DESCRIPTOR:
            return self._open_checked(name)
        folder, _, last = name.rpartition("/")
        at = descend(self._root, folder)
        try:
            # Without O_NONBLOCK the opening of a pipe would wait for a writer.
            file = os.open(last, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=at)
        finally:
            os.close(at)
        return _plain(file)

    def _open_checked(self, name: str) -> int:
        """The same where the system cannot open relative to a folder (Windows): the real path must be the path."""
        path = self._root / name
        if path.resolve(strict=True) != path:
            raise OSError(0, "it is a link")
        return _plain(os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0)))


def _plain(file: int) -> int:
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError(0, "it is no plain file")
    return file


class RemoteVolume(Volume):
    """A bucket or container, or what stands below a prefix of it."""

    def __init__(self, url: str, options: dict[str, Any]) -> None:
        try:
            from obstore.store import from_url
        except ModuleNotFoundError as error:
            raise MissingExtraError(f"the volume {url}", "volumes") from error
        self._url = url
        scheme, _, rest = url.partition("://")
        with _failing(url):
            self._store = from_url(f"{_REMOTE[scheme.lower()]}://{rest}", **{"retry_config": _RETRY, **options})

    def find(self, pattern: str) -> Iterator[Found]:
        """The files that a pattern names; only names that begin as the pattern does are asked for."""
        parts = check_path(pattern, glob=True).split("/")
        fixed = list(until_glob(parts[:-1]))
        with _failing(self._url):
            items = (item for page in self._store.list("/".join(fixed) or None) for item in page)
            named = (Found(str(item["path"]), int(item["size"])) for item in items)
            return iter(_checked((file for file in named if matches(file.name, pattern)), pattern))

    def walk(self, folder: str, wanted: Filter) -> Iterator[list[Entry]]:
        """What stands below a folder, in the order of the names' bytes."""
        where = check_path(folder) if folder else ""
        return walk_store(self._store, where, wanted, lambda: _failing(self._url))

    def stat(self, name: str) -> Listed:
        """Size and time of one object."""
        with _failing(name, "file"):
            facts = self._store.head(check_path(name))
        return Listed(name, int(facts["size"]), facts["last_modified"].timestamp())

    def read(self, name: str, *, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes of one object, in pieces."""
        if length == 0:
            return
        asked: dict[str, Any] = {}
        if length is not None:
            asked = {"options": {"range": (start, start + length)}}
        elif start:
            asked = {"options": {"range": {"offset": start}}}
        with _failing(name, "file"):
            for piece in self._store.get(check_path(name), **asked).stream(min_chunk_size=PIECE):
                yield bytes(piece)

    @contextmanager
    def write(self, name: str) -> Iterator[IO[bytes]]:
        """An upload in parts; the object appears when it is complete, a broken one never does."""
        import obstore

        with _failing(name):
            writer = obstore.open_writer(self._store, check_path(name), buffer_size=UPLOAD)
            with BufferedWriter(_Upload(writer), UPLOAD) as stream:
                yield stream
            writer.close()


class _Upload(RawIOBase):
    """The writing side of an upload. Closing it completes no object: whoever opened it says when it is whole."""

    def __init__(self, writer: Any) -> None:
        super().__init__()
        self._writer = writer

    def writable(self) -> bool:
        """It takes bytes."""
        return True

    def write(self, data: Any) -> int:
        """Take all of the bytes."""
        self._writer.write(bytes(data))
        return len(data)
