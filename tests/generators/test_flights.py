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


def test_flights_end_after_they_began_at_another_airport():
    rows = find("flight")(DRAWS).to_pylist()
    assert all(timedelta(minutes=45) <= row["arrival"] - row["departure"] <= timedelta(hours=14) for row in rows)
    assert all(row["origin"] != row["destination"] for row in rows)
    assert {row["departure"].year for row in rows} == {2024}


def test_a_boarding_pass_belongs_to_the_flight_of_the_same_draws():
    for flight, card in zip(find("flight")(DRAWS).to_pylist(), find("boarding_pass")(DRAWS).to_pylist(), strict=True):
        for field in ("flight_number", "origin", "destination", "gate", "departure"):
            assert flight[field] == card[field]


def test_the_seat_of_a_boarding_pass_lies_in_its_cabin():
    seat = find("seat")
    rows = find("boarding_pass")(DRAWS).to_pylist()
    assert all(seat.holds(row["seat"], cabin=row["cabin_class"]) for row in rows)
    assert {row["cabin_class"] for row in rows} == {"first", "business", "premium economy", "economy"}
