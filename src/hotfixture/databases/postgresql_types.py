"""PostgreSQL's types in Arrow, and values between the two: one table, both directions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from hotfixture.databases import postgresql_text as text
from hotfixture.errors import DatabaseError
from hotfixture.schema import Column

_ARROW: dict[str, pa.DataType] = {
    "bool": pa.bool_(),
    "bytea": pa.binary(),
    "date": pa.date32(),
    "float4": pa.float32(),
    "float8": pa.float64(),
    "int2": pa.int16(),
    "int4": pa.int32(),
    "int8": pa.int64(),
    "oid": pa.uint32(),
    "time": pa.time64("us"),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", "UTC"),
}
"""By the name in pg_type; every other type is text."""

FEW = 100
"""Fields that Python looks at before Arrow is asked to do anything: a call of a kernel costs some microseconds."""

_MODIFIER = re.compile(r"\(-?\d+(,-?\d+)?\)(?=$| with)")


def arrow_type(name: str, modifier: int) -> pa.DataType:
    """The Arrow type of the pg_catalog type `name` under its type modifier (-1: none)."""
    if name == "numeric" and modifier >= 4:
        precision, scale = (modifier - 4) >> 16 & 0xFFFF, (modifier - 4) & 0x7FF
        if 0 <= scale <= precision <= 38:  # since 15 the scale may be negative or beyond the precision
            return pa.decimal128(precision, scale)
    return _ARROW.get(name, pa.string())


def length_of(name: str, modifier: int) -> int | None:
    """The largest number of characters (bytes for `name`), None without limit."""
    if name in ("varchar", "bpchar"):
        return modifier - 4 if modifier >= 4 else None
    if name in ("bit", "varbit"):
        return modifier if modifier > 0 else None
    return {"char": 1, "name": 63}.get(name)


def without_modifier(native: str) -> str:
    """The type text without its length: keys are compared whole, never cut (`character(5)` is `bpchar` then)."""
    if native.startswith("character(") or native == "character":
        return "bpchar"
    return native if native.startswith(("bit", '"')) else _MODIFIER.sub("", native)


def decode(column: Column, wire: pa.Array) -> pa.Array:
    """Wire form to text, or to binary for bytea."""
    if pa.types.is_binary(column.arrow):
        return text.unhex(wire)
    if len(wire) <= FEW and (data := bytes(text.data_of(wire))).isascii() and b"\\" not in data:
        return wire.view(pa.string())
    try:
        return pc.cast(text.unescape(wire), pa.string())
    except pa.ArrowInvalid:
        raise DatabaseError(f"column {column.name}: expected UTF-8 text, found other bytes") from None


def typed(column: Column, wire: pa.Array) -> pa.Array:
    """Wire form to `column.arrow`; DatabaseError where a value has no place in it."""
    values = decode(column, wire)
    if values.type == column.arrow:
        return values
    if pa.types.is_boolean(column.arrow):
        return pc.equal(values, "t")
    try:
        if pa.types.is_time(column.arrow):  # Arrow reads a time of day only as part of a timestamp
            values = pc.cast(pc.binary_join_element_wise("1970-01-01", values, " "), pa.timestamp("us"))
        return pc.cast(values, column.arrow)
    except pa.ArrowInvalid:
        kinds = "an infinity, a year before 1 or beyond 9999, 24:00, or a numeric NaN"
        message = f"column {column.name} ({column.native}): a value has no place in {column.arrow}"
        raise DatabaseError(message, hint=f"Arrow cannot hold {kinds}: export the column as text.") from None


def encode(column: Column, values: pa.Array) -> pa.Array:
    """Text, binary or typed values to wire form; nulls to `\\N`."""
    if isinstance(values.type, pa.BaseExtensionType):
        values = values.storage
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_binary(column.arrow) and _is_binary(values.type):
        return text.to_hex(pc.cast(values, pa.binary()))
    return text.escape(pc.cast(_spelled(values), pa.binary()))


def _is_binary(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))


def _spelled(values: pa.Array) -> pa.Array:
    """The values as text that PostgreSQL's input functions read."""
    kind = values.type
    for test, spell in _SPELLED:
        if test(kind):
            return spell(values)
    return values if _is_binary(kind) else pc.cast(values, pa.string())


def _interval(values: pa.Array) -> pa.Array:
    micros = pc.cast(pc.cast(values, pa.duration("us"), safe=False), pa.int64())
    return pc.binary_join_element_wise(pc.cast(micros, pa.string()), "microseconds", " ")


def _nested(values: pa.Array) -> pa.Array:
    return pa.array([None if value is None else _array_literal(value) for value in values.to_pylist()], pa.string())


def _array_literal(value: object) -> str:
    if isinstance(value, list):
        return "{" + ",".join(map(_array_literal, value)) + "}"
    if value is None:
        return "NULL"
    shown = "\\x" + value.hex() if isinstance(value, bytes) else str(value)
    return '"' + shown.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _json(values: pa.Array) -> pa.Array:
    from json import dumps

    found = values.to_pylist()
    return pa.array([None if v is None else dumps(v, ensure_ascii=False, default=str) for v in found], pa.string())


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


_SPELLED: tuple[tuple[Callable[[Any], bool], Callable[[Any], Any]], ...] = (
    (pa.types.is_duration, _interval),
    (pa.types.is_date64, lambda values: pc.cast(pc.cast(values, pa.date32()), pa.string())),
    (_is_list, _nested),
    (lambda kind: bool(pa.types.is_struct(kind) or pa.types.is_map(kind)), _json),
)


def array_text(values: pa.Array) -> str:
    """All values (decoded, no nulls) as one array literal of text: `{"a","b"}`."""
    if _is_binary(values.type):
        shown = ["\\\\x" + value.hex() for value in values.to_pylist()]
    else:
        shown = (values if values.type == pa.string() else pc.cast(_spelled(values), pa.string())).to_pylist()
        together = "".join(shown)
        if "\\" in together or '"' in together:
            shown = [value.replace("\\", "\\\\").replace('"', '\\"') for value in shown]
    return '{"' + '","'.join(shown) + '"}' if shown else "{}"
