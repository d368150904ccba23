"""PyMySQL: statements by cursors, and transactions; played back without a server.

A buffered cursor has its whole answer when `execute` comes back, and so has its record. Of an unbuffered one the
record is open until the program has read the last row.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from types import ModuleType, SimpleNamespace
from typing import Any

import wrapt

from hotfixture.capture import tapes
from hotfixture.capture.hooks import sql
from hotfixture.capture.values import plain, restored

_SERVER = "8.0.0"
"""Version of a server that is not there; the same for every playback."""


def install(module: ModuleType) -> None:
    """Patch connections and cursors."""
    connections, cursors = f"{module.__name__}.connections", f"{module.__name__}.cursors"
    wrap = wrapt.wrap_function_wrapper
    wrap(connections, "Connection.connect", _connect)
    for name, operation in (("commit", "COMMIT"), ("rollback", "ROLLBACK"), ("begin", "BEGIN")):
        wrap(connections, f"Connection.{name}", _ended(operation))
    for name in ("ping", "select_db", "show_warnings", "_send_autocommit_mode", "set_character_set"):
        wrap(connections, f"Connection.{name}", _idle)
    wrap(connections, "Connection.query", _query)
    wrap(connections, "Connection.next_result", _next_result)
    wrap(cursors, "Cursor.execute", _execute)
    wrap(cursors, "Cursor.executemany", _executemany)
    wrap(cursors, "Cursor.callproc", _callproc)
    wrap(cursors, "Cursor._nextset", _nextset)
    wrap(cursors, "Cursor.close", _close)
    wrap(cursors, "SSCursor.close", _close)
    wrap(cursors, "SSCursor.read_next", _read_next)


def _service(connection: Any) -> str:
    """`mysql:` and the name of the database."""
    name = connection.db.decode() if isinstance(connection.db, bytes) else connection.db
    return f"mysql:{name}" if name else "mysql"


def _connect(original: Any, connection: Any, args: Any, kwargs: Any) -> Any:
    tape: Any = tapes.current()
    if tape is None:
        return original(*args, **kwargs)
    service = _service(connection)
    if tape.playing:
        sql.play_connecting(tape, service)
        return _unconnected(connection)
    try:
        return original(*args, **kwargs)
    except Exception as error:
        tape.begin("sql", service, sql.CONNECT, {}).failed(error)
        raise


class _Socket:
    """In the place of a socket: takes everything, sends nothing."""

    def sendall(self, data: bytes) -> None:
        """Goes nowhere."""

    def settimeout(self, seconds: float | None) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing is open."""


def _unconnected(connection: Any) -> None:
    """What `connect` sets, of a server that is not there."""
    connection._closed = False
    connection._sock = connection._rfile = _Socket()
    connection.server_version, connection.protocol_version = _SERVER, 10
    connection.server_status, connection.server_capabilities = 0, 0
    connection.server_thread_id, connection.salt = (0,), b""
    connection.server_charset = connection.charset
    connection.host_info = "playback"


def _ended(operation: str) -> Callable[..., Any]:
    """A wrapper of a method that begins or ends a transaction."""

    def wrapper(original: Any, connection: Any, args: Any, kwargs: Any) -> Any:
        tape: Any = tapes.current()
        if tape is None:
            return original(*args, **kwargs)
        service = _service(connection)
        if tape.playing:
            tape.play("sql", service, operation, {}).finish()
            return None
        call = tape.begin("sql", service, operation, {})
        try:
            result = original(*args, **kwargs)
        except BaseException as error:
            call.failed(error)
            raise
        call.done()
        return result

    return wrapper


def _idle(original: Any, connection: Any, args: Any, kwargs: Any) -> Any:
    """Methods that say nothing about data: done without a server in playback."""
    if isinstance(connection._sock, _Socket):
        return () if original.__name__ == "show_warnings" else None
    return original(*args, **kwargs)


def _execute(original: Any, cursor: Any, args: Any, kwargs: Any) -> Any:
    def asked(query: Any, args: Any = None) -> tuple[str, dict[str, Any]]:
        statement = _text(query)
        return sql.operation(statement), sql.asked(statement, args)

    return _run(original, cursor, args, kwargs, asked)


def _executemany(original: Any, cursor: Any, args: Any, kwargs: Any) -> Any:
    given = args[1] if len(args) > 1 else kwargs.get("args")
    rows = given
    if hasattr(given, "__next__") and tapes.peek() is not None:  # it may be read once only
        rows = list(given)
        args, kwargs = args[:1], {name: one for name, one in kwargs.items() if name != "args"} | {"args": iter(rows)}

    def asked(query: Any, args: Any) -> tuple[str, dict[str, Any]]:  # noqa: ARG001 - as the method has it
        statement = _text(query)
        return sql.operation(statement), sql.asked(statement, list(rows), many=True)

    return _run(original, cursor, args, kwargs, asked)


def _callproc(original: Any, cursor: Any, args: Any, kwargs: Any) -> Any:
    def asked(procname: str, args: Any = ()) -> tuple[str, dict[str, Any]]:
        return f"CALL {procname}", sql.asked(f"CALL {procname}", args)

    result = _run(original, cursor, args, kwargs, asked)
    return result if cursor.__dict__.get("_hf_played") is None else (args[1] if len(args) > 1 else ())


def _text(query: Any) -> str:
    return query.decode(errors="replace") if isinstance(query, bytes | bytearray) else str(query)


def _run(original: Any, cursor: Any, args: Any, kwargs: Any, asked: Callable[..., tuple[str, dict[str, Any]]]) -> Any:
    state = cursor.__dict__
    if state.get("_hf_inside"):  # `executemany` goes through `execute`
        return original(*args, **kwargs)
    _leave(cursor)
    tape: Any = tapes.current()
    if tape is None or cursor.connection is None:
        return original(*args, **kwargs)
    operation, request = asked(*args, **kwargs)
    service = _service(cursor.connection)
    if tape.playing:
        return _play(cursor, tape.play("sql", service, operation, request), request["statement"])
    call = tape.begin("sql", service, operation, request)
    connection = cursor.connection.__dict__
    state["_hf_inside"] = connection["_hf_inside"] = True
    try:
        result = original(*args, **kwargs)
    except BaseException as error:
        call.failed(error)
        raise
    finally:
        state["_hf_inside"] = connection["_hf_inside"] = False
    _answered(cursor, call)
    return result


def _query(original: Any, connection: Any, args: Any, kwargs: Any) -> Any:
    """A statement without a cursor: the connection itself has its answer."""
    tape: Any = None if connection.__dict__.get("_hf_inside") else tapes.peek()  # cursors have asked by `current`
    if tape is None:
        return original(*args, **kwargs)
    statement = _text(args[0] if args else kwargs["sql"])
    service, operation, request = _service(connection), sql.operation(statement), sql.asked(statement, None)
    if tape.playing:
        played = tape.play("sql", service, operation, request)
        connection._result = _result(played.response)
        connection._affected_rows = connection._result.affected_rows
        played.finish()
        return connection._affected_rows
    call = tape.begin("sql", service, operation, request)
    try:
        affected = original(*args, **kwargs)
    except BaseException as error:
        call.failed(error)
        raise
    _told(connection._result, call)
    return affected


def _told(result: Any, call: Any) -> None:
    """Record what a connection has. What it reads further, by ways of its own, is not seen."""
    try:
        if result.unbuffered_active or result.has_next:
            call.note("the answer was read further without a cursor, and of that nothing is recorded")
        view = SimpleNamespace(
            _result=result, rowcount=result.affected_rows, lastrowid=result.insert_id, description=result.description
        )
        call.done(**_parts(view, rows=not result.unbuffered_active))
    except Exception as error:  # noqa: BLE001 - a recording that fails must not reach the program under test
        call.session.trouble(error)


def _answered(cursor: Any, call: Any) -> None:
    """Record what the cursor has now; more may come of a statement with several answers."""
    try:
        result = cursor._result
        if result is not None and result.unbuffered_active:
            cursor._hf_reading = sql.Reading(call, _names(cursor), **_parts(cursor, rows=False))
        elif result is not None and result.has_next:
            more: list[Any] = []
            cursor._hf_more = (call, more)
            call.answered(**_parts(cursor), more=more)
        else:
            call.done(**_parts(cursor))
    except Exception as error:  # noqa: BLE001 - a recording that fails must not reach the program under test
        call.session.trouble(error)


def _names(cursor: Any) -> list[str]:
    return [column[0] for column in cursor.description or ()]


def _parts(cursor: Any, *, rows: bool = True) -> dict[str, Any]:
    """What a cursor knows of the answer, in plain values."""
    result = cursor._result
    parts: dict[str, Any] = {"rowcount": cursor.rowcount, "lastrowid": cursor.lastrowid}
    if cursor.description is None:
        return parts | {"columns": None, "rows": []} if rows else parts
    parts["description"] = plain([list(column) for column in cursor.description])
    parts["tables"] = [getattr(field, "table_name", None) for field in result.fields]
    if rows:
        parts |= {"columns": _names(cursor), "rows": plain([list(row) for row in result.rows])}
    return parts


def _nextset(original: Any, cursor: Any, args: Any, kwargs: Any) -> Any:
    found = original(*args, **kwargs)
    found_more: tuple[Any, list[Any]] = cursor.__dict__.get("_hf_more") or (None, [])
    call, more = found_more
    if call is None:
        return found
    if found:
        more.append(_parts(cursor))
    if not found or not cursor._result.has_next:
        cursor._hf_more = None
        call.done()
    return found


def _read_next(original: Any, cursor: Any, args: Any, kwargs: Any) -> Any:
    reading = cursor.__dict__.get("_hf_reading")
    if reading is None:
        return original(*args, **kwargs)
    try:
        row = original(*args, **kwargs)
    except BaseException as error:
        cursor._hf_reading = None
        reading.call.failed(error)
        raise
    if row is None:
        cursor._hf_reading = None
        reading.finish()
    else:
        reading.row(list(row.values()) if isinstance(row, dict) else row)
    return row


def _close(original: Any, cursor: Any, args: Any, kwargs: Any) -> Any:
    if not cursor.__dict__.get("_hf_inside"):
        _leave(cursor)
    return original(*args, **kwargs)


def _leave(cursor: Any) -> None:
    """The program reads no further in what it had asked before."""
    state = cursor.__dict__
    reading, (call, _) = state.get("_hf_reading"), state.get("_hf_more") or (None, None)
    state["_hf_reading"] = state["_hf_more"] = state["_hf_played"] = None
    if reading is not None:
        reading.leave()
    if call is not None:
        call.done()


def _play(cursor: Any, played: Any, statement: str) -> Any:
    """Give the cursor the recorded answers; its own methods read them."""
    response = played.response
    answers = [response, *response.get("more", ())]
    results = [_result(one) for one in answers]
    for result, following in pairwise(results):
        result.has_next, result.following = True, following
    results[-1].finish = played.finish
    cursor._clear_result()
    cursor.connection._result = results[0]
    cursor._do_get_result()
    cursor._executed, cursor._hf_played = statement, True
    return cursor.rowcount


def _result(answer: dict[str, Any]) -> Any:
    """As PyMySQL's own result of a query."""
    names, tables = answer.get("columns"), answer.get("tables") or []
    rows = tuple(tuple(row) for row in restored(answer.get("rows") or []))
    result = SimpleNamespace(
        affected_rows=answer.get("rowcount", 0), insert_id=answer.get("lastrowid"), warning_count=0, has_next=False,
        unbuffered_active=False, rows=None, description=None, fields=[], finish=lambda: None,
        _finish_unbuffered_query=lambda: None,
    )  # fmt: skip
    if names is None:
        return result
    result.rows, left = rows, iter(rows)
    result.description = tuple(tuple(column) for column in answer.get("description", ()))
    result.fields = [SimpleNamespace(name=name, table_name=table)
                     for name, table in zip(names, tables, strict=False)]  # fmt: skip

    def following() -> Any:
        row = next(left, None)
        if row is None:
            result.finish()
        return row

    result._read_rowdata_packet_unbuffered = following
    return result


def _next_result(original: Any, connection: Any, args: Any, kwargs: Any) -> Any:
    if not isinstance(connection._result, SimpleNamespace):
        return original(*args, **kwargs)
    connection._result = connection._result.following
    return connection._result.affected_rows
