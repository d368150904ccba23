"""A script: rows stand in load order, whether they stream or were set aside, and its places are right."""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest

from hotfixture.databases.base import Ddl, Load
from hotfixture.databases.script import Script
from hotfixture.databases.sqlite import SqliteDialect
from hotfixture.schema import Column, Reference, Table, TableName

PARENT = Table(TableName("", "p"), (Column("id", pa.int64()),))
CHILD = Table(
    TableName("", "c"),
    (Column("id", pa.int64()),),
    references=(Reference("r", TableName("", "c"), ("id",), PARENT.name, ("id",)),),
)
DDL = Ddl(
    "CREATE TABLE p (id INTEGER PRIMARY KEY);\nCREATE TABLE c (id REFERENCES p);\n", "CREATE INDEX i ON c (id);\n"
)
LOAD = Load((PARENT, CHILD), creates=True)


def rows(*ids: int) -> pa.RecordBatch:
    return pa.record_batch({"id": list(map(str, ids))})


def streamed(folder: Path) -> tuple[bytes, Script]:
    script, out = Script(SqliteDialect(), folder), io.BytesIO()
    script.begin(out, LOAD, ddl=DDL, heading=["a heading"])
    for table, ids in ((PARENT, (1, 2)), (CHILD, (1, 1))):
        script.relation(table, table.columns).write(rows(*ids))
    script.end(LOAD, ddl=DDL)
    script.close()
    return out.getvalue(), script


def set_aside(folder: Path) -> tuple[bytes, Script]:
    script, out = Script(SqliteDialect(), folder), io.BytesIO()
    for table, ids in ((CHILD, (1,)), (PARENT, (1,)), (CHILD, (1,)), (PARENT, (2,))):
        script.relation(table, table.columns).write(rows(*ids))
    assert len(list(folder.iterdir())) == 2
    script.begin(out, LOAD, ddl=DDL, heading=["a heading"])
    script.end(LOAD, ddl=DDL)
    script.close()
    return out.getvalue(), script


@pytest.mark.parametrize("way", [streamed, set_aside])
def test_a_script_loads_in_its_order_and_leaves_no_file_behind(tmp_path: Path, way) -> None:
    text, script = way(tmp_path)
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(text.decode())
        assert connection.execute("SELECT (SELECT count(*) FROM p), (SELECT count(*) FROM c)").fetchone() == (2, 2)
    assert script.rows == 4
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("way", [streamed, set_aside])
def test_places_are_where_the_rows_of_each_table_stand(tmp_path: Path, way) -> None:
    text, script = way(tmp_path)
    assert [name.name for _, _, name in script.places] == ["p", "c"]
    for start, end, name in script.places:
        own = text[start:end]
        assert own.count(b"INSERT INTO") >= 1
        assert f'INTO "{name.name}"'.encode() in own
        assert f'INTO "{name.name}"'.encode() not in text[:start] + text[end:]


@pytest.mark.parametrize("heading", ["two\rlines", "a -- b; DROP TABLE p;"])
def test_a_heading_stays_a_comment(tmp_path: Path, heading: str) -> None:
    script, out = Script(SqliteDialect(), tmp_path), io.BytesIO()
    script.begin(out, Load(()), heading=[heading])
    script.end(Load(()))
    first, second = out.getvalue().decode().splitlines()[:2]
    assert first.startswith("-- ")
    assert second.startswith("PRAGMA")


def test_a_table_without_rows_leaves_nothing_in_the_script(tmp_path: Path) -> None:
    script, out = Script(SqliteDialect(), tmp_path), io.BytesIO()
    script.begin(out, LOAD)
    script.relation(PARENT, PARENT.columns).write(rows())
    script.end(LOAD)
    assert b'INSERT INTO "p"' not in out.getvalue()
    assert script.relations[PARENT.name].rows == 0
