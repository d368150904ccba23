"""What identifies people inside texts: e-mail, card, IBAN, IP, phone; found by form, confirmed by check digits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from ipaddress import AddressValueError, IPv6Address
from typing import NamedTuple


class Found(NamedTuple):
    """One find: what it is, where, and its text."""

    kind: str
    start: int
    end: int
    value: str


def luhn(text: str) -> bool:
    """Whether the digits end in the check digit of ISO/IEC 7812-1; all digits alike are none."""
    numbers = [int(character) for character in text if "0" <= character <= "9"]
    if not 12 <= len(numbers) <= 19 or len(set(numbers)) == 1:
        return False
    doubled = (number * 2 - 9 * (number > 4) for number in numbers[-2::-2])
    return (sum(numbers[-1::-2]) + sum(doubled)) % 10 == 0


def iban(text: str) -> bool:
    """Whether the text is an IBAN by ISO 13616: its check digits make it 1 modulo 97."""
    bare = re.sub(r"[\s-]", "", text).upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", bare):
        return False
    return int("".join(str(int(character, 36)) for character in bare[4:] + bare[:4])) % 97 == 1


def _ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return len(text) > 2


_DATE = re.compile(
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})(?:[\s]+\d{1,2}(?:[.]\d{2})?)?\s*\Z"
)
_NUMBERED = re.compile(r"(?:19|20)\d\d[-/]\d+\Z")
"""An invoice or case: `2024-000123`."""
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+\Z")


def phone(text: str) -> bool:
    """Whether a run of digits and separators is likely a phone number, and no date, amount or counter."""
    digits = sum(character.isdecimal() for character in text)
    if _DATE.match(text) or _GROUPED.match(text) or _NUMBERED.match(text):
        return False
    if text.startswith(("+", "(", "0")):
        return 7 <= digits <= 15
    return 10 <= digits <= 15 if text.isdecimal() else 7 <= digits <= 15 and not text.startswith("-")


EMAIL = r"[^\W_][\w.+%'’-]*@[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)+"
IBAN = r"(?<!\w)[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]{4}){2,7}(?:[ -]?[A-Za-z0-9]{1,3})?(?!\w)"
CARD = r"(?<![\d+])(?:\d[ -]?){11,18}\d(?!\d)"
IPV4 = r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d]|\.\d)"
IPV6 = r"(?<!\w)(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])"
PHONE = r"(?<![\w.\-/#+])(?:\+|00)?\(?\d(?:[ \u00a0().\-/]{0,2}\d){6,14}(?![\w])"

_KINDS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool] | None], ...] = (
    ("email", re.compile(EMAIL), None),
    ("iban", re.compile(IBAN), iban),
    ("card", re.compile(CARD), luhn),
    ("ipv6", re.compile(IPV6), _ipv6),
    ("ipv4", re.compile(IPV4), None),
    ("phone", re.compile(PHONE), phone),
)

KINDS = tuple(kind for kind, _, _ in _KINDS)
_HINTS = {"email": "@", "ipv6": ":", "ipv4": "."}
"""A character without which a kind cannot be there."""

WORTH_A_LOOK = (
    r"@"
    r"|(?:\d[^\p{L}\d]{0,4}){7}"
    r"|[A-Za-z]{2}\d{2}[ -]?[A-Za-z0-9]{4}"
    r"|\d\.\d+\.\d+\.\d"
    r"|[0-9A-Fa-f]*:[0-9A-Fa-f]*:"
)
"""RE2: a text without this holds none of them, and is not looked at further."""


def find(text: str) -> list[Found]:
    """All finds, in the order of the kinds; none overlaps another."""
    found: list[Found] = []
    for kind, pattern, holds in _KINDS:
        if _HINTS.get(kind, "") in text:
            found += [f for f in _matches(kind, pattern, text, holds) if _free(f, found)]
    return found


def _matches(kind: str, pattern: re.Pattern[str], text: str, holds: Callable[[str], bool] | None) -> Iterator[Found]:
    for match in pattern.finditer(text):
        if holds is None or holds(match[0]):
            yield Found(kind, match.start(), match.end(), match[0])


def _free(one: Found, found: list[Found]) -> bool:
    return all(one.end <= other.start or one.start >= other.end for other in found)


def is_wholly(kind: str, text: str) -> bool:
    """Whether the whole text, and nothing else, is one of that kind."""
    pattern, holds = next((pattern, holds) for name, pattern, holds in _KINDS if name == kind)
    return bool(pattern.fullmatch(text)) and (holds is None or holds(text))
