"""MySQL 8 and MariaDB: rows stream as the server's own text and arrive byte-exact.

The driver is PyMySQL: it refuses several statements in one text by its protocol flags, and its socket can be read
directly, which is what makes the rows fast. The servers differ in data (`mysql_connection.Flavour`), not in branches.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc
from pymysql.constants import FIELD_TYPE
from pymysql.err import MySQLError

from hotfixture.databases import mysql_catalogue, mysql_ddl, mysql_load, mysql_plan, mysql_select, mysql_wire
from hotfixture.databases.base import Database, Ddl, DdlOption, Estimate, Select
from hotfixture.databases.mysql_connection import SQL_MODE, Flavour, connect, free, prepared, run, translated
from hotfixture.databases.mysql_dialect import MysqlDialect
from hotfixture.databases.mysql_types import described
from hotfixture.errors import DatabaseError
from hotfixture.schema import Column, Reference, Schema, Table, TableName

BLOCK = 1 << 20
"""Bytes of a script read at once."""

LARGEST_FLOAT = float.fromhex("0x1.fffffep127")


class MysqlDatabase(Database):
    """One connection to one database of a MySQL or MariaDB server."""

    dialect = MysqlDialect()

    def __init__(self, url: str, connection: Any, flavour: Flavour, version: tuple[int, ...]) -> None:
        self._url = url
        self._connection = connection
        self.flavour = flavour
        self.server = flavour.name
        self.version = version
        self._schema: Schema | None = None
        self._loads = True
        self._minded: set[TableName] = set()

    @classmethod
    def open(cls, url: str, *, write: bool = False, timeout: float | None = None) -> Self:
        """`mysql://user:password@host:3306/database`, with `ssl_mode`, `ssl_ca`, `ssl_cert`, `ssl_key`, `socket`."""
        return cls(url, *connect(url, write=write, timeout=timeout))

    def close(self) -> None:
        if self._connection.open:
            self._connection.close()

    def interrupt(self) -> None:
        """Another connection asks the server to end the statement."""
        with suppress(MySQLError, DatabaseError), type(self).open(self._url) as other:
            other._run(f"KILL QUERY {self._connection.thread_id()}")

    @contextmanager
    def snapshot(self) -> Iterator[str]:
        self._run("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        try:
            moment = self.fetch("SELECT DATE_FORMAT(UTC_TIMESTAMP(6), '%Y-%m-%dT%H:%i:%s.%f+00:00')")
            yield str(moment[0][0])
        finally:
            with suppress(DatabaseError):
                self._run("ROLLBACK")

    def inspect(self) -> Schema:
        if self._schema is None:
            self._schema = mysql_catalogue.inspect(self.fetch, self.flavour)
        return self._schema

    def describe(self, query: str) -> tuple[Column, ...]:
        return tuple(described(field) for field in prepared(self._connection, query))

    def estimate(self, query: str | Select) -> Estimate:
        if isinstance(query, Select):
            text = next(mysql_select.statements(query, self._columns_of(query), self.dialect))
            width = mysql_plan.row_bytes(query.table)
        else:
            text, width = query, sum(map(mysql_plan.width, self.describe(query)))
        plan = str(self.fetch(f"EXPLAIN FORMAT=JSON {text}")[0][0])
        rows = mysql_plan.rows(plan)
        if isinstance(query, Select) and query.keys and len(query.keys.values):
            rows = rows * len(query.keys.values) // min(len(query.keys.values), mysql_select.KEYS)
        return Estimate(rows, rows * width)

    @staticmethod
    def _columns_of(select: Select) -> list[Column]:
        return [select.table.column(name) for name in select.columns]

    def read(
        self,
        query: str | Select,
        columns: Sequence[Column],
        *,
        apart: Collection[str] | None = None,  # noqa: ARG002 - fields stay apart: the wire form is the value itself
    ) -> Iterator[pa.RecordBatch]:
        if isinstance(query, Select):
            texts = mysql_select.statements(query, columns, self.dialect)
        else:
            texts = iter([mysql_select.wrapped(query, columns, self.dialect)])
        for text in texts:
            yield from self._stream(text, columns)

    def _stream(self, text: str, columns: Sequence[Column]) -> Iterator[pa.RecordBatch]:
        names = [column.name for column in columns]
        with translated():
            free(self._connection).query(text, unbuffered=True)
            result = self._connection._result
            found = mysql_wire.columns(self._connection, result)
            try:
                if len(result.fields) != len(columns):
                    raise DatabaseError(f"the query gives {len(result.fields)} columns; expected {len(columns)}")
                codes = [field.type_code for field in result.fields]
                for arrays in found:
                    wire = [_wire(*sent) for sent in zip(columns, codes, arrays, strict=True)]
                    yield pa.RecordBatch.from_arrays(wire, names=names)
            finally:
                if result.unbuffered_active:
                    self._abandon(found)

    def _abandon(self, rest: Iterator[object]) -> None:
        """End a result that nobody reads on: the server is told to stop, then what it has sent is passed over."""
        self.interrupt()
        with suppress(MySQLError):
            for _ in rest:
                pass

    def write(self, table: Table, batches: Iterable[pa.RecordBatch]) -> int:
        rows = 0
        self._run("START TRANSACTION")
        try:
            for batch in batches:
                self.append(table, batch)
                rows += batch.num_rows
        except BaseException:
            self._undo()
            raise
        self._run("COMMIT")
        return rows

    def append(self, table: Table, batch: pa.RecordBatch) -> None:
        columns = [table.column(name) for name in batch.schema.names]
        wire = [self.dialect.encode(column, values) for column, values in zip(columns, batch.columns, strict=True)]
        plain = pa.RecordBatch.from_arrays(wire, names=batch.schema.names)
        if not self._loaded(table, columns, plain):
            self._insert(table, columns, plain)

    def _loaded(self, table: Table, columns: Sequence[Column], batch: pa.RecordBatch) -> bool:
        """Whether the batch went the quick road; a table of which a row was minded there is not tried again."""
        if not self._loads or table.name in self._minded or not mysql_load.suits(columns, batch.num_rows):
            return False
        try:
            whole = mysql_load.load(self._connection, self.dialect, table, batch)
        except mysql_load.RefusedLoadError:
            self._loads = whole = False
        if not whole:
            self._minded.add(table.name)
        return whole

    def _insert(self, table: Table, columns: Sequence[Column], batch: pa.RecordBatch) -> None:
        statement = bytearray()
        for piece in self.dialect.rows(table, columns, batch):
            statement += memoryview(piece)
            if statement.endswith(b";\n"):
                self._run(bytes(statement))
                statement.clear()

    def _undo(self) -> None:
        """Roll back, and give the session its settings again."""
        with suppress(DatabaseError):
            self._run("ROLLBACK")
            self._run(f"SET SESSION sql_mode = '{SQL_MODE}', autocommit = 1, foreign_key_checks = 1")

    def ddl(self, tables: Sequence[Table], *, option: DdlOption = "if-not-exists", indexes: bool = True) -> Ddl:
        return mysql_ddl.ddl(self.fetch, self.dialect, tables, option=option, indexes=indexes)

    def orphans(self, reference: Reference) -> int:
        quote = self.dialect.identifier
        pairs = zip(reference.columns, reference.target_columns, strict=True)
        joined = " AND ".join(f"p.{quote(target)} = c.{quote(column)}" for column, target in pairs)
        whole = " AND ".join(f"c.{quote(column)} IS NOT NULL" for column in reference.columns)
        child, parent = self.dialect.table(reference.table), self.dialect.table(reference.target)
        sql = f"SELECT count(*) FROM {child} c WHERE {whole} AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE {joined})"
        return int(str(self.fetch(sql)[0][0]))

    def load(self, script: Path) -> None:
        """Tables that the script created are dropped again when it fails, since CREATE TABLE cannot be rolled back."""
        before, place = self._tables(), ""
        try:
            for statement in statements(script):
                place = statement.partition(b" (")[0][:200].decode(errors="replace")
                self._run(statement)
        except DatabaseError as error:
            self._forget(before)
            raise DatabaseError(f"{script.name} does not load at {place!r}: {error}") from None
        self._schema = None

    def _forget(self, tables: set[str]) -> None:
        """Undo a load: no row of it stays, and no table but `tables`."""
        self._undo()
        if not self._connection.open:
            # The server hangs up on a statement that is too large, which rolls back as well.
            self._connection = connect(self._url, write=True, timeout=None)[0]
        for name in self._tables() - tables:
            self._run(f"DROP TABLE IF EXISTS {self.dialect.identifier(name)}")

    def _tables(self) -> set[str]:
        found = "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"
        return {str(row[0]) for row in self.fetch(found)}

    def fetch(self, query: str) -> list[tuple[object, ...]]:
        with translated(), free(self._connection).cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    def execute(self, statement: str) -> None:
        if statement.startswith(("CREATE TABLE", "ALTER", "DROP TABLE")):
            self._schema = None
        self._run(statement)

    def _run(self, statement: str | bytes) -> None:
        run(self._connection, statement)


def statements(script: Path) -> Iterator[bytes]:
    """The statements of a script of ours: none holds a semicolon at the end of a line but its last character."""
    rest = b""
    with script.open("rb") as file:
        while block := file.read(BLOCK):
            *whole, rest = (rest + block).split(b";\n")
            yield from filter(None, map(_uncommented, whole))
    if last := _uncommented(rest.removesuffix(b";")):
        yield last


def _uncommented(statement: bytes) -> bytes:
    """The statement without comment lines before it."""
    statement = statement.lstrip()
    while statement.startswith(b"--"):
        statement = statement.partition(b"\n")[2].lstrip()
    return statement


def _wire(column: Column, code: int, values: pa.Array) -> pa.Array:
    """What the server sent for a column, in wire form."""
    if code == FIELD_TYPE.BIT:
        return pa.array(
            [value if value is None else str(int.from_bytes(value)) for value in values.to_pylist()], pa.string()
        )
    if pa.types.is_binary(column.arrow):
        return values
    try:
        text = values.cast(pa.string())
    except pa.ArrowInvalid as error:
        message = f"column {column.name!r} ({column.native or 'text'}) holds bytes that are no text"
        raise DatabaseError(message, hint="Select it as CAST(… AS BINARY), or repair the column.") from error
    return _shortest(text) if mysql_select.is_single(column) else text


def _shortest(values: pa.Array) -> pa.Array:
    """FLOAT values, sent with all digits of a double, in the fewest digits that read back as the same value."""
    single = values.cast(pa.float64()).cast(pa.float32(), safe=False)
    text = single.cast(pa.string())
    # The server reads a literal as a double first: the short text must survive both roundings, and lie in the range.
    double = text.cast(pa.float64())
    same = pc.equal(double.cast(pa.float32(), safe=False), single)
    return pc.if_else(pc.and_(same, pc.less_equal(pc.abs(double), LARGEST_FLOAT)), text, values)
