"""Differences of values: each type at its place, with its severity; and what counts as the same."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.capture.comparing.differences import (
    Difference,
    agree,
    brief,
    canonical,
    compare_values,
    differences,
)
from hotfixture.capture.comparing.tolerances import Tolerance

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False, width=32) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


def only(real: Any, mock: Any, **options: Any) -> Difference:
    (found,) = compare_values(real, mock, **options)
    return found


@pytest.mark.parametrize(
    ("real", "mock", "type_", "path", "severity"),
    [
        ({"a": "1"}, {"a": 1}, "type_mismatch", "a", "breaking"),
        ({"a": None}, {"a": 1}, "type_mismatch", "a", "breaking"),
        ({"a": True}, {"a": 1}, "type_mismatch", "a", "breaking"),
        ({"a": []}, {"a": {}}, "type_mismatch", "a", "breaking"),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "value_mismatch", "a.b", "likely"),
        ({"a": 0}, {"a": 1}, "value_mismatch", "a", "likely"),
        ({"a": ""}, {"a": "x"}, "value_mismatch", "a", "likely"),
        ({"a": False}, {"a": True}, "value_mismatch", "a", "likely"),
        (None, {}, "type_mismatch", "", "breaking"),
        ({"a": 1}, {}, "missing_key_in_mock", "a", "breaking"),
        ({"a": None}, {}, "missing_key_in_mock", "a", "likely"),
        ({}, {"a": 1}, "extra_key_in_mock", "a", "breaking"),
        ({}, {"a": None}, "extra_key_in_mock", "a", "likely"),
        ({"a": [1]}, {"a": [1, 2]}, "length_mismatch", "a", "likely"),
        ({"a": []}, {"a": [1]}, "length_mismatch", "a", "likely"),
        ({"a": [1, 2]}, {"a": [2, 1]}, "order_mismatch", "a", "likely"),
        ([{"id": 1}, {"id": 2}], [{"id": 2}, {"id": 1}], "order_mismatch", "", "cosmetic"),
        ({"x.y": {"[": 1}}, {"x.y": {"[": 2}}, "value_mismatch", '["x.y"]["["]', "likely"),
    ],
)  # fmt: skip
def test_each_type_is_told_at_its_place_falsy_values_included(
    real: Any, mock: Any, type_: str, path: str, severity: str
) -> None:
    """case 29: falsy answers are compared like all others; null and a missing key are two things."""
    found = only(real, mock)
    assert (found.type, found.path, found.severity) == (type_, path, severity)


@given(JSON)
def test_a_value_does_not_differ_from_itself(value: Any) -> None:
    assert compare_values(value, json.loads(json.dumps(value))) == []


@given(JSON, JSON)
def test_values_that_differ_are_told_to_and_both_ways_alike(real: Any, mock: Any) -> None:
    found, back = compare_values(real, mock), compare_values(mock, real)
    assert len(found) == len(back)
    if not found:
        assert canonical(real) == canonical(mock) or _near(real, mock)


def _near(real: Any, mock: Any) -> bool:
    if isinstance(real, dict) and isinstance(mock, dict):
        return real.keys() == mock.keys() and all(_near(real[key], mock[key]) for key in real)
    if isinstance(real, list) and isinstance(mock, list):
        return len(real) == len(mock) and all(map(_near, real, mock))
    if isinstance(real, int | float) and isinstance(mock, int | float):
        return math.isclose(real, mock, rel_tol=1e-9, abs_tol=1e-9)
    return bool(real == mock)


def test_elements_of_lists_are_paired_by_their_id() -> None:
    real = [{"id": n, "v": n} for n in range(4)]
    mock = [{"id": 3, "v": 3}, {"id": 0, "v": 9}, {"id": 1, "v": 1}, {"id": 7, "v": 2}]
    found = compare_values(real, mock)
    assert [(one.type, one.path) for one in found] == [
        ("order_mismatch", ""), ("value_mismatch", "[0].v"), ("value_mismatch", "[2].id"),
    ]  # fmt: skip
    assert compare_values(real[::-1], real, tolerance=Tolerance(any_order=True)) == []


def test_a_list_that_lost_an_element_is_compared_by_what_is_left() -> None:
    real = [{"id": n, "v": n} for n in range(4)]
    assert [one.type for one in compare_values(real, [real[0], real[2], real[3]])] == ["length_mismatch"]


def test_lists_without_common_ids_are_compared_by_place() -> None:
    assert only([{"id": 1}], [{"id": 2}]).path == "[0].id"
    assert only([{"id": 1}, {"id": 1}], [{"id": 1}, {"id": 2}]).path == "[1].id"


@pytest.mark.parametrize(
    ("real", "mock", "options", "same"),
    [
        (1, 1.0, {}, True),
        (1, 1.0, {"strict_numbers": True}, False),
        (0.1 + 0.2, 0.3, {}, True),
        (100.0, 100.5, {}, False),
        (100.0, 100.5, {"relative": 0.01}, True),
        (100, 101, {"relative": 0.05}, True),
        (0.0, 0.4, {"absolute": 0.5}, True),
        (2**63, 2**63 + 1, {}, False),
        (10**400, 1.0, {}, False),
        (float("nan"), float("nan"), {}, True),
        (float("inf"), 1.0, {}, False),
        ("2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", {}, True),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", {}, False),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", {"seconds": 1}, True),
        ("2026-13-01T00:00:00Z", "2026-13-01T01:00:00+01:00", {}, False),
        ({"a": None}, {}, {"null_is_missing": True}, True),
        ({}, {"a": None}, {"null_is_missing": True}, True),
        ({"a": 0}, {}, {"null_is_missing": True}, False),
        ([3, 1, 2], [1, 2, 3], {"any_order": True}, True),
        ([3, 1, 2], [1, 2, 2], {"any_order": True}, False),
    ],
)  # fmt: skip
def test_tolerances_are_what_they_say(real: Any, mock: Any, options: dict[str, Any], same: bool) -> None:
    """case 29: int against float, floats within bounds, instants however spelled, missing against null."""
    assert (compare_values(real, mock, tolerance=Tolerance(**options)) == []) is same


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("at", ["o.at", "l[0].at", "l[1].at"]),
        ("**.at", []),
        ("*.at", ["at", "l[0].at", "l[1].at"]),
        ("l[*].at", ["at", "o.at"]),
        ("l[].at", ["at", "o.at"]),
        ("l[1].at", ["at", "o.at", "l[0].at"]),
        ("l", ["at", "o.at"]),
        ("**", []),
        ('["at"]', ["o.at", "l[0].at", "l[1].at"]),
        ("a", ["at", "o.at", "l[0].at", "l[1].at"]),
    ],
)
def test_places_are_left_out_by_pattern(pattern: str, left: list[str]) -> None:
    real = {"at": 1, "o": {"at": 1}, "l": [{"at": 1}, {"at": 1}]}
    mock = {"at": 2, "o": {"at": 2}, "l": [{"at": 2}, {"at": 2}]}
    assert [one.path for one in compare_values(real, mock, ignore=[pattern])] == left


def test_a_key_that_is_left_out_may_be_missing_too() -> None:
    assert compare_values({"a": 1}, {}, ignore=["a"]) == []
    assert compare_values({}, {"a": 1}, ignore=["a"]) == []


def test_very_deep_values_are_compared_without_an_end_of_the_stack() -> None:
    def nested(bottom: int, depth: int) -> Any:
        value: Any = bottom
        for _ in range(depth):
            value = {"a": value}
        return value

    assert compare_values(nested(1, 10_000), nested(1, 10_000)) == []
    assert only(nested(1, 600), nested(2, 600)).type == "value_mismatch"


def test_values_that_are_no_json_have_a_canonical_form() -> None:
    odd: list[Any] = [{"a": "\ud800"}, {"a": float("nan")}, {"a": {1: 2}}, {"a": 2**70}, {"a": None}]
    assert len({canonical(one) for one in odd}) == len(odd)
    assert canonical({"b": "\ud800", "a": 1.0}) == canonical({"a": 1, "b": "\ud800"})


def test_values_agree_when_they_differ_cosmetically_only() -> None:
    assert agree([Difference("x", "", 1, 2, "cosmetic")])
    assert not agree([Difference("x", "", 1, 2, "cosmetic"), Difference("x", "", 1, 2, "likely")])


def test_a_difference_is_said_on_one_line() -> None:
    assert str(only({"a": "x" * 200}, {"a": None})) == f'a: type mismatch: "{"x" * 78}… / null'
    assert brief(object()).startswith('"<object') or brief(object()).startswith("(")


ONE = "6f1e3a52-0000-4000-8000-00000000000"
URL = "https://api.shop.example/users/5?page=1"


def request(url: str = URL, body: Any = None, method: str = "POST") -> dict[str, Any]:
    return {
        "method": method,
        "url": url,
        "headers": [["x", "y"]],
        "body": None if body is None else {"text": json.dumps(body)},
    }


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (request(body={"a": 1}), request(body={"a": 1}), []),
        (request(body={"a": 1}), request(body={"a": 2}), [("value_changed", "body.a")]),
        (request(body={"a": 1}), request(body={"a": "1"}), [("type_changed", "body.a")]),
        (request(body={"a": 1}), request(body={}), [("field_removed", "body.a")]),
        (request(body={}), request(body={"a": 1}), [("field_added", "body.a")]),
        (request(body={"a": [1]}), request(body={"a": [1, 2]}), [("length_changed", "body.a")]),
        (request(), request(URL.replace("page=1", "page=2")), [("value_changed", "query.page")]),
        (request(), request(URL.replace("/5", "/6")), [("value_changed", "path[1]")]),
        (request(body={"n": f"{ONE}1"}), request(body={"n": f"{ONE}2"}), []),
        (request(body={"t": "2026-01-01T00:00:00Z"}), request(body={"t": "2026-11-21T10:00:00Z"}), []),
        (request(body={"t": "2026-01-01T00:00:00Z"}), request(body={"t": "later"}), [("value_changed", "body.t")]),
        ({"sql": "select", "values": [1]}, {"sql": "select", "values": [2]}, [("value_changed", "values[0]")]),
    ],
)  # fmt: skip
def test_requests_differ_field_by_field_but_for_uuids_and_timestamps(old: Any, new: Any, told: list[Any]) -> None:
    """case 28: a changed body field is told although the URL matches."""
    assert [(one.type, one.path) for one in differences(old, new)] == told


def test_noise_of_requests_is_left_out() -> None:
    old, new = request(body={"nonce": 1, "a": 1}), request(body={"nonce": 2, "a": 1})
    assert differences(old, new, ["body.nonce"]) == []
