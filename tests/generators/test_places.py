"""Places: equal draws are one place, and its parts agree."""

from __future__ import annotations

import pytest

from hotfixture.draws import Draws
from hotfixture.generators import find, generate
from hotfixture.generators.options import LOCALES
from hotfixture.generators.places import cities
from hotfixture.generators.pools import facts, table

DRAWS = Draws.from_rows(3, "places", 0, 1000)


def rows(locale):
    return find("address")(DRAWS, locale=locale).to_pylist()


@pytest.mark.parametrize("locale", LOCALES)
def test_every_part_is_what_its_own_generator_gives(locale):
    whole = find("address")(DRAWS, locale=locale)
    for field in whole.type:
        options = {"locale": locale} | ({"scope": "locale"} if field.name.startswith("country") else {})
        assert whole.field(field.name).equals(find(field.name)(DRAWS, **options)), field.name
    spots = find("coordinates")(DRAWS, locale=locale)
    assert spots.field("latitude").equals(whole.field("latitude"))
    assert spots.field("longitude").equals(whole.field("longitude"))


@pytest.mark.parametrize("locale", LOCALES)
def test_region_postcode_and_coordinates_are_those_of_the_city(locale):
    known = cities(locale)
    lines = {
        (city, region): place
        for place, (city, region) in enumerate(zip(known["city"].lines, known["region"].lines, strict=True))
    }
    for row in rows(locale):
        place = lines[row["city"], row["region"]]
        low, span, step = (known[fact][place] for fact in ("low", "span", "step"))
        number = int(row["postcode"].replace("-", ""))
        assert low <= number < low + span * step
        assert abs(row["latitude"] - known["latitude"][place] / 100) <= 0.0401
        assert abs(row["longitude"] - known["longitude"][place] / 100) <= 0.0401


@pytest.mark.parametrize("locale", LOCALES)
def test_the_line_holds_street_and_number_in_the_order_of_the_country(locale):
    pattern = facts(locale)["line"]
    for row in rows(locale):
        assert row["address_line"] == pattern.format(street=row["street"], number=row["building_number"])


@pytest.mark.parametrize("locale", LOCALES)
def test_every_city_comes(locale):
    seen = find("city")(Draws.from_rows(0, "all", 0, 20_000), locale=locale)
    assert set(seen.to_pylist()) == set(cities(locale)["city"].lines)


@pytest.mark.parametrize(
    ("locale", "form"),
    [("en", "ddddd"), ("pt_BR", "ddddd-ddd"), ("ja", "ddd-dddd"), ("ru", "dddddd"), ("de", "ddddd")],
)
def test_postcodes_are_spelled_as_in_the_country(locale, form):
    for code in find("postcode")(DRAWS, locale=locale).to_pylist():
        assert "".join("d" if character.isdecimal() else character for character in code) == form


def test_country_and_code_agree_and_cover_the_world():
    draws = Draws.from_rows(0, "countries", 0, 20_000)
    pairs = set(
        zip(find("country")(draws, locale="ja").to_pylist(), find("country_code")(draws).to_pylist(), strict=True)
    )
    columns = table("countries")
    assert pairs == set(zip(columns["ja"].lines, columns["code"].lines, strict=True))
    assert generate("country", locale="de", scope="locale") == "Deutschland"


@pytest.mark.parametrize("locale", LOCALES)
def test_centres_lie_where_the_country_does(locale):
    """Rough boxes (south, north, west, east) around the countries; typing errors of the table end outside."""
    south, north, west, east = BOXES[locale]
    for latitude, longitude in zip(cities(locale)["latitude"].lines, cities(locale)["longitude"].lines, strict=True):
        assert south <= latitude / 100 <= north
        assert west <= longitude / 100 <= east


BOXES = {
    "en": (21, 62, -158, -70),
    "de": (47, 55, 6, 15),
    "fr": (41, 51.1, -5, 10),
    "es": (28, 44, -17, 3),
    "it": (36, 47, 7, 19),
    "pt_BR": (-33, 3, -68, -34),
    "ja": (26, 44, 127, 146),
    "ru": (42, 70, 20, 136),
}
