"""PyMySQL: what goes through its cursors is recorded, invisibly, and played back without a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from hotfixture.capture import hooks, tapes
from hotfixture.capture.playing.playback import replay
from hotfixture.capture.session import Session
from hotfixture.errors import ReplayMissError

pymysql = pytest.importorskip("pymysql")
from pymysql.cursors import DictCursor, SSCursor, SSDictCursor  # noqa: E402 - only where it is installed

hooks.install()

SCHEMA = (
    "DROP TABLE IF EXISTS orders",
    """CREATE TABLE orders (id int PRIMARY KEY AUTO_INCREMENT, total decimal(9,2), at datetime(6), day date,
                            length time, body blob, note text)""",
    """INSERT INTO orders VALUES (1, 1.50, '2026-01-02 03:04:05.000006', '2026-01-02', '10:00:01', x'00ff', 'é'),
                                 (2, NULL, NULL, NULL, NULL, NULL, NULL)""",
    "DROP PROCEDURE IF EXISTS twice",
    "CREATE PROCEDURE twice(n int) BEGIN SELECT n; SELECT n + 1 AS m; END",
)


def _arguments(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "host": parts.hostname, "port": parts.port, "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""), "database": parts.path.strip("/"),
    }  # fmt: skip


def _fresh(wanted: dict[str, Any]) -> None:
    with tapes.paused():
        connection = pymysql.connect(**wanted, autocommit=True)
        for statement in SCHEMA:
            connection.cursor().execute(statement)
        connection.close()


@pytest.fixture
def database(mariadb_url: str) -> dict[str, Any]:
    wanted = _arguments(mariadb_url)
    _fresh(wanted)
    return wanted


def _work(wanted: dict[str, Any]) -> list[Any]:
    """A little of everything that a program does with PyMySQL; what it saw."""
    connection = pymysql.connect(**wanted)
    seen: list[Any] = [isinstance(connection, pymysql.connections.Connection), connection.open]
    with connection.cursor() as cursor:
        seen += [cursor.execute("SELECT * FROM orders WHERE id < %s ORDER BY id", (3,)), cursor.description]
        row = cursor.fetchone()
        seen += [row, [type(one) for one in row], cursor.fetchmany(5), cursor.fetchone(), cursor.rowcount]
        seen += [cursor.execute("INSERT INTO orders (note) VALUES (%(note)s)", {"note": "new"}), cursor.lastrowid]
        seen += [cursor.executemany("INSERT INTO orders (note) VALUES (%s)", [("a",), ("b",)]), cursor.rowcount]
        seen += [cursor.executemany("INSERT INTO orders (note) VALUES (%s)", ((one,) for one in "gh")), cursor.rowcount]
        seen += [cursor.executemany(query="UPDATE orders SET note = %s WHERE note = %s", args=iter([("i", "g")]))]
        seen += [cursor.executemany("UPDATE orders SET note = %s WHERE id = %s", [("a", 1), ("b", 99)])]
        seen += [cursor.callproc("twice", (4,)), cursor.fetchall(), cursor.nextset(), cursor.fetchall()]
        seen += [cursor.description[0][0]]
        while cursor.nextset():
            seen += ["more"]
        connection.commit()
        try:
            cursor.execute("INSERT INTO orders (id) VALUES (1)")
        except pymysql.err.IntegrityError as error:
            seen += [error.args, type(error)]
        try:
            cursor.execute("SELECT nothing FROM nowhere")
        except pymysql.err.ProgrammingError as error:
            seen += [error.args]
    connection.rollback()
    connection.begin()
    with connection.cursor(DictCursor) as cursor:
        cursor.execute("SELECT id, note, o.id FROM orders o ORDER BY id LIMIT 2")
        seen += [cursor.fetchall()]
    with connection.cursor(SSCursor) as cursor:
        cursor.execute("SELECT id FROM orders ORDER BY id")
        seen += [cursor.fetchone(), cursor.fetchmany(2), list(cursor), cursor.fetchone()]
    with connection.cursor(SSDictCursor) as cursor:
        cursor.execute("SELECT id, note FROM orders ORDER BY id")
        seen += [cursor.fetchall()]
    connection.ping()
    connection.autocommit(True)
    connection.close()
    return [*seen, connection.open]


def test_a_program_sees_the_same_bare_recorded_and_played_back(tmp_path: Path, database: dict[str, Any]) -> None:
    """Case 25 for PyMySQL: class and arguments are equal as well."""
    bare = _work(database)
    _fresh(database)
    session = Session(directory=tmp_path, within=True)
    with tapes.under(session):
        recorded = _work(database)
    outcome = session.close()
    assert recorded == bare
    assert (outcome.lost, outcome.problems) == (0, [])
    with replay(session.folder):
        assert _work(database | {"port": 1}) == bare


def test_a_statement_is_one_record_that_names_no_account(tmp_path: Path, database: dict[str, Any]) -> None:
    session = Session(directory=tmp_path, within=True)
    with tapes.under(session):
        connection = pymysql.connect(**database)
        cursor = connection.cursor()
        cursor.execute("SELECT id, note FROM orders WHERE id = %s", (2,))
        cursor.fetchall()
        cursor.executemany("INSERT INTO orders (note) VALUES (%s)", [("a",), ("b",)])
        connection.close()
    session.close()
    one, many = session.interactions
    assert (one.kind, one.service) == ("sql", f"mysql:{database['database']}")
    assert (one.operation, many.operation) == ("SELECT orders", "INSERT orders")
    assert one.request == {"statement": "SELECT id, note FROM orders WHERE id = %s", "parameters": [2]}
    assert (one.response["columns"], one.response["rows"]) == (["id", "note"], [[2, None]])
    assert (many.request["parameters"], many.response["rowcount"]) == ([["a"], ["b"]], 2)
    written = b"".join(path.read_bytes() for path in session.folder.rglob("*") if path.is_file())
    assert database["password"].encode() not in written


def test_rows_that_were_not_read_of_an_unbuffered_cursor_are_a_clear_error(
    tmp_path: Path, database: dict[str, Any]
) -> None:
    session = Session(directory=tmp_path, within=True)
    with tapes.under(session):
        connection = pymysql.connect(**database)
        cursor = connection.cursor(SSCursor)
        cursor.execute("SELECT id FROM orders ORDER BY id")
        assert cursor.fetchone() == (1,)
        cursor.close()
        connection.close()
    session.close()
    assert [one.status for one in session.interactions] == ["closed"]
    with replay(session.folder):
        cursor = pymysql.connect(**database | {"port": 1}).cursor(SSCursor)
        cursor.execute("SELECT id FROM orders ORDER BY id")
        assert cursor.fetchone() == (1,)
        with pytest.raises(ReplayMissError, match="stopped reading"):
            cursor.fetchone()


def test_a_refused_connection_is_refused_again(tmp_path: Path) -> None:
    """Case 25."""
    session = Session(directory=tmp_path, within=True)
    wanted = {"host": "127.0.0.1", "port": 1, "user": "nobody", "password": "geheim", "database": "nowhere"}
    with tapes.under(session), pytest.raises(pymysql.err.OperationalError) as bare:
        pymysql.connect(**wanted)
    session.close()
    with replay(session.folder), pytest.raises(pymysql.err.OperationalError) as played:
        pymysql.connect(**wanted)
    assert played.value.args == bare.value.args


def _without_cursors(wanted: dict[str, Any]) -> list[Any]:
    """What a program sees that asks the connection itself."""
    connection = pymysql.connect(**wanted)
    seen: list[Any] = [connection.query("SELECT id, total FROM orders ORDER BY id"), connection._result.rows]
    seen += [connection.affected_rows(), connection._result.description[1][0]]
    seen.append(connection.query(b"INSERT INTO orders (note) VALUES ('caf\xc3\xa9')"))
    seen += [connection.insert_id(), connection.affected_rows()]
    with pytest.raises(pymysql.err.ProgrammingError) as caught:
        connection.query("SELECT 1 FROM nowhere")
    seen.append(caught.value.args)
    with connection.cursor() as cursor:
        seen += [cursor.execute("SELECT count(*) FROM orders"), cursor.fetchall()]
    connection.close()
    return seen


def test_statements_without_a_cursor_are_recorded_once_and_played(database: dict[str, Any], tmp_path: Path) -> None:
    """`Connection.query`, which cursors go through themselves."""
    plainly = _without_cursors(database)
    _fresh(database)
    session = Session("query", directory=tmp_path, within=True, rules={"keep": ["*"]})
    with tapes.under(session):
        assert _without_cursors(database) == plainly
    session.close()
    assert [(one.operation, one.status) for one in session.interactions] == [
        ("SELECT orders", "success"), ("INSERT orders", "success"), ("SELECT nowhere", "error"),
        ("SELECT orders", "success"),
    ]  # fmt: skip
    assert session.elsewhere == 0
    with replay(session.folder, rules={"keep": ["*"]}):
        assert _without_cursors({**database, "port": 1}) == plainly


def test_rows_that_are_read_without_a_cursor_one_by_one_are_told_to_be_missing(
    database: dict[str, Any], tmp_path: Path
) -> None:
    session = Session("query", directory=tmp_path, within=True)
    with tapes.under(session):
        connection = pymysql.connect(**database)
        connection.query("SELECT id FROM orders", unbuffered=True)
        assert connection._result._read_rowdata_packet_unbuffered() == (1,)
        connection._result._finish_unbuffered_query()
        connection.close()
    session.close()
    assert session.interactions[0].notes == [
        "the answer was read further without a cursor, and of that nothing is recorded"
    ]
