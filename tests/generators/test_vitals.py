"""Measurements fit together."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.generators import find

DRAWS = Draws.from_rows(4, "vitals", 0, 4_000)


def test_single_signs_are_those_of_the_vital_signs_of_the_same_draws():
    rows = find("vital_signs")(DRAWS).to_pylist()
    for name in ("heart_rate", "body_temperature", "respiratory_rate", "oxygen_saturation", "systolic", "diastolic"):
        assert find(name)(DRAWS).to_pylist() == [row[name] for row in rows]
    pressures = [f"{row['systolic']}/{row['diastolic']}" for row in rows]
    assert find("blood_pressure")(DRAWS).to_pylist() == pressures


def test_who_has_a_fever_breathes_fast_and_has_a_quick_heart():
    for row in find("vital_signs")(DRAWS).to_pylist():
        ill = row["body_temperature"] >= 37.5
        assert ill == (row["heart_rate"] >= 99) == (row["respiratory_rate"] >= 19) == (row["oxygen_saturation"] < 96)
        assert 20 < row["systolic"] - row["diastolic"] < 90


@pytest.mark.parametrize(("state", "low", "high"), [("well", 36.1, 37.4), ("unwell", 37.5, 38.5), ("severe", 38.6, 41)])
def test_the_state_decides_the_ranges(state, low, high):
    assert all(low <= value <= high for value in agreed("body_temperature", state=state, count=200))


def test_four_of_five_patients_are_well():
    rates = find("heart_rate")(DRAWS).to_pylist()
    assert 0.77 < sum(rate < 99 for rate in rates) / len(rates) < 0.83


def test_the_index_follows_from_height_and_weight():
    for row in find("body_measurements")(DRAWS).to_pylist():
        assert row["bmi"] == pytest.approx(row["weight"] / (row["height"] / 100) ** 2, abs=0.05)


def test_laboratory_results_say_whether_they_lie_within_their_range():
    rows = find("lab_result")(DRAWS).to_pylist()
    flags = Counter(row["flag"] for row in rows)
    assert 0.77 < flags["normal"] / len(rows) < 0.84
    assert min(flags.values()) > 150
    for row in rows:
        assert (row["flag"] == "high") == (row["value"] > row["high"])
        assert (row["flag"] == "low") == (row["value"] < row["low"])


def test_temperatures_in_fahrenheit_are_those_in_celsius():
    made = find("body_temperature")
    pairs = zip(made(DRAWS).to_pylist(), made(DRAWS, scale="fahrenheit").to_pylist(), strict=True)
    assert all(fahrenheit == pytest.approx(celsius * 1.8 + 32, abs=0.051) for celsius, fahrenheit in pairs)
    assert all(96 < value < 105 for value in agreed("temperature", scale="fahrenheit", count=100))
