"""What a draft proposes for a column: its type in the schema's words, and a generator by name and type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from hotfixture.errors import UnknownNameError
from hotfixture.generators import canonical, find
from hotfixture.plans.seed.draft_lines import Line
from hotfixture.plans.seed.draft_values import of_combined, of_native, of_short_unique
from hotfixture.plans.seed.types import declared_type
from hotfixture.schema import Column, Table
from hotfixture.transforms.detect import by_name, words
from hotfixture.transforms.kinds import integer_bounds, kind_of

PROPOSED: Mapping[str, str] = {
    "email": "email", "phone": "phone", "first_name": "first_name", "last_name": "last_name", "full_name": "full_name",
    "user_name": "user_name", "street": "address_line", "postcode": "postcode", "city": "city",
    "birth_date": "birth_date", "card": "card", "iban": "iban", "account": "account", "ip": "ipv4", "mac": "mac",
    "url": "url", "gender": "sex", "free_text": "paragraph",
}  # fmt: skip
"""What stands in for each class of personal data."""
_BY_KIND: Mapping[str, tuple[str, str]] = {
    "json": ("value", "{}"), "uuid": ("generator", "uuid"), "text": ("generator", "sentence"),
    "binary": ("value", ""), "array": ("value", "{}"), "interval": ("generator", "interval"),
}  # fmt: skip


def typed(column: Column) -> str:
    """The type in the schema's own words; empty where it has none for it, and the generator's type stands."""
    native = re.sub(r"\s+zerofill\b|\s+without time zone\b", "", column.native.lower())
    for written in (native, re.sub(r"\(.*?\)", "", native), native.partition("(")[0]):
        try:
            declared_type(written)
        except KeyError:
            continue
        return written
    return {"timestamp": "timestamp", "integer": "bigint", "float": "double", "boolean": "boolean"}.get(
        kind_of(column), ""
    )


def proposed(table: Table, column: Column) -> dict[str, Any]:
    """How values of the column are made."""
    if column.choices:
        return {"values": list(column.choices)}
    if table.primary_key == (column.name,):
        return _key(column)
    kind = kind_of(column)
    if kind == "text" and _combined(table, column):
        return of_combined(_length(column))
    if (native := of_native(column)) is not None:
        return native
    if kind == "text" and _unique(table, column) and (_length(column) or _SHORT) < _SHORT:
        return of_short_unique(_length(column) or 1)
    return _named(table, column) or _by_kind(table, column)


def _key(column: Column) -> dict[str, Any]:
    kind, length = kind_of(column), _length(column)
    if kind == "text" and length and length < _UUID:
        return of_short_unique(length)
    return {"generator": "uuid"} if kind in ("text", "uuid") else {}


def _named(table: Table, column: Column) -> dict[str, Any]:
    """What the column's name says of it."""
    named = by_name(column.name, words(table.name.name), kind_of(column))
    if named and named[0] in PROPOSED and _fits(PROPOSED[named[0]], column):
        return {"generator": PROPOSED[named[0]]}
    own = _own(column)
    return {} if own is None else {"generator": own}


def _by_kind(table: Table, column: Column) -> dict[str, Any]:
    kind = kind_of(column)
    if kind == "integer":
        low, high = integer_bounds(column)
        wide = _unique(table, column) or _combined(table, column)
        return {"generator": "integer", "params": Line(low=max(low, 0), high=min(high, _MANY if wide else 1000))}
    if kind == "decimal" and pa.types.is_decimal(column.arrow):
        whole = 10 ** min(column.arrow.precision - column.arrow.scale, 4)
        return {"generator": "decimal", "params": Line(low=0, high=whole - 1, scale=column.arrow.scale)}
    if kind == "text" and column.length and column.length < 120:
        return {"generator": "word"}
    if kind == "array" and typed(column):
        return {"value": []}
    word = _BY_KIND.get(kind)
    if word is None and column.nullable and not typed(column):
        return {"value": "", "nulls": 1.0}  # a type that no generator makes
    return {word[0]: word[1]} if word else {}


_SHORT = 20
"""Characters of a text that a word and the number of its row do not fit into."""
_UUID = 36
_MANY = 1_000_000_000


def _length(column: Column) -> int | None:
    """The most characters, also where the engine keeps to none."""
    word = typed(column)
    return column.length or (declared_type(word).length if word else None)


def _unique(table: Table, column: Column) -> bool:
    return any(one.columns == (column.name,) for one in table.uniques)


def _combined(table: Table, column: Column) -> bool:
    """Whether it is one of several columns that are a key or unique together."""
    several = (table.primary_key, *(one.columns for one in table.uniques if not one.expression))
    return any(len(columns) > 1 and column.name in columns for columns in several)


def _own(column: Column) -> str | None:
    """The generator of the column's own name, where there is one and its values fit."""
    try:
        name = canonical(column.name)
    except UnknownNameError:
        return None
    return name.partition(".")[2] if _fits(name, column) else None


def _fits(generator: str, column: Column) -> bool:
    """Whether the generator's values go into the column's type."""
    made = find(generator)
    if made.by_row or pa.types.is_nested(made.arrow_type()):
        return False
    text = kind_of(column) in ("text", "other")
    return text if pa.types.is_string(made.arrow_type()) else kind_of(Column("", made.arrow_type())) == kind_of(column)
