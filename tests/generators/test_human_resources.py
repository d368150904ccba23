"""People at work."""

from __future__ import annotations

from datetime import date

from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.generators import find
from hotfixture.generators.pools import table


def test_pay_lies_within_the_band_of_the_rank():
    draws = Draws.from_rows(1, "pay", 0, 300)
    bands = find("salary_band")(draws).to_pylist()
    for band, pay in zip(bands, find("salary")(draws).to_pylist(), strict=True):
        assert band["salary_low"] <= pay <= band["salary_high"]
    assert all(125_000 <= pay <= 210_000 for pay in agreed("human_resources.salary", seniority="director"))


def test_bands_rise_with_the_pay_grade():
    columns = table("human_resources/seniority")
    middles: dict[int, list[int]] = {}
    for grade, low, high in zip(
        *(columns[each].lines for each in ("pay_grade", "salary_low", "salary_high")), strict=True
    ):
        middles.setdefault(grade, []).append(low + high)
    for grade in sorted(middles)[1:]:
        assert min(middles[grade]) > max(middles[grade - 1])


def test_nobody_was_hired_before_working_at_all():
    for employee in agreed("human_resources.employee", count=300):
        assert employee["hired_on"] <= date(2025, 1, 1)
        assert 2025 - employee["hired_on"].year <= employee["years_of_experience"] + 2


def test_leave_ends_no_earlier_than_it_starts():
    for leave in agreed("human_resources.leave", count=200):
        assert leave["ends_on"] >= leave["starts_on"]
        assert leave["days"] == (leave["ends_on"] - leave["starts_on"]).days + 1


def test_employees_are_numbered_as_asked():
    assert all(number[:3] == "HR-" and len(number) == 7 for number in agreed("employee_id", prefix="HR-", digits=4))
