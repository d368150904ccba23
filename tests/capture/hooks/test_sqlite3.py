"""sqlite3: what goes through its cursors is recorded, invisibly, and played back without the database."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from hotfixture.capture import hooks, tapes
from hotfixture.capture.playing.playback import Playback, replay
from hotfixture.capture.session import Session, capture
from hotfixture.errors import ReplayMissError

hooks.install()


@pytest.fixture
def session(tmp_path: Path):
    session = Session("sqlite", directory=tmp_path / "captures", within=True)
    with tapes.under(session):
        yield session
    session.close()


@pytest.fixture
def database(tmp_path: Path) -> str:
    with tapes.paused():
        connection = sqlite3.connect(tmp_path / "shop.db")
        connection.executescript(
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, total REAL, note TEXT, body BLOB);"
            "INSERT INTO orders VALUES (1, 1.5, 'one', x'00ff'), (2, 2.5, NULL, NULL), (3, -0.25, 'three', x'');"
        )
        connection.close()
    return str(tmp_path / "shop.db")


def test_what_is_no_statement_is_refused_by_the_library(tmp_path: Path) -> None:
    """And not by the recording."""
    with pytest.raises(TypeError) as bare:
        sqlite3.connect(":memory:").execute(5)  # type: ignore[arg-type]
    with capture(directory=tmp_path), pytest.raises(TypeError) as recorded:
        sqlite3.connect(":memory:").execute(5)  # type: ignore[arg-type]
    assert str(recorded.value) == str(bare.value)


def test_a_query_is_one_record_with_its_rows(session: Session, database: str) -> None:
    rows = sqlite3.connect(database).execute("SELECT id, note FROM orders WHERE id > ?", (1,)).fetchall()
    (one,) = session.interactions
    assert rows == [(2, None), (3, "three")]
    assert (one.kind, one.service, one.operation) == ("sql", "sqlite3:shop.db", "SELECT orders")
    assert one.request == {"statement": "SELECT id, note FROM orders WHERE id > ?", "parameters": [1]}
    assert (one.response["columns"], one.response["rows"]) == (["id", "note"], [[2, None], [3, "three"]])
    assert one.status == "success"


def _work(path: str) -> list[object]:
    """A little of everything that a program does with SQLite; what it saw."""
    connection = sqlite3.connect(path)
    seen: list[object] = [isinstance(connection, sqlite3.Connection)]
    with connection:
        cursor = connection.execute("INSERT INTO orders (total, note) VALUES (?, ?)", (9.75, "new"))
        seen += [cursor.rowcount, cursor.lastrowid, cursor.description, isinstance(cursor, sqlite3.Cursor)]
    cursor = connection.cursor()
    cursor.executemany("UPDATE orders SET note = ? WHERE id = ?", ((f"n{number}", number) for number in (1, 2, 77)))
    seen += [cursor.rowcount, cursor.fetchall()]
    connection.rollback()
    cursor.execute("SELECT id, total AS worth, body FROM orders ORDER BY id")
    seen += [cursor.description, cursor.fetchone(), cursor.fetchmany(2), list(cursor), cursor.fetchone()]
    cursor.row_factory = sqlite3.Row
    row = cursor.execute("SELECT id, note FROM orders WHERE id = :id", {"id": 1}).fetchone()
    seen += [type(row), row.keys(), row["note"], tuple(row)]
    connection.row_factory = lambda cursor, values: dict(
        zip([name for name, *_ in cursor.description], values, strict=True)
    )
    seen += connection.execute("SELECT count(*) AS n FROM orders").fetchall()
    try:
        connection.execute("INSERT INTO orders (id) VALUES (1)")
    except sqlite3.IntegrityError as error:
        seen += [error.args, error.sqlite_errorcode, error.sqlite_errorname]
    try:
        connection.execute("SELECT nothing FROM nowhere")
    except sqlite3.OperationalError as error:
        seen += [error.args, error.sqlite_errorname]
    seen += [connection.executescript("CREATE TABLE t (a); DROP TABLE t").fetchall()]
    connection.close()
    return seen


def test_a_program_sees_the_same_without_recording_while_recording_and_played_back(
    tmp_path: Path, database: str
) -> None:
    """Case 25 for sqlite3: class, arguments and error codes are equal as well."""
    original = Path(database).read_bytes()
    bare = _work(database)
    Path(database).write_bytes(original)
    session = Session("sqlite", directory=tmp_path / "captures", within=True)
    with tapes.under(session):
        recorded = _work(database)
    outcome = session.close()
    Path(database).unlink()
    with replay(session.folder):
        played = _work(database)
    assert recorded == bare
    assert played == bare
    assert (outcome.lost, outcome.problems) == (0, [])
    assert not Path(database).exists()


def test_transactions_are_operations(session: Session, database: str) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("DELETE FROM orders")
    connection.rollback()
    with pytest.raises(ZeroDivisionError), connection:
        raise ZeroDivisionError
    assert [one.operation for one in session.interactions] == ["DELETE orders", "COMMIT", "ROLLBACK", "ROLLBACK"]


def test_rows_that_were_not_read_end_the_record_as_closed_and_more_of_them_is_a_clear_error(
    tmp_path: Path, database: str
) -> None:
    session = Session("sqlite", directory=tmp_path / "captures", within=True)
    with tapes.under(session):
        cursor = sqlite3.connect(database).execute("SELECT id FROM orders ORDER BY id")
        assert cursor.fetchone() == (1,)
        cursor.close()
    session.close()
    (one,) = session.interactions
    assert (one.status, one.response["rows"]) == ("closed", [[1]])
    with replay(session.folder):
        cursor = sqlite3.connect(database).execute("SELECT id FROM orders ORDER BY id")
        assert cursor.fetchone() == (1,)
        with pytest.raises(ReplayMissError, match="stopped reading"):
            cursor.fetchone()


def test_a_cursor_that_is_dropped_ends_its_record(session: Session, database: str) -> None:
    assert sqlite3.connect(database).execute("SELECT id FROM orders").fetchone() == (1,)
    assert [one.status for one in session.interactions] == ["closed"]


def test_a_connection_that_cannot_be_opened_fails_in_the_same_way_in_playback(tmp_path: Path) -> None:
    """Case 25: the error of connecting is played as often as it came."""
    session = Session("sqlite", directory=tmp_path / "captures", within=True)
    missing = str(tmp_path / "no" / "folder" / "x.db")
    with tapes.under(session), pytest.raises(sqlite3.OperationalError) as bare:
        sqlite3.connect(missing)
    session.close()
    with replay(session.folder):
        with pytest.raises(sqlite3.OperationalError) as played:
            sqlite3.connect(missing)
        sqlite3.connect(missing).close()
    assert played.value.args == bare.value.args


def test_subclasses_of_connections_and_cursors_stay_what_they_are(session: Session) -> None:
    class Mine(sqlite3.Connection):
        def answer(self) -> int:
            return 42

    class Reader(sqlite3.Cursor):
        def execute(self, statement: str, parameters: object = (), /) -> Reader:
            return super().execute(statement.replace("?", "1"))

    connection = sqlite3.connect(":memory:", factory=Mine)
    cursor = connection.cursor(Reader)
    assert (connection.answer(), isinstance(connection, Mine), isinstance(cursor, Reader)) == (42, True, True)
    assert cursor.execute("SELECT ?", (5,)).fetchall() == [(1,)]
    assert repr(sqlite3.connect(":memory:")).startswith("<sqlite3.Connection object at ")
    assert [one.request["statement"] for one in session.interactions] == ["SELECT ?"]


def test_an_unknown_statement_is_a_miss(session: Session) -> None:
    with tapes.under(Playback([])), pytest.raises(ReplayMissError):  # type: ignore[arg-type]
        sqlite3.connect(":memory:").execute("SELECT 1")


def test_without_a_tape_nothing_is_recorded_and_the_cost_is_small(database: str) -> None:
    from time import perf_counter_ns

    cursor = sqlite3.connect(":memory:").cursor()
    bare = sqlite3.Cursor(sqlite3.Connection(":memory:"))

    def cost(cursor: sqlite3.Cursor) -> int:
        start = perf_counter_ns()
        cursor.execute("SELECT 1")
        return perf_counter_ns() - start

    added = sorted(cost(cursor) for _ in range(2000))[200] - sorted(cost(bare) for _ in range(2000))[200]
    assert added < 5_000
