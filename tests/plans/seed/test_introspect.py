"""Drafts of live databases: no value of the database in them, and what they seed keeps every constraint."""

from __future__ import annotations

import pytest
from tests.engines import SHOP, Anywhere
from tests.plans.test_chinook import DATA, Chinook

from hotfixture.databases import open_database
from hotfixture.plans.seed import read
from hotfixture.plans.seed.calls import compare, drafted, seed


@pytest.fixture
def shop(anywhere: Anywhere) -> str:
    return anywhere.filled(SHOP)


def test_a_draft_reads_and_seeds_an_empty_database_of_the_same_engine(anywhere: Anywhere, shop: str) -> None:
    url = anywhere.fresh()
    text = drafted(shop, scale=10)
    seed(text, url)
    assert [one for one in compare(text, url) if not one.holds] == []


def test_a_draft_names_keys_references_uniques_and_what_columns_look_like(shop: str) -> None:
    plan = read(drafted(shop))
    customers, lines = plan.table("customers"), plan.table("order_lines")
    assert customers.table.primary_key == ("id",)
    assert "name: email, type: character varying(80), unique: true, generator: email" in drafted(shop).replace(
        "varchar", "character varying"
    ).replace("VARCHAR", "character varying")
    assert [unique.columns for unique in customers.table.uniques] == [("email",)]
    assert lines.table.primary_key == ("order_id", "line_no")
    assert [one.target.name for one in lines.table.references] == ["orders"]


def test_no_value_of_the_database_stands_in_its_draft(shop: str) -> None:
    text = drafted(shop)
    for secret in ("Wilhelmine", "oberhuber", "zoe@realmail.com", "Conan"):
        assert secret not in text


def test_computed_columns_are_left_to_the_engine(anywhere: Anywhere, shop: str) -> None:
    assert "twice" not in read(drafted(shop)).table("sums").columns
    empty = anywhere.filled(SHOP.partition("INSERT INTO")[0])
    text = drafted(shop, scale=5)
    seed(text, empty)
    filled = [row for row in read(text).table("sums").batch(0, 10)["a"].to_pylist() if row is not None]
    with open_database(empty) as database:
        assert database.fetch("SELECT count(*) FROM sums WHERE twice = 2 * a") == [(len(filled),)]


@pytest.mark.skipif(not DATA.is_dir(), reason="the Chinook sample data is not here")
def test_chinook_is_drafted_and_seeded_with_its_constraints_on(chinook: Chinook) -> None:
    url = chinook.fresh()
    text = drafted(chinook.url, scale=0.2)
    seed(text, url)
    assert [one for one in compare(text, url) if not one.holds] == []


CHECKED = """
CREATE TABLE t (id INTEGER PRIMARY KEY, qty INTEGER NOT NULL CHECK (qty BETWEEN 3 AND 7),
    status VARCHAR(10) CHECK (status IN ('new', 'paid')), code VARCHAR(40) CHECK (char_length(code) <= 5),
    starts DATE NOT NULL, ends DATE NOT NULL, "GROUP" INTEGER, CHECK ("GROUP" > 0), CHECK (starts < ends));
"""


def test_the_checks_of_a_database_stand_in_its_draft_and_its_rows_keep_them(anywhere: Anywhere) -> None:
    script = CHECKED.replace("char_length", "length") if anywhere.name == "sqlite" else CHECKED
    url = anywhere.filled(script.replace('"', "`") if anywhere.name == "mariadb" else script)
    text = drafted(url)
    assert seed(text, url).rows == {"t": 100}
    rows = read(text).table("t").batch(0, 100).to_pylist()
    assert {row["qty"] for row in rows} == {3, 4, 5, 6, 7}
    assert {row["status"] for row in rows} == {"new", "paid"}
    assert all(row["starts"] < row["ends"] for row in rows)
    again = anywhere.fresh()
    assert seed(text, again).rows == {"t": 100}
    with open_database(again) as database:
        table = database.inspect().find("t")
    assert table
    assert len(table.checks) == 5


def test_a_partial_unique_stands_in_a_draft_as_one(anywhere: Anywhere) -> None:
    if anywhere.name == "mariadb":
        pytest.skip("MariaDB has none")
    url = anywhere.filled(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER); CREATE UNIQUE INDEX one ON t (a) WHERE a > 900;"
    )
    (partial,) = read(drafted(url)).table("t").declaration.partials
    assert partial.columns == ("a",)
    assert "a > 900" in partial.where
    assert not read(drafted(url)).table("t").declaration.columns["a"].unique
