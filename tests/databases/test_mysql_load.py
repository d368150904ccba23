"""The bulk road into MySQL and MariaDB keeps every value exactly, and refuses what INSERT refuses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from tests.servers import run_script

from hotfixture.databases import mysql_load, open_database
from hotfixture.errors import DatabaseError

TABLE = """
CREATE TABLE parents (id INT PRIMARY KEY);
INSERT INTO parents VALUES (1), (2);
CREATE TABLE kept (
    id BIGINT PRIMARY KEY, words LONGTEXT, raw VARBINARY(300), price DECIMAL(30, 10), size DOUBLE, moment DATETIME(6),
    stamp TIMESTAMP(6) NULL, day DATE, clock TIME(6), kind SET('a', 'b'), born YEAR, whole BIGINT UNSIGNED,
    truth BOOLEAN, text JSON, parent INT REFERENCES parents (id), small TINYINT CHECK (small < 100)
);
"""
ROWS = mysql_load.FEWEST * 2
TEXTS = [
    "", "plain", "\\N", "NULL", "tab\there", "line\nend", "return\r\n", "nul\0nul", "back\\slash",
    "'quoted' \"double\"",
    "ü漢🎉", "\\", "a\\", "\x1a", "\b\f\v", ",;", " blank ", "\u2028", None,
]  # fmt: skip


def _batch(**changed: Any) -> pa.RecordBatch:
    moment = datetime(2024, 3, 31, 2, 30, 0, 123456, tzinfo=UTC)
    columns: dict[str, Any] = {
        "id": pa.array(range(ROWS), pa.int64()),
        "words": pa.array([TEXTS[number % len(TEXTS)] for number in range(ROWS)]),
        "raw": pa.array([None if number % 7 == 0 else bytes(range(number % 256)) for number in range(ROWS)]),
        "price": pa.array([Decimal(number - 7) / 1000 for number in range(ROWS)]).cast(pa.decimal128(30, 10)),
        "size": pa.array([-0.0 if number == 3 else number / 7 * 1e-300 for number in range(ROWS)]),
        "moment": pa.array([moment.replace(tzinfo=None)] * ROWS),
        "stamp": pa.array([moment] * ROWS, pa.timestamp("us", "UTC")),
        "day": pa.array([date(1000, 1, 1)] * ROWS),
        "clock": pa.array([time(23, 59, 59, 999999)] * ROWS),
        "kind": pa.array(["a,b"] * ROWS),
        "born": pa.array([1999] * ROWS),
        "whole": pa.array([2**64 - 1] * ROWS, pa.uint64()),
        "truth": pa.array([number % 2 == 0 for number in range(ROWS)]),
        "text": pa.array(['{"a": "b\\\\n\\"c"}'] * ROWS),
        "parent": pa.array([1 + number % 2 for number in range(ROWS)]),
        "small": pa.array([number % 100 for number in range(ROWS)]),
    }
    return pa.RecordBatch.from_pydict({**columns, **changed})


@pytest.fixture
def database(mariadb_url: str) -> Iterator[Any]:
    run_script(mariadb_url, TABLE)
    with open_database(mariadb_url, write=True) as opened:
        yield opened


def _stored(database: Any, batch: pa.RecordBatch) -> list[tuple[object, ...]]:
    table = database.inspect().find("kept")
    with database.transaction():
        database.append(table, batch)
    found: list[tuple[object, ...]] = database.fetch("SELECT * FROM kept ORDER BY id")
    return found


def test_a_load_stores_what_inserts_store(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = _stored(database, _batch())
    assert database._loads, "the server took no load"
    assert not database._minded, "the batch did not go the quick road"
    database.execute("DELETE FROM kept")
    monkeypatch.setattr(mysql_load, "FEWEST", ROWS + 1)
    assert loaded == _stored(database, _batch())
    assert [row[1] for row in loaded[: len(TEXTS)]] == TEXTS


@pytest.mark.parametrize(
    "column",
    [{"id": pa.array([1] * ROWS)}, {"parent": pa.array([3] * ROWS)}, {"small": pa.array([100] * ROWS)},
     {"whole": pa.array([-1] * ROWS)}, {"kind": pa.array(["c"] * ROWS)}, {"day": pa.array(["2024-02-31x"] * ROWS)},
     {"id": pa.nulls(ROWS, pa.int64())}],
    ids=["key", "reference", "check", "range", "member", "date", "null"],
)  # fmt: skip
def test_what_an_insert_refuses_a_load_does_not_bend(database: Any, column: dict[str, Any]) -> None:
    with pytest.raises(DatabaseError):
        _stored(database, _batch(**column))
    assert database.fetch("SELECT count(*) FROM kept") == [(0,)]


def test_a_server_that_takes_no_loads_gets_inserts(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: Any) -> bool:
        database.execute("SAVEPOINT hotfixture_load")
        raise mysql_load.RefusedLoadError

    monkeypatch.setattr(mysql_load, "load", refuses)
    assert len(_stored(database, _batch())) == ROWS
    assert not database._loads


def test_the_refusal_of_a_server_is_known_as_one(database: Any) -> None:
    database.execute("SET GLOBAL local_infile = 0")
    try:
        assert len(_stored(database, _batch())) == ROWS
        assert not database._loads
    finally:
        database.execute("SET GLOBAL local_infile = 1")


def test_a_server_that_asks_for_a_file_unasked_gets_none(database: Any) -> None:
    with pytest.raises(RuntimeError, match="LOAD_LOCAL"):
        database._connection.query(b"LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE parents")
