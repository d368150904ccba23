"""What every engine holds, on real servers, written once over the fact sheets."""

from __future__ import annotations

import string
import sys
import time
from collections.abc import Sequence
from contextlib import suppress

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.databases.conftest import Engine, schema_of
from tests.servers import rows

from hotfixture.databases import open_database
from hotfixture.databases.base import Keys, Select
from hotfixture.errors import DatabaseError
from hotfixture.schema import Table


def _fill(engine: Engine, url: str) -> dict[str, tuple[str, str]]:
    """A table per type with all its samples and NULL; type → table."""
    done: set[str] = set()
    tables = {}
    script: list[str] = []
    for number, (name, sample) in enumerate(engine.facts.types.items()):
        statements = [statement for statement in sample.setup if statement not in done]
        done.update(statements)
        table = f"t{number}"
        inserts = [f"INSERT INTO {table} VALUES ({i}, {v})" for i, v in enumerate([*sample.values, "NULL"])]
        create = f"CREATE TABLE {table} (id int NOT NULL, v {sample.declaration}, w {sample.declaration})"
        script += [*statements, create, *(f"{insert[:-1]}, NULL)" for insert in inserts)]
        tables[name] = (engine.facts.schema, table)
    engine.run(url, script)
    return tables


@pytest.mark.parametrize("client", [False, True], ids=["loaded", "by the client"])
def test_every_value_of_every_type_arrives_byte_exact(engine: Engine, client: bool) -> None:
    url = engine.fresh()
    tables = _fill(engine, url)
    for dialect in engine.facts.dialects.values():
        different = engine.carry(url, list(tables.values()), dialect(), client=client)
        by_table = {f"{schema}.{table}" if schema else table: name for name, (schema, table) in tables.items()}
        assert [by_table[table] for table in different] == []


@pytest.mark.needs("a text for every value")
def test_every_value_decodes_and_encodes_to_itself(engine: Engine) -> None:
    url = engine.fresh()
    tables = _fill(engine, url)
    with open_database(url) as database:
        schema = database.inspect()
        for name, place in tables.items():
            table = schema.tables[engine.name(*place)]
            for batch in database.read(Select(table, ("v",)), [table.column("v")]):
                wire = batch.column(0)
                decoded = database.dialect.decode(table.column("v"), wire)
                assert decoded.null_count == 1, name
                assert database.dialect.encode(table.column("v"), decoded).to_pylist() == wire.to_pylist(), name


@pytest.mark.needs("a text for every value")
def test_what_is_written_as_text_is_what_is_read(engine: Engine) -> None:
    url = engine.fresh()
    tables = _fill(engine, url)
    with open_database(url, write=True) as database:
        schema = database.inspect()
        found = {name: schema.tables[engine.name(*place)] for name, place in tables.items()}
        before = engine.fingerprints(url, list(found.values()))
        for name, table in found.items():
            columns = table.columns
            batches = list(database.read(Select(table, tuple(c.name for c in columns)), columns))
            decoded = [
                pa.RecordBatch.from_arrays(
                    [database.dialect.decode(c, a) for c, a in zip(columns, batch.columns, strict=True)],
                    names=[c.name for c in columns],
                )
                for batch in batches
            ]
            database.execute(f"DELETE FROM {database.dialect.table(table.name)}")
            assert database.write(table, decoded) == len(engine.facts.types[name].values) + 1
    after = engine.fingerprints(url, list(found.values()))
    assert [name for name, old, new in zip(found, before, after, strict=True) if old != new] == []


@pytest.mark.parametrize("client", [False, True], ids=["loaded", "by the client"])
def test_every_scene_arrives_in_every_form(engine: Engine, client: bool) -> None:
    """Defaults, identity, partitions, references, cycles, hostile names, constraints: as the sheet has them."""
    for name, scene in engine.facts.scenes.items():
        url = engine.fresh()
        engine.run(url, scene.statements)
        for form, dialect in engine.facts.dialects.items():
            assert engine.carry(url, scene.tables, dialect(), client=client) == [], (name, form)


def _signature(table: Table) -> tuple[object, ...]:
    columns = [(c.name, c.native, c.nullable, c.generated, c.identity, c.default, c.length) for c in table.columns]
    references = {(r.columns, r.target, r.target_columns, r.deferrable, r.enforced) for r in table.references}
    uniques = {(u.columns, u.expression, u.where, u.nulls_distinct) for u in table.uniques}
    checks = {check.expression for check in table.checks}
    return (table.kind, columns, table.primary_key, references, uniques, checks)


def test_a_loaded_database_is_inspected_as_its_source(engine: Engine) -> None:
    for name, scene in engine.facts.scenes.items():
        url, target = engine.fresh(), engine.fresh()
        engine.run(url, scene.statements)
        schema = schema_of(url)
        tables = [schema.tables[engine.name(*place)] for place in scene.tables]
        with open_database(url) as source, open_database(target, write=True) as database:
            database.load(engine.script(source, tables))
        found = schema_of(target)
        for table in tables:
            assert _signature(found.tables[table.name]) == _signature(table), name


def test_a_script_loads_twice_into_its_own_tables_where_they_are_emptied(engine: Engine) -> None:
    """What creates says if-not-exists: the second load finds the tables there."""
    scene = engine.facts.scenes["nothing, empty and default"]
    url, target = engine.fresh(), engine.fresh()
    engine.run(url, scene.statements)
    with open_database(url) as source, open_database(target, write=True) as database:
        table = source.inspect().tables[engine.name(*scene.tables[0])]
        path = engine.script(source, [table])
        database.load(path)
        engine.run(target, [f"DELETE FROM {database.dialect.table(table.name)}"])
        database.load(path)
    assert engine.fingerprint(url, table) == engine.fingerprint(target, table)


def test_nothing_stays_of_a_script_that_fails(engine: Engine) -> None:
    scene = engine.facts.scenes["nothing, empty and default"]
    url, target = engine.fresh(), engine.fresh()
    engine.run(url, scene.statements)
    with open_database(url) as source, open_database(target, write=True) as database:
        table = source.inspect().tables[engine.name(*scene.tables[0])]
        path = engine.script(source, [table])
        database.load(path)
        before = engine.fingerprint(target, table)
        again = engine.script(source, [table], creates=False)
        with pytest.raises(DatabaseError):
            database.load(again)  # the same keys once more
        assert engine.fingerprint(target, table) == before
        assert database.fetch("SELECT 1") == [(1,)]


@pytest.mark.parametrize("form", [0, 1])
def test_references_in_a_cycle_load_into_tables_that_exist(engine: Engine, form: int) -> None:
    name = "a cycle of references that are not null"
    if name not in engine.facts.scenes or form >= len(engine.facts.dialects):
        pytest.skip("no such scene or form")
    scene = engine.facts.scenes[name]
    dialect = list(engine.facts.dialects.values())[form]()
    url, target = engine.fresh(), engine.fresh()
    engine.run(url, scene.statements)
    with open_database(url) as source, open_database(target, write=True) as database:
        schema = source.inspect()
        tables = [schema.tables[engine.name(*place)] for place in scene.tables]
        database.load(engine.script(source, []))
        empty = source.ddl(tables)
        engine.folder.joinpath("empty.sql").write_text(empty.before + empty.after)
        database.load(engine.folder / "empty.sql")
        before = {t.name: _signature(t) for t in database.inspect()}
        late = [reference for table in tables for reference in table.references]
        database.load(engine.script(source, tables, dialect, creates=False, late=late))
        assert {t.name: _signature(t) for t in schema_of(target)} == before
        assert [database.orphans(reference) for reference in late] == [0] * len(late)
    assert [engine.fingerprint(target, table) for table in tables] == [engine.fingerprint(url, t) for t in tables]


def test_keys_select_exactly_their_rows_whatever_the_text(engine: Engine) -> None:
    texts = [*_HOSTILE_KEYS]
    url = engine.fresh()
    engine.run(url, ["CREATE TABLE k (a int NOT NULL, b varchar(50) NOT NULL, v int, PRIMARY KEY (a, b))"])
    with open_database(url, write=True) as database:
        table = schema_of(url).tables[engine.name(engine.facts.schema, "k")]
        batch = pa.record_batch({"a": pa.array([1, 2] * len(texts)), "b": [t for t in texts for _ in (1, 2)]})
        database.write(table, [batch.append_column("v", pa.array(range(batch.num_rows)))])
        columns = table.columns
        for position, text in enumerate(texts):
            keys = Keys(("b", "a"), pa.record_batch({"b": [text], "a": ["2"]}))
            found = list(database.read(Select(table, ("a", "b", "v"), keys=keys), columns))
            values = [database.dialect.decode(columns[2], b.column(2)).to_pylist() for b in found]
            assert [str(v) for part in values for v in part] == [str(position * 2 + 1)], repr(text)
        everything = Keys(("b",), pa.record_batch({"b": texts}))
        assert sum(b.num_rows for b in database.read(Select(table, ("a",), keys=everything), columns[:1])) == 2 * len(
            texts
        )


_HOSTILE_KEYS = ("x'y", 'x"y', "x\\y", "x\\", "{a,b}", "a,b", "NULL", "--", "$1", "a\nb", "😀", "%s", "é")


def test_rows_are_capped_for_each_key_in_order(engine: Engine) -> None:
    url = engine.fresh()
    engine.run(url, ["CREATE TABLE k (id int PRIMARY KEY, p int)"])
    with open_database(url, write=True) as database:
        table = schema_of(url).tables[engine.name(engine.facts.schema, "k")]
        database.write(table, [pa.record_batch({"id": list(range(100)), "p": [n % 7 for n in range(100)]})])
        keys = Keys(("p",), pa.record_batch({"p": ["1", "3", "99"]}))
        query = Select(table, ("id",), keys=keys, order=("id",), per_key=2, where="id > 5")
        found = [
            database.dialect.decode(table.columns[0], b.column(0)) for b in database.read(query, table.columns[:1])
        ]
        assert sorted(int(str(v)) for part in found for v in part.to_pylist()) == [8, 10, 15, 17]
        limited = Select(table, ("id",), order=("id",), limit=3)
        assert sum(b.num_rows for b in database.read(limited, table.columns[:1])) == 3
        assert database.estimate(query).rows >= 1


def test_a_snapshot_does_not_see_what_others_write(engine: Engine) -> None:
    url = engine.fresh()
    engine.run(url, ["CREATE TABLE t (id int)", "INSERT INTO t VALUES (1)"])
    with open_database(url) as database, database.snapshot() as when:
        assert database.fetch("SELECT count(*) FROM t") == [(1,)]
        with suppress(Exception):  # an engine may lock the writer out: its view is kept as well
            engine.run(url, ["INSERT INTO t VALUES (2)"])
        assert database.fetch("SELECT count(*) FROM t") == [(1,)]
        assert when.startswith("20")
        assert "T" in when


def test_an_error_inside_a_snapshot_does_not_end_it(engine: Engine) -> None:
    url = engine.fresh()
    engine.run(url, ["CREATE TABLE t (id int)", "INSERT INTO t VALUES (1)"])
    with open_database(url) as database, database.snapshot():
        with pytest.raises(DatabaseError):
            database.fetch("SELECT nothing_like_it FROM t")
        assert database.fetch("SELECT count(*) FROM t") == [(1,)]


@pytest.mark.parametrize("statement", ["INSERT INTO t VALUES (2)", "DROP TABLE t", "CREATE TABLE u (id int)"])
def test_a_connection_that_reads_does_not_write(engine: Engine, statement: str) -> None:
    url = engine.fresh()
    engine.run(url, ["CREATE TABLE t (id int)", "INSERT INTO t VALUES (1)"])
    with open_database(url) as database:
        with pytest.raises(DatabaseError):
            database.execute(statement)
        with pytest.raises(DatabaseError):
            database.fetch(statement)
        with pytest.raises(DatabaseError):
            database.write(schema_of(url).tables[engine.name(engine.facts.schema, "t")], [pa.record_batch({"id": [2]})])
    assert [tuple(row) for row in rows(url, "SELECT id FROM t")] == [(1,)]


@pytest.mark.needs("a statement timeout")
def test_a_statement_ends_at_its_timeout(engine: Engine) -> None:
    url = engine.fresh()
    started = time.monotonic()
    with open_database(url, timeout=0.3) as database, pytest.raises(DatabaseError):
        database.fetch(engine.facts.slow_query)
    assert time.monotonic() - started < 5


def test_a_result_may_be_left_before_its_end(engine: Engine) -> None:
    with open_database(engine.fresh()) as database, database.snapshot():
        query = engine.facts.many_rows(200_000)
        columns = database.describe(query)
        for _ in range(3):
            stream = iter(database.read(query, columns))
            assert next(stream).num_columns == 2
            stream.close()  # type: ignore[attr-defined]  # a generator
        assert database.fetch("SELECT 1") == [(1,)]


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss has other units elsewhere")
def test_reading_takes_no_more_memory_for_more_rows(engine: Engine) -> None:
    import resource  # Windows has no such module

    with open_database(engine.fresh()) as database:
        peaks = []
        for count in (100_000, 800_000):
            query = engine.facts.many_rows(count)
            columns = database.describe(query)
            seen = 0
            for batch in database.read(query, columns):
                seen += batch.num_rows
            assert seen == count
            peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    assert peaks[1] - peaks[0] < 60, peaks  # 800,000 rows are over 200 MB


def test_errors_carry_neither_credentials_nor_values(engine: Engine) -> None:
    url = engine.fresh()
    engine.run(url, ["CREATE TABLE t (id int PRIMARY KEY, v varchar(3))"])
    with open_database(url, write=True) as database:
        table = schema_of(url).tables[engine.name(engine.facts.schema, "t")]
        batch = pa.record_batch({"id": [77123, 77123], "v": ["a", "b"]})
        with pytest.raises(DatabaseError) as caught:
            database.write(table, [batch])
        assert "77123" not in str(caught.value)
        assert rows(url, "SELECT count(*) FROM t")[0][0] == 0
    if engine.facts.server:
        with pytest.raises(DatabaseError) as refused, open_database(url.replace("s3cret", "s3cret-wr0ng")):
            pass
        assert "s3cret" not in str(refused.value)


_NAMES = (
    st.text(st.sampled_from(string.ascii_letters + "0123456789 _-'$%.é☃"), min_size=1, max_size=12)
    .map(str.strip)
    .filter(bool)
)
_TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=20)


_UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)  # an example takes a second: shrinking takes minutes


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), phases=_UNSHRUNK)
@given(data=st.data())
def test_random_tables_arrive(engine: Engine, data: st.DataObject) -> None:
    """Columns of any types and names, any values in them, and free text written through our own writer."""
    facts = engine.facts
    picked = data.draw(st.lists(st.sampled_from(list(facts.types)), min_size=1, max_size=5))
    names = data.draw(st.lists(_NAMES, min_size=len(picked) + 2, max_size=len(picked) + 2, unique_by=str.lower))
    texts = data.draw(st.lists(st.none() | _TEXTS, max_size=20))
    quote = next(iter(facts.dialects.values()))().identifier
    url = engine.fresh()
    setup: dict[str, None] = dict.fromkeys(s for name in picked for s in facts.types[name].setup)
    spelled = [f"{quote(n)} {facts.types[t].declaration}" for n, t in zip(names, picked, strict=False)]
    key, text = names[-2:]
    columns = ", ".join([*spelled, f"{quote(key)} int NOT NULL", f"{quote(text)} text"])
    engine.run(url, [*setup, f"CREATE TABLE {quote('a table')} ({columns})"])
    inserts = []
    for number in range(data.draw(st.integers(0, 4))):
        values = [data.draw(st.sampled_from(["NULL", *facts.types[t].values])) for t in picked]
        inserts.append(f"INSERT INTO {quote('a table')} VALUES ({', '.join([*values, str(number), 'NULL'])})")
    engine.run(url, inserts)
    table = schema_of(url).tables[engine.name(facts.schema, "a table")]
    with open_database(url, write=True) as database:
        batch = pa.record_batch({key: pa.array(range(len(texts)), pa.int32()), text: pa.array(texts, pa.string())})
        assert database.write(table, [batch]) == len(texts)
        assert _read_texts(database, table, text)[-len(texts) or None :] == texts or not texts
    for form in facts.dialects.values():
        assert engine.carry(url, [(facts.schema, "a table")], form()) == []


def _read_texts(database: object, table: Table, name: str) -> Sequence[str | None]:
    column = table.column(name)
    batches = database.read(Select(table, (name,)), [column])  # type: ignore[attr-defined]  # a Database
    return [v for batch in batches for v in database.dialect.decode(column, batch.column(0)).to_pylist()]  # type: ignore[attr-defined]
