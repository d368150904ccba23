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


RARE = {
    "postgresql": """
CREATE DOMAIN name_of_thing AS text; CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE TABLE t (id integer PRIMARY KEY, tags text[] NOT NULL, counts integer[] NOT NULL, moods mood[] NOT NULL,
    host inet NOT NULL, net cidr NOT NULL, hardware macaddr NOT NULL, page xml NOT NULL, found tsvector NOT NULL,
    span int4range NOT NULL, flags bit(5) NOT NULL, more varbit NOT NULL,
    spot point NOT NULL, ring circle NOT NULL, number oid NOT NULL, clock timetz NOT NULL, amount numeric NOT NULL,
    at timestamp(3) with time zone NOT NULL, thing name_of_thing NOT NULL, raw bytea NOT NULL, price money NOT NULL);
""",
    "mariadb": """
CREATE TABLE t (id integer unsigned PRIMARY KEY, made year NOT NULL, flags bit(5) NOT NULL, fits tinyint(1) NOT NULL,
    host inet6 NOT NULL, place point, raw varbinary(9) NOT NULL, big bigint unsigned NOT NULL);
""",
    "sqlite": "CREATE TABLE t (id INTEGER PRIMARY KEY, raw BLOB NOT NULL, anything NOT NULL, code VARCHAR(3) UNIQUE);",
}


def test_types_that_the_schema_has_no_word_for_are_drafted_so_that_they_fit(anywhere: Anywhere) -> None:
    url = anywhere.filled(RARE[anywhere.name])
    text = drafted(url)
    assert seed(text, url).rows == {"t": 100}
    assert [one for one in compare(text, url) if not one.holds] == []


KEYS = """
CREATE TABLE codes (code VARCHAR(4) PRIMARY KEY, number INTEGER UNIQUE, short VARCHAR(6) UNIQUE);
CREATE TABLE pairs (tenant VARCHAR(12), word VARCHAR(5), PRIMARY KEY (tenant, word));
"""


def test_short_texts_that_are_keys_are_drafted_as_codes_that_can_be_dealt_out(anywhere: Anywhere) -> None:
    url = anywhere.filled(KEYS)
    text = drafted(url, scale=15)  # more rows than the numbers of a column that is not unique
    assert seed(text, url).rows == {"codes": 1500, "pairs": 1500}
    assert [one for one in compare(text, url) if not one.holds] == []
