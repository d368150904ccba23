"""Parts of addresses, whole ones as text, and what is known of countries; equal draws give one place."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from hotfixture.generators import lanes, places, values
from hotfixture.generators.base import AnyDraws, Column, Generator, generator
from hotfixture.generators.cities import (
    CITIES_WITH_CODES,
    MANY_ZONES,
    cities,
    city_facts,
    city_index,
    is_postcode,
    postcodes,
)
from hotfixture.generators.drawn import listed
from hotfixture.generators.options import LOCALE, Option
from hotfixture.generators.phrases import phrase
from hotfixture.generators.places import SCOPE
from hotfixture.generators.pools import Pool, facts, members, pool, table
from hotfixture.generators.quantities import quantity
from hotfixture.generators.vocabularies import enumeration, vocabulary

if TYPE_CHECKING:
    import re

_LINES = Option(
    "separator", "text", "\n", "What stands between the lines; a comma and a blank make one line of them."
)  # fmt: skip


@cache
def _envelope(locale: str, separator: str) -> re.Pattern[str]:
    """The regular expression of addresses of a country; what it leaves open is in the groups."""
    import re

    columns = cities(locale)
    pattern = re.escape(str(facts(locale)["address"]).replace("|", separator))
    parts = {"line": "(?P<line>.+?)", "postcode": "(?P<postcode>.+?)"}
    for part in ("city", "region"):
        parts[part] = f"(?:{'|'.join(sorted(map(re.escape, set(columns[part].lines)), key=len, reverse=True))})"
    if r"\{code\}" in pattern:
        parts["code"] = f"(?:{'|'.join(sorted(members(f'{locale}/region_code')))})"
    for part, shape in parts.items():
        pattern = pattern.replace(rf"\{{{part}\}}", shape)
    return re.compile(pattern)


def _is_text(value: Any, *, locale: str, separator: str) -> bool:
    found = _envelope(locale, separator).fullmatch(value)
    return (
        found is not None
        and places.is_line(found["line"], locale=locale)
        and is_postcode(found["postcode"], locale=locale)
    )


@generator(
    "places.address_text",
    options=(LOCALE, _LINES),
    source="the order of lines of the Universal Postal Union's and the countries' own guides",
    holds=_is_text,
)
def address_text(draws: AnyDraws, *, locale: str, separator: str) -> Column:
    """The address as it stands on an envelope: street, city, postcode in the order of the country."""
    parts = {
        "line": places.address_lines(draws, locale),
        "city": city_facts(draws, locale, "city"),
        "region": city_facts(draws, locale, "region"),
        "postcode": postcodes(draws, locale),
    }
    if "{code}" in str(facts(locale)["address"]):
        parts["code"] = values.take(pool(f"{locale}/region_code"), city_index(draws, locale))
    lines = [values.compose(line, **parts) for line in str(facts(locale)["address"]).split("|")]
    spelled = [lines[0]]
    for line in lines[1:]:
        spelled += [separator, line] if separator else [line]
    return values.join(*spelled)


secondary_address = phrase(
    "places.secondary_address",
    "Apt. {1..199}",
    "Apartment {1..40}{A|B|C|D}",
    "Suite {100..999}",
    "Unit {1..99}",
    "Floor {1..40}",
    "Building {A|B|C|D|E|F}, Room {100..499}",
    doc="What follows the street in an English address: the flat, the suite, the floor.",
)
po_box = phrase("places.po_box", "P.O. Box {1..9999}", doc="A post office box, as English addresses write it.")
floor = quantity("places.floor", -2, 40, doc="The number of a floor; the ground floor is 0.", least=-20, most=200)
room_number = phrase(
    "places.room_number", "{1..9}{01..40}", doc="The number of a room, whose first digit is the floor."
)
street_suffix = vocabulary("places.street_suffix", "places/street_suffix", doc="The last word of an English street.")
locale_code = vocabulary(
    "places.locale_code",
    "places/locale_code",
    doc="Language and country as programs name them: pt_BR.",
    source="ISO 639-1 and ISO 3166-1, joined as in the Unicode CLDR; a choice",
)
city_prefix = vocabulary(
    "places.city_prefix", "places/city_prefix", doc="The first word of many names of American cities."
)
city_suffix = vocabulary("places.city_suffix", "places/city_suffix", doc="The last syllable of many names of cities.")
military_address = phrase(
    "places.military_address",
    "PSC {1000..9999}, Box {1000..9999}\nAPO {AA|AE|AP} {09001..09999}",
    "Unit {1000..9999}, Box {1000..9999}\nDPO {AA|AE|AP} {34001..34099}",
    "USS {en/last}\nFPO {AA|AE|AP} {96201..96699}",
    doc="Where mail reaches soldiers, diplomats and ships of the United States; nobody is meant.",
    source="USPS Publication 28, section 235: APO, DPO and FPO in place of the city",
)
military_state = enumeration(
    "places.military_state",
    lambda: ("AA", "AE", "AP"),
    doc="What stands for the state in a military address.",
    source="USPS Publication 28, appendix B: Armed Forces Americas, Europe, Pacific",
)
altitude = quantity("places.altitude", 0, 2500, doc="Metres above the sea.", least=-500, most=9000)

_WITH_CODES = Option(
    "locale", "choice", "en", "Country whose regions have the codes.", choices=CITIES_WITH_CODES, fold=LOCALE.fold
)


@generator(
    "places.region_code",
    options=(_WITH_CODES,),
    source="ISO 3166-2, the part behind the hyphen",
    holds=lambda value, *, locale: value in members(f"{locale}/region_code"),
    capacity=lambda *, locale: len(members(f"{locale}/region_code")),
)
def region_code(draws: AnyDraws, *, locale: str) -> Column:
    """The short code of the region in which the city lies: CA for California, BY for Bayern."""
    return values.take(pool(f"{locale}/region_code"), city_index(draws, locale))


def _zones(locale: str) -> Pool:
    """The time zones of the cities, city by city, or the one of them all."""
    return pool(f"{locale}/zone") if locale in MANY_ZONES else listed(str(facts(locale)["zone"]))


@generator(
    "places.city_time_zone",
    options=(LOCALE,),
    source="the IANA Time Zone Database",
    holds=lambda value, *, locale: value in _zones(locale).lines,
    capacity=lambda *, locale: len(set(_zones(locale).lines)),
)
def city_time_zone(draws: AnyDraws, *, locale: str) -> Column:
    """The time zone of the city of the same draws."""
    zones = _zones(locale)
    return values.take(zones, city_index(draws, locale) * (len(zones) > 1))


_WITH_COUNTIES = Option(
    "locale", "choice", "en", "Country whose counties are known.", choices=("en", "en_GB"), fold=LOCALE.fold
)


@cache
def _counties(locale: str) -> Pool:
    """The counties of the cities, city by city; the United Kingdom's are the regions."""
    return pool("en/county") if locale == "en" else cities(locale)["region"]


@generator(
    "places.county",
    options=(_WITH_COUNTIES,),
    source="counties and what is equal to them, our own list",
    holds=lambda value, *, locale: value in _counties(locale).lines,
    capacity=lambda *, locale: len(set(_counties(locale).lines)),
)
def county(draws: AnyDraws, *, locale: str) -> Column:
    """The county in which the city of the same draws lies; a city that belongs to none stands for itself."""
    return values.take(_counties(locale), city_index(draws, locale))


def _countrys(name: str, column: str, doc: str, source: str) -> Generator:
    """The generator `name`: a column of the table of countries, of the same country as `places.country`."""

    def lines(locale: str, scope: str) -> list[str]:
        cells: list[str] = table("places/countries")[column].lines
        home = table("countries")["code"].lines.index(facts(locale)["country"])
        return cells if scope == "world" else [cells[home]]

    def made(draws: AnyDraws, *, locale: str, scope: str) -> Column:
        return values.take(table("places/countries")[column], places.country_index(draws, locale, scope))

    made.__doc__ = doc
    return generator(
        name,
        options=(LOCALE, SCOPE),
        source=source,
        holds=lambda value, *, locale, scope: value in lines(locale, scope),
        capacity=lambda *, locale, scope: len(set(lines(locale, scope))),
    )(made)


country_code_3 = _countrys(
    "places.country_code_3", "alpha3", "The three letters of the country of the same draws.", "ISO 3166-1"
)
calling_code = _countrys(
    "places.calling_code",
    "calling",
    "What is dialled to reach the country of the same draws: +49.",
    "ITU-T E.164, assigned country codes",
)
continent = _countrys(
    "places.continent",
    "continent",
    "The continent of the country of the same draws.",
    "the seven continents, our own list",
)


@cache
def _flag_pool() -> Pool:
    codes = table("countries")["code"].lines
    return Pool(["".join(chr(0x1F1E6 + ord(letter) - 65) for letter in code) for code in codes])


@generator(
    "places.country_flag",
    source="Unicode, regional indicator symbols; two code points of four bytes each in UTF-8",
    holds=lambda value: value in _flag_pool().lines,
    capacity=lambda: len(_flag_pool()),
)
def country_flag(draws: AnyDraws) -> Column:
    """The flag of the country of the same draws, as an emoji."""
    return values.take(_flag_pool(), places.country_index(draws, "en", "world"))


_POINTS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")
_WORDS = {"N": "north", "E": "east", "S": "south", "W": "west"}


def _directions(points: int, short: bool) -> list[str]:
    """The points of a compass; the word of a half wind has its first part apart: north-northeast."""
    kept = list(_POINTS[:: 16 // points])
    if short:
        return kept
    spelled = ["".join(_WORDS[letter] for letter in point[-2:]) for point in kept]
    return [
        f"{_WORDS[point[0]]}-{word}" if len(point) == 3 else word for point, word in zip(kept, spelled, strict=True)
    ]


@generator(
    "places.direction",
    options=(
        Option("points", "choice", "8", "How many points the compass has.", choices=("4", "8", "16")),
        Option("short", "boolean", False, "Letters instead of words."),
    ),
    source="the points of the compass",
    holds=lambda value, *, points, short: value in _directions(int(points), short),
    capacity=lambda *, points, short: int(points),  # noqa: ARG005 - words and letters are as many
)
def direction(draws: AnyDraws, *, points: str, short: bool) -> Column:
    """A direction of the compass: northeast."""
    names = tuple(_directions(int(points), short))
    return values.take(names, draws.lane(lanes.own("places.direction")).below(len(names)))
