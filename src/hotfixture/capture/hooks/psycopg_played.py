"""psycopg without a server: connections to nothing, and results made of recordings for its own cursors to read.

What stands here takes the place of the objects of libpq; all above them is psycopg's own code: row factories,
descriptions, transactions, the errors of wrong use.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from types import SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

from hotfixture.capture.hooks.sql import Result
from hotfixture.errors import CaptureError

_OK, _BAD = 0, 1
_COMMAND, _TUPLES = 1, 2
_IDLE, _IN_TRANSACTION = 0, 2
_SERVER = 160000
"""Version of a server that is not there; the same for every playback."""
_readings: WeakKeyDictionary[Any, Reading] = WeakKeyDictionary()


class Nothing:
    """In the place of a connection of libpq."""

    def __init__(self, wanted: dict[str, Any]) -> None:
        self.status, self.transaction_status, self.pipeline_status = _OK, _IDLE, 0
        self.notice_handler: Any = None
        self.notify_handler: Any = None
        self.user = str(wanted.get("user", "")).encode()
        self.db = str(wanted.get("dbname") or wanted.get("user") or "").encode()
        self.host, self.port, self.hostaddr = b"playback", b"5432", b""
        self.options, self.error_message = b"", b""
        self.server_version, self.protocol_version, self.backend_pid, self.socket = _SERVER, 3, 0, -1
        self._encoding = "utf-8"

    def finish(self) -> None:
        """As closing a connection."""
        self.status = _BAD

    def parameter_status(self, name: bytes) -> bytes | None:
        """As a server tells its settings."""
        known = {b"server_encoding": b"UTF8", b"client_encoding": b"UTF8", b"TimeZone": b"UTC",
                 b"server_version": b"16.0", b"standard_conforming_strings": b"on", b"DateStyle": b"ISO, MDY",
                 b"IntervalStyle": b"postgres", b"integer_datetimes": b"on"}  # fmt: skip
        return known.get(name)

    def __getattr__(self, name: str) -> Any:
        raise CaptureError(
            f"psycopg asks the server ({name}) for something that is not recorded",
            hint="Statements, rows and transactions are; COPY, notifications and large objects are not.",
        )


def is_played(connection: Any) -> bool:
    """Whether it is one that has no server."""
    return isinstance(connection.pgconn, Nothing)


def connection(cls: Any, wanted: dict[str, Any], options: dict[str, Any]) -> Any:
    """As `connect` makes one, to nothing."""
    from psycopg.adapt import AdaptersMap

    made = cls(Nothing(wanted))
    made._autocommit = bool(options.get("autocommit", False))
    made.prepare_threshold = options.get("prepare_threshold", 5)
    for name in ("row_factory", "cursor_factory"):
        if options.get(name):
            setattr(made, name, options[name])
    if options.get("context"):
        made._adapters = AdaptersMap(options["context"].adapters)
    is_async = hasattr(cls, "__aenter__")
    made.wait = _wait_later if is_async else _wait
    made.pipeline = _pipeline_later if is_async else _pipeline
    made._exec_command = partial(_nothing_sent, made.pgconn)
    return made


def _wait(steps: Generator[Any, Any, Any], *_args: Any, **_kwargs: Any) -> Any:
    """Run what would wait for a server: nothing is waited for."""
    try:
        while True:
            next(steps)
    except StopIteration as end:
        return end.value


async def _wait_later(steps: Generator[Any, Any, Any], *_args: Any, **_kwargs: Any) -> Any:
    return _wait(steps)


def _nothing_sent(server: Nothing, command: Any, **_kwargs: Any) -> Generator[Any, Any, None]:
    """Commands of psycopg itself: what they say of transactions is all that they do."""
    if command == b"BEGIN":
        server.transaction_status = _IN_TRANSACTION
    elif command in (b"COMMIT", b"ROLLBACK"):
        server.transaction_status = _IDLE
    yield from ()


def commands(word: bytes) -> Callable[..., Any]:
    """A wrapper of what a transaction block sends: savepoints are named by a real connection only."""

    def wrapper(original: Any, transaction: Any, args: Any, kwargs: Any) -> Any:
        if not is_played(transaction.connection):
            return original(*args, **kwargs)
        return [word] if transaction._outer_transaction else []

    return wrapper


@contextmanager
def _pipeline() -> Iterator[Any]:
    yield SimpleNamespace(sync=lambda: None)


@asynccontextmanager
async def _pipeline_later() -> AsyncIterator[Any]:
    async def sync() -> None:
        """Nothing is on its way."""

    yield SimpleNamespace(sync=sync)


class _Answer:
    """In the place of a result of libpq."""

    def __init__(self, part: dict[str, Any], rows: list[Any]) -> None:
        self.columns: list[Any] = part.get("description") or []
        self.rows = rows
        self.status = _COMMAND if part.get("columns") is None else _TUPLES
        self.nfields, self.ntuples = len(self.columns), len(rows)
        self.command_status = str(part.get("status") or "").encode() or None
        count = part.get("rowcount", -1)
        self.command_tuples = None if count == -1 else count
        self.error_message = b""

    def fname(self, index: int) -> bytes:
        return str(self.columns[index][0]).encode()

    def ftype(self, index: int) -> int:
        return int(self.columns[index][1])

    def fmod(self, index: int) -> int:
        return int(self.columns[index][2])

    def fsize(self, index: int) -> int:
        return int(self.columns[index][3])


class _Loader:
    """In the place of psycopg's transformer: rows need no loading, they are values."""

    def __init__(self) -> None:
        self._answer: Any = None

    def set_pgresult(self, answer: Any, **_options: Any) -> None:
        self._answer = answer

    def load_row(self, row: int, make: Any) -> Any:
        return make(self._answer.rows[row])

    def load_rows(self, first: int, end: int, make: Any) -> list[Any]:
        return [make(row) for row in self._answer.rows[first:end]]


def give(cursor: Any, played: Any) -> None:
    """Let the cursor read the recorded answers."""
    parts = [played.response, *played.response.get("more", ())]
    _readings.pop(cursor, None)
    if not cursor.connection.autocommit:
        cursor.connection.pgconn.transaction_status = _IN_TRANSACTION
    cursor._reset()
    cursor._tx = _Loader()
    if "status" not in parts[0]:  # of `executemany` only the number of rows is known
        cursor._rowcount = parts[0].get("rowcount", -1)
        return
    results = [Result(played, part) for part in parts]
    if hasattr(cursor, "_fetch_gen"):
        cursor._results = [_Answer({**parts[0], "columns": results[0].columns or []}, [])]
        cursor._select_current_result(0)
        cursor._described = True
        _readings[cursor] = Reading(cursor, results[0])
        return
    cursor._results = [_Answer(part, result.rows) for part, result in zip(parts, results, strict=True)]
    cursor._select_current_result(0)


def reading(cursor: Any) -> Reading | None:
    """What a named cursor reads from; None where it is not played."""
    return _readings.get(cursor)


class Reading:
    """The rows of a named cursor, in the order in which they were fetched."""

    def __init__(self, cursor: Any, result: Result) -> None:
        self._result = result
        self._arraysize = cursor.arraysize
        self._make = cursor._make_row

    def fetchone(self) -> Any:
        """The next row; None after the last."""
        try:
            return self._make(self._result.next())
        except StopIteration:
            return None

    def fetchmany(self, size: int = 0) -> list[Any]:
        """Some rows."""
        rows: list[Any] = []
        while len(rows) < (size or self._arraysize) and (row := self.fetchone()) is not None:
            rows.append(row)
        return rows

    def fetchall(self) -> list[Any]:
        """All that are left."""
        rows: list[Any] = []
        while (row := self.fetchone()) is not None:
            rows.append(row)
        return rows

    def next(self) -> Any:
        """As an iterator."""
        return self._make(self._result.next())

    def anext(self) -> Any:
        """As an asynchronous iterator."""
        try:
            return self.next()
        except StopIteration as end:
            raise StopAsyncIteration from end

    def scroll(self, value: int, mode: str = "relative") -> None:
        """A recording has the rows that were read, in the order in which they were: moving changes nothing."""


def stream(cursor: Any, played: Any) -> Iterator[Any]:
    """The rows of `stream`."""
    result = Result(played)
    cursor._reset()
    cursor._tx = _Loader()
    cursor._results = [_Answer(played.response, result.rows)]
    cursor._select_current_result(0)
    make = cursor._make_row
    while True:
        try:
            row = result.next()
        except StopIteration:
            return
        yield make(row)
