"""Keys of Redis as one file, and back, without loss: each value in the server's own form (DUMP, RESTORE).

The file `redis.dump` begins with a line that says its version. A key is its length (four bytes, little-endian), its
bytes, the milliseconds it has left to live (eight bytes, -1 for ever), the length of its value (eight bytes) and the
value. The end is four bytes 0xFF and the number of keys (eight bytes), so that a file that was cut is known as one.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import IO, Any, Literal

from hotfixture.databases.redis_layout import glob_of
from hotfixture.errors import DatabaseError, PackageError

Opener = Callable[[Path, Literal["rb", "wb"]], IO[bytes]]
"""Opens a file of the dump for reading or writing; one that compresses may write to another name."""

FILE = "redis.dump"
_HEAD = b"hotfixture redis dump 1\n"
_END = 0xFFFFFFFF
_KEYS = 500


def opened(path: Path, mode: Literal["rb", "wb"]) -> IO[bytes]:
    """The file itself."""
    return path.open(mode)


def dump(client: Any, folder: Path, opener: Opener | None, prefix: str) -> dict[str, int]:
    """Write the keys that begin with `prefix`; says how many. A key that expires meanwhile is left out."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with (opener or opened)(folder / FILE, "wb") as out:
        out.write(_HEAD)
        for keys in scanned(client, prefix):
            pipeline = client.pipeline(transaction=False)
            for key in keys:
                pipeline.dump(key)
                pipeline.pttl(key)
            answers = pipeline.execute()
            for key, value, left in zip(keys, answers[::2], answers[1::2], strict=True):
                if value is not None and left != -2:
                    out.write(struct.pack("<I", len(key)) + key + struct.pack("<qQ", left, len(value)) + value)
                    count += 1
        out.write(struct.pack("<IQ", _END, count))
    return {FILE: count}


def scanned(client: Any, prefix: str) -> Iterator[list[bytes]]:
    """The keys, each once, some at a time."""
    seen: set[int] = set()
    keys = client.scan_iter(match=f"{glob_of(prefix)}*".encode(), count=_KEYS)
    while some := list(islice(keys, _KEYS)):
        fresh = [key for key in dict.fromkeys(some) if hash(key) not in seen]
        seen.update(map(hash, fresh))
        yield fresh


def restore(client: Any, folder: Path, opener: Opener | None, *, replace: bool) -> dict[str, int]:
    """Write the keys of a dump, each with the life it had left; says how many.

    DatabaseError where a key stands there already, unless they are to be replaced; PackageError where the file is none
    of ours or not whole.
    """
    if not any(folder.glob(f"{FILE}*")):
        raise PackageError(f"no dump of Redis in {folder}", hint=f"It has a file `{FILE}`.")
    count = 0
    with (opener or opened)(folder / FILE, "rb") as source:
        if source.read(len(_HEAD)) != _HEAD:
            raise PackageError(f"{FILE} is no dump of Redis, or of another version")
        found = entries(source)
        while some := list(islice(found, _KEYS)):
            pipeline = client.pipeline(transaction=False)
            for key, left, value in some:
                # 0 means for ever; what had less than a millisecond left gets one.
                pipeline.restore(key, 0 if left == -1 else max(left, 1), value, replace=replace)
            _check(pipeline.execute(raise_on_error=False))
            count += len(some)
    return {FILE: count}


def _check(answers: list[Any]) -> None:
    standing = [answer for answer in answers if isinstance(answer, Exception) and "BUSYKEY" in str(answer)]
    if standing:
        hint = "Restore into an empty database, or say that keys may be replaced."
        raise DatabaseError(f"{len(standing)} keys of the dump stand in the database already", hint=hint)
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer


def entries(source: IO[bytes]) -> Iterator[tuple[bytes, int, bytes]]:
    """Keys, milliseconds left and values of a dump, behind its first line; PackageError where it is not whole."""
    count = 0
    while (length := struct.unpack("<I", _exactly(source, 4))[0]) != _END:
        key = _exactly(source, length)
        left, size = struct.unpack("<qQ", _exactly(source, 16))
        yield key, left, _exactly(source, size)
        count += 1
    if struct.unpack("<Q", _exactly(source, 8))[0] != count:
        raise PackageError(f"{FILE} does not hold as many keys as it says")


def _exactly(source: IO[bytes], size: int) -> bytes:
    found = source.read(size)
    if len(found) != size:
        raise PackageError(f"{FILE} ends in the middle of a key: it is not whole")
    return found


_CONTENT: dict[str, tuple[str, tuple[Any, ...]]] = {
    "string": ("GET", ()),
    "list": ("LRANGE", (0, -1)),
    "set": ("SMEMBERS", ()),
    "hash": ("HGETALL", ()),
    "zset": ("ZRANGE", (0, -1, "WITHSCORES")),
    "stream": ("XRANGE", ("-", "+")),
}


def fingerprints(client: Any, prefix: str) -> dict[str, str]:
    """For each type a digest over its keys, their values, and whether they expire; the order of keys does not matter.

    Of values rather than of DUMP: the server may hold equal sets in different orders.
    """
    sums: dict[str, int] = {}
    for keys in scanned(client, prefix):
        for key, kind, expires, content in contents(client, keys):
            sums[kind] = (sums.get(kind, 0) + number_of(key, kind, expires, content)) % 2**128
    return {kind: f"{value:032x}" for kind, value in sorted(sums.items())}


def number_of(key: bytes, kind: str, expires: bool, content: Any) -> int:
    """128 bits for a key and its content."""
    text = repr((key, expires, _sorted(kind, content))).encode()
    return int.from_bytes(blake2b(text, digest_size=16).digest())


def contents(client: Any, keys: list[bytes]) -> Iterator[tuple[bytes, str, bool, Any]]:
    """Key, type, whether it expires, and content of those keys that are there."""
    pipeline = client.pipeline(transaction=False)
    for key in keys:
        pipeline.type(key)
        pipeline.pttl(key)
    answers = pipeline.execute()
    kinds = [kind.decode() for kind in answers[::2]]
    pipeline = client.pipeline(transaction=False)
    for key, kind in zip(keys, kinds, strict=True):
        command, arguments = _CONTENT.get(kind, ("DUMP", ()))
        pipeline.execute_command(command, key, *arguments)
    for key, kind, left, content in zip(keys, kinds, answers[1::2], pipeline.execute(), strict=True):
        if kind != "none":
            yield key, kind, left != -1, content


def _sorted(kind: str, content: Any) -> Any:
    if kind in {"set", "hash"}:
        return sorted(content.items() if isinstance(content, dict) else content)
    return content
