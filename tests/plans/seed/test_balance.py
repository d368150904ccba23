"""Running balances: the sum of a column along the children of one parent, the same in any pieces."""

from __future__ import annotations

from decimal import Decimal
from itertools import accumulate, groupby
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotfixture.errors import InputError
from hotfixture.plans.seed import SeedPlan, read
from hotfixture.plans.seed.growth import with_epochs
from hotfixture.plans.seed.plan import PIECE

ACCOUNTS = """
tables:
  accounts:
    count: {accounts}
    columns:
      id: {{type: integer, primary_key: true}}
      opening: {{type: "decimal(10,2)", params: {{low: 0, high: 500}}}}
  entries:
    count: {size} per accounts
    columns:
      id: {{type: bigint, primary_key: true}}
      account_id: {{references: accounts.id}}
      amount: {amount}
      balance: {{balance: {{of: amount, per: account_id, start: {start}}}}}
"""
DECIMAL = '{type: "decimal(8,2)", params: {low: -50, high: 50}, nulls: 0.2}'
FLOAT = "{type: double, params: {low: -1, high: 1}}"
WHOLE = "{type: integer, params: {low: -9, high: 9}}"


def plan(
    *, accounts: int = 300, size: str = "0..9", amount: str = DECIMAL, start: str = "accounts.opening"
) -> SeedPlan:
    return read(ACCOUNTS.format(accounts=accounts, size=size, amount=amount, start=start))


def summed(rows: list[dict[str, Any]], openings: dict[int, Any]) -> list[Any]:
    """The balances as they ought to be, one after the other."""
    found = []
    for account, entries in groupby(rows, lambda row: row["account_id"]):
        found += list(accumulate((row["amount"] or 0 for row in entries), initial=openings[account]))[1:]
    return found


@pytest.mark.parametrize(
    ("amount", "start", "zero"),
    [
        (DECIMAL, "accounts.opening", None),
        (DECIMAL, "0.5", Decimal("0.5")),
        (WHOLE, "10", 10),
        (WHOLE, "1.25", Decimal("1.25")),
        (FLOAT, "0", 0.0),
    ],
)
def test_a_balance_is_the_sum_of_what_came_before_and_its_own(amount: str, start: str, zero: Any) -> None:
    made = plan(amount=amount, start=start)
    accounts = made.table("accounts").batch(0, 300).to_pylist()
    openings = {row["id"]: row["opening"] if zero is None else zero for row in accounts}
    rows = made.table("entries").batch(0, made.table("entries").count).to_pylist()
    assert len(rows) > 1000
    assert [row["balance"] for row in rows] == pytest.approx(
        summed(rows, openings), abs=0 if amount != FLOAT else 1e-12
    )
    assert {type(row["balance"]) for row in rows} == {type(summed(rows[:1], openings)[0])}


@pytest.mark.parametrize("amount", [DECIMAL, FLOAT])
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_rows_are_the_same_in_any_pieces(amount: str, data: st.DataObject) -> None:
    """The law of batches; also of rows in no order."""
    made = plan(amount=amount).table("entries")
    whole = made.batch(0, made.count)
    first = data.draw(st.integers(0, made.count))
    size = data.draw(st.integers(0, made.count - first))
    assert made.batch(first, size).equals(whole.slice(first, size))
    some = data.draw(st.lists(st.integers(0, made.count - 1), min_size=1, max_size=30))
    assert made.at(np.array(some, np.uint64)).equals(whole.take(some))


@pytest.mark.parametrize("amount", [WHOLE, FLOAT])
def test_a_parent_with_more_children_than_are_made_in_one_go(amount: str) -> None:
    made = plan(accounts=3, size=str(2 * PIECE + 77), amount=amount, start="7").table("entries")
    rows = made.batch(0, made.count).to_pylist()
    assert [row["balance"] for row in rows] == pytest.approx(summed(rows, dict.fromkeys((1, 2, 3), 7)), abs=1e-9)
    for number in (0, PIECE, made.count - 1):
        assert made.row(number)["balance"] == rows[number]["balance"]


def test_a_grown_table_keeps_its_balances() -> None:
    before = plan()
    after = with_epochs(before, [{"accounts": 500}])
    old, new = before.table("entries"), after.table("entries")
    assert new.count > old.count
    assert new.batch(0, old.count).equals(old.batch(0, old.count))
    assert new.batch(old.count - 5, 25).equals(new.batch(0, new.count).slice(old.count - 5, 25))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("0..9 per accounts", "100", "runs along the children of one parent"),
        ("per: account_id", "per: id", "runs along the children of one parent"),
        ("of: amount", "of: amuont", "unknown column of entries 'amuont'"),
        ("of: amount", "of: balance", "each of these needs the next"),
        ("of: amount, ", "", "'of'"),
        ("start: 0", "start: accounts.openning", "unknown column of accounts"),
        ("{balance: {", "{unique: true, balance: {", "values that repeat"),
        (DECIMAL, "text", "it adds numbers"),
    ],
)
def test_what_no_balance_can_be_of_is_refused_with_its_place(old: str, new: str, said: str) -> None:
    text = ACCOUNTS.format(accounts=9, size="0..9", amount=DECIMAL, start="0")
    assert old in text
    with pytest.raises(InputError, match=said) as raised:
        read(text.replace(old, new))
    assert all(problem.where and problem.where.line for problem in raised.value.problems)
