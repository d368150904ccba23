"""psycopg: what goes through its cursors is recorded, invisibly, and played back without a server."""

from __future__ import annotations

import asyncio
import datetime as dt
import decimal
import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest

from hotfixture.capture import hooks, tapes
from hotfixture.capture.playing.playback import Playback, replay
from hotfixture.capture.session import Session
from hotfixture.errors import CaptureError, ReplayMissError

psycopg = pytest.importorskip("psycopg")
from psycopg import sql  # noqa: E402 - only where it is installed
from psycopg.rows import class_row, dict_row, namedtuple_row  # noqa: E402 - only where it is installed

hooks.install()

SCHEMA = """
    CREATE TABLE orders (id int PRIMARY KEY, total numeric(9,2), at timestamptz, day date, key uuid, tags text[],
                         body bytea, extra jsonb, much float8, done bool);
    INSERT INTO orders VALUES
      (1, 1.50, '2026-01-02 03:04:05+00', '2026-01-02', '00000000-0000-0000-0000-000000000001', '{a,b}', '\\x00ff',
       '{"a": [1, null]}', 'NaN', true),
      (2, -2, NULL, NULL, NULL, '{}', '', 'null', 1e300, false),
      (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
"""


@pytest.fixture
def database(postgresql_url: str) -> str:
    with tapes.paused(), psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute(SCHEMA)
    return postgresql_url


def _gone(url: str) -> str:
    """The same database on a port where nobody listens."""
    return re.sub(r":\d+/", ":1/", url)


def _fresh(url: str) -> None:
    with tapes.paused(), psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE orders")
        connection.execute(SCHEMA)


class Thin:
    def __init__(self, id: int, done: bool | None) -> None:  # noqa: A002 - the name of a column
        self.id, self.done = id, done


def _work(url: str) -> list[Any]:
    """A little of everything that a program does with psycopg; what it saw."""
    seen: list[Any] = []
    with psycopg.connect(url) as connection:
        cursor = connection.execute("SELECT * FROM orders WHERE id < %s ORDER BY id", [3])
        seen += [isinstance(connection, psycopg.Connection), isinstance(cursor, psycopg.Cursor)]
        seen += [[(c.name, c.type_code) for c in cursor.description], cursor.rowcount, cursor.statusmessage]
        row = cursor.fetchone()
        seen += [repr(row), [type(one) for one in row], repr(cursor.fetchmany(1)), cursor.fetchone(), cursor.rownumber]
        with connection.cursor(row_factory=dict_row) as other:
            seen += other.execute("SELECT id, done FROM orders WHERE id = %(id)s", {"id": 1}).fetchall()
        with connection.cursor(row_factory=namedtuple_row) as other:
            seen += [one._asdict() for one in other.execute("SELECT id, done FROM orders ORDER BY id")]
        with connection.cursor(row_factory=class_row(Thin)) as other:
            seen += [one.id for one in other.execute("SELECT id, done FROM orders ORDER BY id").fetchall()]
        cursor.execute("UPDATE orders SET done = true WHERE id > %s", (1,))
        seen += [cursor.rowcount, cursor.description, cursor.statusmessage]
        with pytest.raises(psycopg.ProgrammingError) as wrong:
            cursor.fetchone()
        seen += [str(wrong.value)]
        cursor.executemany("INSERT INTO orders (id) VALUES (%s)", ((number,) for number in (10, 11)))
        seen += [cursor.rowcount]
        cursor.executemany(query="INSERT INTO orders (id) VALUES (%s)", params_seq=((number,) for number in (14, 15)))
        seen += [cursor.rowcount]
        cursor.executemany("INSERT INTO orders (id) VALUES (%s) RETURNING id", [(12,), (13,)], returning=True)
        seen += [cursor.fetchall(), cursor.nextset(), cursor.fetchall(), cursor.nextset()]
        cursor.execute(sql.SQL("SELECT {} FROM {}").format(sql.Identifier("id"), sql.Identifier("orders")))
        cursor.scroll(2)
        seen += [len(cursor.fetchall())]
        cursor.execute("SELECT 1 AS a; SELECT 2 AS b, 3 AS c")
        seen += [cursor.fetchall(), cursor.nextset(), cursor.fetchall()]
        connection.commit()
        try:
            connection.execute("INSERT INTO orders (id) VALUES (1)")
        except psycopg.errors.UniqueViolation as error:
            seen += [type(error), error.args, error.sqlstate, error.diag.constraint_name, error.diag.message_primary]
        connection.rollback()
        with connection.transaction():
            connection.execute("DELETE FROM orders WHERE id = 10")
            with pytest.raises(ZeroDivisionError), connection.transaction():
                raise ZeroDivisionError
            with connection.transaction() as inner:
                raise psycopg.Rollback(inner)
        with connection.cursor("named") as named:
            named.execute("SELECT id, done FROM orders ORDER BY id")
            seen += [named.fetchone(), named.fetchmany(2), list(named), named.fetchone()]
        with connection.cursor() as streamed:
            seen += [list(streamed.stream("SELECT generate_series(1, %s)", [4]))]
    seen += [connection.closed]
    return seen


async def _later(url: str) -> list[Any]:
    """The same in asyncio."""
    seen: list[Any] = []
    async with await psycopg.AsyncConnection.connect(url, row_factory=dict_row) as connection:
        cursor = await connection.execute("SELECT id, done FROM orders ORDER BY id")
        seen += [await cursor.fetchone(), [row async for row in cursor]]
        async with connection.transaction():
            await cursor.executemany("INSERT INTO orders (id) VALUES (%s)", [(20,), (21,)])
        seen += [cursor.rowcount]
        async with connection.cursor("named") as named:
            await named.execute("SELECT id FROM orders ORDER BY id")
            seen += [await named.fetchmany(1), [row async for row in named]]
        try:
            await connection.execute("SELECT nothing")
        except psycopg.errors.UndefinedColumn as error:
            seen += [error.args, error.sqlstate]
        await connection.rollback()
        seen += [row async for row in connection.cursor().stream("SELECT generate_series(1, 2) AS n")]
    return seen


def test_a_program_sees_the_same_bare_recorded_and_played_back(tmp_path: Path, database: str) -> None:
    """Case 25 for psycopg: class, arguments, sqlstate and diagnostics are equal as well."""
    bare = _work(database)
    _fresh(database)
    session = Session(directory=tmp_path, within=True)
    with tapes.under(session):
        recorded = _work(database)
    outcome = session.close()
    assert recorded == bare
    assert (outcome.lost, outcome.problems) == (0, [])
    with replay(session.folder):
        assert _work(_gone(database)) == bare


def test_asyncio_programs_see_the_same_bare_recorded_and_played_back(tmp_path: Path, database: str) -> None:
    bare = asyncio.run(_later(database))
    _fresh(database)
    session = Session(directory=tmp_path, within=True)
    with tapes.under(session):
        recorded = asyncio.run(_later(database))
    outcome = session.close()
    assert recorded == bare
    assert (outcome.lost, outcome.problems) == (0, [])
    with replay(session.folder):
        assert asyncio.run(_later(_gone(database))) == bare


def test_a_statement_is_one_record_that_names_no_account(tmp_path: Path, database: str) -> None:
    session = Session(directory=tmp_path, within=True)
    with tapes.under(session), psycopg.connect(database) as connection:
        connection.execute("SELECT id, total FROM orders WHERE id = %s", (1,)).fetchall()
    session.close()
    one, commit = session.interactions
    name = database.rpartition("/")[2]
    assert (one.kind, one.service, one.operation) == ("sql", f"postgresql:{name}", "SELECT orders")
    assert one.request == {"statement": "SELECT id, total FROM orders WHERE id = %s", "parameters": [1]}
    assert (one.response["columns"], one.response["rowcount"]) == (["id", "total"], 1)
    assert commit.operation == "COMMIT"
    written = b"".join(path.read_bytes() for path in session.folder.rglob("*") if path.is_file())
    assert b"s3cret" not in written
    assert b"127.0.0.1" not in written


def test_values_keep_their_types_in_playback(tmp_path: Path, database: str) -> None:
    session = Session(directory=tmp_path, within=True)
    with tapes.under(session), psycopg.connect(database) as connection:
        connection.execute("SELECT * FROM orders ORDER BY id").fetchall()
    session.close()
    with replay(session.folder), psycopg.connect(_gone(database)) as connection:
        row = connection.execute("SELECT * FROM orders ORDER BY id").fetchone()
    assert row[:-2] == (
        1, decimal.Decimal("1.50"), dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC), dt.date(2026, 1, 2),
        uuid.UUID(int=1), ["a", "b"], b"\x00\xff", {"a": [1, None]},
    )  # fmt: skip
    assert str(row[1]) == "1.50"
    json.dumps(row[-3])


def test_a_refused_connection_is_refused_again(tmp_path: Path) -> None:
    """Case 25."""
    session = Session(directory=tmp_path, within=True)
    url = "postgresql://nobody:geheim@127.0.0.1:1/nowhere"
    with tapes.under(session), pytest.raises(psycopg.OperationalError) as bare:
        psycopg.connect(url, connect_timeout=2)
    session.close()
    with replay(session.folder), pytest.raises(psycopg.OperationalError) as played:
        psycopg.connect(url, connect_timeout=2)
    assert played.value.args == bare.value.args
    assert b"geheim" not in b"".join(path.read_bytes() for path in session.folder.rglob("*") if path.is_file())


def test_an_unknown_statement_is_a_miss_and_a_copy_says_what_is_not_recorded(tmp_path: Path, database: str) -> None:
    session = Session(directory=tmp_path, within=True)
    statement = "COPY (SELECT 1) TO STDOUT"
    with (
        tapes.under(session),
        psycopg.connect(database) as connection,
        connection.cursor().copy(statement) as copy,
    ):
        assert b"".join(copy) == b"1\n"
    session.close()
    assert session.interactions[0].notes == ["the data of a COPY is not recorded"]
    with tapes.under(Playback(session.folder)), psycopg.connect(_gone(database)) as connection:
        with pytest.raises(CaptureError, match="not recorded"):
            connection.cursor().copy(statement)
        with pytest.raises(ReplayMissError):
            connection.execute("SELECT 2")


def test_statements_of_a_pipeline_are_recorded_when_their_answers_come(tmp_path: Path, database: str) -> None:
    def work(url: str) -> list[Any]:
        with psycopg.connect(url) as connection, connection.pipeline():
            first, second = connection.execute("SELECT 1"), connection.execute("SELECT id FROM orders ORDER BY id")
            return [first.fetchall(), second.fetchone(), second.fetchall()]

    session = Session(directory=tmp_path, within=True)
    with tapes.under(session):
        recorded = work(database)
    session.close()
    assert recorded == [[(1,)], (1,), [(2,), (3,)]]
    statements = [one for one in session.interactions if one.request]
    assert [one.response["rows"] for one in statements] == [[[1]], [[1], [2], [3]]]
    with replay(session.folder):
        assert work(_gone(database)) == recorded


def test_a_cancelled_statement_has_its_status_and_the_connection_stays_usable(tmp_path: Path, database: str) -> None:
    """Case 3 for statements."""

    async def work() -> None:
        async with await psycopg.AsyncConnection.connect(database) as connection:
            task = asyncio.create_task(connection.execute("SELECT pg_sleep(60)"))
            await asyncio.sleep(0.3)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await connection.rollback()
            await connection.execute("SELECT 1")

    session = Session(directory=tmp_path, within=True)
    with tapes.under(session):
        asyncio.run(work())
    session.close()
    cancelled, *others = session.interactions
    assert (cancelled.status, {one.status for one in others}) == ("cancelled", {"success"})
    assert cancelled.duration_ms > 100


def test_threads_with_connections_of_their_own_keep_their_own_rows(tmp_path: Path, database: str) -> None:
    """Case 2 for statements."""
    from concurrent.futures import ThreadPoolExecutor

    session = Session(directory=tmp_path, within=True)

    def work(number: int) -> None:
        with tapes.under(session), psycopg.connect(database, autocommit=True) as connection:
            for _ in range(20):
                connection.execute("SELECT %s::int", (number,)).fetchone()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    session.close()
    statements = [one for one in session.interactions if one.request]
    assert len(statements) == 160
    assert all(one.request["parameters"] == one.response["rows"][0] for one in statements)
