"""Numbers of documents lie where the authority issues none, and their check characters are right."""

from __future__ import annotations

import re

import pytest
from tests.generators.agreement import agreed

from hotfixture.generators import find
from hotfixture.generators.people_documents import is_hetu, is_pesel, is_resident

FORMS = {
    "US": r"9\d\d-(0[1-9]|[1-4]\d)-\d{4}",
    "GB": r"QQ\d{6}[A-D]",
    "CA": r"0\d\d \d{3} \d{3}",
    "FI": r"(0[1-9]|1\d|2[0-8])(0[1-9]|1[0-2])\d\d-9\d\d[0-9A-Y]",
    "PL": r"\d\d(6[1-9]|7[0-2])(0[1-9]|1\d|2[0-8])\d{5}",
    "CN": r"999999(19[4-9]\d|200\d)(0[1-9]|1[0-2])(0[1-9]|1\d|2[0-8])\d{4}",
}


@pytest.mark.parametrize("country", FORMS)
def test_national_numbers_are_of_a_kind_that_is_never_issued(country):
    for number in agreed("national_id", count=400, country=country):
        assert re.fullmatch(FORMS[country], number)


def test_social_security_numbers_are_never_assigned_ones():
    for number in agreed("ssn", count=400):
        assert re.fullmatch(FORMS["US"], number)
        assert not number.endswith("0000")


@pytest.mark.parametrize(
    ("rule", "right"),
    [(is_hetu, "131052-308T"), (is_pesel, "44051401359"), (is_resident, "440524188001010014")],
)
def test_the_rules_know_published_examples(rule, right):
    """Examples that the authorities and their standards print."""
    assert rule(right)
    wrong = right[:-1] + ("1" if right[-1] != "1" else "2")
    assert not rule(wrong)


@pytest.mark.parametrize("country", ["CA", "FI", "PL", "CN"])
def test_a_wrong_check_character_is_refused(country):
    right = agreed("national_id", country=country, count=1)[0]
    wrong = right[:-1] + ("7" if right[-1] != "7" else "3")
    assert not find("national_id").holds(wrong, country=country)


def test_passports_are_utopian_unless_another_form_is_asked_for():
    assert all(re.fullmatch(r"L\d{8}", number) for number in agreed("passport_number"))
    assert all(re.fullmatch(r"\d\d[A-Z]{2}\d{5}", number) for number in agreed("passport_number", country="fr"))


def test_driver_licences_have_the_form_of_the_state():
    assert all(re.fullmatch(r"[A-Z]\d{7}", number) for number in agreed("driver_licence"))
    assert all(re.fullmatch(r"\d{8}", number) for number in agreed("driver_licence", state="tx"))
