"""A folder as one file, and back: `.tar.gz`, `.tar.zst`, `.zip`; the same files always give the same bytes.

Names are sorted, times, modes and owners fixed; a file streams through, whatever its size. An archive and an unpacked
folder appear under their names only when they are whole. Opening trusts nothing: no name leaves the folder, links and
devices are refused, names that one system would merge too, and what the archive says of sizes is counted, not believed.
"""

from __future__ import annotations

import os
import shutil
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, Self
from unicodedata import normalize

from hotfixture.errors import HotFixtureError, InputError, MissingExtraError, PackageError, Where
from hotfixture.files.names import check_path

SUFFIXES = (".tar.gz", ".tgz", ".tar.zst", ".zip")
_TIME = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip can hold; 315,532,800 seconds after 1970 (UTC)."""
_SECONDS = 315_532_800
_MODE = 0o644
_PIECE = 1 << 20
MAX_BYTES = 1 << 40
MAX_FILES = 1_000_000


def suffix_of(path: Path) -> str:
    """The archive's suffix that `path` ends with; empty where it is no archive's name."""
    return next((suffix for suffix in SUFFIXES if path.name.lower().endswith(suffix)), "")


def pack(folder: Path, archive: Path, *, root: str | None = None) -> None:
    """Write all files below `folder` into `archive`, below the folder `root` (default: the name of `folder`).

    InputError where the folder holds a link, a device, or a name that is unsafe on some system; MissingExtraError
    for `.tar.zst` without its library. `archive` is replaced at once when all is written, else left as it was.
    """
    writers: dict[str, Callable[[IO[bytes], list[tuple[str, Path]]], None]] = {
        ".tar.gz": _write_tar_gz,
        ".tgz": _write_tar_gz,
        ".tar.zst": _write_tar_zst,
        ".zip": _write_zip,
    }
    write = writers.get(suffix_of(archive))
    if not write:
        raise InputError(f"{archive.name}: expected a name that ends in {', '.join(SUFFIXES)}")
    prefix = folder.resolve().name if root is None else root
    members = [(f"{prefix}/{name}" if prefix else name, path) for name, path in files_of(folder)]
    with aside(archive) as beside, beside.open("xb") as stream:
        write(stream, members)


def files_of(folder: Path) -> list[tuple[str, Path]]:
    """Name below the folder (with `/`) and path of every file, sorted by the bytes of the name."""
    found = sorted(_walk(folder, ""), key=lambda member: os.fsencode(member[0]))
    merged: dict[str, str] = {}
    for name, _ in found:
        check_path(name)
        other = merged.setdefault(_merged(name), name)
        if other != name:
            raise InputError(f"{other!r} and {name!r} are one name on some systems", hint="Rename one of them.")
    return found


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path), f"{prefix}{entry.name}/")
            elif entry.is_file(follow_symlinks=False):
                yield f"{prefix}{entry.name}", Path(entry.path)
            else:
                raise InputError(f"{prefix}{entry.name!r} is a link or a device, not a file")


def _merged(name: str) -> str:
    """What a system that ignores case and the form of accents makes of the name."""
    return normalize("NFC", normalize("NFC", name).casefold())


@contextmanager
def aside(path: Path) -> Iterator[Path]:
    """A path beside `path` to write a file or folder to; it takes the name `path` at the end, or vanishes on an error.

    A file takes the place of an existing file; a folder needs the name to be free.
    """
    from secrets import token_hex

    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{token_hex(6)}.partial")
    try:
        yield beside
        if beside.is_file():
            with beside.open("rb+") as file:
                os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise HotFixtureError(f"cannot be written: {error.strerror or error}", where=Where(str(path))) from error
    finally:
        if beside.is_dir():
            shutil.rmtree(beside, ignore_errors=True)
        beside.unlink(missing_ok=True)


def _write_tar_gz(stream: IO[bytes], members: list[tuple[str, Path]]) -> None:
    import gzip

    # Without a name and a time the header says nothing of when and where it was made.
    with gzip.GzipFile(filename="", mode="wb", fileobj=stream, compresslevel=6, mtime=0) as packed:
        _write_tar(packed, members)


def _write_tar_zst(stream: IO[bytes], members: list[tuple[str, Path]]) -> None:
    with _zstandard().ZstdCompressor(level=3, write_checksum=True).stream_writer(stream, closefd=False) as packed:
        _write_tar(packed, members)


def _zstandard() -> Any:
    try:
        import zstandard
    except ModuleNotFoundError as error:
        raise MissingExtraError("an archive as .tar.zst", "zstd") from error
    return zstandard


def _write_tar(stream: Any, members: list[tuple[str, Path]]) -> None:
    with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for name, path in members:
            with path.open("rb") as file:
                info = tarfile.TarInfo(name)
                info.size = os.fstat(file.fileno()).st_size
                info.mtime, info.mode = _SECONDS, _MODE
                tar.addfile(info, file)


def _write_zip(stream: IO[bytes], members: list[tuple[str, Path]]) -> None:
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        for name, path in members:
            info = zipfile.ZipInfo(name, _TIME)
            info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 3  # made on Unix, wherever it was made
            info.external_attr = (stat.S_IFREG | _MODE) << 16
            with path.open("rb") as file:
                info.file_size = os.fstat(file.fileno()).st_size
                with packed.open(info, "w") as member:
                    shutil.copyfileobj(file, member, _PIECE)


def unpack(archive: Path, folder: Path, *, max_bytes: int = MAX_BYTES, max_files: int = MAX_FILES) -> None:
    """Write the files of `archive` into the new folder `folder`; PackageError where the archive is unsafe or damaged.

    At most `max_files` files of at most `max_bytes` in all; nothing stays of an archive that is refused.
    """
    if folder.exists():
        raise InputError("exists already; an archive is opened into a new folder", where=Where(str(folder)))
    reader = {".zip": _read_zip, ".tar.zst": _read_tar_zst}.get(suffix_of(archive), _read_tar_gz)
    with _opened(archive) as stream, aside(folder) as beside:
        beside.mkdir(mode=0o700)
        bounds = _Bounds(beside, max_bytes, max_files)
        try:
            for name, member in reader(stream):
                bounds.take(name, member)
        except (InputError, PackageError) as error:
            raise PackageError(error.problems[0].message, where=Where(str(archive))) from error
        except HotFixtureError:
            raise
        except Exception as error:  # damaged bytes lead the libraries to errors of every kind
            raise PackageError("the archive is damaged, or none", where=Where(str(archive))) from error


def _opened(archive: Path) -> IO[bytes]:
    try:
        return archive.open("rb")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=Where(str(archive))) from None


class _Bounds:
    """Writes members into a folder while they stay within bounds."""

    def __init__(self, folder: Path, max_bytes: int, max_files: int) -> None:
        self._folder = folder
        self._bytes = max_bytes
        self._files = max_files
        self._seen: set[str] = set()

    def take(self, name: str, member: IO[bytes]) -> None:
        check_path(name)
        if _merged(name) in self._seen:
            raise PackageError(f"the archive holds {name!r} twice")
        self._seen.add(_merged(name))
        if len(self._seen) > self._files:
            raise PackageError(f"the archive holds more than {self._files} files")
        path = self._folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("xb")
        except (FileExistsError, NotADirectoryError):
            raise PackageError(f"the archive holds {name!r} as a file and as a folder") from None
        with file:
            while piece := member.read(_PIECE):
                self._bytes -= len(piece)
                if self._bytes < 0:
                    raise PackageError("the archive unpacks to more bytes than allowed")
                try:
                    file.write(piece)
                except OSError as error:  # ours, not the archive's
                    raise HotFixtureError(f"cannot be written: {error.strerror}", where=Where(str(path))) from error


Members = Iterator[tuple[str, IO[bytes]]]


def _read_tar_gz(stream: IO[bytes]) -> Members:
    import gzip

    with gzip.GzipFile(fileobj=stream) as packed:
        yield from _read_tar(packed)


def _read_tar_zst(stream: IO[bytes]) -> Members:
    decompressor = _zstandard().ZstdDecompressor(max_window_size=1 << 27)
    with decompressor.stream_reader(stream, read_across_frames=True, closefd=False) as packed:
        yield from _read_tar(packed)


class _Header(tarfile.TarInfo):
    """Refuses long names and extended headers that would fill the memory before anybody looks at them."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        info = super().frombuf(buf, encoding, errors)
        if not info.isreg() and info.size > _PIECE:
            raise PackageError("the archive holds a header of more than 1 MiB")
        return info


def _read_tar(stream: Any) -> Members:
    with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Header) as tar:
        for info in tar:
            if info.isdir():
                continue
            member = tar.extractfile(info) if info.isreg() and not info.issparse() else None
            if not member:
                raise PackageError(f"the archive holds {info.name!r}, which is no plain file")
            yield info.name, member
    # The checksum stands at the very end, behind the padding that the reader of the archive need not look at.
    padding = 0
    while piece := stream.read(_PIECE):
        padding += len(piece)
        if padding > 16 * _PIECE:
            raise PackageError("more than padding follows the end of the archive")


def _read_zip(stream: IO[bytes]) -> Members:
    with ExitStack() as stack:
        packed = stack.enter_context(zipfile.ZipFile(stream))
        for info in packed.infolist():
            if info.is_dir():
                continue
            kind = stat.S_IFMT(info.external_attr >> 16)
            if info.flag_bits & 1 or kind not in (0, stat.S_IFREG):
                raise PackageError(f"the archive holds {info.filename!r}, which is encrypted or no plain file")
            with packed.open(info) as member:
                yield info.orig_filename, member
