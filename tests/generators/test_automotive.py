"""Vehicles: what a record says fits together, and nobody has its number or plate."""

from __future__ import annotations

import re

import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.generators import find
from hotfixture.generators.automotive import PLATES
from hotfixture.generators.pools import table

DRAWS = Draws.from_rows(12, "automotive", 0, 2_000)
TRANSLITERATED = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", map(int, "12345678123457923456789"), strict=True))
WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def test_vins_have_the_check_digit_of_the_regulation_and_no_region():
    for vin in agreed("vin", count=1_000):
        worth = [int(sign) if sign.isdecimal() else TRANSLITERATED[sign] for sign in vin]
        rest = sum(number * weight for number, weight in zip(worth, WEIGHTS, strict=True)) % 11
        assert vin[8] == ("X" if rest == 10 else str(rest))
        assert vin[0] == "0"
        assert not set(vin) & set("IOQ")


def test_a_vin_says_the_model_year_of_the_same_draws():
    years = dict(zip("56789ABCDEFGHJKLMNPR", range(2005, 2025), strict=True))
    for vin, year in zip(find("vin")(DRAWS).to_pylist(), find("model_year")(DRAWS).to_pylist(), strict=True):
        assert years[vin[9]] == year


def test_vehicles_agree_with_the_single_generators_of_the_same_draws():
    rows = find("vehicle_record")(DRAWS).to_pylist()
    names = {"car_make": "make", "car_model": "model", "fueltype": "fuel", "automotive.engine": "engine",
             "transmission": "transmission", "vin": "vin", "mileage": "mileage_km", "licence_plate": "licence_plate",
             "automotive.doors": "doors"}  # fmt: skip
    for name, field in names.items():
        assert find(name)(DRAWS).to_pylist() == [row[field] for row in rows], name
    assert find("automotive.vehicle")(DRAWS).to_pylist() == [f"{row['make']} {row['model']}" for row in rows]


def test_electric_vehicles_have_a_motor_and_no_gears_to_shift():
    for row in find("vehicle_record")(DRAWS).to_pylist():
        assert (row["fuel"] == "electric") == (row["engine"] == "electric motor")
        assert row["fuel"] not in ("electric", "hybrid") or row["transmission"] == "automatic"
        assert row["engine"].endswith(row["fuel"]) or row["fuel"] == "electric"


def test_options_narrow_the_vehicles():
    rows = agreed("vehicle_record", make="tesla", count=100)
    assert {row["make"] for row in rows} == {"Tesla"}
    assert set(agreed("fuel_type", body="pickup", count=300)) <= {"petrol", "diesel"}


def test_old_vehicles_have_gone_farther_than_new_ones():
    rows = find("vehicle_record")(DRAWS).to_pylist()
    means = [
        sum(found) / len(found)
        for found in ([row["mileage_km"] for row in rows if low <= row["year"] < low + 5] for low in (2005, 2010, 2015))
    ]
    assert means[0] > means[1] > means[2]
    assert all(row["mileage_km"] <= (2025 - row["year"]) * 22_000 for row in rows)


def test_miles_are_fewer_than_kilometres():
    pairs = zip(find("mileage")(DRAWS, unit="miles").to_pylist(), find("mileage")(DRAWS).to_pylist(), strict=True)
    assert all(abs(miles - kilometres * 0.6214) <= 1 for miles, kilometres in pairs)


@pytest.mark.parametrize("country", PLATES)
def test_plates_are_of_a_kind_that_is_not_issued(country):
    for plate in agreed("licence_plate", country=country.lower(), count=50):
        assert re.match(r"ZZ|XX|SS|QQ|0-|241-XX|\d{4} A", plate)


def test_no_model_stands_twice_with_one_fuel():
    columns = table("automotive/vehicles")
    lines = list(zip(*(columns[name].lines for name in ("make", "model", "fuel")), strict=True))
    assert len(set(lines)) == len(lines)


@pytest.mark.parametrize(("code", "words"), [("P0300", "misfire"), ("P0420", "catalytic"), ("U0100", "engine")])
def test_trouble_codes_mean_what_the_standard_says(code, words):
    columns = table("automotive/trouble_codes")
    assert words in columns["fault"][columns["code"].lines.index(code)]
