"""Columns of any Arrow type as text, and back: one spelling for all formats that hold text.

`12.50`, `true`, `2024-10-15`, `2024-10-15 14:30:00.000000`, with a time zone `2024-10-15 14:30:00.000000Z` (in UTC);
a duration is the number of its units;
bytes are lower-case hexadecimal digits; lists, structures and maps are JSON; null stays null.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from hotfixture.errors import InputError
from hotfixture.files.numerals import numerals


def to_text(values: pa.Array) -> pa.Array:
    """The values as `large_string`."""
    kind = values.type
    if isinstance(values, pa.ExtensionArray):
        return _python_text(values)
    if pa.types.is_dictionary(kind):
        return to_text(values.dictionary_decode())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return pa.array((value and value.hex() for value in _python(values)), pa.large_string())
    if pa.types.is_nested(kind):
        return pa.array((_json(value) for value in _python(values)), pa.large_string())
    if pa.types.is_timestamp(kind) and kind.tz:
        values = values.cast(pa.timestamp(kind.unit, "UTC"))
    found = numerals(values)
    if found is not None:
        return found
    try:
        return values.cast(pa.large_string())
    except pa.ArrowNotImplementedError:
        return _python_text(values)


def from_text(texts: pa.Array, kind: pa.DataType) -> pa.Array:
    """The inverse of `to_text`; InputError where a text is no value of the type."""
    try:
        if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
            return pa.array((_bytes(value) for value in _python(texts)), kind)
        if pa.types.is_nested(kind):
            return pa.array((_from_json(value) for value in _python(texts)), kind)
        if pa.types.is_time(kind):
            day = pc.binary_join_element_wise(literal("1970-01-01 "), texts, literal(""))
            return day.cast(pa.timestamp(kind.unit)).cast(kind)
        if pa.types.is_duration(kind):
            return texts.cast(pa.int64()).cast(kind)
        return texts.cast(kind)
    except (pa.ArrowException, ValueError, TypeError) as error:
        raise InputError(f"a text is no value of the type {kind}") from error


def _python(values: pa.Array) -> Iterator[Any]:
    """The values as Python objects, one at a time."""
    return (value.as_py() for value in values)


def _python_text(values: pa.Array) -> pa.Array:
    return pa.array((None if value is None else str(value) for value in _python(values)), pa.large_string())


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else bytes.fromhex(text)


def _json(value: object) -> str | None:
    if value is None:
        return None
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_inner)


def _inner(value: Any) -> object:
    """What stands inside a list or structure and is no JSON value: bytes as digits, everything else as its text."""
    return value.hex() if isinstance(value, bytes) else str(value)


def _from_json(text: str | None) -> object:
    return None if text is None else json.loads(text)


def check_names(schema: pa.Schema) -> None:
    """InputError where two columns have one name: a reader by name would see only one of them."""
    double = sorted({name for name in schema.names if schema.names.count(name) > 1})
    if double:
        raise InputError(f"two columns are named {', '.join(double)}", hint="Rename one: SELECT id AS order_id …")


def joined(rows: pa.Array) -> pa.Buffer:
    """The bytes of all texts of a `large_string` array, one after the other, without copying."""
    _, offsets, data = rows.buffers()
    if data is None or not len(rows):
        return pa.py_buffer(b"")
    bounds = memoryview(offsets).cast("q")
    start, end = bounds[rows.offset], bounds[rows.offset + len(rows)]
    return data.slice(start, end - start)


def literal(text: str) -> pa.Scalar:
    """A `large_string` scalar for the kernels."""
    return pa.scalar(text, pa.large_string())


def lines(columns: list[pa.Array], separator: str, *, begin: str = "", end: str = "\n") -> pa.Array:
    """One text a row: the columns joined by `separator`, between `begin` and `end`; no column may hold a null."""
    row = pc.binary_join_element_wise(*columns, literal(separator)) if len(columns) > 1 else columns[0]
    return pc.binary_join_element_wise(literal(begin), row, literal(end), literal(""))
