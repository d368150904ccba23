"""Combinations of columns that may not repeat, references of several columns, and references that share one."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engines import Anywhere

from hotfixture.errors import InputError
from hotfixture.plans.seed import read
from hotfixture.plans.seed.calls import compare, seed
from hotfixture.plans.seed.grid import strides

SCHOOL = """
tables:
  - name: students
    count: 120
    columns: [{name: id, primary_key: true}, {name: full_name}]
  - name: courses
    count: 30
    columns: [{name: id, primary_key: true}, {name: title, generator: word}]
  - name: enrolments
    count: 3000
    primary_key: [student_id, course_id]
    columns:
      - {name: student_id, references: students.id}
      - {name: course_id, references: courses.id}
  - name: seats
    count: 3..9 per courses
    primary_key: [course_id, student_id]
    columns:
      - {name: course_id, references: courses.id}
      - {name: student_id, references: students.id}
  - name: marks
    count: 400
    unique: [[student_id, day, term]]
    columns:
      - {name: id, primary_key: true}
      - {name: student_id, references: students.id}
      - {name: day, type: date, params: {low: 2024-01-01, high: 2024-01-31}}
      - {name: term, values: [winter, summer]}
"""
TENANTS = """
tables:
  - name: tenants
    count: 12
    columns: [{name: id, primary_key: true}]
  - name: customers
    count: 2..8 per tenants
    primary_key: [tenant_id, no]
    columns: [{name: tenant_id, references: tenants.id}, {name: no, line_no: true}]
  - name: products
    count: 1..6 per tenants
    primary_key: [tenant_id, sku]
    columns: [{name: tenant_id, references: tenants.id}, {name: sku, line_no: true}]
  - name: orders
    count: 500
    columns:
      - {name: id, primary_key: true}
      - {name: tenant_id}
      - {name: customer_no}
      - {name: product_sku}
    references:
      - {columns: [tenant_id, customer_no], to: "customers(tenant_id, no)"}
      - {columns: [tenant_id, product_sku], to: "products(tenant_id, sku)"}
"""


def rows(text: str, name: str) -> list[dict[str, Any]]:
    table = read(text).table(name)
    found: list[dict[str, Any]] = table.batch(0, table.count).to_pylist()
    return found


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("enrolments", ["student_id", "course_id"]),
        ("seats", ["course_id", "student_id"]),
        ("marks", ["student_id", "day", "term"]),
    ],
)
def test_a_combination_never_repeats(table: str, columns: list[str]) -> None:
    found = Counter(tuple(row[name] for name in columns) for row in rows(SCHOOL, table))
    assert set(found.values()) == {1}


def test_every_part_of_a_combination_is_used_evenly() -> None:
    per_student = Counter(row["student_id"] for row in rows(SCHOOL, "enrolments"))
    assert len(per_student) == 120
    assert max(per_student.values()) <= 30


def test_a_combination_with_fewer_members_than_rows_is_refused_with_its_size() -> None:
    with pytest.raises(InputError, match=r"3,600 combinations for 4,000 rows"):
        read(SCHOOL.replace("count: 3000", "count: 4000"))


def test_a_combination_that_nobody_can_count_is_refused() -> None:
    text = (
        SCHOOL.replace("[[student_id, day, term]]", "[[student_id, note]]")
        + "      - {name: note, generator: sentence}\n"
    )
    with pytest.raises(InputError, match="nobody knows how many values note"):
        read(text)


@given(size=st.integers(1, 5000))
def test_a_walk_by_a_stride_visits_every_number_before_it_comes_back(size: int) -> None:
    for step in strides(size)[:5]:
        assert len({number * step % size for number in range(size)}) == size


def test_references_that_share_a_column_agree_on_it() -> None:
    customers = {(row["tenant_id"], row["no"]) for row in rows(TENANTS, "customers")}
    products = {(row["tenant_id"], row["sku"]) for row in rows(TENANTS, "products")}
    used = defaultdict(set)
    for order in rows(TENANTS, "orders"):
        assert (order["tenant_id"], order["customer_no"]) in customers
        assert (order["tenant_id"], order["product_sku"]) in products
        used[order["tenant_id"]].add(order["product_sku"])
    assert len(used) > 8


def test_a_shared_column_whose_target_is_not_laid_out_by_it_is_refused() -> None:
    text = TENANTS.replace("count: 1..6 per tenants", "count: 40").replace(
        "{name: sku, line_no: true}", "{name: sku, type: integer}"
    )
    with pytest.raises(InputError, match="not laid out by it"):
        read(text)


@pytest.mark.parametrize("text", [SCHOOL, TENANTS])
def test_a_database_takes_them_with_its_constraints_on(text: str, anywhere: Anywhere) -> None:
    url = anywhere.fresh()
    seed(text, url)
    assert [one for one in compare(text, url) if not one.holds] == []
