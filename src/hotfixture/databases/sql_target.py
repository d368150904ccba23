"""PostgreSQL, MySQL, MariaDB and SQLite as targets of seeding: their bulk roads, a mark in the same transaction."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from time import monotonic, sleep
from typing import TYPE_CHECKING, ClassVar, Self

import pyarrow as pa

from hotfixture.databases import rings, sql_staging
from hotfixture.databases.base import Select
from hotfixture.databases.drift import differences
from hotfixture.databases.seeded_names import named
from hotfixture.databases.seeded_types import create_table, partial_indexes, reference_clause
from hotfixture.databases.target import MARKS, Target, late
from hotfixture.errors import DatabaseError, InputError, Problem
from hotfixture.schema import Schema, TableName

if TYPE_CHECKING:
    from hotfixture.databases.base import Database
    from hotfixture.schema import Reference, Table

_MARKS = "plan varchar(64) NOT NULL, name varchar(200) NOT NULL, rows_done bigint NOT NULL, PRIMARY KEY (plan, name)"

_UNCHECKED = {
    "mysql": ("SET SESSION foreign_key_checks = 0", "SET SESSION foreign_key_checks = 1"),
    "sqlite": ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON"),
}
"""Around the dropping of tables, whose references to each other may run in a ring."""
_DEFER = {"postgresql": "SET CONSTRAINTS ALL DEFERRED", "sqlite": "PRAGMA defer_foreign_keys = ON"}
"""Puts references off to the end of the transaction, where they can be."""
_LOCKS = {
    "postgresql": ("SELECT pg_try_advisory_lock({key})", "SELECT pg_advisory_unlock({key})"),
    "mysql": ("SELECT GET_LOCK('mockcraft {key}', 1)", "SELECT RELEASE_LOCK('mockcraft {key}')"),
}
"""Locks that last as long as the session. SQLite's own hold for its one writer."""
PATIENCE = 20.0
"""Seconds to wait for another run of the same plan."""


_TAKEN = re.compile(r"\[23505\]|\(1062\)|UNIQUE constraint failed")
_REPEATED = (
    "A row with this key is there already. Of an earlier schema or seed? Remove its rows with unseed and that schema, "
    "or drop the tables with --replace."
)


@contextmanager
def _placed_error(table: Table, first: int, rows: int) -> Iterator[None]:
    """A refusal of the engine, told with the table and the rows that were under way; never with a value."""
    try:
        yield
    except DatabaseError as error:
        problem = error.problems[0]
        hint = _REPEATED if _TAKEN.search(problem.message) else problem.hint
        where = f"{table.name}, among rows {first:,} to {first + rows - 1:,}"
        raise type(error)(f"{where}: {problem.message}", hint=hint) from None


class SqlTarget(Target):
    """One SQL database."""

    name: ClassVar[str] = "sql"
    enforces = True

    def __init__(self, database: Database) -> None:
        self.database = database
        self.name = database.dialect.name  # type: ignore[misc]  # this class is several engines
        self._there: Schema | None = None
        self._open = False
        self._home = self._inspected().default_schema
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
        found = self._inspected()
        tables = {name: table for name, table in found.tables.items() if name.name != MARKS}
        return Schema(tables, found.default_schema, found.search_path, found.home, found.folds_case)

    def _inspected(self) -> Schema:
        """The catalogue, read once: whatever here changes tables calls `_changed`."""
        if self._there is None:
            self._there = self.database.inspect()
        return self._there

    def _changed(self, statement: str) -> None:
        """Run a statement that makes, alters or drops tables."""
        self.database.execute(statement)
        self._there = None
        self._known.clear()

    def _find(self, name: TableName) -> Table | None:
        return self._inspected().find(name.name, name.schema)

    def create(self, tables: Sequence[Table], *, replace: bool) -> None:
        placed = self._ready(tables)
        if replace:
            self._drop([table for table in placed if self._find(table.name)])
        self._compare(placed)
        self._make_schemas(placed)
        made: set[TableName] = set()
        there = {table.name for table in placed if self._find(table.name)}
        for table in placed:
            made.add(table.name)
            if table.name not in there:
                # SQLite alone takes a reference to a table that comes later, and adds none to one that stands.
                ready = [one for one in table.references if one.target in made or self.name == "sqlite"]
                self._changed(create_table(self.database.dialect, table, ready))
                for statement in partial_indexes(self.database.dialect, table):
                    self._changed(statement)
        self._changed(f"CREATE TABLE IF NOT EXISTS {self._marks} ({_MARKS})")

    def _ready(self, tables: Sequence[Table]) -> list[Table]:
        """The tables as they will be made; InputError for what this engine cannot have."""
        placed = named(rings.deferred([self.placed(table) for table in tables]), self.name)
        rings.refuse(placed, self.name)
        if self.name == "postgresql" and self.database.version < (15,):
            for unique in (one for table in placed for one in table.uniques if not one.nulls_distinct):
                raise InputError(f"unique {unique.name}: NULLS NOT DISTINCT needs PostgreSQL 15, this is an older one")
        return placed

    def compare(self, tables: Sequence[Table]) -> None:
        self._compare(self._ready(tables))

    def _compare(self, tables: Sequence[Table]) -> None:
        """InputError with everything that keeps the rows out of tables that stand there; nothing is written."""
        there, problems = self._inspected(), list[Problem]()
        for table in tables:
            if found := self._find(table.name):
                typed = self.name != "sqlite"
                problems += differences(table, found, folds_case=there.folds_case, typed=typed)
        problems += rings.rigid(tables, there) if self.name == "postgresql" else []
        if problems:
            raise InputError.of(problems)

    def _make_schemas(self, tables: Sequence[Table]) -> None:
        if self.name == "postgresql":
            for schema in dict.fromkeys(table.name.schema for table in tables if not self._find(table.name)):
                found = f"SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = {self.database.dialect.literal(schema)}"
                if not self.database.fetch(found):
                    self._changed(f"CREATE SCHEMA IF NOT EXISTS {self.database.dialect.identifier(schema)}")

    def _drop(self, tables: Sequence[Table]) -> None:
        """Children first; references between tables of a ring go before them."""
        cascade = " CASCADE" if self.name == "postgresql" else ""
        before, after = _UNCHECKED.get(self.name, ("", ""))
        for statement in filter(None, (before,)):
            self.database.execute(statement)
        for table in reversed(tables):
            self._changed(f"DROP TABLE {self.database.dialect.table(table.name)}{cascade}")
        for statement in filter(None, (after,)):
            self.database.execute(statement)

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

    @contextmanager
    def alone(self, plan: str) -> Iterator[None]:
        taken, released = (text.format(key=int(plan[:15] or "0", 16)) for text in _LOCKS.get(self.name, ("", "")))
        end = monotonic() + PATIENCE
        while taken and not self.database.fetch(taken)[0][0]:
            if monotonic() > end:
                hint = "Wait for it to end, or end it; what it has stored stays."
                raise DatabaseError("another run of this schema is at work in the database", hint=hint)
            sleep(0.05)
        try:
            yield
        finally:
            with suppress(DatabaseError):  # a connection that has broken off has let go
                if released:
                    self.database.fetch(released)

    @contextmanager
    def together(self) -> Iterator[None]:
        if self._open:
            yield
            return
        with self.database.transaction():
            self._open = True
            try:
                if defer := _DEFER.get(self.name):
                    self.database.execute(defer)
                yield
            finally:
                self._open = False

    def _transaction(self) -> AbstractContextManager[None]:
        return nullcontext() if self._open else self.database.transaction()

    def marks(self, plan: str) -> dict[str, int]:
        if self._inspected().find(MARKS) is None:
            return {}
        found = self.database.fetch(f"SELECT name, rows_done FROM {self._marks} WHERE {self._of(plan)}")
        return {str(name): int(str(rows)) for name, rows in found}

    def _of(self, plan: str) -> str:
        return f"plan = {self.database.dialect.literal(plan)}"

    def put(self, plan: str, table: Table, batch: pa.RecordBatch, *, first: int) -> None:
        self.put_part(plan, table, batch, first=first, mark=str(table.name))

    def put_part(self, plan: str, table: Table, batch: pa.RecordBatch, *, first: int, mark: str) -> None:
        with _placed_error(table, first, batch.num_rows), self._transaction():
            self._expect(plan, mark, first)
            self.database.append(self._real(table), self._fitting(table, batch))
            self._mark(plan, mark, first + batch.num_rows)

    def _expect(self, plan: str, name: str, rows: int) -> None:
        """DatabaseError where the mark is no longer what it was: somebody else has put rows meanwhile."""
        named = f"{self._of(plan)} AND name = {self.database.dialect.literal(name)}"
        found = self.database.fetch(f"SELECT rows_done FROM {self._marks} WHERE {named}")
        if (int(str(found[0][0])) if found else 0) != rows:
            raise DatabaseError("another run has stored rows of this table meanwhile", hint="Run it again to go on.")

    def note(self, plan: str, name: str, rows: int) -> None:
        with self._transaction():
            self._mark(plan, name, rows)

    def _mark(self, plan: str, name: str, rows: int) -> None:
        literal = self.database.dialect.literal
        self.database.execute(f"DELETE FROM {self._marks} WHERE {self._of(plan)} AND name = {literal(name)}")
        values = ", ".join(map(literal, (plan, name, rows)))
        self.database.execute(f"INSERT INTO {self._marks} (plan, name, rows_done) VALUES ({values})")

    def _real(self, table: Table) -> Table:
        """The table as it stands in the database: its own types decide how values are spelled."""
        if table.name not in self._known:
            self._known[table.name] = self._find(table.name) or self.placed(table)
        return self._known[table.name]

    def _fitting(self, table: Table, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch without columns that the engine computes, the others under the engine's spelling of their names."""
        folds = self._inspected().folds_case
        real = {column.name.lower() if folds else column.name: column for column in self._real(table).columns}
        found = {name: real[name.lower() if folds else name] for name in batch.schema.names}
        kept = [name for name, column in found.items() if not column.generated]
        return batch.select(kept).rename_columns([found[name].name for name in kept])

    def arrays(self, table: Table) -> frozenset[str]:
        return frozenset(column.name for column in self._real(table).columns if column.native.endswith("[]"))

    def fill(self, plan: str, table: Table, batch: pa.RecordBatch, *, first: int) -> None:
        with _placed_error(table, first, batch.num_rows), self._transaction():
            sql_staging.update(self.database, self._real(table), self.identity(table), batch)
            self._mark(plan, late(table), first + batch.num_rows)

    def finish(self, tables: Sequence[Table]) -> None:
        """References that closed a ring are added; sequences are set past the largest value."""
        dialect = self.database.dialect
        for statement in dialect.sequences([self._real(table) for table in tables]):
            self.database.fetch(statement.rstrip().rstrip(";"))
        for table in self._ready(tables):
            for reference in self._missing(table, self._real(table)):
                self._changed(
                    f"ALTER TABLE {dialect.table(reference.table)} ADD {reference_clause(dialect, reference)}"
                )

    def _missing(self, table: Table, real: Table) -> list[Reference]:
        if self.name == "sqlite":
            return []  # SQLite adds no reference to a table that stands
        there = {one.columns for one in real.references}
        return [one for one in table.references if one.columns not in there]

    # ---- removing, counting, reading

    def remove(self, table: Table, keys: pa.RecordBatch) -> int:
        with self._transaction():
            return sql_staging.delete(self.database, self._real(table), keys)

    def remove_rings(self, table: Table, keys: pa.RecordBatch) -> int:
        """InnoDB lets no row go that points at itself, unless it checks no references: then we do."""
        if self.name != "mysql":
            return self.remove(table, keys)
        before, after = _UNCHECKED[self.name]
        real = self._real(table)
        with self._transaction():
            if sql_staging.pointing(self.database, real, keys, self._inspected().referring(real.name)):
                hint = "Remove or change them first, then run unseed again."
                raise DatabaseError(f"{table.name}: rows that this schema did not write refer to its rows", hint=hint)
            self.database.execute(before)
            try:
                return sql_staging.delete(self.database, real, keys)
            finally:
                self.database.execute(after)

    def forget(self, plan: str) -> None:
        if self._inspected().find(MARKS):
            self.database.execute(f"DELETE FROM {self._marks} WHERE {self._of(plan)}")

    def count(self, table: Table) -> int:
        found = self._find(table.name)
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
