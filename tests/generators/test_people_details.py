"""Further facts about people agree with the name, the sex and the birth date of the same draws."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.generators import find
from hotfixture.generators.options import LOCALES
from hotfixture.generators.people_details import _day_of_leap_year
from hotfixture.generators.pools import facts, members
from hotfixture.generators.values import days_of

DRAWS = Draws.from_rows(11, "details", 0, 1000)


def made(name, **options):
    return find(name)(DRAWS, **options).to_pylist()


@pytest.mark.parametrize("on", [date(2025, 1, 1), date(2024, 2, 29), date(2023, 12, 31)])
def test_the_age_is_that_of_the_birth_date(on):
    options = {"min_age": 0, "max_age": 3, "on": on}
    for age, born in zip(made("age", **options), made("birth_date", **options), strict=True):
        assert age == on.year - born.year - ((on.month, on.day) < (born.month, born.day))


@pytest.mark.parametrize("locale", LOCALES)
def test_middle_names_go_with_the_sex_and_are_not_the_first_name(locale):
    rows = list(zip(made("sex"), made("first_name", locale=locale), made("middle_name", locale=locale), strict=True))
    assert all(middle in members(f"{locale}/first_{sex}") for sex, _, middle in rows)
    assert sum(first == middle for _, first, middle in rows) < len(rows) / 20


@pytest.mark.parametrize("locale", ["en", "hu", "ko", "el"])
def test_initials_are_those_of_the_name_in_the_order_of_the_locale(locale):
    pattern = facts(locale)["name"].replace(" ", "")
    columns = (made(name, locale=locale) for name in ("first_name", "last_name", "initials"))
    for first, last, letters in zip(*columns, strict=True):
        assert letters == pattern.format(first=first[0].upper(), last=last[0].upper())
    assert all(len(letters) == 4 and letters[1::2] == ".." for letters in made("initials", dots=True))


@pytest.mark.parametrize("sex", ["female", "male"])
def test_names_of_one_sex_are_those_that_the_option_gives(sex):
    for locale in ("cs", "en"):
        assert made(f"first_name_{sex}", locale=locale) == made("first_name", locale=locale, sex=sex)
        assert made(f"last_name_{sex}", locale=locale) == made("last_name", locale=locale, sex=sex)
        assert made(f"name_{sex}", locale=locale) == made("full_name", locale=locale, sex=sex)


def test_the_name_for_sorting_is_that_of_the_person():
    wanted = [f"{last}, {first}" for last, first in zip(made("last_name"), made("first_name"), strict=True)]
    assert made("sort_name") == wanted


def test_pronouns_follow_the_sex():
    assert set(zip(made("sex"), made("pronouns"), strict=True)) == {("female", "she/her"), ("male", "he/him")}


def test_languages_and_nationalities_agree_with_their_codes():
    pairs = dict(zip(made("language_code"), made("language", locale="de"), strict=True))
    assert (pairs["de"], pairs["fr"]) == ("Deutsch", "Französisch")
    pairs = dict(zip(made("nationality_code"), made("nationality"), strict=True))
    assert pairs["DE"] == "German"


SIGNS = [
    ((1, 19), "Capricorn"), ((1, 20), "Aquarius"), ((3, 20), "Pisces"), ((3, 21), "Aries"), ((7, 23), "Leo"),
    ((12, 21), "Sagittarius"), ((12, 22), "Capricorn"),
]  # fmt: skip


@pytest.mark.parametrize(("day", "sign"), SIGNS)
def test_signs_begin_on_their_days(day, sign):
    from hotfixture.generators.people_details import _SIGNS
    from hotfixture.generators.pools import pool

    for year in (1999, 2000):
        number = _day_of_leap_year(days_of(date(year, *day)))
        assert pool("people/zodiac")[_SIGNS[number]] == sign


def test_the_sign_is_that_of_the_birth_date():
    rows = zip(made("birth_date"), made("zodiac_sign"), strict=True)
    assert {sign for born, sign in rows if born.month == 4 and 2 < born.day < 18} == {"Aries"}


def test_texts_are_plain():
    for value in agreed("bio"):
        assert value == unicodedata.normalize("NFC", value).strip()
        assert value.endswith((".", "night."))
