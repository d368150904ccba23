"""Schools and universities."""

from __future__ import annotations

import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.errors import OptionError
from hotfixture.generators import find, generate
from hotfixture.generators.pools import members, table

POINTS = {"A+": 4.3, "A": 4.0, "B": 3.0, "C-": 1.7, "F": 0.0}


def test_grade_points_and_passing_follow_from_the_grade():
    seen = set()
    for line in agreed("education.transcript_line", count=600):
        assert line["grade_points"] == POINTS.get(line["grade"], line["grade_points"])
        assert line["passed"] == (line["grade"] != "F")
        seen.add(line["grade"])
    assert len(seen) == 13


def test_the_letters_of_a_course_are_those_of_its_field():
    fields = dict(zip(*(table("education/course")[name].lines for name in ("code", "field")), strict=True))
    draws = Draws.from_rows(1, "courses", 0, 300)
    for code, name in zip(find("course_code")(draws).to_pylist(), find("course_name")(draws).to_pylist(), strict=True):
        assert name.endswith(fields[code.split(" ")[0]])
    assert set(fields.values()) <= members("education/field")


def test_the_number_of_a_student_begins_with_the_year_of_enrolment():
    for student in agreed("education.student", count=200):
        assert student["student_id"][:2] == str(student["enrolled"])[2:]


def test_an_academic_year_ends_in_the_next():
    assert set(agreed("education.academic_year", count=100, low=1998, high=2000)) == {"1998/99", "1999/00", "2000/01"}
    with pytest.raises(OptionError, match="low"):
        generate("education.academic_year", low=2030, high=2020)


@pytest.mark.parametrize(("system", "best"), [("uk", "First"), ("de", "1.0"), ("it", "30/30 e lode"), ("ib", "7")])
def test_grades_are_those_of_the_system(system, best):
    assert best in agreed("education.grade", count=500, system=system)
