"""More telephone numbers: the same subscriber in another form, and ranges that reach nobody."""

from __future__ import annotations

import re

import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.generators import find
from hotfixture.generators.options import LOCALES
from hotfixture.generators.pools import facts

DRAWS = Draws.from_rows(14, "telephones", 0, 500)


def made(name, **options):
    return find(name)(DRAWS, **options).to_pylist()


@pytest.mark.parametrize("locale", LOCALES)
def test_the_international_form_is_the_number_of_the_same_draws(locale):
    code, trunk = str(facts(locale)["calling"]), str(facts(locale)["trunk"])
    for national, dialled in zip(made("phone", locale=locale), made("phone_e164", locale=locale), strict=True):
        digits = re.sub(r"\D", "", national)
        wanted = digits if national.startswith("+") else f"{code}{digits.removeprefix(trunk)}"
        assert dialled == f"+{wanted}"
        assert re.fullmatch(r"\+[1-9]\d{7,14}", dialled)


MOBILE = {
    "en_GB": r"07700 900\d{3}",
    "en_AU": r"0491 570 (006|110|15[6-9])",
    "de": r"0171 39200\d\d",
    "fr": r"06 39 98 \d\d \d\d",
    "sv": r"070-174 06 [1-9]\d",
    "ja": r"090-0\d{3}-\d{4}",
    "ko": r"010-0\d{3}-\d{4}",
}


@pytest.mark.parametrize("locale", LOCALES)
def test_mobile_numbers_lie_in_ranges_that_reach_nobody(locale):
    numbers = made("mobile", locale=locale)
    if locale in MOBILE:
        assert all(re.fullmatch(MOBILE[locale], number) for number in numbers)
        assert len(set(numbers)) > 5
    else:
        assert numbers == made("phone", locale=locale)


def test_numbers_free_of_charge_are_fictional():
    assert all(re.fullmatch(r"\(8(00|33|44|55|66|77|88)\) 555-01\d\d", number) for number in agreed("toll_free"))


def test_extensions_have_the_digits_wanted():
    for digits in (2, 4, 6):
        assert {len(value) for value in agreed("phone_extension", digits=digits)} == {digits}


def test_a_contact_is_what_the_single_generators_say():
    for row, mail, phone in zip(
        made("contact", locale="fr"), made("email", locale="fr"), made("phone", locale="fr"), strict=True
    ):
        assert (row["email"], row["phone"]) == (mail, phone)
