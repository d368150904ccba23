"""Values as the bytes that Redis holds, and back: texts of numbers and times, raw bytes, JSON for what is nested."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hotfixture.databases.octets import Part, bounds, digits, filled, fixed, join
from hotfixture.errors import DatabaseError

_ESCAPED = np.isin(np.arange(256), [*range(32), ord('"'), ord("\\")])
"""The bytes that JSON does not take as they are."""
_TICKS = {"s": 1, "ms": 1000, "us": 1_000_000, "ns": 1_000_000_000}


def texts(column: pa.Array, native: str = "") -> pa.Array:
    """Each value as `large_binary`: `12.50`, `true`, `2024-10-15 14:30:00.123Z`, bytes as they are; nulls stay."""
    column = _plain(column)
    kind = column.type
    if kind == pa.binary(16) or (native == "uuid" and _is_bytes(kind)):
        return _uuids(column)
    if _is_bytes(kind):
        return column.cast(pa.large_binary())
    if pa.types.is_nested(kind):
        return pa.array((None if value is None else _json(value) for value in column.to_pylist()), pa.large_binary())
    if pa.types.is_timestamp(kind) and kind.tz:
        column = column.cast(pa.timestamp(kind.unit, "UTC"))
    if pa.types.is_duration(kind):
        column = column.cast(pa.int64())
    return column.cast(pa.large_string()).cast(pa.large_binary())


def scores(column: pa.Array) -> pa.Array:
    """Numbers as the texts of their nearest doubles; times as seconds since 1970."""
    kind = column.type
    if pa.types.is_date(kind):
        column = column.cast(pa.timestamp("s"))
    if pa.types.is_timestamp(column.type):
        ticks = float(_TICKS[column.type.unit])
        column = pc.divide(column.cast(pa.int64()).cast(pa.float64(), safe=False), ticks)
    return column.cast(pa.float64(), safe=False).cast(pa.large_string()).cast(pa.large_binary())


def unscored(values: Sequence[float | None], kind: pa.DataType, name: str) -> pa.Array:
    """The inverse of `scores`, as far as a double holds the value; DatabaseError names the column."""
    try:
        if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
            unit = "s" if pa.types.is_date(kind) else kind.unit
            ticks = [None if value is None else round(value * _TICKS[unit]) for value in values]
            return pa.array(ticks, pa.int64()).cast(pa.timestamp(unit, getattr(kind, "tz", None))).cast(kind)
        if pa.types.is_integer(kind):
            return pa.array([None if value is None else round(value) for value in values], kind)
        return pa.array([None if value is None else repr(value) for value in values], pa.string()).cast(kind)
    except (pa.ArrowException, ValueError, OverflowError):
        raise DatabaseError(f"column {name} holds a value that is no {kind}") from None


def objects(batch: pa.RecordBatch) -> pa.Array:
    """Each row as a JSON object; a null is `null`."""
    parts: list[Part] = []
    for number, (name, column) in enumerate(zip(batch.schema.names, batch.columns, strict=True)):
        head = "," if number else "{"
        parts += [f"{head}{json.dumps(name, ensure_ascii=False)}:".encode(), *_member(_plain(column))]
    return join([*parts, b"}"], batch.num_rows)


def _member(column: pa.Array) -> list[Part]:
    """The values as JSON."""
    kind = column.type
    if pa.types.is_nested(kind) or (_is_bytes(kind) and kind != pa.binary(16)):
        return [pa.array((_json(value) for value in column.to_pylist()), pa.large_binary())]
    found = texts(column)
    if pa.types.is_floating(kind):
        finite = pc.fill_null(pc.is_finite(column), True)
        if not pc.all(finite).as_py():
            found = pc.if_else(finite, found, join([b'"', filled(found), b'"'], len(found)))
    elif not (pa.types.is_integer(kind) or pa.types.is_decimal(kind) or pa.types.is_boolean(kind)):
        if _needs_escapes(found):
            return [pa.array(map(_json, found.cast(pa.large_string()).to_pylist()), pa.large_binary())]
        if not found.null_count:
            return [b'"', found, b'"']
        found = join([b'"', found, b'"'], len(found))
    return [found.fill_null(b"null") if found.null_count else found]


def _needs_escapes(found: pa.Array) -> bool:
    """Whether a quote, a backslash or a control character stands in one of the texts."""
    ends = bounds(found)
    data = np.frombuffer(found.buffers()[2] or b"", np.uint8)[ends[0] : ends[-1]]
    return bool(_ESCAPED[data].any())


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_inner).encode()


def _inner(value: Any) -> object:
    return value.hex() if isinstance(value, bytes) else str(value)


def _plain(column: pa.Array) -> pa.Array:
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))


def _uuids(column: pa.Array) -> pa.Array:
    """16 bytes as 8-4-4-4-12 digits."""
    raw = digits(column, 16)
    pairs = np.frombuffer(b"".join(b"%02x" % value for value in range(256)), np.uint8).reshape(256, 2)
    spread = pairs[raw].reshape(-1, 32)
    text = np.full((len(raw), 36), ord("-"), np.uint8)
    place = 0
    for start, length in ((0, 8), (9, 4), (14, 4), (19, 4), (24, 12)):
        text[:, start : start + length] = spread[:, place : place + length]
        place += length
    return pc.if_else(column.is_valid(), fixed(text), pa.scalar(None, pa.large_binary()))


def typed(values: Sequence[Any], kind: pa.DataType, name: str) -> pa.Array:
    """The inverse of `texts` and of a member of `objects`: an array of the type; DatabaseError names the column.

    A value is bytes as Redis holds them, or what JSON makes of a member.
    """
    plain = kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind
    plain = plain.value_type if pa.types.is_dictionary(plain) else plain
    try:
        found = _typed(values, plain)
        return (
            pa.ExtensionArray.from_storage(kind, found) if isinstance(kind, pa.BaseExtensionType) else found.cast(kind)
        )
    except (pa.ArrowException, ValueError, TypeError, AttributeError):
        raise DatabaseError(f"column {name} holds a value that is no {kind}") from None


def _typed(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_nested(kind):
        read = (json.loads(value) if isinstance(value, bytes) else value for value in values)
        return pa.array(list(read), kind)
    if kind == pa.binary(16):
        return pa.array((None if value is None else uuid.UUID(_text(value)).bytes for value in values), kind)
    if _is_bytes(kind):
        raw = (bytes.fromhex(value) if isinstance(value, str) else value for value in values)
        return pa.array(list(raw), pa.large_binary()).cast(kind)
    written = pa.array((None if value is None else _text(value) for value in values), pa.large_string())
    if pa.types.is_time(kind):
        day = pc.binary_join_element_wise(
            pa.scalar("1970-01-01", pa.large_string()), written, pa.scalar(" ", pa.large_string())
        )
        return day.cast(pa.timestamp(kind.unit)).cast(kind)
    if pa.types.is_duration(kind):
        return written.cast(pa.int64()).cast(kind)
    return written.cast(kind)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode()
    return json.dumps(value) if isinstance(value, bool) else str(value)
