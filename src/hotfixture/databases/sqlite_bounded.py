"""A connection to SQLite whose statements end in time: the standard module's, in the shape of the ADBC driver's.

The ADBC driver is quicker and cannot be stopped. The standard module calls back every some thousand steps of SQLite's
machine (https://www.sqlite.org/c3ref/progress_handler.html), and that call may end the statement.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

from hotfixture.errors import DatabaseError

STEPS = 20_000
"""Steps of SQLite's machine, well under a millisecond, after which the clock is looked at."""

PATIENCE = 5.0
"""Seconds that a reader has to let go of its statement, once it was interrupted."""


class Connection:
    """As much of the ADBC driver's connection as `SqliteDatabase` uses; a statement has `seconds`."""

    def __init__(self, uri: str, seconds: float) -> None:
        self.seconds = seconds
        self._end = float("inf")
        with self.bounded():
            self._connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        self._connection.text_factory = bytes
        self._connection.set_progress_handler(self._is_late, STEPS)

    def _is_late(self) -> bool:
        return time.monotonic() > self._end

    def cursor(self) -> Cursor:
        """A cursor; its statement may take `seconds`, the time between its rows counted."""
        return Cursor(self, self._connection.cursor())

    def begin(self) -> None:
        """The next statement's time starts now."""
        self._end = time.monotonic() + self.seconds

    @contextmanager
    def bounded(self) -> Iterator[None]:
        """What the module raises as a DatabaseError without the statement's text."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if str(error) != "interrupted":
                raise DatabaseError(f"SQLite: {error}") from None
            if not self._is_late():
                raise KeyboardInterrupt from None  # an interrupt that arrived while the clock was looked at
            said = f"SQLite: a statement took longer than its timeout of {self.seconds:g} s"
            raise DatabaseError(said, hint="Raise the statement timeout, or ask for fewer rows.") from None
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise DatabaseError(f"SQLite: {error}") from None

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


class Cursor:
    """One statement and its rows."""

    def __init__(self, connection: Connection, cursor: sqlite3.Cursor) -> None:
        self._connection = connection
        self._cursor = cursor
        self._rows = 1
        self.adbc_statement = self

    def set_options(self, **options: str) -> None:
        """How many rows one batch has."""
        self._rows = int(options["adbc.sqlite.query.batch_rows"])

    @property
    def description(self) -> Any:
        """The names of the columns."""
        return self._cursor.description

    def execute(self, statement: str) -> None:
        """Run it, or begin to."""
        self._connection.begin()
        with self._connection.bounded():
            self._cursor.execute(statement)

    def executemany(self, statement: str, batch: pa.RecordBatch) -> None:
        """Run it for every row of the batch."""
        self._connection.begin()
        with self._connection.bounded():
            self._cursor.executemany(statement, zip(*(column.to_pylist() for column in batch.columns), strict=True))

    def fetch_record_batch(self) -> Iterator[pa.RecordBatch]:
        """The rows, all of them texts."""
        names = [field[0] for field in self._cursor.description]
        while rows := self._fetched():
            # A view, since it does not look whether bytes are UTF-8: whoever reads them does.
            columns = [pa.array(column, pa.binary()).view(pa.string()) for column in zip(*rows, strict=True)]
            yield pa.RecordBatch.from_arrays(columns, names=names)

    def _fetched(self) -> list[Any]:
        with self._connection.bounded():
            return self._cursor.fetchmany(self._rows)

    def close(self) -> None:
        """Leave the rest of the rows."""
        self._cursor.close()


def close(connection: Any) -> None:
    """Close a connection, once a reader in another thread that was interrupted has let go of its statement."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.close()
        except RuntimeError:  # the driver's, where a statement is still open
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return
