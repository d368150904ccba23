"""A template becomes a plan on every engine as it is meant, or all that is wrong with it is said."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.engines import SHOP, Anywhere, anywhere
from tests.plans.market import KEY
from tests.servers import rows

import hotfixture
from hotfixture.errors import HotFixtureError, InputError, RefusedError

__all__ = ["anywhere"]
SCHEMA = "  schema: {type: ddl, provider: P}\n"


@pytest.fixture
def shop(anywhere: Anywhere) -> Shop:
    return Shop(anywhere)


class Shop:
    """The shop of one engine, and templates run over it."""

    def __init__(self, anywhere: Anywhere) -> None:
        self.anywhere = anywhere
        self.url = anywhere.shared(SHOP)

    def template(self, text: str) -> Path:
        path = self.anywhere.folder / "t.yaml"
        path.write_text(f"templateName: t\n{text}", encoding="utf-8")
        return path

    def run(self, text: str, parameters: Mapping[str, object] | None = None, **more: Any) -> dict[str, int]:
        """Rows by table, without schemas."""
        folder = self.anywhere.folder / "package"
        made = hotfixture.run(
            self.template(text), providers={"P": self.url}, parameters=parameters, output=folder, key=KEY, **more
        )
        return {name.removeprefix("public."): count for name, count in made.rows.items()}

    def problems(self, text: str, kind: type[HotFixtureError] = InputError, **more: Any) -> list[str]:
        with pytest.raises(kind) as caught:
            hotfixture.plan(self.template(text), providers={"P": self.url}, key=KEY, **more)
        return [f"{p.where.line if p.where else 0}: {p.message.replace('public.', '')}" for p in caught.value.problems]


def test_several_roots_bring_their_parents_and_nothing_else(shop: Shop) -> None:
    roots = "{customers: {where: id = 2}, orders: {where: id = 12}, logins: {limit: 1}}"
    assert shop.run(f"exports:\n  s: {{type: subset, provider: P, roots: {roots}}}\n") == {
        "customers": 2, "orders": 1, "logins": 1,
    }  # fmt: skip


def test_declared_references_are_followed_by_type_and_capped(shop: Shop) -> None:
    text = """
exports:
  s: {type: subset, provider: P, root: customers, where: id = 1,
      include: {orders: {}, comments: {}, logins: {per_parent: 1}}}
references:
  - {table: comments, columns: [subject_id], target: orders, when: {subject_type: order}}
  - {table: comments, columns: [subject_id], target: customers, when: {subject_type: customer}}
  - logins.customer_id -> customers.id
"""
    assert shop.run(text) == {"customers": 1, "orders": 2, "comments": 2, "logins": 1}


def test_keys_inside_json_bring_their_parents(shop: Shop) -> None:
    text = "exports: {s: {type: subset, provider: P, root: audit}}\n"
    text += "references: [{table: audit, column: data, path: $.user.id, target: customers}]\n"
    assert shop.run(text) == {"audit": 3, "customers": 2}


def test_what_is_excluded_stays_behind_and_a_required_parent_may_not(shop: Shop) -> None:
    slice_ = "type: subset, provider: P, root: customers, where: id = 1, include: all, exclude: [order_lines]"
    text = f"exports:\n  s: {{{slice_}}}\n"
    assert shop.run(text) == {"customers": 1, "orders": 2}
    wrong = shop.problems("exports: {s: {type: subset, provider: P, root: order_lines, exclude: [orders]}}\n")
    assert len(wrong) == 1
    assert "cannot be NULL" in wrong[0]


def test_preparations_feed_the_exports(shop: Shop) -> None:
    text = """
parameters: {ids: list[integer], from: timestamp}
prepare:
  - {setVar: order_ids, provider: P, query: "SELECT id FROM orders WHERE customer_id IN (${ids}) AND placed >= ${from}"}
  - {setVar: items, provider: P, query: "SELECT item FROM order_lines WHERE order_id IN (${order_ids})"}
exports:
  order_lines: {provider: P, query: "SELECT * FROM order_lines WHERE item IN (${items})"}
"""
    assert shop.run(text, {"ids": "1,3", "from": "2024-10-16"}) == {"order_lines": 1}
    assert shop.run(text, {"ids": [], "from": "2024-10-16"}) == {"order_lines": 0}


@pytest.mark.parametrize(
    ("declared", "condition", "given", "expected"),
    [
        ("{s: {type: choice, choices: [new, paid]}}", "state = ${s}", {"s": "paid"}, 2),
        ("{p: date_range}", "placed BETWEEN ${p.start} AND ${p.end}", {"p": "2024-10-01..2024-10-16"}, 1),
        ("{p: date_range}", "placed >= ${p.start} AND placed < ${p.after}", {"p": "2024-10-01..2024-10-16"}, 2),
        ("{n: {type: integer, default: 11}}", "id = ${n}", {}, 1),
        ("{s: list[text]}", "state IN (${s})", {"s": "new,nothing"}, 1),
        ("{d: decimal}", "total > ${d}", {"d": "1.25"}, 2),
        ("", "id IN (${n}) AND state = ${s}", {"n": "11,12", "s": "new"}, 1),
    ],
)
def test_parameters_are_values_of_their_types(
    shop: Shop, declared: str, condition: str, given: dict[str, object], expected: int
) -> None:
    text = f"parameters: {declared}\n" if declared else ""
    text += f'exports:\n  orders: {{provider: P, query: "SELECT * FROM orders WHERE {condition}"}}\n'
    assert shop.run(text, given) == {"orders": expected}


@pytest.mark.parametrize("text", ["it's", "a\\b", 'say "hi"', "x' OR '1'='1", "50%", "line\nend", "\u2028"])
def test_a_text_is_never_more_than_a_value(shop: Shop, text: str) -> None:
    export = "exports:\n  orders: {provider: P, query: 'SELECT * FROM orders WHERE state = ${s}'}\n"
    assert shop.run(export, {"s": text}) == {"orders": 0}


def test_an_index_comes_along_unless_it_is_unwanted(shop: Shop) -> None:
    text = "exports:\n  orders: {provider: P, query: SELECT * FROM orders}\n" + SCHEMA
    found = []
    for wanted in ("true", "false"):
        shop.run(text, {"include_indexes": wanted})
        found.append("orders_by_state" in (shop.anywhere.folder / "package" / "t.sql").read_text())
    assert found == [True, False]


def test_columns_that_the_table_computes_stay_out_of_a_query_s_rows(shop: Shop) -> None:
    shop.run("exports:\n  sums: {provider: P, query: SELECT * FROM sums ORDER BY id LIMIT 1}\n" + SCHEMA)
    target = shop.anywhere.fresh()
    hotfixture.verify(shop.anywhere.folder / "package", load=target)
    assert rows(target, "SELECT id, a, twice FROM sums") == [(1, 5, 10)]


def test_exports_that_fill_one_table_agree_on_its_columns(shop: Shop) -> None:
    text = """exports:
  a: {provider: P, table: customers, query: "SELECT id, first_name FROM customers"}
  b: {provider: P, table: customers, query: "SELECT first_name, id FROM customers"}
"""
    wrong = shop.problems(text)
    assert wrong == [
        "4: exports 'a' and 'b' fill table customers with different columns: id, first_name against first_name, id"
    ]


def test_two_databases_do_not_fill_one_table(shop: Shop) -> None:
    text = "exports:\n  a: {provider: P, query: SELECT * FROM orders, table: orders}\n"
    text += "  b: {provider: Q, query: SELECT * FROM orders, table: orders}\n"
    other = shop.anywhere.filled(SHOP)
    with pytest.raises(InputError, match=r"\(P\) and 'b' \(Q\) both fill table"):
        hotfixture.plan(shop.template(text), providers={"P": shop.url, "Q": other}, key=KEY)


def test_all_problems_are_said_at_once_each_at_its_place(shop: Shop) -> None:
    text = """exports:
  s: {type: subset, provider: P, root: custmers}
  q: {provider: P, query: "SELECT idd FROM customers"}
  d: {provider: P, query: "DELETE FROM customers"}
  w:
    provider: P
    query: |
      SELECT id,
         emaill
      FROM customers
masks: {customers.emial: email}
"""
    wrong = shop.problems(text, HotFixtureError)
    assert [problem.partition(":")[0] for problem in wrong] == ["3", "4", "5", "10", "12"]
    assert "custmers" in wrong[0]
    assert "customers.emial" in wrong[4]


def test_a_template_that_exports_nothing_is_refused(shop: Shop) -> None:
    assert shop.problems("exports: {}\n") == ["1: the template exports nothing"]


def test_unknown_providers_and_volumes_are_said_with_what_to_type(shop: Shop) -> None:
    text = "exports:\n  q: {provider: NOPE, query: SELECT 1 AS a}\n  f: {type: files, volume: docs, path: '*.pdf'}\n"
    with pytest.raises(InputError) as caught:
        hotfixture.plan(shop.template(text), providers={"P": shop.url}, key=KEY)
    assert "--provider NOPE=" in str(caught.value)
    assert "--volume docs=" in str(caught.value)


def test_a_table_pattern_that_means_nothing_is_refused(shop: Shop) -> None:
    assert "zz*" in shop.problems("exports:\n  s: {type: ddl, provider: P, tables: ['zz*']}\n")[0]


def test_masks_that_would_break_a_key_are_found_before_the_run(shop: Shop) -> None:
    text = "exports:\n  s: {type: subset, provider: P, root: customers}\nmasks: {customers.email: {fixed: x}}\n"
    assert "unique" in shop.problems(text)[0]


@pytest.mark.parametrize(
    ("default", "outcome"),
    [("deny", "id, first_name, status"), ("mask", ""), ("pass", "")],
    ids=["deny", "mask", "pass"],
)
def test_the_default_of_a_policy_decides_about_what_nobody_named(shop: Shop, default: str, outcome: str) -> None:
    policy = shop.anywhere.folder / "policy.yaml"
    keep = "  - {match: customers.id, keep: a number}\n" if default == "mask" else ""
    policy.write_text(f"default: {default}\nrules:\n  - {{match: '*.email', mask: email}}\n{keep}")
    text = "exports:\n  s: {type: subset, provider: P, root: customers, where: id = 1}\n"
    if outcome:
        wrong = shop.problems(text, RefusedError, policy=policy)
        assert [one.partition("customers.")[2].split()[0] for one in wrong] == outcome.split(", ")
        return
    plan = hotfixture.plan(shop.template(text), providers={"P": shop.url}, key=KEY, policy=policy)
    masked = {column.column.name for _, _, table in plan for column in table.columns if column.mask}
    assert masked == ({"email"} if default == "pass" else {"email", "first_name", "status"})
    assert len(plan.policy) == 64
