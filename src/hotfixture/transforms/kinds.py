"""The kind of values a column holds, read from its Arrow type and the engine's own type text."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Literal

from hotfixture.schema import Column

if TYPE_CHECKING:
    import pyarrow as pa

Kind = Literal[
    "text", "integer", "decimal", "float", "boolean", "date", "timestamp", "time", "interval",
    "json", "uuid", "binary", "array", "enum", "other",
]  # fmt: skip

KINDS: tuple[Kind, ...] = Kind.__args__  # type: ignore[attr-defined]  # a Literal lists its members there
NUMERIC = ("integer", "decimal", "float")

_NATIVE: tuple[tuple[str, Kind], ...] = (
    (r"\[\]$|^_|\barray\b", "array"),
    (r"^json", "json"),
    (r"^uuid|^uniqueidentifier", "uuid"),
    (r"^interval", "interval"),
    (r"^datetime|^timestamp", "timestamp"),
    (r"^date\b", "date"),
    (r"^time", "time"),
    (r"^bool", "boolean"),
    (r"^(inet|cidr|macaddr|point|line|lseg|box|path|polygon|circle|geometry|geography|xml)\b", "other"),
    (r"^(tsvector|tsquery|bit|varbit|money|pg_lsn|oid|.*range|hstore|ltree)\b", "other"),
)  # fmt: skip


def kind_of(column: Column) -> Kind:
    """What the column holds; the engine's type text decides where Arrow has no type of its own."""
    if column.choices:
        return "enum"
    native = column.native.lower().strip()
    for pattern, kind in _NATIVE:
        if native and re.search(pattern, native):
            return kind
    return _arrow_kind(column.arrow)


def _arrow_kind(arrow: pa.DataType) -> Kind:
    for holds, kind in _by_type():
        if holds(arrow):
            return kind
    return "other"


def _is_json(arrow: pa.DataType) -> bool:
    return getattr(arrow, "extension_name", "") == "arrow.json"


def _is_uuid(arrow: pa.DataType) -> bool:
    return getattr(arrow, "extension_name", "") == "arrow.uuid"


def _is_binary(arrow: pa.DataType) -> bool:
    from pyarrow import types

    return bool(types.is_binary(arrow) or types.is_large_binary(arrow) or types.is_fixed_size_binary(arrow))


@cache
def _by_type() -> tuple[tuple[Callable[[pa.DataType], bool], Kind], ...]:
    from pyarrow import types

    return (
        (_is_json, "json"),
        (_is_uuid, "uuid"),
        (types.is_boolean, "boolean"),
        (types.is_integer, "integer"),
        (types.is_decimal, "decimal"),
        (types.is_floating, "float"),
        (types.is_date, "date"),
        (types.is_timestamp, "timestamp"),
        (types.is_time, "time"),
        (types.is_duration, "interval"),
        (types.is_interval, "interval"),
        (_is_binary, "binary"),
        (types.is_list, "array"),
        (types.is_large_list, "array"),
        (types.is_string, "text"),
        (types.is_large_string, "text"),
        (types.is_dictionary, "text"),
    )


def integer_bounds(column: Column) -> tuple[int, int]:
    """The smallest and the largest integer the column's type holds."""
    from pyarrow import types

    arrow = column.arrow
    if not types.is_integer(arrow):
        return -(1 << 63), (1 << 63) - 1
    bits = arrow.bit_width
    if types.is_unsigned_integer(arrow):
        return 0, (1 << bits) - 1
    return -(1 << (bits - 1)), (1 << (bits - 1)) - 1


def decimal_bound(column: Column) -> float | None:
    """The amount below which a decimal column's precision and scale leave room; None where there is no limit."""
    from pyarrow import types

    arrow = column.arrow
    return float(10 ** (arrow.precision - arrow.scale)) if types.is_decimal(arrow) else None


def padded(column: Column) -> bool:
    """Whether the engine fills values with blanks up to the length (`character(n)`): they are no part of the value."""
    return bool(re.match(r"(character|char|bpchar|nchar)\b(?! varying)", column.native.lower()))
