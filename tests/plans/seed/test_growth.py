"""Tables that grow: what was there stays, what comes refers to all, and nothing comes twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engines import Anywhere

from hotfixture.databases import open_database
from hotfixture.errors import InputError, OptionError
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


@pytest.mark.parametrize("order", [("users", "badges"), ("badges", "users"), ("users", "badges", "users")])
def test_a_table_that_grew_stays_as_large_and_as_it_was_when_another_one_grows(order: tuple[str, ...]) -> None:
    epochs: list[dict[str, int]] = []
    for name in order:
        before = read(TEXT, epochs=epochs)
        epochs.append({name: before.table(name).count + 150})
        after = read(TEXT, epochs=epochs)
        for table in before.tables:
            grown = after.table(table.name)
            assert grown.count >= table.count
            assert grown.batch(0, table.count).equals(table.batch(0, table.count))
    assert after.table("users").count == 900 + 150 * order.count("users")
    assert after.table("badges").count == 300 + 150 * order.count("badges")


def test_one_table_after_the_other_grows_in_a_database_and_all_of_it_goes_again(anywhere: Anywhere) -> None:
    url = anywhere.fresh()
    seed(TEXT, url)
    seed(TEXT, url, append={"users": 100})
    assert seed(TEXT, url, append={"badges": 50}).rows == {"users": 0, "orders": 0, "badges": 50}
    assert [one for one in compare(TEXT, url) if not one.holds and "count" not in one.check] == []
    assert unseed(TEXT, url).rows["users"] == 1000


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


PAIRS = """
tables:
  users: {count: 20, columns: {id: {primary_key: true}}}
  games: {count: 9, columns: {id: {primary_key: true}}}
  played:
    count: 100
    columns: {user_id: {references: users.id}, game_id: {references: games.id}}
    unique: [[user_id, game_id]]
"""


def test_pairs_that_do_not_repeat_grow_as_long_as_their_parents_do_not() -> None:
    before, after = read(PAIRS).table("played"), read(PAIRS, epochs=[{"played": 180}]).table("played")
    pairs = [tuple(row.values()) for row in after.batch(0, 180).to_pylist()]
    assert len(set(pairs)) == 180
    assert after.batch(0, 100).equals(before.batch(0, 100))
    others = read(PAIRS, epochs=[{"users": 30}]).table("played")
    assert others.batch(0, 100).equals(before.batch(0, 100))
    with pytest.raises(InputError, match="cannot grow"):
        read(PAIRS, epochs=[{"users": 30}, {"played": 101}])
    with pytest.raises(InputError, match="180 combinations for 181 rows"):
        read(PAIRS, epochs=[{"played": 181}])
