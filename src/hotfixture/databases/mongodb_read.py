"""Documents as typed record batches, and what a collection looks like from its first documents."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

import pyarrow as pa
from bson import Binary, Decimal128, Int64, ObjectId
from bson.datetime_ms import DatetimeMS

from hotfixture.errors import DatabaseError
from hotfixture.schema import Column, Table, TableName, Unique

ROWS = 10_000
_SAMPLE = 1_000
_INT32 = 2**31


def native_of(column: Column) -> str:
    """`objectid`, `uuid` or `json` where the column's own type says so, in whatever spelling; else empty."""
    word = column.native.lower().replace(" ", "").replace("_", "")
    return {"objectid": "objectid", "uuid": "uuid", "guid": "uuid", "json": "json", "jsonb": "json"}.get(word, "")


def batches(collection: Any, table: Table, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The named fields of all documents, in the types of the table; a missing field is null.

    DatabaseError names a column that holds a value of another type.
    """
    wanted = [table.column(name) for name in columns]
    schema = pa.schema([(column.name, column.arrow) for column in wanted])
    shown: dict[str, int] = dict.fromkeys(columns, 1)
    found = collection.find({}, shown if "_id" in shown else {**shown, "_id": 0}, batch_size=ROWS)
    readers = [_reader(column.arrow, native_of(column)) for column in wanted]
    with found:
        while rows := list(islice(found, ROWS)):
            arrays = [_array(rows, column, read) for column, read in zip(wanted, readers, strict=True)]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _array(rows: Sequence[Mapping[str, Any]], column: Column, read: Callable[[Any], Any] | None) -> pa.Array:
    values = (row.get(column.name) for row in rows)
    try:
        if read is None:
            return pa.array(values, column.arrow)
        return pa.array((None if value is None else read(value) for value in values), column.arrow)
    except (pa.ArrowException, ValueError, TypeError, AttributeError, KeyError, OverflowError):
        raise DatabaseError(f"column {column.name} holds a value that is no {column.arrow}") from None


def _reader(kind: pa.DataType, native: str) -> Callable[[Any], Any] | None:
    """What makes of the driver's value one that Arrow takes for the type; None where it does so itself."""
    if native == "json":
        return _json
    if isinstance(kind, pa.BaseExtensionType):
        kind = kind.storage_type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    for applies, read in _READERS:
        if applies(kind):
            return read
    if pa.types.is_map(kind):
        inner = _reader(kind.item_type, "") or _same
        return lambda value: [(key, None if item is None else inner(item)) for key, item in value.items()]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        inner = _reader(kind.value_type, "") or _same
        return lambda value: [None if item is None else inner(item) for item in value]
    if pa.types.is_struct(kind):
        parts = {field.name: _reader(field.type, "") or _same for field in kind}
        return lambda value: {name: _inside(value, name, read) for name, read in parts.items()}
    return None


def _inside(value: Mapping[str, Any], name: str, read: Callable[[Any], Any]) -> Any:
    found = value.get(name)
    return None if found is None else read(found)


def _same(value: Any) -> Any:
    return value


def _json(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _moment(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else datetime.fromtimestamp(int(value) / 1000, UTC)


def _day(value: Any) -> Any:
    return value.date() if isinstance(value, datetime) else value


def _number(value: Any) -> Any:
    return value.to_decimal() if isinstance(value, Decimal128) else Decimal(str(value))


def _duration(value: Any) -> Any:
    return int(value)


def _content(value: Any) -> bytes:
    if isinstance(value, ObjectId):
        return value.binary
    return value.bytes if isinstance(value, uuid.UUID) else bytes(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


_READERS: tuple[tuple[Callable[[Any], Any], Callable[[Any], Any]], ...] = (
    (pa.types.is_timestamp, _moment),
    (pa.types.is_date, _day),
    (pa.types.is_decimal, _number),
    (pa.types.is_duration, _duration),
    (pa.types.is_time, time.fromisoformat),
    (lambda k: pa.types.is_binary(k) or pa.types.is_large_binary(k) or pa.types.is_fixed_size_binary(k), _content),
    (lambda k: pa.types.is_string(k) or pa.types.is_large_string(k), _text),
)


def sampled(collection: Any) -> Table:
    """A collection as a table: the fields of its first documents, its unique indexes, its number of documents."""
    kinds: dict[str, pa.DataType] = {}
    seen: dict[str, int] = {}
    number = 0
    for document in collection.find({}, limit=_SAMPLE):
        number += 1
        for name, value in document.items():
            kinds[name] = merged(kinds.get(name, pa.null()), kind_of(value))
            seen[name] = seen.get(name, 0) + (value is not None)
    columns = tuple(
        Column(name, kind, native=_native(kind), nullable=seen[name] < number) for name, kind in kinds.items()
    )
    uniques = tuple(
        Unique(name, tuple(field for field, _ in index["key"]))
        for name, index in collection.index_information().items()
        if index.get("unique") and all(field in kinds for field, _ in index["key"])
    )
    rows = collection.estimated_document_count()
    key = ("_id",) if "_id" in kinds else ()
    return Table(TableName("", collection.name), columns, primary_key=key, uniques=uniques, rows=rows)


def _native(kind: pa.DataType) -> str:
    return "objectId" if kind == pa.binary(12) else "uuid" if kind == pa.binary(16) else ""


def kind_of(value: Any) -> pa.DataType:
    """The Arrow type of a value as the driver gives it; text for what has none."""
    if isinstance(value, int) and not isinstance(value, bool | Int64):
        return pa.int32() if -_INT32 <= value < _INT32 else pa.int64()
    if isinstance(value, Mapping):
        return pa.struct([(name, kind_of(inner)) for name, inner in value.items()])
    if isinstance(value, list):
        kind = pa.null()
        for item in value:
            kind = merged(kind, kind_of(item))
        return pa.list_(kind)
    return next((kind for of, kind in _KINDS if isinstance(value, of)), pa.string())


_KINDS: tuple[tuple[type | tuple[type, ...], pa.DataType], ...] = (
    (type(None), pa.null()),
    (bool, pa.bool_()),
    (Int64, pa.int64()),
    (float, pa.float64()),
    (ObjectId, pa.binary(12)),
    (uuid.UUID, pa.binary(16)),
    ((datetime, DatetimeMS), pa.timestamp("ms", "UTC")),
    (Decimal128, pa.decimal128(38, 9)),
    ((bytes, Binary), pa.binary()),
    ((date, timedelta), pa.string()),
)


def merged(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """A type that holds the values of both: the wider number, the union of fields, else text."""
    if one == other or pa.types.is_null(other):
        return one
    if pa.types.is_null(one):
        return other
    if pa.types.is_integer(one) and pa.types.is_integer(other):
        return pa.int64()
    if all(pa.types.is_integer(kind) or pa.types.is_floating(kind) for kind in (one, other)):
        return pa.float64()
    if pa.types.is_list(one) and pa.types.is_list(other):
        return pa.list_(merged(one.value_type, other.value_type))
    if pa.types.is_struct(one) and pa.types.is_struct(other):
        fields = {field.name: field.type for field in one}
        for field in other:
            fields[field.name] = merged(fields.get(field.name, pa.null()), field.type)
        return pa.struct(list(fields.items()))
    return pa.string()
