"""An inspection tells what a database is, and no value of it."""

from __future__ import annotations

import json

from tests.engines import SHOP, Anywhere, anywhere

import hotfixture

__all__ = ["anywhere"]


def test_keys_references_and_computed_columns_are_told(anywhere: Anywhere) -> None:
    plain = hotfixture.inspect(anywhere.shared(SHOP)).plain()
    tables = {table["name"].removeprefix("public."): table for table in plain["tables"]}
    assert set(tables) == {"audit", "comments", "customers", "logins", "order_lines", "orders", "sums"}
    assert tables["order_lines"]["primary_key"] == ["order_id", "line_no"]
    assert [reference["columns"] for reference in tables["orders"]["references"]] == [["customer_id"]]
    assert [column["name"] for column in tables["sums"]["columns"] if column.get("generated")] == ["twice"]
    assert ["email"] in [unique["columns"] for unique in tables["customers"]["uniques"]]


def test_columns_are_suspected_by_name_and_by_value(anywhere: Anywhere) -> None:
    mails = "".join(f"INSERT INTO audit VALUES ({n}, 'person{n}@realmail.com');" for n in range(10, 60))
    url = anywhere.filled(SHOP + mails)
    by_value = {(one.table.name, one.column) for one in hotfixture.inspect(url).suspicions}
    by_name = {(one.table.name, one.column) for one in hotfixture.inspect(url, samples=False).suspicions}
    assert ("customers", "email") in by_value & by_name
    assert ("audit", "data") in by_value - by_name


def test_no_value_of_a_row_is_shown(anywhere: Anywhere) -> None:
    found = hotfixture.inspect(anywhere.shared(SHOP))
    text = json.dumps(found.plain()) + found.dot() + repr(found)
    for value in ("realmail", "Wilhelmine", "Conan"):
        assert value not in text


def test_cycles_are_told(anywhere: Anywhere) -> None:
    cycle = """
    CREATE TABLE a (id INTEGER PRIMARY KEY, b_id INTEGER);
    CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a (id));
    """
    close = "ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b (id);"
    if anywhere.name == "sqlite":
        cycle, close = cycle.replace("b_id INTEGER", "b_id INTEGER REFERENCES b (id)"), ""
    (found,) = hotfixture.inspect(anywhere.filled(cycle + close)).cycles
    assert len(found.references) == 2


def test_an_empty_database_and_a_broken_view_are_no_errors(anywhere: Anywhere) -> None:
    assert hotfixture.inspect(anywhere.fresh()).plain()["tables"] == []
    view = "CREATE TABLE t (id INTEGER); CREATE VIEW v AS SELECT id FROM t;"
    gone = "DROP TABLE t;" if anywhere.name != "postgresql" else ""
    assert hotfixture.inspect(anywhere.filled(view + gone)).suspicions == ()


def test_the_server_goes_by_its_own_name(anywhere: Anywhere) -> None:
    plain = hotfixture.inspect(anywhere.shared(SHOP)).plain()
    known = {("sqlite", "SQLite"), ("postgresql", "PostgreSQL"), ("mysql", "MariaDB"), ("mysql", "MySQL")}
    assert (plain["engine"], plain["server"]) in known
