"""Factories."""

from __future__ import annotations

from decimal import Decimal

from tests.generators.agreement import agreed

from hotfixture.generators.pools import table


def test_a_material_is_of_the_kind_asked_for():
    assert all(name.startswith("EN-GJL") for name in agreed("material_grade", material="grey cast iron"))


def test_codes_of_units_are_two_or_three_characters_each_once():
    codes = table("manufacturing/unit")["code"].lines
    assert len(set(codes)) == len(codes)
    assert all(len(code) in (2, 3) and code.isalnum() and code == code.upper() for code in codes)


def test_the_highest_twentieth_of_a_sensors_range_raises_the_alarm():
    readings = agreed("sensor_reading", count=3_000)
    columns = table("manufacturing/sensor")
    for reading in readings:
        row = columns["quantity"].lines.index(reading["quantity"])
        low, high = columns["low"][row] / 10, columns["high"][row] / 10
        if abs((reading["value"] - low) / (high - low) - 0.95) > 0.001:
            assert reading["alarm"] == ((reading["value"] - low) / (high - low) > 0.95)
    assert 80 < sum(reading["alarm"] for reading in readings) < 230


def test_the_class_of_a_supplier_follows_from_the_points():
    classes = set()
    for supplier in agreed("supplier_rating", count=500):
        score = supplier["score"]
        assert supplier["rating"] == ("A" if score >= 90 else "B" if score >= 80 else "C" if score >= 70 else "D")
        classes.add(supplier["rating"])
    assert classes == set("ABCD")


def test_a_dimension_is_good_where_it_deviates_no_more_than_allowed():
    checks = agreed("dimension_check", count=1_000)
    for check in checks:
        assert check["within_tolerance"] == (abs(check["actual"] - check["nominal"]) <= check["tolerance"])
    assert 850 < sum(check["within_tolerance"] for check in checks) < 1_000


def test_effectiveness_is_the_product_of_its_parts():
    for each in agreed("oee", count=200):
        product = each["availability"] * each["performance"] * each["quality"] / 10_000
        assert 0 <= product - each["oee"] < Decimal("0.1")
