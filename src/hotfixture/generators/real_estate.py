"""Homes for sale and to let: what they are, what they have, what they cost; listings agree in all of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from hotfixture.errors import OptionError
from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.options import Option
from hotfixture.generators.phrases import phrase
from hotfixture.generators.pools import Pool, members, pool
from hotfixture.generators.quantities import quantity
from hotfixture.generators.records import Records
from hotfixture.generators.several import distinct, lists
from hotfixture.generators.vocabularies import vocabulary, weighted_vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

_SHARES = "our own words and shares"

_SOURCE = "our own table of kinds of homes, how large they are and what a square metre costs"
_LANE = lanes.own("real_estate.property_type")
_TYPES = Records("real_estate/type", lane=_LANE, source=_SOURCE)
_NARROWED = Records("real_estate/type", lane=_LANE, source=_SOURCE, by=("property_type",))

property_type = _TYPES.column("real_estate.property_type", "property_type", doc="A kind of home.")
commercial_property_type = vocabulary(
    "real_estate.commercial_property_type", "real_estate/commercial_type", doc="A kind of property that is no home."
)
property_condition = vocabulary("real_estate.property_condition", "real_estate/condition", doc="The state of a home.")
heating_type = vocabulary("real_estate.heating_type", "real_estate/heating", doc="How a home is heated.")
home_amenity = vocabulary("real_estate.home_amenity", "real_estate/amenity", doc="Something that a home has.")
listing_status = weighted_vocabulary(
    "real_estate.listing_status", "real_estate/listing_status", doc="How far a sale has come.", source=_SHARES
)
tenure = vocabulary("real_estate.tenure", "real_estate/tenure", doc="In what right somebody has a home.")
property_view = vocabulary("real_estate.property_view", "real_estate/view", doc="What one sees from the windows.")
room = vocabulary("real_estate.room", "real_estate/room", doc="A room of a home.")
building_material = vocabulary("real_estate.building_material", "real_estate/material", doc="What walls are built of.")
furnishing = vocabulary("real_estate.furnishing", "real_estate/furnishing", doc="How far a home is furnished.")

room_count = quantity("real_estate.room_count", 1, 10, doc="How many rooms a home has.", least=0, most=1000)
floor_area = quantity("real_estate.floor_area", 20, 300, doc="The area of a home, in square metres.", least=1)
plot_area = quantity("real_estate.plot_area", 100, 5000, doc="The area of a plot, in square metres.", least=1)
construction_year = quantity(
    "real_estate.construction_year", 1880, 2025, doc="The year in which a house was built.", least=1000, most=2200
)
mortgage_rate = quantity(
    "real_estate.mortgage_rate", 1.0, 8.0, digits=2, doc="The interest of a mortgage, in per cent a year.", least=0.0
)
listing_id = phrase(
    "real_estate.listing_id", "RE-{####}-{####}", doc="The number of a listing.", source="a common form"
)
_PLACE = " {real_estate/title_place}"
_FEATURE = " with {real_estate/title_feature}"
listing_title = phrase(
    "real_estate.listing_title",
    *(
        f"{{real_estate/title_adjective}} {{Flat|House|Home|Cottage|Apartment|Loft|Townhouse|Bungalow}}{rest}"
        for rest in (_PLACE, _FEATURE, _FEATURE + _PLACE)
    ),
    doc="The title of a listing.",
)

ENERGY: Mapping[str, tuple[str, ...]] = {"eu": tuple("ABCDEFG"), "de": ("A+", *"ABCDEFGH")}
_DEMAND = (30, 50, 75, 100, 130, 160, 200, 250)
"""Up to how many kWh a square metre and year the German classes A+ to G reach; H lies above."""


@generator(
    "real_estate.energy_class",
    options=(Option("system", "choice", "eu", "Whose classes.", choices=tuple(ENERGY)),),
    source="Directive (EU) 2024/1275: A to G; Gebäudeenergiegesetz, Annex 10: A+ to H",
    capacity=lambda system: len(ENERGY[system]),
    holds=lambda value, system: value in ENERGY[system],
)
def energy_class(draws: AnyDraws, *, system: str) -> Column:
    """The class of a building's energy certificate."""
    classes = ENERGY[system]
    return values.take(classes, draws.lane(lanes.own("real_estate.energy_class")).below(len(classes)))


def _steps(low: int, high: int, step: int) -> int:
    return (high - low) // step + 1


def _check_price(*, low: int, high: int, step: int) -> None:
    if low > high:
        raise OptionError("low", low, f"at most high={high}, with step={step} between")


@generator(
    "real_estate.property_price",
    type="int64",
    options=(
        Option("low", "integer", 80_000, "Smallest price.", low=0, high=10**12),
        Option("high", "integer", 2_000_000, "Largest price.", low=0, high=10**12),
        Option("step", "integer", 1000, "Distance between two prices.", low=1, high=10**9),
    ),
    check=_check_price,
    source="uniform by definition",
    capacity=_steps,
    holds=lambda value, low, high, step: low <= value <= high and (value - low) % step == 0,
)
def property_price(draws: AnyDraws, *, low: int, high: int, step: int) -> Column:
    """The price of a property, in whole thousands if not asked otherwise."""
    return low + step * draws.lane(lanes.own("real_estate.property_price")).below(_steps(low, high, step))


def _list_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    return pa.list_(pa.string())


def _check_amenities(*, low: int, high: int) -> None:
    if low > high:
        raise OptionError("low", low, f"at most high={high}")


def _amenities(draws: AnyDraws, low: int, high: int) -> Column:
    entries, lot = pool("real_estate/amenity"), draws.lane(lanes.own("real_estate.amenities"))
    found = (values.take(entries, index) for index in distinct(lot.lane(0), len(entries), high))
    return lists(low + lot.lane(1).below(high - low + 1), list(found))


def _are_amenities(value: Any, low: int, high: int) -> bool:
    return low <= len(value) == len(set(value)) <= high and set(value) <= members("real_estate/amenity")


@generator(
    "real_estate.amenities",
    type=_list_type,
    options=(
        Option("low", "integer", 2, "Fewest entries.", low=0, high=20),
        Option("high", "integer", 6, "Most entries.", low=1, high=20),
    ),
    check=_check_amenities,
    source="our own list, in plain words",
    holds=_are_amenities,
)
def amenities(draws: AnyDraws, *, low: int, high: int) -> Column:
    """A list of things that a home has, none of them twice."""
    return _amenities(draws, low, high)


_NUMBERS = ("floor_area", "rooms", "price", "energy_demand", "construction_year")


def _listing_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    texts = [(name, pa.string()) for name in ("listing_id", "title", "property_type", "energy_class", "heating")]
    return pa.struct([*texts, *((name, pa.int64()) for name in _NUMBERS), ("amenities", pa.list_(pa.string()))])


def _class_of(demand: int) -> str:
    return ENERGY["de"][sum(demand > bound for bound in _DEMAND)]


@cache
def _capitals() -> Pool:
    """The kinds of homes as titles write them."""
    return Pool([name.title() for name in _TYPES.columns()["property_type"].lines])


def _is_listing(value: Any, *, property_type: str | None) -> bool:
    """Whether area, rooms and price are those of such a home, and the energy class is that of its demand."""
    columns = _TYPES.columns()
    row = columns["property_type"].lines.index(value["property_type"])
    band = {name: cells[row] for name, cells in columns.items()}
    area = value["floor_area"]
    return (
        (property_type or value["property_type"]).casefold() == value["property_type"].casefold()
        and band["area_low"] <= area <= band["area_high"]
        and band["rooms_low"] <= value["rooms"] <= band["rooms_high"]
        and band["price_low"] * area - 1000 < value["price"] <= band["price_high"] * area
        and value["price"] % 1000 == 0
        and value["energy_class"] == _class_of(value["energy_demand"])
        and _capitals()[row] in value["title"]
        and listing_id.holds(value["listing_id"])
        and value["heating"] in members("real_estate/heating")
        and construction_year.holds(value["construction_year"])
        and _are_amenities(value["amenities"], 2, 6)
    )


@generator(
    "real_estate.listing",
    type=_listing_type,
    options=_NARROWED.options,
    check=_NARROWED.check,
    source=f"{_SOURCE}; energy classes of the Gebäudeenergiegesetz, Annex 10",
    holds=_is_listing,
)
def listing(draws: AnyDraws, *, property_type: str | None) -> Column:
    """A home for sale: area, rooms and price go with its kind, the energy class with its demand."""
    index, lot = _NARROWED.index(draws, property_type=property_type), draws.lane(lanes.own("real_estate.listing"))
    band = {name: values.lookup(cells.lines, index) for name, cells in _TYPES.columns().items() if name[-4:] != "type"}
    more = values.scaled(lot.lane(0), band["area_high"] - band["area_low"] + 1)
    rooms = more * (band["rooms_high"] - band["rooms_low"]) // (band["area_high"] - band["area_low"])
    metre = band["price_low"] + values.scaled(lot.lane(1), band["price_high"] - band["price_low"] + 1)
    area, demand = band["area_low"] + more, 15 + lot.lane(2).below(300)
    reached: Column = 0
    for bound in _DEMAND:
        reached = reached + values.where(demand > bound, 1, 0)
    return values.record(
        {
            "listing_id": listing_id(draws),
            "title": _title(lot, index),
            "property_type": _TYPES.at(index, "property_type"),
            "energy_class": values.take(ENERGY["de"], reached),
            "heating": heating_type(draws),
            "floor_area": area,
            "rooms": band["rooms_low"] + rooms,
            "price": metre * area // 1000 * 1000,
            "energy_demand": demand,
            "construction_year": construction_year(draws),
            "amenities": _amenities(draws, 2, 6),
        }
    )


def _title(lot: AnyDraws, index: Column) -> Column:
    adjectives, ends = pool("real_estate/title_adjective"), pool("real_estate/title_place")
    first, last = (values.pick(each, lot.lane(3 + i).below(len(each))) for i, each in enumerate((adjectives, ends)))
    return values.join(first, " ", values.pick(_capitals(), index), " ", last)
