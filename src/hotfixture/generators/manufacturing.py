"""Factories: parts and their numbers, machines and tools, orders, defects, measurements, readings of sensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.exact import exact, is_exact
from hotfixture.generators.moments import YEAR, at_second, span_of
from hotfixture.generators.phrases import phrase
from hotfixture.generators.records import Records
from hotfixture.generators.vocabularies import vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

_GRADES = Records(
    "manufacturing/material_grade",
    lane=lanes.own("manufacturing.material_grade"),
    source="designations of the European standards that stand beside them, our own selection",
    by=("material",),
)
material_grade = _GRADES.column("manufacturing.material_grade", "designation", doc="A material by its designation.")
material_record = _GRADES.record(
    "manufacturing.material_record", "designation material standard", doc="A material with the standard that names it."
)
_UNITS = Records(
    "manufacturing/unit",
    lane=lanes.own("manufacturing.unit_of_measure"),
    source="UN/ECE Recommendation 20, common codes, our own selection; symbols of ISO 80000",
)
unit_of_measure = _UNITS.column("manufacturing.unit_of_measure", "code", doc="The code of a unit: KGM, C62, MTR.")
unit_record = _UNITS.record(
    "manufacturing.unit_record", "code name symbol", doc="A unit of measure with its code, name and symbol."
)

machine = vocabulary("manufacturing.machine", "manufacturing/machine", doc="A machine of a factory.")
tool = vocabulary("manufacturing.tool", "manufacturing/tool", doc="A tool of a workshop.")
component = vocabulary("manufacturing.component", "manufacturing/component", doc="A part that machines are made of.")
defect_type = vocabulary("manufacturing.defect_type", "manufacturing/defect", doc="What is wrong with a part.")
process_step = vocabulary("manufacturing.process_step", "manufacturing/process", doc="A step of making something.")
downtime_reason = vocabulary("manufacturing.downtime_reason", "manufacturing/downtime", doc="Why a machine stands.")
quality_grade = vocabulary("manufacturing.quality_grade", "manufacturing/quality_grade", doc="How good goods are.")
inspection_result = vocabulary(
    "manufacturing.inspection_result", "manufacturing/inspection_result", doc="What an inspection says."
)
work_order_status = vocabulary(
    "manufacturing.work_order_status", "manufacturing/work_order_status", doc="How far a work order has come."
)
surface_finish = vocabulary("manufacturing.surface_finish", "manufacturing/surface", doc="What was done to a surface.")

_FORM = "a common form; every factory has its own"
part_number = phrase(
    "manufacturing.part_number", "{@@}-{####}-{###}", "{####}-{###}-{@#}", doc="The number of a part.", source=_FORM
)
serial_number = phrase(
    "manufacturing.serial_number",
    "SN{15..25}{01..52}{###}{###}",
    doc="The number of one piece: year and week of making, then six digits.",
    source=_FORM,
)
lot_number = phrase(
    "manufacturing.lot_number",
    "L{15..25}{001..365}-{##}",
    doc="The number of a lot: year and day of making, then two digits.",
    source=_FORM,
)
work_order = phrase("manufacturing.work_order", "WO-{####}{####}", doc="The number of a work order.", source=_FORM)
machine_id = phrase(
    "manufacturing.machine_id",
    "{ASM|BND|CNC|CUT|GRD|INJ|LAS|MIL|PCK|PNT|PRS|ROB|TST|TRN|WLD}-{01..60}",
    doc="The number of a machine.",
    source=_FORM,
)
production_line = phrase(
    "manufacturing.production_line",
    "Line {1..12}",
    "{Assembly|Packing|Paint|Press|Test|Welding} Line {A|B|C|D}",
    doc="A line of a factory.",
)
tolerance = phrase(
    "manufacturing.tolerance",
    "±{0.005|0.01|0.02|0.05|0.1|0.2|0.3|0.5|1.0} mm",
    "{H6|H7|H8|H9|H11|G7|F7|F8|E9|D10|JS7|K7|M7|N7|P7|h5|h6|h7|h9|h11|g5|g6|f6|f7|e8|d9|js6|k6|m6|n6|p6|r6|s6}",
    "ISO 2768-{f|m|c|v}",
    doc="How far a dimension may be off.",
    source="ISO 286-1 for the classes, ISO 2768-1 for general tolerances",
)

_SENSORS = Records(
    "manufacturing/sensor",
    lane=lanes.own("manufacturing.sensor"),
    source="usual ranges of industrial sensors, our own choice; unit codes of UN/ECE Recommendation 20",
)


def _reading_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    texts = [(name, pa.string()) for name in ("sensor_id", "machine_id", "quantity", "unit_code", "unit")]
    tail = [("value", pa.float64()), ("alarm", pa.bool_()), ("recorded_at", pa.timestamp("us"))]
    return pa.struct([*texts, *tail])


_ALARM = 95
"""Above this percentage of its range a sensor raises the alarm."""


def _is_reading(value: Any, *, year: int) -> bool:
    """Whether the value lies in the range of its quantity, and the alarm is that of the value."""
    columns = _SENSORS.columns()
    row = columns["quantity"].lines.index(value["quantity"])
    low, high = columns["low"][row], columns["high"][row]
    tenths = round(value["value"] * 10)
    return (
        low <= tenths <= high
        and (value["unit_code"], value["unit"]) == (columns["code"][row], columns["unit"][row])
        and value["alarm"] == ((tenths - low) * 100 > (high - low) * _ALARM)
        and machine_id.holds(value["machine_id"])
        and value["sensor_id"].startswith("SEN-")
        and value["recorded_at"].year == year
    )


@generator(
    "manufacturing.sensor_reading", type=_reading_type, options=(YEAR,), source=_SENSORS.source, holds=_is_reading
)
def sensor_reading(draws: AnyDraws, *, year: int) -> Column:
    """What a sensor said; the highest twentieth of its range raises the alarm."""
    index, lot = _SENSORS.index(draws), draws.lane(lanes.own("manufacturing.sensor_reading"))
    low, high = (values.lookup(_SENSORS.columns()[name].lines, index) for name in ("low", "high"))
    above = values.scaled(lot.lane(0), high - low + 1)
    first, seconds = span_of(year)
    return values.record(
        {
            "sensor_id": values.join("SEN-", values.padded(lot.lane(1).below(10_000), 4)),
            "machine_id": machine_id(draws),
            "quantity": _SENSORS.at(index, "quantity"),
            "unit_code": _SENSORS.at(index, "code"),
            "unit": _SENSORS.at(index, "unit"),
            "value": (low + above) / 10,
            "alarm": above * 100 > (high - low) * _ALARM,
            "recorded_at": at_second(first + lot.lane(2).below(seconds)),
        }
    )


_CLASSES = ((90, "A"), (80, "B"), (70, "C"), (0, "D"))


def _supplier_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    points = [(name, pa.int64()) for name in ("quality", "delivery", "price", "service", "score")]
    return pa.struct([*points, ("rating", pa.string())])


def _is_supplier(value: Any) -> bool:
    weighted = 4 * value["quality"] + 3 * value["delivery"] + 2 * value["price"] + value["service"]
    return (
        all(30 <= value[name] <= 100 for name in ("quality", "delivery", "price", "service"))
        and value["score"] == weighted // 10
        and value["rating"] == next(name for bound, name in _CLASSES if value["score"] >= bound)
    )


@generator(
    "manufacturing.supplier_rating",
    type=_supplier_type,
    source="points weighted 40, 30, 20 and 10 per cent; A from 90, B from 80, C from 70",
    holds=_is_supplier,
)
def supplier_rating(draws: AnyDraws) -> Column:
    """How good a supplier is: points, their weighted mean, and the class that follows from it."""
    lot = draws.lane(lanes.own("manufacturing.supplier_rating"))
    quality, delivery, price, service = (
        100 - values.scaled(lot.lane(i), 1 + lot.lane(4 + i).below(71)) for i in range(4)
    )
    score = (4 * quality + 3 * delivery + 2 * price + service) // 10
    rank: Column = 0
    for bound, _ in _CLASSES[:-1]:
        rank = rank + values.where(score < bound, 1, 0)
    return values.record(
        {
            "quality": quality, "delivery": delivery, "price": price, "service": service, "score": score,
            "rating": values.take(tuple(name for _, name in _CLASSES), rank),
        }
    )  # fmt: skip


_MICRONS = (5, 10, 20, 50, 100, 200)


def _check_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    sizes = [(name, pa.decimal128(9, 3)) for name in ("nominal", "tolerance", "actual", "deviation")]
    return pa.struct([("part_number", pa.string()), *sizes, ("within_tolerance", pa.bool_())])


def _is_check(value: Any) -> bool:
    return (
        part_number.holds(value["part_number"])
        and is_exact(value["nominal"], 3, 5_000, 300_000)
        and value["tolerance"] * 1000 in _MICRONS
        and value["actual"] - value["nominal"] == value["deviation"]
        and value["within_tolerance"] == (abs(value["deviation"]) <= value["tolerance"])
    )


@generator(
    "manufacturing.dimension_check",
    type=_check_type,
    source="deviations up to 1.3 times the tolerance, those in the middle more often; our own choice",
    holds=_is_check,
)
def dimension_check(draws: AnyDraws) -> Column:
    """A measured dimension, in millimetres: what it should be, what it is, and whether that is good enough."""
    lot = draws.lane(lanes.own("manufacturing.dimension_check"))
    nominal = 5_000 + 500 * lot.lane(0).below(591)
    allowed = values.lookup(_MICRONS, lot.lane(1).below(len(_MICRONS)))
    width = allowed * 13 // 10
    thirds = [values.scaled(lot.lane(2 + i), 2 * width + 1) for i in range(3)]
    off = (thirds[0] + thirds[1] + thirds[2]) // 3 - width
    sizes = {"nominal": nominal, "tolerance": allowed, "actual": nominal + off, "deviation": off}
    return values.record(
        {
            "part_number": part_number(draws),
            **{name: exact(microns, 9, 3) for name, microns in sizes.items()},
            "within_tolerance": abs(off) <= allowed,
        }
    )


def _oee_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    return pa.struct([(name, pa.decimal128(4, 1)) for name in ("availability", "performance", "quality", "oee")])


def _is_oee(value: Any) -> bool:
    tenths = [int(value[name] * 10) for name in ("availability", "performance", "quality")]
    product = tenths[0] * tenths[1] * tenths[2]
    return all(is_exact(value[name], 1, 0, 1000) for name in value) and int(value["oee"] * 10) == product // 10**6


@generator(
    "manufacturing.oee",
    type=_oee_type,
    source="ISO 22400-2: overall equipment effectiveness is availability times performance times quality",
    holds=_is_oee,
)
def oee(draws: AnyDraws) -> Column:
    """How well a machine is used, in per cent: three parts and their product, rounded down."""
    lot = draws.lane(lanes.own("manufacturing.oee"))
    parts = {
        "availability": 600 + lot.lane(0).below(401),
        "performance": 600 + lot.lane(1).below(401),
        "quality": 850 + lot.lane(2).below(151),
    }
    product = parts["availability"] * parts["performance"] * parts["quality"] // 10**6
    return values.record({name: exact(tenths, 4, 1) for name, tenths in {**parts, "oee": product}.items()})
