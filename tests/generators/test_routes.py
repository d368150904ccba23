"""Routes: distances are those of the globe."""

from __future__ import annotations

from math import acos, cos, radians, sin

import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.generators import find
from hotfixture.generators.pools import table
from hotfixture.generators.routes import between, flies, minutes_of

DRAWS = Draws.from_rows(8, "routes", 0, 2_000)


@pytest.mark.parametrize(
    ("origin", "destination", "kilometres"),
    [("FRA", "JFK", 6_190), ("SYD", "LHR", 17_020), ("LAX", "SFO", 543), ("DXB", "SIN", 5_840), ("GRU", "EZE", 1_730)],
)
def test_airports_are_as_far_apart_as_in_the_world(origin, destination, kilometres):
    assert between(origin, destination) == pytest.approx(kilometres, rel=0.01)
    assert between(destination, origin) == between(origin, destination)


def test_distances_are_those_of_the_law_of_cosines():
    columns = table("aviation/airports")
    places = {
        code: (radians(north / 10_000), radians(east / 10_000))
        for code, north, east in zip(*(columns[name].lines for name in ("iata", "north", "east")), strict=True)
    }
    for row in find("route_record")(DRAWS).to_pylist():
        (one, west), (other, east) = places[row["origin"]], places[row["destination"]]
        angle = acos(min(1.0, sin(one) * sin(other) + cos(one) * cos(other) * cos(west - east)))
        assert row["distance_km"] == pytest.approx(6371 * angle, abs=2)


def test_routes_lead_elsewhere_and_most_are_not_the_longest():
    rows = find("route_record")(DRAWS).to_pylist()
    assert all(row["origin"] != row["destination"] for row in rows)
    assert sum(row["distance_km"] < 6_000 for row in rows) > 0.6 * len(rows)
    assert [f"{row['origin']}-{row['destination']}" for row in rows] == find("route")(DRAWS).to_pylist()
    assert agreed("route", count=50)


def test_time_grows_with_distance_in_steps_of_five_minutes():
    times = [minutes_of(kilometres) for kilometres in range(0, 20_000, 100)]
    assert times == sorted(times)
    assert all(time % 5 == 0 for time in times)
    assert (times[0], minutes_of(830)) == (30, 90)


@pytest.mark.parametrize(("aircraft", "kilometres", "right"), [("ATR 72-600", 400, True), ("ATR 72-600", 4_000, False),
                                                               ("Boeing 777-300ER", 9_000, True)])  # fmt: skip
def test_each_aircraft_flies_so_far(aircraft, kilometres, right):
    assert flies(aircraft, kilometres) is right
