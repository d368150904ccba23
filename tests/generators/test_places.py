"""Places: equal draws are one place, and its parts agree."""

from __future__ import annotations

import re

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
        if "area" in known:
            head = row["postcode"].partition(" ")[0].removeprefix(known["area"][place])
            number = int(head.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        else:
            number = int("".join(filter(str.isdecimal, row["postcode"])))
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
    [
        ("en", "ddddd"),
        ("pt_BR", "ddddd-ddd"),
        ("ja", "ddd-dddd"),
        ("ru", "dddddd"),
        ("de", "ddddd"),
        ("sv", "ddd dd"),
        ("pl", "dd-ddd"),
        ("pt_PT", "dddd-ddd"),
        ("he", "ddddddd"),
        ("nb", "dddd"),
    ],
)
def test_postcodes_are_spelled_as_in_the_country(locale, form):
    for code in find("postcode")(DRAWS, locale=locale).to_pylist():
        assert "".join("d" if character.isdecimal() else character for character in code) == form


@pytest.mark.parametrize(
    ("locale", "form"),
    [
        ("en_GB", r"[A-Z]{1,2}\d{1,2} \d[A-HJLN-UW-Z]{2}"),
        ("en_CA", r"[A-Z]\d[A-Z] \d[A-Z]\d"),
        ("fr_CA", r"[EGHJK]\d[A-Z] \d[A-Z]\d"),
        ("nl", r"[1-9]\d{3} [A-EGHJ-NPR-TVWXZ]{2}"),
    ],
)
def test_postcodes_with_letters_are_spelled_as_in_the_country(locale, form):
    codes = find("postcode")(DRAWS, locale=locale).to_pylist()
    assert all(re.fullmatch(form, code) for code in codes)
    assert len(set(codes)) > 900


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
    "en_GB": (50, 58, -6, 2),
    "en_CA": (42, 61, -136, -52),
    "en_AU": (-43, -12, 115, 154),
    "es_MX": (16, 33, -118, -86),
    "fr_CA": (45, 49, -76, -64),
    "de_AT": (46.5, 48.5, 9.5, 16.6),
    "de_CH": (45.9, 47.8, 6, 9.6),
    "nl": (50.8, 53.3, 3.5, 7),
    "pl": (50, 54.6, 14.5, 23.2),
    "cs": (48.8, 50.8, 12.8, 18.3),
    "sv": (55.5, 68, 11.9, 22.2),
    "da": (54.9, 57.5, 8.4, 14.8),
    "nb": (58, 70, 5, 23.3),
    "fi": (60, 66.6, 19.9, 29.8),
    "pt_PT": (32, 42, -26, -6.7),
    "uk": (46.4, 51.6, 22.2, 36.3),
    "tr": (36.8, 41.7, 26.5, 43.4),
    "el": (35.3, 41.2, 19.9, 28.3),
    "hu": (46, 48.2, 16.5, 21.8),
    "ro": (44.1, 47.9, 21.2, 28.7),
    "ko": (33.4, 38, 126.5, 129.4),
    "zh": (20, 46, 102, 127),
    "ar": (16.8, 31, 36.5, 50.3),
    "he": (29.5, 33, 34.5, 35.6),
    "hi": (12.9, 32, 72.5, 92),
    "id": (-8.7, 3.6, 98.6, 140.8),
    "vi": (10, 21.6, 105, 109.3),
}
