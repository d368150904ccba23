"""SQLite: wire form is the engine's own SQL literal, so that a value's dynamic type survives the road.

Reading goes through the ADBC driver, which builds Arrow arrays in C: 1 M rows of 11 columns, quoted by the engine, in
1.6 s where the standard module needs 4.1 s and `sqlite3 .dump` 2.2 s.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hotfixture.databases import sqlite_bounded
from hotfixture.databases import sqlite_literals as literals
from hotfixture.databases.addresses import file_of, no_file
from hotfixture.databases.base import Database, Ddl, DdlOption, Dialect, Estimate, Load, Select
from hotfixture.databases.sqlite_catalogue import inspect
from hotfixture.databases.sqlite_keys import in_keys
from hotfixture.databases.sqlite_statements import statements
from hotfixture.errors import DatabaseError, InputError
from hotfixture.schema import Column, Reference, Schema, Table

BATCH_ROWS = 16_384
BATCH_BYTES = 8 << 20
PIECE_ROWS = 512
"""Rows that the driver hands over at once: they are gathered until their bytes are enough, whatever rows weigh."""
STATEMENT_ROWS = 512
"""Rows of one INSERT: past some hundred rows a longer statement loads no faster."""
STATEMENT_BYTES = 1 << 19
"""Bytes of one INSERT of several rows: every build of SQLite takes a million."""

_GUARD = """
CREATE TEMP TABLE hotfixture_guard (id INTEGER PRIMARY KEY, changes INTEGER NOT NULL);
"""
_COUNT = "INSERT OR IGNORE INTO hotfixture_guard VALUES (1, total_changes());\n"
# Counted from the first rows on: the rows of a table that is dropped count as changes too.
# The shell goes on after a failed statement. This turns a row that is missing at the end into a failure that ends the
# transaction itself: a script loads wholly or not at all, in whatever program it runs.
_CHECK = """\
INSERT OR ROLLBACK INTO hotfixture_guard
SELECT 2, NULL FROM hotfixture_guard WHERE total_changes() - changes < {changes};
COMMIT;
DROP TABLE IF EXISTS temp.hotfixture_guard;
"""


class SqliteDialect(Dialect):
    """Spells SQLite."""

    name = "sqlite"
    sqlglot = "sqlite"
    separator = ","

    def identifier(self, name: str) -> str:
        escaped = name.replace('"', '""')
        return f'"{escaped}"'

    def literal(self, value: object) -> str:
        return literals.spell(value)

    def decode(self, column: Column, wire: pa.Array) -> pa.Array:
        if pa.types.is_binary(column.arrow) and literals.are_blobs(wire):
            return literals.read_blobs(wire)
        return literals.read_texts(wire)

    def encode(self, column: Column, values: pa.Array) -> pa.Array:
        if pa.types.is_binary(values.type) or pa.types.is_large_binary(values.type):
            return pa.array([self.literal(value) for value in values.to_pylist()], pa.string())
        spelled = literals.numbers if _is_number(column.arrow) else literals.texts
        return pc.fill_null(spelled(values.cast(pa.string())), "NULL")

    def typed(self, column: Column, wire: pa.Array) -> pa.Array:
        decoded = self.decode(column, wire)
        try:
            return decoded.cast(column.arrow)
        except pa.ArrowInvalid as error:
            message = f"column {column.name!r} holds values that are no {column.arrow}; export it as SQL, or cast it"
            raise DatabaseError(message) from error

    def script_begin(self, load: Load) -> str:
        if missing := _missing(load):
            remark = f"-- not checked, since they are not here: references to {' '.join(missing.splitlines())}"
            return f"{remark}\nPRAGMA foreign_keys = OFF;\nBEGIN;{_GUARD}"
        return f"PRAGMA foreign_keys = ON;\nBEGIN;\nPRAGMA defer_foreign_keys = ON;{_GUARD}"

    def script_end(self, load: Load, *, rows: int) -> str:  # noqa: ARG002 - other engines end by what was loaded
        return _CHECK.format(changes=rows + 1)

    def rows_begin(self, table: Table, columns: Sequence[Column]) -> str:  # noqa: ARG002 - the same for every table
        return _COUNT

    def rows(self, table: Table, columns: Sequence[Column], batch: pa.RecordBatch) -> Iterator[bytes | pa.Buffer]:
        names = ",".join(self.identifier(column.name) for column in columns)
        head = f"INSERT INTO {self.table(table.name)} ({names}) VALUES\n".encode()
        comma, opening, ending, nothing = (pa.scalar(text, pa.large_string()) for text in (",", "(", "),\n", ""))
        fields = pc.binary_join_element_wise(*(field.cast(pa.large_string()) for field in batch.columns), comma)
        lines = pc.binary_join_element_wise(opening, fields, ending, nothing)
        _, starts, data = lines.buffers()
        ends = np.frombuffer(starts, np.int64)[lines.offset :]
        first = 0
        while first < len(lines):
            fitting = int(np.searchsorted(ends, ends[first] + STATEMENT_BYTES, "right")) - 1
            last = max(first + 1, min(first + STATEMENT_ROWS, len(lines), fitting))
            yield head
            yield data.slice(ends[first], ends[last] - ends[first] - 2)  # without the last comma
            yield b";\n"
            first = last


class SqliteDatabase(Database):
    """One SQLite file, or memory."""

    dialect = SqliteDialect()
    server = "SQLite"

    def __init__(self, connection: Any, version: tuple[int, ...]) -> None:
        self._connection = connection
        self.version = version
        self._schema: Schema | None = None
        self._spelled = literals.spelled_by_engine

    @classmethod
    def open(cls, url: str, *, write: bool = False, timeout: float | None = None) -> Self:
        """`sqlite:///relative.db`, `sqlite:////absolute.db`; a file that is absent is made only with `write=True`.

        With a `timeout` rows take three times as long, since the quicker driver cannot be stopped.
        """
        path = file_of(url)
        if not write and not path.is_file():
            raise no_file(path)
        if write and not path.absolute().parent.is_dir():
            raise InputError(f"no folder {path.parent} for the SQLite database {path.name}", hint="Make it first.")
        if path.is_dir():
            raise InputError(f"{path} is a folder, no SQLite database", hint="Name a file: sqlite:///file.db.")
        uri = f"{path.absolute().as_uri()}?mode={'rwc' if write else 'ro'}"
        with _translated():
            connection = sqlite_bounded.Connection(uri, timeout) if timeout else _quick(uri)
            database = cls(connection, ())
            database.execute("PRAGMA foreign_keys = ON" if write else "PRAGMA query_only = ON")
            version, infinity = database.fetch("SELECT sqlite_version(), quote(9e999)")[0]
        database.version = tuple(int(part) for part in str(version).split("."))
        database._spelled = literals.spelled_by_older_engine if infinity == "Inf" else literals.spelled_by_engine
        return database

    def close(self) -> None:
        sqlite_bounded.close(self._connection)

    @contextmanager
    def snapshot(self) -> Iterator[str]:
        # A deferred transaction pins its view at the first read, not at BEGIN.
        self.execute("BEGIN")
        self.fetch("SELECT count(*) FROM sqlite_schema")
        try:
            yield datetime.now(UTC).isoformat(timespec="microseconds")
        finally:
            self.execute("ROLLBACK")

    def inspect(self) -> Schema:
        if self._schema is None:
            self._schema = inspect(self.fetch, self.dialect)
        return self._schema

    def describe(self, query: str) -> tuple[Column, ...]:
        with _translated(), closing(self._connection.cursor()) as cursor:
            cursor.execute(f"SELECT * FROM ({query}) LIMIT 0")
            return tuple(Column(name=field[0], arrow=pa.string()) for field in cursor.description)

    def estimate(self, query: str | Select) -> Estimate:
        """Counted, since SQLite's planner expects nothing; the bytes are those of the first rows, scaled."""
        text = (
            query if isinstance(query, str) else self._spell(query, [self.dialect.identifier(c) for c in query.columns])
        )
        names = [column.name for column in self.describe(text)]
        size = "+".join(f"coalesce(length({self.dialect.identifier(name)}), 4) + 1" for name in names) or "0"
        rows = int(str(self.fetch(f"SELECT count(*) FROM ({text})")[0][0]))
        mean = self.fetch(f"SELECT avg({size}) FROM (SELECT * FROM ({text}) LIMIT 64)")[0][0]
        return Estimate(rows, int(rows * float(str(mean or 0))))

    def read(
        self, query: str | Select, columns: Sequence[Column], *, apart: Collection[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        fields = list(_fused(columns, apart))
        spelled = [self._wire(group) for group in fields]
        if isinstance(query, str):
            names = ", ".join(self.dialect.identifier(column.name) for column in columns)
            # The inner names are given anew, since a query may name two columns alike or none at all.
            sql = f"WITH wire ({names}) AS ({query}) SELECT {', '.join(spelled)} FROM wire"
        else:
            sql = self._spell(query, spelled)
        schema = pa.schema([("\x1f".join(column.name for column in group), pa.string()) for group in fields])
        for batch in self._batches(sql, _batch_rows(query)):
            yield pa.RecordBatch.from_arrays([literals.valid(column) for column in batch.columns], schema=schema)

    def _batches(self, sql: str, rows: int) -> Iterator[pa.RecordBatch]:
        with _translated(), closing(self._connection.cursor()) as cursor:
            cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(rows)})
            cursor.execute(sql)
            yield from _gathered(cursor.fetch_record_batch())

    def _wire(self, group: Sequence[Column]) -> str:
        """The expression that gives the literals of neighbouring columns as one field."""
        parts = [self._spelled(self.dialect.identifier(column.name)) for column in group]
        return parts[0] if len(parts) == 1 else f"printf('{','.join(['%s'] * len(parts))}', {', '.join(parts)})"

    def _spell(self, select: Select, spelled: Sequence[str]) -> str:
        table, quote = self.dialect.table(select.table.name), self.dialect.identifier
        among = in_keys(select.keys, select.table, self.dialect) if select.keys else ""
        conditions = [f"({part})" for part in (select.where, among) if part]
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        order = ", ".join(quote(name) if name != "rowid" else name for name in select.order)
        source = f"{table}{where}"
        if select.per_key and select.keys:
            keys = ", ".join(quote(name) for name in select.keys.columns)
            number = f"row_number() OVER (PARTITION BY {keys} ORDER BY {order or keys})"
            # `*` leaves the hidden key out; a table has it whose own columns may not.
            every = f"{select.table.hidden_key} AS {select.table.hidden_key}, *" if select.table.hidden_key else "*"
            inner = f"(SELECT {every}, {number} AS hotfixture_number FROM {source})"
            source = f"{inner} WHERE hotfixture_number <= {select.per_key}"
        tail = (f" ORDER BY {order}" if order else "") + (f" LIMIT {select.limit}" if select.limit is not None else "")
        return f"SELECT {', '.join(spelled)} FROM {source}{tail}"

    def write(self, table: Table, batches: Iterable[pa.RecordBatch]) -> int:
        rows = 0
        self.execute("BEGIN")
        try:
            for batch in batches:
                self.append(table, batch)
                rows += batch.num_rows
        except BaseException:
            self.execute("ROLLBACK")
            raise
        self.execute("COMMIT")
        return rows

    def append(self, table: Table, batch: pa.RecordBatch) -> None:
        names = ", ".join(self.dialect.identifier(name) for name in batch.schema.names)
        holes = ", ".join("?" * batch.num_columns)
        plain = pa.RecordBatch.from_arrays([_storable(column) for column in batch.columns], names=batch.schema.names)
        with _translated(), closing(self._connection.cursor()) as cursor:
            cursor.executemany(f"INSERT INTO {self.dialect.table(table.name)} ({names}) VALUES ({holes})", plain)

    def ddl(self, tables: Sequence[Table], *, option: DdlOption = "if-not-exists", indexes: bool = True) -> Ddl:
        wanted = {table.name.name for table in tables}
        found = self.fetch("SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
        creates = {str(name): str(sql) for kind, name, _, sql in found if kind == "table" and name in wanted}
        before = []
        if option == "drop-create":
            before = [f"DROP TABLE IF EXISTS {self.dialect.table(table.name)};" for table in reversed(tables)]
        before += [f"{_if_not_exists(creates[table.name.name])};" for table in tables if table.name.name in creates]
        after = [f"{_if_not_exists(str(sql))};" for kind, _, of, sql in found if kind == "index" and of in wanted]
        return Ddl("\n".join(before) + "\n", "\n".join(after) + "\n" if indexes and after else "")

    def orphans(self, reference: Reference) -> int:
        quote = self.dialect.identifier
        joined = " AND ".join(
            f"p.{quote(t)} = c.{quote(c)}" for c, t in zip(reference.columns, reference.target_columns, strict=True)
        )
        whole = " AND ".join(f"c.{quote(c)} IS NOT NULL" for c in reference.columns)
        child, parent = self.dialect.table(reference.table), self.dialect.table(reference.target)
        sql = f"SELECT count(*) FROM {child} c WHERE {whole} AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE {joined})"
        return int(str(self.fetch(sql)[0][0]))

    def load(self, script: Path) -> None:
        try:
            with script.open(encoding="utf-8", newline="") as lines:
                for statement in statements(lines):
                    self.execute(statement)
            self._end()
        except DatabaseError:
            self._abandon()
            raise

    def _end(self) -> None:
        """DatabaseError where the script has left a transaction open."""
        try:
            self.execute("BEGIN")
        except DatabaseError:
            raise DatabaseError("the script ends before its COMMIT: it is not whole") from None
        self.execute("ROLLBACK")

    def _abandon(self) -> None:
        """Roll back, where a transaction is still open."""
        try:
            self.execute("ROLLBACK")
        except DatabaseError:
            return

    def fetch(self, query: str) -> list[tuple[object, ...]]:
        # By literals: the driver gives one type to a column, and SQLite a type to every value.
        names = [f"c{number}" for number in range(len(self.describe(query)))]
        spelled = ", ".join(map(self._spelled, names))
        sql = f"WITH fetched ({', '.join(names)}) AS ({query}) SELECT {spelled} FROM fetched"
        rows: list[tuple[object, ...]] = []
        for batch in self._batches(sql, PIECE_ROWS):
            columns = (map(literals.read, literals.valid(column).to_pylist()) for column in batch.columns)
            rows.extend(zip(*columns, strict=True))
        return rows

    def execute(self, statement: str) -> None:
        self._schema = None  # it may have changed a table
        with _translated(), closing(self._connection.cursor()) as cursor:
            cursor.execute(statement)


def _quick(uri: str) -> Any:
    import adbc_driver_sqlite.dbapi as driver

    return driver.connect(uri, autocommit=True)


def _batch_rows(query: str | Select) -> int:
    """Rows that the driver gathers before anybody counts their bytes: fewer where the catalogue found them wide."""
    if isinstance(query, str) or not query.table.rows:
        return PIECE_ROWS
    return max(1, min(PIECE_ROWS, BATCH_BYTES * query.table.rows // max(1, query.table.bytes)))


def _gathered(pieces: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of about `BATCH_BYTES`, or `BATCH_ROWS`."""
    waiting: list[pa.RecordBatch] = []
    size = rows = 0
    for piece in pieces:
        waiting.append(piece)
        size, rows = size + piece.nbytes, rows + piece.num_rows
        if size >= BATCH_BYTES or rows >= BATCH_ROWS:
            yield _joined(waiting)
            waiting, size, rows = [], 0, 0
    if waiting:
        yield _joined(waiting)


def _joined(pieces: list[pa.RecordBatch]) -> pa.RecordBatch:
    return pieces[0] if len(pieces) == 1 else pa.Table.from_batches(pieces).combine_chunks().to_batches()[0]


def _missing(load: Load) -> str:
    """Tables that the script's own tables refer to and that it neither creates nor finds."""
    own = {table.name for table in load.tables}
    targets = {reference.target for table in load.tables for reference in table.references}
    return ", ".join(sorted(str(target) for target in targets - own)) if load.creates else ""


def _fused(columns: Sequence[Column], apart: Collection[str] | None) -> Iterator[list[Column]]:
    """Columns in groups of one, or of neighbours that nobody looks into."""
    group: list[Column] = []
    for column in columns:
        if apart is not None and column.name not in apart:
            group.append(column)
            continue
        if group:
            yield group
        yield [column]
        group = []
    if group:
        yield group


def _storable(column: pa.Array) -> pa.Array:
    """The column as a type the driver binds: numbers, text, binary as they are, all else as SQLite's customary text."""
    kind = column.type
    if pa.types.is_boolean(kind):
        return column.cast(pa.int64())
    if pa.types.is_timestamp(kind):
        return column.cast(pa.timestamp(kind.unit)).cast(pa.string())  # in UTC; ten times as fast as strftime
    plain = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_binary(kind)
    return column if plain or pa.types.is_string(kind) else column.cast(pa.string())


def _if_not_exists(create: str) -> str:
    """SQLite keeps the text of a CREATE with its first words normalised to single blanks and capitals."""
    for kind in ("CREATE TABLE ", "CREATE UNIQUE INDEX ", "CREATE INDEX ", "CREATE VIRTUAL TABLE "):
        if create.startswith(kind):
            return f"{kind}IF NOT EXISTS {create.removeprefix(kind)}"
    return create


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


@contextmanager
def _translated() -> Iterator[None]:
    """The driver's errors as ours; the cause is cut off, since it may quote the statement and so its values."""
    import adbc_driver_manager

    try:
        yield
    except (adbc_driver_manager.Error, OSError) as error:
        if str(error) == "NOT_IMPLEMENTED":
            raise KeyboardInterrupt from None  # what the driver makes of an interrupt, since it cannot cancel
        message = " ".join(str(error).partition("\nquery:")[0].split())
        raise DatabaseError(f"SQLite: {message.rpartition(' statement: ')[2]}") from None  # less the driver's words
