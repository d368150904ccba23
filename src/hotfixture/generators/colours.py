"""Colours: by name in many languages, as CSS knows them, in hexadecimal, by red, green and blue, by hue."""

from __future__ import annotations

from functools import cache
from typing import Any

from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.drawn import counted, entry, listed, matching, one
from hotfixture.generators.options import LOCALE, Option
from hotfixture.generators.pools import Pool, table
from hotfixture.generators.records import Records

_CSS = Records("colours/css", lane=lanes.own("colours.css_colour"), source="CSS Color Module Level 4, named colours")
css_colour = _CSS.column("colours.css_colour", "name", doc="A colour by the name that CSS knows.")
css_colour_hex = _CSS.column("colours.css_colour_hex", "hex", doc="The CSS colour of the same draws, in hexadecimal.")
css_colour_record = _CSS.record("colours.css_colour_record", "name hex", doc="A colour of CSS: its name and its value.")


@cache
def _names(locale: str) -> Pool:
    """The names of a language; `pt_BR` reads those of `pt`."""
    columns = table("colours/names")
    rows = list(zip(columns["language"].lines, columns["name"].lines, strict=True))
    languages = {language for language, _ in rows}
    wanted = locale if locale in languages else locale.partition("_")[0]
    return Pool([name for language, name in rows if language == wanted])


@generator(
    "colours.colour_name",
    options=(LOCALE,),
    source="names in daily use, from the lists of Mimesis (MIT) and our own",
    holds=lambda value, locale: value in _names(locale).lines,
    capacity=lambda locale: len(set(_names(locale).lines)),
)
def colour_name(draws: AnyDraws, *, locale: str) -> Column:
    """A colour as people call it."""
    return one(draws.lane(0), _names(locale))


_BASIC = listed(
    "black", "silver", "gray", "white", "maroon", "red", "purple", "fuchsia",
    "green", "lime", "olive", "yellow", "navy", "blue", "teal", "aqua",
)  # fmt: skip


@generator(
    "colours.basic_colour",
    source="the sixteen colours of HTML 4.01",
    holds=lambda value: value in _BASIC.lines,
    capacity=len(_BASIC),
)
def basic_colour(draws: AnyDraws) -> Column:
    """One of the sixteen oldest colours of the web."""
    return one(draws.lane(0), _BASIC)


@cache
def _octets() -> Pool:
    return Pool([f"{octet:02x}" for octet in range(256)])


@cache
def _safe_octets() -> Pool:
    return Pool([f"{octet:02x}" for octet in range(0, 256, 51)])


def _components(draws: AnyDraws, known: Pool) -> list[Column]:
    return [entry(draws.lane(place), known) for place in range(3)]


@generator(
    "colours.hex_colour",
    options=(Option("safe", "boolean", False, "Only the 216 colours that are called safe for the web."),),
    source="CSS Color Module Level 4, section 5.2",
    holds=lambda value, safe: matching(r"#((00|33|66|99|cc|ff){3})" if safe else r"#[0-9a-f]{6}")(value),
    capacity=lambda safe: 6**3 if safe else 256**3,
)
def hex_colour(draws: AnyDraws, *, safe: bool) -> Column:
    """A colour in hexadecimal: red, green and blue."""
    return values.join("#", *_components(draws, _safe_octets() if safe else _octets()))


_FORMS = {"css": ("rgb(", ", ", ")"), "plain": ("", ",", ""), "tuple": ("(", ", ", ")")}
_FORM = Option("form", "choice", "css", "rgb(1, 2, 3), 1,2,3 or (1, 2, 3).", choices=tuple(_FORMS))


def _is_rgb(value: Any, *, form: str) -> bool:
    front, between, end = _FORMS[form]
    parts = value.removeprefix(front).removesuffix(end).split(between)
    return value.startswith(front) and len(parts) == 3 and all(0 <= int(part) <= 255 for part in parts)


@generator(
    "colours.rgb_colour",
    options=(_FORM,),
    source="CSS Color Module Level 4, section 5.1",
    holds=_is_rgb,
    capacity=256**3,
)
def rgb_colour(draws: AnyDraws, *, form: str) -> Column:
    """A colour as red, green and blue, 0 to 255: that of `hex_colour` of the same draws."""
    front, between, end = _FORMS[form]
    red, green, blue = _components(draws, counted(0, 255))
    return values.join(front, red, between, green, between, blue, end)


@generator(
    "colours.hsl_colour",
    options=(
        Option(
            "model",
            "choice",
            "hsl",
            "Hue with saturation and lightness, or with saturation and value.",
            choices=("hsl", "hsv"),
        ),
    ),
    source="CSS Color Module Level 4, section 7",
    holds=lambda value, model: matching(rf"{model}\((\d|[1-9]\d|[12]\d\d|3[0-5]\d), (\d\d?|100)%, (\d\d?|100)%\)")(
        value
    ),
    capacity=360 * 101 * 101,
)
def hsl_colour(draws: AnyDraws, *, model: str) -> Column:
    """A colour as hue, 0 to 359 degrees, and two percentages."""
    hue, shares = entry(draws.lane(0), counted(0, 359)), counted(0, 100)
    return values.join(f"{model}(", hue, ", ", entry(draws.lane(1), shares), "%, ", entry(draws.lane(2), shares), "%)")
