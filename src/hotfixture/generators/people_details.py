"""What else is said of a person: further names, initials, age, nationality, languages, appearance, relations."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from hotfixture.generators import lanes, people, values
from hotfixture.generators.base import AnyDraws, Column, Generator, generator
from hotfixture.generators.drawn import one
from hotfixture.generators.options import LOCALE, Option
from hotfixture.generators.people import SEX
from hotfixture.generators.phrases import phrase
from hotfixture.generators.pools import Pool, facts, members, pool, table
from hotfixture.generators.records import Records
from hotfixture.generators.vocabularies import vocabulary, weighted_vocabulary


def _of_sex(name: str, whole: Generator, sex: str, doc: str) -> Generator:
    """The generator `name`: what `whole` makes of people of one sex."""

    def made(draws: AnyDraws, *, locale: str) -> Column:
        return whole(draws, locale=locale, sex=sex)

    made.__doc__ = doc
    return generator(
        name,
        options=(LOCALE,),
        source=whole.source,
        holds=lambda value, *, locale: whole.holds(value, locale=locale, sex=sex),
        capacity=lambda *, locale: whole.capacity(locale=locale, sex=sex),
    )(made)


first_name_female = _of_sex("people.first_name_female", people.first_name, "female", "A first name of women.")
first_name_male = _of_sex("people.first_name_male", people.first_name, "male", "A first name of men.")
last_name_female = _of_sex("people.last_name_female", people.last_name, "female", "A last name as women bear it.")
last_name_male = _of_sex("people.last_name_male", people.last_name, "male", "A last name as men bear it.")
name_female = _of_sex("people.name_female", people.full_name, "female", "First and last name of a woman.")
name_male = _of_sex("people.name_male", people.full_name, "male", "First and last name of a man.")


@generator(
    "people.middle_name",
    options=(LOCALE, SEX),
    source=people.NAMES_SOURCE,
    holds=lambda value, *, locale, sex: people.first_name.holds(value, locale=locale, sex=sex),
    capacity=lambda *, locale, sex: people.first_name.capacity(locale=locale, sex=sex),
)
def middle_name(draws: AnyDraws, *, locale: str, sex: str) -> Column:
    """A second first name that goes with the person's sex."""
    both = pool(f"{locale}/first_female", f"{locale}/first_male")
    return values.take(both, people.first_index(draws, locale, sex, lanes.own("people.middle_name")))


@generator(
    "people.sort_name",
    options=(LOCALE, SEX),
    source=people.NAMES_SOURCE,
    holds=lambda value, *, locale, sex: _is_sort_name(value, locale, sex),
    capacity=lambda *, locale, sex: people.full_name.capacity(locale=locale, sex=sex),
)
def sort_name(draws: AnyDraws, *, locale: str, sex: str) -> Column:
    """The name as lists sort it: last name, comma, first name."""
    return values.join(people.last_names(draws, locale, sex), ", ", people.first_names(draws, locale, sex))


def _is_sort_name(value: Any, locale: str, sex: str) -> bool:
    last, _, first = value.partition(", ")
    return any(
        people.first_name.holds(first, locale=locale, sex=each)
        and people.last_name.holds(last, locale=locale, sex=each)
        for each in (("female", "male") if sex == "any" else (sex,))
    )


_MARKS = Option("dots", "boolean", False, "A full stop behind each letter.")


@cache
def _letters(dots: bool, *names: str) -> Pool:
    return Pool([f"{name[0].upper()}{'.' if dots else ''}" for name in pool(*names).lines])


def _initial_pools(locale: str, dots: bool) -> tuple[Pool, Pool]:
    firsts = _letters(dots, f"{locale}/first_female", f"{locale}/first_male")
    return firsts, _letters(dots, *people.sexed_pools(locale, "last"))


def _is_initials(value: Any, *, locale: str, sex: str, dots: bool) -> bool:  # noqa: ARG001 - either sex has all letters in question
    size = len(value) // 2
    first, last = (frozenset(each.lines) for each in _initial_pools(locale, dots))
    parts = (
        (value[size:], value[:size])
        if str(facts(locale)["name"]).startswith("{last}")
        else (value[:size], value[size:])
    )
    return parts[0] in first and parts[1] in last


@generator("people.initials", options=(LOCALE, SEX, _MARKS), source=people.NAMES_SOURCE, holds=_is_initials)
def initials(draws: AnyDraws, *, locale: str, sex: str, dots: bool) -> Column:
    """The first letters of the person's names, in the order of the locale."""
    firsts, lasts = _initial_pools(locale, dots)
    pattern = str(facts(locale)["name"]).replace(" ", "")
    first = values.pick(firsts, people.first_index(draws, locale, sex))
    last = values.pick(lasts, people.sexed_index(draws, lanes.LAST_NAME, locale, "last", sex))
    return values.compose(pattern, first=first, last=last)


nickname = vocabulary("people.nickname", "people/nickname", doc="A short form of an English first name.")
name_suffix = vocabulary(
    "people.name_suffix", "people/suffix", doc="What may follow an English name: a generation, a degree, a profession."
)


def _cutoffs(min_age: int, max_age: int, on: date) -> tuple[int, ...]:
    """The last birth dates, as days since 1970, of those who are at least max_age … min_age + 1 years old."""
    return tuple(values.days_of(people.years_before(on, age)) for age in range(max_age, min_age, -1))


def _passed(days: Column, cutoffs: tuple[int, ...]) -> Column:
    """How many of the cutoffs, in ascending order, lie before each day."""
    if isinstance(days, int):
        from bisect import bisect_left

        return bisect_left(cutoffs, days)
    import numpy as np

    return np.searchsorted(np.asarray(cutoffs, np.int64), days, side="left")


@generator(
    "people.age",
    type="int32",
    options=people.AGES,
    source="the calendar; ages are uniform, which no population is",
    check=people.check_ages,
    holds=lambda value, *, min_age, max_age, on: min_age <= value <= max_age,  # noqa: ARG005 - the day moves no bound
    capacity=lambda *, min_age, max_age, on: max_age - min_age + 1,  # noqa: ARG005 - the day moves no bound
)
def age(draws: AnyDraws, *, min_age: int, max_age: int, on: date) -> Column:
    """How old the person is on the day `on`, in whole years: the age that belongs to `birth_date`."""
    days = people.birth_days(draws, min_age, max_age, on)
    return max_age - _passed(days, _cutoffs(min_age, max_age, on))


marital_status = weighted_vocabulary(
    "people.marital_status",
    "people/marital_status",
    doc="Whether somebody is married; the shares are rounded from those of European countries.",
)
eye_colour = weighted_vocabulary("people.eye_colour", "people/eye_colour", doc="The colour of somebody's eyes.")
hair_colour = weighted_vocabulary("people.hair_colour", "people/hair_colour", doc="The colour of somebody's hair.")
relationship = vocabulary(
    "people.relationship", "people/relationship", doc="What somebody is to another: mother, colleague."
)

_NATIONALITIES = Records(
    "people/nationalities",
    lane=lanes.own("people.nationality"),
    source="ISO 3166-1; the English adjectives, our own list",
)
nationality = _NATIONALITIES.column(
    "people.nationality", "nationality", doc="The adjective of a nationality, in English."
)
nationality_code = _NATIONALITIES.column(
    "people.nationality_code", "code", doc="The country of the nationality of the same draws, two letters."
)


@generator(
    "people.pronouns",
    source="our own list; they follow the sex that the draws give",
    holds=lambda value: value in ("she/her", "he/him"),
    capacity=2,
)
def pronouns(draws: AnyDraws) -> Column:
    """The pronouns by which the person goes."""
    return values.take(("she/her", "he/him"), values.where(people.is_female(draws, "any"), 0, 1))


_TONGUE = "people.language"


def _tongues(locale: str) -> Pool:
    """The names of languages in the language of the locale."""
    columns = table("people/languages")
    return columns[locale] if locale in columns else columns[locale.partition("_")[0]]


@generator(
    "people.language",
    options=(LOCALE,),
    source="ISO 639-1, names of the Unicode CLDR",
    holds=lambda value, *, locale: value in _tongues(locale).lines,
    capacity=lambda *, locale: len(set(_tongues(locale).lines)),
)
def language(draws: AnyDraws, *, locale: str) -> Column:
    """A language that many people speak, named in the language of the locale."""
    return one(draws.lane(lanes.own(_TONGUE)), _tongues(locale))


@generator(
    "people.language_code",
    source="ISO 639-1",
    holds=lambda value: value in table("people/languages")["code"].lines,
    capacity=lambda: len(table("people/languages")["code"]),
)
def language_code(draws: AnyDraws) -> Column:
    """The two letters of a language, the same as of `language`."""
    return one(draws.lane(lanes.own(_TONGUE)), table("people/languages")["code"])


bio = phrase(
    "people.bio",
    "{people/trait}. {people/trait}. {people/trait}.",
    "{people/trait} and {people/trait}, from {en/places:city}.",
    "{business/seniority} {business/area} {business/role} by day, {people/trait} by night.",
    doc="What somebody writes about themselves in a profile, in English.",
)


# 20 January, 19 February, 21 March, … 22 December, counted in a leap year from 1.
_STARTS = (20, 50, 81, 111, 142, 173, 205, 236, 267, 297, 327, 357)
_SIGNS = tuple(sum(day + 1 >= start for start in _STARTS) % 12 for day in range(366))
_MONTHS = (0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335)


def _day_of_leap_year(days: Column) -> Column:
    """The number of the day, 0 … 365, that month and day have in a leap year; `days` are counted since 1970."""
    if isinstance(days, int):
        day = values.date_at(days)
        return _MONTHS[day.month - 1] + day.day - 1
    import numpy as np

    moments = days.astype("M8[D]")
    months = moments.astype("M8[M]")
    return np.asarray(_MONTHS)[months.astype(np.int64) % 12] + (moments - months).astype(np.int64)


@generator(
    "people.zodiac_sign",
    source="the twelve signs by the usual dates, which the sun keeps within a day",
    holds=lambda value: value in members("people/zodiac"),
    capacity=12,
)
def zodiac_sign(draws: AnyDraws) -> Column:
    """The sign under which the person of the same draws was born, if `birth_date` has its usual options."""
    days = people.birth_days(draws, *(option.default for option in people.AGES))
    return values.take(pool("people/zodiac"), values.lookup(_SIGNS, _day_of_leap_year(days)))
