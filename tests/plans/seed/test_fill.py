"""Plans into real databases: every row once, whatever broke off before; references hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.engines import Anywhere
from tests.plans.seed.test_plan import SHOP

from hotfixture.databases import open_database, open_target
from hotfixture.databases.base import Database
from hotfixture.errors import DatabaseError, HotFixtureError, InputError
from hotfixture.plans.seed import read
from hotfixture.plans.seed.calls import check, compare, seed, unseed
from hotfixture.plans.seed.fill import CancelledError
from hotfixture.schema import TableName

RING = """
tables:
  - name: teams
    count: 20
    columns:
      - {name: id, primary_key: true}
      - {name: lead_id, references: {to: members.id, null: 0.2}}
  - name: members
    count: 200
    columns:
      - {name: id, primary_key: true}
      - {name: team_id, references: teams.id, nullable: false}
"""


def counted(url: str, *tables: str) -> list[int]:
    with open_database(url) as database:
        return [int(str(database.fetch(f"SELECT count(*) FROM {name}")[0][0])) for name in tables]


def fetched(url: str, query: str) -> list[tuple[object, ...]]:
    with open_database(url) as database:
        return database.fetch(query)


def test_a_plan_fills_a_database_and_a_second_run_adds_nothing(anywhere: Anywhere) -> None:
    url = anywhere.fresh()
    assert seed(SHOP, url).rows == {"users": 3000, "orders": 9000, "payments": 2000}
    assert seed(SHOP, url).rows == {"users": 0, "orders": 0, "payments": 0}
    assert counted(url, "users", "orders", "payments") == [3000, 9000, 2000]


def test_what_stands_in_the_database_is_what_the_plan_says(anywhere: Anywhere) -> None:
    url = anywhere.fresh()
    plan = read(SHOP)
    seed(plan, url)
    stored = fetched(url, "SELECT id, first_name, email, country, manager_id FROM users ORDER BY id")
    made = plan.table("users").batch(0, 3000).select(["id", "first_name", "email", "country", "manager_id"])
    assert stored == [tuple(row.values()) for row in made.to_pylist()]


def test_a_run_that_breaks_off_goes_on_where_it_was(anywhere: Anywhere) -> None:
    url = anywhere.fresh()
    stored = 0

    def progress(_table: str, rows: int) -> None:
        nonlocal stored
        stored += rows

    with pytest.raises(CancelledError):
        seed(SHOP, url, batch_size=700, progress=progress, cancelled=lambda: stored > 4000)
    assert 4000 < sum(counted(url, "users", "orders", "payments")) < 14_000
    done = seed(SHOP, url, batch_size=900)
    assert sum(done.resumed.values()) == stored
    assert counted(url, "users", "orders", "payments") == [3000, 9000, 2000]


def test_references_that_close_a_ring_are_filled_at_the_end(anywhere: Anywhere) -> None:
    url = anywhere.fresh()
    seed(RING, url)
    pointing = "SELECT count(*) FROM teams WHERE lead_id IS NOT NULL"
    held = "SELECT count(*) FROM teams t JOIN members m ON m.id = t.lead_id"
    assert fetched(url, pointing) == fetched(url, held)
    assert 8 <= int(str(fetched(url, held)[0][0])) <= 20
    seed(RING, url)
    assert counted(url, "teams", "members") == [20, 200]


def test_references_lead_to_rows_that_were_there_before(anywhere: Anywhere) -> None:
    url = anywhere.filled(
        "CREATE TABLE countries (code VARCHAR(2) PRIMARY KEY, name VARCHAR(40));"
        "INSERT INTO countries VALUES ('DE', 'Germany'), ('FR', 'France'), ('JP', 'Japan');"
    )
    text = (
        "tables:\n"
        "  - name: countries\n    existing: true\n"
        "    columns: [{name: code, type: varchar(2), primary_key: true}, {name: name}]\n"
        "  - name: shops\n    count: 300\n    columns:\n"
        "      - {name: id, primary_key: true}\n      - {name: country, references: countries.code}\n"
        "      - {name: label, expression: \"countries.name || ' shop'\"}\n"
    )
    assert seed(text, url).rows == {"shops": 300}
    joined = "SELECT count(*) FROM shops s JOIN countries c ON c.code = s.country"
    found = fetched(url, "SELECT DISTINCT country, label FROM shops ORDER BY country")
    assert found == [("DE", "Germany shop"), ("FR", "France shop"), ("JP", "Japan shop")]
    assert fetched(url, joined) == [(300,)]
    assert unseed(text, url).rows == {"shops": 300}
    assert counted(url, "countries") == [3]
    with pytest.raises(InputError, match="is not there"):
        seed(text.replace("countries", "lands"), url)


def test_replace_begins_anew(anywhere: Anywhere) -> None:
    url = anywhere.fresh()
    seed(SHOP, url)
    assert seed(SHOP, url, replace=True).rows["users"] == 3000
    assert counted(url, "users", "orders", "payments") == [3000, 9000, 2000]


def test_rows_can_be_removed_by_their_keys(anywhere: Anywhere) -> None:
    url = anywhere.fresh()
    plan = read(SHOP)
    seed(plan, url)
    payments = plan.table("payments")
    with open_target(url) as target:
        keys = payments.batch(0, 500).select(list(target.identity(payments.table)))
        assert target.remove(payments.table, keys) == 500
        assert target.count(payments.table) == 1500


def test_unseeding_removes_the_rows_of_the_plan_and_no_other(anywhere: Anywhere) -> None:
    url = anywhere.fresh()
    seed(SHOP, url)
    with open_database(url, write=True) as database:
        columns = "id, first_name, last_name, email, country, created_at"
        values = "9999, 'Own', 'Row', 'own@row.example', 'DE', '2024-01-01 00:00:00'"
        database.execute(f"INSERT INTO {database.dialect.table(_users(database))} ({columns}) VALUES ({values})")
    assert unseed(SHOP, url).rows == {"users": 3000, "orders": 9000, "payments": 2000}
    assert counted(url, "users", "orders", "payments") == [1, 0, 0]
    assert seed(SHOP, url).rows["users"] == 3000


def _users(database: Database) -> TableName:
    found = database.inspect().find("users")
    assert found
    return found.name


def test_a_seeded_database_compares_equal_with_its_plan_and_a_changed_one_does_not(anywhere: Anywhere) -> None:
    url = anywhere.fresh()
    seed(SHOP, url)
    assert [one for one in compare(SHOP, url) if not one.holds] == []
    with open_database(url, write=True) as database:
        users = database.dialect.table(_users(database))
        database.execute(f"UPDATE {users} SET country = 'US', nickname = NULL")
    wrong = {one.check for one in compare(SHOP, url) if not one.holds}
    assert {"nulls of nickname", "share of country = DE", "share of country = US"} <= wrong


@pytest.mark.parametrize("name", ["prod", "shop-production", "live_db"])
def test_a_database_that_looks_like_production_is_refused_unless_it_is_named(name: str, tmp_path: object) -> None:
    url = f"sqlite:///{tmp_path}/{name}.db"
    with pytest.raises(HotFixtureError, match="looks like production"):
        seed(RING, url)
    assert seed(RING, url, production=f"{name}.db").rows["teams"] == 20


def test_only_seeding_makes_a_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/none.db"
    text = "tables:\n  t: {count: 5, columns: {id: {type: integer, primary_key: true}}}\n"
    for asked in (compare, unseed):
        with pytest.raises(InputError, match="no SQLite database at"):
            asked(text, url)
    assert check(text, url) == []
    assert list(tmp_path.iterdir()) == []


def test_rows_of_another_seed_in_the_table_are_said_with_what_to_do(anywhere: Anywhere) -> None:
    url = anywhere.fresh()
    text = "tables:\n  t: {count: 5, columns: {id: {type: integer, primary_key: true}}}\n"
    seed(text, url)
    with pytest.raises(DatabaseError, match=r"(?s)^t, among rows 0 to 4: (?!.*INTERNAL).*unseed.*--replace"):
        seed(text, url, seed=99)
