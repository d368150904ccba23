"""Roads between databases of one MySQL or MariaDB server, for the tests of that engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.servers import MariaDB, rows

from hotfixture.databases import open_database
from hotfixture.databases.base import Load, Select
from hotfixture.schema import Table, TableName


def only_mariadb(url: str, reason: str) -> None:
    """Skip the test where the server is MySQL."""
    if "MariaDB" not in str(rows(url, "SELECT VERSION()")):
        pytest.skip(f"MySQL has no {reason}")


def tables_of(url: str, *names: str) -> list[Table]:
    with open_database(url) as database:
        schema = database.inspect()
        return [schema.tables[TableName("", name)] for name in names]


def script(url: str, folder: Path, *names: str, indexes: bool = True) -> Path:
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


def numbers(thousands: int) -> str:
    """A query of the numbers from 1; both servers stop a recursion at 1000."""
    recursive = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
    return f"{recursive} SELECT a.i + 1000 * (b.i - 1) AS i FROM n a, n b WHERE b.i <= {thousands}"


def checksum(url: str, table: str) -> object:
    """The engine's own checksum of the rows as they are stored."""
    return rows(url, f"CHECKSUM TABLE {table} EXTENDED")[0][1]


def carried(server: MariaDB, url: str, folder: Path, *names: str) -> list[str]:
    """The tables that differ after a script of them was loaded elsewhere."""
    target = server.fresh_database()
    with open_database(target, write=True) as database:
        database.load(script(url, folder, *names))
    differing = [name for name in names if checksum(url, name) != checksum(target, name)]
    server.drop(target)
    return differing
