"""Scripts for MySQL and MariaDB: every value arrives, whatever the target's settings; a failure leaves nothing."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.databases.mysql_roads import carried, checksum, numbers, only_mariadb, script, tables_of
from tests.servers import MariaDB, rows, run_script

from hotfixture.databases import open_database
from hotfixture.databases.base import Select
from hotfixture.databases.mysql import statements
from hotfixture.errors import DatabaseError, UnsupportedError

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
    assert carried(mariadb_server, url, tmp_path, "f") == []
    mariadb_server.drop(url)


def test_floats_are_written_in_their_fewest_digits(mariadb_url: str) -> None:
    rows(mariadb_url, "CREATE TABLE f (s float)")
    rows(mariadb_url, "INSERT INTO f VALUES (0.1), (16777217), (3.4028234663852886e38)")
    (table,) = tables_of(mariadb_url, "f")
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
    assert carried(mariadb_server, mariadb_url, tmp_path, "e") == []


@pytest.mark.parametrize("mode", ["ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "PIPES_AS_CONCAT", "", "TRADITIONAL"])
def test_a_script_loads_whatever_the_mode_of_the_target(
    mariadb_server: MariaDB, mariadb_url: str, tmp_path: Path, mode: str
) -> None:
    rows(mariadb_url, "CREATE TABLE t (id int PRIMARY KEY, v varchar(40), d date NOT NULL DEFAULT '0000-00-00')")
    rows(mariadb_url, r"""INSERT INTO t VALUES (0, 'a\\b\'c"d\ne;\n', '0000-00-00'), (1, '\\', '2025-00-15')""")
    path = script(mariadb_url, tmp_path, "t")
    target = mariadb_server.fresh_database()
    begin, end = f"SET sql_mode = '{mode}', time_zone = '+09:00';\n", "SELECT @@sql_mode, @@time_zone, @@autocommit;"
    said = run_script(target, begin.encode() + path.read_bytes() + end.encode())
    assert checksum(target, "t") == checksum(mariadb_url, "t")
    assert said.split("\t")[1:] == ["+09:00", "1\n"], "the session has its settings back"
    assert (mode in said) or mode == "TRADITIONAL"
    mariadb_server.drop(target)


def test_times_mean_the_same_in_every_time_zone(mariadb_server: MariaDB, mariadb_url: str, tmp_path: Path) -> None:
    rows(mariadb_url, "CREATE TABLE t (v timestamp(6) NOT NULL)")
    rows(mariadb_url, "INSERT INTO t VALUES ('2024-03-31 01:30:00.5'), ('2024-10-27 00:30:00')")
    target = mariadb_server.fresh_database()
    run_script(target, b"SET time_zone = 'SYSTEM';\n" + script(mariadb_url, tmp_path, "t").read_bytes())
    assert rows(target, "SELECT UNIX_TIMESTAMP(v) FROM t") == rows(mariadb_url, "SELECT UNIX_TIMESTAMP(v) FROM t")
    mariadb_server.drop(target)


def test_no_line_break_of_a_value_stands_in_a_script(mariadb_url: str, tmp_path: Path) -> None:
    rows(mariadb_url, r"CREATE TABLE t (v text)")
    rows(mariadb_url, r"INSERT INTO t VALUES ('a;\nb'), ('\r\n;\n'), ('\0')")
    path = script(mariadb_url, tmp_path, "t")
    inserts = [s for s in statements(path) if s.startswith(b"INSERT")]
    rows_of_three = [rb"('a;\nb')", rb"('\r\n;\n')", rb"('\0')"]
    assert inserts == [b"INSERT INTO `t` (`v`) VALUES\n" + b",\n".join(rows_of_three)]


def test_a_statement_is_about_a_megabyte(mariadb_url: str, tmp_path: Path) -> None:
    rows(mariadb_url, "CREATE TABLE t (id int PRIMARY KEY, v varchar(1000))")
    rows(mariadb_url, f"INSERT INTO t SELECT i, REPEAT('x', 900) FROM ({numbers(9)}) AS n")
    sizes = [len(s) for s in statements(script(mariadb_url, tmp_path, "t")) if s.startswith(b"INSERT")]
    assert len(sizes) > 7
    assert max(sizes) < (1 << 20) + 2000


def test_a_row_of_many_megabytes_arrives(mariadb_server: MariaDB, mariadb_url: str, tmp_path: Path) -> None:
    rows(mariadb_url, "CREATE TABLE t (id int PRIMARY KEY, v longtext, b longblob)")
    rows(
        mariadb_url,
        "INSERT INTO t VALUES (1, REPEAT('né', 6000000), NULL), (2, '', REPEAT(0xff, 9000000)), (3, 'x', '')",
    )
    assert carried(mariadb_server, mariadb_url, tmp_path, "t") == []


def test_the_counter_goes_on_after_the_loaded_rows(mariadb_server: MariaDB, mariadb_url: str, tmp_path: Path) -> None:
    rows(mariadb_url, "CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, v int)")
    rows(mariadb_url, "INSERT INTO t VALUES (0, 1), (41, 2)")
    rows(mariadb_url, "ALTER TABLE t AUTO_INCREMENT = 7000")
    path = script(mariadb_url, tmp_path, "t")
    assert "AUTO_INCREMENT=" not in path.read_text()
    target = mariadb_server.fresh_database()
    run_script(target, path.read_bytes() + b"INSERT INTO t (v) VALUES (3);")
    assert rows(target, "SELECT id FROM t ORDER BY v") == [(0,), (41,), (42,)]
    mariadb_server.drop(target)


def test_names_with_a_line_break_are_refused_for_scripts(mariadb_url: str) -> None:
    rows(mariadb_url, "CREATE TABLE `a\nb` (id int)")
    (table,) = tables_of(mariadb_url, "a\nb")
    with open_database(mariadb_url) as database, pytest.raises(UnsupportedError, match="line break"):
        database.ddl([table])


def test_the_script_of_a_sequence_goes_on_where_it_was(
    mariadb_server: MariaDB, mariadb_url: str, tmp_path: Path
) -> None:
    only_mariadb(mariadb_url, "sequences")
    rows(mariadb_url, "CREATE SEQUENCE numbers START WITH 10 INCREMENT BY 5 NOCACHE")
    rows(mariadb_url, "CREATE TABLE t (id int PRIMARY KEY DEFAULT NEXTVAL(numbers))")
    rows(mariadb_url, "INSERT INTO t VALUES (), ()")
    target = mariadb_server.fresh_database()
    run_script(target, script(mariadb_url, tmp_path, "t").read_bytes() + b"INSERT INTO t VALUES ();")
    assert rows(target, "SELECT id FROM t") == [(10,), (15,), (20,)]
    mariadb_server.drop(target)


def test_the_script_is_the_same_for_the_same_rows(mariadb_url: str, tmp_path: Path) -> None:
    rows(mariadb_url, "CREATE TABLE t (id int PRIMARY KEY, v float)")
    rows(mariadb_url, "INSERT INTO t VALUES (2, 0.1), (1, 2)")
    first = script(mariadb_url, tmp_path, "t").read_bytes()
    assert script(mariadb_url, tmp_path, "t").read_bytes() == first


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
    assert carried(mariadb_server, mariadb_url, tmp_path, *charsets) == []


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


def test_a_statement_too_large_for_the_server_leaves_nothing(mariadb_url: str, tmp_path: Path) -> None:
    size = int(rows(mariadb_url, "SELECT @@max_allowed_packet")[0][0])
    path = tmp_path / "large.sql"
    begin = b"SET autocommit = 0;\nCREATE TABLE t (v longtext);\nINSERT INTO t VALUES ('small');\n"
    path.write_bytes(begin + b"INSERT INTO t VALUES ('" + b"x" * (size + 1) + b"');\nCOMMIT;\n")
    with open_database(mariadb_url, write=True) as database:
        with pytest.raises(DatabaseError, match="max_allowed_packet"):
            database.load(path)
        assert database.fetch("SHOW TABLES") == []
