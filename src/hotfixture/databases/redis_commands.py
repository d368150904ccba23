"""Rows as Redis commands in the bytes of the wire protocol (RESP), whole columns at once.

https://redis.io/docs/latest/develop/reference/protocol-spec/: a command is `*<number of arguments>`, each argument
`$<number of bytes>` and the bytes, every line ended by CR LF.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hotfixture.databases.octets import Part, join, lengths
from hotfixture.databases.redis_text import objects, scores, texts
from hotfixture.draws import Draws
from hotfixture.errors import DatabaseError

if TYPE_CHECKING:
    from hotfixture.databases.redis_layout import KeyPattern, Layout
    from hotfixture.schema import Table


_LONGEST_LOOKED_UP = 1000


@dataclass(frozen=True, slots=True)
class Commands:
    """What is sent for some rows; rows that have nothing to store have no entry."""

    bytes: pa.Array
    """One entry a row: `each` commands, one after the other."""
    keys: pa.Array
    """The key that an entry writes to."""
    rows: Any
    """The row number of each entry, as a numpy array."""
    each: int = 1

    def __len__(self) -> int:
        return len(self.keys)

    def take(self, places: Any) -> Commands:
        """Some of the entries."""
        chosen = pa.array(places)
        return Commands(self.bytes.take(chosen), self.keys.take(chosen), self.rows[places], self.each)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows that have something to store, with their numbers and keys."""

    table: Table
    layout: Layout
    batch: pa.RecordBatch
    numbers: Any
    keys: pa.Array

    def text(self, name: str) -> pa.Array:
        """A column as Redis holds it."""
        return _texts(self.table, self.batch, name)

    def element(self) -> pa.Array:
        """The one value of a row: a column's, or several columns' as a JSON object."""
        if len(self.layout.value) == 1 and self.layout.kind != "json":
            return self.text(self.layout.value[0])
        return objects(self.batch.select(list(self.layout.value)))

    def lives(self) -> pa.Array:
        """Seconds that each key lives; the jitter belongs to the row, so a row has the same each time."""
        draws = Draws.at_rows(0, f"{self.table.name}.expire", self.numbers.astype(np.uint64))
        return _numbers(self.layout.expire + draws.below(self.layout.jitter + 1))


def writing(table: Table, layout: Layout, batch: pa.RecordBatch, first: int) -> Commands:
    """The commands that store the rows `first` … of a table.

    DatabaseError names a row whose key has no value, or a value with the character that ends it in the pattern.
    """
    rows = _stored(table, layout, batch, first)
    entry = _WRITERS[layout.kind](rows)
    each = 1
    if layout.expire and layout.type != "string":
        each = 2
        entry += command(b"EXPIRE", rows.keys, rows.lives())
    return Commands(_joined(entry, len(rows.keys)), rows.keys, rows.numbers, each)


def removing(table: Table, layout: Layout, batch: pa.RecordBatch) -> Commands:
    """The commands that remove what the rows have stored; their answers count it. Not for streams."""
    rows = _stored(table, layout, batch, 0)
    removers: dict[str, Callable[[], list[Part]]] = {
        "list": lambda: command(b"LREM", rows.keys, b"1", rows.element()),
        "set": lambda: command(b"SREM", rows.keys, rows.element()),
        "zset": lambda: command(b"ZREM", rows.keys, rows.element()),
    }
    entry = removers.get(layout.kind, lambda: command(b"UNLINK", rows.keys))()
    return Commands(_joined(entry, len(rows.keys)), rows.keys, rows.numbers)


def stream_entries(table: Table, layout: Layout, batch: pa.RecordBatch) -> tuple[list[bytes], list[dict[bytes, bytes]]]:
    """Keys and fields of the rows of a stream, as the server shows them."""
    rows = _stored(table, layout, batch, 0)
    columns = [(name.encode(), rows.text(name).to_pylist()) for name in layout.value]
    numbers = range(len(rows.keys))
    fields = [{name: column[n] for name, column in columns if column[n] is not None} for n in numbers]
    return rows.keys.to_pylist(), fields


def keys_of(table: Table, pattern: KeyPattern, batch: pa.RecordBatch, first: int) -> pa.Array:
    """The key of each row."""
    borders = pattern.borders()
    parts: list[Part] = []
    for text, name in pattern.parts:
        parts.append(text.encode())
        if name:
            parts.append(_hole(table, batch, name, borders.get(name, ""), first))
    return join(parts, batch.num_rows)


def _hole(table: Table, batch: pa.RecordBatch, name: str, border: str, first: int) -> pa.Array:
    found = _texts(table, batch, name)
    if found.null_count:
        row = first + found.is_null().index(True).as_py()
        raise DatabaseError(f"{table.name}, row {row}: the key needs a value of {name}, which is null")
    if border:
        inside = pc.match_substring(found, border.encode())
        if pc.any(inside).as_py():
            row = first + inside.index(True).as_py()
            hint = "Let another character follow this column in the pattern of the key."
            raise DatabaseError(
                f"{table.name}, row {row}: {name} holds {border!r}, which ends it in the key", hint=hint
            )
    return found


def _texts(table: Table, batch: pa.RecordBatch, name: str) -> pa.Array:
    return texts(batch.column(name), table.column(name).native.lower())


def _stored(table: Table, layout: Layout, batch: pa.RecordBatch, first: int) -> _Rows:
    """Without the rows that have nothing to store: Redis has no null, and no empty hash."""
    numbers = np.arange(first, first + batch.num_rows)
    keys = keys_of(table, layout.key, batch, first)
    single = len(layout.value) == 1 and layout.kind != "json"
    needed = [layout.value] if single or layout.kind in {"hash", "stream"} else []
    needed += [(layout.score,)] if layout.score else []
    # What is removed comes without its value where the key is enough.
    masks = [_any(batch, names) for names in needed if set(names) <= set(batch.schema.names)]
    if all(mask.all() for mask in masks):
        return _Rows(table, layout, batch, numbers, keys)
    chosen = np.flatnonzero(np.logical_and.reduce(masks))
    return _Rows(table, layout, batch.take(pa.array(chosen)), numbers[chosen], keys.take(pa.array(chosen)))


def _any(batch: pa.RecordBatch, names: Sequence[str]) -> Any:
    """Whether each row has a value in one of the columns."""
    return np.logical_or.reduce([np.asarray(batch.column(name).is_valid()) for name in names])


# One writer for each kind


def _write_string(rows: _Rows) -> list[Part]:
    lives = [b"EX", rows.lives()] if rows.layout.expire else []
    return command(b"SET", rows.keys, rows.element(), *lives)


def _write_list(rows: _Rows) -> list[Part]:
    return command(b"RPUSH", rows.keys, rows.element())


def _write_set(rows: _Rows) -> list[Part]:
    return command(b"SADD", rows.keys, rows.element())


def _write_zset(rows: _Rows) -> list[Part]:
    return command(b"ZADD", rows.keys, scores(rows.batch.column(rows.layout.score)), rows.element())


def _write_hash(rows: _Rows) -> list[Part]:
    return _with_fields(rows, b"HSET", rows.keys)


def _write_stream(rows: _Rows) -> list[Part]:
    """With ids of the rows' own, `<row + 1>-0`: an entry that stands there is not added again."""
    return _with_fields(rows, b"XADD", rows.keys, join([_numbers(rows.numbers + 1), b"-0"], len(rows.keys)))


def _with_fields(rows: _Rows, *arguments: Part) -> list[Part]:
    """A command with a name and a value for each field that is not null."""
    count = len(rows.keys)
    filled = np.full(count, len(arguments))
    fields: list[Part] = []
    for name in rows.layout.value:
        column = rows.text(name)
        pair = [*_bulk(name.encode()), *_bulk(column)]
        filled += 2 * np.asarray(column.is_valid())
        # A null makes the whole pair null, and a null pair is nothing.
        fields += [_joined(pair, count).fill_null(b"")] if column.null_count else pair
    head = [part for argument in arguments for part in _bulk(argument)]
    return [b"*", _numbers(filled), b"\r\n", *head, *fields]


_WRITERS: Mapping[str, Callable[[_Rows], list[Part]]] = {
    "hash": _write_hash,
    "json": _write_string,
    "list": _write_list,
    "set": _write_set,
    "stream": _write_stream,
    "string": _write_string,
    "zset": _write_zset,
}


# RESP


def command(*arguments: Part) -> list[Part]:
    """A command of those arguments, one a row."""
    parts: list[Part] = [b"*%d\r\n" % len(arguments)]
    for argument in arguments:
        parts += _bulk(argument)
    return parts


def packed(*arguments: bytes) -> bytes:
    """One command."""
    return b"".join([b"*%d\r\n" % len(arguments), *(b"$%d\r\n%b\r\n" % (len(one), one) for one in arguments)])


def unpacked(resp: bytes) -> list[list[bytes]]:
    """The inverse: the arguments of each command."""
    found: list[list[bytes]] = []
    place = 0
    while place < len(resp):
        end = resp.index(b"\r\n", place)
        arguments, count, place = [], int(resp[place + 1 : end]), end + 2
        for _ in range(count):
            end = resp.index(b"\r\n", place)
            size = int(resp[place + 1 : end])
            arguments.append(resp[end + 2 : end + 2 + size])
            place = end + 4 + size
        found.append(arguments)
    return found


@dataclass(frozen=True, slots=True)
class _Sizes:
    """The lengths of the values that follow, still to be written as `$<length>`."""

    lengths: Any


def _bulk(value: Part) -> list[Part]:
    if isinstance(value, bytes):
        return [b"$%d\r\n%b\r\n" % (len(value), value)]
    return [_Sizes(lengths(value)), value, b"\r\n"]


def _joined(parts: Sequence[Part], rows: int) -> pa.Array:
    """One value a row; lengths are written together with the common bytes before them."""
    found: list[Part] = []
    before = b""
    for part in parts:
        if isinstance(part, bytes):
            before += part
            continue
        head = _heads(before, part.lengths) if isinstance(part, _Sizes) else [before, part]
        before = head.pop() if isinstance(head[-1], bytes) else b""
        found += head
    return join([*found, before], rows)


def _heads(before: bytes, sizes: Any) -> list[Part]:
    """`before`, then each length as RESP has it: looked up in a table of those there are, a third of writing each."""
    shortest, longest = (int(sizes.min()), int(sizes.max())) if len(sizes) else (0, 0)
    if shortest == longest:
        return [before + b"$%d\r\n" % longest]
    if longest > _LONGEST_LOOKED_UP:
        return [before + b"$", _numbers(sizes), b"\r\n"]
    table = pa.array([before + b"$%d\r\n" % size for size in range(shortest, longest + 1)], pa.large_binary())
    return [table.take(pa.array(sizes - shortest))]


def _numbers(values: Any) -> pa.Array:
    return pa.array(values).cast(pa.large_string()).cast(pa.large_binary())
