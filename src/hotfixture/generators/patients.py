"""Patients: somebody's condition is one that their sex may have, and the medicine is one that is used for it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from hotfixture.generators import health, lanes, people, values
from hotfixture.generators.base import AnyDraws, Column, Generator, generator
from hotfixture.generators.options import LOCALE
from hotfixture.generators.people import SEX
from hotfixture.generators.pools import Pool, table

if TYPE_CHECKING:
    import pyarrow as pa

_SOURCE = "usual medicines for each condition, our own list; no advice for treatment"
_CONDITION = ("condition", "code", "specialty")
_MEDICINE = ("medication", "strength", "dose_form", "route")


@cache
def _lines(sex: str) -> tuple[int, ...]:
    """The lines of data/health/treatments.tsv that somebody of this sex may need."""
    return tuple(line for line, whose in enumerate(table("health/treatments")["sex"].lines) if whose in ("any", sex))


@cache
def _cells(field: str) -> Pool:
    """For each treatment what the lists of conditions and of medicines say of it."""
    place, line = ("conditions", "condition_line") if field in _CONDITION else ("medications", "medication_line")
    column = table(f"health/{place}")[field]
    return Pool([column[number] for number in table("health/treatments")[line].lines])


def _treatment(draws: AnyDraws, sex: str, fields: tuple[str, ...]) -> dict[str, Column]:
    """Columns of the treatment of the person of these draws."""
    lot = draws.lane(lanes.own("health.treatment"))
    hers, his = (values.lookup(lines, lot.below(len(lines))) for lines in (_lines("female"), _lines("male")))
    index = values.where(people.is_female(draws, sex), hers, his)
    return {field: values.take(_cells(field), index) for field in fields}


@cache
def _known(sex: str) -> frozenset[tuple[str, str, str]]:
    """Code, medicine and strength of the treatments of a sex."""
    sexes = ("female", "male") if sex == "any" else (sex,)
    return frozenset(
        (_cells("code")[line], _cells("medication")[line], _cells("strength")[line])
        for each in sexes
        for line in _lines(each)
    )


_TREATMENT = (*_CONDITION, *_MEDICINE)


def _treatment_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    return pa.struct([(name, pa.string()) for name in (*_TREATMENT, "frequency")])


def _is_treatment(value: Mapping[str, str], sex: str) -> bool:
    return (
        (value["code"], value["medication"], value["strength"]) in _known(sex)
        and health.diagnosis.holds({name: value[name] for name in _CONDITION})
        and health.dose_frequency.holds(value["frequency"])
    )


@generator("health.treatment", type=_treatment_type, options=(SEX,), source=_SOURCE, holds=_is_treatment)
def treatment(draws: AnyDraws, *, sex: str) -> Column:
    """A condition and a medicine that is used for it, with strength, form, route and frequency."""
    columns = _treatment(draws, sex, _TREATMENT)
    return values.record({**columns, "frequency": health.dose_frequency(draws)})


_OWN: Mapping[str, Generator] = {
    "mrn": health.mrn,
    "blood_type": health.blood_type,
    "allergy": health.allergy,
    "insurer": health.insurer,
    "policy_number": health.policy_number,
}
_PATIENT = ("full_name", "sex", "condition", "code", "medication", "dosage", *_OWN)


def _patient_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    return pa.struct([*((name, pa.string()) for name in _PATIENT), ("birth_date", pa.date32())])


def _is_patient(value: Mapping[str, Any], *, locale: str, sex: str) -> bool:
    strength = value["dosage"].partition(", ")[0]
    return (
        value["sex"] in ("female", "male")
        and sex in ("any", value["sex"])
        and people.full_name.holds(value["full_name"], locale=locale, sex=value["sex"])
        and (value["code"], value["medication"], strength) in _known(value["sex"])
        and health.dosage.holds(value["dosage"])
        and people.birth_date.holds(value["birth_date"])
        and all(made.holds(value[name]) for name, made in _OWN.items())
    )


@generator("health.patient", type=_patient_type, options=(LOCALE, SEX), source=_SOURCE, holds=_is_patient)
def patient(draws: AnyDraws, *, locale: str, sex: str) -> Column:
    """A patient: the name is of the sex, the condition one that it may have, the medicine one that is used for it."""
    found = _treatment(draws, sex, ("condition", "code", "medication", "strength"))
    strength = found.pop("strength")
    return values.record(
        {
            "full_name": people.full_name(draws, locale=locale, sex=sex),
            "sex": people.sexes(draws, sex),
            **found,
            "dosage": values.join(strength, health.dose_frequency(draws), separator=", "),
            **{name: made(draws) for name, made in _OWN.items()},
            "birth_date": people.birth_date(draws),
        }
    )
