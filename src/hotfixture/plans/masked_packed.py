"""Compressed and packed files on their way through masks: opened, masked inside, closed again by fixed rules.

The same originals give the same bytes: no times, no names of machines. What an archive says of sizes is not believed.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from hotfixture.errors import MissingExtraError, RefusedError
from hotfixture.files.names import check_path

if TYPE_CHECKING:
    from hotfixture.plans.masked_files import FileMasks
    from hotfixture.transforms.file_rules import FileRule

Pieces = Iterator[bytes]
PIECE = 1 << 20
MOST_BYTES = 64 << 30
"""Bytes that one compressed file may unpack to."""
MOST_RATIO = 1500
"""Bytes out for each byte in beyond which it is a bomb: deflate itself gives no more than 1,032."""
MOST_MEMBERS = 100_000
_TIME = (1980, 1, 1, 0, 0, 0)
_ENDINGS = {"gzip": (".gz", ".gzip"), "zstd": (".zst", ".zstd")}
_OFFICE = ("[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF")
"""Members of documents and programs that are ZIP files: masking their parts would break them, or miss what is split."""


class Packed(NamedTuple):
    """A file that can be opened."""

    kind: str
    volume: str
    name: str
    pieces: Pieces
    rule: FileRule | None
    """Its own, for what inside it has none."""


def opened(masks: FileMasks, file: Packed) -> Pieces:
    """The file, opened, masked inside and closed again; RefusedError for what is damaged, too large, or locked."""
    masks.packed()
    if file.kind == "zip":
        return _zip(masks, file)
    name = file.name
    inner = next((name[: -len(end)] for end in _ENDINGS[file.kind] if name.lower().endswith(end)), name)
    if file.kind == "gzip":
        return _gzipped(masks.inside(file.volume, inner, _gunzipped(file.pieces), file.rule))
    return _zstd(masks.inside(file.volume, inner, _unzstd(file.pieces), file.rule))


class _Bound:
    """Counts what is unpacked."""

    def __init__(self) -> None:
        self.taken = self.given = 0

    def check(self, given: int) -> None:
        """RefusedError where it is too much."""
        self.given += given
        if self.given > MOST_BYTES or self.given > MOST_RATIO * (self.taken + PIECE):
            raise RefusedError("it unpacks to more than is read")


def _gunzipped(pieces: Pieces) -> Pieces:
    """All members of a gzip file, one after the other."""
    bound, rest = _Bound(), b""
    reader = zlib.decompressobj(31)
    try:
        for piece in pieces:
            bound.taken += len(piece)
            rest = piece
            while rest:
                if reader.eof:
                    reader = zlib.decompressobj(31)
                made = reader.decompress(rest, PIECE)
                bound.check(len(made))
                yield made
                rest = reader.unconsumed_tail or reader.unused_data
    except zlib.error:
        raise RefusedError("it is damaged: no gzip") from None
    while made := b"" if reader.eof else reader.decompress(reader.unconsumed_tail, PIECE):
        bound.check(len(made))
        yield made
    if not reader.eof:
        raise RefusedError("it is damaged: its end is missing")


def _gzipped(pieces: Pieces) -> Pieces:
    writer = zlib.compressobj(6, zlib.DEFLATED, 31)  # a header of zlib's own: no name, no time
    for piece in pieces:
        if made := writer.compress(piece):
            yield made
    yield writer.flush()


def _zstandard() -> Any:
    try:
        import zstandard
    except ModuleNotFoundError as error:
        raise MissingExtraError("a file compressed with zstd", "zstd") from error
    return zstandard


def _unzstd(pieces: Pieces) -> Pieces:
    library, bound = _zstandard(), _Bound()
    reader = library.ZstdDecompressor(max_window_size=1 << 27).stream_reader(
        _Source(pieces, bound), read_across_frames=True
    )
    try:
        while made := reader.read(PIECE):
            bound.check(len(made))
            yield made
    except library.ZstdError:
        raise RefusedError("it is damaged: no zstd") from None


class _Source:
    """Pieces as something to read from."""

    def __init__(self, pieces: Pieces, bound: _Bound) -> None:
        self._pieces, self._bound, self._left = pieces, bound, b""

    def read(self, size: int = -1) -> bytes:
        """At most so many bytes; none at the end."""
        if not self._left:
            self._left = next((piece for piece in self._pieces if piece), b"")
            self._bound.taken += len(self._left)
        found = self._left if size < 0 else self._left[:size]
        self._left = self._left[len(found) :]
        return found


def _zstd(pieces: Pieces) -> Pieces:
    writer = _zstandard().ZstdCompressor(level=3, write_checksum=True).compressobj()
    for piece in pieces:
        if made := writer.compress(piece):
            yield made
    yield writer.flush()


def _zip(masks: FileMasks, file: Packed) -> Pieces:
    """A ZIP file, each member by the rule for `archive.zip/member`, else by the archive's own."""
    with TemporaryFile(dir=masks.aside) as packed:
        bound = _Bound()
        for piece in file.pieces:
            bound.taken += packed.write(piece)
        members = _members(packed)
        if any(member.orig_filename in _OFFICE for member in members):
            if not file.rule or not {"office", "*"} & set(file.rule.binary):
                raise RefusedError("it is a binary file (office)", hint="Say binary: [office] in the policy's rule.")
            yield from _all(packed)
            return
        if file.name.lower().count(".zip/") > 1:
            raise RefusedError("an archive in an archive in an archive")
        out = _Collected()
        with zipfile.ZipFile(packed) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:  # type: ignore[call-overload]  # it only writes
            for member in members:
                pieces = _read(source, member, bound)
                name = f"{file.name}/{member.orig_filename}"
                with target.open(_info(member), "w", force_zip64=True) as written:
                    for piece in masks.inside(file.volume, name, pieces, file.rule):
                        written.write(piece)
                        yield from out.taken()
        yield from out.taken()


def _info(member: zipfile.ZipInfo) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(member.orig_filename, _TIME)
    info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 3
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    return info


def _all(file: IO[bytes]) -> Pieces:
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece


def _members(file: IO[bytes]) -> list[zipfile.ZipInfo]:
    """The files of an archive; RefusedError for one that is damaged, locked, or holds anything but files."""
    file.seek(0)
    try:
        found = [info for info in zipfile.ZipFile(file).infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise RefusedError("it is damaged: no ZIP") from None
    if len(found) > MOST_MEMBERS or len({info.orig_filename for info in found}) < len(found):
        raise RefusedError(f"it holds more than {MOST_MEMBERS} files, or two of one name")
    for info in found:
        check_path(info.orig_filename)
        if info.flag_bits & 1 or stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
            raise RefusedError("it holds what is locked, or no file")
    return found


def _read(source: zipfile.ZipFile, member: zipfile.ZipInfo, bound: _Bound) -> Pieces:
    try:
        with source.open(member) as file:
            while piece := file.read(PIECE):
                bound.check(len(piece))
                yield piece
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError):
        raise RefusedError("it is damaged: a member does not unpack") from None


class _Collected:
    """Collects what is written until somebody takes it; it cannot be sought in, so nothing is written back."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: Any) -> int:
        """Take all of it."""
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def taken(self) -> list[bytes]:
        """What has come since the last time."""
        found, self._pieces = self._pieces, []
        return found
