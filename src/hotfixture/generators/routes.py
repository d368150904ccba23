"""Routes: from one airport to another, how far that is, how long it takes and what flies so far."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from math import sqrt
from typing import TYPE_CHECKING, Any

from hotfixture.generators import lanes, values
from hotfixture.generators.aviation import AIRCRAFT, AIRPORTS
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.pools import table

if TYPE_CHECKING:
    import pyarrow as pa

_LANES = (lanes.AIRPORT_TO, lanes.own("aviation.second destination"), lanes.own("aviation.third destination"))
_RADIUS = 6371
_SCALE = 10**6
_SPEED = 830  # km an hour
_GROUND = 30  # minutes to climb, descend and taxi


def distance(origin: Column, destination: Column) -> Column:
    """Kilometres between airports along a great circle.

    Only operations that IEEE 754 rounds exactly, so that every processor agrees: the chord through the earth from
    coordinates kept as integers, the arc from the chord by formula 4.4.45 of Abramowitz and Stegun. Right to a
    kilometre.
    """
    squares: Column = 0
    for axis in "xyz":
        coordinates = AIRPORTS.columns()[axis].lines
        apart = values.lookup(coordinates, origin) - values.lookup(coordinates, destination)
        squares = squares + apart * apart
    half = _root(squares) / (2 * _SCALE)
    half = values.where(half > 1, 1.0, half)
    series = ((0.0742610 - 0.0187293 * half) * half - 0.2121144) * half + 1.5707288
    return _whole(2 * _RADIUS * (1.5707963267948966 - _root(1 - half) * series) + 0.5)


def _root(number: Column) -> Column:
    if isinstance(number, int | float):
        return sqrt(number)
    import numpy as np

    return np.sqrt(number)


def _whole(number: Column) -> Column:
    """Positive numbers without what stands behind the point."""
    return int(number) if isinstance(number, float) else number.astype("i8")


def minutes_of(kilometres: Column) -> Column:
    """How long a flight takes, in full five minutes."""
    return (_GROUND * _SPEED + kilometres * 60 + 5 * _SPEED - 1) // (5 * _SPEED) * 5


def ends(draws: AnyDraws) -> tuple[Column, Column]:
    """Numbers of two airports, never the same; the nearest of three, so that most routes are not the longest."""
    origin = AIRPORTS.index(draws)
    found, least = None, None
    for lane in _LANES:
        candidate = AIRPORTS.another(draws, origin, lane)
        away = distance(origin, candidate)
        found = candidate if found is None else values.where(away < least, candidate, found)
        least = away if least is None else values.where(away < least, away, least)
    return origin, found


_REACH = (
    ("turboprop", 0, 1_200),
    ("regional jet", 0, 2_800),
    ("narrow-body", 300, 5_800),
    ("wide-body", 4_500, 21_000),
)
"""How far aircraft of each category fly, in km."""
_CLASSES = (300, 1_200, 2_800, 4_500, 5_800, 21_000)
"""Up to which distance the same aircraft come into question."""


@cache
def _fleet(longest: int) -> tuple[int, ...]:
    """The lines of aircraft that fly the distances up to `longest`."""
    fits = {category for category, low, high in _REACH if low < longest <= high}
    return tuple(line for line, category in enumerate(AIRCRAFT.columns()["category"].lines) if category in fits)


def aircraft_for(draws: AnyDraws, kilometres: Column) -> Column:
    """Numbers of aircraft that fly so far."""
    fleets = [_fleet(longest) for longest in _CLASSES]
    starts = [sum(map(len, fleets[:place])) for place in range(len(fleets))]
    which: Column = 0
    for longest in _CLASSES[:-1]:
        which = which + (kilometres > longest)
    size = values.lookup([len(fleet) for fleet in fleets], which)
    place = values.lookup(starts, which) + values.scaled(draws.lane(lanes.AIRCRAFT), size)
    return values.lookup([line for fleet in fleets for line in fleet], place)


def flies(aircraft: str, kilometres: int) -> bool:
    """Whether an aircraft of our list flies so far."""
    columns = AIRCRAFT.columns()
    category = columns["category"][columns["aircraft"].lines.index(aircraft)]
    return any(category == name and low <= kilometres <= high for name, low, high in _REACH)


def between(origin: str, destination: str) -> int:
    """Kilometres between two airports of our list, by their codes."""
    codes = table("aviation/airports")["iata"].lines
    return int(distance(codes.index(origin), codes.index(destination)))


def _is_route(value: Any) -> bool:
    origin, _, destination = value.partition("-")
    known = table("aviation/airports")["iata"].lines
    return origin in known and destination in known and origin != destination


def _routes() -> int:
    count = len(table("aviation/airports")["iata"])
    return count * (count - 1)


@generator("aviation.route", source=AIRPORTS.source, holds=_is_route, capacity=_routes)
def route(draws: AnyDraws) -> Column:
    """From one airport to another: `FRA-JFK`."""
    origin, destination = ends(draws)
    return values.join(AIRPORTS.at(origin, "iata"), "-", AIRPORTS.at(destination, "iata"))


_TEXTS = ("origin", "origin_city", "destination", "destination_city")


def _route_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    return pa.struct([*((name, pa.string()) for name in _TEXTS), ("distance_km", pa.int64()), ("minutes", pa.int64())])


def _is_record(value: Mapping[str, Any]) -> bool:
    return (
        _is_route(f"{value['origin']}-{value['destination']}")
        and value["distance_km"] == between(value["origin"], value["destination"])
        and value["minutes"] == minutes_of(value["distance_km"])
    )


@generator(
    "aviation.route_record",
    type=_route_type,
    source="great circle on a sphere of 6371 km; 830 km an hour and half an hour on top, our own choice",
    holds=_is_record,
    capacity=_routes,
)
def route_record(draws: AnyDraws) -> Column:
    """From one airport to another: codes, cities, distance in km and how long a flight takes in minutes."""
    origin, destination = ends(draws)
    kilometres = distance(origin, destination)
    return values.record(
        {
            "origin": AIRPORTS.at(origin, "iata"),
            "origin_city": AIRPORTS.at(origin, "city"),
            "destination": AIRPORTS.at(destination, "iata"),
            "destination_city": AIRPORTS.at(destination, "city"),
            "distance_km": kilometres,
            "minutes": minutes_of(kilometres),
        }
    )
