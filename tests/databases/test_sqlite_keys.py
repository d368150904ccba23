"""Keys find their rows in columns that hold numbers and texts side by side."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest

from hotfixture.databases import open_database
from hotfixture.databases.base import Keys, Select


@pytest.mark.parametrize("native", ["", "BLOB", "INTEGER", "TEXT", "NUMERIC"])
@pytest.mark.parametrize("columns", [("p",), ("p", "q")])
def test_a_number_is_found_whatever_type_the_column_declares(
    tmp_path: Path, native: str, columns: tuple[str, ...]
) -> None:
    path = tmp_path / "t.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"CREATE TABLE t (p {native}, q {native})")
        connection.execute("INSERT INTO t VALUES (5, 1.5), (6, 'x'), ('it''s', 2)")
    with open_database(f"sqlite:///{path}") as database:
        table = database.inspect().find("t")
        assert table
        for wanted in (["5", "1.5"], ["6", "x"], ["it's", "2"]):
            values = pa.record_batch({name: [value] for name, value in zip(columns, wanted, strict=False)})
            query = Select(table, ("p",), keys=Keys(columns, values))
            assert sum(batch.num_rows for batch in database.read(query, table.columns[:1])) == 1, wanted
