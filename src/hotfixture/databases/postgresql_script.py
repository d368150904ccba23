"""Runs a SQL script of this project's making: statements and COPY blocks, streamed from the file."""

from __future__ import annotations

import mmap
import re
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from hotfixture.databases.postgresql_session import copy_in
from hotfixture.errors import DatabaseError

if TYPE_CHECKING:
    from pathlib import Path

    from hotfixture.databases.postgresql_session import Session

QUOTE = "$hotfixture$"
"""Stands around the body of every DO block that our scripts hold."""

_CHUNK = 1 << 19
_TOGETHER = 1 << 20
"""Bytes of statements sent at once: a script of INSERTs is many small ones."""

_STATEMENT = re.compile(
    rb"""(?:[^'"$;-]++|'[^']*+'|"[^"]*+"|--[^\n]*+|\$hotfixture\$.*?\$hotfixture\$|[$-])*+;\n?""", re.DOTALL
)
_PSQL = re.compile(rb"((?:--[^\n]*\n)*)\\set ON_ERROR_STOP on\n")
_IDENTIFIER = rb'"((?:[^"]|"")+)"'
_COPY = re.compile(
    rb"\s*(?:--[^\n]*\n\s*)*COPY (?:%s\.)?%s(?: \((.*)\))? FROM stdin;\n$" % ((_IDENTIFIER,) * 2), re.DOTALL
)


class Copy(NamedTuple):
    """One COPY block: where its rows go, and where they stand in the file."""

    schema: str
    table: str
    columns: tuple[str, ...]
    start: int
    end: int


def load(session: Session, path: Path) -> None:
    """Run the script in one go; what it has begun is rolled back when a statement fails."""
    if not path.stat().st_size:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        session.run(_run(session.connection, data))


async def _run(connection: Any, data: mmap.mmap) -> None:
    try:
        for part in parts(data):
            if isinstance(part, str):
                await connection.execute(part)
            else:
                await copy_in(connection, (part.schema, part.table, part.columns), _slices(data, part))
    except BaseException:
        await connection.execute("ROLLBACK")
        raise


async def _slices(data: mmap.mmap, block: Copy) -> AsyncIterator[bytes]:
    for start in range(block.start, block.end, _CHUNK):
        yield data[start : min(start + _CHUNK, block.end)]


def parts(data: mmap.mmap | bytes) -> Iterator[str | Copy]:
    """The script's statements, several together, and its COPY blocks, in order."""
    held: list[bytes] = []
    position = 0
    if psql := _PSQL.match(data):
        held, position = [psql[1]], psql.end()
    while found := _STATEMENT.match(data, position):
        position = found.end()
        copy = _COPY.match(found[0]) if b"COPY" in found[0][:2000] else None
        if copy or sum(map(len, held)) > _TOGETHER:
            yield from _text(held)
            held = []
        if copy:
            end, position = _rows_end(data, position)
            columns = tuple(_name(name) for name in re.findall(_IDENTIFIER, copy[3] or b""))
            yield Copy(_name(copy[1] or b""), _name(copy[2]), columns, found.end(), end)
        else:
            held.append(found[0])
    if data[position:].strip() and not data[position:].lstrip().startswith(b"--"):
        raise DatabaseError("the script ends in the middle of a statement", hint="Was it cut off? Write it again.")
    yield from _text(held)


def _text(held: list[bytes]) -> Iterator[str]:
    if held:
        yield b"".join(held).decode()


def _name(quoted: bytes) -> str:
    return quoted.replace(b'""', b'"').decode()


def _rows_end(data: mmap.mmap | bytes, start: int) -> tuple[int, int]:
    """Where the rows of a block end, and where the script goes on."""
    if data[start : start + 3] == b"\\.\n":
        return start, start + 3
    end = data.find(b"\n\\.\n", start)
    if end < 0:
        raise DatabaseError("the script ends in the middle of a COPY block", hint="Was it cut off? Write it again.")
    return end + 1, end + 4
