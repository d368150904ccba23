"""Rows read back from the keys of a pattern, and the rows there are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

import pyarrow as pa

from hotfixture.databases.redis_layout import Layout
from hotfixture.databases.redis_text import typed, unscored
from hotfixture.errors import DatabaseError
from hotfixture.schema import Column, Table

KEYS = 1_000
"""Keys that are asked for at once."""

Row = dict[str, Any]


def found_keys(client: Any, table: Table, layout: Layout) -> Iterator[list[tuple[bytes, re.Match[bytes]]]]:
    """The keys of the table's pattern and type, each once, some at a time, taken apart by the pattern.

    SCAN may name a key twice while the server grows its table, so that what was seen is remembered: eight bytes a key.
    """
    whole = layout.key.regex({column.name: column.arrow for column in table.columns})
    seen: set[int] = set()
    keys = client.scan_iter(match=layout.key.glob.encode(), count=KEYS, _type=layout.type)
    while some := list(islice(keys, KEYS)):
        found = []
        for key in some:
            parts = whole.fullmatch(key)
            if parts and hash(key) not in seen:
                seen.add(hash(key))
                found.append((key, parts))
        if found:
            yield found


_SIZES = {"list": "LLEN", "set": "SCARD", "zset": "ZCARD", "stream": "XLEN"}


def count(client: Any, table: Table, layout: Layout) -> int:
    """Keys of the pattern, or elements of them where several rows share a key."""
    total = 0
    for found in found_keys(client, table, layout):
        total += sum(_asked(client, [(_SIZES[layout.kind], key) for key, _ in found])) if layout.shared else len(found)
    return total


def batches(client: Any, table: Table, layout: Layout, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The named columns of all rows; DatabaseError where the layout does not keep a column."""
    kept = {*layout.key.columns, *layout.value, layout.score}
    lost = [name for name in columns if name not in kept]
    if lost:
        hint = "It holds what stands in the key, the value and the score."
        raise DatabaseError(f"{table.name}: Redis does not hold {', '.join(lost)}", hint=hint)
    wanted = [table.column(name) for name in columns]
    schema = pa.schema([(column.name, column.arrow) for column in wanted])
    for found in found_keys(client, table, layout):
        rows = list(_rows(client, layout, found))
        arrays = [_array(rows, column, layout) for column in wanted]
        if rows:
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _array(rows: Sequence[Row], column: Column, layout: Layout) -> pa.Array:
    values = [row.get(column.name) for row in rows]
    if column.name == layout.score:
        return unscored(values, column.arrow, column.name)
    return typed(values, column.arrow, column.name)


def _rows(client: Any, layout: Layout, found: list[tuple[bytes, re.Match[bytes]]]) -> Iterator[Row]:
    ask, read = _KINDS[layout.kind]
    for (_, parts), answer in zip(found, _asked(client, [ask(key) for key, _ in found]), strict=True):
        holes: Row = dict(zip(layout.key.columns, parts.groups(), strict=True))
        for row in read(layout, answer):
            yield {**holes, **row}


def _asked(client: Any, commands: list[tuple[Any, ...]]) -> list[Any]:
    """The answers to many commands in one exchange with each node."""
    pipeline = client.pipeline(transaction=False)
    for command in commands:
        pipeline.execute_command(*command)
    answers: list[Any] = pipeline.execute()
    return answers


def _one(layout: Layout, answer: Any) -> Iterator[Row]:
    if answer is not None:  # the key has expired since it was found
        yield _element(layout, answer)


def _each(layout: Layout, answer: Any) -> Iterator[Row]:
    for value in answer:
        yield _element(layout, value)


def _element(layout: Layout, value: bytes) -> Row:
    """One column, or the members of a JSON object; no number loses digits."""
    if len(layout.value) == 1 and layout.kind != "json":
        return {layout.value[0]: value}
    row: Row = json.loads(value, parse_float=Decimal)
    return row


def _fields(_: Layout, answer: Any) -> Iterator[Row]:
    pairs = answer if isinstance(answer, dict) else dict(zip(answer[::2], answer[1::2], strict=True))
    if pairs:
        yield {name.decode(): value for name, value in pairs.items()}


def _entries(layout: Layout, answer: Any) -> Iterator[Row]:
    for _, fields in answer:
        yield from _fields(layout, fields)


def _scored(layout: Layout, answer: Any) -> Iterator[Row]:
    pairs = answer if not answer or isinstance(answer[0], list | tuple) else zip(answer[::2], answer[1::2], strict=True)
    for value, score in pairs:
        yield {**_element(layout, value), layout.score: float(score)}


_KINDS: dict[str, tuple[Callable[[bytes], tuple[Any, ...]], Callable[[Layout, Any], Iterator[Row]]]] = {
    "hash": (lambda key: ("HGETALL", key), _fields),
    "json": (lambda key: ("GET", key), _one),
    "list": (lambda key: ("LRANGE", key, 0, -1), _each),
    "set": (lambda key: ("SMEMBERS", key), _each),
    "stream": (lambda key: ("XRANGE", key, "-", "+"), _entries),
    "string": (lambda key: ("GET", key), _one),
    "zset": (lambda key: ("ZRANGE", key, 0, -1, "WITHSCORES"), _scored),
}
