"""What a draft proposes for a column: its type in the schema's words, and a generator by name and type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import yaml

from hotfixture.errors import UnknownNameError
from hotfixture.generators import canonical, find
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


class Dumper(yaml.SafeDumper):
    """Columns on one line each."""


class Line(dict[str, Any]):
    """A mapping that stands on one line."""


Dumper.add_representer(
    Line, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=True)
)


def typed(column: Column) -> str:
    """The type in the schema's own words; empty where it has none for it, and the generator's type stands."""
    native = re.sub(r"\b(unsigned|zerofill|without time zone|precision)\b", r"\1", column.native.lower())
    for written in (native, native.partition("(")[0]):
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
    kind = kind_of(column)
    if column.choices:
        return {"values": list(column.choices)}
    if table.primary_key == (column.name,):
        return {} if kind == "integer" else {"generator": "uuid"} if kind in ("text", "uuid") else {}
    named = by_name(column.name, words(table.name.name), kind)
    if named and named[0] in PROPOSED and _fits(PROPOSED[named[0]], column):
        return {"generator": PROPOSED[named[0]]}
    if (own := _own(column)) is not None:
        return {"generator": own}
    if kind == "integer":
        low, high = integer_bounds(column)
        return {"generator": "integer", "params": Line(low=max(low, 0), high=min(high, 1000))}
    if kind == "decimal" and pa.types.is_decimal(column.arrow):
        whole = 10 ** min(column.arrow.precision - column.arrow.scale, 4)
        return {"generator": "decimal", "params": Line(low=0, high=whole - 1, scale=column.arrow.scale)}
    if kind == "text" and column.length and column.length < 120:
        return {"generator": "word"}
    word = _BY_KIND.get(kind)
    return {word[0]: word[1]} if word else {}


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
