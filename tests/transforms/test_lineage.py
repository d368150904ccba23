"""Where each output column of a query came from."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pyarrow as pa
import pytest

from hotfixture.errors import RefusedError, Where
from hotfixture.schema import Column, Schema, Table, TableName
from hotfixture.transforms.bind import bind
from hotfixture.transforms.lineage import Lineage, trace

DIALECTS = ["postgresql", "mysql", "sqlite"]
LAYOUT = {
    "users": ("id", "email", "name"),
    "orders": ("id", "user_id", "note"),
    "mails": ("id", "mail"),
    "Odd Name": ("ID", "E Mail"),
}


def schema(dialect: str) -> Schema:
    home = {"postgresql": "public", "mysql": "shop", "sqlite": ""}[dialect]
    tables = []
    for title, columns in LAYOUT.items():
        kind = "view" if title == "mails" else "table"
        fields = tuple(Column(name, pa.string()) for name in columns)
        tables.append(Table(TableName(home, title), fields, primary_key=columns[:1], kind=kind))
    if dialect == "postgresql":
        tables.append(Table(TableName("audit", "users"), (Column("id", pa.string()), Column("secret", pa.string()))))
    return Schema({table.name: table for table in tables}, default_schema=home, folds_case=dialect != "postgresql")


def traced(sql: str, dialect: str = "postgresql", **options: object) -> Lineage:
    return trace(sql, schema(dialect), dialect, **options)  # type: ignore[arg-type]  # each test passes what it tries


def told(sql: str, dialect: str = "postgresql", **options: object) -> list[str]:
    """Per column `name=copies~derived`, tables without their schema."""

    def spelled(origins: frozenset[tuple[TableName, str]]) -> str:
        return "+".join(sorted(f"{table.name}.{column}" for table, column in origins))

    columns = traced(sql, dialect, **options).columns
    return [f"{item.name}={spelled(item.copies)}~{spelled(item.derived_from)}".removesuffix("~") for item in columns]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT * FROM users", ["id=users.id", "email=users.email", "name=users.name"]),
        ("SELECT u.email AS x FROM users u", ["x=users.email"]),
        ("SELECT (email) AS x FROM users", ["x=users.email"]),
        ("SELECT lower(email) AS x FROM users", ["x=~users.email"]),
        ("SELECT coalesce(email, name) AS x FROM users", ["x=~users.email+users.name"]),
        ("SELECT 1 AS x", ["x="]),
        ("SELECT count(*) AS x, count(email) AS y FROM users", ["x=", "y="]),
        ("SELECT email FROM users UNION SELECT note FROM orders", ["email=orders.note+users.email"]),
        ("SELECT email AS x FROM users UNION ALL SELECT lower(note) FROM orders", ["x=users.email~orders.note"]),
        ("SELECT email AS x FROM users UNION ALL SELECT 'none'", ["x=users.email"]),
        ("SELECT id FROM users JOIN orders USING (id)", ["id=orders.id+users.id"]),
        ("SELECT users.id FROM users JOIN orders USING (id)", ["id=users.id"]),
        ("SELECT * FROM (SELECT email AS x FROM users) AS q", ["x=users.email"]),
        ("WITH c(x) AS (SELECT email FROM users) SELECT c.x AS y FROM c", ["y=users.email"]),
        ("SELECT (SELECT max(note) FROM orders WHERE user_id = u.id) AS x FROM users u", ["x=~orders.note"]),
        ("SELECT (SELECT email FROM users LIMIT 1) AS x FROM orders", ["x=users.email"]),
        ("SELECT CASE WHEN email > 'a' THEN 1 END AS x FROM users", ["x=~users.email"]),
        ("SELECT lag(email) OVER (ORDER BY name) AS x FROM users", ["x=~users.email"]),
        ("SELECT id IN (SELECT user_id FROM orders) AS x FROM users", ["x=~orders.user_id+users.id"]),
        (
            "SELECT o.* FROM users u JOIN orders o ON true",
            ["id=orders.id", "user_id=orders.user_id", "note=orders.note"],
        ),
        ("SELECT mail FROM mails", ["mail=mails.mail"]),
        (
            """WITH RECURSIVE r(n, a, b) AS (SELECT 1, name, email FROM users
               UNION ALL SELECT n + 1, b, a FROM r WHERE n < 3) SELECT a AS x FROM r""",
            ["x=users.email+users.name"],
        ),
    ],
)
def test_each_output_column_names_its_sources(dialect: str, sql: str, expected: list[str]) -> None:
    assert told(sql, dialect) == expected


def test_a_plain_copy_is_told_from_an_expression() -> None:
    copy, derived, both, constant = traced(
        "SELECT email, upper(email), email, 1 FROM users UNION ALL SELECT name, name, lower(name), 2 FROM users"
    ).columns
    assert [item.is_plain_copy for item in (copy, derived, both, constant)] == [True, False, False, False]
    assert {name for _, name in both.origins} == {"email", "name"}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "clause",
    [
        "WHERE email = 'a'",
        "WHERE id IN (SELECT id FROM users WHERE email = 'a')",
        "WHERE EXISTS (SELECT 1 FROM users v WHERE v.email = users.name)",
        "GROUP BY users.id, email",
        "GROUP BY users.id HAVING max(email) > 'a'",
        "ORDER BY email",
        "ORDER BY lower(email)",
        "JOIN orders ON note = email",
        "JOIN (SELECT email FROM users) AS v USING (email)",
        "JOIN (SELECT id FROM users ORDER BY email LIMIT 1) AS v ON v.id = users.id",
    ],
)
def test_columns_that_decide_about_rows_are_the_second_channel(dialect: str, clause: str) -> None:
    lineage = traced(f"SELECT users.id FROM users {clause}", dialect)
    assert "email" in {name for table, name in lineage.filters if table.name == "users"}
    assert {name for item in lineage.columns for _, name in item.origins} == {"id"}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_order_and_group_by_position_count_as_their_columns(dialect: str) -> None:
    lineage = traced("SELECT name, email, count(*) FROM users GROUP BY 1, 2 ORDER BY 2", dialect)
    assert {name for _, name in lineage.filters} == {"email", "name"}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_sent_query_has_every_star_and_table_written_out(dialect: str) -> None:
    lineage = traced("SELECT * FROM users JOIN orders USING (id)", dialect)
    assert "*" not in lineage.sql
    assert [item.name for item in lineage.columns] == ["id", "email", "name", "user_id", "note"]
    home = {"postgresql": '"public"."users"', "mysql": "`shop`.`users`", "sqlite": '"users"'}[dialect]
    assert home in lineage.sql
    assert {table.name for table in lineage.tables} == {"users", "orders"}


@pytest.mark.parametrize(
    ("dialect", "sql", "expected"),
    [
        ("postgresql", "SELECT EMAIL, Users.NAME FROM USERS", ["email=users.email", "name=users.name"]),
        ("postgresql", 'SELECT "E Mail" AS x FROM "Odd Name"', ["x=Odd Name.E Mail"]),
        ("postgresql", "SELECT secret FROM audit.users", ["secret=users.secret"]),
        ("mysql", "SELECT EMAIL FROM users", ["EMAIL=users.email"]),
        ("mysql", "SELECT `e mail` AS x FROM `Odd Name`", ["x=Odd Name.E Mail"]),
        ("mysql", "SELECT shop.users.email FROM shop.users", ["email=users.email"]),
        ("sqlite", "SELECT [e MAIL] AS x FROM [odd name]", ["x=Odd Name.E Mail"]),
        ("sqlite", "SELECT rowid FROM users", ["rowid=~users.id"]),
    ],
)
def test_names_follow_each_engine(dialect: str, sql: str, expected: list[str]) -> None:
    assert told(sql, dialect) == expected


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("postgresql", 'SELECT "EMAIL" FROM users'),
        ("postgresql", "SELECT email FROM odd_schema.users"),
        ("postgresql", "SELECT secret FROM users"),
        ("postgresql", "SELECT id FROM users JOIN orders ON true"),
        ("postgresql", "SELECT * FROM (SELECT 1 AS x, 2 AS x) AS q"),
        ("postgresql", "SELECT x FROM generate_series(1, 2) AS t(x), (SELECT 1 AS x) AS q"),
        ("postgresql", "SELECT email FROM users AS a(i, c)"),
        ("postgresql", "SELECT i FROM users AS a(i, c, d, e)"),
        ("postgresql", "SELECT u.email FROM users AS u, (SELECT u.email) AS q"),
        ("postgresql", "SELECT 1, 2 UNION SELECT 1"),
        ("postgresql", "SELECT other.* FROM users"),
        ("mysql", "SELECT * FROM (SELECT count(*) FROM users) AS q"),
        ("postgresql", "SELECT id FROM users TABLESAMPLE bernoulli ((SELECT max(id) FROM users))"),
        ("postgresql", "WITH unused AS (SELECT x FROM nowhere) SELECT id FROM users"),
        ("sqlite", "SELECT missing FROM users"),
        ("sqlite", 'SELECT "missing" FROM users'),
        ("sqlite", "SELECT * FROM elsewhere"),
        ("sqlite", "WITH a AS (SELECT * FROM b), b AS (SELECT * FROM a) SELECT * FROM a"),
    ],
)
def test_what_stays_unresolved_is_refused(dialect: str, sql: str) -> None:
    with pytest.raises(RefusedError):
        traced(sql, dialect)


def test_a_refusal_names_the_place_in_the_users_file() -> None:
    with pytest.raises(RefusedError, match="nonsense") as caught:
        traced("SELECT id,\n  nonsense\nFROM users", where=Where("t.yaml", 5, 9))
    assert caught.value.problems[0].where == Where("t.yaml", 6, 3)


@pytest.mark.parametrize(
    ("dialect", "definition"),
    [
        ("postgresql", " SELECT users.id,\n    lower((users.email)::text) AS mail\n   FROM users;"),
        ("mysql", "select `shop`.`users`.`id` AS `id`,lcase(`shop`.`users`.`email`) AS `mail` from `shop`.`users`"),
        ("sqlite", "CREATE VIEW mails(id, mail) AS SELECT id, lower(email) FROM users -- all"),
    ],
)
def test_a_view_is_traced_through_its_definition_as_the_engine_gives_it(dialect: str, definition: str) -> None:
    views = {name: definition for name in schema(dialect).tables if name.name == "mails"}
    assert told("SELECT mail FROM mails", dialect, views=views) == ["mail=~users.email"]
    assert not traced("SELECT mail FROM mails", dialect, views=views).views


def test_a_view_without_definition_is_a_table_that_is_told() -> None:
    assert traced("SELECT mail FROM mails").views == {TableName("public", "mails")}


@pytest.mark.parametrize(
    "definition", ["SELECT 1", "DELETE FROM users", "SELECT id, nonsense FROM users", "SELECT * FROM mails", "("]
)
def test_a_view_that_cannot_be_traced_is_refused_by_name(definition: str) -> None:
    with pytest.raises(RefusedError, match="mails"):
        traced("SELECT mail FROM mails", views={TableName("public", "mails"): definition})


def test_a_bound_query_is_traced_and_left_as_it_was() -> None:
    tree = bind("SELECT * FROM users WHERE id IN (${ids}) LIMIT ${n}", {"ids": [1, 2], "n": 3}, "postgresql")
    before = tree.copy()
    assert trace(tree, schema("postgresql"), "postgresql").sql.endswith("WHERE id IN (1, 2) LIMIT 3")
    assert tree == before


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_work_for_a_query_grows_as_its_lines_do(dialect: str) -> None:
    tables = schema(dialect)
    short, long = _query(10), _query(40)
    assert short.count("\n") > 90
    assert long.count("\n") > 360
    for sql in (short, long):
        assert len(trace(sql, tables, dialect).columns) == 5  # and what is made once is made
    assert _calls(lambda: trace(long, tables, dialect)) < 6 * _calls(lambda: trace(short, tables, dialect))


def _query(parts: int) -> str:
    made = [
        f"part{number} AS (\n  SELECT u.id,\n    u.email AS mail{number},\n    upper(u.name) AS name{number},\n"
        f"    count(o.id) AS orders{number}\n  FROM users u\n  LEFT JOIN orders o ON o.user_id = u.id\n"
        f"  WHERE u.id > {number}\n  GROUP BY u.id, u.email, u.name\n)"
        for number in range(parts)
    ]
    return f"WITH {', '.join(made)}\nSELECT part0.*, part1.mail1\nFROM part0\nJOIN part1 ON part1.id = part0.id"


def _calls(work: Callable[[], object]) -> int:
    """Calls of functions that some work takes: no clock, so the same on a busy machine."""
    count = 0

    def counted(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count
