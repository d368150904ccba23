"""Flights and boarding passes."""

from __future__ import annotations

from datetime import timedelta

from hotfixture.draws import Draws
from hotfixture.generators import find
from hotfixture.generators.pools import table

DRAWS = Draws.from_rows(8, "flights", 0, 2_000)


def test_a_flight_s_number_begins_with_its_airline_s_code():
    columns = table("aviation/airlines")
    codes = dict(zip(columns["airline"].lines, columns["iata"].lines, strict=True))
    for row in find("flight")(DRAWS).to_pylist():
        assert row["flight_number"].startswith(codes[row["airline"]])


def test_flights_last_as_long_as_the_way_takes():
    rows = find("flight")(DRAWS).to_pylist()
    ways = find("route_record")(DRAWS).to_pylist()
    for row, way in zip(rows, ways, strict=True):
        assert (row["origin"], row["destination"]) == (way["origin"], way["destination"])
        assert row["arrival"] - row["departure"] == timedelta(minutes=way["minutes"])
    assert {row["departure"].year for row in rows} == {2024}


def test_small_aircraft_fly_short_ways_and_large_ones_long_ways():
    columns = table("aviation/aircraft")
    category = dict(zip(columns["aircraft"].lines, columns["category"].lines, strict=True))
    for row, way in zip(find("flight")(DRAWS).to_pylist(), find("route_record")(DRAWS).to_pylist(), strict=True):
        if category[row["aircraft"]] == "turboprop":
            assert way["distance_km"] <= 1_200
        if category[row["aircraft"]] == "wide-body":
            assert way["distance_km"] > 4_500
        assert way["distance_km"] <= 5_800 or category[row["aircraft"]] == "wide-body"


def test_a_boarding_pass_belongs_to_the_flight_of_the_same_draws():
    for flight, card in zip(find("flight")(DRAWS).to_pylist(), find("boarding_pass")(DRAWS).to_pylist(), strict=True):
        for field in ("flight_number", "origin", "destination", "gate", "departure"):
            assert flight[field] == card[field]


def test_the_seat_of_a_boarding_pass_lies_in_its_cabin():
    seat = find("seat")
    rows = find("boarding_pass")(DRAWS).to_pylist()
    assert all(seat.holds(row["seat"], cabin=row["cabin_class"]) for row in rows)
    assert {row["cabin_class"] for row in rows} == {"first", "business", "premium economy", "economy"}
