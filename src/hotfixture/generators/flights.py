"""Whole flights and boarding passes: airline, airports, aircraft and times that agree."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hotfixture.generators import aviation, lanes, people, routes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.moments import YEAR, at_second, span_of

if TYPE_CHECKING:
    import pyarrow as pa

_FLIGHT = (
    "flight_number", "airline", "origin", "destination", "aircraft", "status", "terminal", "gate",
)  # fmt: skip
_TIMES = ("departure", "arrival")
_PASS = (
    "passenger", "record_locator", "flight_number", "origin", "destination", "cabin_class", "seat", "gate",
)  # fmt: skip


def _departures(draws: AnyDraws, year: int) -> Column:
    """Seconds since 1970 of a full five minutes of the year."""
    start, seconds = span_of(year)
    return start + 300 * draws.lane(lanes.own("aviation.departure")).below(seconds // 300)


def _flight_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    return pa.struct([*((name, pa.string()) for name in _FLIGHT), *((name, pa.timestamp("us")) for name in _TIMES)])


def _is_flight(value: Mapping[str, Any], year: int) -> bool:
    """Whether the number is the airline's, and the aircraft flies as far as the airports are apart, in that time."""
    columns = aviation.AIRLINES.columns()
    code = columns["iata"][columns["airline"].lines.index(value["airline"])]
    if not routes.route.holds(f"{value['origin']}-{value['destination']}"):
        return False
    kilometres = routes.between(value["origin"], value["destination"])
    return (
        value["flight_number"].startswith(code)
        and aviation.flight_number.holds(value["flight_number"])
        and routes.flies(value["aircraft"], kilometres)
        and aviation.flight_status.holds(value["status"])
        and value["departure"].year == year
        and value["arrival"] - value["departure"] == timedelta(minutes=routes.minutes_of(kilometres))
    )


@generator(
    "aviation.flight",
    type=_flight_type,
    options=(YEAR,),
    source="the generators of the single parts",
    holds=_is_flight,
)
def flight(draws: AnyDraws, *, year: int) -> Column:
    """A flight: its number is the airline's, it ends after it began (UTC) and elsewhere."""
    start = _departures(draws, year)
    origin, destination = routes.ends(draws)
    kilometres = routes.distance(origin, destination)
    return values.record(
        {
            "flight_number": aviation.flight_number(draws),
            "airline": aviation.airline(draws),
            "origin": aviation.AIRPORTS.at(origin, "iata"),
            "destination": aviation.AIRPORTS.at(destination, "iata"),
            "aircraft": aviation.AIRCRAFT.at(routes.aircraft_for(draws, kilometres), "aircraft"),
            "status": aviation.flight_status(draws),
            "terminal": aviation.terminal(draws),
            "gate": aviation.gate(draws),
            "departure": at_second(start),
            "arrival": at_second(start + 60 * routes.minutes_of(kilometres)),
        }
    )


def _pass_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    texts = [(name, pa.string()) for name in _PASS]
    return pa.struct([*texts, ("sequence", pa.int64()), ("departure", pa.timestamp("us"))])


def _is_pass(value: Mapping[str, Any], year: int) -> bool:
    return (
        aviation.cabin_class.holds(value["cabin_class"])
        and aviation.seat.holds(value["seat"], cabin=value["cabin_class"])
        and routes.route.holds(f"{value['origin']}-{value['destination']}")
        and aviation.flight_number.holds(value["flight_number"])
        and aviation.record_locator.holds(value["record_locator"])
        and people.full_name.holds(value["passenger"])
        and 1 <= value["sequence"] <= 240
        and value["departure"].year == year
    )


@generator(
    "aviation.boarding_pass",
    type=_pass_type,
    options=(YEAR,),
    source="the generators of the single parts",
    holds=_is_pass,
)
def boarding_pass(draws: AnyDraws, *, year: int) -> Column:
    """A boarding pass: the seat lies in its cabin, flight and airports are those of `flight` of the same draws."""
    origin, destination = routes.ends(draws)
    return values.record(
        {
            "passenger": people.full_name(draws),
            "record_locator": aviation.record_locator(draws),
            "flight_number": aviation.flight_number(draws),
            "origin": aviation.AIRPORTS.at(origin, "iata"),
            "destination": aviation.AIRPORTS.at(destination, "iata"),
            "cabin_class": aviation.cabin_class(draws),
            "seat": aviation.seat(draws),
            "gate": aviation.gate(draws),
            "sequence": 1 + draws.lane(lanes.own("aviation.sequence")).below(240),
            "departure": at_second(_departures(draws, year)),
        }
    )
