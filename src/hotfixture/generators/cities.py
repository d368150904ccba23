"""Cities: the tables of places, and what one draw says of one city: its line, its postcode, a spot near its centre."""

from __future__ import annotations

from functools import cache
from itertools import accumulate, product
from typing import Any, NamedTuple

from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column
from hotfixture.generators.pools import Pool, facts, table

HUNDREDTH = 10_000
"""Millionths of a degree in a hundredth: centres are kept in hundredths, coordinates come in millionths."""
SPREAD = 40_000
"""How far a spot lies from the centre at most, in millionths of a degree: about 4 km to the north."""


def cities(locale: str) -> dict[str, Pool]:
    """The locale's table of cities."""
    return table(f"{locale}/places")


def city_index(draws: AnyDraws, locale: str) -> Column:
    """Which line of the table of cities these draws mean."""
    return draws.lane(lanes.PLACE).below(len(cities(locale)["city"]))


def city_facts(draws: AnyDraws, locale: str, fact: str) -> Column:
    """One column of the table of cities, as text."""
    return values.take(cities(locale)[fact], city_index(draws, locale))


def city_numbers(draws: AnyDraws, locale: str, fact: str) -> Column:
    """One column of the table of cities, as integers to compute with."""
    return values.lookup(cities(locale)[fact].lines, city_index(draws, locale))


def postcodes(draws: AnyDraws, locale: str) -> Column:
    """Postcodes within the range of the city."""
    pattern = str(facts(locale)["postcode"])
    if "{" in pattern:
        return _lettered(draws, locale)
    low, span, step = (city_numbers(draws, locale, fact) for fact in ("low", "span", "step"))
    number = low + values.scaled(draws.lane(lanes.POSTCODE), span) * step
    return values.filled(pattern, values.digit_glyphs(number, pattern.count("#")))


LETTERS = {"GB": "ABDEFGHJLNPQRSTUWXYZ", "CA": "ABCEGHJKLMNPRSTVWXYZ", "NL": "ABCDEGHJKLMNPRSTVWXZ"}
"""Letters that a country's postcodes use where the pattern has `@`."""


class _Lettered(NamedTuple):
    """Postcodes with letters, cut in two: what belongs to the city, and what follows it anywhere."""

    heads: Pool
    """Every head of every city, in the order of the cities."""
    head_of: list[int]
    """Where a city's heads begin among them."""
    tails: Pool


@cache
def _cut(locale: str) -> _Lettered:
    columns = cities(locale)
    rows = zip(*(columns[fact].lines for fact in ("area", "low", "span")), strict=True)
    heads = [[f"{area}{number}" for number in range(low, low + span)] for area, low, span in rows]
    begins = list(accumulate((len(each) for each in heads), initial=0))[:-1]
    tail = str(facts(locale)["postcode"]).replace("{head}", "")
    kinds = {"#": "0123456789", "@": LETTERS[str(facts(locale)["country"])]}
    tails = ["".join(each) for each in product(*(kinds.get(character, character) for character in tail))]
    return _Lettered(Pool([head for each in heads for head in each]), begins, Pool(tails))


def _lettered(draws: AnyDraws, locale: str) -> Column:
    cut, lot = _cut(locale), draws.lane(lanes.POSTCODE)
    begin = values.lookup(cut.head_of, city_index(draws, locale))
    head = begin + values.scaled(lot, city_numbers(draws, locale, "span"))
    return values.join(values.pick(cut.heads, head), values.pick(cut.tails, lot.lane(0).below(len(cut.tails))))


@cache
def _known(locale: str) -> tuple[frozenset[str], frozenset[str]]:
    cut = _cut(locale)
    return frozenset(cut.heads.lines), frozenset(cut.tails.lines)


def is_postcode(value: Any, *, locale: str) -> bool:
    """Whether it lies in the range of one of the cities and is written as in the country."""
    pattern = str(facts(locale)["postcode"])
    if "{" in pattern:
        heads, tails = _known(locale)
        return any(value[:place] in heads and value[place:] in tails for place in range(1, len(value)))
    digits = "".join(character for character in value if character.isdecimal())
    rows = zip(*(cities(locale)[fact].lines for fact in ("low", "span", "step")), strict=True)
    return (
        len(digits) == pattern.count("#")
        and values.filled(pattern, digits) == value
        and any(low <= int(digits) < low + span * step and not (int(digits) - low) % step for low, span, step in rows)
    )


def degrees(draws: AnyDraws, locale: str, lane: int, fact: str) -> Column:
    """A coordinate near the centre of the city; integers divided last, so that every processor agrees."""
    away = draws.lane(lane).below(2 * SPREAD + 1) - SPREAD
    return (city_numbers(draws, locale, fact) * HUNDREDTH + away) / 1_000_000


def is_degrees(value: Any, locale: str, fact: str) -> bool:
    """Whether a coordinate lies near the centre of one of the cities."""
    return any(abs(value * 1_000_000 - centre * HUNDREDTH) <= SPREAD + 0.5 for centre in cities(locale)[fact].lines)


CITIES_WITH_CODES = ("en", "de", "pt_BR", "en_CA", "en_AU", "es_MX", "fr_CA", "de_AT", "de_CH")
"""Locales whose regions have customary codes, one a line in data/<locale>/region_code.txt beside the table."""
MANY_ZONES = ("en", "en_CA", "fr_CA", "en_AU", "es", "es_MX", "pt_BR", "pt_PT", "id", "ru")
"""Locales whose cities lie in several time zones, city by city in data/<locale>/zone.txt beside the table."""
