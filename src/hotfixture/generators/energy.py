"""Energy: meters and their readings, invented grid operators, plants and what they burn, outages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hotfixture.generators import checks, lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.codes import coded, variant
from hotfixture.generators.compounds import compound
from hotfixture.generators.moments import YEAR, at_second, span_of
from hotfixture.generators.pools import table
from hotfixture.generators.quantities import quantity
from hotfixture.generators.records import Records
from hotfixture.generators.vocabularies import enumeration, vocabulary, weighted_vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

_METERS = {"plain": "########", "din": "1EZZ##########"}
meter_number = coded(
    "energy.meter_number",
    _METERS,
    option=variant("style", _METERS, "plain", "Eight digits, or the German form of 14 places."),
    doc="The number on a meter.",
    source="DIN 43863-5 for the form of 14 places: medium, manufacturer, number; the manufacturer EZZ is nobody",
)
eic = coded(
    "energy.eic",
    "99{kind}***********#=",
    slots={"kind": "XYZVWTA"},
    marks=f"{checks.SIGNS}-",
    check=checks.eic,
    valid=checks.is_eic,
    avoid=36,
    doc="An energy identification code with its check character, of an issuing office that does not exist.",
    source="ENTSO-E, EIC Reference Manual: office, kind of object, identifier, check character; no office is 99",
)
mpan = coded(
    "energy.mpan",
    "99##########=",
    check=checks.mpan,
    valid=checks.is_mpan,
    doc="The core of a British meter point number, with its check digit; no distributor is 99.",
    source="the MPAN core of the Retail Energy Code: distributor, ten digits, weights of primes, modulo 11, modulo 10",
)
grid_operator = compound(
    "energy.grid_operator",
    ("energy/operator_place", "energy/operator_kind"),
    doc="An invented grid operator or supplier.",
    source="invented regions and usual words of suppliers, our own lists; a real one may bear such a name by chance",
)
energy_tariff = vocabulary("energy.energy_tariff", "energy/tariff", doc="The tariff of a customer.")
appliance = vocabulary("energy.appliance", "energy/appliance", doc="What uses electricity in a house.")
grid_equipment = vocabulary("energy.grid_equipment", "energy/equipment", doc="Equipment of a grid or a plant.")
PLANTS = Records(
    "energy/plant_types",
    lane=lanes.own("energy.plants"),
    source="kinds of power stations, our own list",
    by=("renewable",),
)
plant_type = PLANTS.column("energy.plant_type", "plant_type", doc="A kind of power station.")
plant_fuel = PLANTS.column("energy.plant_fuel", "fuel", doc="What a power station turns into electricity.")
_SHARES = "our own shares"
meter_type = weighted_vocabulary("energy.meter_type", "energy/meter_type", doc="A kind of meter.", source=_SHARES)
outage_cause = weighted_vocabulary(
    "energy.outage_cause", "energy/outage_cause", doc="Why power failed.", source=_SHARES
)
outage_status = weighted_vocabulary(
    "energy.outage_status", "energy/outage_status", doc="How far an outage is mended.", source=_SHARES
)
efficiency_class = weighted_vocabulary(
    "energy.efficiency_class",
    "energy/efficiency_class",
    doc="The energy efficiency class of an appliance.",
    source="Regulation (EU) 2017/1369: A to G; shares are our own choice",
)
_VOLTAGES = (
    "120 V", "230 V", "400 V", "3.3 kV", "6.6 kV", "10 kV", "11 kV", "15 kV", "20 kV", "25 kV", "30 kV", "33 kV",
    "60 kV", "66 kV", "110 kV", "132 kV", "150 kV", "220 kV", "275 kV", "380 kV", "500 kV", "765 kV",
)  # fmt: skip
voltage_level = enumeration(
    "energy.voltage_level", lambda: _VOLTAGES, doc="A nominal voltage.", source="IEC 60038 and voltages in use"
)
grid_frequency = quantity(
    "energy.grid_frequency", 49.8, 50.2, digits=3, bell=True, least=0, most=500, doc="The frequency of a grid in Hz.",
    source="50 Hz within the ordinary band of the European grid",
)  # fmt: skip
power_factor = quantity("energy.power_factor", 0.8, 1.0, digits=3, least=0, most=1, doc="A power factor.")
grid_voltage = quantity(
    "energy.grid_voltage",
    207.0,
    253.0,
    digits=1,
    bell=True,
    least=0,
    most=1_000_000,
    doc="The voltage of a socket in V.",
    source="EN 50160: 230 V, ten per cent more or less",
)
energy_price = quantity(
    "energy.energy_price",
    0.08,
    0.45,
    digits=4,
    least=-10,
    most=100,
    doc="The price of a kWh, in the currency of the plan.",
)
carbon_intensity = quantity(
    "energy.carbon_intensity", 12, 850, bell=True, least=0, most=2_000, doc="Carbon dioxide of a kWh, in grams."
)
plant_capacity = quantity("energy.plant_capacity", 0.5, 1_600.0, digits=1, least=0, most=50_000, doc="Power in MW.")
meter_reading_kwh = quantity(
    "energy.meter_reading_kwh", 0, 99_999, least=0, most=999_999_999, doc="What a meter shows, in kWh."
)


def _plant_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    texts = [(name, pa.string()) for name in ("operator", "plant_type", "fuel", "renewable")]
    return pa.struct([*texts, ("capacity_mw", pa.float64())])


def _is_plant(value: Mapping[str, Any], renewable: str | None) -> bool:
    columns = table("energy/plant_types")
    known = zip(*(columns[name].lines for name in ("plant_type", "fuel", "renewable")), strict=True)
    return (
        (value["plant_type"], value["fuel"], value["renewable"]) in set(known)
        and renewable in (None, value["renewable"])
        and grid_operator.holds(value["operator"])
        and plant_capacity.holds(value["capacity_mw"])
    )


@generator(
    "energy.power_plant",
    type=_plant_type,
    options=PLANTS.options,
    source=PLANTS.source,
    holds=_is_plant,
    check=PLANTS.check,
)
def power_plant(draws: AnyDraws, *, renewable: str | None) -> Column:
    """A power station: its kind, what it burns, whether that renews itself, its power and who runs it."""
    index = PLANTS.index(draws, renewable=renewable)
    return values.record(
        {
            "operator": grid_operator(draws),
            **{name: PLANTS.at(index, name) for name in ("plant_type", "fuel", "renewable")},
            "capacity_mw": plant_capacity(draws),
        }
    )


_FUELS = ("gas", "coal", "nuclear", "wind", "solar", "hydro", "other")


def _mix_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    return pa.struct([(fuel, pa.int64()) for fuel in _FUELS])


@generator(
    "energy.fuel_mix",
    type=_mix_type,
    source="shares are our own choice",
    holds=lambda value: sum(value.values()) == 100 and all(0 <= share <= 100 for share in value.values()),
)
def fuel_mix(draws: AnyDraws) -> Column:
    """Where electricity comes from: shares in per cent, which make 100."""
    lot = draws.lane(lanes.own("energy.fuel_mix"))
    rest: Column = 100
    shares: dict[str, Column] = {}
    for lane, fuel in enumerate(_FUELS[:-1]):
        share = values.scaled(lot.lane(lane), rest * 2 // 3 + 1)
        shares[fuel], rest = share, rest - share
    return values.record({**shares, "other": rest})


def _reading_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    numbers = [(name, pa.int64()) for name in ("previous_kwh", "current_kwh", "consumption_kwh")]
    return pa.struct([("meter_number", pa.string()), *numbers, ("read_at", pa.timestamp("us"))])


def _is_reading(value: Mapping[str, Any], year: int) -> bool:
    return (
        meter_number.holds(value["meter_number"])
        and meter_reading_kwh.holds(value["previous_kwh"])
        and value["current_kwh"] - value["previous_kwh"] == value["consumption_kwh"]
        and 0 <= value["consumption_kwh"] <= _MOST
        and value["read_at"].year == year
    )


_MOST = 1_200
"""kWh that a household uses in a month at most."""


@generator(
    "energy.meter_reading",
    type=_reading_type,
    options=(YEAR,),
    source="the generators of the single parts",
    holds=_is_reading,
)
def meter_reading(draws: AnyDraws, *, year: int) -> Column:
    """A monthly reading: what the meter showed, what it shows, and the consumption, which is the difference."""
    before = meter_reading_kwh(draws)
    before = before if isinstance(before, int) else before.to_numpy()
    used = draws.lane(lanes.own("energy.consumption")).below(_MOST + 1)
    start, seconds = span_of(year)
    second = draws.lane(lanes.own("energy.read_at")).below(seconds)
    return values.record(
        {
            "meter_number": meter_number(draws),
            "previous_kwh": before,
            "current_kwh": before + used,
            "consumption_kwh": used,
            "read_at": at_second(start + second),
        }
    )


def _outage_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    texts = [(name, pa.string()) for name in ("operator", "cause", "voltage_level")]
    moments = [(name, pa.timestamp("us")) for name in ("began_at", "ended_at")]
    return pa.struct([*texts, ("customers", pa.int64()), ("minutes", pa.int64()), *moments])


def _is_outage(value: Mapping[str, Any], year: int) -> bool:
    return (
        outage_cause.holds(value["cause"])
        and 1 <= value["customers"] <= 50_000
        and value["began_at"].year == year
        and 1 <= value["minutes"] <= 2_880
        and value["ended_at"] - value["began_at"] == timedelta(minutes=value["minutes"])
    )


@generator(
    "energy.outage",
    type=_outage_type,
    options=(YEAR,),
    source="the generators of the single parts",
    holds=_is_outage,
)
def outage(draws: AnyDraws, *, year: int) -> Column:
    """An outage: cause, how many customers, how long; short ones and small ones come more often."""
    lot = draws.lane(lanes.own("energy.outage"))
    minutes = 1 + values.scaled(lot.lane(0), 1 + lot.lane(1).below(2_880))
    start, seconds = span_of(year)
    began = start + 60 * lot.lane(2).below(seconds // 60)
    return values.record(
        {
            "operator": grid_operator(draws),
            "cause": outage_cause(draws),
            "voltage_level": voltage_level(draws),
            "customers": 1 + values.scaled(lot.lane(3), 1 + values.scaled(lot.lane(4), 1 + lot.lane(5).below(50_000))),
            "minutes": minutes,
            "began_at": at_second(began),
            "ended_at": at_second(began + 60 * minutes),
        }
    )
