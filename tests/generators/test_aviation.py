"""Aviation: codes agree with names, and nothing is a real airline's, aircraft's or passenger's."""

from __future__ import annotations

import re

import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.generators import find
from hotfixture.generators.aviation import REGISTRATIONS
from hotfixture.generators.pools import table

DRAWS = Draws.from_rows(8, "aviation", 0, 3_000)


@pytest.mark.parametrize(
    ("iata", "icao", "city", "country"),
    [("FRA", "EDDF", "Frankfurt-am-Main", "DE"), ("HND", "RJTT", "Tokyo", "JP"), ("JFK", "KJFK", "New York", "US")],
)
def test_airports_have_the_codes_that_they_have_in_the_world(iata, icao, city, country):
    columns = table("aviation/airports")
    row = columns["iata"].lines.index(iata)
    assert (columns["icao"][row], columns["country"][row]) == (icao, country)
    assert columns["city"][row].startswith(city.split("-")[0])


def test_codes_of_airports_aircraft_and_airlines_name_one_thing_each():
    for place, names in (
        ("airports", ("iata", "icao")),
        ("airlines", ("iata", "icao")),
        ("aircraft", ("iata", "icao")),
    ):
        for name in names:
            lines = table(f"aviation/{place}")[name].lines
            assert len(set(lines)) == len(lines)
    assert all(re.fullmatch("[A-Z]{3}", code) for code in table("aviation/airports")["iata"].lines)
    assert all(re.fullmatch("[A-Z]{4}", code) for code in table("aviation/airports")["icao"].lines)
    assert set(table("aviation/airports")["country"].lines) <= set(table("countries")["code"].lines)


@pytest.mark.parametrize(
    ("record", "fields"),
    [
        ("airport_record", {"airport": "name", "airport_iata": "iata", "airport_icao": "icao", "airport_city": "city"}),
        ("airline_record", {"airline": "airline", "airline_iata": "iata", "airline_icao": "icao"}),
        ("aircraft_record", {"aircraft": "aircraft", "aircraft_icao": "icao", "aircraft_manufacturer": "manufacturer"}),
    ],
)
def test_single_columns_are_those_of_the_record_of_the_same_draws(record, fields):
    rows = find(record)(DRAWS).to_pylist()
    for name, field in fields.items():
        assert find(name)(DRAWS).to_pylist() == [row[field] for row in rows]


def test_a_country_narrows_the_airports():
    assert {row["country"] for row in agreed("airport_record", country="br", count=200)} == {"BR"}


def test_seats_lie_in_the_cabin_class_of_the_same_draws():
    seat = find("seat")
    pairs = zip(seat(DRAWS).to_pylist(), find("cabin_class")(DRAWS).to_pylist(), strict=True)
    assert all(seat.holds(place, cabin=cabin) for place, cabin in pairs)
    assert all(1 <= int(place[:-1]) <= 2 for place in agreed("seat", cabin="first", count=100))


@pytest.mark.parametrize("country", REGISTRATIONS)
def test_registrations_have_the_prefix_of_their_country_and_a_mark_that_is_not_issued(country):
    for mark in agreed("aircraft_registration", country=country.lower(), count=60):
        assert re.fullmatch(r"N0\d{4}|[A-Z]{1,2}-Q[A-Z]{2,3}|JA00\d\d|RA-000\d\d", mark)


def test_record_locators_have_no_characters_that_are_mistaken():
    assert not set("".join(agreed("record_locator", count=1_000))) & set("01IO")


def test_airports_lie_where_they_lie_in_the_world():
    places = zip(
        *(find(f"airport_{name}")(DRAWS).to_pylist() for name in ("iata", "latitude", "longitude")), strict=True
    )
    found = {iata: (north, east) for iata, north, east in places}
    for iata, north, east in (("FRA", 50.03, 8.57), ("JFK", 40.64, -73.78), ("SYD", -33.95, 151.18)):
        assert found[iata] == pytest.approx((north, east), abs=0.05)
