"""PostgreSQL, MySQL, MariaDB and SQLite as targets of seeding: their bulk roads, a mark in the same transaction."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, Self

import pyarrow as pa

from hotfixture.databases import sql_staging
from hotfixture.databases.base import Select
from hotfixture.databases.seeded_types import create_table, reference_clause
from hotfixture.databases.target import MARKS, Target, late
from hotfixture.schema import Schema, TableName

if TYPE_CHECKING:
    from hotfixture.databases.base import Database
    from hotfixture.schema import Reference, Table

_MARKS = "plan varchar(64) NOT NULL, name varchar(200) NOT NULL, rows_done bigint NOT NULL, PRIMARY KEY (plan, name)"


class SqlTarget(Target):
    """One SQL database."""

    name: ClassVar[str] = "sql"
    enforces = True

    def __init__(self, database: Database) -> None:
        self.database = database
        self.name = database.dialect.name  # type: ignore[misc]  # this class is several engines
        self._home = database.inspect().default_schema
        self._known: dict[TableName, Table] = {}
        if self.name == "sqlite":
            # KiB: the parents' keys, which every row is looked up in, outgrow the usual 2 MB soon.
            database.execute("PRAGMA cache_size = -65536")

    @classmethod
    def open(cls, url: str) -> Self:
        from hotfixture.databases import open_database

        return cls(open_database(url, write=True))

    def close(self) -> None:
        self.database.close()

    # ---- what stands there

    def existing(self) -> Schema:
        found = self.database.inspect()
        tables = {name: table for name, table in found.tables.items() if name.name != MARKS}
        return Schema(tables, found.default_schema, found.search_path, found.home, found.folds_case)

    def create(self, tables: Sequence[Table], *, replace: bool) -> None:
        there = self.existing()
        if replace:
            self._drop([self.placed(table) for table in tables if there.find(table.name.name, table.name.schema)])
            there = Schema({})
        made: set[TableName] = set()
        for table in map(self.placed, tables):
            if there.find(table.name.name, table.name.schema) is None:
                ready = [one for one in table.references if one.target in made or one.target == table.name]
                self.database.execute(create_table(self.database.dialect, table, ready))
            made.add(table.name)
        self.database.execute(f"CREATE TABLE IF NOT EXISTS {self._marks} ({_MARKS})")

    def _drop(self, tables: Sequence[Table]) -> None:
        """Children first; references between tables of a ring go before them."""
        cascade = " CASCADE" if self.name == "postgresql" else ""
        for table in reversed(tables):
            self.database.execute(f"DROP TABLE {self.database.dialect.table(table.name)}{cascade}")

    def placed(self, table: Table) -> Table:
        """The table and what it refers to by full names: a session of ours searches no path."""
        references = tuple(
            dataclasses.replace(one, table=self._full(one.table), target=self._full(one.target))
            for one in table.references
        )
        return dataclasses.replace(table, name=self._full(table.name), references=references)

    def _full(self, name: TableName) -> TableName:
        return name if name.schema else TableName(self._home, name.name)

    @property
    def _marks(self) -> str:
        return self.database.dialect.table(TableName(self._home, MARKS))

    # ---- rows and marks

    def marks(self, plan: str) -> dict[str, int]:
        if self.database.inspect().find(MARKS) is None:
            return {}
        found = self.database.fetch(f"SELECT name, rows_done FROM {self._marks} WHERE {self._of(plan)}")
        return {str(name): int(str(rows)) for name, rows in found}

    def _of(self, plan: str) -> str:
        return f"plan = {self.database.dialect.literal(plan)}"

    def put(self, plan: str, table: Table, batch: pa.RecordBatch, *, first: int) -> None:
        with self.database.transaction():
            self.database.append(self._real(table), self._fitting(table, batch))
            self._mark(plan, str(table.name), first + batch.num_rows)

    def note(self, plan: str, name: str, rows: int) -> None:
        with self.database.transaction():
            self._mark(plan, name, rows)

    def _mark(self, plan: str, name: str, rows: int) -> None:
        literal = self.database.dialect.literal
        self.database.execute(f"DELETE FROM {self._marks} WHERE {self._of(plan)} AND name = {literal(name)}")
        values = ", ".join(map(literal, (plan, name, rows)))
        self.database.execute(f"INSERT INTO {self._marks} (plan, name, rows_done) VALUES ({values})")

    def _real(self, table: Table) -> Table:
        """The table as it stands in the database: its own types decide how values are spelled."""
        if table.name not in self._known:
            found = self.database.inspect().find(table.name.name, table.name.schema)
            self._known[table.name] = found or self.placed(table)
        return self._known[table.name]

    def _fitting(self, table: Table, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch without columns that the engine computes."""
        real = {column.name: column for column in self._real(table).columns}
        names = [name for name in batch.schema.names if name in real and not real[name].generated]
        return batch if len(names) == batch.num_columns else batch.select(names)

    def fill(self, plan: str, table: Table, batch: pa.RecordBatch, *, first: int) -> None:
        with self.database.transaction():
            sql_staging.update(self.database, self._real(table), self.identity(table), batch)
            self._mark(plan, late(table), first + batch.num_rows)

    def finish(self, tables: Sequence[Table]) -> None:
        """References that closed a ring are added; sequences are set past the largest value."""
        dialect, there = self.database.dialect, self.database.inspect()
        for statement in dialect.sequences([self._real(table) for table in tables]):
            self.database.fetch(statement.rstrip().rstrip(";"))
        for table in tables:
            real = there.find(table.name.name, table.name.schema)
            for reference in self._missing(self.placed(table), real or table):
                self.database.execute(
                    f"ALTER TABLE {dialect.table(reference.table)} ADD {reference_clause(dialect, reference)}"
                )

    def _missing(self, table: Table, real: Table) -> list[Reference]:
        if self.name == "sqlite":
            return []  # SQLite adds no reference to a table that stands
        there = {one.columns for one in real.references}
        return [one for one in table.references if one.columns not in there]

    # ---- removing, counting, reading

    def remove(self, table: Table, keys: pa.RecordBatch) -> int:
        with self.database.transaction():
            return sql_staging.delete(self.database, self._real(table), keys)

    def forget(self, plan: str) -> None:
        if self.database.inspect().find(MARKS):
            self.database.execute(f"DELETE FROM {self._marks} WHERE {self._of(plan)}")

    def count(self, table: Table) -> int:
        found = self.database.inspect().find(table.name.name, table.name.schema)
        if found is None:
            return 0
        return int(str(self.database.fetch(f"SELECT count(*) FROM {self.database.dialect.table(found.name)}")[0][0]))

    def read(self, table: Table, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        real = self._real(table)
        wanted = [real.column(name) for name in columns]
        for batch in self.database.read(Select(real, tuple(columns)), wanted, apart=set(columns)):
            arrays = [
                self.database.dialect.typed(column, field) for column, field in zip(wanted, batch.columns, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(arrays, names=list(columns))
