"""Measurements of patients: vital signs that fit together, height and weight, laboratory results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, Generator, generator
from hotfixture.generators.options import Option
from hotfixture.generators.pools import table
from hotfixture.generators.quantities import quantity
from hotfixture.generators.records import Records, together

if TYPE_CHECKING:
    import pyarrow as pa

_STATES = ("well", "unwell", "severe")
STATE = Option(
    "state", "choice", "any", "How the patient is; any: 80 of 100 are well, 15 unwell.", choices=("any", *_STATES)
)
_SOURCE = "usual adult ranges, our own choice; no basis for treatment"

# For each state the smallest and the largest number; temperatures in tenths of a degree.
_RANGES: Mapping[str, tuple[tuple[int, int], ...]] = {
    "heart_rate": ((58, 98), (99, 120), (121, 155)),
    "temperature": ((361, 374), (375, 385), (386, 404)),
    "respiratory_rate": ((12, 18), (19, 24), (25, 34)),
    "oxygen_saturation": ((96, 100), (92, 95), (82, 91)),
    "systolic": ((102, 134), (135, 159), (78, 95)),
}
_PULSE_PRESSURE = (30, 45)
"""The diastolic pressure lies this many per cent of the systolic one below it."""


def _states(draws: AnyDraws, state: str) -> Column:
    drawn = values.weighted(draws.lane(lanes.VITALS), (80, 95, 100))
    return drawn if state == "any" else drawn * 0 + _STATES.index(state)


def _sign(draws: AnyDraws, sign: str, state: str) -> Column:
    """One vital sign of the patient of these draws, as a whole number."""
    lows, highs = zip(*_RANGES[sign], strict=True)
    which = _states(draws, state)
    low = values.lookup(lows, which)
    return low + values.scaled(draws.lane(lanes.own(f"health.{sign}")), values.lookup(highs, which) - low + 1)


def _diastolic(draws: AnyDraws, state: str) -> Column:
    low, high = _PULSE_PRESSURE
    percent = 100 - low - draws.lane(lanes.own("health.diastolic")).below(high - low + 1)
    return _sign(draws, "systolic", state) * percent // 100


@cache
def _possible(sign: str, state: str) -> frozenset[int]:
    chosen = _STATES if state == "any" else (state,)
    return frozenset(
        n for each in chosen for low, high in [_RANGES[sign][_STATES.index(each)]] for n in range(low, high + 1)
    )


@cache
def _pressures(state: str) -> frozenset[tuple[int, int]]:
    """Systolic and diastolic pressures that go together."""
    low, high = _PULSE_PRESSURE
    parts = range(100 - high, 100 - low + 1)
    return frozenset((above, above * part // 100) for above in _possible("systolic", state) for part in parts)


def _vital(name: str, sign: str) -> Callable[[Callable[..., Column]], Generator]:
    return generator(
        name,
        type="int64",
        options=(STATE,),
        source=_SOURCE,
        holds=lambda value, state: value in _possible(sign, state),
        capacity=lambda state: len(_possible(sign, state)),
    )


def _counted(name: str, sign: str, doc: str) -> Generator:
    """The generator of one vital sign that is a whole number."""

    def number(draws: AnyDraws, *, state: str) -> Column:
        return _sign(draws, sign, state)

    number.__doc__ = doc
    return _vital(name, sign)(number)


heart_rate = _counted("health.heart_rate", "heart_rate", "Heart beats a minute.")
respiratory_rate = _counted("health.respiratory_rate", "respiratory_rate", "Breaths a minute.")
oxygen_saturation = _counted("health.oxygen_saturation", "oxygen_saturation", "Oxygen saturation (SpO2) in per cent.")
systolic = _counted("health.systolic", "systolic", "The upper blood pressure in mmHg.")


@generator(
    "health.diastolic",
    type="int64",
    options=(STATE,),
    source=_SOURCE,
    holds=lambda value, state: any(value == below for _, below in _pressures(state)),
    capacity=lambda state: len({below for _, below in _pressures(state)}),
)
def diastolic(draws: AnyDraws, *, state: str) -> Column:
    """The lower blood pressure in mmHg."""
    return _diastolic(draws, state)


@generator(
    "health.blood_pressure",
    options=(STATE,),
    source=_SOURCE,
    holds=lambda value, state: tuple(map(int, value.split("/"))) in _pressures(state),
    capacity=lambda state: len(_pressures(state)),
)
def blood_pressure(draws: AnyDraws, *, state: str) -> Column:
    """Upper and lower blood pressure in mmHg: `118/76`."""
    return values.join(_spelled(_sign(draws, "systolic", state)), "/", _spelled(_diastolic(draws, state)))


def _spelled(number: Column) -> Column:
    """Small whole numbers as texts."""
    if isinstance(number, int):
        return str(number)
    import pyarrow as pa

    return pa.array(number).cast(pa.string())


def _tenths(tenths: Column, scale: str) -> Column:
    """Tenths of a degree Celsius on another scale, in tenths of its degrees."""
    return tenths if scale == "celsius" else (tenths * 18 + 5) // 10 + 320


SCALE = Option("scale", "choice", "celsius", "Scale of the temperature.", choices=("celsius", "fahrenheit"))


@generator(
    "health.body_temperature",
    type="float64",
    options=(STATE, SCALE),
    source=_SOURCE,
    holds=lambda value, state, scale: value in {_tenths(n, scale) / 10 for n in _possible("temperature", state)},
    capacity=lambda state, scale: len({_tenths(n, scale) for n in _possible("temperature", state)}),
)
def body_temperature(draws: AnyDraws, *, state: str, scale: str) -> Column:
    """The temperature of the body in degrees, to a tenth."""
    return _tenths(_sign(draws, "temperature", state), scale) / 10


_VITALS: Mapping[str, Generator] = {
    "heart_rate": heart_rate,
    "body_temperature": body_temperature,
    "respiratory_rate": respiratory_rate,
    "oxygen_saturation": oxygen_saturation,
    "systolic": systolic,
    "diastolic": diastolic,
}


def _vitals_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    return pa.struct([(name, pa.float64() if name == "body_temperature" else pa.int64()) for name in _VITALS])


def _are_vitals(value: Mapping[str, Any], state: str) -> bool:
    """Whether one state explains all of them."""
    return any(
        all(made.holds(value[name], state=each) for name, made in _VITALS.items())
        and (value["systolic"], value["diastolic"]) in _pressures(each)
        for each in (_STATES if state == "any" else (state,))
    )


@generator("health.vital_signs", type=_vitals_type, options=(STATE,), source=_SOURCE, holds=_are_vitals)
def vital_signs(draws: AnyDraws, *, state: str) -> Column:
    """Vital signs of one moment that fit together: who has a fever also breathes fast. Units as of the single ones."""
    return values.record({name: made(draws, state=state) for name, made in _VITALS.items()})


bmi = quantity("health.bmi", 17.0, 39.0, digits=1, bell=True, least=8, most=80, doc="A body mass index in kg/m².")
height = quantity("health.height", 148, 198, bell=True, least=40, most=260, doc="The height of an adult in cm.")
pain_score = quantity("health.pain_score", 0, 10, least=0, most=10, doc="How strong a pain is, 0 to 10.")
blood_glucose = quantity(
    "health.blood_glucose", 3.5, 12.0, digits=1, bell=True, least=0, most=60, doc="Glucose in blood in mmol/L."
)
cholesterol = quantity(
    "health.cholesterol", 2.8, 8.0, digits=1, bell=True, least=0, most=30, doc="Total cholesterol in mmol/L."
)


@generator(
    "health.weight",
    type="float64",
    source="the body mass index times the square of the height, of the same draws",
    holds=lambda value: 37 <= value <= 153 and round(value, 1) == value,
)
def weight(draws: AnyDraws) -> Column:
    """The weight of an adult in kg, to a tenth; it fits `height` and `bmi` of the same draws."""
    tall = height(draws)
    tenths = bmi(draws)
    if isinstance(tall, int):
        return _weight(tall, round(tenths * 10)) / 10
    import numpy as np

    return _weight(tall.to_numpy(), np.rint(tenths.to_numpy() * 10).astype(np.int64)) / 10


def _weight(height: Column, tenths: Column) -> Column:
    """Tenths of a kilogram, of the height in cm and tenths of the index."""
    return (height * height * tenths + 5_000) // 10_000


def _fits_index(value: Mapping[str, Any]) -> bool:
    return bool(abs(value["weight"] / (value["height"] / 100) ** 2 - value["bmi"]) < 0.05)


body_measurements = together(
    "health.body_measurements",
    {"height": height, "weight": weight, "bmi": bmi},
    doc="Height in cm, weight in kg and the body mass index that follows from them.",
    agrees=_fits_index,
)


_LABS = Records(
    "health/lab_tests",
    lane=lanes.LAB_TEST,
    source="usual adult reference ranges, our own choice; no basis for treatment",
)
lab_test = _LABS.column("health.lab_test", "test", doc="The name of a laboratory test.")

_RESULT = ("test", "abbreviation", "value", "unit", "low", "high", "flag")
_FLAGS = ("low", "normal", "high")


def _result_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    numeric = ("value", "low", "high")
    return pa.struct([(name, pa.float64() if name in numeric else pa.string()) for name in _RESULT])


def _is_result(value: Mapping[str, Any]) -> bool:
    columns = table("health/lab_tests")
    row = columns["test"].lines.index(value["test"])
    scale = columns["scale"][row]
    flag = "low" if value["value"] < value["low"] else "high" if value["value"] > value["high"] else "normal"
    return (
        value["flag"] == flag
        and value["value"] >= 0
        and (value["unit"], value["abbreviation"]) == (columns["unit"][row], columns["abbreviation"][row])
        and (value["low"], value["high"]) == (columns["low"][row] / scale, columns["high"][row] / scale)
    )


@generator("health.lab_result", type=_result_type, source=_LABS.source, holds=_is_result)
def lab_result(draws: AnyDraws) -> Column:
    """The result of a laboratory test with its unit and reference range; 80 of 100 lie within it."""
    row = _LABS.index(draws)
    low, high, scale = (values.lookup(_LABS.columns()[name].lines, row) for name in ("low", "high", "scale"))
    below = values.where((high - low) // 2 < low, (high - low) // 2, low)
    drawn = values.weighted(draws.lane(lanes.own("health.lab_flag")), (8, 88, 100))
    flag = (
        values.where((drawn == 0) & (below == 0), 1, drawn) if not isinstance(drawn, int) else drawn or int(not below)
    )
    lot = draws.lane(lanes.own("health.lab_value"))
    beneath = low - 1 - values.scaled(lot, below + (below == 0))
    above = high + 1 + values.scaled(lot, high - low)
    number = values.where(flag == 0, beneath, values.where(flag == 2, above, low + values.scaled(lot, high - low + 1)))
    return values.record(
        {
            "test": _LABS.at(row, "test"),
            "abbreviation": _LABS.at(row, "abbreviation"),
            "value": number / scale,
            "unit": _LABS.at(row, "unit"),
            "low": low / scale,
            "high": high / scale,
            "flag": values.take(_FLAGS, flag),
        }
    )
