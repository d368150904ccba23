"""What `hfit inspect` shows of a database: tables, references, cycles, and the columns that look sensitive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hotfixture.databases import open_database
from hotfixture.databases.base import Select
from hotfixture.errors import DatabaseError
from hotfixture.transforms.detect import suspect
from hotfixture.transforms.graph import Cycle, cycles, dot

if TYPE_CHECKING:
    import pyarrow as pa

    from hotfixture.databases.base import Database
    from hotfixture.schema import Column, Schema, Table
    from hotfixture.transforms.suspicions import Suspicion

SAMPLED = 500
"""Rows of each table that are looked at for what they hold; no value of them leaves this module."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """One database as it is."""

    engine: str
    """The dialect that it speaks."""
    server: str
    """What the server says it is."""
    version: str
    schema: Schema
    cycles: tuple[Cycle, ...]
    suspicions: tuple[Suspicion, ...]

    def dot(self) -> str:
        """The tables and references as a Graphviz digraph."""
        return dot(self.schema)

    def plain(self) -> dict[str, Any]:
        """Everything as mappings and lists, for JSON."""
        return {
            "engine": self.engine,
            "server": self.server,
            "version": self.version,
            "tables": [_table(table) for table in self.schema],
            "cycles": [[str(reference) for reference in cycle.references] for cycle in self.cycles],
            "suspicions": [
                {
                    "table": str(one.table), "column": one.column, "class": one.kind, "mask": one.mask.plain(),
                    "confidence": round(one.confidence, 2), "evidence": one.evidence,
                }
                for one in self.suspicions
            ],
        }  # fmt: skip


def inspect(url: str, *, samples: bool = True) -> Inspection:
    """Tables, keys, references, cycles and suspected columns of the database at `url`.

    Looks at some rows of each table to suspect columns by their values; with `samples=False` by their names only.
    Raises InputError, DatabaseError.
    """
    with open_database(url) as database:
        schema = database.inspect()
        found: list[Suspicion] = []
        with database.snapshot():
            for table in schema:
                found += suspect(table, sample(database, table) if samples else None)
        version = ".".join(map(str, database.version))
        names = database.dialect.name, database.server
        return Inspection(*names, version, schema, tuple(cycles(schema)), tuple(found))


def sample(database: Database, table: Table) -> Mapping[str, pa.Array] | None:
    """The first rows of a table, decoded, by column; None where they cannot be read."""
    columns = [column for column in table.columns if not column.generated]
    select = Select(table, tuple(column.name for column in columns), limit=SAMPLED)
    try:
        batch = next(iter(database.read(select, columns)), None)
    except DatabaseError:
        return None  # a view whose parts are gone, a table without the right to read it
    if batch is None:
        return None
    return {column.name: database.dialect.decode(column, batch.column(at)) for at, column in enumerate(columns)}


def _table(table: Table) -> dict[str, Any]:
    return {
        "name": str(table.name),
        "kind": table.kind,
        "rows": table.rows,
        "bytes": table.bytes,
        "primary_key": list(table.primary_key),
        "columns": [_column(column) for column in table.columns],
        "references": [
            {"columns": list(r.columns), "target": str(r.target), "target_columns": list(r.target_columns)}
            for r in table.references
        ],
        "uniques": [{"name": u.name, "columns": list(u.columns), "expression": u.expression} for u in table.uniques],
        "checks": [check.expression for check in table.checks],
    }


def _column(column: Column) -> dict[str, Any]:
    shown = {"name": column.name, "type": column.native, "nullable": column.nullable}
    more = {"generated": True} if column.generated else {}
    return shown | more | ({"points_at": column.points_at} if column.points_at else {})
