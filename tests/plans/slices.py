"""Reads a subset of a database and keeps it, for tests to look into and to load."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from hotfixture.databases import open_database
from hotfixture.databases.base import Load
from hotfixture.plans.extract import Extracted, extract
from hotfixture.schema import Reference, Schema, Table, TableName
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

    def __init__(self, url: str, spec: SubsetSpec, *, extra: tuple[Reference, ...] = (), keys: int | None = 3) -> None:
        self.sinks: dict[TableName, Kept] = {}
        self.reasons: list[Reason] = []
        with open_database(url) as database:
            self.dialect = database.dialect
            self.schema: Schema = database.inspect().with_references(extra)
            self.plan = plan_subset(self.schema, spec)
            with database.snapshot():
                self.done: Extracted = extract(
                    database,
                    self.plan,
                    lambda table: self.sinks.setdefault(table.name, Kept()),
                    apart=lambda table: [column.name for column in table.columns],
                    explain=self.reasons.append,
                    keys=keys,
                )
            self.ddl = database.ddl(list(self.schema))  # excluded tables too: references name them

    def table(self, name: str) -> Table:
        before, _, after = name.rpartition(".")
        found = self.schema.find(after, before)
        assert found, name
        return found

    def rows(self, name: str) -> list[tuple[str | None, ...]]:
        table = self.table(name)
        found: list[tuple[str | None, ...]] = []
        for batch in self._batches(table):
            columns = [self.dialect.decode(table.column(n), batch.column(n)).to_pylist() for n in batch.schema.names]
            found += zip(*columns, strict=True)
        return found

    def _batches(self, table: Table) -> list[pa.RecordBatch]:
        return self.sinks[table.name].batches if table.name in self.sinks else []

    def column(self, name: str, column: str) -> list[str | None]:
        place = [c.name for c in self.table(name).columns].index(column)
        return [row[place] for row in self.rows(name)]

    def all_rows(self) -> dict[str, Counter[tuple[str | None, ...]]]:
        return {
            table.name.name: Counter(self.rows(str(table.name))) for table in self.done.load if self._batches(table)
        }

    def script(self) -> bytes:
        """The rows as a script for tables whose references come after the rows."""
        load = Load(self.done.load, self.done.late, creates=True)
        parts: list[bytes] = [self.dialect.script_begin(load).encode()]
        for table in self.done.load:
            columns = [column for column in table.columns if not column.generated]
            if batches := self._batches(table):
                parts.append(self.dialect.rows_begin(table, columns).encode())
                parts += [bytes(piece) for batch in batches for piece in self.dialect.rows(table, columns, batch)]
                parts.append(self.dialect.rows_end(table, columns).encode())
        return b"".join([*parts, self.dialect.script_end(load, rows=sum(self.done.rows.values())).encode()])

    def load(self, url: str = "") -> list[str]:
        """Load into the empty database at `url` (else a SQLite file); the references that do not hold then."""
        with TemporaryDirectory() as folder:
            target = url or f"sqlite:///{folder}/target.db"
            with open_database(target, write=True) as database:
                for number, text in enumerate((self.ddl.before.encode(), self.script(), self.ddl.after.encode())):
                    path = Path(folder) / f"{number}.sql"
                    path.write_bytes(text)
                    database.load(path)
            with open_database(target) as database:
                return [str(r) for r in database.inspect().references() if database.orphans(r)]
