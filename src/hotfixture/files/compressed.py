"""Single files compressed as a stream: zstd where its library is installed, else gzip."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Literal, cast

from hotfixture.errors import MissingExtraError

SUFFIXES = {"gzip": ".gz", "zstd": ".zst"}

Opener = Callable[[Path, Literal["rb", "wb"]], IO[bytes]]


def best() -> str:
    """`zstd` where its library is installed, else `gzip`."""
    try:
        import zstandard  # noqa: F401 - asked for only
    except ModuleNotFoundError:
        return "gzip"
    return "zstd"


def opener(kind: str) -> Opener:
    """Opens `path` with the ending of `kind` added, for reading what was packed or for packing what is written."""
    return {"gzip": _gzip, "zstd": _zstd}[kind]


def _gzip(path: Path, mode: Literal["rb", "wb"]) -> IO[bytes]:
    packed = path.with_name(path.name + ".gz").open(mode)
    # Without a name and a time the header says nothing of when and where it was made.
    return cast("IO[bytes]", _Owning(filename="", fileobj=packed, mode=mode, compresslevel=6, mtime=0))


class _Owning(gzip.GzipFile):
    """Closes the file below as well."""

    def __init__(self, *, fileobj: IO[bytes], **options: Any) -> None:
        super().__init__(fileobj=fileobj, **options)
        self._below = fileobj

    def close(self) -> None:
        try:
            super().close()
        finally:
            if hasattr(self, "_below"):
                self._below.close()


def _zstd(path: Path, mode: Literal["rb", "wb"]) -> IO[bytes]:
    try:
        import zstandard
    except ModuleNotFoundError as error:
        raise MissingExtraError("a file compressed with zstd", "zstd") from error
    packed = path.with_name(path.name + ".zst").open(mode)
    if mode == "wb":
        return cast("IO[bytes]", zstandard.ZstdCompressor(level=3, write_checksum=True).stream_writer(packed))
    reader: Any = zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True)
    return cast("IO[bytes]", io.BufferedReader(reader, 1 << 17))
