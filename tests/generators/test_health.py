"""Health: what a file of a patient says fits together, and no number is anybody's."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.errors import UnknownNameError
from hotfixture.generators import find, generate
from hotfixture.generators.pools import members, table

DRAWS = Draws.from_rows(4, "health", 0, 2_000)


def test_a_diagnosis_has_the_code_of_its_condition_alone():
    codes = {}
    for row in find("health.diagnosis")(DRAWS).to_pylist():
        assert codes.setdefault(row["condition"], row["code"]) == row["code"]
    assert len(set(codes.values())) == len(codes) > 150


def test_the_single_columns_are_those_of_the_diagnosis_of_the_same_draws():
    rows = find("diagnosis")(DRAWS).to_pylist()
    assert find("medical_condition")(DRAWS).to_pylist() == [row["condition"] for row in rows]
    assert find("icd10code")(DRAWS).to_pylist() == [row["code"] for row in rows]


def test_codes_of_diagnoses_lie_in_the_block_left_to_research():
    assert all(50 <= int(code[1:3]) < 82 and code[0] == "U" for code in table("health/conditions")["code"].lines)


def test_specialties_of_conditions_are_specialties():
    assert set(table("health/conditions")["specialty"].lines) <= members("health/specialty")


def test_a_specialty_narrows_the_conditions_and_an_unknown_one_is_refused():
    found = {row["specialty"] for row in agreed("health.diagnosis", specialty="Cardiology", count=300)}
    assert found == {"cardiology"}
    with pytest.raises(UnknownNameError, match="cardiology"):
        generate("medical_condition", specialty="cardiologi")


@pytest.mark.parametrize("word", ["condition", "medicalcondition", "drug", "medicine", "disease", "vaccine", "ward"])
def test_what_people_type_is_known(word):
    assert find(word).group == "health"


def test_nhs_numbers_stay_in_the_test_range_and_never_end_in_an_impossible_check():
    found = agreed("health.nhs_number", count=5_000)
    assert all(len(number) == 10 and number.startswith("999") for number in found)


def test_npis_are_never_issued_ones():
    assert all(number.startswith("9") for number in agreed("health.npi", count=100))


def test_lists_drawn_for_one_patient_are_independent():
    pairs = Counter(zip(find("severity")(DRAWS).to_pylist(), find("blood_type")(DRAWS).to_pylist(), strict=True))
    assert len(pairs) > 20


def test_a_prescription_is_of_one_medicine():
    columns = table("health/medications")
    names = ("medication", "drug_class", "strength", "dose_form", "route")
    lines = set(zip(*(columns[name].lines for name in names), strict=True))
    rows = find("prescription")(DRAWS).to_pylist()
    assert {tuple(row[name] for name in names) for row in rows} == lines
    assert find("medication")(DRAWS).to_pylist() == [row["medication"] for row in rows]
