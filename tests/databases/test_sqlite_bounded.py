"""SQLite with a statement timeout: statements end in time, and rows are the same as without one."""

from __future__ import annotations

import signal
import sqlite3
import sys
import time
from _thread import interrupt_main
from contextlib import closing
from pathlib import Path
from threading import Timer

import pyarrow as pa
import pytest

from hotfixture.databases import open_database
from hotfixture.databases.base import Select
from hotfixture.errors import DatabaseError
from hotfixture.schema import Column

ENDLESS = "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) "
COLUMN = (Column("x", pa.string()),)


@pytest.fixture
def url(tmp_path: Path) -> str:
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a, b TEXT, c BLOB)")
        values = (None, 1, -(2**63), 1.5, float("inf"), float("-inf"), "", "it's", "a\0b", "é😀", b"", b"\0\xff'")
        connection.executemany("INSERT INTO t (a, b, c) VALUES (?, ?, ?)", [(value,) * 3 for value in values])
        connection.execute("INSERT INTO t (a, b) VALUES (CAST(x'ff41' AS TEXT), CAST(x'c328' AS TEXT))")
        connection.commit()
    return f"sqlite:///{tmp_path / 'a.db'}"


@pytest.mark.parametrize("what", ["SELECT x FROM c", "SELECT count(*) AS x FROM c", "SELECT x FROM c WHERE x < 0"])
def test_a_query_that_never_ends_ends_at_its_timeout(url: str, what: str) -> None:
    started = time.monotonic()
    with open_database(url, timeout=0.2) as database, database.snapshot():
        with pytest.raises(DatabaseError, match=r"timeout of 0\.2 s"):
            for _ in database.read(ENDLESS + what, COLUMN):
                pass
        assert database.fetch("SELECT count(*) FROM t") == [(13,)]  # the connection and its snapshot go on
    assert time.monotonic() - started < 3


def test_each_statement_has_the_time_for_itself(url: str) -> None:
    with open_database(url, timeout=0.3) as database:
        for _ in range(8):
            assert database.fetch("SELECT count(*) FROM t") == [(13,)]
            time.sleep(0.05)


@pytest.mark.parametrize("apart", [None, ()])
def test_rows_are_the_same_as_without_a_timeout(url: str, apart: tuple[str, ...] | None) -> None:
    found = []
    for timeout in (None, 60.0):
        with open_database(url, timeout=timeout) as database:
            table = database.inspect().find("t")
            assert table
            select = Select(table, ("id", "a", "b", "c"), order=("id",))
            found.append(pa.Table.from_batches(database.read(select, table.columns, apart=apart)))
            found.append(pa.table({"rows": [repr(database.fetch("SELECT * FROM t WHERE id < 13 ORDER BY id"))]}))
    assert found[0].equals(found[2])
    assert found[1].equals(found[3])


def test_rows_are_written_under_a_timeout_too(url: str) -> None:
    with open_database(url, write=True, timeout=60) as database:
        table = database.inspect().find("t")
        assert table
        assert database.write(table, [pa.record_batch({"b": ["x", None], "c": [b"\0", b"y"]})]) == 2
        assert database.fetch("SELECT b, c FROM t WHERE id > 13") == [("x", b"\0"), (None, b"y")]


def test_errors_quote_no_statement(url: str) -> None:
    with open_database(url, timeout=60) as database:
        for wrong in ("SELECT 'secret' FROM nothing", "SELECT 1; SELECT 'secret'", "SELECT abs(-9223372036854775808)"):
            with pytest.raises(DatabaseError) as caught:
                database.fetch(wrong)
            assert "secret" not in str(caught.value)


@pytest.mark.skipif(sys.platform == "win32", reason="an interrupt is simulated by a signal")
def test_an_interrupt_ends_a_statement_before_its_timeout(url: str, request: pytest.FixtureRequest) -> None:
    timer = Timer(0.2, interrupt_main)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a run in the background ignores it
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    with open_database(url, timeout=60) as database:
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            database.fetch(ENDLESS + "SELECT count(*) FROM c")
