"""What only MySQL and MariaDB have: exact floats, wrong enums, large rows, session modes, half-way failures."""

from __future__ import annotations

import struct
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.servers import MariaDB, rows, run_script

from hotfixture.databases import open_database
from hotfixture.databases.base import Keys, Load, Select
from hotfixture.databases.mysql import MysqlDatabase, statements
from hotfixture.errors import DatabaseError, UnsupportedError
from hotfixture.schema import Column, Reference, Table, TableName


def _tables(url: str, *names: str) -> list[Table]:
    with open_database(url) as database:
        schema = database.inspect()
        return [schema.tables[TableName("", name)] for name in names]


def _script(url: str, folder: Path, *names: str, indexes: bool = True) -> Path:
    """A script that creates and fills the tables."""
    path = folder / "script.sql"
    with open_database(url) as source, source.snapshot(), path.open("wb") as out:
        tables = [source.inspect().tables[TableName("", name)] for name in names]
        out.write(source.dialect.script_begin(Load(tuple(tables))).encode())
        out.write(source.ddl(tables, indexes=indexes).before.encode())
        for table in tables:
            columns = [column for column in table.columns if not column.generated]
            for batch in source.read(Select(table, tuple(c.name for c in columns)), columns):
                out.writelines(source.dialect.rows(table, columns, batch))
        out.write(source.dialect.script_end(Load(tuple(tables)), rows=0).encode())
    return path


def _numbers(thousands: int) -> str:
    """A query of the numbers from 1; both servers stop a recursion at 1000."""
    recursive = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
    return f"{recursive} SELECT a.i + 1000 * (b.i - 1) AS i FROM n a, n b WHERE b.i <= {thousands}"


def _checksum(url: str, table: str) -> object:
    """The engine's own checksum of the rows as they are stored."""
    return rows(url, f"CHECKSUM TABLE {table} EXTENDED")[0][1]


def _carried(server: MariaDB, url: str, folder: Path, *names: str) -> list[str]:
    """The tables that differ after a script of them was loaded elsewhere."""
    target = server.fresh_database()
    with open_database(target, write=True) as database:
        database.load(_script(url, folder, *names))
    differing = [name for name in names if _checksum(url, name) != _checksum(target, name)]
    server.drop(target)
    return differing


_BITS = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=200)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(_BITS)
def test_every_finite_float_arrives_bit_for_bit(mariadb_server: MariaDB, tmp_path: Path, bits: list[int]) -> None:
    url = mariadb_server.fresh_database()
    singles = [v for b in bits if (v := struct.unpack("<f", struct.pack("<I", b))[0]) == v and abs(v) != float("inf")]
    doubles = [struct.unpack("<d", struct.pack("<II", b, b >> 2))[0] for b in bits]
    values = [
        f"({f:.17e}, {d:.17e})" for f, d in zip(singles, doubles, strict=False) if d == d and abs(d) != float("inf")
    ]
    rows(url, "CREATE TABLE f (id int AUTO_INCREMENT PRIMARY KEY, s float, d double)")
    if values:
        rows(url, f"INSERT INTO f (s, d) VALUES {', '.join(values)}")
    assert _carried(mariadb_server, url, tmp_path, "f") == []
    mariadb_server.drop(url)


def test_floats_are_written_in_their_fewest_digits(mariadb_url: str) -> None:
    rows(mariadb_url, "CREATE TABLE f (s float)")
    rows(mariadb_url, "INSERT INTO f VALUES (0.1), (16777217), (3.4028234663852886e38)")
    (table,) = _tables(mariadb_url, "f")
    with open_database(mariadb_url) as database:
        found = [v for b in database.read(Select(table, ("s",)), table.columns) for v in b.column(0).to_pylist()]
        again = [v for b in database.read("SELECT s FROM f", table.columns) for v in b.column(0).to_pylist()]
    assert [float(v) for v in found] == [0.1, 16777216, 3.4028234663852886e38]
    assert found[0] == "0.1"
    assert again == found


def test_a_value_that_is_no_member_of_its_enum_arrives(
    mariadb_server: MariaDB, mariadb_url: str, tmp_path: Path
) -> None:
    rows(mariadb_url, "CREATE TABLE e (id int PRIMARY KEY, v enum('p','q') NOT NULL)")
    rows(mariadb_url, "INSERT INTO e VALUES (1, 'p'), (2, 'no member')")
    assert rows(mariadb_url, "SELECT v + 0 FROM e ORDER BY id") == [(1.0,), (0.0,)]
    assert _carried(mariadb_server, mariadb_url, tmp_path, "e") == []


def test_a_value_that_does_not_fit_is_an_error_and_never_cut(mariadb_url: str) -> None:
    rows(mariadb_url, "CREATE TABLE t (v varchar(3))")
    (table,) = _tables(mariadb_url, "t")
    with open_database(mariadb_url, write=True) as database, pytest.raises(DatabaseError, match="too long"):
        database.write(table, [pa.record_batch({"v": ["abcd"]})])
    assert rows(mariadb_url, "SELECT count(*) FROM t") == [(0,)]


@pytest.mark.parametrize("mode", ["ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "PIPES_AS_CONCAT", "", "TRADITIONAL"])
def test_a_script_loads_whatever_the_mode_of_the_target(
    mariadb_server: MariaDB, mariadb_url: str, tmp_path: Path, mode: str
) -> None:
    rows(mariadb_url, "CREATE TABLE t (id int PRIMARY KEY, v varchar(40), d date NOT NULL DEFAULT '0000-00-00')")
    rows(mariadb_url, r"""INSERT INTO t VALUES (0, 'a\\b\'c"d\ne;\n', '0000-00-00'), (1, '\\', '2025-00-15')""")
    path = _script(mariadb_url, tmp_path, "t")
    target = mariadb_server.fresh_database()
    begin, end = f"SET sql_mode = '{mode}', time_zone = '+09:00';\n", "SELECT @@sql_mode, @@time_zone, @@autocommit;"
    said = run_script(target, begin.encode() + path.read_bytes() + end.encode())
    assert _checksum(target, "t") == _checksum(mariadb_url, "t")
    assert said.split("\t")[1:] == ["+09:00", "1\n"], "the session has its settings back"
    assert (mode in said) or mode == "TRADITIONAL"
    mariadb_server.drop(target)


def test_times_mean_the_same_in_every_time_zone(mariadb_server: MariaDB, mariadb_url: str, tmp_path: Path) -> None:
    rows(mariadb_url, "CREATE TABLE t (v timestamp(6) NOT NULL)")
    rows(mariadb_url, "INSERT INTO t VALUES ('2024-03-31 01:30:00.5'), ('2024-10-27 00:30:00')")
    target = mariadb_server.fresh_database()
    run_script(target, b"SET time_zone = 'SYSTEM';\n" + _script(mariadb_url, tmp_path, "t").read_bytes())
    assert rows(target, "SELECT UNIX_TIMESTAMP(v) FROM t") == rows(mariadb_url, "SELECT UNIX_TIMESTAMP(v) FROM t")
    mariadb_server.drop(target)


def test_no_line_break_of_a_value_stands_in_a_script(mariadb_url: str, tmp_path: Path) -> None:
    rows(mariadb_url, r"CREATE TABLE t (v text)")
    rows(mariadb_url, r"INSERT INTO t VALUES ('a;\nb'), ('\r\n;\n'), ('\0')")
    path = _script(mariadb_url, tmp_path, "t")
    inserts = [s for s in statements(path) if s.startswith(b"INSERT")]
    rows_of_three = [rb"('a;\nb')", rb"('\r\n;\n')", rb"('\0')"]
    assert inserts == [b"INSERT INTO `t` (`v`) VALUES\n" + b",\n".join(rows_of_three)]


def test_a_statement_is_about_a_megabyte(mariadb_url: str, tmp_path: Path) -> None:
    rows(mariadb_url, "CREATE TABLE t (id int PRIMARY KEY, v varchar(1000))")
    rows(mariadb_url, f"INSERT INTO t SELECT i, REPEAT('x', 900) FROM ({_numbers(9)}) AS n")
    sizes = [len(s) for s in statements(_script(mariadb_url, tmp_path, "t")) if s.startswith(b"INSERT")]
    assert len(sizes) > 7
    assert max(sizes) < (1 << 20) + 2000


def test_a_row_of_many_megabytes_arrives(mariadb_server: MariaDB, mariadb_url: str, tmp_path: Path) -> None:
    rows(mariadb_url, "CREATE TABLE t (id int PRIMARY KEY, v longtext, b longblob)")
    rows(
        mariadb_url,
        "INSERT INTO t VALUES (1, REPEAT('né', 6000000), NULL), (2, '', REPEAT(0xff, 9000000)), (3, 'x', '')",
    )
    assert _carried(mariadb_server, mariadb_url, tmp_path, "t") == []


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
    (table,) = _tables(mariadb_url, "t")
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
    (table,) = _tables(mariadb_url, "t")
    with open_database(mariadb_url, write=True) as database:
        assert database.write(table, [batch]) == 2
    found = rows(mariadb_url, "SELECT b, d, f, UNIX_TIMESTAMP(t), e, HEX(y) FROM t ORDER BY b IS NULL")
    assert [str(v) for v in found[0]] == ["1", "1.10", "0.1", "1700000000.000001", "x", "00275C"]
    assert found[1] == (None,) * 6


def test_a_number_that_is_none_never_runs_as_sql(mariadb_url: str) -> None:
    rows(mariadb_url, "CREATE TABLE t (n int)")
    (table,) = _tables(mariadb_url, "t")
    with open_database(mariadb_url, write=True) as database:
        for text in ("(SELECT 7)", "7) -- ", "1--1", "e", "@@port"):
            with pytest.raises(DatabaseError):
                database.write(table, [pa.record_batch({"n": [text]})])
        assert database.write(table, [pa.record_batch({"n": ["7"]})]) == 1


def test_all_batches_are_written_or_none(mariadb_url: str) -> None:
    rows(mariadb_url, "CREATE TABLE t (id int PRIMARY KEY)")
    (table,) = _tables(mariadb_url, "t")
    with open_database(mariadb_url, write=True) as database:
        with pytest.raises(DatabaseError, match="duplicate entry for key 'PRIMARY'"):
            database.write(table, [pa.record_batch({"id": [1, 2]}), pa.record_batch({"id": [3, 1]})])
        assert database.fetch("SELECT count(*) FROM t") == [(0,)]
        assert database.write(table, [pa.record_batch({"id": [1]})]) == 1


def test_tables_that_a_failing_script_created_are_gone(mariadb_url: str, tmp_path: Path) -> None:
    rows(mariadb_url, "CREATE TABLE kept (id int)")
    path = tmp_path / "bad.sql"
    path.write_text(
        "-- heading;\nSET autocommit = 0;\nCREATE TABLE made (id int);\n"
        "INSERT INTO kept VALUES (1);\nINSERT INTO gone VALUES (1);\n"
    )
    with open_database(mariadb_url, write=True) as database:
        with pytest.raises(DatabaseError, match=r"bad.sql does not load at 'INSERT INTO gone VALUES'"):
            database.load(path)
        assert rows(mariadb_url, "SHOW TABLES") == [("kept",)]
        assert rows(mariadb_url, "SELECT count(*) FROM kept") == [(0,)]
        database.execute("INSERT INTO kept VALUES (2)")
    assert rows(mariadb_url, "SELECT id FROM kept") == [(2,)], "the connection commits by itself again"


def test_the_counter_goes_on_after_the_loaded_rows(mariadb_server: MariaDB, mariadb_url: str, tmp_path: Path) -> None:
    rows(mariadb_url, "CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, v int)")
    rows(mariadb_url, "INSERT INTO t VALUES (0, 1), (41, 2)")
    rows(mariadb_url, "ALTER TABLE t AUTO_INCREMENT = 7000")
    path = _script(mariadb_url, tmp_path, "t")
    assert "AUTO_INCREMENT=" not in path.read_text()
    target = mariadb_server.fresh_database()
    run_script(target, path.read_bytes() + b"INSERT INTO t (v) VALUES (3);")
    assert rows(target, "SELECT id FROM t ORDER BY v") == [(0,), (41,), (42,)]
    mariadb_server.drop(target)


def test_without_indexes_only_those_stay_that_the_tables_cannot_do_without(mariadb_url: str) -> None:
    rows(
        mariadb_url,
        "CREATE TABLE p (k int, w int, t text, KEY target (k), KEY plain (w), "
        "FULLTEXT KEY words (t), UNIQUE only_one (w, k))",
    )
    rows(
        mariadb_url,
        "CREATE TABLE c (k int, n int AUTO_INCREMENT, v int, KEY counter (n), KEY `plain` (v), "
        "FOREIGN KEY (k) REFERENCES p (k))",
    )
    tables = _tables(mariadb_url, "c", "p")
    with open_database(mariadb_url) as database:
        whole, lean = database.ddl(tables).before, database.ddl(tables, indexes=False).before
    assert all(f"`{name}`" in whole for name in ("target", "plain", "words", "only_one", "counter"))
    assert all(f"`{name}`" in lean for name in ("target", "only_one", "counter"))
    assert not any(f"`{name}`" in lean for name in ("plain", "words"))


def test_drop_create_replaces_what_is_there(mariadb_server: MariaDB, mariadb_url: str) -> None:
    rows(mariadb_url, "CREATE TABLE p (id int PRIMARY KEY)")
    rows(mariadb_url, "CREATE TABLE c (id int PRIMARY KEY, p int, FOREIGN KEY (p) REFERENCES p (id))")
    tables = _tables(mariadb_url, "p", "c")
    target = mariadb_server.fresh_database()
    with open_database(mariadb_url) as database:
        text = database.ddl(tables, option="drop-create").before
    for _ in range(2):
        run_script(target, text)
        rows(target, "INSERT INTO p VALUES (1)")
    assert rows(target, "SELECT count(*) FROM p") == [(1,)]
    mariadb_server.drop(target)


def test_a_reference_to_a_table_that_is_not_taken_along_is_left_out(mariadb_server: MariaDB, mariadb_url: str) -> None:
    other = mariadb_server.fresh_database()
    rows(other, "CREATE TABLE far (id int PRIMARY KEY)")
    rows(mariadb_url, "CREATE TABLE near (id int PRIMARY KEY)")
    name = other.rpartition("/")[2]
    rows(
        mariadb_url,
        "CREATE TABLE c (a int, b int, FOREIGN KEY (a) REFERENCES near (id), "
        f"FOREIGN KEY (b) REFERENCES {name}.far (id))",
    )
    (table,) = _tables(mariadb_url, "c")
    assert {reference.target for reference in table.references} == {TableName("", "near"), TableName(name, "far")}
    with open_database(mariadb_url) as database:
        assert "FOREIGN KEY" not in database.ddl([table]).before
        assert database.ddl(_tables(mariadb_url, "c", "near")).before.count("FOREIGN KEY") == 1
    rows(mariadb_url, "DROP TABLE c")
    mariadb_server.drop(other)


def test_names_with_a_line_break_are_refused_for_scripts(mariadb_url: str) -> None:
    rows(mariadb_url, "CREATE TABLE `a\nb` (id int)")
    (table,) = _tables(mariadb_url, "a\nb")
    with open_database(mariadb_url) as database, pytest.raises(UnsupportedError, match="line break"):
        database.ddl([table])


def test_thousands_of_composite_keys_are_found_through_the_index(mariadb_url: str) -> None:
    rows(mariadb_url, "CREATE TABLE k (a bigint unsigned, b varchar(20), v int, PRIMARY KEY (a, b))")
    rows(mariadb_url, f"INSERT INTO k SELECT i, CONCAT('b', i), i FROM ({_numbers(30)}) AS n")
    rows(mariadb_url, "ANALYZE TABLE k")
    (table,) = _tables(mariadb_url, "k")
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
    assert _script(plain, tmp_path, "t").read_text().count("INSERT") == 1
    (table,) = _tables(plain, "t")
    assert (table.primary_key, [u.columns for u in table.uniques], len(table.checks)) == (("id",), [("v",)], 1)
    mariadb_server.drop(url)


def test_no_rows_are_no_batches(mariadb_url: str) -> None:
    rows(mariadb_url, "CREATE TABLE t (id int)")
    (table,) = _tables(mariadb_url, "t")
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


def test_the_script_of_a_sequence_goes_on_where_it_was(
    mariadb_server: MariaDB, mariadb_url: str, tmp_path: Path
) -> None:
    if "MariaDB" not in str(rows(mariadb_url, "SELECT VERSION()")):
        pytest.skip("MySQL has no sequences")
    rows(mariadb_url, "CREATE SEQUENCE numbers START WITH 10 INCREMENT BY 5 NOCACHE")
    rows(mariadb_url, "CREATE TABLE t (id int PRIMARY KEY DEFAULT NEXTVAL(numbers))")
    rows(mariadb_url, "INSERT INTO t VALUES (), ()")
    target = mariadb_server.fresh_database()
    run_script(target, _script(mariadb_url, tmp_path, "t").read_bytes() + b"INSERT INTO t VALUES ();")
    assert rows(target, "SELECT id FROM t") == [(10,), (15,), (20,)]
    mariadb_server.drop(target)


def test_the_script_is_the_same_for_the_same_rows(mariadb_url: str, tmp_path: Path) -> None:
    rows(mariadb_url, "CREATE TABLE t (id int PRIMARY KEY, v float)")
    rows(mariadb_url, "INSERT INTO t VALUES (2, 0.1), (1, 2)")
    first = _script(mariadb_url, tmp_path, "t").read_bytes()
    assert _script(mariadb_url, tmp_path, "t").read_bytes() == first


def test_every_stored_character_of_every_charset_arrives(
    mariadb_server: MariaDB, mariadb_url: str, tmp_path: Path
) -> None:
    """Each one- and two-byte code that a character set can store, those included that Unicode lacks."""
    found = rows(mariadb_url, "SELECT CHARACTER_SET_NAME, MAXLEN FROM information_schema.CHARACTER_SETS")
    charsets = {str(name): int(size) for name, size in found if name not in ("binary", "filename")}
    codes = [bytes([first, second]) for first in range(0x80, 256) for second in range(0, 256, 3)]
    for name, size in charsets.items():
        values = [bytes([code]) for code in range(256)] + (codes if size > 1 else [])
        # Half a character beyond the basic plane is no text: a column of ucs2 or utf32 with one is refused.
        values = [value for value in values if name not in ("ucs2", "utf32") or not 0xD8 <= value[0] <= 0xDF]
        # Whatever the set cannot store is not there: the insert leaves it out or replaces it.
        literals = ", ".join(f"(_{name} 0x{v.hex()})" if size == 1 else f"(0x{v.hex()})" for v in values)
        rows(mariadb_url, f"CREATE TABLE {name} (id int AUTO_INCREMENT PRIMARY KEY, v varchar(4) CHARACTER SET {name})")
        rows(mariadb_url, f"INSERT IGNORE INTO {name} (v) VALUES {literals}")
    assert len(charsets) > 30
    assert _carried(mariadb_server, mariadb_url, tmp_path, *charsets) == []


def test_a_key_that_unicode_lacks_is_found(mariadb_url: str) -> None:
    rows(mariadb_url, "CREATE TABLE t (v varchar(4) CHARACTER SET gbk PRIMARY KEY, n int)")
    rows(mariadb_url, "INSERT INTO t VALUES (0xa140, 1), ('x', 2), ('中', 3)")
    (table,) = _tables(mariadb_url, "t")
    with open_database(mariadb_url) as database:
        (batch,) = database.read(Select(table, ("v",), order=("n",)), [table.column("v")])
        assert batch.column(0).to_pylist()[1:] == ["x", "中"]
        keys = Keys(("v",), pa.record_batch({"v": batch.column(0)}))
        (again,) = database.read(Select(table, ("n",), keys=keys), [table.column("n")])
        assert sorted(again.column(0).to_pylist()) == ["1", "2", "3"]
        (queried,) = database.read("SELECT v FROM t ORDER BY n", [table.column("v")])
        assert sorted(queried.column(0).to_pylist()) == sorted(batch.column(0).to_pylist())


def test_a_second_query_in_the_middle_of_a_result_is_refused(mariadb_url: str) -> None:
    query = f"SELECT i, REPEAT('x', 500) AS v FROM ({_numbers(40)}) AS n"
    with open_database(mariadb_url) as database:
        columns = database.describe(query)
        stream = iter(database.read(query, columns))
        first = next(stream).num_rows
        for other in (lambda: database.fetch("SELECT 1"), lambda: list(database.read(query, columns))):
            with pytest.raises(DatabaseError, match="still being read"):
                other()
        assert first + sum(batch.num_rows for batch in stream) == 40_000
        assert database.fetch("SELECT 1") == [(1,)]


def test_a_statement_too_large_for_the_server_leaves_nothing(mariadb_url: str, tmp_path: Path) -> None:
    size = int(rows(mariadb_url, "SELECT @@max_allowed_packet")[0][0])
    path = tmp_path / "large.sql"
    begin = b"SET autocommit = 0;\nCREATE TABLE t (v longtext);\nINSERT INTO t VALUES ('small');\n"
    path.write_bytes(begin + b"INSERT INTO t VALUES ('" + b"x" * (size + 1) + b"');\nCOMMIT;\n")
    with open_database(mariadb_url, write=True) as database:
        with pytest.raises(DatabaseError, match="max_allowed_packet"):
            database.load(path)
        assert database.fetch("SHOW TABLES") == []
