"""Texts for a spot mean the spot that `coordinates` gives."""

from __future__ import annotations

import pytest

from hotfixture.draws import Draws
from hotfixture.generators import find
from hotfixture.generators.geocodes import _BASE_32, _PLUS

DRAWS = Draws.from_rows(13, "spots", 0, 300)


def made(name, **options):
    return find(name)(DRAWS, **options).to_pylist()


@pytest.mark.parametrize("locale", ["en", "en_AU", "ja", "pt_BR", "en_GB"])
def test_the_text_has_the_decimals_of_the_coordinates(locale):
    for text, spot in zip(made("coordinates_text", locale=locale), made("coordinates", locale=locale), strict=True):
        assert text == f"{spot['latitude']:.6f}, {spot['longitude']:.6f}"


@pytest.mark.parametrize("precision", [1, 2, 6, 9, 12])
@pytest.mark.parametrize("locale", ["en", "en_AU", "de"])
def test_the_cell_of_the_geohash_holds_the_spot(locale, precision):
    hashes = made("geohash", locale=locale, precision=precision)
    for text, spot in zip(hashes, made("coordinates", locale=locale), strict=True):
        spans = {"longitude": [-180.0, 180.0], "latitude": [-90.0, 90.0]}
        bits = "".join(f"{_BASE_32.index(character):05b}" for character in text)
        for place, bit in enumerate(bits):
            span = spans["latitude" if place % 2 else "longitude"]
            span[bit == "0"] = sum(span) / 2
        for name, (low, high) in spans.items():
            assert low - 1e-9 <= spot[name] <= high + 1e-9


@pytest.mark.parametrize("locale", ["en", "en_AU", "pt_BR"])
def test_the_cell_of_the_plus_code_holds_the_spot(locale):
    for text, spot in zip(made("plus_code", locale=locale), made("coordinates", locale=locale), strict=True):
        digits = [_PLUS.index(character) for character in text.replace("+", "")]
        for name, half, own in (("latitude", 90, digits[0::2]), ("longitude", 180, digits[1::2])):
            cell = sum(digit * 20 ** (4 - place) for place, digit in enumerate(own)) / 8000 - half
            assert cell - 1e-9 <= spot[name] < cell + 1 / 8000 + 1e-9


def test_published_codes_are_right():
    """The cathedral of Jutland in the first article on geohash, and Google's office in Zürich."""
    from hotfixture.generators import geocodes

    def hashed(latitude, longitude, precision):
        count = 5 * precision
        east = ((longitude + 180 * 10**6) << ((count + 1) // 2)) // (360 * 10**6)
        north = ((latitude + 90 * 10**6) << (count // 2)) // (180 * 10**6)
        return geocodes._characters(geocodes._woven(east, north, count), _BASE_32, precision)

    assert hashed(57_649_110, 10_407_440, 9) == "u4pruydqq"
    assert find("plus_code").name == "places.plus_code"
