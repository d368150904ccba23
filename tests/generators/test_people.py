"""People: equal draws are one person, and names obey their language."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow.compute as pc
import pytest

from hotfixture.draws import Draws
from hotfixture.errors import OptionError
from hotfixture.generators import find, generate
from hotfixture.generators.options import LOCALES
from hotfixture.generators.people import sex as sex_generator
from hotfixture.generators.pools import facts, members

DRAWS = Draws.from_rows(1, "people", 0, 500)


def made(name, **options):
    return find(name)(DRAWS, **options).to_pylist()


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("sex", ["any", "female", "male"])
def test_the_parts_of_a_name_agree_with_the_whole(locale, sex):
    options = {"locale": locale, "sex": sex}
    pattern = facts(locale)["name"]
    pairs = zip(made("first_name", **options), made("last_name", **options), strict=True)
    assert [pattern.format(first=first, last=last) for first, last in pairs] == made("full_name", **options)


@pytest.mark.parametrize("locale", LOCALES)
def test_names_and_address_follow_the_sex_of_the_same_draws(locale):
    for sex, first, prefix in zip(
        made("sex"), made("first_name", locale=locale), made("name_prefix", locale=locale), strict=True
    ):
        assert first in members(f"{locale}/first_{sex}")
        assert find("name_prefix").holds(prefix, locale=locale, sex=sex)


def test_russian_last_names_follow_the_sex():
    for sex, last in zip(made("sex"), made("last_name", locale="ru"), strict=True):
        assert last in members(f"ru/last_{sex}")


def test_japanese_family_names_come_first():
    last, _, first = generate("full_name", locale="ja").partition(" ")
    assert last in members("ja/last")
    assert first in members("ja/first_female", "ja/first_male")


@pytest.mark.parametrize("locale", ["hu", "ko", "vi", "zh"])
def test_family_names_come_first_where_they_do(locale):
    for whole, last, first in zip(
        made("full_name", locale=locale),
        made("last_name", locale=locale),
        made("first_name", locale=locale),
        strict=True,
    ):
        assert whole.startswith(last)
        assert whole.endswith(first)


@pytest.mark.parametrize("locale", ["cs", "el", "pl", "uk"])
def test_last_names_take_the_form_of_the_sex(locale):
    for sex, last in zip(made("sex"), made("last_name", locale=locale), strict=True):
        assert last in members(f"{locale}/last_{sex}")


def test_an_asked_sex_is_given_and_keeps_the_family():
    assert set(made("first_name", sex="female")) <= members("en/first_female")
    assert made("last_name", sex="male") == made("last_name", sex="female")
    women, men = made("last_name", locale="ru", sex="female"), made("last_name", locale="ru", sex="male")
    assert all(her[:3] == his[:3] for her, his in zip(women, men, strict=True))


def test_both_sexes_are_equally_frequent():
    share = pc.mean(pc.equal(sex_generator(Draws.from_rows(0, "sex", 0, 100_000)), "female")).as_py()
    assert abs(share - 0.5) < 0.01


@pytest.mark.parametrize("on", [date(2025, 1, 1), date(2024, 2, 29), date(2023, 3, 1)])
def test_ages_hold_on_the_reference_day_to_the_day(on):
    days = made("birth_date", min_age=18, max_age=18, on=on)
    assert timedelta(days=360) < max(days) - min(days) < timedelta(days=366)
    for day in days:
        birthday_has_been = (day.month, day.day) <= (on.month, on.day)
        assert on.year - day.year == (18 if birthday_has_been else 19)


def test_crossed_ages_are_refused():
    with pytest.raises(OptionError, match="max_age=10: expected an integer, at least min_age=18"):
        generate("birth_date", max_age=10)
