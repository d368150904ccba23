"""SQLite: values of every type in columns of any, awkward tables, scripts that load wholly or not at all."""

from __future__ import annotations

import sqlite3
import struct
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.servers import run_script

from hotfixture.databases import open_database
from hotfixture.databases.base import Load, Select
from hotfixture.databases.script import Script
from hotfixture.databases.sqlite import STATEMENT_BYTES, SqliteDialect
from hotfixture.databases.sqlite_statements import statements
from hotfixture.errors import DatabaseError
from hotfixture.flow import move
from hotfixture.schema import Column, Table, TableName

FAST = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
TEXTS = st.one_of(
    st.text(),
    st.text(alphabet="'\"\\;\n\r\0,()x-é😀", max_size=12),
    st.binary(max_size=8).map(lambda raw: raw.decode("utf-8", "surrogateescape")),
)
VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False).map(lambda value: value + 0.0),  # SQLite itself spells -0.0 as 0.0
    TEXTS,
    st.binary(max_size=40),
)
SMALLEST = struct.unpack("<d", (1).to_bytes(8, "little"))[0]


def made(folder: Path, script: str, name: str = "source.db") -> str:
    path = folder / name
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    return f"sqlite:///{path}"


def stored(url: str, query: str) -> list[tuple[object, ...]]:
    """Rows as SQLite holds them: texts as their bytes, so that no decoding blurs them."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.text_factory = bytes
        return connection.execute(query).fetchall()


def scripted(
    url: str, names: Sequence[str], folder: Path, *, creates: bool = True, option: str = "if-not-exists"
) -> Path:
    """A script of whole tables, with what creates them."""
    with open_database(url) as source:
        schema = source.inspect()
        tables = [found for name in names if (found := schema.find(name))]
        script = Script(source.dialect, folder)
        for table in tables:
            columns = tuple(column for column in table.columns if not column.generated)
            select = Select(table, tuple(column.name for column in columns))
            move(source.read(select, columns, apart=()), [], script.relation(table, columns))
        path = folder / "script.sql"
        with path.open("wb") as out:
            load = Load(tuple(tables), (), creates)
            ddl = source.ddl(tables, option=option) if creates else None  # type: ignore[arg-type]  # one of two words
            script.begin(out, load, ddl=ddl)
            script.end(load, ddl=ddl)
        script.close()
    return path


def carried(url: str, names: Sequence[str], folder: Path) -> str:
    """The same tables in a new database."""
    target = folder / "target.db"
    target.unlink(missing_ok=True)
    with open_database(f"sqlite:///{target}", write=True) as database:
        database.load(scripted(url, names, folder))
    return f"sqlite:///{target}"


@FAST
@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=12))
@example(
    [(0.0, SMALLEST), (float("inf"), float("-inf")), (2**63 - 1, -(2**63)), ("", b""), ("\0", "a\0b"), (1e308, 5e-324)]
)
@example([("\udcff", "'\udc80\0"), ("NULL", "x'00'"), ("CAST(x'41' AS TEXT)", "1"), ("\n(", "),\n"), ("😀;\n", ";")])
def test_every_value_of_every_type_arrives_with_its_type(tmp_path: Path, pairs: list[tuple[object, object]]) -> None:
    url = made(tmp_path, "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b BLOB)")
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
        for a, b in pairs:
            spelled = [_bound(value) for value in (a, b)]
            holes = ", ".join(hole for hole, _ in spelled)
            connection.execute(f"INSERT INTO t (a, b) VALUES ({holes})", [value for _, value in spelled])
    query = "SELECT id, a, typeof(a), hex(a), b, typeof(b), hex(b) FROM t ORDER BY id"
    assert list(map(repr, stored(carried(url, ["t"], tmp_path), query))) == list(map(repr, stored(url, query)))


def _bound(value: object) -> tuple[str, object]:
    """The placeholder and what to bind to it: texts travel as bytes, since they may be no UTF-8."""
    if isinstance(value, str):
        return "CAST(? AS TEXT)", value.encode("utf-8", "surrogateescape")
    return "?", value


@FAST
@given(st.lists(VALUES, min_size=1, max_size=12))
def test_small_queries_give_each_value_in_its_own_type(tmp_path: Path, values: list[object]) -> None:
    url = made(tmp_path, "CREATE TABLE t (id INTEGER PRIMARY KEY, a)")
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
        for value in values:
            hole, bound = _bound(value)
            connection.execute(f"INSERT INTO t (a) VALUES ({hole})", [bound])
    with open_database(url) as database:
        found = [row[0] for row in database.fetch("SELECT a FROM t ORDER BY id")]
    # What is no UTF-8 has no text: the rest must be the very value.
    expected = [
        v.encode("utf-8", "surrogateescape").decode("utf-8", "replace") if isinstance(v, str) else v for v in values
    ]
    assert list(map(repr, found)) == list(map(repr, expected))


def test_a_small_query_may_change_its_types_after_many_rows(tmp_path: Path) -> None:
    many = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 3000)"
    url = made(tmp_path, f"CREATE TABLE t AS {many} SELECT x FROM c; INSERT INTO t VALUES ('late'), (x'00'), (0.5)")
    with open_database(url) as database:
        assert [row[0] for row in database.fetch("SELECT x FROM t")][2999:] == [3000, "late", b"\0", 0.5]


# ruff: noqa: E501 - a table and its rows stay on one line
AWKWARD = {
    "without rowid": "CREATE TABLE t (a TEXT, b INT, v, PRIMARY KEY (b DESC, a)) WITHOUT ROWID; INSERT INTO t VALUES ('x', 1, NULL), ('y', -1, 2.5);",
    "the row's number": "CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (-9223372036854775808, 1), (9223372036854775807, 2);",
    "a key that is no row number": "CREATE TABLE t (id INTEGER PRIMARY KEY DESC, v); INSERT INTO t VALUES (NULL, 1), (5, 2), ('text', 3);",
    "generated": "CREATE TABLE t (a INT, b INT AS (a + 1), c TEXT AS (a * 2) STORED, d); INSERT INTO t (a, d) VALUES (1, 2), (NULL, 3);",
    "strict": "CREATE TABLE t (a INT, b ANY, c BLOB, d REAL) STRICT; INSERT INTO t VALUES (1, '1', x'', 3), (2, 1, NULL, 1e999);",
    "a column called rowid": "CREATE TABLE t (ROWID TEXT, oid INT); INSERT INTO t VALUES ('a', 1), ('b', 2);",
    "a hostile column": "CREATE TABLE t (\"a'; DROP TABLE t;--\" INT, \"\"\"q\"\"\" TEXT, \"x\ny;\" TEXT); INSERT INTO t VALUES (1, 'VALUES\n', ');\n');",
    "affinity": "CREATE TABLE t (a INT, b TEXT, c NUMERIC, d REAL); INSERT INTO t VALUES ('abc', 1, '1e5', 3), (x'31', x'31', x'31', x'31');",
}  # fmt: skip


@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_tables_arrive_by_us_and_by_the_shell(name: str, tmp_path: Path) -> None:
    url = made(tmp_path, AWKWARD[name])
    columns = ", ".join(f'"{row[1]}", typeof("{row[1]}")' for row in _columns(url))
    query = f"SELECT {columns.replace(chr(34) * 3, chr(34) * 3)} FROM t ORDER BY 1, 3"
    assert stored(carried(url, ["t"], tmp_path), query) == stored(url, query)
    shell = made(tmp_path, "", "shell.db")
    run_script(shell, (tmp_path / "script.sql").read_bytes())
    assert stored(shell, query) == stored(url, query)


def _columns(url: str) -> list[tuple[int, str]]:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        names = connection.execute("SELECT cid, name FROM pragma_table_xinfo('t') ORDER BY cid").fetchall()
    return [(number, name.replace('"', '""')) for number, name in names]


def test_a_sequence_goes_on_behind_the_rows_that_came(tmp_path: Path) -> None:
    url = made(tmp_path, "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, v); INSERT INTO t VALUES (41, 'x')")
    target = carried(url, ["t"], tmp_path)
    with closing(sqlite3.connect(target.removeprefix("sqlite:///"))) as connection:
        assert connection.execute("INSERT INTO t (v) VALUES ('y') RETURNING id").fetchone() == (42,)


def test_a_virtual_table_is_told_apart_and_its_shadows_are_no_tables(tmp_path: Path) -> None:
    url = made(tmp_path, "CREATE VIRTUAL TABLE f USING fts5(body); INSERT INTO f VALUES ('hello there')")
    with open_database(url) as database:
        assert [(str(table.name), table.kind) for table in database.inspect()] == [("f", "virtual")]
    assert stored(carried(url, ["f"], tmp_path), "SELECT body FROM f WHERE f MATCH 'there'") == [(b"hello there",)]


def test_what_cannot_be_looked_at_hides_nothing_else(tmp_path: Path) -> None:
    url = made(
        tmp_path,
        """CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE VIEW broken AS SELECT * FROM gone;
        CREATE TABLE child (t_id REFERENCES t); PRAGMA writable_schema = ON;
        INSERT INTO sqlite_schema VALUES ('table', 'm', 'm', 0, 'CREATE VIRTUAL TABLE m USING not_here(x)');""",
    )
    with open_database(url) as database:
        found = database.inspect()
    assert [str(table.name) for table in found] == ["child", "t"]
    assert len(list(found.references())) == 1


def test_row_numbers_far_apart_are_no_count(tmp_path: Path) -> None:
    url = made(tmp_path, "CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (-5), (7200000000000000000)")
    with open_database(url) as database:
        table = database.inspect().find("t")
    assert table is not None
    assert 2 <= table.rows < 10_000
    assert table.bytes < 1_000_000


def test_a_key_that_falls_is_no_row_number(tmp_path: Path) -> None:
    url = made(tmp_path, "CREATE TABLE t (id INTEGER PRIMARY KEY DESC); CREATE TABLE u (id INTEGER PRIMARY KEY)")
    with open_database(url) as database:
        found = {str(table.name): table.column("id") for table in database.inspect()}
    assert (found["t"].identity, found["t"].nullable) == ("", True)
    assert (found["u"].identity, found["u"].nullable) == ("default", False)


# Scripts


def _broken(folder: Path, *, missing: bool = False) -> Path:
    """A script of which one row fails: the source's own table lacked the check."""
    more = "CREATE TABLE p (id INTEGER PRIMARY KEY);" if missing else ""
    refers = ", p REFERENCES p" if missing else ""
    url = made(
        folder, f"{more} CREATE TABLE t (id INT, v INT{refers}); INSERT INTO t (id, v) VALUES (1, 1), (2, -2), (3, 3)"
    )
    script = scripted(url, ["t"], folder)
    text = script.read_text().replace("v INT", "v INT CHECK (v > 0)").replace("(1,1", "(1,1")
    script.write_text(text)
    assert ("not checked" in text) == missing
    return script


@pytest.mark.parametrize("missing", [False, True], ids=["references checked", "references to tables that stay behind"])
def test_the_shell_keeps_nothing_of_a_script_with_a_failing_row(missing: bool, tmp_path: Path) -> None:
    script = _broken(tmp_path, missing=missing)
    target = tmp_path / "target.db"
    done = subprocess.run(["sqlite3", target], input=script.read_bytes(), capture_output=True, check=False)
    assert done.returncode
    assert stored(f"sqlite:///{target}", "SELECT count(*) FROM sqlite_schema") == [(0,)]


@pytest.mark.parametrize("missing", [False, True])
def test_python_keeps_nothing_of_a_script_with_a_failing_row(missing: bool, tmp_path: Path) -> None:
    script = _broken(tmp_path, missing=missing)
    target = tmp_path / "target.db"
    with closing(sqlite3.connect(target)) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.executescript(script.read_text(encoding="utf-8"))
    assert stored(f"sqlite:///{target}", "SELECT count(*) FROM sqlite_schema") == [(0,)]


def test_tables_that_are_dropped_first_do_not_stand_in_for_missing_rows(tmp_path: Path) -> None:
    url = made(tmp_path, "CREATE TABLE t (id INT PRIMARY KEY, v INT); INSERT INTO t VALUES (1, 1), (2, -2)")
    script = scripted(url, ["t"], tmp_path, option="drop-create")
    script.write_text(script.read_text().replace("v INT", "v INT CHECK (v > 0)"))
    target = made(
        tmp_path,
        "CREATE TABLE t (id INT PRIMARY KEY, v INT); CREATE TABLE c (t REFERENCES t); INSERT INTO t VALUES (7, 1), (8, 1), (9, 1)",
        "t.db",
    )
    with pytest.raises(RuntimeError):
        run_script(target, b".bail off\n" + script.read_bytes())
    assert stored(target, "SELECT id FROM t") == [(7,), (8,), (9,)]


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.8])
def test_a_script_that_was_cut_off_loads_nothing_and_says_so(keep: float, tmp_path: Path) -> None:
    url = made(tmp_path, "CREATE TABLE t (id INT, v TEXT); INSERT INTO t VALUES (1, 'a'), (2, 'b')")
    script = scripted(url, ["t"], tmp_path)
    whole = script.read_bytes()
    script.write_bytes(whole[: int(len(whole) * keep)])
    target = f"sqlite:///{tmp_path / 'target.db'}"
    with open_database(target, write=True) as database, pytest.raises(DatabaseError, match="not whole"):
        database.load(script)
    assert stored(target, "SELECT count(*) FROM sqlite_schema") == [(0,)]


def test_what_does_not_load_is_told_without_its_values(tmp_path: Path) -> None:
    script = tmp_path / "script.sql"
    script.write_text("BEGIN;\nINSERT INTO nowhere VALUES\n(1,'s3cret');\nCOMMIT;\n")
    with open_database(f"sqlite:///{tmp_path / 't.db'}", write=True) as database:
        with pytest.raises(DatabaseError, match="nowhere") as caught:
            database.load(script)
        with pytest.raises(DatabaseError) as also:
            database.fetch("SELECT * FROM nowhere WHERE a = 's3cret'")
    assert "s3cret" not in f"{caught.value}{also.value}"


@FAST
@given(
    st.lists(
        st.lists(TEXTS.filter(lambda text: text.isprintable() or text.isascii()), min_size=1, max_size=4),
        min_size=1,
        max_size=4,
    )
)
def test_a_script_is_cut_into_its_statements_whatever_its_texts(rows: list[list[str]]) -> None:
    dialect = SqliteDialect()
    texts = [",\n".join(f"({dialect.literal(text)})" for text in row) for row in rows]
    written = [f'INSERT INTO "t" ("a") VALUES\n{text};\n' for text in texts]
    assert list(statements("".join(written).splitlines(keepends=True))) == written


def test_rows_of_many_lines_that_end_in_semicolons_are_cut_in_linear_time() -> None:
    text = "insert into x values (1);\n" * 40_000
    script = f'INSERT INTO "t" ("a") VALUES\n(\'{text}\');\nCOMMIT;\n'
    assert [len(part) for part in statements(script.splitlines(keepends=True))] == [len(script) - 8, 8]


def test_a_statement_of_several_rows_stays_below_what_every_build_takes() -> None:
    dialect = SqliteDialect()
    wide = pa.record_batch({"a": [f"'{'x' * 100_000}'"] * 30})
    table = Table(TableName("", "t"), (Column("a", pa.string()),))
    text = b"".join(bytes(piece) for piece in dialect.rows(table, table.columns, wide)).decode()
    found = list(statements(text.splitlines(keepends=True)))
    assert max(map(len, found)) <= STATEMENT_BYTES + 100
    assert text.count("xxx'") == 30


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss has other units elsewhere")
def test_big_values_take_no_more_memory_for_more_rows(tmp_path: Path) -> None:
    program = f"""
import resource, sys
from hotfixture.databases import open_database
from hotfixture.databases.base import Select
with open_database({f"sqlite:///{tmp_path / 'source.db'}"!r}) as database:
    table = database.inspect().find("t")
    start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for batch in database.read(Select(table, ("id", "v")), table.columns):
        pass
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start) // 1024)
"""
    made(
        tmp_path,
        """CREATE TABLE t (id INTEGER PRIMARY KEY, v BLOB);
        WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 400) INSERT INTO t SELECT x, zeroblob(500000) FROM c""",
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 150  # 200 MB of blobs, 400 MB as hexadecimal


def test_no_spelling_of_sqlite_tells_a_negative_zero_from_zero(tmp_path: Path) -> None:
    """Why a script cannot carry the sign; should a later version tell them apart, this says so."""
    url = made(tmp_path, "CREATE TABLE t (r REAL, v); INSERT INTO t VALUES (-0.0, -0.0)")
    told = "quote(v), CAST(v AS TEXT), json_quote(v), printf('%!.20g', v), hex(v)"
    (row,) = stored(url, f"SELECT r, v, {told} FROM t")
    assert [str(value) for value in row[:2]] == ["0.0", "-0.0"]
    assert {bytes(value).removeprefix(b"302E30") for value in row[2:]} <= {b"0.0", b""}  # type: ignore[arg-type]  # bytes all
