"""Aviation: airports, aircraft types, invented airlines, flights and what passengers hold in their hands."""

from __future__ import annotations

from typing import Any

from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, Generator, generator
from hotfixture.generators.codes import coded, variant
from hotfixture.generators.drawn import counted
from hotfixture.generators.options import Option
from hotfixture.generators.pools import table
from hotfixture.generators.records import Records
from hotfixture.generators.vocabularies import enumeration, vocabulary, weighted_vocabulary

AIRPORTS = Records(
    "aviation/airports",
    lane=lanes.AIRPORT,
    source="airportsdata (MIT), the airports with most passengers of each region",
    by=("country",),
)
airport = AIRPORTS.column("aviation.airport", "name", doc="The name of an airport.")
airport_iata = AIRPORTS.column("aviation.airport_iata", "iata", doc="The three letters of an airport.")
airport_icao = AIRPORTS.column("aviation.airport_icao", "icao", doc="The four letters of an airport.")
airport_city = AIRPORTS.column("aviation.airport_city", "city", doc="The city that an airport serves.")
airport_country = AIRPORTS.column("aviation.airport_country", "country", doc="The country of an airport (ISO 3166-1).")
airport_timezone = AIRPORTS.column("aviation.airport_timezone", "timezone", doc="The time zone of an airport (IANA).")
airport_elevation = AIRPORTS.column(
    "aviation.airport_elevation", "elevation_ft", doc="How high an airport lies, in feet.", type="int64"
)


def _degrees(name: str, column: str, doc: str) -> Generator:
    """The generator `name` of one coordinate of an airport, kept in ten-thousandths of a degree."""

    def degrees(draws: AnyDraws, *, country: str | None) -> Column:
        return values.lookup(AIRPORTS.columns()[column].lines, AIRPORTS.index(draws, country=country)) / 10_000

    degrees.__doc__ = doc
    made = generator(
        name,
        type="float64",
        options=AIRPORTS.options,
        source=AIRPORTS.source,
        holds=lambda value, country: value in _possible_degrees(column, country),
        capacity=lambda country: len(_possible_degrees(column, country)),
        check=AIRPORTS.check,
    )
    return made(degrees)


def _possible_degrees(column: str, country: str | None) -> set[float]:
    columns = AIRPORTS.columns()
    pairs = zip(columns["country"].lines, columns[column].lines, strict=True)
    return {number / 10_000 for code, number in pairs if country is None or code == country.upper()}


airport_latitude = _degrees("aviation.airport_latitude", "north", "Degrees to the north of an airport.")
airport_longitude = _degrees("aviation.airport_longitude", "east", "Degrees to the east of an airport.")
airport_record = AIRPORTS.record(
    "aviation.airport_record",
    "iata icao name city country timezone",
    doc="An airport: codes, name, city, country (ISO 3166-1) and time zone (IANA), which agree.",
)

AIRLINES = Records(
    "aviation/airlines",
    lane=lanes.AIRLINE,
    source="invented airlines with invented codes: two places with a digit, three letters that begin with Z; a real "
    "airline may bear one of the codes by chance",
)
airline = AIRLINES.column("aviation.airline", "airline", doc="The name of an invented airline.")
airline_iata = AIRLINES.column("aviation.airline_iata", "iata", doc="The two places of an airline, invented.")
airline_icao = AIRLINES.column("aviation.airline_icao", "icao", doc="The three letters of an airline, invented.")
airline_record = AIRLINES.record(
    "aviation.airline_record",
    "airline iata icao callsign",
    doc="An invented airline: name, codes, call sign, which agree.",
)

AIRCRAFT = Records(
    "aviation/aircraft",
    lane=lanes.AIRCRAFT,
    source="ICAO Doc 8643 for the designators; seats are usual numbers",
    by=("manufacturer", "category"),
)
aircraft = AIRCRAFT.column("aviation.aircraft", "aircraft", doc="A type of aircraft.")
aircraft_icao = AIRCRAFT.column("aviation.aircraft_icao", "icao", doc="The designator of a type of aircraft.")
aircraft_manufacturer = AIRCRAFT.column(
    "aviation.aircraft_manufacturer", "manufacturer", doc="Who builds the aircraft."
)
aircraft_record = AIRCRAFT.record(
    "aviation.aircraft_record",
    "aircraft icao iata manufacturer category seats",
    doc="A type of aircraft: name, designators, manufacturer, category and usual number of seats, which agree.",
)

# Marks that are not issued: none begins with 0 in the United States, and ICAO keeps groups that begin with Q, which
# mean something in radio, out of marks; where marks are digits alone, with zeros in front.
REGISTRATIONS = {
    "US": "N0####", "GB": "G-QQ??", "DE": "D-QQ??", "FR": "F-QQ??", "ES": "EC-Q??", "IT": "I-QQ??", "BR": "PP-Q??",
    "JP": "JA00##", "RU": "RA-000##", "AU": "VH-Q??", "CA": "C-QQ??", "CH": "HB-Q??", "NL": "PH-Q??", "AT": "OE-Q??",
    "IE": "EI-Q??", "SE": "SE-Q??",
}  # fmt: skip
aircraft_registration = coded(
    "aviation.aircraft_registration",
    REGISTRATIONS,
    option=variant("country", REGISTRATIONS, "US", "Country of the register (ISO 3166-1)."),
    doc="The registration of an aircraft, with the country's prefix; of a kind that is not issued.",
    source="ICAO Annex 7 for the prefixes and the groups left out; N-numbers: 14 CFR 47.15, no zero in front",
)

_CABINS = ("first", "business", "premium economy", "economy")
_ROWS = ((1, 2), (3, 6), (7, 10), (11, 40))
CABIN = Option("cabin", "choice", "any", "Cabin class; any: as `cabin_class` says.", choices=("any", *_CABINS))
cabin_class = weighted_vocabulary(
    "aviation.cabin_class", "aviation/cabin_class", doc="A cabin class.", source="our own shares"
)


def _seats() -> list[str]:
    return [f"{row}{letter}" for row in range(1, 41) for letter in "ABCDEF"]


def _seats_of(cabin: str) -> range:
    """Where the seats of a cabin stand in the list of all."""
    first, last = _ROWS[_CABINS.index(cabin)]
    return range((first - 1) * 6, last * 6)


def _cabin_index(draws: AnyDraws, cabin: str) -> Column:
    """The number of the cabin, in the order of the file of shares."""
    names = table("aviation/cabin_class")["value"].lines
    weights = _running(table("aviation/cabin_class")["weight"].lines)
    drawn = values.weighted(draws.lane(lanes.own("aviation.cabin_class")), weights)
    return drawn if cabin == "any" else drawn * 0 + names.index(cabin)


def _running(weights: list[int]) -> tuple[int, ...]:
    from itertools import accumulate

    return tuple(accumulate(weights))


def _is_seat(value: Any, cabin: str) -> bool:
    place = _seats().index(value)
    return cabin == "any" or place in _seats_of(cabin)


@generator(
    "aviation.seat",
    options=(CABIN,),
    source="a narrow-body with six abreast: rows 1-2 first, 3-6 business, 7-10 premium economy, 11-40 economy",
    holds=_is_seat,
    capacity=lambda cabin: len(_seats()) if cabin == "any" else len(_seats_of(cabin)),
)
def seat(draws: AnyDraws, *, cabin: str) -> Column:
    """A seat: row and letter, in the cabin that `cabin_class` of the same draws says."""
    spans = [_seats_of(name) for name in table("aviation/cabin_class")["value"].lines]
    which = _cabin_index(draws, cabin)
    start, size = values.lookup([span.start for span in spans], which), values.lookup([*map(len, spans)], which)
    return values.take(_seats(), start + values.scaled(draws.lane(lanes.own("aviation.seat")), size))


@generator(
    "aviation.flight_number",
    source="IATA: the airline's two places, then 1 to 9999",
    holds=lambda value: value[:2] in table("aviation/airlines")["iata"].lines and 1 <= int(value[2:]) <= 9999,
    capacity=lambda: len(table("aviation/airlines")["iata"]) * 9999,
)
def flight_number(draws: AnyDraws) -> Column:
    """A flight number of the invented airline of the same draws."""
    return values.join(airline_iata(draws), _number(draws))


@generator(
    "aviation.callsign",
    source="the telephony name of the invented airline, then its flight number",
    holds=lambda value: (
        value.rpartition(" ")[0] in table("aviation/airlines")["callsign"].lines
        and 1 <= int(value.rpartition(" ")[2]) <= 9999
    ),
    capacity=lambda: len(set(table("aviation/airlines")["callsign"].lines)) * 9999,
)
def callsign(draws: AnyDraws) -> Column:
    """What a pilot says on the radio; it goes with the flight number of the same draws."""
    return values.join(AIRLINES.at(AIRLINES.index(draws), "callsign"), " ", _number(draws))


def _number(draws: AnyDraws) -> Column:
    numbers = counted(1, 9999)
    return values.pick(numbers, draws.lane(lanes.own("aviation.flight_number")).below(len(numbers)))


flight_status = weighted_vocabulary(
    "aviation.flight_status", "aviation/flight_status", doc="What the board says of a flight.", source="our own shares"
)
delay_reason = weighted_vocabulary(
    "aviation.delay_reason", "aviation/delay_reason", doc="Why a flight is late.", source="our own shares"
)
passenger_type = weighted_vocabulary(
    "aviation.passenger_type", "aviation/passenger_type", doc="What kind of passenger.", source="our own shares"
)
crew_role = vocabulary("aviation.crew_role", "aviation/crew_role", doc="What somebody of the crew does.")
_MEALS = Records("aviation/meals", lane=lanes.own("aviation.meals"), source="IATA codes of special meals")
meal_code = _MEALS.column("aviation.meal_code", "code", doc="The code of a special meal on board.")
meal = _MEALS.column("aviation.meal", "meal", doc="A special meal on board.")

record_locator = coded(
    "aviation.record_locator",
    "&&&&&&",
    doc="The record locator of a booking: six characters, none mistaken for another.",
    source="six alphanumeric places as in reservation systems; without 0, 1, I and O",
)
ticket_number = coded(
    "aviation.ticket_number",
    "000-##########",
    doc="The number of a ticket: three digits of the airline (000, which is nobody's), ten of the document.",
    source="IATA Resolution 722: three digits of the airline, then ten",
)
baggage_tag = coded(
    "aviation.baggage_tag",
    "0000######",
    doc="The number of a baggage tag: ten digits, of airline 000, which is nobody's.",
    source="IATA Resolution 740: a leading digit, three of the airline, six of the tag",
)
squawk = coded(
    "aviation.squawk",
    "{first}{octal}{octal}{octal}",
    slots={"first": "0123456", "octal": "01234567"},
    doc="A transponder code: four octal digits, none of the codes of emergency.",
    source="ICAO Annex 10, volume IV: 4096 codes; those from 7000 on, 7500, 7600 and 7700 among them, are left out",
)
gate = enumeration(
    "aviation.gate",
    lambda: [f"{pier}{number}" for pier in "ABCDEF" for number in range(1, 41)],
    doc="A gate: pier and number.",
    source="a form of our own: airports use many",
)
terminal = enumeration(
    "aviation.terminal",
    lambda: ["1", "2", "3", "4", "5", "A", "B", "C", "N", "S"],
    doc="A terminal.",
    source="a form of our own: airports use many",
)
runway = enumeration(
    "aviation.runway",
    lambda: [f"{number:02d}{side}" for number in range(1, 37) for side in ("", "L", "R", "C")],
    doc="A runway: its direction in tens of degrees, and its side where there are several.",
    source="ICAO Annex 14, volume I, 5.2.2",
)
