"""Which texts are surrogates already: told by their form, or remembered from what was recorded.

Surrogates of secrets carry a check. Those of people are told by the ranges and domains that invented values come from;
names cannot be told so, and are remembered (`adopt`) where a recording is played.
"""

from __future__ import annotations

import re

from hotfixture.capture.sanitising.credentials import JWT, header
from hotfixture.capture.sanitising.surrogates import is_surrogate as is_secret_surrogate
from hotfixture.generators.finance import BRANDS

_UNIQUE = re.compile(r".+\.[0-9a-z]{13}@(.+)")
"""The end of an invented mail address that is told apart from all others."""
_NORTH_AMERICA = re.compile(r"(?:\+?1[ .-]?)?\(?\d{3}\)?[ .-]?555[ .-]?01\d\d")
_STARTS = tuple(str(start) for _, starts in BRANDS.values() for start in starts)
_PUBLISHED = frozenset({
    "4111111111111111", "4242424242424242", "4012888888881881", "4000056655665556", "4000000000000002",
    "4000000000009995", "4222222222222", "4917610000000000", "5555555555554444", "5105105105105100",
    "5200828282828210", "2223003122003222", "2223000048400011", "378282246310005", "371449635398431",
    "378734493671000", "6011111111111117", "6011000990139424", "6011981111111113", "30569309025904",
    "38520000023237", "36227206271667", "3530111333300000", "3566002020360505",
})  # fmt: skip
"""Numbers that providers publish for tests: people plant them, generators give them once in ten million."""
_TEST_NET = re.compile(r"(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}|2001:0?db8:.*")


def email(text: str) -> bool:
    """Whether it is an invented mail address."""
    match = _UNIQUE.fullmatch(text)
    return match is not None and match[1].endswith((".example", ".test"))


def card(text: str) -> bool:
    """Whether it is the number of a test card, and none of those that are published."""
    digits = re.sub(r"\D", "", text)
    return digits.startswith(_STARTS) and digits not in _PUBLISHED


def phone(text: str) -> bool:
    """Whether it is one of the numbers that are kept for fiction in North America."""
    return _NORTH_AMERICA.fullmatch(text) is not None


def address(text: str) -> bool:
    """Whether it is one of the Internet addresses kept for documentation (RFC 5737, RFC 3849)."""
    return _TEST_NET.fullmatch(text) is not None


def secret(text: str) -> bool:
    """Whether it is the surrogate of a secret, or a token whose signature is one."""
    if is_secret_surrogate(text):
        return True
    if text.startswith("eyJ") and JWT.fullmatch(text) and header(text) is not None:
        parts = text.split(".")
        return is_secret_surrogate(parts[-1] or parts[1]) or is_secret_surrogate(parts[1])
    return False


def personal(text: str) -> bool:
    """Whether it is an invented mail address, card or telephone number, or an address for documentation."""
    return email(text) or phone(text) or address(text) or (text[:1].isdigit() and card(text))
