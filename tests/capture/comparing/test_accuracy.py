"""The accuracy of mocks on two hundred cases that were decided by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.capture.made import call

from hotfixture.capture.analysis.analyzer import CaptureAnalyzer
from hotfixture.capture.mocks import Answer, Mocks, Rule

TABLE = Path(__file__).parent / "cases.txt"
"""Real answer, mock, and whether they agree: `=` or `#`."""
CASES = [
    tuple(part.strip() for part in line.split(" | "))
    for line in TABLE.read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("//")
]


def leaves(value: Any, place: str = "") -> set[tuple[str, Any]]:
    """Every scalar with its place, and the size of every container: another way to say what a value is."""
    if isinstance(value, dict):
        found = {(place, ("object", len(value)))}
        return found.union(*(leaves(inner, f"{place}/{key}") for key, inner in value.items()))
    if isinstance(value, list):
        if value and all(isinstance(one, dict) and "id" in one for one in value):
            value = sorted(value, key=lambda one: str(one["id"]))
        found = {(place, ("list", len(value)))}
        return found.union(*(leaves(inner, f"{place}/{number}") for number, inner in enumerate(value)))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {(place, ("number", round(float(value), 6)))}
    return {(place, (type(value).__name__, value))}


def test_there_are_two_hundred_cases_of_both_kinds() -> None:
    assert len(CASES) == 200
    assert sum(verdict == "=" for _, _, verdict in CASES) == 76


def test_the_accuracy_is_the_one_that_was_counted_by_hand() -> None:
    """case 29: hand-computed accuracy on 200 cases, several answers of one operation among them."""
    interactions = [
        call(number, f"operation {number % 10}", request={"case": number}, response=json.loads(real))
        for number, (real, _, _) in enumerate(CASES)
    ]
    rules = [
        Rule(
            service="billing",
            operation=f"operation {number % 10}",
            when={"case": number},
            answers=[Answer(response=json.loads(mock))],
        )
        for number, (_, mock, _) in enumerate(CASES)
    ]
    found = CaptureAnalyzer("x").compare_with_mock(interactions, Mocks(rules))
    assert (found["total_comparisons"], found["matches"], found["accuracy_score"]) == (200, 76, 0.38)
    assert found["accuracy_interval"] == [pytest.approx(0.3155, abs=1e-4), pytest.approx(0.4489, abs=1e-4)]
    by_hand = [0] * 10
    for number, (_, _, verdict) in enumerate(CASES):
        by_hand[number % 10] += verdict == "="
    assert [one["matches"] for one in found["by_operation"]] == by_hand
    assert all(one["comparisons"] == 20 and one["accuracy"] == one["matches"] / 20 for one in found["by_operation"])


@pytest.mark.parametrize("verdict", ["=", "#"])
def test_every_case_is_decided_as_by_hand_and_as_by_brute_force(verdict: str) -> None:
    wrong = []
    for real, mock, decided in CASES:
        if decided == verdict:
            sides = json.loads(real), json.loads(mock)
            found = CaptureAnalyzer("x").compare_with_mock([call(1, response=sides[0])], {"billing.charge": sides[1]})
            same = (found["accuracy_score"] == 1) == (leaves(sides[0]) == leaves(sides[1])) == (verdict == "=")
            wrong += [] if same else [(real, mock)]
    assert wrong == []
