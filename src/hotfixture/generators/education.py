"""Schools and universities: invented places, degrees, courses, and grades in the systems of several countries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.numbers import refuse_empty
from hotfixture.generators.options import Option
from hotfixture.generators.phrases import phrase
from hotfixture.generators.pools import members, pool
from hotfixture.generators.quantities import quantity
from hotfixture.generators.records import Records
from hotfixture.generators.vocabularies import vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

degree = vocabulary("education.degree", "education/degree", doc="An academic degree, in full.")
field_of_study = vocabulary("education.field_of_study", "education/field", doc="What one studies at a university.")
school_subject = vocabulary("education.school_subject", "education/subject", doc="What one learns at school.")
faculty = vocabulary("education.faculty", "education/faculty", doc="A faculty of a university.")
academic_title = vocabulary("education.academic_title", "education/academic_title", doc="A rank of university staff.")
assessment_type = vocabulary("education.assessment_type", "education/assessment", doc="How knowledge is examined.")
learning_activity = vocabulary("education.learning_activity", "education/learning_activity", doc="A form of teaching.")
enrolment_status = vocabulary(
    "education.enrolment_status", "education/enrolment_status", doc="What a university knows of a student."
)
education_level = vocabulary(
    "education.education_level",
    "education/level",
    doc="A level of education.",
    source="the levels of ISCED 2011 (UNESCO)",
)
gpa = quantity(
    "education.gpa", 1.5, 4.0, digits=2, bell=True, least=0.0, most=10.0, doc="A grade point average, four being best."
)
university = phrase(
    "education.university",
    "University of {education/university_place}",
    "{education/university_place} University",
    "{education/university_place} State University",
    "{education/university_place} Institute of Technology",
    "{education/university_place} College",
    "{education/university_place} University of {Applied Sciences|the Arts|Education|Health Sciences}",
    doc="The invented name of a university.",
)
school = phrase(
    "education.school",
    "{education/university_place} {education/school_kind}",
    doc="The invented name of a school.",
)
qualification = phrase(
    "education.qualification",
    "{Bachelor|Master} of {Arts|Science} in {education/field}",
    "Doctor of Philosophy in {education/field}",
    "Diploma in {education/field}",
    doc="A degree and what it was taken in.",
)
scholarship = phrase(
    "education.scholarship",
    "{education/scholarship_word} {Scholarship|Grant|Award|Bursary|Fellowship|Prize}",
    doc="The invented name of a scholarship.",
)
thesis_title = phrase(
    "education.thesis_title",
    "{education/thesis_frame} {education/thesis_noun}",
    "{education/thesis_frame} {education/thesis_noun}: {A Case Study|An Interdisciplinary View|Field Data|"
    "Lessons from Three Countries|Methods and Results|Theory and Practice}",
    doc="The title of a thesis that nobody wrote.",
)
student_id = phrase(
    "education.student_id",
    "{15..25}{####}{##}",
    doc="The number of a student: the year of enrolment, then six digits.",
    source="a common form; every university has its own",
)
semester = phrase(
    "education.semester",
    "{Spring|Summer|Autumn|Winter} {2015..2025}",
    doc="A term: Autumn 2024.",
    source="the calendar",
)

_COURSES = Records(
    "education/course",
    lane=lanes.own("education.course"),
    source="abbreviations that course catalogues share, our own list",
)
_LEVELS = (
    (100, 100, 200, 200, 300, 300, 400, 400, 500),
    ("Introduction to", "Foundations of", "Principles of", "Methods of", "Theory of", "Topics in", "Advanced",
     "Project in", "Seminar in"),
)  # fmt: skip


def _level(draws: AnyDraws) -> Column:
    return draws.lane(lanes.own("education.course_level")).below(len(_LEVELS[0]))


def _codes(draws: AnyDraws) -> Column:
    number = values.lookup(_LEVELS[0], _level(draws)) + draws.lane(lanes.own("education.course_code")).below(100)
    return values.join(_COURSES.at(_COURSES.index(draws), "code"), " ", values.padded(number, 3))


def _names(draws: AnyDraws) -> Column:
    frame = values.take(_LEVELS[1], _level(draws))
    return values.join(frame, " ", _COURSES.at(_COURSES.index(draws), "field"))


def _is_code(value: Any) -> bool:
    prefix, _, number = value.partition(" ")
    return prefix in _COURSES.columns()["code"].lines and len(number) == 3 and 100 <= int(number) < 600


def _is_name(value: Any) -> bool:
    return any(value.removeprefix(f"{frame} ") in _COURSES.columns()["field"].lines for frame in _LEVELS[1])


@generator(
    "education.course_code",
    source="a common form: letters of the field, then three digits, the first for the level",
    capacity=lambda: 500 * len(_COURSES.columns()["code"]),
    holds=_is_code,
)
def course_code(draws: AnyDraws) -> Column:
    """The code of a course: PHYS 214."""
    return _codes(draws)


@generator(
    "education.course_name",
    source="our own word lists",
    capacity=lambda: len(_LEVELS[1]) * len(_COURSES.columns()["field"]),
    holds=_is_name,
)
def course_name(draws: AnyDraws) -> Column:
    """The name of the course that has the `course_code` of the same draws."""
    return _names(draws)


GRADES: Mapping[str, tuple[str, ...]] = {
    "us": ("A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D+", "D", "D-", "F"),
    "uk": ("First", "Upper Second", "Lower Second", "Third", "Pass", "Fail"),
    "ects": ("A", "B", "C", "D", "E", "FX", "F"),
    "de": ("1.0", "1.3", "1.7", "2.0", "2.3", "2.7", "3.0", "3.3", "3.7", "4.0", "5.0"),
    "fr": tuple(f"{mark}/20" for mark in range(21)),
    "it": (*(f"{mark}/30" for mark in range(18, 31)), "30/30 e lode"),
    "ib": tuple(map(str, range(1, 8))),
    "ch": tuple(f"{half / 2:.1f}" for half in range(2, 13)),
    "percent": tuple(f"{mark} %" for mark in range(101)),
}


@generator(
    "education.grade",
    options=(Option("system", "choice", "us", "Whose grades.", choices=tuple(GRADES)),),
    source="the grades in use at universities there, ECTS users' guide of 2009, International Baccalaureate",
    capacity=lambda system: len(GRADES[system]),
    holds=lambda value, system: value in GRADES[system],
)
def grade(draws: AnyDraws, *, system: str) -> Column:
    """A grade, all alike."""
    grades = GRADES[system]
    return values.take(grades, draws.lane(lanes.own("education.grade")).below(len(grades)))


@generator(
    "education.academic_year",
    options=(
        Option("low", "integer", 2015, "Earliest year of its beginning.", low=1900, high=2100),
        Option("high", "integer", 2025, "Latest year of its beginning.", low=1900, high=2100),
    ),
    check=refuse_empty,
    source="the calendar",
    capacity=lambda low, high: high - low + 1,
    holds=lambda value, low, high: low <= int(value[:4]) <= high and value[4:] == f"/{(int(value[:4]) + 1) % 100:02d}",
)
def academic_year(draws: AnyDraws, *, low: int, high: int) -> Column:
    """An academic year: 2024/25."""
    year = low + draws.lane(lanes.own("education.academic_year")).below(high - low + 1)
    return values.join(values.padded(year, 4), "/", values.padded(year + 1, 2))


_POINTS = (43, 40, 37, 33, 30, 27, 23, 20, 17, 13, 10, 7, 0)
_CREDITS = (2, 3, 3, 4, 5, 6)


def _line_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    texts = [(name, pa.string()) for name in ("course_code", "course_name", "semester", "grade")]
    return pa.struct([*texts, ("credits", pa.int64()), ("grade_points", pa.float64()), ("passed", pa.bool_())])


def _is_line(value: Any) -> bool:
    known = dict(zip(*(_COURSES.columns()[name].lines for name in ("code", "field")), strict=True))
    return (
        _is_code(value["course_code"])
        and _is_name(value["course_name"])
        and value["course_name"].endswith(known[value["course_code"].partition(" ")[0]])
        and semester.holds(value["semester"])
        and _POINTS[GRADES["us"].index(value["grade"])] == round(value["grade_points"] * 10)
        and value["credits"] in _CREDITS
        and value["passed"] == (value["grade"] != "F")
    )


@generator(
    "education.transcript_line",
    type=_line_type,
    source="grade points as most universities of the United States count them",
    holds=_is_line,
)
def transcript_line(draws: AnyDraws) -> Column:
    """A line of a transcript of records: code and course agree, and so do grade and grade points."""
    mark = draws.lane(lanes.own("education.grade")).below(len(_POINTS))
    worth = draws.lane(lanes.own("education.credits")).below(len(_CREDITS))
    points = values.lookup(_POINTS, mark)
    return values.record(
        {
            "course_code": _codes(draws),
            "course_name": _names(draws),
            "semester": semester(draws),
            "grade": values.take(GRADES["us"], mark),
            "credits": values.lookup(_CREDITS, worth),
            "grade_points": points / 10,
            "passed": points > 0,
        }
    )


def _student_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    texts = [(name, pa.string()) for name in ("student_id", "university", "degree", "field", "status")]
    return pa.struct([*texts, ("enrolled", pa.int64()), ("gpa", pa.float64())])


def _is_student(value: Any) -> bool:
    return (
        student_id.holds(value["student_id"])
        and value["student_id"].startswith(f"{value['enrolled'] % 100:02d}")
        and university.holds(value["university"])
        and value["degree"] in members("education/degree")
        and value["field"] in members("education/field")
        and value["status"] in members("education/enrolment_status")
        and gpa.holds(value["gpa"])
    )


@generator("education.student", type=_student_type, source="the generators of the single parts", holds=_is_student)
def student(draws: AnyDraws) -> Column:
    """A student, whose number begins with the year of enrolment."""
    lot, degrees = draws.lane(lanes.own("education.student")), pool("education/degree")
    year = lot.lane(0).below(11)
    return values.record(
        {
            "student_id": values.join(values.padded(15 + year, 2), values.padded(lot.lane(1).below(10**6), 6)),
            "university": university(draws),
            "degree": values.take(degrees, lot.lane(2).below(len(degrees))),
            "field": field_of_study(draws),
            "status": enrolment_status(draws),
            "enrolled": 2015 + year,
            "gpa": gpa(draws),
        }
    )
