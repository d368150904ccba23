"""PostgreSQL 9.6 to 18: one connection that inspects, reads and writes; everything travels as COPY text."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar, Self

import pyarrow as pa

from hotfixture.databases import postgresql_large_objects, postgresql_script, postgresql_text
from hotfixture.databases.base import Database, Ddl, DdlOption, Estimate, Select
from hotfixture.databases.postgresql_catalogue import Catalogue, Types
from hotfixture.databases.postgresql_ddl import Builder
from hotfixture.databases.postgresql_dialect import PostgresqlDialect
from hotfixture.databases.postgresql_session import Session
from hotfixture.errors import DatabaseError, UnsupportedError

if TYPE_CHECKING:
    from pathlib import Path

    from hotfixture.schema import Column, Reference, Schema, Table

OLDEST = (9, 6)
SLICE = 8_192
"""Rows of a batch that are spelled at once."""


class PostgresqlDatabase(Database):
    """One connection to a PostgreSQL database."""

    keys_at_once: ClassVar[int] = 50_000
    # Rows per second of a subset with 10,000, 20,000, 50,000 and 100,000 keys a query: 587, 596, 789 and 848 thousand.

    def __init__(self, session: Session, *, writes: bool) -> None:
        self.dialect: PostgresqlDialect = PostgresqlDialect()
        self.server = "PostgreSQL"
        self.version = session.version
        self._session = session
        self._writes = writes

    @classmethod
    def open(cls, url: str, *, write: bool = False, timeout: float | None = None) -> Self:
        """A connection; what the URL leaves out comes from the PG environment variables and the password file."""
        session = Session(url, write=write, timeout=timeout)
        if session.version < OLDEST:
            session.close()
            found = ".".join(map(str, session.version))
            raise UnsupportedError(f"PostgreSQL: expected version 9.6 or newer, found {found}")
        return cls(session, writes=write)

    def close(self) -> None:
        """End the connection."""
        self._session.close()

    def interrupt(self) -> None:
        """The driver asks the server to cancel whatever it waits for."""
        self._session.interrupt()

    def snapshot(self) -> AbstractContextManager[str]:
        """One repeatable-read, read-only transaction; gives its time."""
        return self._session.snapshot()

    def inspect(self) -> Schema:
        """Tables, views and partitions of all schemas but the system's and the extensions'."""
        return postgresql_large_objects.marked(Catalogue(self._session).schema(), self.dialect, self._session.fetch)

    @cached_property
    def _types(self) -> Types:
        return Catalogue(self._session).types()

    def describe(self, query: str) -> tuple[Column, ...]:
        """The columns a query gives; the server parses it and runs nothing."""

        async def work(connection: Any) -> list[tuple[str, int]]:
            statement = await connection.prepare(query)
            return [(attribute.name, attribute.type.oid) for attribute in statement.get_attributes()]

        found = self._session.inside(work)
        named = "SELECT oid, format_type(oid, NULL) AS native FROM pg_type WHERE oid = ANY($1::oid[])"
        natives = {row["oid"]: row["native"] for row in self._session.fetch(named, [oid for _, oid in found])}
        return tuple(self._types.column(name, natives[oid], oid, -1) for name, oid in found)

    def estimate(self, query: str | Select) -> Estimate:
        """The planner's estimate of rows, and of bytes by the average width of a row."""
        plan = json.loads(self._session.fetch(f"EXPLAIN (FORMAT JSON) {self._spelled(query)}")[0][0])[0]["Plan"]
        return Estimate(int(plan["Plan Rows"]), int(plan["Plan Rows"]) * int(plan["Plan Width"]))

    def _spelled(self, query: str | Select) -> str:
        return self.dialect.select(query) if isinstance(query, Select) else query

    def read(
        self, query: str | Select, columns: Sequence[Column], *, apart: Collection[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The rows as COPY text, in batches of some 4 MB."""
        if isinstance(query, str):
            # A text that is no single statement by itself is refused here, before it stands inside the COPY.
            self._session.inside(lambda connection: connection.prepare(query))
        names = [column.name for column in columns]
        fields = names if apart is None or apart else ["\t".join(names)]
        for piece in self._session.copy_out(self._spelled(query) + "\n"):
            yield postgresql_text.split(piece, fields)

    def write(self, table: Table, batches: Iterable[pa.RecordBatch]) -> int:
        """Append batches by COPY, all of them in one transaction."""
        self._must_write()
        source = iter(batches)
        first = next(source, None)
        if first is None:
            return 0
        names = first.schema.names
        columns = [table.column(name) for name in names]
        pieces = (self._lines(columns, batch.select(names)) for batch in chain([first], source))
        return self._session.copy_in((table.name.schema, table.name.name, names), pieces)

    def append(self, table: Table, batch: pa.RecordBatch) -> None:
        """Append a batch by COPY, in the transaction that is open."""
        # In slices: the next one is spelled while the server stores the one before.
        self.write(table, [batch.slice(first, SLICE) for first in range(0, batch.num_rows, SLICE)])

    def _lines(self, columns: Sequence[Column], batch: pa.RecordBatch) -> Any:
        fields = zip(columns, batch.columns, strict=True)
        return postgresql_text.join([self.dialect.encode(column, field) for column, field in fields])

    def _must_write(self) -> None:
        if not self._writes:
            raise DatabaseError("PostgreSQL: the connection is read-only", hint="Open it with write=True.")

    def ddl(self, tables: Sequence[Table], *, option: DdlOption = "if-not-exists", indexes: bool = True) -> Ddl:
        """Statements for the tables, their partitions, and the types, sequences and extensions they need."""
        return Builder(Catalogue(self._session), self.dialect, option).ddl(tables, indexes=indexes)

    def orphans(self, reference: Reference) -> int:
        """How many rows point at no row of the target; a partly null key points nowhere and is none."""
        return int(str(self.fetch(self.dialect.orphans(reference))[0][0]))

    def load(self, script: Path) -> None:
        """Run a script of this project's making; a failure rolls everything back."""
        self._must_write()
        postgresql_script.load(self._session, script)

    def execute(self, statement: str) -> None:
        """Run one statement that gives no rows; by itself, where no transaction was begun."""
        self._session.execute(statement)

    def fetch(self, query: str) -> list[tuple[object, ...]]:
        """All rows of a small query."""
        return [tuple(row) for row in self._session.fetch(query)]
