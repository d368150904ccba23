"""Addresses as text, and facts about countries, are those of the place of the same draws."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.errors import OptionError
from hotfixture.generators import find, generate
from hotfixture.generators.cities import CITIES_WITH_CODES, MANY_ZONES, cities
from hotfixture.generators.options import LOCALES
from hotfixture.generators.pools import facts, pool, table

DRAWS = Draws.from_rows(12, "addresses", 0, 500)


def made(name, **options):
    return find(name)(DRAWS, **options).to_pylist()


@pytest.mark.parametrize("locale", LOCALES)
def test_the_text_is_made_of_the_parts_in_the_order_of_the_country(locale):
    pattern = facts(locale)["address"].replace("|", "\n")
    codes = made("region_code", locale=locale) if "{code}" in pattern else [""] * len(DRAWS)
    for text, row, code in zip(made("address_text", locale=locale), made("address", locale=locale), codes, strict=True):
        parts = {name: row[name] for name in ("city", "region", "postcode")}
        assert text == pattern.format(line=row["address_line"], code=code, **parts)


def test_the_lines_may_be_joined_otherwise():
    assert [text.replace("\n", ", ") for text in made("address_text")] == made("address_text", separator=", ")


@pytest.mark.parametrize("locale", CITIES_WITH_CODES)
def test_a_region_has_one_code(locale):
    regions, codes = cities(locale)["region"].lines, pool(f"{locale}/region_code").lines
    pairs = set(zip(regions, codes, strict=True))
    assert len(pairs) == len(set(regions)) == len(set(codes))
    assert set(zip(made("region", locale=locale), made("region_code", locale=locale), strict=True)) <= pairs


def test_regions_without_customary_codes_are_refused():
    with pytest.raises(OptionError, match="locale=fr: expected one of en, de"):
        generate("region_code", locale="fr")


def test_facts_about_countries_are_those_of_the_same_country():
    assert table("places/countries")["code"].lines == table("countries")["code"].lines
    rows = {
        code: rest
        for code, *rest in zip(
            made("country_code"), made("country_code_3"), made("calling_code"), made("continent"), made("country_flag"),
            strict=True,
        )
    }  # fmt: skip
    assert rows["JP"] == ["JPN", "+81", "Asia", "\U0001f1ef\U0001f1f5"]
    assert generate("country_code_3", locale="pt_BR", scope="locale") == "BRA"
    assert generate("calling_code", locale="uk", scope="locale") == "+380"


def test_codes_of_countries_are_complete():
    columns = table("places/countries")
    assert len(set(columns["alpha3"].lines)) == 249
    assert all(len(code) == 3 and code.isupper() for code in columns["alpha3"].lines)
    assert len(set(columns["continent"].lines)) == 7
    for locale in LOCALES:
        place = columns["code"].lines.index(facts(locale)["country"])
        assert columns["calling"][place] == f"+{facts(locale)['calling']}"


def test_the_compass_has_the_points_wanted():
    for points in ("4", "8", "16"):
        words, letters = (set(agreed("direction", points=points, short=short, count=400)) for short in (False, True))
        assert len(words) == len(letters) == int(points)
    assert "north-northeast" in set(made("direction", points="16"))
    assert "NNE" in set(made("direction", points="16", short=True))


def test_rooms_lie_on_the_floor_that_their_number_begins_with():
    assert all(101 <= int(number) <= 940 and 1 <= int(number) % 100 <= 40 for number in agreed("room_number"))


def test_counties_are_those_of_the_city():
    pairs = dict(zip(made("city"), made("county"), strict=True))
    assert pairs["Chicago"] == "Cook County"
    assert made("county", locale="en_GB") == made("region", locale="en_GB")


def test_mail_for_soldiers_has_two_lines():
    for text in agreed("military_address"):
        street, city = text.split("\n")
        assert street.startswith(("PSC ", "Unit ", "USS "))
        assert city[4:6] in ("AA", "AE", "AP")


@pytest.mark.parametrize("locale", LOCALES)
def test_time_zones_exist_and_agree_with_the_longitude(locale):
    """The sun is at most three and a half hours from the clock's standard time, even in the west of China."""
    for zone, east in zip(made("city_time_zone", locale=locale), made("longitude", locale=locale), strict=True):
        offset = datetime(2025, 1, 15, 12, tzinfo=ZoneInfo(zone)).utcoffset()
        assert offset is not None
        assert abs(offset.total_seconds() / 3600 - east / 15) < 3.5


def test_cities_of_one_country_may_lie_in_several_zones():
    pairs = dict(zip(made("city"), made("city_time_zone"), strict=True))
    assert (pairs["Chicago"], pairs["El Paso"]) == ("America/Chicago", "America/Denver")
    for locale in MANY_ZONES:
        assert len(set(made("city_time_zone", locale=locale))) > 1
        assert len(pool(f"{locale}/zone")) == len(cities(locale)["city"])
