"""Where a place lies, as text: coordinates, geohash, plus code; all of the spot that `places.coordinates` gives."""

from __future__ import annotations

from typing import Any

from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.cities import HUNDREDTH, SPREAD, cities, city_numbers, is_degrees
from hotfixture.generators.drawn import counted, text_of
from hotfixture.generators.options import LOCALE, Option
from hotfixture.generators.pools import Pool

_MILLION = 1_000_000


def micro_degrees(draws: AnyDraws, locale: str, lane: int, fact: str) -> Column:
    """Millionths of degrees: the coordinate as `degrees` has it, before it is divided."""
    away = draws.lane(lane).below(2 * SPREAD + 1) - SPREAD
    return city_numbers(draws, locale, fact) * HUNDREDTH + away


def _spot(draws: AnyDraws, locale: str) -> tuple[Column, Column]:
    return (
        micro_degrees(draws, locale, lanes.NORTH, "latitude"),
        micro_degrees(draws, locale, lanes.EAST, "longitude"),
    )


_SIGNS = Pool(["", "-"])


def _decimal(number: Column) -> list[Column]:
    """The parts of a coordinate written with six decimals."""
    below = values.where(number < 0, 1, 0)
    size = values.where(number < 0, -number, number)
    whole = size // _MILLION
    fraction = values.padded(size - whole * _MILLION, 6)
    return [values.pick(_SIGNS, below), values.pick(counted(0, 180), whole), ".", fraction]


def _is_coordinates(value: Any, *, locale: str) -> bool:
    latitude, _, longitude = value.partition(", ")
    return is_degrees(float(latitude), locale, "latitude") and is_degrees(float(longitude), locale, "longitude")


@generator(
    "places.coordinates_text",
    options=(LOCALE,),
    source="ISO 6709, annex for people: degrees with a decimal point, latitude first",
    holds=_is_coordinates,
)
def coordinates_text(draws: AnyDraws, *, locale: str) -> Column:
    """Latitude and longitude in one text, with six decimals: `52.520008, 13.404954`."""
    north, east = _spot(draws, locale)
    return values.join(*_decimal(north), ", ", *_decimal(east))


_BASE_32 = "0123456789bcdefghjkmnpqrstuvwxyz"


def _is_geohash(value: Any, *, locale: str, precision: int) -> bool:
    """Whether the cell of the hash touches the neighbourhood of one of the cities."""
    bits = "".join(f"{_BASE_32.index(character):05b}" for character in value)
    spans = (_cell(bits[0::2], 180), _cell(bits[1::2], 90))
    return len(value) == precision and any(
        all(
            low <= centre * HUNDREDTH + SPREAD and centre * HUNDREDTH - SPREAD <= high
            for (low, high), centre in zip(spans, (longitude, latitude), strict=True)
        )
        for latitude, longitude in zip(cities(locale)["latitude"].lines, cities(locale)["longitude"].lines, strict=True)
    )


def _cell(bits: str, half: int) -> tuple[float, float]:
    """The bounds of a cell, in millionths of degrees."""
    width = 2 * half * _MILLION / 2 ** len(bits)
    low = int(bits or "0", 2) * width - half * _MILLION
    return low, low + width


@generator(
    "places.geohash",
    options=(LOCALE, Option("precision", "integer", 9, "How many characters.", low=1, high=12)),
    source="G. Niemeyer's geohash: bits of longitude and latitude in turn, in base 32",
    holds=_is_geohash,
)
def geohash(draws: AnyDraws, *, locale: str, precision: int) -> Column:
    """The geohash of the spot."""
    north, east = _spot(draws, locale)
    count = 5 * precision
    longitude = ((east + 180 * _MILLION) << ((count + 1) // 2)) // (360 * _MILLION)
    latitude = ((north + 90 * _MILLION) << (count // 2)) // (180 * _MILLION)
    return text_of(_characters(_woven(longitude, latitude, count), _BASE_32, precision))


def _woven(first: Column, second: Column, count: int) -> list[Column]:
    """`count` bits, highest first, of both numbers in turn."""
    sizes = ((count + 1) // 2, count // 2)
    return [
        ((first, second)[place % 2] >> (sizes[place % 2] - 1 - place // 2)) & 1 for place in range(count)
    ]  # fmt: skip


def _characters(bits: list[Column], alphabet: str, width: int) -> Column:
    """Five bits a character, as glyphs."""
    codes = tuple(map(ord, alphabet))
    found = []
    for place in range(width):
        number: Column = 0
        for bit in bits[5 * place : 5 * place + 5]:
            number = number * 2 + bit
        found.append(values.lookup(codes, number))
    return _glyphs(found)


def _glyphs(codes: list[Column]) -> Column:
    if isinstance(codes[0], int):
        return "".join(map(chr, codes))
    import numpy as np

    return np.stack(codes, axis=1).astype(np.uint8)


_PLUS = "23456789CFGHJMPQRVWX"
_UNITS = 8000
"""Cells of a code of ten digits in one degree."""


def _is_plus_code(value: Any, *, locale: str) -> bool:
    digits = [_PLUS.index(character) for character in value.replace("+", "")]
    if len(digits) != 10 or value[8] != "+":
        return False
    north, east = (
        sum(digit * 20 ** (4 - place) for place, digit in enumerate(each)) for each in (digits[0::2], digits[1::2])
    )
    return any(
        abs((north + 0.5) / _UNITS - 90 - latitude / 100) < 0.0402
        and abs((east + 0.5) / _UNITS - 180 - longitude / 100) < 0.0402
        for latitude, longitude in zip(cities(locale)["latitude"].lines, cities(locale)["longitude"].lines, strict=True)
    )


@generator(
    "places.plus_code",
    options=(LOCALE,),
    source="Open Location Code 1.0: ten digits in base 20, a cell of about 14 m",
    holds=_is_plus_code,
)
def plus_code(draws: AnyDraws, *, locale: str) -> Column:
    """The plus code of the spot."""
    north, east = _spot(draws, locale)
    rows = [(number + half * _MILLION) * _UNITS // _MILLION for number, half in ((north, 90), (east, 180))]
    codes = tuple(map(ord, _PLUS))
    digits = [values.lookup(codes, rows[place % 2] // 20 ** (4 - place // 2) % 20) for place in range(10)]
    plus = digits[0] * 0 + ord("+")
    return text_of(_glyphs([*digits[:8], plus, *digits[8:]]))
