"""What a query returns is masked as the columns it came from."""

from __future__ import annotations

import pyarrow as pa
import pytest
from tests.transforms.shops import SHOP

from hotfixture.documents import parse
from hotfixture.errors import RefusedError
from hotfixture.schema import Column
from hotfixture.transforms.decisions import decide
from hotfixture.transforms.lineage import trace
from hotfixture.transforms.outputs import output_specs
from hotfixture.transforms.policy import Policy

RULES = """
default: pass
rules:
  - {match: customers.email, mask: email}
  - {match: customers.first_name, mask: first_name}
  - {match: customers.last_name, mask: hash}
  - {match: customers.born, mask: {shift_dates: {by: id}}}
"""


def outputs(query: str, rules: str = RULES) -> dict[str, str]:
    lineage = trace(query, SHOP, "postgresql")
    decisions = decide(Policy.read(parse(rules, "p.yaml")), {"PROD": SHOP})
    columns = [Column(output.name, pa.string()) for output in lineage.columns]
    return {name: str(spec) for name, spec in output_specs(decisions, "PROD", lineage, columns).items()}


def refused(query: str, rules: str = RULES) -> str:
    with pytest.raises(RefusedError) as error:
        outputs(query, rules)
    return str(error.value)


def test_a_copy_gets_its_columns_mask_under_any_alias() -> None:
    assert outputs("SELECT id, c.email AS e FROM customers c") == {"e": "internet.email"}
    assert outputs("WITH x AS (SELECT * FROM customers) SELECT last_name FROM x") == {"last_name": "hash"}


def test_what_a_mask_reads_is_found_under_its_alias_or_asked_for() -> None:
    assert outputs("SELECT id AS number, born FROM customers")["born"] == "{shift_dates: {by: number}}"
    assert "customers.id" in refused("SELECT born FROM customers")


def test_the_columns_of_one_person_agree() -> None:
    made = outputs("SELECT email AS mail, first_name FROM customers")
    assert made["first_name"] == "{people.first_name: {by: mail, domain: email}}"


def test_an_expression_over_a_masked_column_is_refused_or_redacted() -> None:
    query = "SELECT upper(email) AS e FROM customers"
    assert "customers.email" in refused(query)
    assert outputs(query, RULES + "expressions: redact") == {"e": "redact"}
    assert outputs("SELECT upper(notes) AS n FROM customers") == {}


def test_a_union_of_masked_and_unmasked_is_masked_and_of_two_masks_refused() -> None:
    assert outputs("SELECT email AS v FROM customers UNION ALL SELECT status FROM orders") == {"v": "internet.email"}
    assert "customers.last_name" in refused(
        "SELECT email AS v FROM customers UNION ALL SELECT last_name FROM customers"
    )


def test_filters_over_masked_columns_are_allowed_or_refused_as_the_policy_says() -> None:
    query = "SELECT id FROM customers WHERE email LIKE 'a%'"
    assert outputs(query) == {}
    assert "filters" in refused(query, RULES + "filters: refuse")


def test_undecided_columns_stop_the_query() -> None:
    rules = RULES.replace("default: pass", "default: deny")
    assert "customers.notes" in refused("SELECT notes FROM customers", rules)
    assert "orders.total" in refused("SELECT sum(total) AS s FROM orders", rules)


def test_two_outputs_of_one_name_must_agree() -> None:
    assert "alias" in refused("SELECT email AS x, last_name AS x FROM customers")
