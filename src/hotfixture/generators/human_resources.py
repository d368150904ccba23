"""People at work: departments, contracts, pay by seniority, leave, skills, reviews."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.moments import YEAR, span_of
from hotfixture.generators.options import Option
from hotfixture.generators.pools import members
from hotfixture.generators.records import Records
from hotfixture.generators.vocabularies import vocabulary, weighted_vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

_SHARES = "our own words and shares"

_SOURCE = "our own table of ranks and what they are paid a year, in a currency like the euro"
_LANE = lanes.own("human_resources.seniority")
_RANKS = Records("human_resources/seniority", lane=_LANE, source=_SOURCE)
_NARROWED = Records("human_resources/seniority", lane=_LANE, source=_SOURCE, by=("seniority",))

seniority = _RANKS.column("human_resources.seniority", "seniority", doc="A rank: Junior, Senior, Director.")
salary_band = _NARROWED.record(
    "human_resources.salary_band",
    "seniority pay_grade salary_low salary_high",
    doc="What a rank is paid a year, at least and at most.",
)
corporate_department = vocabulary(
    "human_resources.corporate_department", "human_resources/department", doc="A department of a company."
)
contract_type = vocabulary("human_resources.contract_type", "human_resources/contract", doc="A contract of work.")
employment_type = weighted_vocabulary(
    "human_resources.employment_type",
    "human_resources/employment_type",
    doc="In what form somebody is employed.",
    source=_SHARES,
)
leave_type = vocabulary("human_resources.leave_type", "human_resources/leave", doc="Why somebody is not at work.")
performance_rating = weighted_vocabulary(
    "human_resources.performance_rating",
    "human_resources/performance",
    doc="What a yearly review says.",
    source=_SHARES,
)
skill = vocabulary("human_resources.skill", "human_resources/skill", doc="Something that somebody can do.")
employee_benefit = vocabulary(
    "human_resources.employee_benefit", "human_resources/benefit", doc="What an employer gives besides pay."
)
termination_reason = vocabulary(
    "human_resources.termination_reason", "human_resources/termination", doc="Why somebody left a company."
)
work_shift = vocabulary("human_resources.work_shift", "human_resources/shift", doc="When somebody works.")
interview_stage = vocabulary(
    "human_resources.interview_stage", "human_resources/interview", doc="How far an application has come."
)
work_location = vocabulary("human_resources.work_location", "human_resources/work_location", doc="Where one works.")
training_course = vocabulary(
    "human_resources.training_course", "human_resources/training", doc="A course for employees."
)
leave_status = weighted_vocabulary(
    "human_resources.leave_status",
    "human_resources/leave_status",
    doc="What became of a request for leave.",
    source=_SHARES,
)


@generator(
    "human_resources.employee_id",
    options=(
        Option("prefix", "text", "E", "What stands before the digits."),
        Option("digits", "integer", 6, "How many digits.", low=1, high=18),
    ),
    source="a common form; every company has its own",
    capacity=lambda prefix, digits: 10**digits,  # noqa: ARG005 - every option is passed
    holds=lambda value, prefix, digits: (
        value.startswith(prefix) and value[len(prefix) :].isdecimal() and len(value) == len(prefix) + digits
    ),
)
def employee_id(draws: AnyDraws, *, prefix: str, digits: int) -> Column:
    """The number of an employee."""
    number = draws.lane(lanes.own("human_resources.employee_id")).below(10**digits)
    return values.join(prefix, values.padded(number, digits))


def _salaries(draws: AnyDraws, index: Column) -> Column:
    """Yearly pay within the band of a rank, in hundreds."""
    columns, lot = _RANKS.columns(), draws.lane(lanes.own("human_resources.salary"))
    low, high = (values.lookup(columns[name].lines, index) // 100 for name in ("salary_low", "salary_high"))
    return (low + values.scaled(lot, high - low + 1)) * 100


def _fits(pay: int, seniority: str | None) -> bool:
    """Whether the rank, or any where there is none, is paid so much."""
    columns = _RANKS.columns()
    bands = zip(*(columns[name].lines for name in ("seniority", "salary_low", "salary_high")), strict=True)
    wanted = [(low, high) for name, low, high in bands if name.casefold() == (seniority or name).casefold()]
    return pay % 100 == 0 and any(low <= pay <= high for low, high in wanted)


@generator(
    "human_resources.salary",
    type="int64",
    options=_NARROWED.options,
    check=_NARROWED.check,
    source=_SOURCE,
    holds=_fits,
)
def salary(draws: AnyDraws, *, seniority: str | None) -> Column:
    """Pay a year, within the band of the rank, in hundreds."""
    return _salaries(draws, _NARROWED.index(draws, seniority=seniority))


_TODAY = date(2025, 1, 1)
_EMPLOYEE = ("employee_id", "department", "seniority", "employment_type", "work_location")
_FORMS = ("full-time", "full-time", "full-time", "full-time", "part-time", "fixed-term")


def _employee_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    numbers = [("pay_grade", pa.int64()), ("salary", pa.int64()), ("years_of_experience", pa.int64())]
    return pa.struct([*((name, pa.string()) for name in _EMPLOYEE), *numbers, ("hired_on", pa.date32())])


def _is_employee(value: Any, *, seniority: str | None) -> bool:
    columns = _RANKS.columns()
    row = columns["seniority"].lines.index(value["seniority"])
    years = value["years_of_experience"]
    return (
        (seniority or value["seniority"]).casefold() == value["seniority"].casefold()
        and employee_id.holds(value["employee_id"])
        and value["department"] in members("human_resources/department")
        and value["employment_type"] in _FORMS
        and value["pay_grade"] == columns["pay_grade"][row]
        and _fits(value["salary"], value["seniority"])
        and columns["years_low"][row] <= years <= columns["years_high"][row]
        and 0 <= (_TODAY - value["hired_on"]).days <= 366 * (years + 1)
    )


@generator(
    "human_resources.employee",
    type=_employee_type,
    options=_NARROWED.options,
    check=_NARROWED.check,
    source=f"{_SOURCE}; as of 2025-01-01",
    holds=_is_employee,
)
def employee(draws: AnyDraws, *, seniority: str | None) -> Column:
    """An employee: pay and experience go with the rank, and nobody was hired before working at all."""
    index, lot = _NARROWED.index(draws, seniority=seniority), draws.lane(lanes.own("human_resources.employee"))
    columns = _RANKS.columns()
    low, high = (values.lookup(columns[name].lines, index) for name in ("years_low", "years_high"))
    years = low + values.scaled(lot.lane(0), high - low + 1)
    return values.record(
        {
            "employee_id": employee_id(draws),
            "department": corporate_department(draws),
            "seniority": _RANKS.at(index, "seniority"),
            "employment_type": values.take(_FORMS, lot.lane(2).below(len(_FORMS))),
            "work_location": work_location(draws),
            "pay_grade": values.lookup(columns["pay_grade"].lines, index),
            "salary": _salaries(draws, index),
            "years_of_experience": years,
            "hired_on": values.date_at(values.days_of(_TODAY) - values.scaled(lot.lane(1), 365 * (years + 1))),
        }
    )


_LENGTHS = (1, 1, 1, 2, 2, 3, 4, 5, 5, 7, 7, 10, 12, 14, 14, 21)


def _leave_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    texts = [("leave_type", pa.string()), ("status", pa.string())]
    return pa.struct([*texts, ("starts_on", pa.date32()), ("ends_on", pa.date32()), ("days", pa.int64())])


def _is_leave(value: Any, *, year: int) -> bool:
    return (
        value["leave_type"] in members("human_resources/leave")
        and leave_status.holds(value["status"])
        and value["starts_on"].year == year
        and value["days"] == (value["ends_on"] - value["starts_on"]).days + 1
        and value["days"] in _LENGTHS
    )


@generator(
    "human_resources.leave", type=_leave_type, options=(YEAR,), source="the calendar; our own shares", holds=_is_leave
)
def leave(draws: AnyDraws, *, year: int) -> Column:
    """A request for leave: it ends no earlier than it starts, and counts the calendar days."""
    lot = draws.lane(lanes.own("human_resources.leave"))
    (first, seconds), day = span_of(year), 86_400
    start, days = (
        first // day + lot.lane(0).below(seconds // day),
        values.lookup(_LENGTHS, lot.lane(1).below(len(_LENGTHS))),
    )
    return values.record(
        {
            "leave_type": leave_type(draws),
            "status": leave_status(draws),
            "starts_on": values.date_at(start),
            "ends_on": values.date_at(start + days - 1),
            "days": days,
        }
    )
