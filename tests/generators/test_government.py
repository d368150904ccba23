"""Government: numbers that are never issued, names of authorities that do not exist."""

from __future__ import annotations

import re

import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.generators import find
from hotfixture.generators.pools import table

DRAWS = Draws.from_rows(14, "government", 0, 1_000)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("docket_number", r"0:24-(cv|cr|mc|mj|bk)-\d{5}"),
        ("precinct", r"([1-9]|[1-4]\d|50)-([0-2]\d|30)"),
        ("form_number", r"Form [A-Z]{2}-\d{4}"),
        ("electoral_district", r"District \d{1,3}"),
    ],
)
def test_numbers_have_their_form(name, form):
    assert all(re.fullmatch(form, number) for number in agreed(name, count=300))


@pytest.mark.parametrize(("style", "form"), [("plain", r"CASE-2024-\d{6}"), ("slashes", r"\d\d X[ABC] \d{5}/24")])
def test_cases_are_numbered_in_the_style_asked_for(style, form):
    assert all(re.fullmatch(form, number) for number in agreed("case_number", style=style, count=100))


def test_agencies_have_a_kind_and_a_subject():
    names = agreed("agency", count=500)
    assert all(" of " in name for name in names)
    assert len(set(names)) > 300


def test_tax_forms_have_their_title():
    titles = dict(zip(find("tax_form")(DRAWS).to_pylist(), find("tax_form_title")(DRAWS).to_pylist(), strict=True))
    assert titles["W-2"] == "wage and tax statement"
    assert len(titles) == len(table("government/tax_forms")["form"])


def test_a_court_case_holds_what_the_single_generators_make_of_the_same_draws():
    rows = find("court_case")(DRAWS).to_pylist()
    for name, field in (("docket_number", "docket_number"), ("court", "court"), ("litigation_status", "status")):
        assert find(name)(DRAWS).to_pylist() == [row[field] for row in rows]


def test_taxpayers_numbers_lie_in_groups_that_are_never_issued():
    assert all(re.fullmatch(r"9\d\d-[0-4]\d-\d{4}", number) for number in agreed("itin", count=200))
