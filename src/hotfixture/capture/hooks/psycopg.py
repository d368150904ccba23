"""psycopg 3: statements by cursors, synchronous or not, named ones too, and transactions; played back without a server.

A client-side cursor has its whole answer when `execute` comes back, and so has its record. Of a named cursor, and of
`stream`, the record is open until the program has read the last row. COPY is left alone, with a note.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any
from weakref import WeakKeyDictionary

import wrapt

from hotfixture.capture import tapes
from hotfixture.capture.hooks import psycopg_flow as flow
from hotfixture.capture.hooks import psycopg_played as played
from hotfixture.capture.hooks import sql
from hotfixture.errors import CaptureError

_calls: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()
"""Cursors whose statement is on its way, and its record."""
_readings: WeakKeyDictionary[Any, sql.Reading] = WeakKeyDictionary()
"""Cursors whose rows are read bit by bit."""


def install(module: ModuleType) -> None:
    """Patch connections, cursors and transactions, of both kinds."""
    wrap = wrapt.wrap_function_wrapper
    for prefix in ("", "Async"):
        connection, cursor, named = f"{prefix}Connection", f"{prefix}Cursor", f"{prefix}ServerCursor"
        is_async = bool(prefix)
        wrap(module, f"{connection}.connect", _connect_later if is_async else _connect)
        for name, operation in (("commit", "COMMIT"), ("rollback", "ROLLBACK")):
            wrap(module, f"{connection}.{name}", flow.ended(operation, is_async))
        for owner in (cursor, named):
            wrap(module, f"{owner}.execute", _executed(flow.asked, is_async))
            wrap(module, f"{owner}.close", _closed_later if is_async else _closed)
        wrap(module, f"{cursor}.executemany", _executed(_asked_many, is_async))
        wrap(module, f"{cursor}.stream", flow.streamed_later if is_async else flow.streamed)
        wrap(module, f"{cursor}.copy", _copied)
        for name in ("fetchone", "fetchmany", "fetchall", "scroll"):
            wrap(module, f"{named}.{name}", _fetched(is_async))
        wrap(module, f"{named}.__anext__" if is_async else f"{named}.__next__", _fetched(is_async))
        for name, ending in (("enter", False), ("exit", True)):
            wrap(module, f"{prefix}Transaction.__{'a' * is_async}{name}__", flow.transaction_step(ending, is_async))
    module.connect = module.Connection.connect  # type: ignore[attr-defined]  # the same function, bound before
    base = module.Cursor.__mro__[1]
    wrap(base.__module__, f"{base.__name__}._set_results", _set_results)
    for name, word in (("enter", b"BEGIN"), ("commit", b"COMMIT"), ("rollback", b"ROLLBACK")):
        wrap("psycopg.transaction", f"BaseTransaction._get_{name}_commands", played.commands(word))
    wrap("psycopg._server_cursor_base", "ServerCursorMixin._fetch_gen", _fetch_gen)


_OPTIONS = ("autocommit", "prepare_threshold", "context", "row_factory", "cursor_factory")


def _wanted(args: Any, kwargs: Any) -> dict[str, Any]:
    from psycopg.conninfo import conninfo_to_dict

    conninfo = args[0] if args else kwargs.get("conninfo", "")
    others = {name: one for name, one in kwargs.items() if name not in (*_OPTIONS, "conninfo")}
    try:
        return conninfo_to_dict(conninfo, **others)
    except Exception:  # noqa: BLE001 - connecting will say what is wrong with it
        return {}


def _named(wanted: dict[str, Any]) -> str:
    return f"postgresql:{wanted.get('dbname') or wanted.get('user') or ''}"


def _connect(original: Any, cls: Any, args: Any, kwargs: Any) -> Any:
    tape: Any = tapes.current()
    if tape is None:
        return original(*args, **kwargs)
    wanted = _wanted(args, kwargs)
    if tape.playing:
        sql.play_connecting(tape, _named(wanted))
        return played.connection(cls, wanted, kwargs)
    try:
        return original(*args, **kwargs)
    except Exception as error:
        tape.begin("sql", _named(wanted), sql.CONNECT, {}).failed(error)
        raise


async def _connect_later(original: Any, cls: Any, args: Any, kwargs: Any) -> Any:
    tape: Any = tapes.current()
    if tape is None:
        return await original(*args, **kwargs)
    wanted = _wanted(args, kwargs)
    if tape.playing:
        sql.play_connecting(tape, _named(wanted))
        return played.connection(cls, wanted, kwargs)
    try:
        return await original(*args, **kwargs)
    except Exception as error:
        tape.begin("sql", _named(wanted), sql.CONNECT, {}).failed(error)
        raise


def _asked_many(cursor: Any, query: Any, params_seq: Any, **_options: Any) -> tuple[str, dict[str, Any]]:
    statement = flow.text_of(query, cursor)
    return sql.operation(statement), sql.asked(statement, params_seq, many=True)


def _executed(asked: Callable[..., tuple[str, dict[str, Any]]], is_async: bool) -> Callable[..., Any]:
    """A wrapper of `execute` and `executemany`: begins the record, and ends it if its answer has come."""

    def begin(cursor: Any, args: Any, kwargs: Any) -> tuple[Any, Any, Any]:
        """Arguments, the record, the recording: of the two last one at most is not None."""
        _leave(cursor)
        tape: Any = tapes.current()
        if tape is None or cursor in _calls:
            return args, None, None
        if asked is _asked_many:  # parameters may be read once only
            args = (*args[:1], *map(list, args[1:2]), *args[2:])
            kwargs.update({name: list(given) for name, given in kwargs.items() if name == "params_seq"})
        operation, request = asked(cursor, *args, **kwargs)
        service = flow.service_of(cursor.connection)
        if tape.playing:
            return args, None, tape.play("sql", service, operation, request)
        return args, tape.begin("sql", service, operation, request), None

    def execute(original: Any, cursor: Any, args: Any, kwargs: Any) -> Any:
        args, call, found = begin(cursor, args, kwargs)
        if found is not None:
            played.give(cursor, found)
            return cursor if asked is flow.asked else None
        if call is None:
            return original(*args, **kwargs)
        with _recording(cursor, call):
            return original(*args, **kwargs)

    async def execute_later(original: Any, cursor: Any, args: Any, kwargs: Any) -> Any:
        args, call, found = begin(cursor, args, kwargs)
        if found is not None:
            played.give(cursor, found)
            return cursor if asked is flow.asked else None
        if call is None:
            return await original(*args, **kwargs)
        with _recording(cursor, call):
            return await original(*args, **kwargs)

    return execute_later if is_async else execute


class _recording:  # noqa: N801 - used as a context manager only
    """Ends the record of a statement when the driver comes back."""

    def __init__(self, cursor: Any, call: Any) -> None:
        self._cursor, self._call = cursor, call

    def __enter__(self) -> None:
        _calls[self._cursor] = self._call

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        cursor, call = self._cursor, self._call
        if error is not None:
            _calls.pop(cursor, None)
            call.failed(error)
        elif cursor.connection._pipeline is None or call.ended:
            _calls.pop(cursor, None)
            _answered(cursor, call)
        else:
            call.note("sent in a pipeline: its answer came later")


def _answered(cursor: Any, call: Any) -> None:
    """Record what the cursor has now."""
    if call.ended:
        return
    try:
        if hasattr(cursor, "_fetch_gen"):
            columns = [column.name for column in cursor.description or ()]
            _readings[cursor] = sql.Reading(call, columns, **flow.parts_of(cursor, cursor.pgresult, rows=False))
        else:
            first, *more = [flow.parts_of(cursor, one) for one in cursor._results] or [{"rowcount": cursor.rowcount}]
            first.setdefault("rowcount", cursor.rowcount)
            call.done(**first, **({"more": more} if more else {}))
    except Exception as error:  # noqa: BLE001 - a recording that fails must not reach the program under test
        call.session.trouble(error)


def _set_results(original: Any, cursor: Any, args: Any, kwargs: Any) -> Any:
    """Answers that come later, in a pipeline."""
    found = original(*args, **kwargs)
    call = _calls.get(cursor)
    if call is not None and cursor.connection._pipeline is not None and cursor._execmany_returning is None:
        _calls.pop(cursor, None)
        _answered(cursor, call)
    return found


def _fetch_gen(original: Any, cursor: Any, args: Any, kwargs: Any) -> Any:
    """A page of a named cursor: its rows are seen before the row factory makes something of them."""
    reading = _readings.get(cursor)
    rows = yield from original(*args, **kwargs)
    if reading is None:
        return rows
    for row in cursor._tx.load_rows(0, cursor.pgresult.ntuples, tuple):
        reading.row(row)
    asked = args[0] if args else kwargs.get("num")
    if asked is None or len(rows) < asked:
        _readings.pop(cursor, None)
        reading.finish()
    return rows


def _fetched(is_async: bool) -> Callable[..., Any]:
    """A wrapper of the methods that read from a named cursor: in playback they read what was recorded."""

    def fetch(original: Any, cursor: Any, args: Any, kwargs: Any) -> Any:
        found = played.reading(cursor)
        if found is not None:
            return getattr(found, original.__name__.strip("_"))(*args, **kwargs)
        return original(*args, **kwargs)

    async def fetch_later(original: Any, cursor: Any, args: Any, kwargs: Any) -> Any:
        found = played.reading(cursor)
        if found is not None:
            return getattr(found, original.__name__.strip("_"))(*args, **kwargs)
        return await original(*args, **kwargs)

    return fetch_later if is_async else fetch


def _copied(original: Any, cursor: Any, args: Any, kwargs: Any) -> Any:
    """COPY goes by unrecorded, and the record says so."""
    tape: Any = tapes.current()
    if played.is_played(cursor.connection):
        raise CaptureError("the data of a COPY is not recorded", hint="Leave such a test out of the playback.")
    if tape is not None and not tape.playing:
        operation, request = flow.asked(cursor, *args, **{n: one for n, one in kwargs.items() if n != "writer"})
        call = tape.begin("sql", flow.service_of(cursor.connection), operation, request)
        call.note("the data of a COPY is not recorded")
        call.done()
    return original(*args, **kwargs)


def _closed(original: Any, cursor: Any, args: Any, kwargs: Any) -> Any:
    _leave(cursor)
    if played.is_played(cursor.connection):
        return cursor._close()
    return original(*args, **kwargs)


async def _closed_later(original: Any, cursor: Any, args: Any, kwargs: Any) -> Any:
    _leave(cursor)
    if played.is_played(cursor.connection):
        return cursor._close()
    return await original(*args, **kwargs)


def _leave(cursor: Any) -> None:
    reading = _readings.pop(cursor, None)
    if reading is not None:
        reading.leave()
