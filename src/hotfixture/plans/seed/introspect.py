"""Drafts a seed schema from a live database: its tables as they are, a generator proposed for every column.

Only the catalogue is read, and how many rows and nulls there are: no value of the database stands in a draft.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import yaml

from hotfixture.databases import open_database
from hotfixture.databases.base import Database
from hotfixture.databases.target import MARKS
from hotfixture.errors import UnknownNameError
from hotfixture.generators import canonical, find
from hotfixture.plans.seed.types import declared_type
from hotfixture.schema import Column, Reference, Schema, Table
from hotfixture.transforms.detect import by_name, words
from hotfixture.transforms.graph import load_order
from hotfixture.transforms.kinds import integer_bounds, kind_of

COUNTED = 1_000_000
"""Rows up to which a table is counted."""
FALLBACK_ROWS = 100
"""Rows proposed for a table that the engine's statistics know nothing of."""
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


def introspect(url: str, *, scale: float = 1.0) -> str:
    """The YAML of a draft for the database at `url`; `scale` times as many rows as there are."""
    with open_database(url) as database:
        schema = database.inspect()
        order = load_order(schema).tables
        tables = [_table(schema.tables[name], database, schema, scale) for name in order if _real(schema.tables[name])]
    text = yaml.dump({"seed": 1, "tables": tables}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=118)
    return (
        f"# Drafted from the database's catalogue; no value of it stands here. Edit the generators and counts.\n{text}"
    )


class _Dumper(yaml.SafeDumper):
    """Columns on one line each."""


class _Line(dict[str, Any]):
    """A mapping that stands on one line."""


_Dumper.add_representer(
    _Line, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=True)
)


def _real(table: Table) -> bool:
    return table.kind in ("table", "partitioned") and table.name.name != MARKS


def _table(table: Table, database: Database, schema: Schema, scale: float) -> dict[str, Any]:
    found: dict[str, Any] = {"name": table.name.name}
    if table.name.schema and table.name.schema != schema.default_schema:
        found["schema"] = table.name.schema
    rows = _rows(table, database)
    found["count"] = max(1, round((rows or FALLBACK_ROWS) * scale))
    line, parent = _lined(table)
    if line and parent:
        mean = max(1, round((rows or FALLBACK_ROWS) / max(_rows(schema.tables[parent.target], database), 1)))
        found["count"] = f"1..{2 * mean - 1} per {parent.target.name}"
    if len(table.primary_key) > 1:
        found["primary_key"] = list(table.primary_key)
    nulls = _nulls(table, database)
    columns = [column for column in table.columns if not column.generated]
    found["columns"] = [
        _Line(name=line, type=_type(column), line_no=True)
        if column.name == line
        else _column(table, column, nulls.get(column.name, 0.0))
        for column in columns
    ]
    wide = [one for one in table.references if len(one.columns) > 1]
    if wide:
        found["references"] = [_Line(columns=list(one.columns), to=_target(one)) for one in wide]
    uniques = [list(one.columns) for one in table.uniques if len(one.columns) > 1 and not one.expression]
    if uniques:
        found["unique"] = uniques
    return found


def _rows(table: Table, database: Database) -> int:
    """How many rows there are: counted, unless the engine's statistics say that this takes long."""
    if table.rows > COUNTED:
        return table.rows
    return int(str(database.fetch(f"SELECT count(*) FROM {database.dialect.table(table.name)}")[0][0]))


def _lined(table: Table) -> tuple[str, Reference | None]:
    """The column that numbers the children of one parent, and the reference to that: where the key is both."""
    references = [one for one in table.references if set(one.columns) < set(table.primary_key)]
    rest = set(table.primary_key) - {name for one in references for name in one.columns}
    if len(references) == 1 and len(rest) == 1 and references[0].target != table.name:
        column = table.column(rest.pop())
        if kind_of(column) == "integer":
            return column.name, references[0]
    return "", None


def _nulls(table: Table, database: Database) -> dict[str, float]:
    """The share of nulls of each column that may be null, among some rows."""
    quote = database.dialect.identifier
    names = [column.name for column in table.columns if column.nullable]
    if not names:
        return {}
    counts = ", ".join(f"count({quote(name)})" for name in names)
    query = (
        f"SELECT count(*), {counts} FROM (SELECT * FROM {database.dialect.table(table.name)} LIMIT 10000) AS first_rows"
    )
    rows, *present = (int(str(number)) for number in database.fetch(query)[0])
    return {name: round(1 - count / rows, 3) for name, count in zip(names, present, strict=True)} if rows else {}


def _column(table: Table, column: Column, nulls: float) -> _Line:
    found = _Line(name=column.name)
    reference = next((one for one in table.references if one.columns == (column.name,)), None)
    if word := _type(column):
        found["type"] = word
    if table.primary_key == (column.name,):
        found["primary_key"] = True
    elif any(unique.columns == (column.name,) and not unique.expression for unique in table.uniques):
        found["unique"] = True
    if reference:
        found["references"] = _Line(to=_target(reference), nulls=nulls) if nulls else _target(reference)
        return found
    if not any(column.name in one.columns for one in table.references):
        found.update(_made(table, column))
    if nulls and not found.get("primary_key"):
        found["nulls"] = nulls
    return found


def _target(reference: Reference) -> str:
    columns = ", ".join(reference.target_columns)
    name = reference.target.name
    return f"{name}.{columns}" if len(reference.target_columns) == 1 else f"{name}({columns})"


def _type(column: Column) -> str:
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


def _made(table: Table, column: Column) -> dict[str, Any]:
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
        return {"generator": "integer", "params": _Line(low=max(low, 0), high=min(high, 1000))}
    if kind == "decimal" and pa.types.is_decimal(column.arrow):
        whole = 10 ** min(column.arrow.precision - column.arrow.scale, 4)
        return {"generator": "decimal", "params": _Line(low=0, high=whole - 1, scale=column.arrow.scale)}
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
