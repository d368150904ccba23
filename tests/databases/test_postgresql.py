"""What PostgreSQL alone has, and what only it can get wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from tests.databases.conftest import schema_of, stored
from tests.servers import PostgreSQL, rows, run_script

from hotfixture.databases import open_database
from hotfixture.databases.base import Keys, Load, Select
from hotfixture.databases.postgresql import PostgresqlDatabase
from hotfixture.databases.postgresql_catalogue import Catalogue
from hotfixture.databases.postgresql_ddl import Builder
from hotfixture.databases.postgresql_dialect import PostgresqlDialect
from hotfixture.databases.script import Script
from hotfixture.errors import DatabaseError, UnsupportedError
from hotfixture.flow import move
from hotfixture.schema import Column, Table, TableName


def _table(url: str, name: str, schema: str = "public") -> Table:
    return schema_of(url).tables[TableName(schema, name)]


def _carry(source: str, target: str, names: list[str], folder: Path, *, creates: bool = True) -> Path:
    """Carry whole tables by way of a script that our own loader runs."""
    with open_database(source) as database:
        tables = [database.inspect().tables[TableName("public", name)] for name in names]
        script, load = Script(database.dialect, folder), Load(tuple(tables), (), creates)
        ddl = database.ddl(tables) if creates else None
        with (folder / "s.sql").open("wb") as out:
            script.begin(out, load, ddl=ddl)
            for table in tables:
                columns = stored(table)
                select = Select(table, tuple(c.name for c in columns))
                move(database.read(select, columns), [], script.relation(table, columns))
            script.end(load, ddl=ddl)
        script.close()
    with open_database(target, write=True) as database:
        database.load(folder / "s.sql")
    return folder / "s.sql"


@pytest.fixture
def second(postgresql_server: PostgreSQL) -> str:
    """A second empty database, of an account that owns it and may nothing else."""
    return postgresql_server.fresh_database(plain=True)


def test_an_owner_without_other_rights_can_load_everything(postgresql_url: str, second: str, tmp_path: Path) -> None:
    run_script(
        postgresql_url,
        """CREATE EXTENSION citext; CREATE TYPE mood AS ENUM ('a', 'b');
        CREATE DOMAIN mail AS citext CHECK (VALUE ~ '@');
        CREATE TABLE p (id serial PRIMARY KEY, m mood DEFAULT 'a', e mail UNIQUE, self int REFERENCES p);
        CREATE TABLE q (id int GENERATED ALWAYS AS IDENTITY, p int NOT NULL REFERENCES p ON DELETE CASCADE);
        INSERT INTO p (e, self) VALUES ('X@y', 2), ('z@y', 1); INSERT INTO q (p) VALUES (1), (2);""",
    )
    _carry(postgresql_url, second, ["p", "q"], tmp_path)
    assert rows(second, "SELECT e::text, self FROM p ORDER BY id") == [("X@y", 2), ("z@y", 1)]
    rows(second, "INSERT INTO p (e) VALUES ('n@y')")
    rows(second, "INSERT INTO q (p) VALUES (3)")
    assert rows(second, "SELECT max(id) FROM p") == rows(second, "SELECT max(id) FROM q") == [(3,)]


def test_sequences_go_on_after_the_highest_value_wherever_they_live(
    postgresql_url: str, second: str, tmp_path: Path
) -> None:
    """Upper-case and cross-schema names, one sequence for two tables, a descending one, and an empty table."""
    run_script(
        postgresql_url,
        '''CREATE SCHEMA "Other"; CREATE SEQUENCE "Other"."It's ""Mine""" START 10;
        CREATE SEQUENCE down INCREMENT -1;
        CREATE TABLE a (id int DEFAULT nextval('"Other"."It''s ""Mine"""'), d int DEFAULT nextval('down'));
        CREATE TABLE b (id int DEFAULT nextval('"Other"."It''s ""Mine"""'), z serial);
        INSERT INTO a DEFAULT VALUES; INSERT INTO b DEFAULT VALUES; INSERT INTO a DEFAULT VALUES;
        CREATE TABLE empty (id serial);''',
    )
    _carry(postgresql_url, second, ["a", "b", "empty"], tmp_path)
    for table in ("b", "a", "empty"):
        rows(second, f"INSERT INTO {table} DEFAULT VALUES")
    assert rows(second, "SELECT id, d FROM a ORDER BY id") == [(10, -1), (12, -2), (14, -3)]
    assert rows(second, "SELECT id, z FROM b ORDER BY id") == [(11, 1), (13, 2)]
    assert rows(second, "SELECT id FROM empty") == [(1,)]


def test_what_would_call_a_missing_function_is_left_out_and_said(
    postgresql_url: str, second: str, tmp_path: Path
) -> None:
    run_script(
        postgresql_url,
        """CREATE FUNCTION f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1';
        CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO t VALUES (1); RETURN NEW; END$$;
        CREATE TABLE t (id int DEFAULT f(1), v int CONSTRAINT c CHECK (f(v) > 0), w int,
          g int GENERATED ALWAYS AS (f(w)) STORED);
        CREATE INDEX i ON t (f(w)); INSERT INTO t (v, w) VALUES (1, 2);
        CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION log();""",
    )
    script = _carry(postgresql_url, second, ["t"], tmp_path).read_text()
    left_out = [line for line in script.splitlines() if line.startswith("-- left out")]
    assert {line.split()[3] for line in left_out} == {"default", "constraint", "generation", "index"}
    assert "TRIGGER" not in script
    assert rows(second, "SELECT id, v, w FROM t") == [(2, 1, 2)]


def test_what_an_extension_made_is_no_table_of_ours(postgresql_url: str) -> None:
    run_script(
        postgresql_url,
        'CREATE SCHEMA "Ext"; CREATE EXTENSION pg_stat_statements SCHEMA "Ext"; CREATE TABLE t (id int);',
    )
    assert [str(table.name) for table in schema_of(postgresql_url)] == ["public.t"]


def test_a_policy_that_hides_rows_is_an_error(postgresql_server: PostgreSQL, postgresql_url: str) -> None:
    run_script(
        postgresql_url,
        """CREATE TABLE t (id int); INSERT INTO t VALUES (1), (2); GRANT SELECT ON t TO plain;
        ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t FOR SELECT TO plain USING (id = 1);""",
    )
    plain = postgresql_url.replace("tester:", "plain:")
    with open_database(plain) as database:
        table = database.inspect().tables[TableName("public", "t")]
        with pytest.raises(DatabaseError, match="row-level security") as caught:
            list(database.read(Select(table, ("id",)), table.columns))
    assert "BYPASSRLS" in str(caught.value)


def test_inspect_tells_case_from_collations_and_types(postgresql_url: str) -> None:
    run_script(
        postgresql_url,
        """CREATE EXTENSION citext;
        CREATE COLLATION caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        CREATE COLLATION accents (provider = icu, locale = 'und-u-ks-level1-kc-true', deterministic = false);
        CREATE TABLE t (a citext, b text COLLATE caseless, c text COLLATE accents,
          d text, e varchar(7)[], f char(3));""",
    )
    table = _table(postgresql_url, "t")
    assert [column.ignores_case for column in table.columns] == [True, True, False, False, False, False]
    assert [column.length for column in table.columns] == [None] * 5 + [3]
    assert table.column("e").native == "character varying(7)[]"


def test_collations_of_a_user_come_along(postgresql_url: str, second: str, tmp_path: Path) -> None:
    run_script(
        postgresql_url,
        """CREATE COLLATION caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        CREATE TABLE t (v text COLLATE caseless UNIQUE); INSERT INTO t VALUES ('a');""",
    )
    _carry(postgresql_url, second, ["t"], tmp_path)
    with pytest.raises(Exception, match="unique"):
        rows(second, "INSERT INTO t VALUES ('A')")


def test_dropped_columns_and_high_numbers_do_not_confuse_keys(postgresql_url: str) -> None:
    run_script(
        postgresql_url,
        """CREATE TABLE p (x int, a int, y int, b int); ALTER TABLE p DROP x, DROP y;
        ALTER TABLE p ADD PRIMARY KEY (b, a);
        CREATE TABLE c (gone int, q int, w int, FOREIGN KEY (q, w) REFERENCES p); ALTER TABLE c DROP gone;
        CREATE UNIQUE INDEX u ON c (w) INCLUDE (q) WHERE q > 0;""",
    )
    assert _table(postgresql_url, "p").primary_key == ("b", "a")
    table = _table(postgresql_url, "c")
    assert (table.references[0].columns, table.references[0].target_columns) == (("q", "w"), ("b", "a"))
    assert set(table.uniques[0].columns) == {"w", "q"}
    assert table.uniques[0].where == "(q > 0)"


def test_partitions_count_for_their_parent(postgresql_url: str) -> None:
    run_script(
        postgresql_url,
        """CREATE TABLE p (id int) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (500);
        CREATE TABLE p2 PARTITION OF p DEFAULT; INSERT INTO p SELECT generate_series(1, 1000); ANALYZE;""",
    )
    schema = schema_of(postgresql_url)
    parent = schema.tables[TableName("public", "p")]
    assert (parent.kind, parent.rows) == ("partitioned", 1000)
    assert parent.bytes > 0
    assert {t.kind for t in schema if t.name.name in ("p1", "p2")} == {"partition"}


@pytest.mark.parametrize("native", ["int", "bigint", "text", "varchar(20)", "uuid", "date", "numeric(12,2)", "bytea"])
def test_keys_are_looked_up_by_the_index_of_their_type(postgresql_url: str, native: str) -> None:
    value = {"uuid": "md5(i::text)::uuid", "date": "'1000-01-01'::date + i", "bytea": "i::text::bytea"}.get(
        native, f"i::text::{native}"
    )
    run_script(
        postgresql_url,
        f"CREATE TABLE t (id {native} PRIMARY KEY, v int); "
        f"INSERT INTO t SELECT {value}, i FROM generate_series(1, 50000) i; ANALYZE t;",
    )
    with open_database(postgresql_url) as database:
        table = database.inspect().tables[TableName("public", "t")]
        column = table.column("id")
        (batch, *_) = database.read(Select(table, ("id",), order=("id",), limit=100), [column])
        keys = Keys(("id",), pa.record_batch({"id": database.dialect.decode(column, batch.column(0))}))
        select = Select(table, ("id", "v"), keys=keys)
        plan = "\n".join(str(row[0]) for row in database.fetch(f"EXPLAIN {PostgresqlDialect().select(select)}"))
        assert "t_pkey" in plan, plan
        assert sum(b.num_rows for b in database.read(select, table.columns)) == 100


def test_rows_without_a_key_are_told_by_their_place(postgresql_url: str) -> None:
    run_script(postgresql_url, "CREATE TABLE t (v int); INSERT INTO t VALUES (1), (1), (2);")
    with open_database(postgresql_url) as database:
        table = database.inspect().tables[TableName("public", "t")]
        place = Column(table.hidden_key, pa.string(), "tid")
        (batch,) = database.read(Select(table, (place.name,)), [place])
        keys = Keys((place.name,), pa.record_batch({place.name: database.dialect.decode(place, batch.column(0))[1:]}))
        assert sum(b.num_rows for b in database.read(Select(table, ("v",), keys=keys), table.columns)) == 2


def test_typed_values_are_what_was_stored(postgresql_url: str) -> None:
    columns = (
        "b bool, n numeric(10,2), f float8, d date, t timestamptz, s timestamp, h time, x bytea, i bigint, j jsonb"
    )
    run_script(
        postgresql_url,
        f"CREATE TABLE t ({columns}); INSERT INTO t VALUES (true, -1.10, 0.1, '2024-02-29', "
        "'2024-01-02 03:04:05.000006+02', "
        "'1900-01-01', '23:59:59.5', '\\x00ff', 9007199254740993, '{\"a\": 1}'); INSERT INTO t DEFAULT VALUES;",
    )
    with open_database(postgresql_url) as database:
        table = database.inspect().tables[TableName("public", "t")]
        (batch,) = database.read(Select(table, tuple(c.name for c in table.columns)), table.columns)
        typed = [database.dialect.typed(c, batch.column(k)) for k, c in enumerate(table.columns)]
    assert [array.type for array in typed] == [column.arrow for column in table.columns]
    assert [str(array[0]) for array in typed] == [
        *("True", "-1.10", "0.1", "2024-02-29", "2024-01-02 01:04:05.000006+00:00", "1900-01-01 00:00:00"),
        *("23:59:59.500000", "b'\\x00\\xff'", "9007199254740993", '{"a": 1}'),
    ]
    assert all(array[1].as_py() is None for array in typed)


@pytest.mark.parametrize("value", ["'infinity'::date", "'0044-03-15 BC'::date", "'NaN'::numeric(4,1)", "'24:00'::time"])
def test_what_arrow_cannot_hold_is_an_error_that_names_the_column(postgresql_url: str, value: str) -> None:
    run_script(postgresql_url, f"CREATE TABLE t AS SELECT {value} AS odd;")
    with open_database(postgresql_url) as database:
        table = database.inspect().tables[TableName("public", "t")]
        (batch,) = database.read(Select(table, ("odd",)), table.columns)
        with pytest.raises(DatabaseError, match="column odd"):
            database.dialect.typed(table.columns[0], batch.column(0))


@pytest.mark.parametrize(
    "query", ["SELECT 1) TO PROGRAM 'true' --", "SELECT 1; SELECT 2", "SELECT 1) TO STDOUT; DROP TABLE t; --"]
)
def test_a_query_cannot_break_out_of_its_copy(postgresql_url: str, query: str) -> None:
    with open_database(postgresql_url) as database, pytest.raises(DatabaseError):
        list(database.read(query, [Column("x", pa.string())]))


def test_a_query_may_end_in_a_comment(postgresql_url: str) -> None:
    with open_database(postgresql_url) as database:
        assert sum(b.num_rows for b in database.read("SELECT 1 AS x -- one", [Column("x", pa.int32())])) == 1


def test_psql_stops_at_an_error_and_runs_nothing_of_the_rows(postgresql_url: str, tmp_path: Path) -> None:
    run_script(postgresql_url, "CREATE TABLE t (v text); INSERT INTO t VALUES ('COMMIT; DROP TABLE kept;');")
    with open_database(postgresql_url) as database:
        table = database.inspect().tables[TableName("public", "t")]
        load = Load((table,))
        script = Script(database.dialect, tmp_path)
        with (tmp_path / "s.sql").open("wb") as out:
            script.begin(out, load)
            move(database.read(Select(table, ("v",)), table.columns), [], script.relation(table, table.columns))
            script.end(load)
        script.close()
    run_script(postgresql_url, "DROP TABLE t; CREATE TABLE kept (id int);")
    with pytest.raises(RuntimeError, match="does not exist"):
        run_script(postgresql_url, (tmp_path / "s.sql").read_bytes())
    assert rows(postgresql_url, "SELECT count(*) FROM kept") == [(0,)]


def test_the_statements_for_old_versions_run_and_say_the_same(postgresql_url: str) -> None:
    """What 9.6 is asked is understood by newer servers too, so that it can be held to what they say."""
    run_script(
        postgresql_url,
        """CREATE TABLE p (id serial PRIMARY KEY, u int UNIQUE, t text DEFAULT 'x' CHECK (t <> ''));
        CREATE TABLE c (id int REFERENCES p DEFERRABLE, v varchar(4)); CREATE INDEX i ON c (v);""",
    )
    with open_database(postgresql_url) as database:
        assert isinstance(database, PostgresqlDatabase)
        schema = database.inspect()
        old = Catalogue(database._session)
        old.version = (9, 6)
        assert old.schema() == schema
        ddl = Builder(old, database.dialect, "drop-create").ddl(list(schema), indexes=True)
        assert ddl.after == database.ddl(list(schema), option="drop-create").after
        assert "CREATE SEQUENCE" in ddl.before


def test_partly_null_and_deferred_keys_are_no_orphans(postgresql_url: str) -> None:
    run_script(
        postgresql_url,
        """CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); INSERT INTO p VALUES (1, 1);
        CREATE TABLE c (a int, b int); INSERT INTO c VALUES (1, 1), (NULL, 5), (2, 2), (3, NULL);
        ALTER TABLE c ADD FOREIGN KEY (a, b) REFERENCES p NOT VALID;""",
    )
    reference = _table(postgresql_url, "c").references[0]
    assert not reference.enforced
    with open_database(postgresql_url) as database:
        assert database.orphans(reference) == 1


def test_written_batches_may_be_typed(postgresql_url: str) -> None:
    columns = (
        "i int, f float8, b bool, t timestamptz, d date, n numeric(8,3), x bytea, l text[], j jsonb, v interval, e text"
    )
    run_script(postgresql_url, f"CREATE TABLE t ({columns});")
    batch = pa.record_batch(
        {
            "i": pa.array([1, None], pa.int64()),
            "f": pa.array([0.1, float("inf")]),
            "b": pa.array([True, None]),
            "t": pa.array([1, None], pa.timestamp("us", "UTC")),
            "d": pa.array([86_400_000, None], pa.date64()),
            "n": pa.array(["1.5", None]).cast(pa.decimal128(10, 3)),
            "x": pa.array([b"\x00\\", None]),
            "l": pa.array([['a"\\b', None], []], pa.list_(pa.string())),
            "j": pa.array([{"k": "v"}, None]),
            "v": pa.array([1_000_001, None], pa.duration("us")),
            "e": pa.array(["x", None]).dictionary_encode(),
        }
    )
    with open_database(postgresql_url, write=True) as database:
        assert database.write(_table(postgresql_url, "t"), [batch]) == 2
    found = rows(
        postgresql_url,
        "SELECT i, f, b, extract(epoch FROM t)::text, d::text, n::text, x, l, j::text, v::text, e FROM t",
    )
    assert found[0] == (
        1,
        0.1,
        True,
        "0.000001",
        "1970-01-02",
        "1.500",
        b"\x00\\",
        ['a"\\b', None],
        '{"k": "v"}',
        "00:00:01.000001",
        "x",
    )
    assert found[1] == (None, float("inf"), *[None] * 5, [], *[None] * 3)


@pytest.mark.parametrize(
    "url",
    ["postgresql://u:s3cret@127.0.0.1:1/x", "postgresql://u:s3@cret@[/x", "postgresql://u:s3cret@h/x?sslmode=odd"],
)
def test_a_url_that_leads_nowhere_keeps_its_password(url: str) -> None:
    with pytest.raises(DatabaseError) as caught:
        open_database(url)
    assert "s3" not in str(caught.value)


def test_a_reference_inside_json_is_not_counted(postgresql_url: str) -> None:
    from dataclasses import replace

    run_script(postgresql_url, "CREATE TABLE t (id int PRIMARY KEY REFERENCES t);")
    reference = replace(_table(postgresql_url, "t").references[0], path="$.id")
    with open_database(postgresql_url) as database, pytest.raises(UnsupportedError):
        database.orphans(reference)


def test_a_snapshot_ends_although_a_result_is_still_open(postgresql_url: str) -> None:
    with open_database(postgresql_url) as database:
        with database.snapshot():
            stream = iter(
                database.read("SELECT repeat('x', 1000) FROM generate_series(1, 100000)", [Column("x", pa.string())])
            )
            next(stream)
        assert database.fetch("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%'") == [(0,)]
        with pytest.raises(DatabaseError, match="has ended"):
            list(stream)  # never a shorter result that looks whole


def test_two_results_at_once_are_refused(postgresql_url: str) -> None:
    with open_database(postgresql_url) as database:
        columns = [Column("x", pa.string())]
        first = iter(database.read("SELECT repeat('x', 1000) FROM generate_series(1, 100000)", columns))
        seen = next(first).num_rows
        with pytest.raises(DatabaseError, match="still being read"):
            list(database.read("SELECT 1", columns))
        assert seen + sum(batch.num_rows for batch in first) == 100_000


def test_what_goes_wrong_while_rows_are_made_leaves_nothing_written(postgresql_url: str) -> None:
    run_script(postgresql_url, "CREATE TABLE t (v int);")

    def batches() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch({"v": list(range(100_000))})
        raise ZeroDivisionError

    with open_database(postgresql_url, write=True) as database:
        with pytest.raises(ZeroDivisionError):
            database.write(_table(postgresql_url, "t"), batches())
        assert database.fetch("SELECT count(*) FROM t") == [(0,)]


def test_an_inspection_inside_a_snapshot_leaves_names_their_meaning(postgresql_url: str) -> None:
    """The catalogue is read under an empty search path; conditions may name tables and types without their schema."""
    rows(postgresql_url, "CREATE TABLE t (id int PRIMARY KEY); CREATE DOMAIN small AS int; INSERT INTO t VALUES (1)")
    with open_database(postgresql_url) as database, database.snapshot():
        table = database.inspect().find("t")
        assert table
        select = Select(table, ("id",), where="id IN (SELECT id::small FROM t)")
        assert sum(batch.num_rows for batch in database.read(select, table.columns)) == 1
