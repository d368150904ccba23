"""Definitions that the engine makes for MySQL and MariaDB."""

from __future__ import annotations

from tests.databases.mysql_roads import tables_of
from tests.servers import MariaDB, rows, run_script

from hotfixture.databases import open_database
from hotfixture.schema import TableName


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
    tables = tables_of(mariadb_url, "c", "p")
    with open_database(mariadb_url) as database:
        whole, lean = database.ddl(tables).before, database.ddl(tables, indexes=False).before
    assert all(f"`{name}`" in whole for name in ("target", "plain", "words", "only_one", "counter"))
    assert all(f"`{name}`" in lean for name in ("target", "only_one", "counter"))
    assert not any(f"`{name}`" in lean for name in ("plain", "words"))


def test_drop_create_replaces_what_is_there(mariadb_server: MariaDB, mariadb_url: str) -> None:
    rows(mariadb_url, "CREATE TABLE p (id int PRIMARY KEY)")
    rows(mariadb_url, "CREATE TABLE c (id int PRIMARY KEY, p int, FOREIGN KEY (p) REFERENCES p (id))")
    tables = tables_of(mariadb_url, "p", "c")
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
    (table,) = tables_of(mariadb_url, "c")
    assert {reference.target for reference in table.references} == {TableName("", "near"), TableName(name, "far")}
    with open_database(mariadb_url) as database:
        assert "FOREIGN KEY" not in database.ddl([table]).before
        assert database.ddl(tables_of(mariadb_url, "c", "near")).before.count("FOREIGN KEY") == 1
    rows(mariadb_url, "DROP TABLE c")
    mariadb_server.drop(other)
