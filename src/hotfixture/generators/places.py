"""Places: cities with their region, postcode and coordinates, streets, whole addresses. Equal draws give one place."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any

from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.cities import cities, city_facts, degrees, is_degrees, is_postcode, postcodes
from hotfixture.generators.options import LOCALE, Option
from hotfixture.generators.pools import Pool, facts, members, numbers, pool, table

if TYPE_CHECKING:
    import pyarrow as pa

CITIES_SOURCE = "cities with their postcode ranges and centres, our own table"
SCOPE = Option(
    "scope", "choice", "world", "Any country, or the one where the locale is at home.", choices=("world", "locale")
)


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


def country_names(locale: str) -> Pool:
    """The names of the world's countries in the locale's language, in the order of the table of countries."""
    columns = table("countries")
    return columns[locale] if locale in columns else columns[locale.partition("_")[0]]


def country_index(draws: AnyDraws, locale: str, scope: str) -> Column:
    """Which line of the table of countries these draws mean."""
    codes = table("countries")["code"]
    if scope == "world":
        return draws.lane(lanes.COUNTRY).below(len(codes))
    return draws.lane(lanes.COUNTRY).below(1) + codes.lines.index(facts(locale)["country"])


@cache
def _buildings(locale: str) -> frozenset[str]:
    return frozenset(building_pool(locale).lines)


def is_line(value: Any, *, locale: str) -> bool:
    """Whether it is the country's pattern with a street and a number in it."""
    import re

    pattern = re.escape(str(facts(locale)["line"]))
    shape = pattern.replace(r"\{street\}", "(.+?)").replace(r"\{number\}", "[0-9-]+")
    found = re.fullmatch(shape, value)
    return found is not None and found[1] in members(f"{locale}/street")


@cache
def _country_names(locale: str, scope: str) -> frozenset[str]:
    names = country_names(locale)
    if scope == "world":
        return frozenset(names.lines)
    return frozenset({names[table("countries")["code"].lines.index(facts(locale)["country"])]})


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


@generator("places.postcode", options=(LOCALE,), source=CITIES_SOURCE, holds=is_postcode)
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


@generator("places.address_line", options=(LOCALE,), source="postal customs of the country", holds=is_line)
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
    return values.take(country_names(locale), country_index(draws, locale, scope))


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
    holds=lambda value, *, locale: is_degrees(value, locale, "latitude"),
)
def latitude(draws: AnyDraws, *, locale: str) -> Column:
    """Degrees to the north of a spot within about 5 km of the city's centre."""
    return latitudes(draws, locale)


@generator(
    "places.longitude",
    type="float64",
    options=(LOCALE,),
    source=CITIES_SOURCE,
    holds=lambda value, *, locale: is_degrees(value, locale, "longitude"),
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
        is_degrees(value["latitude"], locale, "latitude") and is_degrees(value["longitude"], locale, "longitude")
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
        and is_postcode(value["postcode"], locale=locale)
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
            "country": values.take(country_names(locale), nation),
            "country_code": values.take(table("countries")["code"], nation),
            "latitude": latitudes(draws, locale),
            "longitude": longitudes(draws, locale),
        }
    )
