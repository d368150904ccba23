"""What inspect says of MySQL's and MariaDB's own kinds of tables, columns and keys."""

from __future__ import annotations

import pytest
from tests.databases.mysql_roads import numbers, only_mariadb
from tests.servers import rows

from hotfixture.databases import mysql_catalogue, open_database
from hotfixture.databases.mysql_connection import MYSQL
from hotfixture.schema import Schema, Table, TableName, Unique


def _schema(url: str, *statements: str) -> Schema:
    for statement in statements:
        rows(url, statement)
    with open_database(url) as database:
        return database.inspect()


def _table(schema: Schema, name: str) -> Table:
    return schema.tables[TableName("", name)]


def test_columns_say_what_decides_whether_a_value_fits(mariadb_url: str) -> None:
    table = _table(
        _schema(
            mariadb_url,
            """CREATE TABLE t (id int unsigned AUTO_INCREMENT PRIMARY KEY,
            v varchar(20) COLLATE utf8mb4_bin NOT NULL DEFAULT 'it''s',
            ci varchar(9) COLLATE utf8mb4_general_ci COMMENT 'a "comment"', x text, b varbinary(7), l longtext,
            e enum('a','it''s','b,c'), s set('x','y'), g int AS (id + 1) VIRTUAL, h int AS (1) STORED, n int INVISIBLE,
            at timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP)""",
        ),
        "t",
    )
    by = {column.name: column for column in table.columns}
    assert (by["id"].identity, by["id"].nullable, by["v"].nullable) == ("default", False, False)
    assert (by["v"].length, by["v"].default, by["v"].ignores_case) == (20, "'it''s'", False)
    assert (by["ci"].ignores_case, by["ci"].comment, by["ci"].default) == (True, 'a "comment"', None)
    assert [by[name].length for name in ("x", "b", "l", "e")] == [65535 // 4, 7, None, None]
    assert (by["e"].choices, by["s"].choices) == (("a", "it's", "b,c"), ("x", "y"))
    assert [by[name].generated for name in ("g", "h", "n", "at")] == [True, True, False, False]


def test_keys_over_prefixes_and_case_are_told_apart(mariadb_url: str) -> None:
    table = _table(
        _schema(
            mariadb_url,
            "CREATE TABLE t (a int NOT NULL, b varchar(99), UNIQUE ab (a, b), UNIQUE short (b(5), a), "
            "UNIQUE a (a), KEY no (b))",
        ),
        "t",
    )
    assert table.primary_key == ()
    assert table.identity == ("a",)
    assert {unique.name: (unique.columns, unique.expression) for unique in table.uniques} == {
        "ab": (("a", "b"), ""),
        "short": (("b", "a"), "left(`b`, 5), `a`"),
        "a": (("a",), ""),
    }


def test_references_keep_the_order_of_their_columns(mariadb_url: str) -> None:
    schema = _schema(
        mariadb_url,
        "CREATE TABLE p (x int, y int, u int UNIQUE, PRIMARY KEY (x, y), KEY (y, x))",
        "CREATE TABLE c (b int, a int, u int, CONSTRAINT two FOREIGN KEY (b, a) REFERENCES p (y, x), "
        "FOREIGN KEY (u) REFERENCES p (u))",
        "CREATE TABLE d (b int, CONSTRAINT three FOREIGN KEY (b) REFERENCES p (u))",
    )
    found = {reference.name: reference for reference in _table(schema, "c").references}
    assert (found["two"].columns, found["two"].target_columns) == (("b", "a"), ("y", "x"))
    assert len(found) == 2
    assert {str(reference.table) for reference in schema.referring(TableName("", "p"))} == {"c", "d"}


def test_kinds_checks_and_estimates(mariadb_url: str) -> None:
    schema = _schema(
        mariadb_url,
        "CREATE TABLE t (id int PRIMARY KEY, n int CHECK (n > 0), CONSTRAINT both_ CHECK (n < id)) COMMENT = 'a table'",
        "CREATE VIEW v AS SELECT id FROM t",
        "CREATE TABLE p (id int) PARTITION BY HASH (id) PARTITIONS 2",
        f"INSERT INTO t SELECT i + 1, 1 FROM ({numbers(2)}) AS n",
        "ANALYZE TABLE t",
    )
    assert {str(name): table.kind for name, table in schema.tables.items()} == {"t": "table", "v": "view", "p": "table"}
    table = _table(schema, "t")
    assert {check.expression.strip("()") for check in table.checks} == {"`n` > 0", "`n` < `id`"}
    assert 1500 < table.rows < 2500
    assert table.bytes > 10_000
    assert table.comment == "a table"
    assert schema.find("T") is table


def test_kinds_and_checks_that_only_mariadb_has(mariadb_url: str) -> None:
    only_mariadb(mariadb_url, "sequences, versions of rows, or json that is text under a check")
    schema = _schema(
        mariadb_url,
        "CREATE TABLE t (id int PRIMARY KEY, j json)",
        "CREATE SEQUENCE s",
        "CREATE TABLE w (id int) WITH SYSTEM VERSIONING",
    )
    assert {str(name): table.kind for name, table in schema.tables.items()} == {"t": "table", "w": "table"}
    assert [check.expression for check in _table(schema, "t").checks] == ["json_valid(`j`)"]


def test_names_compare_without_case(mariadb_url: str) -> None:
    schema = _schema(mariadb_url, "CREATE TABLE `Mixed Case` (`Id` int)")
    assert schema.find("mixed case") is _table(schema, "Mixed Case")


@pytest.mark.parametrize(
    ("default", "native", "extra", "expected"),
    [
        ("it's", "varchar(9)", "", "'it''s'"),
        ("7", "int", "", "7"),
        ("0.5", "decimal(3,1)", "", "0.5"),
        ("b'1'", "bit(1)", "", "b'1'"),
        ("CURRENT_TIMESTAMP", "timestamp", "DEFAULT_GENERATED", "CURRENT_TIMESTAMP"),
        ("uuid()", "varchar(36)", "DEFAULT_GENERATED", "(uuid())"),
        (None, "int", "", None),
    ],
)
def test_defaults_of_mysql_become_sql(default: str | None, native: str, extra: str, expected: str | None) -> None:
    """MySQL's catalogue gives literals bare; its rows are as its reference manual describes them."""
    row = ["c", native, "YES", None, extra, default, None, "", None]
    column = mysql_catalogue._column(row, MYSQL)
    assert (column.default, column.generated) == (expected, False)


def test_a_functional_key_of_mysql_is_an_expression_over_its_columns() -> None:
    unique = mysql_catalogue._unique("u", [(None, None, "lower(`email`)"), ("tenant", None, None)])
    assert unique == Unique("u", ("tenant", "email"), expression="lower(`email`), `tenant`")
