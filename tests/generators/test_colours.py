"""Colours: names in every language, notations that mean the same colour."""

from __future__ import annotations

import re
from colorsys import hls_to_rgb

import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.generators import find
from hotfixture.generators.colours import _names
from hotfixture.generators.options import LOCALES

DRAWS = Draws.from_rows(3, "colours", 0, 300)


def made(name, **options):
    return find(name)(DRAWS, **options).to_pylist()


@pytest.mark.parametrize("locale", LOCALES)
def test_every_language_has_names_of_its_own(locale):
    assert len(set(_names(locale).lines)) >= 7
    agreed("colour_name", locale=locale)


def test_languages_differ():
    assert "rot" in _names("de").lines
    assert "rot" not in _names("en").lines


def test_hexadecimal_and_decimal_notation_are_one_colour():
    for spelled, form in (
        (made("rgb_colour"), r"rgb\((\d+), (\d+), (\d+)\)"),
        (made("rgb_colour", form="plain"), r"(\d+),(\d+),(\d+)"),
    ):
        for text, code in zip(spelled, made("hex_colour"), strict=True):
            assert "#" + "".join(f"{int(part):02x}" for part in re.fullmatch(form, text).groups()) == code


def test_safe_colours_are_made_of_six_steps():
    assert all(
        int(value[place : place + 2], 16) % 51 == 0 for value in agreed("hex_colour", safe=True) for place in (1, 3, 5)
    )


def test_names_of_css_come_with_their_value():
    rows = made("css_colour_record")
    assert [row["name"] for row in rows] == made("css_colour")
    assert [row["hex"] for row in rows] == made("css_colour_hex")
    known = {
        row["name"]: row["hex"] for row in find("css_colour_record")(Draws.from_rows(1, "css", 0, 5000)).to_pylist()
    }
    assert known["red"] == "#ff0000"
    assert known["rebeccapurple"] == "#663399"
    assert len(known) == 148


def test_hue_and_percentages_are_in_range():
    for value in agreed("hsl_colour"):
        hue, saturation, lightness = map(int, re.findall(r"\d+", value))
        assert all(0 <= part <= 1 for part in hls_to_rgb(hue / 360, lightness / 100, saturation / 100))
