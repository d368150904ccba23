"""Whole flights and boarding passes: airline, airports, aircraft and times that agree."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hotfixture.generators import aviation, lanes, people, values
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
_SHORTEST, _LONGEST = 9, 168  # of a flight, in five minutes


def _departures(draws: AnyDraws, year: int) -> Column:
    """Seconds since 1970 of a full five minutes of the year."""
    start, seconds = span_of(year)
    return start + 300 * draws.lane(lanes.own("aviation.departure")).below(seconds // 300)


def _journey(draws: AnyDraws) -> dict[str, Column]:
    origin, destination = aviation.ends(draws)
    return {
        "origin": aviation.AIRPORTS.at(origin, "iata"),
        "destination": aviation.AIRPORTS.at(destination, "iata"),
    }


def _flight_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    return pa.struct([*((name, pa.string()) for name in _FLIGHT), *((name, pa.timestamp("us")) for name in _TIMES)])


def _is_flight(value: Mapping[str, Any], year: int) -> bool:
    """Whether the number is the airline's, the airports differ and the flight lasts 45 minutes to 14 hours."""
    columns = aviation.AIRLINES.columns()
    code = columns["iata"][columns["airline"].lines.index(value["airline"])]
    return (
        value["flight_number"].startswith(code)
        and aviation.flight_number.holds(value["flight_number"])
        and aviation.route.holds(f"{value['origin']}-{value['destination']}")
        and aviation.aircraft.holds(value["aircraft"])
        and aviation.flight_status.holds(value["status"])
        and value["departure"].year == year
        and timedelta(minutes=45) <= value["arrival"] - value["departure"] <= timedelta(hours=14)
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
    length = _SHORTEST + draws.lane(lanes.own("aviation.flight_time")).below(_LONGEST - _SHORTEST + 1)
    return values.record(
        {
            "flight_number": aviation.flight_number(draws),
            "airline": aviation.airline(draws),
            **_journey(draws),
            "aircraft": aviation.aircraft(draws),
            "status": aviation.flight_status(draws),
            "terminal": aviation.terminal(draws),
            "gate": aviation.gate(draws),
            "departure": at_second(start),
            "arrival": at_second(start + 300 * length),
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
        and aviation.route.holds(f"{value['origin']}-{value['destination']}")
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
    return values.record(
        {
            "passenger": people.full_name(draws),
            "record_locator": aviation.record_locator(draws),
            "flight_number": aviation.flight_number(draws),
            **_journey(draws),
            "cabin_class": aviation.cabin_class(draws),
            "seat": aviation.seat(draws),
            "gate": aviation.gate(draws),
            "sequence": 1 + draws.lane(lanes.own("aviation.sequence")).below(240),
            "departure": at_second(_departures(draws, year)),
        }
    )
