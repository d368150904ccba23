"""Rows set aside in a temporary table, so that one statement updates or removes those that match: no row-by-row SQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from hotfixture.schema import Table, TableName

if TYPE_CHECKING:
    import pyarrow as pa

    from hotfixture.databases.base import Database
    from hotfixture.schema import Reference

STAGE = "_mockcraft_stage"


@contextmanager
def staged(database: Database, table: Table, batch: pa.RecordBatch) -> Iterator[str]:
    """The quoted name of a temporary table that holds the batch; inside a transaction that is open."""
    dialect = database.dialect
    stage = dialect.identifier(STAGE)
    names = ", ".join(map(dialect.identifier, batch.schema.names))
    database.execute(f"CREATE TEMPORARY TABLE {stage} AS SELECT {names} FROM {dialect.table(table.name)} WHERE 1 = 0")
    columns = tuple(replace(table.column(name), generated=False) for name in batch.schema.names)
    try:
        database.append(Table(TableName("", STAGE), columns), batch)
        if dialect.name == "sqlite":  # it joins by loops alone: without an index each row would look at all others
            database.execute(f"CREATE INDEX temp.{dialect.identifier(f'{STAGE}_keys')} ON {stage} ({names})")
        yield stage
    finally:
        database.execute(f"DROP {'TEMPORARY ' if dialect.name == 'mysql' else ''}TABLE {stage}")


def update(database: Database, table: Table, keys: Sequence[str], batch: pa.RecordBatch) -> None:
    """Give the rows that have the batch's `keys` the batch's other columns."""
    quote, whole = database.dialect.identifier, database.dialect.table(table.name)
    values = [name for name in batch.schema.names if name not in keys]
    with staged(database, table, batch) as stage:
        same = _same(database, table, stage, keys)
        if database.dialect.name == "mysql":
            pairs = ", ".join(f"{whole}.{quote(name)} = {stage}.{quote(name)}" for name in values)
            database.execute(f"UPDATE {whole} JOIN {stage} ON {same} SET {pairs}")
        else:
            pairs = ", ".join(f"{quote(name)} = {stage}.{quote(name)}" for name in values)
            database.execute(f"UPDATE {whole} SET {pairs} FROM {stage} WHERE {same}")


def delete(database: Database, table: Table, batch: pa.RecordBatch) -> int:
    """Remove the rows that equal a row of the batch in the batch's columns; says how many there were."""
    whole = database.dialect.table(table.name)
    with staged(database, table, batch) as stage:
        same = _same(database, table, stage, batch.schema.names)
        among = f"FROM {whole} WHERE EXISTS (SELECT 1 FROM {stage} WHERE {same})"
        found = int(str(database.fetch(f"SELECT count(*) {among}")[0][0]))
        database.execute(f"DELETE {among}")
    return found


def pointing(database: Database, table: Table, batch: pa.RecordBatch, references: Sequence[Reference]) -> int:
    """How many rows refer to rows that equal one of the batch, but for those that refer to themselves."""
    quote, whole, found = database.dialect.identifier, database.dialect.table(table.name), 0
    with staged(database, table, batch) as stage:
        same = _same(database, table, stage, batch.schema.names)
        for one in references:
            pairs = zip(one.columns, one.target_columns, strict=True)
            points = " AND ".join(f"child.{quote(name)} = {whole}.{quote(target)}" for name, target in pairs)
            itself = " AND ".join(f"child.{quote(name)} = {whole}.{quote(name)}" for name in batch.schema.names)
            other = f" AND NOT ({itself})" if one.table == table.name else ""
            child = f"{database.dialect.table(one.table)} AS child"
            sql = f"SELECT count(*) FROM {stage} JOIN {whole} ON {same} JOIN {child} ON {points}{other}"
            found += int(str(database.fetch(sql)[0][0]))
    return found


def _same(database: Database, table: Table, other: str, names: Sequence[str]) -> str:
    """Equal in all these columns, null with null; where there are no nulls in a form that engines can hash."""
    quote, one = database.dialect.identifier, database.dialect.table(table.name)
    like = {"mysql": "<=>", "sqlite": "IS"}.get(database.dialect.name, "IS NOT DISTINCT FROM")
    equal = {name: like if table.column(name).nullable else "=" for name in names}
    return " AND ".join(f"{one}.{quote(name)} {equal[name]} {other}.{quote(name)}" for name in names)
