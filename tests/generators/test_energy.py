"""Energy: check characters are right, readings and shares add up."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.generators import find

DRAWS = Draws.from_rows(15, "energy", 0, 2_000)


def test_meter_points_have_the_check_digit_of_primes():
    primes = [prime for prime in range(3, 44) if all(prime % other for other in range(2, prime)) and prime != 11]
    for number in agreed("mpan", count=500):
        total = sum(int(digit) * prime for digit, prime in zip(number[:12], primes, strict=True))
        assert int(number[12]) == total % 11 % 10
        assert number.startswith("99")


def test_energy_identification_codes_have_their_check_character_and_never_a_hyphen():
    worth = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"
    for code in agreed("eic", count=2_000):
        total = sum(worth.index(sign) * weight for sign, weight in zip(code[:15], range(16, 1, -1), strict=True))
        assert worth[36 - (total - 1) % 37] == code[15] != "-"
        assert re.fullmatch(r"99[XYZVWTA][0-9A-Z]{11}\d[0-9A-Z]", code)


def test_shares_of_electricity_make_a_hundred():
    rows = find("fuel_mix")(DRAWS).to_pylist()
    assert all(sum(row.values()) == 100 for row in rows)
    assert all(min(row.values()) >= 0 for row in rows)
    assert all(len({row[fuel] for row in rows}) > 15 for fuel in rows[0])


def test_consumption_is_the_difference_of_two_readings():
    for row in find("meter_reading")(DRAWS).to_pylist():
        assert row["current_kwh"] - row["previous_kwh"] == row["consumption_kwh"] >= 0


def test_outages_end_after_as_many_minutes_as_they_last():
    rows = find("outage")(DRAWS).to_pylist()
    for row in rows:
        assert row["ended_at"] - row["began_at"] == timedelta(minutes=row["minutes"])
    assert sum(row["minutes"] < 1_440 for row in rows) > 0.75 * len(rows)


def test_wind_farms_renew_themselves_and_coal_does_not():
    kinds = {row["plant_type"]: (row["fuel"], row["renewable"]) for row in find("power_plant")(DRAWS).to_pylist()}
    assert kinds["offshore wind farm"] == ("wind", "yes")
    assert kinds["coal power station"] == ("hard coal", "no")
    assert {row["renewable"] for row in agreed("power_plant", renewable="yes", count=100)} == {"yes"}


@pytest.mark.parametrize(("style", "form"), [("plain", r"\d{8}"), ("din", r"1EZZ\d{10}")])
def test_meters_have_the_style_asked_for(style, form):
    assert all(re.fullmatch(form, number) for number in agreed("meter_number", style=style, count=100))
