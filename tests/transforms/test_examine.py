"""What would break the load is found before the run, with what to do; what fits is let pass."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from tests.transforms.shops import column, table

from hotfixture.schema import Check, Column, Unique
from hotfixture.transforms.decisions import bind_all
from hotfixture.transforms.examine import Finding, examine
from hotfixture.transforms.masks import MaskSpec


def found(mask: Any, one: Column, **options: Any) -> list[Finding]:
    rows, dialect, samples = (
        options.pop("rows", 10_000),
        options.pop("dialect", "postgres"),
        options.pop("samples", None),
    )
    whole = table("t", one, column("other"), **options)
    specs = {one.name: MaskSpec.parse(mask)}
    return examine(whole, bind_all(specs, whole.columns), rows=rows, dialect=dialect, samples=samples)


TEXT = column("a", native="text")
UNIQUE = (Unique("t_a", ("a",)),)


@pytest.mark.parametrize("mask", ["permute", "email", "hash", "uuid", {"user_name": {}}, "null"])
def test_masks_that_keep_values_apart_may_stand_on_unique_columns(mask: Any) -> None:
    assert found(mask, TEXT, uniques=UNIQUE) == []


@pytest.mark.parametrize(
    "mask",
    ["redact", {"fixed": "x"}, {"keep_last": 4}, "first_name", "phone", {"hash": 4}, {"bucket": 5},
     {"replace": {"pattern": ".", "with": "x"}}],
)  # fmt: skip
@pytest.mark.parametrize(
    "key", [{"uniques": UNIQUE}, {"primary_key": ("a",)}, {"uniques": (Unique("u", ("a",), "lower(a)"),)}]
)
def test_masks_that_make_values_equal_are_refused_on_unique_columns(mask: Any, key: Any) -> None:
    (finding,) = found(mask, TEXT, **key)
    assert finding.column == "a"
    assert finding.severity == "error" or "not known" in str(finding.problem)
    assert "permute" in finding.problem.hint


def test_the_birthday_bound_depends_on_the_rows() -> None:
    assert found({"hash": 8}, TEXT, uniques=UNIQUE, rows=1000) == []
    assert found({"hash": 8}, TEXT, uniques=UNIQUE, rows=100_000)[0].severity == "error"


def test_part_of_a_unique_key_or_a_partial_one_is_warned_of() -> None:
    (both,) = found("redact", TEXT, uniques=(Unique("u", ("a", "other")),))
    (partial,) = found("redact", TEXT, uniques=(Unique("u", ("a",), where="active"),))
    assert both.severity == partial.severity == "warning"


def test_an_expression_that_may_merge_values_is_warned_of() -> None:
    (finding,) = found("permute", TEXT, uniques=(Unique("u", ("a",), "substr(a, 1, 3)"),))
    assert finding.severity == "warning"
    assert found("permute", TEXT, uniques=(Unique("u", ("a",), "lower((a)::text)"),)) == []


def test_null_is_refused_where_it_may_not_stand() -> None:
    assert "may not be null" in str(found("null", column("a", native="text", nullable=False))[0].problem)
    assert "not distinct" in str(found("null", TEXT, uniques=(Unique("u", ("a",), nulls_distinct=False),))[0].problem)


def test_a_column_too_short_for_the_mask_is_found_and_max_length_helps() -> None:
    short = column("a", native="varchar(10)", length=10)
    (finding,) = found("phone", short)
    assert "holds 10 characters" in str(finding.problem)
    assert found({"email": {"max_length": 10, "unique": False}}, short) == []
    assert found("hash", short) == []
    assert found("first_name", column("a", native="varchar(50)", length=50)) == []


def test_an_enum_takes_its_members_only() -> None:
    mood = column("a", native="mood", choices=("ok", "sad"))
    assert found("first_name", mood)[0].severity == "error"
    assert found("redact", mood) == []
    assert found({"fixed": "sad"}, mood) == []


@pytest.mark.parametrize(
    ("check", "mask", "one", "breaks"),
    [
        ("a >= 0", {"fixed": -1}, column("a", pa.int32(), "integer"), True),
        ("a >= 0", {"noise": 0.5}, column("a", pa.int32(), "integer"), False),
        ("a BETWEEN 18 AND 99", "redact", column("a", pa.int32(), "integer"), True),
        ("a IN ('x', 'y')", {"fixed": "z"}, TEXT, True),
        ("a = ANY (ARRAY['x'::text, 'y'::text])", {"fixed": "y"}, TEXT, False),
        ("a = ANY (ARRAY['x'::text, 'y'::text])", "first_name", TEXT, True),
        ("a LIKE '%@%'", "email", TEXT, False),
        ("a LIKE '%@%'", "redact", TEXT, True),
        ("a ~ '^[0-9]+$'", "card", TEXT, False),
        ("a ~ '^[0-9]+$'", "iban", TEXT, True),
        ("length(a) <= 5", "email", TEXT, True),
        ("char_length(a) > 2 AND a IS NOT NULL", "email", TEXT, False),
        ("NOT (a = 'x') OR a <> 'y'", {"fixed": "x"}, TEXT, False),
        ("a > '2000-01-01'", "redact", column("a", pa.date32(), "date"), True),
        ("lower(a) = a", "hash", TEXT, False),
        ("a NOT IN ('x')", {"fixed": "x"}, TEXT, True),
        ("a NOT LIKE 'x%'", {"fixed": "y"}, TEXT, False),
        ("a NOT BETWEEN 'a' AND 'c'", {"fixed": "b"}, TEXT, True),
        ("a IS NOT NULL", "null", TEXT, True),
        ("a !~ '[0-9]'", {"fixed": "b1"}, TEXT, True),
        ("a IS NULL OR a <> ''", "null", TEXT, False),
    ],
)
def test_simple_checks_are_tried_on_what_the_mask_gives(check: str, mask: Any, one: Column, breaks: bool) -> None:
    findings = found(mask, one, checks=(Check("c", check),))
    assert [finding.severity for finding in findings] == (["error"] if breaks else [])


def test_a_check_that_is_not_understood_or_ties_columns_is_warned_of() -> None:
    strange = found("email", TEXT, checks=(Check("c", "is_valid(a)"),))
    tied = found("email", TEXT, checks=(Check("c", "a <> other"),))
    assert [finding.severity for finding in strange + tied] == ["warning", "warning"]


def test_a_check_on_other_columns_does_not_matter() -> None:
    assert found("email", TEXT, checks=(Check("c", "other > 'x'"),)) == []


def test_real_values_decide_for_masks_that_follow_them() -> None:
    check = (Check("c", "a LIKE 'K-%'"),)
    assert found("permute", TEXT, checks=check) == []
    real = {"a": pa.array(["K-123", "K-777"])}
    assert found("permute", TEXT, checks=check, samples=real)[0].severity == "error"
    assert found({"permute": "digits"}, TEXT, checks=check, samples=real) == []


def test_all_findings_come_at_once_in_the_order_of_the_columns() -> None:
    whole = table(
        "t", column("a", nullable=False), column("b", native="varchar(3)", length=3), uniques=(Unique("u", ("b",)),)
    )
    masks = bind_all({"b": MaskSpec("phone"), "a": MaskSpec("null")}, whole.columns)
    findings = examine(whole, masks, rows=1_000_000)
    assert [finding.column for finding in findings] == ["a", "b", "b"]


def test_integers_that_do_not_fit_the_type_are_found() -> None:
    small = column("a", pa.int16(), "smallint")
    assert found({"integer": {"low": 0, "high": 99_999}}, small)[0].severity == "error"
    assert found({"integer": {"low": 0, "high": 99}}, small) == found("permute", small) == []


def test_a_unique_value_cannot_follow_a_column_that_repeats() -> None:
    whole = {"primary_key": ("other",), "uniques": UNIQUE}
    assert found({"email": {"by": "other"}}, TEXT, **whole) == []
    assert "all rows of one other" in str(found({"email": {"by": "other"}}, TEXT, uniques=UNIQUE)[0].problem)
