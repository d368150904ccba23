"""Tables that grow: what was there stays, what comes refers to all, and nothing comes twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engines import Anywhere

from hotfixture.databases import open_database
from hotfixture.errors import OptionError
from hotfixture.plans.seed import read
from hotfixture.plans.seed.calls import compare, seed, unseed
from hotfixture.plans.seed.fill import CancelledError

TEXT = """
seed: 5
tables:
  - name: users
    count: 900
    columns:
      - {name: id, primary_key: true}
      - {name: email, type: varchar(120), unique: true}
      - {name: label, type: text, generator: company, unique: true}
      - {name: friend_id, references: users.id}
      - {name: orders_count, expression: count(orders.id)}
  - name: orders
    count: 0..4 per users
    columns:
      - {name: id, primary_key: true}
      - {name: user_id, references: users.id}
      - {name: line, line_no: true}
  - name: badges
    count: 300
    columns:
      - {name: id, primary_key: true}
      - {name: user_id, unique: true, references: users.id}
      - {name: seen_id, references: users.id}
"""
BEFORE = read(TEXT)
AFTER = read(TEXT, epochs=[{"users": 1400}, {"users": 1500, "badges": 500}])


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with open_database(url) as database:
        return database.fetch(query)


@pytest.mark.parametrize("name", ["users", "orders", "badges"])
def test_rows_that_were_there_stay_as_they_were(name: str) -> None:
    before, after = BEFORE.table(name), AFTER.table(name)
    assert after.count > before.count
    assert after.batch(0, before.count).equals(before.batch(0, before.count))


@pytest.mark.parametrize("name", ["users", "orders", "badges"])
@given(data=st.data())
def test_any_piece_of_a_grown_table_is_the_same_rows(name: str, data: st.DataObject) -> None:
    table = AFTER.table(name)
    first = data.draw(st.integers(0, table.count - 1))
    count = data.draw(st.integers(0, min(200, table.count - first)))
    assert table.batch(first, count).to_pylist() == table.batch(0, table.count).slice(first, count).to_pylist()


def test_new_rows_refer_to_old_and_new_parents_and_new_parents_have_their_children() -> None:
    badges, orders = (AFTER.table(name).batch(0, AFTER.table(name).count) for name in ("badges", "orders"))
    seen = badges["seen_id"].to_pylist()[300:]
    assert min(seen) <= 900 < max(seen)
    assert len(set(badges["user_id"].to_pylist())) == 500
    assert max(orders["user_id"].to_pylist()) > 1400
    users = AFTER.table("users").batch(0, 1500)
    assert sum(users["orders_count"].to_pylist()) == len(orders) == AFTER.table("orders").count
    for column in ("email", "label"):
        assert len(set(users[column].to_pylist())) == 1500


def test_appending_adds_rows_to_a_database_and_changes_no_old_one(anywhere: Anywhere) -> None:
    url = anywhere.fresh()
    seed(TEXT, url)
    old = rows(url, "SELECT id, email, label, friend_id FROM users ORDER BY id")
    assert seed(TEXT, url, append={"users": 500}).rows["users"] == 500
    assert seed(TEXT, url).rows == {"users": 0, "orders": 0, "badges": 0}
    assert rows(url, "SELECT id, email, label, friend_id FROM users WHERE id <= 900 ORDER BY id") == old
    assert [one for one in compare(TEXT, url) if not one.holds and "count" not in one.check] == []
    assert unseed(TEXT, url).rows["users"] == 1400
    assert rows(url, "SELECT count(*) FROM users") == [(0,)]


def test_a_growth_that_broke_off_is_finished_and_not_grown_again(anywhere: Anywhere) -> None:
    url, stored = anywhere.fresh(), 0
    seed(TEXT, url)

    def progress(_table: str, rows: int) -> None:
        nonlocal stored
        stored += rows

    with pytest.raises(CancelledError):
        seed(TEXT, url, append={"users": 500}, batch_size=100, progress=progress, cancelled=lambda: stored > 300)
    seed(TEXT, url, append={"users": 500})
    assert rows(url, "SELECT count(*) FROM users") == [(1400,)]


@pytest.mark.parametrize("append", [{"orders": 5}, {"users": 0}])
def test_what_cannot_grow_is_refused(append: dict[str, int], anywhere: Anywhere) -> None:
    url = anywhere.fresh()
    seed(TEXT, url)
    with pytest.raises(OptionError, match="append"):
        seed(TEXT, url, append=append)
