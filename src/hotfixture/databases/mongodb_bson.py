"""Record batches as BSON documents (https://bsonspec.org/spec.html), whole columns at once, without Python objects.

A document is its columns' elements one after the other, an element a type byte, the name and the value's bytes. Texts
that are the same in every row (type bytes, names) are joined with columns of bytes by one Arrow kernel: a document of
ten fields takes 1 µs where building a dictionary and encoding it takes 4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hotfixture.databases.octets import Part, bounds, digits, filled, fixed, held, join, lengths
from hotfixture.errors import DatabaseError, UnsupportedError

DOUBLE, TEXT, DOCUMENT, ARRAY, BINARY, OBJECT_ID, BOOLEAN, DATE, NULL, INT32, INT64, DECIMAL = (
    bytes([code]) for code in (0x01, 0x02, 0x03, 0x04, 0x05, 0x07, 0x08, 0x09, 0x0A, 0x10, 0x12, 0x13)
)
_LARGEST_COEFFICIENT = 10**34 - 1
_DECIMAL_BIAS = 6176
_DAY = 86_400_000
_PER_MILLISECOND = {"ms": 1, "us": 1000, "ns": 1_000_000}


def documents(batch: pa.RecordBatch, natives: Mapping[str, str], *, nulls: bool = True) -> pa.Array:
    """One document a row, as `large_binary`; the fields in the order of the columns.

    A null is a null field, or with `nulls=False` no field. `natives` says of a column that it holds `objectid` (12
    bytes, or 24 hexadecimal digits) or `uuid` (16 bytes, or text). DatabaseError names a column whose value has no
    BSON form.
    """
    parts: list[Part] = []
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            parts += _element(_key(name), column, natives.get(name, ""), nulls)
        except (ValueError, OverflowError, pa.ArrowException) as error:
            reason = str(error) if type(error) is ValueError else f"no BSON form for {column.type}"
            raise DatabaseError(f"column {name}: {reason}") from None
    return join(_document(parts, batch.num_rows), batch.num_rows)


def object_ids(stem: bytes, first: int, count: int) -> pa.Array:
    """ObjectIds of rows `first` … as `fixed_size_binary(12)`: growing, and different for each stem of five bytes.

    The layout is MongoDB's: four bytes of seconds, five of a process, three of a counter. The seconds are not a clock's
    but begin at 2020-01-01 and grow by one each 2²⁴ rows, so that a row's id is always the same.
    """
    rows = np.arange(first, first + count, dtype=np.uint64)
    seconds = (rows >> np.uint64(24)) + np.uint64(1_577_836_800)
    ids = np.empty((count, 12), np.uint8)
    ids[:, :4] = seconds.astype(">u4").view(np.uint8).reshape(-1, 4)
    ids[:, 4:9] = np.frombuffer(stem, np.uint8)
    ids[:, 9:] = rows.astype(">u4").view(np.uint8).reshape(-1, 4)[:, 1:]
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(12), count, [None, pa.py_buffer(ids)])


def _key(name: str) -> bytes:
    key = name.encode()
    if b"\0" in key:
        raise DatabaseError("a field's name may not hold the character NUL")
    return key + b"\0"


def _element(key: Part, column: pa.Array, native: str, nulls: bool) -> list[Part]:
    """Type, name and value of one field; the whole element is chosen where rows differ in having one."""
    column = _plain(column)
    if pa.types.is_null(column.type):
        return [NULL, key] if nulls else []
    kind, value = _value(column, native, nulls)
    if not column.null_count:
        return [kind, key, *value]
    whole = join([kind, key, *value], len(column))
    absent = join([NULL, key], len(column)) if nulls else pa.scalar(b"", pa.large_binary())
    return [pc.if_else(column.is_valid(), whole, absent)]


def _plain(column: pa.Array) -> pa.Array:
    """The column without what only describes its values: extension types and dictionaries."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _value(column: pa.Array, native: str, nulls: bool) -> tuple[Part, list[Part]]:
    """The type byte and the values' bytes; what stands in a null row has no meaning."""
    kind = column.type
    if native and not (native == "json" and pa.types.is_nested(kind)):
        return _NATIVES[native](column)
    for applies, encode in _SCALARS:
        if applies(kind):
            return encode(column)
    if pa.types.is_struct(kind):
        return DOCUMENT, _fields(column, nulls)
    if pa.types.is_map(kind):
        return DOCUMENT, _entries(column, nulls)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return ARRAY, _items(column)
    raise UnsupportedError(f"MongoDB has no form for {kind}")


# Numbers, times and texts


def _int32(column: pa.Array) -> tuple[bytes, list[Part]]:
    return INT32, [fixed(_numbers(column, pa.int32(), "<i4"))]


def _int64(column: pa.Array) -> tuple[bytes, list[Part]]:
    return INT64, [fixed(_numbers(column, pa.int64(), "<i8"))]


def _double(column: pa.Array) -> tuple[bytes, list[Part]]:
    return DOUBLE, [fixed(_numbers(column, pa.float64(), "<f8"))]


def _boolean(column: pa.Array) -> tuple[bytes, list[Part]]:
    return BOOLEAN, [fixed(_numbers(column, pa.uint8(), "u1"))]


def _timestamp(column: pa.Array) -> tuple[bytes, list[Part]]:
    unit = column.type.unit
    ticks = _numbers(column, pa.int64(), "<i8")
    return DATE, [fixed(ticks * 1000 if unit == "s" else ticks // _PER_MILLISECOND[unit])]


def _date32(column: pa.Array) -> tuple[bytes, list[Part]]:
    return DATE, [fixed(_numbers(column.cast(pa.int32()), pa.int64(), "<i8") * _DAY)]


def _date64(column: pa.Array) -> tuple[bytes, list[Part]]:
    return DATE, [fixed(_numbers(column, pa.int64(), "<i8"))]


def _text(column: pa.Array) -> tuple[bytes, list[Part]]:
    texts = filled(column.cast(pa.large_string()).cast(pa.large_binary()))
    return TEXT, [fixed((lengths(texts) + 1).astype("<i4")), texts, b"\0"]


def _binary(column: pa.Array, subtype: bytes = b"\0") -> tuple[bytes, list[Part]]:
    blobs = filled(column.cast(pa.large_binary()))
    return BINARY, [fixed(lengths(blobs).astype("<i4")), subtype, blobs]


def _uuid(column: pa.Array) -> tuple[bytes, list[Part]]:
    return BINARY, [b"\x10\0\0\0\x04", fixed(digits(column, 16))]


def _object_id(column: pa.Array) -> tuple[bytes, list[Part]]:
    return OBJECT_ID, [fixed(digits(column, 12))]


def _json(column: pa.Array) -> tuple[Part, list[Part]]:
    """JSON texts as the values they spell; each distinct text is parsed once."""
    import json

    from bson import encode

    coded = column.cast(pa.large_string()).dictionary_encode()
    values = [encode({"": json.loads(text)}) for text in coded.dictionary.to_pylist()]
    kinds = pa.array([value[4:5] for value in values], pa.large_binary())
    contents = pa.array([value[6:-1] for value in values], pa.large_binary())
    return filled(kinds.take(coded.indices)), [filled(contents.take(coded.indices))]


def _decimal(column: pa.Array) -> tuple[bytes, list[Part]]:
    """IEEE 754 decimal128 with a binary integer coefficient: sign, 14 bits of exponent, 113 of coefficient."""
    kind = column.type
    column = column.cast(pa.decimal128(38, kind.scale))
    words = np.frombuffer(column.buffers()[1], "<u8").reshape(-1, 2)[column.offset : column.offset + len(column)]
    low, high = words[:, 0].copy(), words[:, 1].copy()
    negative = (high >> np.uint64(63)).astype(bool)
    low[negative] = ~low[negative] + np.uint64(1)
    high[negative] = ~high[negative] + (low[negative] == 0).astype(np.uint64)
    if kind.precision > 34:
        largest = np.uint64(_LARGEST_COEFFICIENT >> 64)
        tail = np.uint64(_LARGEST_COEFFICIENT & (2**64 - 1))
        over = (high > largest) | ((high == largest) & (low > tail))
        if bool((over & np.asarray(column.is_valid())).any()):
            raise ValueError("a number has more than the 34 digits of Decimal128")
    exponent = np.uint64((_DECIMAL_BIAS - kind.scale) << 49)
    coded = np.empty((len(low), 2), "<u8")
    coded[:, 0] = low
    coded[:, 1] = high | exponent | (negative.astype(np.uint64) << np.uint64(63))
    return DECIMAL, [fixed(coded.view(np.uint8).reshape(-1, 16))]


_INT32 = {pa.int8(), pa.int16(), pa.int32(), pa.uint8(), pa.uint16()}
_SCALARS = (
    (lambda kind: kind in _INT32, _int32),
    (pa.types.is_integer, _int64),
    (pa.types.is_floating, _double),
    (pa.types.is_boolean, _boolean),
    (pa.types.is_timestamp, _timestamp),
    (pa.types.is_date32, _date32),
    (pa.types.is_date64, _date64),
    (pa.types.is_decimal, _decimal),
    (pa.types.is_duration, _int64),
    (lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind), _text),
    (pa.types.is_time, _text),
    (lambda kind: kind == pa.binary(12), _object_id),
    (lambda kind: kind == pa.binary(16), _uuid),
    (lambda kind: pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind), _binary),
    (pa.types.is_fixed_size_binary, _binary),
)
_NATIVES: Mapping[str, Callable[[pa.Array], tuple[Part, list[Part]]]] = {
    "json": _json,
    "objectid": _object_id,
    "uuid": _uuid,
}


# Documents and arrays inside documents


def _fields(column: pa.Array, nulls: bool) -> list[Part]:
    kind = column.type
    parts: list[Part] = []
    for number in range(kind.num_fields):
        parts += _element(_key(kind.field(number).name), column.field(number), "", nulls)
    return _document(parts, len(column))


def _items(column: pa.Array) -> list[Part]:
    """An array is a document whose names are its positions; a null inside keeps its position."""
    if pa.types.is_fixed_size_list(column.type):
        column = column.cast(pa.large_list(column.type.value_type))
    starts = np.asarray(column.offsets).astype(np.int64)
    values = column.values.slice(starts[0], starts[-1] - starts[0])
    starts = starts - starts[0]
    places = np.arange(len(values)) - np.repeat(starts[:-1], np.diff(starts))
    keys = join([pa.array(places).cast(pa.large_string()).cast(pa.large_binary()), b"\0"], len(places))
    return _gathered(_element(keys, values, "", True), starts, len(column))


def _entries(column: pa.Array, nulls: bool) -> list[Part]:
    starts = np.asarray(column.offsets).astype(np.int64)
    count = starts[-1] - starts[0]
    keys = column.keys.slice(starts[0], count).cast(pa.large_string())
    if pc.any(pc.match_substring(keys, "\0")).as_py():
        raise ValueError("a key holds the character NUL")
    names = join([keys.cast(pa.large_binary()), b"\0"], len(keys))
    return _gathered(_element(names, column.items.slice(starts[0], count), "", nulls), starts - starts[0], len(column))


def _gathered(elements: Sequence[Part], starts: Any, rows: int) -> list[Part]:
    """Documents of the elements between one start and the next; neighbours stand in one buffer, so nothing moves."""
    whole = join(elements, int(starts[-1])) if starts[-1] else pa.array([], pa.large_binary())
    ends = bounds(whole)[starts]
    data = whole.buffers()[2] or pa.py_buffer(b"")
    return _document([pa.LargeBinaryArray.from_buffers(pa.large_binary(), rows, [None, held(ends), data])], rows)


def _document(parts: Sequence[Part], rows: int) -> list[Part]:
    """The parts between their length, four bytes, and a final zero byte."""
    common = 5 + sum(len(part) for part in parts if isinstance(part, bytes))
    sizes = sum((lengths(part) for part in parts if not isinstance(part, bytes)), np.full(rows, common, np.int64))
    if rows and int(sizes.max()) > 2**31 - 1:
        raise ValueError("a document of more than 2 GiB")
    return [fixed(sizes.astype("<i4")), *parts, b"\0"]


def _numbers(column: pa.Array, kind: pa.DataType, dtype: str) -> Any:
    """The values as a numpy array, 0 where they are null."""
    plain = column.cast(kind)
    return np.asarray(plain.fill_null(0) if plain.null_count else plain).astype(dtype, copy=False)
