"""Parameter values in SQL: what goes in comes out, and nothing else can be said with it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.servers import mysql_options

from hotfixture.errors import HotFixtureError, InputError, RefusedError, Where
from hotfixture.schema import TableName
from hotfixture.transforms.bind import bind, bind_condition, placeholders
from hotfixture.transforms.dialects import regenerate
from hotfixture.transforms.guard import check

DIALECTS = ["postgresql", "mysql", "sqlite"]
HERE = Where("t.yaml", 10, 5)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    [
        "'",
        "\\",
        "\\'",
        "''",
        "\\\\'",
        "'; DROP TABLE t; --",
        "/*! */",
        "\0",
        "\x1a",
        "%s",
        "${v}",
        "$1",
        ":a",
        "𝒳😀",
        "\r\n",
        '"',
        "`",
    ]
)
FAST = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def bound(sql: str, values: dict[str, object], dialect: str) -> str:
    return regenerate(check(bind(sql, values, dialect, HERE), dialect), dialect)


def select_all(texts: list[str], dialect: str) -> str:
    names = {f"v{number}": text for number, text in enumerate(texts)}
    return bound("SELECT " + ", ".join(f"${{{name}}}" for name in names), names, dialect)


@pytest.fixture
def postgresql(postgresql_url: str) -> Callable[..., list[Any]]:
    import asyncpg

    async def first_row(sql: str, **server_settings: str) -> list[Any]:
        connection = await asyncpg.connect(postgresql_url, server_settings=server_settings)
        try:
            return list(await connection.fetchrow(sql))
        finally:
            await connection.close()

    return lambda sql, **settings: asyncio.run(first_row(sql, **settings))


@pytest.fixture
def mariadb(mariadb_url: str) -> Callable[..., list[Any]]:
    import pymysql

    def first_row(sql: str, mode: str = "") -> list[Any]:
        connection = pymysql.connect(**mysql_options(mariadb_url), charset="utf8mb4", sql_mode=mode)
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchone())

    return first_row


@FAST
@given(st.lists(TEXTS.filter(lambda text: "\0" not in text), min_size=1, max_size=20))
def test_any_text_comes_back_from_postgresql_as_it_was(postgresql: Callable[..., list[Any]], texts: list[str]) -> None:
    sql = select_all(texts, "postgresql")
    assert postgresql(sql) == texts
    assert postgresql(sql, standard_conforming_strings="off") == texts


@FAST
@given(st.lists(TEXTS, min_size=1, max_size=20))
def test_any_text_comes_back_from_mariadb_as_it_was(mariadb: Callable[..., list[Any]], texts: list[str]) -> None:
    sql = select_all(texts, "mysql")
    for mode in ("", "NO_BACKSLASH_ESCAPES", "ANSI_QUOTES"):
        assert mariadb(sql, mode) == texts


@FAST
@given(st.lists(TEXTS, min_size=1, max_size=20))
def test_any_text_comes_back_from_sqlite_as_it_was(texts: list[str]) -> None:
    assert list(sqlite3.connect(":memory:").execute(select_all(texts, "sqlite")).fetchone()) == texts


MOMENT = datetime(2024, 2, 29, 23, 59, 59, 123456)  # noqa: DTZ001 - a wall clock without zone is meant
ZONED = datetime(2024, 3, 1, 1, 0, tzinfo=timezone(timedelta(hours=2)))
VALUES: dict[str, object] = {
    "whole": 9223372036854775807, "below": -5, "exact": Decimal("-1234567890123456789.0123456789"), "none": None,
    "yes": True, "day": date(1999, 12, 31), "moment": MOMENT, "zoned": ZONED, "real": 1.5e300,
}  # fmt: skip
ALL = "SELECT ${whole}, 1 - ${below}, ${exact}, ${none}, ${yes}, ${day}, ${moment}, ${zoned}, ${real}"


def test_every_type_of_value_comes_back_from_postgresql(postgresql: Callable[..., list[Any]]) -> None:
    row = postgresql(bound(ALL.replace("${real}", "${real}::float8"), VALUES, "postgresql"))
    assert row == [
        VALUES["whole"],
        6,
        VALUES["exact"],
        None,
        True,
        VALUES["day"],
        MOMENT,
        ZONED.astimezone(UTC),
        1.5e300,
    ]


def test_every_type_of_value_comes_back_from_mariadb(mariadb: Callable[..., list[Any]]) -> None:
    utc = ZONED.astimezone(UTC).replace(tzinfo=None)
    row = mariadb(bound(ALL, VALUES, "mysql"))
    assert row == [VALUES["whole"], 6, VALUES["exact"], None, True, VALUES["day"], MOMENT, utc, 1.5e300]


def test_every_type_of_value_comes_back_from_sqlite_dates_as_its_own_text() -> None:
    row = list(sqlite3.connect(":memory:").execute(bound(ALL, VALUES, "sqlite")).fetchone())
    del row[2]  # SQLite has no exact decimals
    times = ["1999-12-31", "2024-02-29 23:59:59.123456", "2024-02-29 23:00:00"]
    assert row == [VALUES["whole"], 6, None, 1, *times, 1.5e300]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_lists_go_into_in_and_an_empty_one_is_false(dialect: str) -> None:
    values = {"some": [1, "b", None], "none": [], "one": 7, "period.start": 3}
    assert bound("SELECT a IN (${some}, ${one}, 8) FROM t", values, dialect).count(", ") == 4
    assert "WHERE (1 = 0)" in bound("SELECT a FROM t WHERE a IN (${none})", values, dialect)
    assert "WHERE (1 = 1)" in bound("SELECT a FROM t WHERE a NOT IN (${none})", values, dialect)
    assert "IN (7)" in bound("SELECT a FROM t WHERE a IN (${none}, ${one})", values, dialect)
    assert bound("SELECT a FROM t WHERE a = ${ period.start } LIMIT ${one}", values, dialect).endswith("a = 3 LIMIT 7")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_placeholder_in_a_comment_does_no_harm(dialect: str) -> None:
    assert bound("SELECT a -- not ${one} today\nFROM t", {"one": 1}, dialect) == "SELECT a FROM t"


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("sql", "column"),
    [
        ("SELECT '${one}' FROM t", 13),
        ("SELECT 'a' || 'x${one}y' FROM t", 21),
        ("SELECT a FROM ${one}", 19),
        ("SELECT a FROM t ORDER BY ${one}", 30),
        ("SELECT a FROM t GROUP BY ${one}", 30),
        ("SELECT t.${one} FROM t", 14),
        ("SELECT ${one}.a FROM t", 12),
        ("SELECT a AS ${one} FROM t", 17),
        ("SELECT a ${one} FROM t", 14),
        ("SELECT ${one}(1)", 12),
        ("SELECT CAST(a AS VARCHAR(${one})) FROM t", 30),
        ("SELECT a COLLATE ${one} FROM t", 22),
        ("SELECT ${many}", 12),
        ("SELECT a = (${many})", 17),
        ("SELECT a IN ${many} FROM t", 17),
        ("SELECT a FROM t LIMIT ${text}", 27),
        ("SELECT a FROM t LIMIT ${minus}", 27),
        ("SELECT a FROM t LIMIT 1 OFFSET ${yes}", 36),
        ("SELECT a FROM t JOIN u USING (${one})", 35),
        ("WITH ${one} AS (SELECT 1) SELECT 1", 10),
        ("SELECT ${", 12),
        ("SELECT ${1}", 12),
        ("SELECT ${on}", 12),
    ],
)
def test_a_value_can_stand_only_where_a_value_stands(dialect: str, sql: str, column: int) -> None:
    values = {"one": 1, "many": [1, 2], "text": "1; DROP TABLE t", "minus": -1, "yes": True}
    with pytest.raises(InputError) as caught:
        bind(sql, values, dialect, HERE)
    assert caught.value.problems[0].where == Where("t.yaml", 10, column)


@pytest.mark.parametrize(
    ("quote", "dialect"), [('"', "postgresql"), ("`", "mysql"), ('"', "mysql"), ('"', "sqlite"), ("`", "sqlite")]
)
def test_no_quoted_name_takes_a_value(quote: str, dialect: str) -> None:
    with pytest.raises(InputError, match="cannot stand inside"):
        bind(f"SELECT {quote}${{one}}{quote} FROM t", {"one": 1}, dialect)


def test_all_problems_are_told_at_once_with_their_places() -> None:
    with pytest.raises(InputError) as caught:
        bind("SELECT ${a},\n '${b}',\n ${c}", {"b": 1}, "sqlite", HERE)
    assert [(problem.where.line, problem.where.column) for problem in caught.value.problems if problem.where] == [
        (10, 12),
        (12, 2),
    ]


@pytest.mark.parametrize("value", [float("nan"), Decimal("Infinity"), object(), b"x", "\ud800", {"a": 1}, [[1]]])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_value_without_a_literal_is_refused(dialect: str, value: object) -> None:
    with pytest.raises(InputError):
        bind("SELECT a IN (${v}) FROM t", {"v": value}, dialect)


def test_a_text_with_nul_is_refused_where_the_engine_has_none() -> None:
    with pytest.raises(InputError, match="NUL"):
        bind("SELECT ${v}", {"v": "a\0b"}, "postgresql")


def test_placeholders_are_found_with_their_places() -> None:
    found = [(item.name, item.line, item.column) for item in placeholders("a ${x}\n  ${ y.z } '${x}' ${")]
    assert found == [("x", 1, 3), ("y.z", 2, 3), ("x", 2, 13), ("", 2, 19)]


def test_messages_after_a_placeholder_keep_their_columns() -> None:
    with pytest.raises(RefusedError) as caught:
        check(bind("SELECT ${one}, pg_sleep(1)", {"one": 1}, "postgresql", HERE), "postgresql", where=HERE)
    assert caught.value.problems[0].where == Where("t.yaml", 10, 20)


@pytest.mark.parametrize(
    "condition",
    ["1 = 1) OR (2 = 2", "a = 1 UNION SELECT 1", "a = 1 ORDER BY 1", "a = 1; DELETE FROM t", "", "1 FROM t"],
)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_condition_is_a_condition_and_no_more(dialect: str, condition: str) -> None:
    with pytest.raises(HotFixtureError):
        bind_condition(condition, TableName("s", "t"), {}, dialect)


def test_a_condition_becomes_a_query_on_its_table() -> None:
    tree = bind_condition("id IN (${ids}) -- all", TableName("s", "t"), {"ids": [1, 2]}, "postgresql")
    assert regenerate(check(tree, "postgresql"), "postgresql") == 'SELECT 1 FROM "s"."t" WHERE id IN (1, 2)'
