"""Patients: name, condition and medicine fit together."""

from __future__ import annotations

import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.generators import find
from hotfixture.generators.pools import table

DRAWS = Draws.from_rows(4, "patients", 0, 6_000)


def test_nobody_has_what_their_sex_cannot_have():
    rows = find("patient")(DRAWS).to_pylist()
    hers = {row["condition"] for row in rows if row["sex"] == "female"}
    his = {row["condition"] for row in rows if row["sex"] == "male"}
    assert {"endometriosis", "pre-eclampsia"} <= hers - his
    assert {"prostate cancer", "enlarged prostate"} <= his - hers
    assert len(hers & his) > 100


def test_medicines_are_used_for_the_condition():
    rows = find("patient")(DRAWS).to_pylist()
    columns = table("health/treatments")
    known = set(zip(columns["condition"].lines, columns["medication"].lines, strict=True))
    assert {(row["condition"], row["medication"]) for row in rows} == known


def test_the_list_of_treatments_points_to_the_lines_that_it_names():
    columns = table("health/treatments")
    for place, name in (("conditions", "condition"), ("medications", "medication")):
        lines = table(f"health/{place}")[name].lines
        assert [lines[line] for line in columns[f"{name}_line"].lines] == columns[name].lines
    assert set(columns["condition"].lines) == set(table("health/conditions")["condition"].lines)


def test_a_patient_holds_what_the_single_generators_make_of_the_same_draws():
    rows = find("patient")(DRAWS).to_pylist()
    for name in ("people.full_name", "people.sex", "health.allergy", "health.blood_type", "health.mrn"):
        assert find(name)(DRAWS).to_pylist() == [row[name.partition(".")[2]] for row in rows]


def test_patient_and_treatment_of_the_same_draws_are_one():
    treatments, patients = (find(name)(DRAWS).to_pylist() for name in ("treatment", "patient"))
    for treated, patient in zip(treatments, patients, strict=True):
        assert (treated["code"], treated["medication"]) == (patient["code"], patient["medication"])
        assert patient["dosage"] == f"{treated['strength']}, {treated['frequency']}"


@pytest.mark.parametrize("sex", ["female", "male"])
def test_the_sex_asked_for_is_that_of_all(sex):
    assert {row["sex"] for row in agreed("patient", sex=sex, locale="de", count=100)} == {sex}
