"""Tables of cities: postcodes and coordinates belong to them."""

from __future__ import annotations

import pytest

from hotfixture.generators.cities import cities, is_degrees, is_postcode
from hotfixture.generators.options import LOCALES


@pytest.mark.parametrize("locale", LOCALES)
def test_a_city_stands_once_in_its_region_and_has_postcodes(locale):
    columns = cities(locale)
    pairs = list(zip(columns["city"].lines, columns["region"].lines, strict=True))
    assert len(set(pairs)) == len(pairs)
    assert all(span >= 1 for span in columns["span"].lines)


@pytest.mark.parametrize(
    ("locale", "code"),
    [
        ("en_GB", "N23 1AA"),
        ("en_GB", "N1 1CA"),
        ("en_CA", "M5D 1A1"),
        ("nl", "1011 AF"),
        ("de", "1011"),
        ("sv", "11120"),
    ],
)
def test_postcodes_of_nowhere_are_refused(locale, code):
    assert not is_postcode(code, locale=locale)


@pytest.mark.parametrize(
    ("locale", "code"),
    [("en_GB", "N1 1AA"), ("en_CA", "M5V 2T6"), ("nl", "1012 AB"), ("sv", "111 20"), ("de", "10115")],
)
def test_postcodes_of_the_cities_hold(locale, code):
    assert is_postcode(code, locale=locale)


def test_coordinates_far_away_are_refused():
    assert is_degrees(52.52, "de", "latitude")
    assert not is_degrees(12.0, "de", "latitude")
