"""Drafts a seed schema from a live database: its tables as they are, a generator proposed for every column.

Only the catalogue is read, and how many rows and nulls there are: no value of the database stands in a draft.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from hotfixture.databases import ENGINES, open_database, open_target
from hotfixture.databases.base import Database
from hotfixture.databases.target import MARKS
from hotfixture.plans.seed.conditions import looked_at, portable, said
from hotfixture.plans.seed.draft_lines import Dumper, Line
from hotfixture.plans.seed.drafts import proposed, typed
from hotfixture.plans.seed.introspect_documents import collections
from hotfixture.schema import Column, Reference, Schema, Table, Unique
from hotfixture.transforms.graph import load_order
from hotfixture.transforms.kinds import kind_of

COUNTED = 1_000_000
"""Rows up to which a table is counted."""
FALLBACK_ROWS = 100
"""Rows proposed for a table that the engine's statistics know nothing of."""


def introspect(url: str, *, scale: float = 1.0) -> str:
    """The YAML of a draft for the database at `url`; `scale` times as many rows as there are."""
    draft: dict[str, Any] = {"seed": 1}
    if url.partition(":")[0].partition("+")[0] in ENGINES:
        draft["tables"] = _tables(url, scale)
    else:
        with open_target(url) as target:
            draft["collections"] = collections(target, scale)
    text = yaml.dump(draft, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=118)
    return (
        f"# Drafted from the database's catalogue; no value of it stands here. Edit the generators and counts.\n{text}"
    )


def _tables(url: str, scale: float) -> list[dict[str, Any]]:
    with open_database(url) as database:
        schema = database.inspect()
        order = load_order(schema).tables
        return [_table(schema.tables[name], database, schema, scale) for name in order if _real(schema.tables[name])]


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
    checks = _checks(table, columns, database.dialect.name)
    decided = {name for name, one in said(checks).items() if one.decides}
    found["columns"] = [
        Line(name=line, type=typed(column), line_no=True)
        if column.name == line
        else _column(table, column, nulls.get(column.name, 0.0), is_open=column.name.casefold() in decided)
        for column in columns
    ]
    wide = [one for one in table.references if len(one.columns) > 1]
    if wide:
        found["references"] = [Line(columns=list(one.columns), to=_target(one)) for one in wide]
    uniques = [list(one.columns) for one in table.uniques if len(one.columns) > 1 and _whole(one)]
    if uniques:
        found["unique"] = uniques
    if checks:
        found["checks"] = checks
    if partial := [_partial(one) for one in table.uniques if not one.expression and not _whole(one)]:
        found["constraints"] = partial
    return found


def _whole(unique: Unique) -> bool:
    """Over all rows and plain columns."""
    return not unique.expression and not unique.where and unique.nulls_distinct


def _partial(unique: Unique) -> Line:
    line = Line(name=unique.name, unique=list(unique.columns))
    if unique.where:
        line["where"] = unique.where
    if not unique.nulls_distinct:
        line["nulls_distinct"] = False
    return line


def _checks(table: Table, columns: Sequence[Column], engine: str) -> list[str]:
    """The conditions over columns of the draft, in words that every engine reads as far as they can be."""
    known = {column.name.casefold() for column in columns}
    texts = (portable(check.expression, engine) for check in table.checks)
    return [text for text in texts if text and looked_at(text) <= known]


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


def _column(table: Table, column: Column, nulls: float, *, is_open: bool = False) -> Line:
    """A column's line; one that is open says no more than its type, so that the checks decide."""
    found = Line(name=column.name)
    reference = next((one for one in table.references if one.columns == (column.name,)), None)
    if word := typed(column):
        found["type"] = word
    if table.primary_key == (column.name,):
        found["primary_key"] = True
    elif any(unique.columns == (column.name,) and _whole(unique) for unique in table.uniques):
        found["unique"] = True
    if reference:
        found["references"] = Line(to=_target(reference), nulls=nulls) if nulls else _target(reference)
        return found
    if not is_open and not any(column.name in one.columns for one in table.references):
        found.update(proposed(table, column))
    if nulls and not found.get("primary_key"):
        found["nulls"] = nulls
    return found


def _target(reference: Reference) -> str:
    columns = ", ".join(reference.target_columns)
    name = reference.target.name
    return f"{name}.{columns}" if len(reference.target_columns) == 1 else f"{name}({columns})"
