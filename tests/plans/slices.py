"""Reads a subset of a SQLite file and keeps it, for tests to look into and to load."""

from __future__ import annotations

from collections import Counter
from sqlite3 import connect

import pyarrow as pa
from tests.plans.shapes import broken

from hotfixture.databases.sqlite import SqliteDatabase
from hotfixture.plans.extract import Extracted, extract
from hotfixture.schema import Reference, Schema, TableName
from hotfixture.transforms.subset import Reason
from hotfixture.transforms.subset_plan import SubsetSpec, plan_subset


class Kept:
    """A sink that keeps its batches."""

    def __init__(self) -> None:
        self.batches: list[pa.RecordBatch] = []

    def write(self, batch: pa.RecordBatch) -> None:
        self.batches.append(batch)


class Slice:
    """A subset that was read, with every column apart."""

    def __init__(self, url: str, spec: SubsetSpec, *, extra: tuple[Reference, ...] = (), keys: int = 3) -> None:
        self.sinks: dict[TableName, Kept] = {}
        self.reasons: list[Reason] = []
        with SqliteDatabase.open(url) as database, database.snapshot():
            self.dialect = database.dialect
            self.schema: Schema = database.inspect().with_references(extra)
            self.plan = plan_subset(self.schema, spec)
            self.done: Extracted = extract(
                database,
                self.plan,
                lambda table: self.sinks.setdefault(table.name, Kept()),
                apart=lambda table: [column.name for column in table.columns],
                explain=self.reasons.append,
                keys=keys,
            )
            self.ddl = database.ddl(list(self.schema)).before  # excluded tables too: references name them

    def rows(self, name: str) -> list[tuple[str | None, ...]]:
        table = self.schema.tables[TableName("", name)]
        found: list[tuple[str | None, ...]] = []
        for batch in self.sinks[table.name].batches if table.name in self.sinks else ():
            columns = [self.dialect.decode(table.column(n), batch.column(n)).to_pylist() for n in batch.schema.names]
            found += zip(*columns, strict=True)
        return found

    def column(self, name: str, column: str) -> list[str | None]:
        place = [c.name for c in self.schema.tables[TableName("", name)].columns].index(column)
        return [row[place] for row in self.rows(name)]

    def all_rows(self) -> dict[str, Counter[tuple[str | None, ...]]]:
        return {
            table.name.name: Counter(self.rows(table.name.name))
            for table in self.done.load
            if self.done.rows[table.name]
        }

    def load(self) -> list[tuple[object, ...]]:
        """Load into an empty database in the order given; the references that do not hold."""
        target = connect(":memory:", isolation_level=None)
        target.executescript(self.ddl)
        target.execute("PRAGMA foreign_keys = ON")
        target.execute("BEGIN")
        if self.done.late:
            target.execute("PRAGMA defer_foreign_keys = ON")
        for table in self.done.load:
            for batch in self.sinks[table.name].batches if table.name in self.sinks else ():
                script = b"".join(bytes(p) for p in self.dialect.rows(table, table.columns, batch))
                for statement in script.decode().split(";\n"):
                    target.execute(statement)
        target.execute("COMMIT")
        return broken(target)
