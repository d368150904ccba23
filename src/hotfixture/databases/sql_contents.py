"""What the tables of a SQL database hold: rows and digests from the engine's own text, structure from the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hotfixture.databases.backup import Content, Digest, digest_of
from hotfixture.databases.base import Select

if TYPE_CHECKING:
    from hotfixture.databases.base import Database
    from hotfixture.schema import Column, Table

_WITH_ROWS = ("table", "partitioned")
"""A partition is read through its parent, a virtual table through the tables that it keeps."""


def contents(database: Database) -> Iterator[Content]:
    """What every table holds, in the order of their names."""
    schema = database.inspect()
    for table in sorted(schema, key=lambda one: one.name):
        digest = rows_of(database, table) if table.kind in _WITH_ROWS else None
        # MySQL writes the database's own name into its views.
        structure = digest_of(repr(_structure(table)).replace(f"`{schema.home}`.", ""))
        yield Content(str(table.name), digest.rows if digest else 0, str(digest or ""), structure)


def rows_of(database: Database, table: Table) -> Digest:
    """The digest of all rows of a table, columns that the engine computes included."""
    digest = Digest()
    select = Select(table, tuple(column.name for column in table.columns))
    for batch in database.read(select, table.columns, apart=()):
        digest.add(batch)
    return digest


def _structure(table: Table) -> tuple[object, ...]:
    columns = [_column(column) for column in table.columns]
    sets = [sorted(map(repr, part)) for part in (table.uniques, table.references, table.checks)]
    return (table.kind, columns, table.primary_key, sets, table.comment, table.definition)


def _column(column: Column) -> tuple[object, ...]:
    """Without the Arrow type, which is this library's reading of the engine's type."""
    computed = (column.generated, column.identity, column.default)
    text = (column.collation, column.choices, column.comment)
    return (column.name, column.native, column.nullable, *computed, *text)
