"""Every way for values to come to be: what its values promise, at any rows and in any pieces."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.errors import InputError
from hotfixture.plans.seed import read

RICH = """
seed: 7
tables:
  - name: users
    count: 300
    columns:
      - {name: id, type: bigint, primary_key: true}
      - {name: first_name}
      - {name: created_at, type: timestamp, params: {low: "2023-01-01", high: "2024-01-01"}}
      - {name: orders_count, expression: "count(orders.id)"}
  - name: orders
    count: 0..4 per users
    columns:
      - {name: id, type: bigint, primary_key: true}
      - {name: user_id, references: users.id}
      - {name: created_at, after: users.created_at, within: 90d}
      - {name: shipped_at, cases: [{when: "status = 'shipped'", after: created_at, within: 5d}]}
      - {name: status, states: {transitions: {new: {paid: 4, cancelled: 1}, paid: {shipped: 3}}, steps: 0..3}}
      - {name: total, type: "decimal(12,2)", expression: "coalesce(sum(lines.amount), 0)"}
      - {name: greeting, expression: "'Hello ' || users.first_name"}
  - name: lines
    count: 1..5 per orders
    primary_key: [order_id, line_no]
    columns:
      - {name: order_id, references: orders.id}
      - {name: line_no, line_no: true}
      - {name: price, type: "decimal(10,2)", params: {low: 1, high: 100}}
      - {name: quantity, type: integer, params: {low: 1, high: 9}}
      - {name: amount, expression: "price * quantity"}
  - name: meters
    count: 3
    columns: [{name: id, primary_key: true}]
  - name: readings
    count: 400 per meters
    columns:
      - {name: meter_id, references: meters.id}
      - {name: at, every: 1h, start: 2024-03-04}
      - {name: kwh, type: "decimal(8,3)", series: {at: at, base: 10, daily: 4, peak: {daily: 0.75}, noise: 0.5, low: 0}}
  - name: events
    count: 6 per users
    columns:
      - {name: user_id, references: users.id}
      - {name: n, line_no: true}
      - {name: state, states: {start: visitor, transitions: {visitor: [lead, visitor], lead: [customer, lost]}}}
  - name: comments
    count: 500
    columns:
      - {name: id, primary_key: true}
      - {name: subject_type, type_of: subject_id}
      - {name: subject_id, references_any: {User: users.id, Order: {to: orders.id, weight: 3}}}
collections:
  - name: profiles
    count: 200
    fields:
      - {name: _id, type: bigint, primary_key: true}
      - name: address
        fields:
          - {name: city}
          - {name: postcode}
          - {name: geo, fields: [{name: latitude}, {name: note, value: x, null: 0.5}]}
      - {name: tags, items: {values: [a, b, c]}, size: 0..3}
"""
PLAN = read(RICH)
NAMES = [table.name for table in PLAN.tables]


def rows(name: str) -> list[dict[str, Any]]:
    table = PLAN.table(name)
    found: list[dict[str, Any]] = table.batch(0, table.count).to_pylist()
    return found


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_any_piece_is_the_same_rows_for_every_kind(name: str, data: st.DataObject) -> None:
    table = PLAN.table(name)
    first = data.draw(st.integers(0, max(table.count - 1, 0)))
    count = data.draw(st.integers(0, min(60, table.count - first)))
    assert table.batch(first, count).to_pylist() == rows_of(name)[first : first + count]


_KEPT: dict[str, list[dict[str, Any]]] = {}


def rows_of(name: str) -> list[dict[str, Any]]:
    if name not in _KEPT:
        _KEPT[name] = rows(name)
    return _KEPT[name]


def test_a_total_is_the_sum_of_its_lines_to_the_cent() -> None:
    sums: dict[int, Decimal] = defaultdict(Decimal)
    for line in rows_of("lines"):
        assert line["amount"] == line["price"] * line["quantity"]
        sums[line["order_id"]] += line["amount"]
    assert all(order["total"] == sums[order["id"]] for order in rows_of("orders"))


def test_a_count_of_children_is_their_number_and_zero_where_there_are_none() -> None:
    counts: dict[int, int] = defaultdict(int)
    for order in rows_of("orders"):
        counts[order["user_id"]] += 1
    assert [user["orders_count"] for user in rows_of("users")] == [counts[user["id"]] for user in rows_of("users")]
    assert any(user["orders_count"] == 0 for user in rows_of("users"))


def test_an_expression_reads_the_parent_of_its_row() -> None:
    names = {user["id"]: user["first_name"] for user in rows_of("users")}
    assert all(order["greeting"] == f"Hello {names[order['user_id']]}" for order in rows_of("orders"))


def test_what_comes_after_comes_after_and_within() -> None:
    created = {user["id"]: user["created_at"] for user in rows_of("users")}
    for order in rows_of("orders"):
        assert timedelta(0) <= order["created_at"] - created[order["user_id"]] < timedelta(days=90)


def test_a_case_without_a_condition_that_holds_is_null() -> None:
    assert any(order["status"] == "shipped" for order in rows_of("orders"))
    for order in rows_of("orders"):
        assert (order["shipped_at"] is not None) == (order["status"] == "shipped")
        assert order["shipped_at"] is None or order["shipped_at"] >= order["created_at"]


def test_states_follow_each_other_only_as_the_transitions_say() -> None:
    allowed = {("visitor", "lead"), ("visitor", "visitor"), ("lead", "customer"), ("lead", "lost")}
    allowed |= {("customer", "customer"), ("lost", "lost")}
    before: dict[int, str] = {}
    for event in rows_of("events"):
        if event["n"] == 1:
            assert event["state"] == "visitor"
        else:
            assert (before[event["user_id"]], event["state"]) in allowed
        before[event["user_id"]] = event["state"]
    assert len(set(before.values())) >= 3


def test_a_series_rises_and_falls_with_the_day() -> None:
    hours: dict[int, list[Decimal]] = defaultdict(list)
    for reading in rows_of("readings"):
        hours[reading["at"].hour].append(reading["kwh"])
    means = {hour: sum(values) / len(values) for hour, values in hours.items()}
    assert max(means, key=lambda hour: means[hour]) in (17, 18, 19)
    assert means[18] - means[6] > 7


def test_moments_stand_at_even_distances_for_each_parent() -> None:
    first = [reading for reading in rows_of("readings") if reading["meter_id"] == 2]
    assert first[0]["at"] == datetime(2024, 3, 4)  # noqa: DTZ001 - the column has no time zone
    assert {later["at"] - earlier["at"] for earlier, later in pairwise(first)} == {timedelta(hours=1)}


def test_a_polymorphic_key_is_one_of_the_table_that_its_type_names() -> None:
    users, orders = ({row["id"] for row in rows_of(name)} for name in ("users", "orders"))
    found = rows_of("comments")
    assert all(row["subject_id"] in (users if row["subject_type"] == "User" else orders) for row in found)
    assert 60 < sum(row["subject_type"] == "User" for row in found) < 190


def test_structures_and_lists_hold_what_they_declare() -> None:
    profiles = rows_of("profiles")
    assert all(set(row["address"]) == {"city", "postcode", "geo"} for row in profiles)
    assert {len(row["tags"]) for row in profiles} == {0, 1, 2, 3}
    assert {tag for row in profiles for tag in row["tags"]} == {"a", "b", "c"}
    notes = [row["address"]["geo"]["note"] for row in profiles]
    assert 60 < notes.count(None) < 140


def schema(column: str, *, more: str = "") -> str:
    columns = f"      - {{name: a, type: integer}}\n      - {column}\n"
    return f"tables:\n  - name: t\n    count: 10\n    columns:\n{columns}{more}"


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("{name: b, expression: 'random()'}", "rand"),
        ("{name: b, expression: 'now()'}", "current_timestamp|now"),
        ("{name: b, expression: '(SELECT 1)'}", "no place"),
        ("{name: b, expression: 'nobody + 1'}", "unknown column of t 'nobody'"),
        ("{name: b, expression: 'a +'}", "expression"),
        ("{name: b, expression: 'a + c'}, {name: c, expression: 'b + 1'}", "needs the next|t.b → t.c"),
        ("{name: b, expression: 'sum(u.x)'}", "no children"),
        ("{name: b, after: a}", "dates or timestamps"),
        ("{name: b, generator: no_such}", "unknown generator"),
        ("{name: b, generator: integer, params: {low: x}}", "low=x"),
        ("{name: b, generator: integer, params: {lowest: 1}}", "lowest"),
        ("{name: b, values: [x, y], unique: true}", "2 values for 10 rows"),
        ("{name: b, generator: integer, params: {low: 1, high: 3}, unique: true}", "3 distinct values for 10 rows"),
        ("{name: b, generator: integer, values: [1]}", "both say"),
        ("{name: b, type: inteher}", "integer"),
        ("{name: b, references: users.id}", "unknown table 'users'"),
        ("{name: b, line_no: true}", "children of a parent"),
        ("{name: b, states: {transitions: {a: {b: 0}}}}", "above zero"),
        ("{name: b, series: {at: a}}", "dates or timestamps"),
        ("{name: b, null: 1.5}", "null"),
        ("{name: b, type: integer, generator: first_name}", "integer"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(column: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        read(schema("\n      - ".join(column.split("}, {")).replace("\n      - name", "}\n      - {name")))
    assert all(problem.where and problem.where.line >= 5 for problem in caught.value.problems)


def test_all_problems_of_a_schema_are_said_at_once() -> None:
    text = schema(
        "{name: b, generator: no_such}\n      - {name: c, expression: 'now()'}\n      - {name: d, type: whatever}"
    )
    with pytest.raises(InputError) as caught:
        read(text)
    assert len(caught.value.problems) >= 3
