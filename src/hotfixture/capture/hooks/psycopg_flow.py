"""psycopg: what its cursors and connections have in common in a recording: names, answers, streams, transactions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hotfixture.capture import tapes
from hotfixture.capture.hooks import psycopg_played as played
from hotfixture.capture.hooks import sql
from hotfixture.capture.values import plain


def service_of(connection: Any) -> str:
    """`postgresql:` and the name of the database."""
    return f"postgresql:{connection.pgconn.db.decode(errors='replace')}"


def text_of(query: Any, cursor: Any) -> str:
    """A statement as text: a string, bytes, or what `psycopg.sql` composes."""
    if isinstance(query, str):
        return query
    if isinstance(query, bytes):
        return query.decode(errors="replace")
    as_string = getattr(query, "as_string", None)
    if callable(as_string):
        return str(as_string(None if played.is_played(cursor.connection) else cursor))
    return "".join(str(part) for part in query) if hasattr(query, "__iter__") else str(query)


def asked(cursor: Any, query: Any, params: Any = None, **_options: Any) -> tuple[str, dict[str, Any]]:
    """Operation and request of a statement."""
    statement = text_of(query, cursor)
    return sql.operation(statement), sql.asked(statement, params)


def parts_of(cursor: Any, result: Any, *, rows: bool = True) -> dict[str, Any]:
    """What a result of libpq says, in plain values; the rows as the cursor's own loaders make them."""
    status = (result.command_status or b"").decode()
    if not result.nfields and result.ntuples == 0 and not status.startswith("SELECT"):
        return {"columns": None, "rows": [], "rowcount": _count(result), "status": status}
    fields = range(result.nfields)
    names = [result.fname(field).decode(cursor._encoding) for field in fields]
    parts: dict[str, Any] = {
        "description": [[name, result.ftype(field), result.fmod(field), result.fsize(field)]
                        for field, name in zip(fields, names, strict=True)],
        "status": status,
    }  # fmt: skip
    if not rows:
        return parts
    return parts | {"columns": names, "rows": plain(_rows(cursor, result)), "rowcount": result.ntuples}


def _count(result: Any) -> int:
    count = result.command_tuples
    return -1 if count is None else int(count)


def _rows(cursor: Any, result: Any) -> list[Any]:
    transformer, current = cursor._tx, cursor.pgresult
    if result is not current:
        transformer.set_pgresult(result)
    try:
        return [list(row) for row in transformer.load_rows(0, result.ntuples, tuple)]
    finally:
        if result is not current:
            transformer.set_pgresult(current)


def _stream_begins(cursor: Any, args: Any, kwargs: Any) -> tuple[Any, Any]:
    """Record and recording of a `stream`: one of both at most is not None."""
    tape: Any = tapes.current()
    if tape is None:
        return None, None
    options = {name: one for name, one in kwargs.items() if name in ("query", "params")}
    operation, request = asked(cursor, *args, **options)
    service = service_of(cursor.connection)
    if tape.playing:
        return None, tape.play("sql", service, operation, request)
    return tape.begin("sql", service, operation, request), None


def _passed(cursor: Any, call: Any, reading: sql.Reading | None) -> sql.Reading:
    """One more row of a stream; the columns are known with the first."""
    if reading is None:
        names = [column.name for column in cursor.description or ()]
        reading = sql.Reading(call, names, **parts_of(cursor, cursor.pgresult, rows=False))
    position = cursor._tx, cursor.pgresult
    reading.row(position[0].load_rows(0, 1, tuple)[0])
    return reading


def streamed(original: Any, cursor: Any, args: Any, kwargs: Any) -> Any:
    """A wrapper of `stream`: its rows are recorded as they are read."""
    call, found = _stream_begins(cursor, args, kwargs)
    if found is not None:
        yield from played.stream(cursor, found)
        return
    if call is None:
        yield from original(*args, **kwargs)
        return
    reading = None
    try:
        for row in original(*args, **kwargs):
            reading = _passed(cursor, call, reading)
            yield row
    except GeneratorExit:
        call.closed()
        raise
    except BaseException as error:
        call.failed(error)
        raise
    call.done()


async def streamed_later(original: Any, cursor: Any, args: Any, kwargs: Any) -> Any:
    """As `streamed`, asynchronous."""
    call, found = _stream_begins(cursor, args, kwargs)
    if found is not None:
        for row in played.stream(cursor, found):
            yield row
        return
    reading = None
    try:
        async for row in original(*args, **kwargs):
            reading = _passed(cursor, call, reading) if call is not None else None
            yield row
    except GeneratorExit:
        _if(call, "closed")
        raise
    except BaseException as error:
        _if(call, "failed", error)
        raise
    _if(call, "done")


def _if(call: Any, end: str, *args: Any) -> None:
    if call is not None:
        getattr(call, end)(*args)


def ended(operation: str, is_async: bool) -> Callable[..., Any]:
    """A wrapper of `commit` and `rollback`."""

    def end(original: Any, connection: Any, args: Any, kwargs: Any) -> Any:
        tape: Any = tapes.current()
        if tape is None:
            return original(*args, **kwargs)
        if tape.playing:
            tape.play("sql", service_of(connection), operation, {}).finish()
            return original(*args, **kwargs)
        with _operation(tape, connection, operation):
            return original(*args, **kwargs)

    async def end_later(original: Any, connection: Any, args: Any, kwargs: Any) -> Any:
        tape: Any = tapes.current()
        if tape is None:
            return await original(*args, **kwargs)
        if tape.playing:
            tape.play("sql", service_of(connection), operation, {}).finish()
            return await original(*args, **kwargs)
        with _operation(tape, connection, operation):
            return await original(*args, **kwargs)

    return end_later if is_async else end


class _operation:  # noqa: N801 - used as a context manager only
    """The record of something that gives no rows."""

    def __init__(self, tape: Any, connection: Any, operation: str) -> None:
        self._call = tape.begin("sql", service_of(connection), operation, {})

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is None:
            self._call.done()
        else:
            self._call.failed(error)


def transaction_step(ending: bool, is_async: bool) -> Callable[..., Any]:
    """A wrapper of entering and leaving `connection.transaction()`."""

    def name(args: Any) -> str:
        return ("ROLLBACK" if args[1] else "COMMIT") if ending else "BEGIN"

    def step(original: Any, transaction: Any, args: Any, kwargs: Any) -> Any:
        tape: Any = tapes.current()
        if tape is None:
            return original(*args, **kwargs)
        if tape.playing:
            tape.play("sql", service_of(transaction.connection), name(args), {}).finish()
            return original(*args, **kwargs)
        with _operation(tape, transaction.connection, name(args)):
            return original(*args, **kwargs)

    async def step_later(original: Any, transaction: Any, args: Any, kwargs: Any) -> Any:
        tape: Any = tapes.current()
        if tape is None:
            return await original(*args, **kwargs)
        if tape.playing:
            tape.play("sql", service_of(transaction.connection), name(args), {}).finish()
            return await original(*args, **kwargs)
        with _operation(tape, transaction.connection, name(args)):
            return await original(*args, **kwargs)

    return step_later if is_async else step
