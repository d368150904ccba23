"""Places: cities with their region, postcode and coordinates, streets, whole addresses. Equal draws give one place."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any

from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.options import LOCALE, Option
from hotfixture.generators.pools import Pool, facts, members, numbers, pool, table

if TYPE_CHECKING:
    import pyarrow as pa

CITIES_SOURCE = "cities with their postcode ranges and centres, our own table"
SCOPE = Option(
    "scope", "choice", "world", "Any country, or the one where the locale is at home.", choices=("world", "locale")
)
_HUNDREDTH = 10_000
"""Millionths of a degree in a hundredth: centres are kept in hundredths, coordinates come in millionths."""
_SPREAD = 40_000
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
    low, span, step = (city_numbers(draws, locale, fact) for fact in ("low", "span", "step"))
    number = low + values.scaled(draws.lane(lanes.POSTCODE), span) * step
    pattern = str(facts(locale)["postcode"])
    return values.filled(pattern, values.digit_glyphs(number, pattern.count("#")))


def degrees(draws: AnyDraws, locale: str, lane: int, fact: str) -> Column:
    """A coordinate near the centre of the city; integers divided last, so that every processor agrees."""
    away = draws.lane(lane).below(2 * _SPREAD + 1) - _SPREAD
    return (city_numbers(draws, locale, fact) * _HUNDREDTH + away) / 1_000_000


def latitudes(draws: AnyDraws, locale: str) -> Column:
    """Degrees to the north."""
    return degrees(draws, locale, lanes.NORTH, "latitude")


def longitudes(draws: AnyDraws, locale: str) -> Column:
    """Degrees to the east."""
    return degrees(draws, locale, lanes.EAST, "longitude")


def streets(draws: AnyDraws, locale: str) -> Column:
    """Streets."""
    names = pool(f"{locale}/street")
    return values.pick(names, draws.lane(lanes.STREET).below(len(names)))


def buildings(draws: AnyDraws, locale: str) -> Column:
    """Building numbers; small ones come more often, as they do."""
    possible = building_pool(locale)
    lot = draws.lane(lanes.BUILDING)
    if locale == "ja":
        return values.pick(possible, lot.below(len(possible)))
    return values.pick(possible, values.scaled(lot.lane(0), 1 + lot.lane(1).below(len(possible))))


@cache
def building_pool(locale: str) -> Pool:
    """All building numbers; block, lot and house in Japan."""
    highest = int(facts(locale)["building"])
    if locale != "ja":
        return numbers(highest)
    bounds = (range(1, top + 1) for top in (highest, 20, 20))
    return Pool([f"{block}-{lot}-{house}" for block, lot, house in product(*bounds)])


def address_lines(draws: AnyDraws, locale: str) -> Column:
    """Street and number in the order of the locale."""
    return values.compose(str(facts(locale)["line"]), street=streets(draws, locale), number=buildings(draws, locale))


def country_index(draws: AnyDraws, locale: str, scope: str) -> Column:
    """Which line of the table of countries these draws mean."""
    codes = table("countries")["code"]
    if scope == "world":
        return draws.lane(lanes.COUNTRY).below(len(codes))
    return draws.lane(lanes.COUNTRY).below(1) + codes.lines.index(facts(locale)["country"])


@cache
def _buildings(locale: str) -> frozenset[str]:
    return frozenset(building_pool(locale).lines)


def _is_postcode(value: Any, *, locale: str) -> bool:
    number = int(value.replace("-", ""))
    spelled = values.filled(facts(locale)["postcode"], value.replace("-", ""))
    rows = zip(*(cities(locale)[fact].lines for fact in ("low", "span", "step")), strict=True)
    return spelled == value and any(
        low <= number < low + span * step and not (number - low) % step for low, span, step in rows
    )


def _is_degrees(value: Any, locale: str, fact: str) -> bool:
    return any(abs(value * 1_000_000 - centre * _HUNDREDTH) <= _SPREAD + 0.5 for centre in cities(locale)[fact].lines)


def _is_line(value: Any, *, locale: str) -> bool:
    before, number = str(facts(locale)["line"]).split("{street}")[0], "0123456789-"
    street = value.strip(number + " ,").removesuffix(", д.") if not before else value.lstrip(number).strip()
    return street in members(f"{locale}/street")


@cache
def _country_names(locale: str, scope: str) -> frozenset[str]:
    columns = table("countries")
    if scope == "world":
        return frozenset(columns[locale].lines)
    return frozenset({columns[locale][columns["code"].lines.index(facts(locale)["country"])]})


@generator(
    "places.city",
    options=(LOCALE,),
    source=CITIES_SOURCE,
    holds=lambda value, *, locale: value in set(cities(locale)["city"].lines),
    capacity=lambda *, locale: len(set(cities(locale)["city"].lines)),
)
def city(draws: AnyDraws, *, locale: str) -> Column:
    """A real city of the locale's country."""
    return city_facts(draws, locale, "city")


@generator(
    "places.region",
    options=(LOCALE,),
    source=CITIES_SOURCE,
    holds=lambda value, *, locale: value in set(cities(locale)["region"].lines),
    capacity=lambda *, locale: len(set(cities(locale)["region"].lines)),
)
def region(draws: AnyDraws, *, locale: str) -> Column:
    """The state, Land, région, province or prefecture in which the city lies."""
    return city_facts(draws, locale, "region")


@generator("places.postcode", options=(LOCALE,), source=CITIES_SOURCE, holds=_is_postcode)
def postcode(draws: AnyDraws, *, locale: str) -> Column:
    """A postcode from the range of the city; well-formed, though not every one may be in use."""
    return postcodes(draws, locale)


@generator(
    "places.street",
    options=(LOCALE,),
    source="common street names, our own list",
    holds=lambda value, *, locale: value in members(f"{locale}/street"),
    capacity=lambda *, locale: len(members(f"{locale}/street")),
)
def street(draws: AnyDraws, *, locale: str) -> Column:
    """A common street name; in Japan, where streets have none, the name of a quarter."""
    return streets(draws, locale)


@generator(
    "places.building_number",
    options=(LOCALE,),
    source="our own choice of bounds",
    holds=lambda value, *, locale: value in _buildings(locale),
    capacity=lambda *, locale: len(_buildings(locale)),
)
def building_number(draws: AnyDraws, *, locale: str) -> Column:
    """The number of a building; block, lot and house in Japan."""
    return buildings(draws, locale)


@generator("places.address_line", options=(LOCALE,), source="postal customs of the country", holds=_is_line)
def address_line(draws: AnyDraws, *, locale: str) -> Column:
    """Street and building number as one line of an address."""
    return address_lines(draws, locale)


@generator(
    "places.country",
    options=(LOCALE, SCOPE),
    source="ISO 3166-1, names of the Unicode CLDR",
    holds=lambda value, *, locale, scope: value in _country_names(locale, scope),
    capacity=lambda *, locale, scope: len(_country_names(locale, scope)),
)
def country(draws: AnyDraws, *, locale: str, scope: str) -> Column:
    """The name of a country in the locale's language."""
    return values.take(table("countries")[locale], country_index(draws, locale, scope))


@generator(
    "places.country_code",
    options=(LOCALE, SCOPE),
    source="ISO 3166-1",
    holds=lambda value, *, locale, scope: (
        value in table("countries")["code"].lines if scope == "world" else value == facts(locale)["country"]
    ),
    capacity=lambda *, locale, scope: len(_country_names(locale, scope)),
)
def country_code(draws: AnyDraws, *, locale: str, scope: str) -> Column:
    """The two letters of a country, the same as of `country`."""
    return values.take(table("countries")["code"], country_index(draws, locale, scope))


@generator(
    "places.latitude",
    type="float64",
    options=(LOCALE,),
    source=CITIES_SOURCE,
    holds=lambda value, *, locale: _is_degrees(value, locale, "latitude"),
)
def latitude(draws: AnyDraws, *, locale: str) -> Column:
    """Degrees to the north of a spot within about 5 km of the city's centre."""
    return latitudes(draws, locale)


@generator(
    "places.longitude",
    type="float64",
    options=(LOCALE,),
    source=CITIES_SOURCE,
    holds=lambda value, *, locale: _is_degrees(value, locale, "longitude"),
)
def longitude(draws: AnyDraws, *, locale: str) -> Column:
    """Degrees to the east of a spot within about 5 km of the city's centre."""
    return longitudes(draws, locale)


def _coordinates_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    return pa.struct([("latitude", pa.float64()), ("longitude", pa.float64())])


@generator(
    "places.coordinates",
    type=_coordinates_type,
    options=(LOCALE,),
    source=CITIES_SOURCE,
    holds=lambda value, *, locale: (
        _is_degrees(value["latitude"], locale, "latitude") and _is_degrees(value["longitude"], locale, "longitude")
    ),
)
def coordinates(draws: AnyDraws, *, locale: str) -> Column:
    """Latitude and longitude of one spot, in degrees (WGS 84)."""
    return values.record({"latitude": latitudes(draws, locale), "longitude": longitudes(draws, locale)})


_TEXTS = ("street", "building_number", "address_line", "city", "region", "postcode", "country", "country_code")


def _address_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    texts = [(name, pa.string()) for name in _TEXTS]
    return pa.struct([*texts, ("latitude", pa.float64()), ("longitude", pa.float64())])


def _is_address(value: Any, *, locale: str) -> bool:
    """Whether the parts are possible and belong to one city."""
    columns = cities(locale)
    known = zip(columns["city"].lines, columns["region"].lines, strict=True)
    return (
        (value["city"], value["region"]) in set(known)
        and _is_postcode(value["postcode"], locale=locale)
        and value["country_code"] == facts(locale)["country"]
        and value["street"] in value["address_line"]
        and value["building_number"] in value["address_line"]
    )


@generator(
    "places.address",
    type=_address_type,
    options=(LOCALE,),
    source=CITIES_SOURCE,
    holds=_is_address,
)
def address(draws: AnyDraws, *, locale: str) -> Column:
    """A whole address whose city, region, postcode, country and coordinates agree."""
    nation = country_index(draws, locale, "locale")
    return values.record(
        {
            "street": streets(draws, locale),
            "building_number": buildings(draws, locale),
            "address_line": address_lines(draws, locale),
            "city": city_facts(draws, locale, "city"),
            "region": city_facts(draws, locale, "region"),
            "postcode": postcodes(draws, locale),
            "country": values.take(table("countries")[locale], nation),
            "country_code": values.take(table("countries")["code"], nation),
            "latitude": latitudes(draws, locale),
            "longitude": longitudes(draws, locale),
        }
    )
