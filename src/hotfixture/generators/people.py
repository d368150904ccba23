"""People: sex, names, birth dates, whole persons. Equal draws describe one and the same invented person."""

from __future__ import annotations

from typing import Any

from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.options import LOCALE, Option
from hotfixture.generators.pools import members, pool

SEX = Option(
    "sex", "choice", "any", "Whose names: of women, of men, or of both alike.", choices=("any", "female", "male")
)

NAMES_SOURCE = "Name lists of mimesis (MIT), curated; Japanese names with readings are our own list."


def is_female(draws: AnyDraws, sex: str) -> Column:
    """Whether the person of these draws is a woman; `sex` other than `any` decides it for all."""
    drawn = draws.lane(lanes.SEX).below(2)
    return (drawn >= 0) == (sex == "female") if sex != "any" else drawn == 0


def _sexed(draws: AnyDraws, lane: int, sex: str, women: int, men: int) -> Column:
    """An index into a pool of `women` female entries followed by `men` male ones."""
    lot = draws.lane(lane)
    if sex != "any":
        return lot.below(women) if sex == "female" else lot.below(men) + women
    return values.where(is_female(draws, sex), lot.below(women), lot.below(men) + women)


def first_names(draws: AnyDraws, locale: str, sex: str, form: str = "") -> Column:
    """First names; with form `.slug`, their ASCII spelling for addresses."""
    women, men = f"{locale}/first_female{form}", f"{locale}/first_male{form}"
    index = _sexed(draws, lanes.FIRST_NAME, sex, len(pool(women)), len(pool(men)))
    return values.take(pool(women, men), index)


def _first_pools(locale: str, sex: str) -> tuple[str, ...]:
    return tuple(f"{locale}/first_{each}" for each in ("female", "male") if sex in ("any", each))


def _is_first_name(value: Any, *, locale: str, sex: str) -> bool:
    return value in members(*_first_pools(locale, sex))


@generator(
    "people.first_name",
    options=(LOCALE, SEX),
    source=NAMES_SOURCE,
    holds=_is_first_name,
    capacity=lambda *, locale, sex: len(members(*_first_pools(locale, sex))),
)
def first_name(draws: AnyDraws, *, locale: str = "en", sex: str = "any") -> Column:
    """A first name in use where the locale is at home."""
    return first_names(draws, locale, sex)


@generator(
    "people.sex",
    source="ISO/IEC 5218 tells the two apart as 2 and 1; the words are ours.",
    holds=lambda value: value in ("female", "male"),
    capacity=2,
)
def sex(draws: AnyDraws) -> Column:
    """`female` or `male`, each half of the time."""
    return values.select(draws.lane(lanes.SEX).below(2), "female", "male")
