"""Plans: the same rows in one piece or in any, for ever; references that hold; sizes known before a row is made."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.errors import OptionError, UnknownNameError
from hotfixture.plans.seed import read

SHOP = """
seed: 42
tables:
  - name: users
    count: 3000
    columns:
      - {name: id, type: bigint, primary_key: true}
      - {name: first_name}
      - {name: last_name}
      - {name: email, type: varchar(120), unique: true}
      - {name: country, values: {DE: 5, FR: 3, US: 2}}
      - {name: nickname, generator: user_name, nulls: 0.3}
      - {name: created_at, type: timestamp}
      - {name: manager_id, references: users.id}
  - name: orders
    count: 1..5 per users
    columns:
      - {name: id, type: bigint, primary_key: true}
      - {name: user_id, references: users.id}
      - {name: line, line_no: true}
      - {name: total, type: "decimal(10,2)", params: {low: 1, high: 500}}
  - name: payments
    count: 2000
    columns:
      - {name: id, type: uuid, primary_key: true}
      - {name: order_id, references: {table: orders, distribution: zipf, nulls: 0.1}}
"""
PLAN = read(SHOP)


def whole(name: str) -> pa.RecordBatch:
    table = PLAN.table(name)
    return table.batch(0, table.count)


@pytest.mark.parametrize("name", ["users", "orders", "payments"])
@given(data=st.data())
def test_any_piece_of_a_table_is_the_same_rows(name: str, data: st.DataObject) -> None:
    table = PLAN.table(name)
    first = data.draw(st.integers(0, table.count - 1))
    count = data.draw(st.integers(0, min(300, table.count - first)))
    assert table.batch(first, count).equals(whole(name).slice(first, count))


@given(rows=st.lists(st.integers(0, 2999), min_size=1, max_size=50))
def test_rows_in_any_order_are_the_rows_of_their_numbers(rows: list[int]) -> None:
    found = PLAN.table("users").at(np.array(rows, np.uint64))
    assert found.equals(whole("users").take(pa.array(rows)))


def test_one_row_alone_is_the_row_of_the_table() -> None:
    assert PLAN.table("orders").row(4321) == whole("orders").slice(4321, 1).to_pylist()[0]


def test_every_reference_points_at_a_row() -> None:
    for child, column, parent in (("orders", "user_id", "users"), ("payments", "order_id", "orders")):
        keys = set(whole(parent)["id"].to_pylist())
        assert {key for key in whole(child)[column].to_pylist() if key is not None} <= keys


def test_children_stand_under_their_parents_as_many_as_the_size_says() -> None:
    orders = whole("orders")
    counts = Counter(orders["user_id"].to_pylist())
    assert len(orders) == 9000
    assert len(counts) == 3000
    assert set(counts.values()) == {1, 2, 3, 4, 5}
    assert orders["user_id"].to_pylist() == sorted(orders["user_id"].to_pylist())


def test_line_numbers_count_the_children_of_each_parent_from_one() -> None:
    seen: Counter[int] = Counter()
    for order in whole("orders").select(["user_id", "line"]).to_pylist():
        seen[order["user_id"]] += 1
        assert order["line"] == seen[order["user_id"]]


def test_a_table_that_points_at_itself_is_a_tree() -> None:
    for row in whole("users").select(["id", "manager_id"]).to_pylist():
        assert row["manager_id"] is None or row["manager_id"] < row["id"]


def test_unique_values_are_unique_and_nulls_come_as_often_as_said() -> None:
    users = whole("users")
    assert len(set(users["email"].to_pylist())) == len(users)
    assert 0.26 < users["nickname"].null_count / len(users) < 0.34


def test_names_and_email_of_one_row_agree() -> None:
    for row in whole("users").slice(0, 200).to_pylist():
        assert row["last_name"].split("-")[0].split("'")[-1].lower()[:3] in row["email"].lower().replace("'", "")


def test_another_seed_gives_other_values_and_the_same_shape() -> None:
    other = read(SHOP, seed=43).table("users")
    assert other.schema == PLAN.table("users").schema
    assert not other.batch(0, 100).equals(whole("users").slice(0, 100))


def test_a_column_added_or_renamed_with_its_seed_key_changes_no_other() -> None:
    text = SHOP.replace("{name: country,", "{name: added, generator: word}\n      - {name: land, seed_key: country,")
    changed = read(text).table("users").batch(0, 500)
    before = whole("users").slice(0, 500)
    assert changed["land"].equals(before["country"])
    for name in ("id", "first_name", "email", "nickname", "created_at", "manager_id"):
        assert changed[name].equals(before[name])


def test_a_row_or_table_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(OptionError, match="0 … 2999"):
        PLAN.table("users").row(3000)
    with pytest.raises(UnknownNameError, match="user"):
        PLAN.table("user")


def test_row_numbers_far_beyond_are_made_like_any_other() -> None:
    text = "tables:\n  - {name: far, count: 3000000000, columns: [{name: id, primary_key: true}, {name: first_name}]}\n"
    assert read(text).table("far").row(2_999_999_999)["id"] == 3_000_000_000


def test_how_a_schema_is_written_makes_no_other_plan() -> None:
    written = "# a remark\n" + SHOP.replace("seed: 42\n", "") + "seed: 42   # at the end\n"
    assert read(written).digest == PLAN.digest
    assert read(SHOP.replace("count: 3000", "count: 3001")).digest != PLAN.digest


def test_children_by_zipf_are_as_many_as_the_distribution_makes_of_the_range() -> None:
    text = (
        "tables:\n  - {name: p, count: 2000, columns: [{name: id, primary_key: true}]}\n"
        "  - name: c\n    count: {per: p, low: 0, high: 40, distribution: zipf}\n"
        "    columns: [{name: p_id, references: p.id}]\n"
    )
    child = read(text).table("c")
    counts = Counter(child.batch(0, child.count)["p_id"].to_pylist())
    assert 2000 - len(counts) > 300, "the lowest rank, no children at all, is the most frequent one"
    assert max(counts.values()) > 30
