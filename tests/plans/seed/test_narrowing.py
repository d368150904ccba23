"""Open columns keep the checks of their table; declared ones stay as they are declared."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from hotfixture.errors import InputError
from hotfixture.plans.seed import read
from hotfixture.plans.seed.calls import examined

COUNT = 3000
COLUMNS = """
tables:
  t:
    count: 3000
    columns:
      id: {type: integer, primary_key: true}
      qty: integer
      small: smallint
      size: bigint unsigned
      status: text
      flag: integer
      price: numeric(8,2)
      ratio: double
      code: {generator: sentence}
      starts: date
      ends: date
      opened: timestamp
      closed: {type: timestamp, nulls: 0.3}
    checks:
"""
CHECKS = [
    "qty >= 1 AND qty <= 100",
    "qty > 2000000",
    "qty < -5",
    "small > 5",
    "size > 0",
    "status IN ('a', 'b') OR status IS NULL",
    "json_valid(status)",
    "flag = 1 OR flag = 0",
    "price > 0 AND price < 0.5",
    "price >= 999999.99",
    "ratio > 0.25 AND ratio < 0.5",
    "ratio <= -1",
    "char_length(code) <= 12",
    "starts > '2020-01-01' AND starts <= '2020-01-09'",
    "starts < '1990-01-01'",
    "starts < ends",
    "opened >= '2024-12-31 23:59:00'",
    "opened < closed",
    "closed IS NULL OR closed >= opened",
    "ends >= opened",
    "starts < ends AND ends < closed",
]


def made(*checks: str, text: str = COLUMNS) -> pa.Table:
    plan = read(text + "".join(f'      - "{check}"\n' for check in checks))
    assert examined(plan) == []  # evaluated, all of them, and kept
    return pa.table(plan.table("t").batch(0, COUNT))


@pytest.mark.parametrize("check", CHECKS)
def test_columns_that_say_no_more_than_their_type_keep_the_check(check: str) -> None:
    made(check)


def test_all_that_is_said_of_columns_holds_together() -> None:
    rows = made(*(check for place, check in enumerate(CHECKS) if place not in (1, 2, 6, 9, 11, 14, 19)))
    assert pc.min_max(rows["qty"]).as_py() == {"min": 1, "max": 100}
    assert set(rows["status"].to_pylist()) == {"a", "b"}
    assert pc.max(pc.utf8_length(rows["code"])).as_py() <= 12


def test_what_a_column_says_itself_is_left_alone() -> None:
    """A narrower range stays, and other values than without a check come from the open columns alone."""
    text = (
        "tables: {t: {count: 3000, columns: {a: {type: integer, params: {low: 3, high: 5}}, b: integer}, checks: %s}}\n"
    )
    with_check, without = (pa.table(read(text % said).table("t").batch(0, COUNT)) for said in ('["a > 0"]', "[]"))
    assert with_check.equals(without)


def test_a_check_of_bounds_makes_a_unique_column_as_small_as_it_is() -> None:
    text = "tables: {t: {count: 50, columns: {a: {type: integer, unique: true}}, checks: ['a between 1 and 50']}}\n"
    found = read(text).table("t").batch(0, 50).column("a").to_pylist()
    assert sorted(found) == list(range(1, 51))


def test_a_time_that_comes_after_one_without_nulls_has_none_either() -> None:
    """So a NOT NULL column of a table that stands takes it."""
    columns = read(COLUMNS + '      - "starts < ends"\n      - "closed < opened"\n').table("t").table
    assert not columns.column("ends").nullable
    assert columns.column("closed").nullable
    assert columns.column("opened").nullable


def test_a_time_that_is_unique_with_others_is_dealt_out_all_the_same() -> None:
    text = (
        "tables:\n  p: {count: 3, columns: {id: {type: integer, primary_key: true}}}\n"
        "  t: {count: 300, columns: {p_id: {references: p.id}, a: date, b: date},"
        " unique: [[p_id, b]], checks: [%s]}\n"
    )
    with pytest.raises(InputError, match="breaks it"):
        examined(read(text % "a < b"))
    rows = read(text % "b >= '2020-01-01'").table("t").batch(0, 300).to_pylist()
    assert len({(row["p_id"], row["b"]) for row in rows}) == 300
    assert min(row["b"] for row in rows).year >= 2020


def test_the_last_digit_of_a_decimal_counts() -> None:
    text = "tables: {t: {count: 900, columns: {a: 'numeric(8,4)'}, checks: ['a > 0 and a < 0.01']}}\n"
    values = read(text).table("t").batch(0, 900).column("a").to_pylist()
    assert examined(read(text)) == []
    assert len(set(values)) > 80
    assert min(values) > 0
    assert max(values) < Decimal("0.01")


@pytest.mark.parametrize("kind", ["date", "timestamp"])
def test_at_least_keeps_times_apart(kind: str) -> None:
    """And gives way where the third time leaves no room."""
    text = f"""
tables:
  t:
    count: 3000
    columns:
      a: {kind}
      b: {{type: {kind}, after: a, at_least: 3d, within: 4d}}
      c: {{type: {kind}, after: a, at_least: 3d, within: 9d, before: b}}
"""
    rows: list[dict[str, Any]] = read(text).table("t").batch(0, COUNT).to_pylist()
    assert {(row["b"] - row["a"]).days for row in rows} == {3}
    assert all(row["a"] <= row["c"] <= row["b"] for row in rows)
