"""Hotels and restaurants: invented houses, rooms, rates, stays that add up, tables and events."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from hotfixture.errors import OptionError
from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.exact import exact, is_exact
from hotfixture.generators.food import restaurant_name
from hotfixture.generators.moments import at_second
from hotfixture.generators.options import Option
from hotfixture.generators.phrases import phrase
from hotfixture.generators.pools import members
from hotfixture.generators.quantities import quantity
from hotfixture.generators.vocabularies import vocabulary, weighted_vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

_SHARES = "our own words and shares"

room_type = vocabulary("hospitality.room_type", "hospitality/room_type", doc="A type of hotel room.")
board_type = vocabulary("hospitality.board_type", "hospitality/board", doc="Which meals are included.")
hotel_amenity = vocabulary("hospitality.hotel_amenity", "hospitality/amenity", doc="What a hotel offers.")
rate_plan = vocabulary("hospitality.rate_plan", "hospitality/rate_plan", doc="On what terms a room is sold.")
cancellation_reason = vocabulary(
    "hospitality.cancellation_reason", "hospitality/cancel_reason", doc="Why guests do not come."
)
booking_status = weighted_vocabulary(
    "hospitality.booking_status", "hospitality/booking_status", doc="How far a booking is.", source=_SHARES
)
booking_channel = vocabulary("hospitality.booking_channel", "hospitality/booking_channel", doc="How guests booked.")
bed_type = vocabulary("hospitality.bed_type", "hospitality/bed", doc="A kind of bed.")
guest_request = vocabulary("hospitality.guest_request", "hospitality/request", doc="What a guest asks for.")
event_type = vocabulary("hospitality.event_type", "hospitality/event", doc="What guests celebrate or meet for.")
housekeeping_status = vocabulary(
    "hospitality.housekeeping_status", "hospitality/housekeeping", doc="What housekeeping says of a room."
)
star_rating = quantity("hospitality.star_rating", 1, 5, doc="The stars of a hotel.", least=0, most=7)
guest_rating = quantity(
    "hospitality.guest_rating", 5.0, 10.0, digits=1, bell=True, least=0.0, most=100.0, doc="What guests gave, of ten."
)
hotel_name = phrase(
    "hospitality.hotel_name",
    "{hospitality/hotel_kind} {hospitality/hotel_word}",
    "The {hospitality/hotel_word} {Hotel|Inn|Lodge|Resort|House|Rooms}",
    "{hospitality/hotel_word} {Hotel|Inn|Lodge|Resort|Suites}",
    doc="The invented name of a hotel.",
)
hotel_room_number = phrase(
    "hospitality.hotel_room_number",
    "{1..12}{01..40}",
    doc="The number of a room, the floor first.",
    source="a common form",
)
reservation_number = phrase(
    "hospitality.reservation_number",
    "{@@#}{@@#}{@#}",
    doc="Eight letters and digits of a booking.",
    source="a common form; every house has its own",
)
restaurant_table = phrase(
    "hospitality.restaurant_table",
    "Table {1..60}",
    "Table {1..60} ({hospitality/tablespot})",
    doc="A table of a restaurant.",
    source="a common form",
)


def _stay_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    texts = [(name, pa.string()) for name in ("reservation_number", "room_number", "room_type", "board", "status")]
    dates = [("check_in", pa.date32()), ("check_out", pa.date32())]
    counts = [(name, pa.int64()) for name in ("nights", "adults", "children")]
    money = [(name, pa.decimal128(10, 2)) for name in ("rate", "city_tax", "total")]
    return pa.struct([*texts, *dates, *counts, *money])


def _check_days(*, low: date, high: date, max_nights: int) -> None:
    if low > high:
        raise OptionError("low", low, f"at most high={high}, with max_nights={max_nights}")


def _is_stay(value: Any, *, low: date, high: date, max_nights: int) -> bool:
    """Whether guests leave after they come, and the sum is that of the nights and the tax."""
    guests, nights = value["adults"], (value["check_out"] - value["check_in"]).days
    return (
        reservation_number.holds(value["reservation_number"])
        and hotel_room_number.holds(value["room_number"])
        and value["room_type"] in members("hospitality/room_type")
        and value["board"] in members("hospitality/board")
        and booking_status.holds(value["status"])
        and low <= value["check_in"] <= high
        and 1 <= nights == value["nights"] <= max_nights
        and 1 <= guests <= 3
        and 0 <= value["children"] <= 2
        and is_exact(value["rate"], 2, 4_000, 40_000)
        and value["city_tax"] * 2 == guests * nights * 5
        and value["total"] == nights * value["rate"] + value["city_tax"]
    )


@generator(
    "hospitality.stay",
    type=_stay_type,
    options=(
        Option("low", "date", date(2024, 1, 1), "Earliest day of arrival."),
        Option("high", "date", date(2025, 12, 31), "Latest day of arrival.", high=date(9000, 1, 1)),
        Option("max_nights", "integer", 14, "Most nights.", low=1, high=365),
    ),
    check=_check_days,
    source="a rate of 40.00 to 400.00 a night; a city tax of 2.50 for each adult and night",
    holds=_is_stay,
)
def stay(draws: AnyDraws, *, low: date, high: date, max_nights: int) -> Column:
    """A stay in a hotel: guests leave after they come, and pay for each night."""
    lot = draws.lane(lanes.own("hospitality.stay"))
    first = values.days_of(low) + lot.lane(0).below((high - low).days + 1)
    nights, adults = 1 + values.scaled(lot.lane(1), 1 + lot.lane(2).below(max_nights)), 1 + lot.lane(3).below(3)
    rate, tax = 4_000 + 100 * lot.lane(5).below(361), 250 * adults * nights
    return values.record(
        {
            "reservation_number": reservation_number(draws),
            "room_number": hotel_room_number(draws),
            "room_type": room_type(draws),
            "board": board_type(draws),
            "status": booking_status(draws),
            "check_in": values.date_at(first),
            "check_out": values.date_at(first + nights),
            "nights": nights,
            "adults": adults,
            "children": lot.lane(4).below(3),
            "rate": exact(rate, 10, 2),
            "city_tax": exact(tax, 10, 2),
            "total": exact(rate * nights + tax, 10, 2),
        }
    )


_DAY, _QUARTER = 86_400, 900
_OPENING, _LAST = 46, 86  # quarters of an hour since midnight: 11:30 and 21:30
_START, _DAYS = 1_704_067_200, 731  # 2024-01-01 in seconds since 1970; the days of 2024 and 2025
_OCCASIONS = ("none", "none", "none", "birthday", "anniversary", "business", "date", "family")


def _table_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    texts = [(name, pa.string()) for name in ("restaurant", "table", "occasion")]
    return pa.struct([*texts, ("guests", pa.int64()), ("reserved_for", pa.timestamp("us"))])


def _is_reservation(value: Any) -> bool:
    moment = value["reserved_for"]
    quarter = moment.hour * 4 + moment.minute // 15
    return (
        restaurant_name.holds(value["restaurant"])
        and restaurant_table.holds(value["table"])
        and value["occasion"] in _OCCASIONS
        and 1 <= value["guests"] <= 12
        and _OPENING <= quarter <= _LAST
        and (moment.minute % 15, moment.second, moment.microsecond) == (0, 0, 0)
    )


@generator(
    "hospitality.table_reservation",
    type=_table_type,
    source="quarters of an hour from 11:30 to 21:30, in 2024 and 2025",
    holds=_is_reservation,
)
def table_reservation(draws: AnyDraws) -> Column:
    """A table that somebody reserved."""
    lot = draws.lane(lanes.own("hospitality.table_reservation"))
    quarter = _OPENING + lot.lane(1).below(_LAST - _OPENING + 1)
    return values.record(
        {
            "restaurant": restaurant_name(draws),
            "table": restaurant_table(draws),
            "occasion": values.take(_OCCASIONS, lot.lane(2).below(len(_OCCASIONS))),
            "guests": 1 + values.scaled(lot.lane(3), 1 + lot.lane(4).below(12)),
            "reserved_for": at_second(_START + lot.lane(0).below(_DAYS) * _DAY + quarter * _QUARTER),
        }
    )
