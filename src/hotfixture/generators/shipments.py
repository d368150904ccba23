"""Parcels and shipments as a whole: sizes, weights and times that fit together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hotfixture.generators import lanes, logistics, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.moments import YEAR, at_second, span_of
from hotfixture.generators.pools import table
from hotfixture.generators.quantities import quantity

if TYPE_CHECKING:
    import pyarrow as pa

package_weight = quantity(
    "logistics.package_weight", 0.05, 31.5, digits=2, least=0, most=100_000, doc="A weight in kg."
)

_SIDES = ("length_cm", "width_cm", "height_cm")
_DIVISOR = 5_000
"""Cubic centimetres that count as a kilogram, as most carriers reckon."""


def _size_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    sides = [(name, pa.int64()) for name in _SIDES]
    return pa.struct([*sides, ("weight_kg", pa.float64()), ("volumetric_weight_kg", pa.float64())])


def _is_size(value: Mapping[str, Any]) -> bool:
    length, width, height = (value[name] for name in _SIDES)
    return (
        120 >= length >= width >= height >= 1
        and package_weight.holds(value["weight_kg"])
        and bool(abs(value["volumetric_weight_kg"] - length * width * height / _DIVISOR) < 0.0051)
    )


@generator(
    "logistics.package_dimensions",
    type=_size_type,
    source="carriers count 5000 cubic centimetres as a kilogram; sizes are our own choice",
    holds=_is_size,
)
def package_dimensions(draws: AnyDraws) -> Column:
    """A parcel: sides in cm, the longest first, its weight in kg, and the weight that its volume counts as."""
    lot = draws.lane(lanes.own("logistics.package_dimensions"))
    length = 10 + lot.lane(0).below(111)
    width = 5 + values.scaled(lot.lane(1), length - 4)
    height = 1 + values.scaled(lot.lane(2), width)
    hundredths = (length * width * height * 100 + _DIVISOR // 2) // _DIVISOR
    return values.record(
        {
            "length_cm": length,
            "width_cm": width,
            "height_cm": height,
            "weight_kg": package_weight(draws),
            "volumetric_weight_kg": hundredths / 100,
        }
    )


_TEXTS = ("tracking_number", "carrier", "mode", "status", "origin", "destination", "incoterm")
_MODES = ("sea", "air")
_DAYS = ((12, 45), (1, 6))
"""How many days a shipment travels by sea and by air: at least, and less than."""


def _shipment_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    texts = [(name, pa.string()) for name in _TEXTS]
    moments = [(name, pa.timestamp("us")) for name in ("shipped_at", "expected_at")]
    return pa.struct([*texts, ("packages", pa.int64()), ("weight_kg", pa.float64()), *moments])


def _is_shipment(value: Mapping[str, Any], year: int) -> bool:
    if value["mode"] not in _MODES:
        return False
    low, high = _DAYS[_MODES.index(value["mode"])]
    terms = table("logistics/incoterms")
    by_sea = terms["transport"][terms["code"].lines.index(value["incoterm"])] == "sea"
    return (
        logistics.tracking_number.holds(value["tracking_number"])
        and logistics.port_code.holds(value["origin"])
        and logistics.port_code.holds(value["destination"])
        and value["origin"] != value["destination"]
        and 1 <= value["packages"] <= 40
        and value["shipped_at"].year == year
        and (value["mode"] == "sea" or not by_sea)
        and timedelta(days=low) <= value["expected_at"] - value["shipped_at"] < timedelta(days=high)
    )


@generator(
    "logistics.shipment",
    type=_shipment_type,
    options=(YEAR,),
    source="the generators of the single parts",
    holds=_is_shipment,
)
def shipment(draws: AnyDraws, *, year: int) -> Column:
    """A shipment from one port to another by sea or by air, under a term that fits, in as many days as that takes."""
    lot = draws.lane(lanes.own("logistics.shipment"))
    origin = logistics.PORTS.index(draws)
    destination = logistics.PORTS.another(draws, origin, lanes.own("logistics.destination"))
    start, seconds = span_of(year)
    shipped = start + lot.lane(0).below(seconds)
    packages = 1 + lot.lane(2).below(40)
    term = logistics.INCOTERMS.index(draws)
    by_sea = [int(transport == "sea") for transport in logistics.INCOTERMS.columns()["transport"].lines]
    mode = values.where((lot.lane(4).below(100) < 60) | (values.lookup(by_sea, term) == 1), 0, 1)
    low, high = (values.lookup(bounds, mode) * 86_400 for bounds in zip(*_DAYS, strict=True))
    return values.record(
        {
            "tracking_number": logistics.tracking_number(draws),
            "carrier": logistics.carrier(draws),
            "mode": values.take(_MODES, mode),
            "status": logistics.shipment_status(draws),
            "origin": logistics.PORTS.at(origin, "code"),
            "destination": logistics.PORTS.at(destination, "code"),
            "incoterm": logistics.INCOTERMS.at(term, "code"),
            "packages": packages,
            "weight_kg": (packages * (5 + lot.lane(3).below(3_000))) / 100,
            "shipped_at": at_second(shipped),
            "expected_at": at_second(shipped + low + values.scaled(lot.lane(1), high - low)),
        }
    )
