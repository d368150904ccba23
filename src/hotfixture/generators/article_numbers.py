"""Numbers of articles, books and journals, with right check digits, in ranges that are given to nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, Generator, generator
from hotfixture.generators.options import Option

# The weighted sum of two digits whose last one stands beside the check digit, and so counts three times.
_PAIRS = tuple(tens + 3 * ones for tens in range(10) for ones in range(10))


def gs1_digit(number: Column, digits: int) -> Column:
    """The check digit of the GS1 General Specifications, 7.9, that belongs behind `digits` digits."""
    total: Column = 0
    for _ in range(0, digits, 2):
        number, rest = number // 100, number % 100
        total = total + values.lookup(_PAIRS, rest)
    return -total % 10


def is_gs1(text: str) -> bool:
    """Whether the last digit is the check digit of those before it."""
    weights = [3 if place % 2 else 1 for place in range(len(text))]
    return text.isdecimal() and sum(int(d) * w for d, w in zip(reversed(text), weights, strict=True)) % 10 == 0


class _Symbology(NamedTuple):
    """A kind of article number: what it begins with, how long it is, and why nobody has such a one."""

    prefixes: tuple[int, ...]
    digits: int
    source: str


_RESTRICTED = "GS1 General Specifications, 1.4: prefix for use inside a shop or a country, never given to a trade item"
SYMBOLOGIES: Mapping[str, _Symbology] = {
    "ean13": _Symbology((2,), 13, f"{_RESTRICTED} (200–299)"),
    "ean8": _Symbology((2,), 8, f"{_RESTRICTED} (2)"),
    "upc_a": _Symbology((4,), 12, f"{_RESTRICTED} (U.P.C. prefix 4)"),
    "gtin14": _Symbology((12, 22, 32, 42, 52, 62, 72, 82), 14, f"{_RESTRICTED} (200–299 behind the indicator)"),
    "isbn13": _Symbology(
        (97866, 97867, 97868, 97869),
        13,
        "ISO 2108; 978-66 to 978-69 are not defined for use in the range message of the International ISBN Agency",
    ),
}


def _bodies(draws: AnyDraws, prefixes: tuple[int, ...], digits: int) -> Column:
    """Numbers of `digits` digits that begin with one of the prefixes."""
    width = digits - len(str(prefixes[0]))
    which = values.lookup(prefixes, draws.lane(0).below(len(prefixes)))
    return which * 10**width + draws.lane(1).below(10**width)


def _possible(kind: _Symbology) -> int:
    return len(kind.prefixes) * int(10 ** (kind.digits - 1 - len(str(kind.prefixes[0]))))


def _numbers(draws: AnyDraws, kind: _Symbology) -> Column:
    body = _bodies(draws, kind.prefixes, kind.digits - 1)
    return values.padded(body * 10 + gs1_digit(body, kind.digits - 1), kind.digits)


def _is_number(value: str, kind: _Symbology) -> bool:
    return len(value) == kind.digits and value.startswith(tuple(map(str, kind.prefixes))) and is_gs1(value)


def _article_number(symbology: str, doc: str) -> Generator:
    """The generator of one kind of article numbers."""
    name, kind = f"commerce.{symbology}", SYMBOLOGIES[symbology]

    def number(draws: AnyDraws) -> Column:
        return _numbers(draws.lane(lanes.own(name)), kind)

    number.__doc__ = doc
    made = generator(
        name, source=kind.source, capacity=lambda: _possible(kind), holds=lambda value: _is_number(value, kind)
    )
    return made(number)


ean13 = _article_number("ean13", "The thirteen digits of an article (EAN-13, GTIN-13).")
ean8 = _article_number("ean8", "The eight digits of a small article (EAN-8, GTIN-8).")
upc_a = _article_number("upc_a", "The twelve digits of an article (UPC-A, GTIN-12).")
gtin14 = _article_number("gtin14", "The fourteen digits of a carton of articles (GTIN-14).")
isbn13 = _article_number("isbn13", "The number of a book, thirteen digits without hyphens: no agency cut this range.")


@generator(
    "commerce.barcode",
    options=(
        Option("symbology", "choice", "ean13", "Kind of bar code.", choices=("ean13", "ean8", "upc_a", "gtin14")),
    ),
    source=_RESTRICTED,
    capacity=lambda symbology: _possible(SYMBOLOGIES[symbology]),
    holds=lambda value, symbology: _is_number(value, SYMBOLOGIES[symbology]),
)
def barcode(draws: AnyDraws, *, symbology: str) -> Column:
    """What a bar code says, in the kind asked for."""
    return _numbers(draws.lane(lanes.own(f"commerce.{symbology}")), SYMBOLOGIES[symbology])


def _weighted_digit(number: Column, digits: int) -> Column:
    """The check digit of ISBN-10 and ISSN: weights 2, 3, 4 … from the right, modulo 11, as a number 0 … 10."""
    total: Column = 0
    for place in range(digits):
        number, rest = number // 10, number % 10
        total = total + rest * (place + 2)
    return -total % 11


def is_modulo_11(text: str) -> bool:
    """Whether the last character is the check digit of those before it, X being ten."""
    body, last = text[:-1], text[-1:]
    if not body.isdecimal() or last not in "0123456789X":
        return False
    total = sum(int(digit) * weight for digit, weight in zip(reversed(body), range(2, 20), strict=False))
    return (total + "0123456789X".index(last)) % 11 == 0


_ELEVEN = tuple("0123456789X")


@generator(
    "commerce.isbn10",
    source="ISO 2108 (1972); groups 66 to 69 are not defined for use in the range message of the ISBN agency",
    capacity=4 * 10**7,
    holds=lambda value: len(value) == 10 and value[:2] in ("66", "67", "68", "69") and is_modulo_11(value),
)
def isbn10(draws: AnyDraws) -> Column:
    """The number of a book in the form of before 2007, ten characters without hyphens."""
    body = _bodies(draws.lane(lanes.own("commerce.isbn10")), (66, 67, 68, 69), 9)
    return values.join(values.padded(body, 9), values.take(_ELEVEN, _weighted_digit(body, 9)))


def _is_issn(value: Any) -> bool:
    return len(value) == 9 and value[0] == "9" and value[4] == "-" and is_modulo_11(value.replace("-", ""))


@generator(
    "commerce.issn",
    source="ISO 3297; no numbers are set aside for tests: these begin with 9, where no block in use is known to us",
    capacity=10**6,
    holds=_is_issn,
)
def issn(draws: AnyDraws) -> Column:
    """The number of a journal: NNNN-NNNC."""
    body = _bodies(draws.lane(lanes.own("commerce.issn")), (9,), 7)
    digits = values.filled("####-###", values.digit_glyphs(body, 7))
    return values.join(digits, values.take(_ELEVEN, _weighted_digit(body, 7)))
