"""What a plan reads, and how that changed: on PostgreSQL and SQLite."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.server.gateway.templates.acting import ADMIN, DEV, QUERY, Acting, shop
from tests.servers import run_script

from hotfixture.server.gateway.templates import drift, planning, revisions

SCRIPT = """
CREATE SCHEMA pay;
CREATE TABLE pay.customers (id INTEGER PRIMARY KEY, email VARCHAR(80) NOT NULL, status VARCHAR(20), note TEXT);
CREATE TABLE pay.orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES pay.customers (id),
    total INTEGER);
CREATE TABLE pay.aside (id INTEGER PRIMARY KEY, secret TEXT);
CREATE VIEW pay.active AS SELECT id, email FROM pay.customers WHERE status = 'new';
INSERT INTO pay.customers VALUES (1, 'anna.kern@firm.test', 'new', 'x');
"""
EXPORTS = {
    "named": "{type: query, provider: SHOP, query: 'SELECT id, email FROM pay.customers WHERE status IS NOT NULL'}",
    "star": "{type: query, provider: SHOP, query: 'SELECT * FROM pay.customers'}",
    "count": "{type: query, provider: SHOP, query: 'SELECT count(*) AS n FROM pay.orders'}",
    "view": "{type: query, provider: SHOP, query: 'SELECT id, email FROM pay.active'}",
    "subset": "{type: subset, provider: SHOP, root: pay.customers, include: {pay.orders: {where: 'total > 3'}}}",
    "where": "{type: subset, provider: SHOP, root: pay.customers, "
    "where: 'EXISTS (SELECT 1 FROM pay.aside AS s WHERE s.secret = status)'}",
}
WHOLE = ("star", "subset", "where")
"""Those that read every column of the customers."""
CHANGES = {
    "ALTER TABLE pay.customers ADD COLUMN iban TEXT": {
        "star": ["column pay.customers.iban is new in what it reads"],
        "subset": ["column pay.customers.iban is new in what it reads"],
        "where": ["column pay.customers.iban is new in what it reads"],
    },
    "ALTER TABLE pay.orders ADD COLUMN iban TEXT": {
        "subset": ["column pay.orders.iban is new in what it reads"],
    },
    "ALTER TABLE pay.aside ADD COLUMN more TEXT": {},
    "ALTER TABLE pay.aside ALTER COLUMN secret TYPE VARCHAR(90)": {
        "where": ["column pay.aside.secret is now character varying(90); it was text"],
    },
    "ALTER TABLE pay.customers ALTER COLUMN note TYPE VARCHAR(90)": {
        name: ["column pay.customers.note is now character varying(90); it was text"] for name in WHOLE
    },
    "ALTER TABLE pay.customers DROP COLUMN note": {
        name: ["column pay.customers.note is no longer in what it reads"] for name in WHOLE
    },
    "CREATE OR REPLACE VIEW pay.active AS SELECT id, email FROM pay.customers WHERE status = 'old'": {
        "view": ["the definition of the view pay.active changed"],
    },
    "CREATE OR REPLACE VIEW pay.active AS SELECT id, status::varchar(80) AS email FROM pay.customers": {
        "view": [
            "the definition of the view pay.active changed",
            "column pay.customers.email is no longer in what it reads",
        ],
    },
    "CREATE TABLE pay.cards (n INTEGER PRIMARY KEY); ALTER TABLE pay.orders ADD card INTEGER REFERENCES pay.cards": {
        "subset": ["table pay.cards is new in what it reads", "column pay.orders.card is new in what it reads"],
    },
}


@pytest.mark.servers
def test_an_approval_falls_where_what_a_template_reads_changes_and_nowhere_else(
    acting: Acting, postgresql_url: str
) -> None:
    run_script(postgresql_url, SCRIPT)
    acting.provide(postgresql_url)
    acting.policy.write_text("default: pass\n", encoding="utf-8")
    for name, export in EXPORTS.items():
        acting.create(
            name, form=f"templateName: {name}\nexports:\n  e: {export}\n".replace("{", "{{").replace("}", "}}")
        )
        assert acting.approve(name).status_code == 201, name
    for change, fallen in CHANGES.items():
        run_script(postgresql_url, f"{change};")
        for name in EXPORTS:
            planned = acting.ask(ADMIN, "POST", f"templates/{name}/plan", json={})
            assert planned.status_code == 200, planned.text
            reasons = planned.json()["approval"]["reasons"]
            assert sorted(reasons) == sorted(fallen.get(name, [])), (name, change)
            assert acting.approval(name) == ("needs approval" if reasons else "approved", reasons)
            if reasons:
                assert acting.approve(name).status_code == 201, name


Reading = Callable[[str], drift.Reads]


@pytest.fixture
def reading(shopping: Acting) -> Reading:
    """What a template over the shop reads."""

    def read(exports: str) -> drift.Reads:
        name = f"t{len(shopping.audited())}"
        form = f"templateName: {name}\n{exports}"
        assert shopping.send(ADMIN, "POST", "templates?team=payments", form).status_code == 201
        with shopping.state.read() as connection:
            template = revisions.find(connection, ADMIN, name, "template.read")
            revision = revisions.revision(connection, template)
        with planning.planned(shopping.gateway, ADMIN, template, revision, {}, invents=True) as made:
            return drift.reads(made.plan, made.policy.policy)

    return read


def test_preparations_are_among_what_is_read(reading: Reading) -> None:
    found = reading(
        "prepare:\n- {setVar: ids, provider: SHOP, query: 'SELECT customer_id FROM orders WHERE total > ${least}'}\n"
        "- {setVar: more, provider: SHOP, query: 'SELECT id FROM customers WHERE id IN (${ids})'}\n"
        "exports: {c: {provider: SHOP, query: 'SELECT email FROM customers WHERE id IN (${more})'}}\n"
    )
    assert found == {
        "SHOP": {
            "customers": {"email": "VARCHAR(80)", "id": "INTEGER"},
            "orders": {"customer_id": "INTEGER", "total": "INTEGER"},
        }
    }


def test_definitions_alone_read_every_table_and_files_none(reading: Reading) -> None:
    found = reading("exports: {d: {type: ddl, provider: SHOP}}\n")
    assert found["SHOP"].keys() == {"customers", "orders"}
    some = reading("exports: {d: {type: ddl, provider: SHOP, tables: [orders]}}\n")
    assert some["SHOP"].keys() == {"orders"}


def test_the_values_of_parameters_change_nothing_of_what_is_read(shopping: Acting) -> None:
    form = (
        "templateName: {name}\n"
        "parameters: {{ids: {{type: 'list[integer]'}}, p: {{type: date_range, default: today}}}}\n"
        "prepare:\n- {{setVar: more, provider: SHOP, query: 'SELECT id FROM customers WHERE id IN (${{ids}})'}}\n"
        "exports: {{c: {{provider: SHOP, query: "
        "'SELECT * FROM orders WHERE customer_id IN (${{more}}) AND ${{p.start}} IS NOT NULL'}}}}\n"
    )
    shopping.create("a", form=form)
    assert shopping.approve("a").status_code == 201
    for parameters in ({"ids": []}, {"ids": [1]}, {"ids": "1,2,3", "p": "last_7_days", "row_limit": 1}):
        planned = shopping.ask(ADMIN, "POST", "templates/a/plan", json={"parameters": parameters})
        assert planned.json()["approval"]["state"] == "approved", planned.text


def test_two_providers_are_named_in_the_reasons(shopping: Acting, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with shop(tmp_path / "other"):
        pass
    shopping.provide(f"sqlite:///{tmp_path / 'other' / 'shop.db'}", "OTHER")
    form = (
        "templateName: {name}\nexports:\n  c: {{provider: SHOP, query: 'SELECT * FROM customers'}}\n"
        "  o: {{provider: OTHER, table: o, query: 'SELECT * FROM orders'}}\n"
    )
    shopping.create("a", form=form)
    shopping.approve("a")
    with shop(tmp_path / "other", "ALTER TABLE orders ADD COLUMN x TEXT"):
        pass
    planned = shopping.ask(ADMIN, "POST", "templates/a/plan", json={})
    assert planned.json()["approval"]["reasons"] == ["OTHER: column orders.x is new in what it reads"]


@pytest.mark.parametrize("before", [{}, {"P": {"t": {"a": "int"}}}, {"P": {"t": {}, "u": {}}, "Q": {"v": {"x": ""}}}])
def test_nothing_differs_from_itself(before: drift.Reads) -> None:
    assert drift.differences(before, before) == []
    for name, tables in before.items():
        assert drift.differences({k: v for k, v in before.items() if k != name}, before) or not tables


@pytest.mark.servers
def test_a_new_column_is_noticed_on_mariadb(acting: Acting, mariadb_url: str) -> None:
    run_script(mariadb_url, "CREATE TABLE customers (id INT PRIMARY KEY, email VARCHAR(80));")
    acting.provide(mariadb_url)
    acting.create("star", form=QUERY.replace("id, email", "*"))
    acting.create("named")
    for name in ("star", "named"):
        assert acting.approve(name).status_code == 201
    run_script(mariadb_url, "ALTER TABLE customers ADD COLUMN iban TEXT;")
    reasons = [
        acting.ask(DEV, "POST", f"templates/{name}/plan", json={}).json()["approval"]["reasons"]
        for name in ("star", "named")
    ]
    assert reasons == [["column customers.iban is new in what it reads"], []]
