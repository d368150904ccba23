"""sqlite3: connections are made of a subclass of the class that was asked for, their cursors likewise.

In playback a connection is one to an empty database in memory, and no statement reaches it but those that give a
cursor its description.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable, Iterable
from functools import lru_cache
from types import ModuleType
from typing import Any

import wrapt

from hotfixture.capture import tapes
from hotfixture.capture.hooks import sql

_FACTORY = 5
"""Position of `factory` among the arguments of `connect`."""
OWN = ("coverage", "hotfixture", "hypothesis", "_pytest")
"""Packages that keep their own books in SQLite: those are no part of what the program under test does."""


def install(module: ModuleType) -> None:
    """Patch `connect`."""
    connect = wrapt.FunctionWrapper(module.connect, _connect)
    for place in {module, sys.modules["sqlite3"], sys.modules["sqlite3.dbapi2"]}:
        place.connect = connect  # type: ignore[attr-defined]  # of whatever module has it


def _is_left(tape: Any) -> bool:
    """Whether this tape leaves SQLite as it is: what runs in the process needs no recording."""
    return tape is not None and "sqlite3" in tape.leaves


def _connect(original: Any, _instance: Any, args: Any, kwargs: Any) -> Any:
    factory = args[_FACTORY] if len(args) > _FACTORY else kwargs.get("factory", sqlite3.Connection)
    caller = sys._getframe(1).f_globals.get("__name__", "")
    if not isinstance(factory, type) or caller.partition(".")[0] in OWN or _is_left(tapes.peek()):
        return original(*args, **kwargs)
    args = list(args)
    service = _service(args[0] if args else kwargs.get("database"))
    if len(args) > _FACTORY:
        args[_FACTORY] = _connection_class(factory)
    else:
        kwargs = {**kwargs, "factory": _connection_class(factory)}
    connection = _opened(original, service, args, kwargs)
    connection.hotfixture_service = service
    return connection


def _opened(original: Any, service: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    tape: Any = tapes.current()
    if tape is None:
        return original(*args, **kwargs)
    if tape.playing:
        sql.play_connecting(tape, service)
        if args:
            args[0] = ":memory:"
        else:
            kwargs = {**kwargs, "database": ":memory:"}
        return original(*args, **kwargs)
    try:
        return original(*args, **kwargs)
    except sqlite3.Error as error:
        tape.begin("sql", service, sql.CONNECT, {}).failed(error)
        raise


def _service(database: Any) -> str:
    """`sqlite3:` and the name of the file, without its folder."""
    try:
        path = os.fsdecode(database)
    except TypeError:
        return "sqlite3"
    if path.startswith("file:"):
        path = path[5:].partition("?")[0]
    name = "memory" if path in ("", ":memory:") else os.path.basename(path)  # noqa: PTH119 - a URI's path is no Path
    return f"sqlite3:{name}"


@lru_cache(maxsize=64)
def _connection_class(base: type) -> type:
    return type(base.__name__, (_Connection, base), {"__module__": base.__module__, "__qualname__": base.__qualname__})


@lru_cache(maxsize=64)
def _cursor_class(base: type) -> type:
    return type(base.__name__, (_Cursor, base), {"__module__": base.__module__, "__qualname__": base.__qualname__})


class _Connection(sqlite3.Connection):
    """Records its transactions, and gives cursors that record."""

    hotfixture_service = "sqlite3"

    def cursor(self, factory: Any = sqlite3.Cursor) -> Any:
        if isinstance(factory, type) and not issubclass(factory, _Cursor):
            kind: Any = factory
            factory = _cursor_class(kind)
        return super().cursor(factory)

    def execute(self, statement: str, parameters: Any = (), /) -> Any:
        return self.cursor().execute(statement, parameters)

    def executemany(self, statement: str, parameters: Iterable[Any], /) -> Any:
        return self.cursor().executemany(statement, parameters)

    def executescript(self, script: str, /) -> Any:
        return self.cursor().executescript(script)

    def commit(self) -> None:
        self._ended("COMMIT", super().commit)

    def rollback(self) -> None:
        self._ended("ROLLBACK", super().rollback)

    def __exit__(self, *error: Any) -> Any:
        leave = super().__exit__
        return self._ended("ROLLBACK" if error[0] is not None else "COMMIT", lambda: leave(*error))

    def _ended(self, operation: str, end: Callable[[], Any]) -> Any:
        """The end of a transaction, recorded or played."""
        tape: Any = tapes.current()
        if tape is None:
            return end()
        if tape.playing:
            tape.play("sql", self.hotfixture_service, operation, {}).finish()
            return None
        call = tape.begin("sql", self.hotfixture_service, operation, {})
        try:
            result = end()
        except BaseException as error:
            call.failed(error)
            raise
        call.done()
        return result


class _Cursor(sqlite3.Cursor):
    """Records statements, and their rows as they are fetched."""

    _hf_reading: sql.Reading | None = None
    _hf_result: sql.Result | None = None

    def execute(self, statement: str, parameters: Any = (), /) -> Any:
        tape = self._hf_start()
        if tape is None:
            return super().execute(statement, parameters)
        request = sql.asked(statement, parameters)
        if tape.playing:
            return self._hf_play(tape, statement, request)
        run = super().execute
        return self._hf_record(tape, statement, request, lambda _: run(statement, parameters))

    def executemany(self, statement: str, parameters: Iterable[Any], /) -> Any:
        tape = self._hf_start()
        if tape is None:
            return super().executemany(statement, parameters)
        if tape.playing:
            return self._hf_play(tape, statement, sql.asked(statement, list(parameters), many=True))
        run = super().executemany
        request = sql.asked(statement, [], many=True)
        return self._hf_record(tape, statement, request, lambda call: run(statement, sql.kept(parameters, call)))

    def executescript(self, script: str, /) -> Any:
        tape = self._hf_start()
        if tape is None:
            return super().executescript(script)
        request = {"statement": script, "parameters": None}
        if tape.playing:
            return self._hf_play(tape, script, request)
        run = super().executescript
        return self._hf_record(tape, script, request, lambda _: run(script))

    def _hf_start(self) -> Any:
        """What was read before ends here; the tape for what comes."""
        self._hf_leave()
        return tapes.current()

    def _hf_leave(self) -> None:
        reading, self._hf_reading, self._hf_result = self._hf_reading, None, None
        if reading is not None:
            reading.leave()

    @property
    def _hf_service(self) -> str:
        return getattr(self.connection, "hotfixture_service", "sqlite3")

    def _hf_record(self, tape: Any, statement: str, request: Any, run: Callable[[Any], Any]) -> Any:
        call = tape.begin("sql", self._hf_service, sql.operation(statement), request)
        try:
            run(call)
        except BaseException as error:
            call.failed(error)
            raise
        parts = {"rowcount": super().rowcount, "lastrowid": super().lastrowid}
        if self.description is None:
            call.done(columns=None, rows=[], **parts)
        else:
            self._hf_reading = sql.Reading(call, [column[0] for column in self.description], **parts)
        return self

    def _hf_play(self, tape: Any, statement: str, request: Any) -> Any:
        result = sql.Result(tape.play("sql", self._hf_service, sql.operation(statement), request))
        super().execute(_described(result.columns))
        self._hf_result = result
        return self

    def _hf_row(self) -> Any:
        """The next row, of the library or of the recording; the row factory is called here, to see what it is given."""
        factory, self.row_factory = self.row_factory, None
        try:
            values = self._hf_values()
        finally:
            self.row_factory = factory
        return values if factory is None else factory(self, values)

    def _hf_values(self) -> Any:
        if self._hf_result is not None:
            return self._hf_result.next()
        reading = self._hf_reading
        assert reading is not None
        try:
            values = super().__next__()
        except StopIteration:
            self._hf_reading = None
            reading.finish(rowcount=super().rowcount)
            raise
        except BaseException as error:
            self._hf_reading = None
            reading.call.failed(error)
            raise
        reading.row(values if isinstance(values, tuple) else (values,))
        return values

    @property
    def _hf_busy(self) -> bool:
        return self._hf_reading is not None or self._hf_result is not None

    def __next__(self) -> Any:
        return self._hf_row() if self._hf_busy else super().__next__()

    def fetchone(self) -> Any:
        if not self._hf_busy:
            return super().fetchone()
        try:
            return self._hf_row()
        except StopIteration:
            return None

    def fetchmany(self, size: int | None = None) -> list[Any]:
        if not self._hf_busy:
            return super().fetchmany(self.arraysize if size is None else size)
        rows: list[Any] = []
        while len(rows) != (self.arraysize if size is None else size) and (row := self.fetchone()) is not None:
            rows.append(row)
        return rows

    def fetchall(self) -> list[Any]:
        rows: list[Any] = []
        while self._hf_busy and (row := self.fetchone()) is not None:
            rows.append(row)
        return rows or ([] if self._hf_result is not None else super().fetchall())

    @property
    def rowcount(self) -> int:
        return super().rowcount if self._hf_result is None else self._hf_result.rowcount

    @property
    def lastrowid(self) -> Any:
        return super().lastrowid if self._hf_result is None else self._hf_result.lastrowid

    def close(self) -> None:
        self._hf_leave()
        super().close()

    def __del__(self) -> None:
        if self._hf_reading is not None:
            self._hf_leave()


def _described(columns: list[str] | None) -> str:
    """A statement of no rows that gives a cursor these columns; none gives it none."""
    if columns is None:
        return ""
    names = ", ".join('NULL AS "{}"'.format(name.replace('"', '""')) for name in columns)
    return f"SELECT {names} WHERE 0"
