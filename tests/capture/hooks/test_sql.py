"""What the hooks on database drivers share: names of operations, parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hotfixture.capture.hooks.sql import asked, operation


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("select * from orders", "SELECT orders"),
        ("  -- all of them\n SELECT o.id FROM shop.orders o JOIN customers c ON true", "SELECT shop.orders, customers"),
        ("/* from nowhere */ SELECT 'from x' FROM \"Or ders\"", "SELECT Or ders"),
        ('INSERT INTO "orders" (id) VALUES (?)', "INSERT orders"),
        ("UPDATE `orders` SET a = 1", "UPDATE orders"),
        ("DELETE FROM [orders] WHERE id = 1", "DELETE orders"),
        ("CREATE TABLE IF NOT EXISTS orders (id int)", "CREATE orders"),
        ("DROP TABLE orders", "DROP orders"),
        ("SELECT * FROM orders WHERE id IN (SELECT id FROM lines)", "SELECT orders"),
        ("SELECT * FROM (SELECT id FROM lines) AS x", "SELECT lines"),
        ("WITH a AS (SELECT 1 FROM x), b AS (SELECT 2) SELECT * FROM a JOIN orders ON true", "SELECT orders"),
        ("WITH RECURSIVE t AS (SELECT 1) DELETE FROM orders", "DELETE orders"),
        ("INSERT INTO a SELECT * FROM b JOIN c ON true JOIN d ON true", "INSERT a, b, c"),
        ("SELECT * FROM orders, LATERAL (SELECT 1) x", "SELECT orders"),
        ("CALL twice(1)", "CALL twice"),
        ("BEGIN", "BEGIN"),
        ("", "EMPTY"),
        ("((((", "EMPTY"),
    ],
)
def test_an_operation_is_the_verb_and_the_main_tables(statement: str, name: str) -> None:
    assert operation(statement) == name


def test_naming_takes_time_in_proportion_to_the_statement() -> None:
    from time import thread_time

    statement = "SELECT " + "(" * 20_000 + "1" + ")" * 20_000 + " FROM orders WHERE " + "a = 'x' AND " * 20_000
    began = thread_time()
    operation(statement)
    assert thread_time() - began < 2


def test_tuples_and_lists_of_parameters_are_the_same_and_sets_of_them_are_a_list() -> None:
    assert asked("S", (1, "a")) == asked("S", [1, "a"]) == {"statement": "S", "parameters": [1, "a"]}
    assert asked("S", {"a": 1}) == {"statement": "S", "parameters": {"a": 1}}

    def sets() -> Iterator[Any]:
        yield (1,)
        yield {"a": 2}

    assert asked("S", sets(), many=True) == {"statement": "S", "parameters": [[1], {"a": 2}], "many": True}
