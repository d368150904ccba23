"""What only MySQL and MariaDB have: typed values, keys of any charset, sessions, refusals."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from tests.databases.mysql_roads import numbers, script, tables_of
from tests.servers import MariaDB, rows

from hotfixture.databases import open_database
from hotfixture.databases.base import Keys, Select
from hotfixture.databases.mysql import MysqlDatabase
from hotfixture.errors import DatabaseError
from hotfixture.schema import Column, Reference, TableName


def test_a_value_that_does_not_fit_is_an_error_and_never_cut(mariadb_url: str) -> None:
    rows(mariadb_url, "CREATE TABLE t (v varchar(3))")
    (table,) = tables_of(mariadb_url, "t")
    with open_database(mariadb_url, write=True) as database, pytest.raises(DatabaseError, match="too long"):
        database.write(table, [pa.record_batch({"v": ["abcd"]})])
    assert rows(mariadb_url, "SELECT count(*) FROM t") == [(0,)]


def test_several_statements_in_one_text_are_refused(mariadb_url: str) -> None:
    rows(mariadb_url, "CREATE TABLE t (id int)")
    with open_database(mariadb_url, write=True) as database:
        with pytest.raises(DatabaseError):
            database.fetch("SELECT 1; INSERT INTO t VALUES (1)")
        with pytest.raises(DatabaseError):
            list(database.read("SELECT 1; DROP TABLE t", [Column("x", pa.int64())]))
    assert rows(mariadb_url, "SELECT count(*) FROM t") == [(0,)]


def test_local_files_are_never_sent(mariadb_url: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret\n")
    rows(mariadb_url, "CREATE TABLE t (v text)")
    with open_database(mariadb_url, write=True) as database, pytest.raises(DatabaseError):
        database.execute(f"LOAD DATA LOCAL INFILE '{secret}' INTO TABLE t")
    assert rows(mariadb_url, "SELECT count(*) FROM t") == [(0,)]


def test_bytes_that_are_no_text_are_refused_by_name(mariadb_url: str) -> None:
    with open_database(mariadb_url) as database:
        with pytest.raises(DatabaseError, match=r"'v'.* no text"):
            list(database.read("SELECT 0xff", [Column("v", pa.string())]))
        assert database.fetch("SELECT 1") == [(1,)], "the connection goes on"


@pytest.mark.parametrize(
    ("value", "native", "arrow"),
    [("0000-00-00", "date", pa.date32()), ("2025-00-15", "date", pa.date32()), ("-838:59:59", "time", pa.time64("us"))],
)
def test_what_arrow_cannot_hold_is_refused_by_name(value: str, native: str, arrow: pa.DataType) -> None:
    with pytest.raises(DatabaseError, match="column 'when'") as caught:
        MysqlDatabase.dialect.typed(Column("when", arrow, native), pa.array([value]))
    assert value not in str(caught.value)


def test_typed_values_are_what_was_stored(mariadb_url: str) -> None:
    columns = "i bigint unsigned, d decimal(40,2), f float, t timestamp(6), dt datetime(3), da date, ti time(2)"
    rows(mariadb_url, f"CREATE TABLE t ({columns}, b bit(9), y year, bi varbinary(4))")
    values = "18446744073709551615, -1.10, 0.1, '2024-01-02 03:04:05.000006', '2024-01-02 03:04:05.6', '2024-02-29'"
    rows(
        mariadb_url, f"INSERT INTO t VALUES ({values}, '23:59:59.99', 300, 2024, 0x00ff), ({', '.join(['NULL'] * 10)})"
    )
    (table,) = tables_of(mariadb_url, "t")
    with open_database(mariadb_url) as database:
        (batch,) = database.read(Select(table, tuple(c.name for c in table.columns)), table.columns)
        typed = [database.dialect.typed(c, a) for c, a in zip(table.columns, batch.columns, strict=True)]
    assert [array.type for array in typed] == [column.arrow for column in table.columns]
    assert all(array.null_count == 1 for array in typed)
    found = [str(array[0]) for array in typed]
    assert found[:3] == ["18446744073709551615", "-1.10", "0.10000000149011612"]
    assert found[3:7] == [
        "2024-01-02 03:04:05.000006+00:00",
        "2024-01-02 03:04:05.600000",
        "2024-02-29",
        "23:59:59.990000",
    ]
    assert found[7:] == ["300", "2024", "b'\\x00\\xff'"]


def test_typed_arrays_are_written_as_they_are(mariadb_url: str) -> None:
    rows(
        mariadb_url,
        "CREATE TABLE t (b boolean, d decimal(10,2), f float, t timestamp(6) NULL, e enum('x'), y varbinary(9))",
    )
    batch = pa.record_batch(
        {
            "b": pa.array([True, None]),
            "d": pa.array(["1.10", None]).cast(pa.decimal128(10, 2)),
            "f": pa.array([0.1, None], pa.float32()),
            "t": pa.array([1_700_000_000_000_001, None], pa.timestamp("us", tz="Europe/Berlin")),
            "e": pa.array(["x", None]).dictionary_encode(),
            "y": pa.array([b"\0'\\", None]),
        }
    )
    (table,) = tables_of(mariadb_url, "t")
    with open_database(mariadb_url, write=True) as database:
        assert database.write(table, [batch]) == 2
    found = rows(mariadb_url, "SELECT b, d, f, UNIX_TIMESTAMP(t), e, HEX(y) FROM t ORDER BY b IS NULL")
    assert [str(v) for v in found[0]] == ["1", "1.10", "0.1", "1700000000.000001", "x", "00275C"]
    assert found[1] == (None,) * 6


def test_a_number_that_is_none_never_runs_as_sql(mariadb_url: str) -> None:
    rows(mariadb_url, "CREATE TABLE t (n int)")
    (table,) = tables_of(mariadb_url, "t")
    with open_database(mariadb_url, write=True) as database:
        for text in ("(SELECT 7)", "7) -- ", "1--1", "e", "@@port"):
            with pytest.raises(DatabaseError):
                database.write(table, [pa.record_batch({"n": [text]})])
        assert database.write(table, [pa.record_batch({"n": ["7"]})]) == 1


def test_all_batches_are_written_or_none(mariadb_url: str) -> None:
    rows(mariadb_url, "CREATE TABLE t (id int PRIMARY KEY)")
    (table,) = tables_of(mariadb_url, "t")
    with open_database(mariadb_url, write=True) as database:
        with pytest.raises(DatabaseError, match="duplicate entry for key 'PRIMARY'"):
            database.write(table, [pa.record_batch({"id": [1, 2]}), pa.record_batch({"id": [3, 1]})])
        assert database.fetch("SELECT count(*) FROM t") == [(0,)]
        assert database.write(table, [pa.record_batch({"id": [1]})]) == 1


def test_thousands_of_composite_keys_are_found_through_the_index(mariadb_url: str) -> None:
    rows(mariadb_url, "CREATE TABLE k (a bigint unsigned, b varchar(20), v int, PRIMARY KEY (a, b))")
    rows(mariadb_url, f"INSERT INTO k SELECT i, CONCAT('b', i), i FROM ({numbers(30)}) AS n")
    rows(mariadb_url, "ANALYZE TABLE k")
    (table,) = tables_of(mariadb_url, "k")
    wanted = range(1, 24_002, 2)
    keys = Keys(("b", "a"), pa.record_batch({"b": [f"b{i}" for i in wanted], "a": [str(i) for i in wanted]}))
    with open_database(mariadb_url) as database:
        select = Select(table, ("v",), keys=keys)
        found = [int(v) for b in database.read(select, [table.column("v")]) for v in b.column(0).to_pylist()]
        assert sorted(found) == list(wanted)
        assert database.estimate(select).rows < 20_000
        few = Select(table, ("v",), keys=Keys(("a",), pa.record_batch({"a": ["5", "7"]})))
        assert database.estimate(few).rows <= 4


def test_orphans_are_counted_and_partly_null_keys_are_none(mariadb_url: str) -> None:
    rows(mariadb_url, "CREATE TABLE p (a int, b int, PRIMARY KEY (a, b))")
    rows(mariadb_url, "CREATE TABLE c (b int, a int)")
    rows(mariadb_url, "INSERT INTO p VALUES (1, 2)")
    rows(mariadb_url, "INSERT INTO c VALUES (2, 1), (1, 2), (9, 9), (NULL, 9)")
    reference = Reference("r", TableName("", "c"), ("b", "a"), TableName("", "p"), ("b", "a"))
    with open_database(mariadb_url) as database:
        assert database.orphans(reference) == 2


def test_a_reader_with_no_right_but_select_reads_it_all(mariadb_server: MariaDB, tmp_path: Path) -> None:
    url = mariadb_server.fresh_database()
    rows(url, "CREATE TABLE t (id int PRIMARY KEY, v varchar(9), UNIQUE (v), CHECK (id > 0))")
    rows(url, "INSERT INTO t VALUES (1, 'x')")
    database = url.rpartition("/")[2]
    rows(url, f"GRANT SELECT ON {database}.* TO plain@'%'")
    plain = url.replace("tester:", "plain:")
    assert script(plain, tmp_path, "t").read_text().count("INSERT") == 1
    (table,) = tables_of(plain, "t")
    assert (table.primary_key, [u.columns for u in table.uniques], len(table.checks)) == (("id",), [("v",)], 1)
    mariadb_server.drop(url)


def test_no_rows_are_no_batches(mariadb_url: str) -> None:
    rows(mariadb_url, "CREATE TABLE t (id int)")
    (table,) = tables_of(mariadb_url, "t")
    with open_database(mariadb_url) as database:
        assert [b.num_rows for b in database.read(Select(table, ("id",)), table.columns)] == []
        none = Keys(("id",), pa.record_batch({"id": pa.array([], pa.string())}))
        assert list(database.read(Select(table, ("id",), keys=none), table.columns)) == []


def test_a_query_names_its_columns_and_types(mariadb_url: str) -> None:
    rows(
        mariadb_url,
        "CREATE TABLE t (id int unsigned NOT NULL, v varchar(7), b varbinary(3), d decimal(12,3), f float, j text)",
    )
    query = "SELECT id, v, b, d, f, j, count(*) AS n, id AS id, NOW(3) AS at FROM t GROUP BY id"
    with open_database(mariadb_url) as database:
        described = database.describe(query)
        assert database.fetch("SELECT 1") == [(1,)]
    natives = [
        "int unsigned",
        "varchar(7)",
        "varbinary(3)",
        "decimal(12,3)",
        "float",
        "longtext",
        "bigint",
        "int unsigned",
    ]
    assert [column.native for column in described] == [*natives, "datetime(3)"]
    assert [column.name for column in described][-2:] == ["id", "at"]
    assert described[0].nullable is False


def test_a_key_that_unicode_lacks_is_found(mariadb_url: str) -> None:
    rows(mariadb_url, "CREATE TABLE t (v varchar(4) CHARACTER SET gbk PRIMARY KEY, n int)")
    rows(mariadb_url, "INSERT INTO t VALUES (0xa140, 1), ('x', 2), ('中', 3)")
    (table,) = tables_of(mariadb_url, "t")
    with open_database(mariadb_url) as database:
        (batch,) = database.read(Select(table, ("v",), order=("n",)), [table.column("v")])
        assert batch.column(0).to_pylist()[1:] == ["x", "中"]
        keys = Keys(("v",), pa.record_batch({"v": batch.column(0)}))
        (again,) = database.read(Select(table, ("n",), keys=keys), [table.column("n")])
        assert sorted(again.column(0).to_pylist()) == ["1", "2", "3"]
        (queried,) = database.read("SELECT v FROM t ORDER BY n", [table.column("v")])
        assert sorted(queried.column(0).to_pylist()) == sorted(batch.column(0).to_pylist())


def test_a_second_query_in_the_middle_of_a_result_is_refused(mariadb_url: str) -> None:
    query = f"SELECT i, REPEAT('x', 500) AS v FROM ({numbers(40)}) AS n"
    with open_database(mariadb_url) as database:
        columns = database.describe(query)
        stream = iter(database.read(query, columns))
        first = next(stream).num_rows
        for other in (lambda: database.fetch("SELECT 1"), lambda: list(database.read(query, columns))):
            with pytest.raises(DatabaseError, match="still being read"):
                other()
        assert first + sum(batch.num_rows for batch in stream) == 40_000
        assert database.fetch("SELECT 1") == [(1,)]
