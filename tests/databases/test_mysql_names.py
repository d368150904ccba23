"""A MySQL table may be called with its database's name before it, and is the same table."""

from __future__ import annotations

from tests.servers import rows

from hotfixture.databases import open_database
from hotfixture.schema import TableName
from hotfixture.transforms.lineage import trace


def test_a_query_may_name_the_database_before_the_table(mariadb_url: str) -> None:
    rows(mariadb_url, "CREATE TABLE people (id int PRIMARY KEY, email text)")
    home = mariadb_url.rpartition("/")[2]
    with open_database(mariadb_url) as database:
        schema = database.inspect()
        lineage = trace(f"SELECT email FROM {home}.people", schema, "mysql")
        assert lineage.columns[0].copies == {(TableName("", "people"), "email")}
        assert database.fetch(lineage.sql) == []
