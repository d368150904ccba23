"""Telephone numbers that reach nobody: reserved for fiction where a regulator does so, unassignable elsewhere."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.cities import cities, city_index
from hotfixture.generators.options import LOCALE
from hotfixture.generators.pools import Pool

PHONE_SOURCE = (
    "en, en_CA, fr_CA: 555-0100 to 555-0199 are set aside for fiction (ATIS-0300115); en_GB: Ofcom, numbers for drama; "
    "en_AU: ACMA, numbers for creative works; de: Bundesnetzagentur, numbers for media productions; fr: ARCEP, numbers "
    "for audiovisual works; sv: PTS, numbers for books and films; es, it, pt_PT: ranges 39, 9 and 5 that the national "
    "plan assigns to nobody; cs, da, nb: numbers that begin with 0; all others: subscriber numbers that begin with 0, "
    "which the national plans do not allow"
)


class _Patterns(NamedTuple):
    """The patterns of a locale's cities, cut so that every piece is an entry of a pool."""

    heads: Pool
    """What stands before the first digit to fill, city by city."""
    fronts: Pool
    """All fillings of what differs in length from city to city."""
    front_of: list[int]
    """Where a city's fillings begin among them, city by city."""
    choices: list[int]
    """How many they are, city by city."""
    ends: list[Pool]
    """All fillings of the end that all cities have in common, in pieces of up to four digits."""


@cache
def cut(locale: str) -> _Patterns:
    """The numbers of the locale's cities, taken apart."""
    patterns = cities(locale)["phone"].lines
    heads = [pattern.partition("#")[0] for pattern in patterns]
    tails = [pattern[len(head) :] for pattern, head in zip(patterns, heads, strict=True)]
    end = min(set(tails), key=len)
    lengths = [tail.removesuffix(end).count("#") for tail in tails]
    fillings = {length: fillings_of("#" * length) for length in sorted(set(lengths))}
    begins = {length: sum(len(fillings[each]) for each in fillings if each < length) for length in fillings}
    return _Patterns(
        Pool(heads),
        Pool([text for length in fillings for text in fillings[length]]),
        [begins[length] for length in lengths],
        [len(fillings[length]) for length in lengths],
        [Pool(fillings_of(piece)) for piece in pieces(end)],
    )


def fillings_of(pattern: str) -> list[str]:
    """The pattern filled with every number of that many digits."""
    width = pattern.count("#")
    return [values.filled(pattern, values.digit_glyphs(number, width)) for number in range(10**width)]


def pieces(pattern: str) -> list[str]:
    """The pattern cut behind every fourth `#`."""
    found, current = [], ""
    for character in pattern:
        if current.count("#") == 4:
            found.append(current)
            current = ""
        current += character
    return [*found, current]


def phones(draws: AnyDraws, locale: str) -> Column:
    """Telephone numbers in the spelling of the country, with the area code of the city."""
    parts, city, lot = cut(locale), city_index(draws, locale), draws.lane(lanes.PHONE)
    front = values.lookup(parts.front_of, city) + values.scaled(lot, values.lookup(parts.choices, city))
    ends = (values.pick(end, lot.lane(place).below(len(end))) for place, end in enumerate(parts.ends))
    return values.join(values.pick(parts.heads, city), values.pick(parts.fronts, front), *ends)


def fits(value: str, pattern: str) -> bool:
    """Whether a number is the pattern with a digit for each `#`."""
    return len(value) == len(pattern) and all(
        there == wanted or (wanted == "#" and there.isdecimal()) for there, wanted in zip(value, pattern, strict=True)
    )


def _is_phone(value: Any, *, locale: str) -> bool:
    return any(fits(value, pattern) for pattern in set(cities(locale)["phone"].lines))


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
