"""Columns that hold the numbers of PostgreSQL's large objects, whose bytes stand outside all tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from hotfixture.errors import DatabaseError

if TYPE_CHECKING:
    from hotfixture.databases.postgresql_dialect import PostgresqlDialect
    from hotfixture.schema import Column, Schema, Table

SAMPLED = 1000
"""Values of a column that are looked for among the large objects."""
MEANT = "large objects"
_ANY = "SELECT EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata) AS found"

Fetch = Callable[[str], list[Any]]


def marked(schema: Schema, dialect: PostgresqlDialect, fetch: Fetch) -> Schema:
    """The schema, the columns that hold numbers of large objects marked as such.

    A column of type `oid` may as well hold the numbers of tables or roles: it is one where a value is an object's.
    """
    candidates = [table for table in schema if any(map(_is_oid, table.columns))]
    if not candidates or not fetch(_ANY)[0]["found"]:
        return schema
    found = {table.name: _marked(table, dialect, fetch) for table in candidates}
    return replace(schema, tables={**schema.tables, **found})


def _is_oid(column: Column) -> bool:
    return bool(column.arrow == pa.uint32())


def _marked(table: Table, dialect: PostgresqlDialect, fetch: Fetch) -> Table:
    names = set(_pointing(table, dialect, fetch))
    columns = (replace(column, points_at=MEANT) if column.name in names else column for column in table.columns)
    return replace(table, columns=tuple(columns))


def _pointing(table: Table, dialect: PostgresqlDialect, fetch: Fetch) -> Iterator[str]:
    for column in filter(_is_oid, table.columns):
        name = dialect.identifier(column.name)
        some = f"SELECT {name} AS o FROM {dialect.table(table.name)} WHERE {name} IS NOT NULL LIMIT {SAMPLED}"
        objects = "pg_catalog.pg_largeobject_metadata"
        query = f"SELECT EXISTS (SELECT FROM ({some}) AS taken JOIN {objects} AS m ON m.oid = taken.o) AS found"
        with suppress(DatabaseError):  # a table without the right to read it cannot be exported either
            if fetch(query)[0]["found"]:
                yield column.name
