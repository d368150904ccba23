"""Vehicles: makes and models that exist with what fits them, and numbers and plates that nobody has."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from hotfixture.generators import checks, lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.codes import Template, coded, variant
from hotfixture.generators.options import Option
from hotfixture.generators.pools import Pool, table
from hotfixture.generators.quantities import quantity
from hotfixture.generators.records import Records
from hotfixture.generators.vocabularies import enumeration, vocabulary, weighted_vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

VEHICLES = Records(
    "automotive/vehicles",
    lane=lanes.VEHICLE,
    source="models sold in the years 2005 to 2024, our own list; engine and drive are usual ones",
    by=("make", "body", "fuel"),
)
make = VEHICLES.column("automotive.make", "make", doc="Who builds the vehicle.")
model = VEHICLES.column("automotive.model", "model", doc="A model of vehicle.")
body_type = VEHICLES.column("automotive.body_type", "body", doc="The shape of a vehicle.")
fuel_type = VEHICLES.column("automotive.fuel_type", "fuel", doc="What moves a vehicle.")
engine = VEHICLES.column("automotive.engine", "engine", doc="The engine of a vehicle.")
drive = VEHICLES.column("automotive.drive", "drive", doc="Which wheels are driven.")
doors = VEHICLES.column("automotive.doors", "doors", doc="How many doors a vehicle has.", type="int64")


@cache
def _names() -> Pool:
    columns = table("automotive/vehicles")
    return Pool([f"{make} {model}" for make, model in zip(columns["make"].lines, columns["model"].lines, strict=True)])


@generator(
    "automotive.vehicle",
    source=VEHICLES.source,
    holds=lambda value: value in set(_names().lines),
    capacity=lambda: len(set(_names().lines)),
)
def vehicle(draws: AnyDraws) -> Column:
    """Make and model in one text."""
    return values.take(_names(), VEHICLES.index(draws))


_GEARBOXES = ("manual", "automatic")


@generator(
    "automotive.transmission",
    source="electric and hybrid vehicles shift by themselves; of the others 55 of 100 by hand",
    holds=lambda value: value in _GEARBOXES,
    capacity=2,
)
def transmission(draws: AnyDraws) -> Column:
    """How gears are shifted; it goes with the fuel of the same draws."""
    return _gears(draws, VEHICLES.index(draws))


def _gears(draws: AnyDraws, index: Column) -> Column:
    always = values.lookup([int(gearbox != "either") for gearbox in VEHICLES.columns()["gearbox"].lines], index)
    by_itself = draws.lane(lanes.own("automotive.transmission")).below(100) >= 55
    return values.take(_GEARBOXES, values.where(by_itself | (always == 1), 1, 0))


model_year = quantity(
    "automotive.model_year", 2005, 2024, least=1900, most=2100, doc="The model year.", source="2005 to 2024 by choice"
)
colour = weighted_vocabulary(
    "automotive.colour", "automotive/colour", doc="The colour of a vehicle.", source="usual shares"
)
power = quantity("automotive.power", 45, 450, bell=True, least=1, most=5_000, doc="The power of an engine in kW.")

fuel_consumption = quantity(
    "automotive.fuel_consumption", 3.2, 14.5, digits=1, bell=True, least=0, most=200, doc="Litres for 100 km."
)
carbon_emission = quantity(
    "automotive.carbon_emission", 0, 320, bell=True, least=0, most=2_000, doc="Carbon dioxide in grams a km."
)

_PER_YEAR = 22_000


def _mileages(draws: AnyDraws) -> Column:
    years = 2025 - _numbers(model_year(draws))
    return values.scaled(draws.lane(lanes.own("automotive.mileage")), years * _PER_YEAR + 1)


def _numbers(column: Column) -> Column:
    """Whole numbers of an Arrow array, to compute with."""
    return column if isinstance(column, int) else column.to_numpy()


UNIT = Option("unit", "choice", "km", "Unit of the distance.", choices=("km", "miles"))


@generator(
    "automotive.mileage",
    type="int64",
    options=(UNIT,),
    source="up to 22,000 km for each year since the model year, until 2025",
    holds=lambda value, unit: 0 <= value <= 20 * _PER_YEAR * (1 if unit == "km" else 0.6214),
)
def mileage(draws: AnyDraws, *, unit: str) -> Column:
    """How far a vehicle has gone; more when it is older."""
    kilometres = _mileages(draws)
    return kilometres if unit == "km" else kilometres * 6214 // 10_000


_SIGNS = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
_YEARS = "56789ABCDEFGHJKLMNPR"
"""The tenth place for the model years 2005 to 2024."""


@cache
def _vin() -> Template:
    return Template("0{s}{s}{s}{s}{s}{s}{s}=5{s}######", {"s": _SIGNS}, "0123456789X")


def _is_vin(value: Any) -> bool:
    return (
        len(value) == 17
        and value[0] == "0"
        and set(value) <= set(_SIGNS)
        and value[9] in _YEARS
        and checks.is_vin(value)
    )


@generator(
    "automotive.vin",
    source="ISO 3779 and 49 CFR 565.15: check digit in the ninth place, model year in the tenth; no region is 0",
    holds=_is_vin,
    capacity=lambda: _vin().capacity() * len(_YEARS),
)
def vin(draws: AnyDraws) -> Column:
    """A vehicle identification number with its check digit, of a region that does not exist; it fits `model_year`."""
    year = values.lookup(tuple(map(ord, _YEARS)), _numbers(model_year(draws)) - 2005)
    return _vin().spell(draws.lane(lanes.own("automotive.vin")), checks.vin, instead={9: year})


# Combinations that are not issued: districts, regions or letters that the country does not use.
PLATES: Mapping[str, str] = {
    "US": "ZZ?-0###", "GB": "ZZ## ???", "DE": "XX-?? ####", "FR": "SS-###-??", "ES": "#### A??", "IT": "QQ ###??",
    "NL": "QQ-###-?", "BR": "ZZZ0?##", "AT": "XX-#####?", "CH": "XX ######", "PL": "QQ #####", "SE": "QQQ ###",
    "IN": "ZZ ## ?? ####", "BE": "0-???-###", "IE": "241-XX-#####", "CA": "ZZZ? ###", "AU": "QQ?-0##",
}  # fmt: skip
licence_plate = coded(
    "automotive.licence_plate",
    PLATES,
    option=variant("country", PLATES, "US", "Country of the plate (ISO 3166-1)."),
    doc="A licence plate in the form of a country; of a kind that is not issued.",
    source="forms of national plates; districts XX and ZZ, letters Q, vowels in Spain and SS in France are not in use, "
    "where a country uses everything the beginning is our own choice",
)


@cache
def _tyres() -> tuple[str, ...]:
    rims = {
        14: (165, 185),
        15: (185, 205),
        16: (195, 215),
        17: (205, 235),
        18: (225, 255),
        19: (235, 275),
        20: (255, 295),
    }
    sizes = ((rim, width) for rim, (low, high) in rims.items() for width in range(low, high + 1, 10))
    return tuple(f"{width}/{ratio} R{rim}" for rim, width in sizes for ratio in (40, 45, 50, 55, 60, 65))


tyre_size = enumeration(
    "automotive.tyre_size", _tyres, doc="The size of a tyre: `205/55 R16`.", source="ISO 4000-1: width, ratio, rim"
)
CODES = Records(
    "automotive/trouble_codes", lane=lanes.own("automotive.codes"), source="SAE J2012 for the codes, our own words"
)
trouble_code = CODES.column("automotive.trouble_code", "code", doc="A code of on-board diagnosis (OBD-II).")
trouble_description = CODES.column("automotive.trouble_description", "fault", doc="What a diagnosis found.")
trouble_record = CODES.record("automotive.trouble_record", "code fault", doc="A diagnosis: code and fault.")
vehicle_condition = weighted_vocabulary(
    "automotive.vehicle_condition",
    "automotive/vehicle_condition",
    doc="How good a vehicle is.",
    source="our own shares",
)
vehicle_feature = vocabulary("automotive.vehicle_feature", "automotive/feature", doc="What a vehicle is equipped with.")
vehicle_part = vocabulary("automotive.vehicle_part", "automotive/part", doc="A part of a vehicle.")
vehicle_service = vocabulary("automotive.vehicle_service", "automotive/service", doc="What a garage does.")
accident_type = weighted_vocabulary(
    "automotive.accident_type", "automotive/accident_type", doc="How a vehicle was damaged.", source="our own shares"
)

_COLUMNS = ("make", "model", "body", "fuel", "engine", "drive", "seats", "doors")


def _vehicle_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    texts = ("make", "model", "body", "fuel", "engine", "drive", "transmission", "colour", "vin", "licence_plate")
    numbers = ("seats", "doors", "year", "mileage_km")
    return pa.struct([*((name, pa.string()) for name in texts), *((name, pa.int64()) for name in numbers)])


def _is_vehicle(value: Mapping[str, Any], **wanted: str | None) -> bool:
    """Whether a line of the list has all its columns, and the rest goes with them."""
    columns = table("automotive/vehicles")
    known = zip(*(columns[name].lines for name in _COLUMNS), strict=True)
    return (
        tuple(value[name] for name in _COLUMNS) in set(known)
        and all(text is None or value[name].casefold() == text.casefold() for name, text in wanted.items())
        and _is_vin(value["vin"])
        and _YEARS.index(value["vin"][9]) == value["year"] - 2005
        and 0 <= value["mileage_km"] <= (2025 - value["year"]) * _PER_YEAR
        and (value["fuel"] != "electric" or value["transmission"] == "automatic")
    )


@generator(
    "automotive.vehicle_record",
    type=_vehicle_type,
    options=VEHICLES.options,
    source=VEHICLES.source,
    holds=_is_vehicle,
    check=VEHICLES.check,
)
def vehicle_record(draws: AnyDraws, *, make: str | None, body: str | None, fuel: str | None) -> Column:
    """A vehicle: model, body, fuel, engine and gears fit; the VIN says the year, mileage grows with age."""
    index = VEHICLES.index(draws, make=make, body=body, fuel=fuel)
    cells = {name: VEHICLES.at(index, name) for name in _COLUMNS}
    return values.record(
        {
            **{name: cells[name] for name in ("make", "model", "body", "fuel", "engine", "drive")},
            "transmission": _gears(draws, index),
            "colour": colour(draws),
            "vin": vin(draws),
            "licence_plate": licence_plate(draws),
            "seats": cells["seats"],
            "doors": cells["doors"],
            "year": model_year(draws),
            "mileage_km": _mileages(draws),
        }
    )
