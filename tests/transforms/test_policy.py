"""Policy files, and what they decide about columns; everything fails closed."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from tests.transforms.shops import CUSTOMERS, ORDERS, SHOP, column, table

from hotfixture.documents import parse
from hotfixture.errors import InputError, RefusedError
from hotfixture.schema import Schema
from hotfixture.transforms.decisions import Decisions, decide
from hotfixture.transforms.globs import Glob
from hotfixture.transforms.policy import Policy


def policy(text: str) -> Policy:
    return Policy.read(parse(text, "policy.yaml"))


def decided(text: str, template: Any = None, schema: Schema = SHOP) -> dict[str, str]:
    decisions = decide(policy(text), {"PROD": schema}, template)
    return {f"{one.table.name}.{one.column}": str(one.mask) if one.mask else one.state for one in decisions}


def refused(text: str, template: Any = None, schema: Schema = SHOP) -> str:
    with pytest.raises(InputError) as error:
        decide(policy(text), {"PROD": schema}, template)
    return str(error.value)


KEEP_ALL = '\n  - {match: "*.*", keep: known}'


def test_the_first_rule_from_the_top_decides() -> None:
    rules = 'default: deny\nrules:\n  - {match: customers.email, mask: hash}\n  - {match: "*.email", mask: email}'
    assert decided(rules + KEEP_ALL)["customers.email"] == "hash"
    assert decided(rules + KEEP_ALL)["customers.notes"] == "kept"


@pytest.mark.parametrize(
    "pattern", ["PROD.public.customers.email", "P*.*.cust*.e?ail", "public.customers.email", "customers.email", "email"]
)
def test_a_pattern_may_leave_out_parts_from_the_left(pattern: str) -> None:
    assert (
        decided(f"default: pass\nrules:\n  - {{match: {pattern}, mask: email}}")["customers.email"] == "internet.email"
    )


@pytest.mark.parametrize("pattern", ["a.b.c.d.e", "", "a..b", "a.", '"a', ".a"])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(InputError, match="no pattern"):
        Glob.parse(pattern)


def test_a_quoted_part_may_hold_dots_and_means_its_wildcards() -> None:
    odd = table("my.table", column("a*b"), column("axb"))
    schema = Schema({odd.name: odd})
    assert decided('default: pass\nrules:\n  - {match: \'"my.table"."a*b"\', mask: redact}', schema=schema) == {
        "my.table.a*b": "redact",
        "my.table.axb": "passed",
    }


def test_names_compare_without_case_only_where_the_engine_does_so() -> None:
    rule = "default: pass\nrules:\n  - {match: CUSTOMERS.EMAIL, mask: email}"
    assert "means no column" in refused(rule)
    folding = Schema(SHOP.tables, folds_case=True)
    assert decided(rule, schema=folding)["customers.email"] == "internet.email"


def test_a_rule_that_means_no_column_is_an_error_with_its_line() -> None:
    text = refused("default: pass\nrules:\n  - {match: customers.emial, mask: email}")
    assert "policy.yaml:3:5" in text
    assert "customers.emial" in text


def test_an_optional_rule_or_one_for_another_provider_may_mean_nothing() -> None:
    rules = "default: pass\nrules:\n  - {match: customers.emial, mask: email, optional: true}\n"
    assert decided(rules + "  - {match: OTHER.public.x.y, mask: email}")["customers.email"] == "passed"


def test_a_template_mask_that_means_no_column_is_an_error() -> None:
    assert "customers.emial" in refused("default: pass", {"customers.emial": "email"})


def test_all_problems_are_said_at_once_with_their_places() -> None:
    with pytest.raises(InputError) as error:
        policy("default: maybe\nrules:\n  - {match: a.b, mask: emial}\n  - {keep: true}\n  - {match: x, wat: 1}")
    lines = str(error.value)
    assert all(place in lines for place in ("policy.yaml:1:", "policy.yaml:3:", "policy.yaml:4:", "policy.yaml:5:"))
    assert "Did you mean email" in lines


def test_under_deny_an_undecided_column_stops_the_export_that_holds_it() -> None:
    rules = (
        "default: deny\nrules:\n  - {match: customers.*, mask: redact, type: text}\n  - {match: orders.*, keep: true}"
    )
    decisions = decide(policy(rules), {"PROD": SHOP})
    assert decisions.masks("PROD", ORDERS) == {}
    with pytest.raises(RefusedError, match=r"customers\.born"):
        decisions.masks("PROD", CUSTOMERS)
    assert set(decisions.masks("PROD", CUSTOMERS, ["email", "notes"])) == {"email", "notes"}


def test_a_column_added_after_the_approval_cannot_slip_out() -> None:
    rules = policy(
        "default: deny\nrules:\n  - {match: [orders.id, orders.customer_id, orders.total, orders.status], keep: true}"
    )
    grown = table("orders", *ORDERS.columns, column("card_number"), primary_key=("id",))
    schema = Schema({grown.name: grown})
    with pytest.raises(RefusedError, match="card_number"):
        decide(rules, {"PROD": schema}).masks("PROD", grown)


def test_under_mask_an_undecided_column_is_masked_by_its_type() -> None:
    made = decided("default: mask")
    assert made["customers.notes"] == "redact"
    assert made["customers.email"] == "permute", "it is a unique key"
    assert made["customers.born"] == "{shift_dates: {days: 365, by: id}}"
    assert made["orders.total"] == "{noise: {relative: 0.2}}"
    assert made["orders.customer_id"] == made["customers.id"] == "permute"


def test_a_type_without_a_neutral_value_stays_undecided_under_mask() -> None:
    place = table("places", column("spot", native="point", nullable=False))
    decisions = decide(policy("default: mask"), {"PROD": Schema({place.name: place})})
    with pytest.raises(RefusedError, match="spot"):
        decisions.masks("PROD", place)


def test_without_a_policy_only_the_template_masks() -> None:
    decisions = decide(Policy(), {"PROD": SHOP}, {"customers.email": "email"})
    assert {one.column for one in decisions if one.mask} == {"email"}


def test_rules_by_type_and_by_detected_class() -> None:
    made = decided(
        "default: pass\nrules:\n  - {type: date, mask: {shift_dates: 30}}\n"
        "  - {class: [first_name, last_name], mask: redact}"
    )
    assert made["customers.born"] == "{shift_dates: {days: 30}}"
    assert made["customers.first_name"] == made["customers.last_name"] == "redact"
    assert made["customers.email"] == "passed"
    numbers = decided('default: pass\nrules:\n  - {type: "numeric*", mask: {noise: 0.5}}\n')
    assert numbers["orders.total"] == "{noise: {relative: 0.5}}"


def test_all_conditions_of_a_rule_must_hold() -> None:
    made = decided("default: pass\nrules:\n  - {match: customers.*, type: text, class: email, mask: hash}")
    assert [name for name, what in made.items() if what == "hash"] == ["customers.email"]


MASKED = "default: deny\nrules:\n  - {match: customers.email, mask: email}" + KEEP_ALL


@pytest.mark.parametrize("mask", ["email", "null", None, "redact", {"fixed": "x"}])
def test_a_template_may_say_the_same_or_leave_nothing(mask: Any) -> None:
    assert decided(MASKED, {"customers.email": mask})["customers.email"] != "kept"


@pytest.mark.parametrize("mask", ["keep", "hash", {"keep_last": 20}, "first_name", {"email": {"unique": False}}])
def test_a_template_never_masks_less(mask: Any) -> None:
    assert "customers.email" in refused(MASKED, {"customers.email": mask})


def test_a_rule_may_let_the_template_choose_but_never_let_the_column_pass() -> None:
    rules = MASKED.replace("mask: email}", "mask: email, may_replace: true}")
    assert decided(rules, {"customers.email": "hash"})["customers.email"] == "hash"
    assert "only the policy" in refused(rules, {"customers.email": "keep"})


def test_a_template_masks_what_the_policy_keeps_and_cannot_keep_what_is_undecided() -> None:
    assert decided(MASKED, {"customers.notes": "scrub"})["customers.notes"] == "scrub"
    rules = "default: deny\nrules:\n  - {match: orders.*, keep: true}"
    assert "only the policy" in refused(rules, {"customers.notes": "keep"})


def test_a_rule_that_never_decides_is_warned_of() -> None:
    rules = "default: pass\nrules:\n  - {match: customers.*, mask: redact}\n  - {match: customers.email, mask: email}"
    (warning,) = decide(policy(rules), {"PROD": SHOP}).warnings
    assert "never decides" in str(warning)
    assert "policy.yaml:4:5" in str(warning)


def test_every_decision_says_why() -> None:
    rules = (
        "default: pass\nrules:\n  - {match: customers.id, mask: permute}\n  - {match: customers.notes, keep: harmless}"
    )
    decisions: Decisions = decide(policy(rules), {"PROD": SHOP}, {"orders.total": {"noise": 0.1}})
    why = {f"{one.table.name}.{one.column}": one.why for one in decisions}
    assert why["customers.id"] == "rule policy.yaml:3:5"
    assert why["orders.customer_id"] == "follows public.customers.id"
    assert why["customers.notes"] == "rule policy.yaml:4:5: harmless"
    assert why["orders.total"] == "template"
    assert why["orders.status"] == "default: pass"


def test_masks_that_do_not_fit_their_columns_are_all_named() -> None:
    decisions = decide(
        Policy(), {"PROD": SHOP}, {"orders.total": "email", "orders.id": "email", "orders.status": "redact"}
    )
    with pytest.raises(InputError) as error:
        decisions.masks("PROD", ORDERS)
    assert len(error.value.problems) == 2 + (decisions.of("PROD", ORDERS.name, "customer_id").mask is not None)


def test_generated_columns_are_not_asked_about_in_a_whole_table() -> None:
    whole = table("t", column("a"), column("b", pa.string(), generated=True))
    rules = policy("default: deny\nrules:\n  - {match: t.a, keep: true}")
    assert decide(rules, {"PROD": Schema({whole.name: whole})}).masks("PROD", whole) == {}
