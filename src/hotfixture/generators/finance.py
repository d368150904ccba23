"""Money: payment cards, IBANs, accounts, amounts, currencies, per cent; check digits are right.

Cards begin with six digits that payment providers publish for their test cards: whether a number behind them was ever
issued is not known here. No range of IBANs and account numbers is set aside for tests: an invented one may exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from hotfixture.errors import UnknownNameError
from hotfixture.generators import values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.numbers import decimal_capacity, decimal_type, decimals, is_decimal, unscaled_bounds
from hotfixture.generators.options import Option
from hotfixture.generators.pools import table

if TYPE_CHECKING:
    import pyarrow as pa

# Prefixes that payment providers publish for tests, and the length of a number.
BRANDS: Mapping[str, tuple[int, tuple[int, ...]]] = {
    "visa": (16, (400000, 401288, 411111, 424242)),
    "mastercard": (16, (222300, 510510, 520082, 555555)),
    "amex": (15, (371449, 378282, 378734)),
    "discover": (16, (601100, 601111, 601198)),
    "diners": (14, (305693, 362272)),
    "jcb": (16, (353011, 356600)),
}


# The Luhn sum of two digits whose last one stands beside the check digit, and so counts twice.
_LUHN = tuple(tens + ones * 2 - 9 * (ones > 4) for tens in range(10) for ones in range(10))


def luhn_digit(number: Column) -> Column:
    """The check digit of ISO/IEC 7812-1 that belongs behind `number`, an integer below 10^16."""
    total: Column = 0
    for _ in range(8):
        number, pair = _divided(number, 100)
        total = total + values.lookup(_LUHN, pair)
    return -total % 10


def is_luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others."""
    return digits.isdecimal() and bool(luhn_digit(int(digits[:-1])) == int(digits[-1]))


def _is_card(value: Any, brand: str) -> bool:
    length, prefixes = BRANDS[brand]
    return len(value) == length and int(value[:6]) in prefixes and is_luhn(value)


def _card_space(brand: str) -> int:
    """How many numbers stand behind each prefix, the check digit left out."""
    length, _ = BRANDS[brand]
    return int(10 ** (length - 7))


@generator(
    "finance.card",
    options=(Option("brand", "choice", "visa", "Brand of the card.", choices=tuple(BRANDS)),),
    capacity=lambda brand: len(BRANDS[brand][1]) * _card_space(brand),
    holds=_is_card,
    source="test prefixes published by payment providers; check digit of ISO/IEC 7812-1 (Luhn)",
)
def card(draws: AnyDraws, *, brand: str) -> Column:
    """The number of a test card, without blanks."""
    space = _card_space(brand)
    prefix, rest = _divided(draws.below(len(BRANDS[brand][1]) * space), space)
    number = values.lookup(BRANDS[brand][1], prefix) * space + rest
    return values.padded(number * 10 + luhn_digit(number), BRANDS[brand][0])


def _divided(number: Column, divisor: int) -> tuple[Column, Column]:
    quotient = number // divisor
    return quotient, number - quotient * divisor


# The account part of an IBAN (BBAN) as the ISO 13616 registry gives it: how many digits (n), letters (a) or digits and
# letters (c), of which digits alone are made. National check digits inside that part are not computed.
IBANS: Mapping[str, str] = {
    "AD": "8n12c", "AE": "19n", "AL": "8n16c", "AT": "16n", "AZ": "4a20c", "BA": "16n", "BE": "12n", "BG": "4a6n8c",
    "BH": "4a14c", "BI": "23n", "BR": "23n1a1c", "BY": "4c4n16c", "CH": "5n12c", "CR": "18n", "CY": "8n16c",
    "CZ": "20n", "DE": "18n", "DJ": "23n", "DK": "14n", "DO": "4c20n", "EE": "16n", "EG": "25n", "ES": "20n",
    "FI": "14n", "FK": "2a12n", "FO": "14n", "FR": "10n11c2n", "GB": "4a14n", "GE": "2a16n", "GI": "4a15c",
    "GL": "14n", "GR": "7n16c", "GT": "24c", "HR": "17n", "HU": "24n", "IE": "4a14n", "IL": "19n", "IQ": "4a15n",
    "IS": "22n", "IT": "1a10n12c", "JO": "4a4n18c", "KW": "4a22c", "KZ": "3n13c", "LB": "4n20c", "LI": "5n12c",
    "LT": "16n", "LU": "3n13c", "LV": "4a13c", "LY": "21n", "MC": "10n11c2n", "MD": "20c", "ME": "18n",
    "MK": "3n10c2n", "MN": "16n", "MR": "23n", "MT": "4a5n18c", "MU": "4a19n3a", "NI": "4a20n", "NL": "4a10n",
    "NO": "11n", "OM": "3n16c", "PK": "4a16c", "PL": "24n", "PS": "4a21c", "PT": "21n", "QA": "4a21c", "RO": "4a16c",
    "RS": "18n", "RU": "14n15c", "SA": "2n18c", "SC": "4a20n3a", "SD": "14n", "SE": "20n", "SI": "15n", "SK": "20n",
    "SM": "1a10n12c", "SO": "19n", "ST": "21n", "SV": "4a20n", "TL": "19n", "TN": "20n", "TR": "6n16c", "UA": "6n19c",
    "VA": "18n", "VG": "4a16n", "YE": "4a4n18c",
}  # fmt: skip
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@cache
def _fields(country: str) -> tuple[tuple[str, int], ...]:
    """The account part as fields: kind and width, digits in runs of at most nine (their value mod 97 fits 64 bits)."""
    import re

    kinds = "".join(int(width) * kind for width, kind in re.findall(r"(\d+)([nac])", IBANS[country])).replace("c", "n")
    return tuple((run[0], len(run)) for run in re.findall(r"n{1,9}|a", kinds))


def mod_97(number: Column, width: int, before: Column) -> Column:
    """The remainder by 97 of the digits `before` stands for, followed by `width` digits of `number`."""
    return (before * 10**width + number) % 97


def is_iban(text: str) -> bool:
    """Whether the text is an IBAN of a country known here: its length and its check digits (ISO 7064 MOD 97-10)."""
    country = text[:2]
    if country not in IBANS or len(text) != 4 + sum(width for _, width in _fields(country)):
        return False
    return all(map(str.isalnum, text)) and int("".join(str(int(char, 36)) for char in text[4:] + text[:4])) % 97 == 1


def _is_iban(value: Any, country: str) -> bool:
    return value[:2] == country and is_iban(value)


def _iban_capacity(country: str) -> int:
    total = 1
    for kind, width in _fields(country):
        total *= 10**width if kind == "n" else 26
    return total


@generator(
    "finance.iban",
    options=(Option("country", "choice", "DE", "Country of the account.", choices=tuple(IBANS), fold=str.upper),),
    capacity=_iban_capacity,
    holds=_is_iban,
    source="ISO 13616 registry for the form, ISO 7064 MOD 97-10 for the check digits",
)
def iban(draws: AnyDraws, *, country: str) -> Column:
    """An IBAN without blanks."""
    parts: list[Column] = []
    remainder: Column = 0
    for lane, (kind, width) in enumerate(_fields(country)):
        number = draws.lane(lane).below(10**width if kind == "n" else 26)
        parts.append(values.padded(number, width) if kind == "n" else values.take(tuple(_LETTERS), number))
        remainder = mod_97(number, width, remainder) if kind == "n" else mod_97(10 + number, 2, remainder)
    tail = "".join(str(int(char, 36)) for char in country) + "00"
    check = 98 - mod_97(int(tail), len(tail), remainder)
    return values.join(country, values.padded(check, 2), *parts)


@generator(
    "finance.account",
    options=(Option("digits", "integer", 10, "Length.", low=4, high=18),),
    capacity=lambda digits: 10**digits,
    holds=lambda value, digits: len(value) == digits and value.isdecimal(),
    source="digits without meaning",
)
def account(draws: AnyDraws, *, digits: int) -> Column:
    """The number of a bank account, digits only."""
    return values.padded(draws.below(10**digits), digits)


@cache
def minor_digits() -> dict[str, int]:
    """Decimal places of every currency: 2 for EUR, 0 for JPY, 3 for KWD."""
    columns = table("currencies")
    return dict(zip(columns["code"].lines, columns["digits"].lines, strict=True))


@generator(
    "finance.currency",
    capacity=lambda: len(minor_digits()),
    holds=lambda value: value in minor_digits(),
    source="ISO 4217 list one, published 2026-01-01; funds, metals and test codes left out",
)
def currency(draws: AnyDraws) -> Column:
    """The code of a currency in use."""
    codes = table("currencies")["code"]
    return values.take(codes, draws.below(len(codes)))


def _amount_type(*, currency: str, low: Decimal, high: Decimal) -> pa.DataType:
    return decimal_type(low, high, _places(currency))


def _places(currency: str) -> int:
    """Decimal places of a currency; UnknownNameError suggests the nearest code."""
    if currency not in minor_digits():
        raise UnknownNameError("currency", currency, list(minor_digits()))
    return minor_digits()[currency]


def _check_amount(*, currency: str, low: Decimal, high: Decimal) -> None:
    unscaled_bounds(low, high, _places(currency))


@generator(
    "finance.amount",
    type=_amount_type,
    options=(
        Option("currency", "text", "EUR", "Currency, which decides the decimal places.", fold=str.upper),
        Option("low", "decimal", Decimal(1), "Smallest amount."),
        Option("high", "decimal", Decimal(1000), "Largest amount, itself included."),
    ),
    check=_check_amount,
    capacity=lambda currency, low, high: decimal_capacity(low, high, _places(currency)),
    holds=lambda value, currency, low, high: is_decimal(value, low, high, _places(currency)),
    source="minor units of ISO 4217",
)
def amount(draws: AnyDraws, *, currency: str, low: Decimal, high: Decimal) -> Column:
    """An amount of money, in as many decimal places as the currency has."""
    return decimals(draws, low, high, _places(currency))


def _check_percent(*, low: Decimal, high: Decimal, scale: int) -> None:
    unscaled_bounds(low, high, scale)


@generator(
    "finance.percent",
    type=decimal_type,
    options=(
        Option("low", "decimal", Decimal(0), "Smallest value."),
        Option("high", "decimal", Decimal(100), "Largest value, itself included."),
        Option("scale", "integer", 2, "Decimal places.", low=0, high=18),
    ),
    check=_check_percent,
    capacity=decimal_capacity,
    holds=is_decimal,
    source="uniform by definition",
)
def percent(draws: AnyDraws, *, low: Decimal, high: Decimal, scale: int) -> Column:
    """A percentage: 19.00 means 19 per cent."""
    return decimals(draws, low, high, scale)
