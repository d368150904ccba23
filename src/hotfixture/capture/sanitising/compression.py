"""The encodings of bodies: gzip, deflate (both kinds), Brotli, zstandard; unpacked within bounds, packed again."""

from __future__ import annotations

import zlib
from typing import Any, NamedTuple

from hotfixture.errors import CaptureError

ALIASES = {"x-gzip": "gzip", "brotli": "br", "zst": "zstd"}
_ZLIB = {"gzip": 31, "deflate": 15, "deflate-raw": -15}
_PIECE = 1 << 20


class Unpacked(NamedTuple):
    """What was in a packed body."""

    data: bytes
    names: tuple[str, ...]
    """The encodings that were undone, the last applied first."""
    whole: bool = True
    """Whether it was there to its end."""


class UnreadableError(CaptureError):
    """It cannot be unpacked: an encoding nobody here knows, damaged, or larger than may be."""


def unpack(data: bytes, encodings: list[str], largest: int) -> Unpacked:
    """Undo the encodings (as `Content-Encoding` lists them); UnreadableError where that cannot be done."""
    names: list[str] = []
    whole = True
    for encoding in reversed([ALIASES.get(name, name) for name in encodings if name != "identity"]):
        if encoding not in ("gzip", "deflate", "br", "zstd"):
            raise UnreadableError("an encoding that is not known")
        data, name, ended = _undone(data, encoding, largest)
        names.append(name)
        whole &= ended
    return Unpacked(data, tuple(names), whole)


def pack(data: bytes, names: tuple[str, ...] | list[str], *, whole: bool = True) -> bytes:
    """Apply the encodings that were undone; the same data gives the same bytes."""
    for name in reversed(names):
        data = _applied(data, name, whole)
    return data


def _undone(data: bytes, encoding: str, largest: int) -> tuple[bytes, str, bool]:
    if encoding == "br":
        return _named("br", _brotli(data, largest))
    if encoding == "zstd":
        return _named("zstd", _zstd(data, largest))
    kind = encoding
    if encoding == "deflate" and not _has_zlib_header(data):
        kind = "deflate-raw"
    return _named(kind, _inflated(data, _ZLIB[kind], largest))


def _named(name: str, found: tuple[bytes, bool]) -> tuple[bytes, str, bool]:
    return found[0], name, found[1]


def _has_zlib_header(data: bytes) -> bool:
    """RFC 1950: method 8, and the first two bytes as a number divisible by 31."""
    return len(data) >= 2 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0


def _inflated(data: bytes, bits: int, largest: int) -> tuple[bytes, bool]:
    pieces: list[bytes] = []
    left, ended = largest, True
    while data:
        machine = zlib.decompressobj(bits)
        try:
            piece = machine.decompress(data, left + 1)
        except zlib.error:
            if pieces:  # something that is no member follows the last one
                break
            raise UnreadableError("damaged") from None
        if len(piece) > left:
            raise UnreadableError("larger than may be")
        pieces.append(piece)
        left -= len(piece)
        ended = machine.eof
        data = machine.unused_data if bits == _ZLIB["gzip"] else b""
    return b"".join(pieces), ended


def _brotli(data: bytes, largest: int) -> tuple[bytes, bool]:
    try:
        import brotli
    except ModuleNotFoundError:
        raise UnreadableError("Brotli, which needs the package brotli") from None
    machine = brotli.Decompressor()
    pieces: list[bytes] = []
    size = 0
    try:
        piece = machine.process(data, output_buffer_limit=_PIECE)
        while True:
            pieces.append(piece)
            size += len(piece)
            if size > largest:
                raise UnreadableError("larger than may be")
            if machine.is_finished() or (not piece and machine.can_accept_more_data()):
                break
            piece = machine.process(b"", output_buffer_limit=_PIECE)
    except brotli.error:
        raise UnreadableError("damaged") from None
    return b"".join(pieces), bool(machine.is_finished())


def _zstd(data: bytes, largest: int) -> tuple[bytes, bool]:
    try:
        import zstandard
    except ModuleNotFoundError:
        raise UnreadableError("zstandard, which needs the package zstandard") from None
    try:
        reader: Any = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(data, read_across_frames=True)
        made = reader.read(largest + 1)
    except (zstandard.ZstdError, MemoryError):
        raise UnreadableError("damaged") from None
    if len(made) > largest:
        raise UnreadableError("larger than may be")
    if not made and len(data) > 16:
        raise UnreadableError("damaged")
    return bytes(made), True


def _applied(data: bytes, name: str, whole: bool) -> bytes:
    if name == "br":
        import brotli

        return bytes(brotli.compress(data, quality=5))
    if name == "zstd":
        import zstandard

        return bytes(zstandard.ZstdCompressor(level=3).compress(data))
    machine = zlib.compressobj(6, zlib.DEFLATED, _ZLIB[name])  # a gzip head of zlib has no time in it
    return machine.compress(data) + machine.flush(zlib.Z_FINISH if whole else zlib.Z_SYNC_FLUSH)
