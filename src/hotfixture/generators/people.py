"""People: sex, names, birth dates. Equal draws describe one and the same invented person."""

from __future__ import annotations

from datetime import date
from typing import Any

from hotfixture.errors import OptionError
from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.options import LOCALE, Option
from hotfixture.generators.pools import facts, members, pool

SEX = Option("sex", "choice", "any", "Women, men, or both.", choices=("any", "female", "male"))
NAMES_SOURCE = "lists of names under the MIT licence (mimesis and others, see NOTICE), curated, and lists of our own"

SEXED = frozenset(
    [
        *((locale, "last") for locale in ("ru", "pl", "cs", "uk", "el")),
        *((locale, "job") for locale in ("de", "de_AT", "de_CH", "pt_BR")),
    ]
)
"""Where a woman's word differs from a man's: two pools, line by line."""


def is_female(draws: AnyDraws, sex: str) -> Column:
    """Whether the person of these draws is a woman; `sex` other than `any` decides it for all."""
    drawn = draws.lane(lanes.SEX).below(2)
    return (drawn >= 0) == (sex == "female") if sex != "any" else drawn == 0


def sexes(draws: AnyDraws, sex: str) -> Column:
    """`female` or `male`."""
    return values.take(("female", "male"), values.where(is_female(draws, sex), 0, 1))


def first_index(draws: AnyDraws, locale: str, sex: str, lane: int = lanes.FIRST_NAME) -> Column:
    """Where the first name (or, by another lane, a further one) stands among the women's names and then the men's."""
    return draws.once(("first", locale, sex, lane), lambda: _first_index(draws, locale, sex, lane))


def _first_index(draws: AnyDraws, locale: str, sex: str, lane: int) -> Column:
    women, men = (len(pool(f"{locale}/first_{each}")) for each in ("female", "male"))
    lot = draws.lane(lane)
    if sex == "female":
        return lot.below(women)
    if sex == "male":
        return lot.below(men) + women
    return values.where(is_female(draws, sex), lot.below(women), lot.below(men) + women)


def first_names(draws: AnyDraws, locale: str, sex: str) -> Column:
    """First names, women's and men's."""
    both = pool(f"{locale}/first_female", f"{locale}/first_male")
    return values.pick(both, first_index(draws, locale, sex))


def sexed_pools(locale: str, kind: str, form: str = "") -> tuple[str, ...]:
    """The one pool of this kind, or the women's and the men's, of equal length."""
    if (locale, kind) not in SEXED:
        return (f"{locale}/{kind}{form}",)
    return f"{locale}/{kind}_female{form}", f"{locale}/{kind}_male{form}"


def sexed_index(draws: AnyDraws, lane: int, locale: str, kind: str, sex: str) -> Column:
    """Where a word stands in the pools of its kind; one draw gives both forms of the same word."""
    pools = sexed_pools(locale, kind)
    size = len(pool(pools[0]))
    index = draws.lane(lane).below(size)
    return index if len(pools) == 1 else values.where(is_female(draws, sex), index, index + size)


def last_names(draws: AnyDraws, locale: str, sex: str) -> Column:
    """Last names, in the form of the person's sex where the language has two."""
    index = sexed_index(draws, lanes.LAST_NAME, locale, "last", sex)
    return values.pick(pool(*sexed_pools(locale, "last")), index)


def full_names(draws: AnyDraws, locale: str, sex: str) -> Column:
    """First and last names in the order of the locale."""
    first, last = first_names(draws, locale, sex), last_names(draws, locale, sex)
    return values.compose(str(facts(locale)["name"]), first=first, last=last)


def _narrowed(pools: tuple[str, ...], sex: str) -> tuple[str, ...]:
    """Of a women's and a men's pool those that this sex leaves."""
    return pools if len(pools) == 1 or sex == "any" else (pools[sex == "male"],)


def _first_pools(locale: str, sex: str) -> tuple[str, ...]:
    return _narrowed((f"{locale}/first_female", f"{locale}/first_male"), sex)


def _last_pools(locale: str, sex: str) -> tuple[str, ...]:
    return _narrowed(sexed_pools(locale, "last"), sex)


def _is_full_name(value: Any, *, locale: str, sex: str) -> bool:
    """Whether it parts into a first and a last name of one sex, in the locale's order."""
    blank = str(facts(locale)["name"]).replace("{first}", "").replace("{last}", "")
    places = [place for place in range(1, len(value)) if value.startswith(blank, place)]
    parts = [(value[:place], value[place + len(blank) :]) for place in places]
    if str(facts(locale)["name"]).startswith("{last}"):
        parts = [(second, first) for first, second in parts]
    return any(
        first in members(*_first_pools(locale, each)) and last in members(*_last_pools(locale, each))
        for each in (("female", "male") if sex == "any" else (sex,))
        for first, last in parts
    )


def _full_names_possible(*, locale: str, sex: str) -> int:
    """Pairs of a first and a last name; women and men apart where the last name tells them apart."""
    if (locale, "last") in SEXED and sex == "any":
        return sum(_full_names_possible(locale=locale, sex=each) for each in ("female", "male"))
    return len(members(*_first_pools(locale, sex))) * len(members(*_last_pools(locale, sex)))


@generator(
    "people.sex",
    source="ISO/IEC 5218 counts the two; the words are ours",
    holds=lambda value: value in ("female", "male"),
    capacity=2,
)
def sex(draws: AnyDraws) -> Column:
    """`female` or `male`, each half of the time."""
    return sexes(draws, "any")


@generator(
    "people.first_name",
    options=(LOCALE, SEX),
    source=NAMES_SOURCE,
    holds=lambda value, *, locale, sex: value in members(*_first_pools(locale, sex)),
    capacity=lambda *, locale, sex: len(members(*_first_pools(locale, sex))),
)
def first_name(draws: AnyDraws, *, locale: str, sex: str) -> Column:
    """A first name in use where the locale is at home."""
    return first_names(draws, locale, sex)


@generator(
    "people.last_name",
    options=(LOCALE, SEX),
    source=NAMES_SOURCE,
    holds=lambda value, *, locale, sex: value in members(*_last_pools(locale, sex)),
    capacity=lambda *, locale, sex: len(members(*_last_pools(locale, sex))),
)
def last_name(draws: AnyDraws, *, locale: str, sex: str) -> Column:
    """A last name in use where the locale is at home, in the form of the person's sex where there are two."""
    return last_names(draws, locale, sex)


@generator(
    "people.full_name",
    options=(LOCALE, SEX),
    source=NAMES_SOURCE,
    holds=_is_full_name,
    capacity=_full_names_possible,
)
def full_name(draws: AnyDraws, *, locale: str, sex: str) -> Column:
    """First and last name in the order of the locale; family names first where they are."""
    return full_names(draws, locale, sex)


def prefixes(draws: AnyDraws, locale: str, sex: str) -> Column:
    """Forms of address."""
    return values.take(pool(f"{locale}/prefix"), values.where(is_female(draws, sex), 0, 1))


def _prefixes_of(*, locale: str, sex: str) -> set[str]:
    women, men = pool(f"{locale}/prefix").lines
    return {"any": {women, men}, "female": {women}, "male": {men}}[sex]


@generator(
    "people.name_prefix",
    options=(LOCALE, SEX),
    source="usual forms of address, our own list",
    holds=lambda value, *, locale, sex: value in _prefixes_of(locale=locale, sex=sex),
    capacity=lambda *, locale, sex: len(_prefixes_of(locale=locale, sex=sex)),
)
def name_prefix(draws: AnyDraws, *, locale: str, sex: str) -> Column:
    """The form of address that goes with the name: Ms., Herr, M.; 様 follows a Japanese name, 女士 a Chinese one."""
    return prefixes(draws, locale, sex)


AGES = (
    Option("min_age", "integer", 18, "Youngest age in whole years on the day `on`.", low=0, high=150),
    Option("max_age", "integer", 90, "Oldest age in whole years on the day `on`.", low=0, high=150),
    Option("on", "date", date(2025, 1, 1), "The day on which the ages hold; never today.", low=date(200, 1, 1)),
)


def _birth_bounds(min_age: int, max_age: int, on: date) -> tuple[int, int]:
    """First and last possible birth date, as days since 1970; who was born on 29 February has birthday on 1 March."""
    latest = values.days_of(years_before(on, min_age))
    return values.days_of(years_before(on, max_age + 1)) + 1, latest


def years_before(on: date, years: int) -> date:
    """The same day `years` earlier; 28 February for a 29th that is not there."""
    try:
        return on.replace(year=on.year - years)
    except ValueError:
        return date(on.year - years, 2, 28)


def check_ages(*, min_age: int, max_age: int, **_: Any) -> None:
    """OptionError where the oldest is younger than the youngest."""
    if max_age < min_age:
        raise OptionError("max_age", max_age, f"an integer, at least min_age={min_age}")


def birth_days(draws: AnyDraws, min_age: int, max_age: int, on: date) -> Column:
    """Birth dates as days since 1970."""
    earliest, latest = _birth_bounds(min_age, max_age, on)
    return draws.lane(lanes.BIRTH_DATE).below(latest - earliest + 1) + earliest


def _is_birth_date(value: Any, *, min_age: int, max_age: int, on: date) -> bool:
    age: int = on.year - value.year - ((on.month, on.day) < (value.month, value.day))
    return min_age <= age <= max_age


def _birth_dates_possible(*, min_age: int, max_age: int, on: date) -> int:
    earliest, latest = _birth_bounds(min_age, max_age, on)
    return latest - earliest + 1


@generator(
    "people.birth_date",
    type="date32",
    options=AGES,
    source="the calendar; ages are uniform, which no population is",
    check=check_ages,
    holds=_is_birth_date,
    capacity=_birth_dates_possible,
)
def birth_date(draws: AnyDraws, *, min_age: int, max_age: int, on: date) -> Column:
    """The birth date of somebody whose age on the day `on` is within the bounds."""
    return values.date_at(birth_days(draws, min_age, max_age, on))
