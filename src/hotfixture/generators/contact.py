"""Telephone numbers that reach nobody: reserved for fiction where a regulator does so, unassignable elsewhere."""

from __future__ import annotations

from functools import cache
from typing import Any

from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.options import LOCALE
from hotfixture.generators.places import cities, city_index
from hotfixture.generators.pools import Pool

PHONE_SOURCE = (
    "en: 555-0100 to 555-0199 are set aside for fiction (ATIS-0300115); de: Bundesnetzagentur, numbers for media "
    "productions; fr: ARCEP, numbers for audiovisual works; es, it: ranges 39 and 9 that the national plan assigns to "
    "nobody; pt_BR, ja, ru: subscriber numbers that begin with 0, which the national plans do not allow"
)


@cache
def _split(locale: str) -> tuple[Pool, list[int], list[str]]:
    """Of the cities' patterns: what stands before the first `#`, which tail follows, and all tails there are."""
    heads, tails = [], []
    for pattern in cities(locale)["phone"].lines:
        head = pattern.partition("#")[0]
        heads.append(head)
        tails.append(pattern[len(head) :])
    kinds = sorted(set(tails))
    return Pool(heads), [kinds.index(tail) for tail in tails], kinds


def phones(draws: AnyDraws, locale: str) -> Column:
    """Telephone numbers in the spelling of the country, with the area code of the city."""
    heads, tail_of, tails = _split(locale)
    city = city_index(draws, locale)
    lot, kind = draws.lane(lanes.PHONE), values.lookup(tail_of, city)
    text: Column = ""
    for place, tail in enumerate(tails):
        width = tail.count("#")
        ending = values.filled(tail, values.digit_glyphs(lot.below(10**width), width))
        text = ending if place == 0 else values.where(kind == place, ending, text)
    return values.join(values.take(heads, city), text)


def _fits(value: str, pattern: str) -> bool:
    return len(value) == len(pattern) and all(
        there == wanted or (wanted == "#" and there.isdecimal()) for there, wanted in zip(value, pattern, strict=True)
    )


def _is_phone(value: Any, *, locale: str) -> bool:
    return any(_fits(value, pattern) for pattern in set(cities(locale)["phone"].lines))


@generator(
    "contact.phone",
    options=(LOCALE,),
    source=PHONE_SOURCE,
    holds=_is_phone,
    capacity=lambda *, locale: sum(10 ** pattern.count("#") for pattern in set(cities(locale)["phone"].lines)),
)
def phone(draws: AnyDraws, *, locale: str) -> Column:
    """A telephone number that reaches nobody, with the city's area code where the country keeps such numbers."""
    return phones(draws, locale)
