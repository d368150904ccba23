"""Numbers of people that tell themselves by a form and a check: cards, IBANs, telephones, national numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from hotfixture.capture.sanitising.credentials import Find
from hotfixture.transforms.patterns import CARD, EMAIL, IBAN, PHONE, iban, luhn

_CARD, _IBAN, _PHONE = (re.compile(pattern) for pattern in (CARD, IBAN, PHONE))
_LEFT, _RIGHT = re.compile(EMAIL.partition("@")[0] + r"\Z"), re.compile("@" + EMAIL.partition("@")[2])
_LOCAL, _DOMAIN = 64, 255
"""Characters before and after the `@` (RFC 5321, section 4.5.3.1)."""
_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11,13}"
    r"|6(?:011|4[4-9]\d|5\d\d)\d{12,15}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}|5018\d{12}|60\d{14}"
)
"""ISO/IEC 7812: which beginnings are issued, and how long their numbers are."""
_TELEPHONE = re.compile(r"\+\d[\d \u00a0().\-/]{6,}|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}|\(\d{2,5}\)[ -]?\d[\d -]{4,}")
"""What is distinctly a telephone number where no key says so: international, or as North Americans write it."""
_SSN = re.compile(r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")
_CPF = re.compile(r"(?<!\w)\d{3}\.\d{3}\.\d{3}-\d{2}(?!\w)")
_DNI = re.compile(r"(?<!\w)[XYZ]?\d{7,8}[A-HJ-NP-TV-Z](?!\w)")
_FISCAL = re.compile(r"(?<!\w)[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z](?!\w)")
_NIR = re.compile(r"(?<!\w)[12] \d{2} \d{2} \d{2} \d{3} \d{3} \d{2}(?!\w)")
_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_ODD = {**dict(zip("0123456789", (1, 0, 5, 7, 9, 13, 15, 17, 19, 21), strict=True)),
        **dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12,
                                                  14, 16, 10, 22, 25, 24, 23), strict=True))}  # fmt: skip


def card(text: str) -> bool:
    """Whether the digits are a card's: issued beginning, length, check digit."""
    digits = re.sub(r"\D", "", text)
    return bool(_ISSUERS.fullmatch(digits)) and luhn(digits)


def _cpf(text: str) -> bool:
    """Brazil: two check digits modulo 11."""
    digits = [int(character) for character in text if character.isdigit()]
    for size in (9, 10):
        total = sum(digit * (size + 1 - place) for place, digit in enumerate(digits[:size]))
        if total * 10 % 11 % 10 != digits[size]:
            return False
    return len(set(digits)) > 1


def _dni(text: str) -> bool:
    """Spain: the letter is the number modulo 23."""
    number = text[:-1].replace("X", "0").replace("Y", "1").replace("Z", "2")
    return len(text) == 9 and _LETTERS[int(number) % 23] == text[-1]


def _fiscal(text: str) -> bool:
    """Italy: a check letter over odd and even places."""
    total = sum(_ODD[character] for character in text[:15:2])
    total += sum(int(character, 36) - 10 * character.isalpha() for character in text[1:15:2])
    return chr(ord("A") + total % 26) == text[15]


def _nir(text: str) -> bool:
    """France: the key is 97 less the number modulo 97."""
    digits = text.replace(" ", "")
    return 97 - int(digits[:13]) % 97 == int(digits[13:])


def _any(_: str) -> bool:
    return True


_NATIONAL: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (_SSN, _any), (_CPF, _cpf), (_DNI, _dni), (_FISCAL, _fiscal), (_NIR, _nir),
)  # fmt: skip


def emails(text: str) -> Iterator[Find]:
    """Mail addresses; each is looked for around its `@`, so that long words cost no more than short ones."""
    at, done = text.find("@"), 0
    while at >= 0:
        right = _RIGHT.match(text, at, at + _DOMAIN)
        left = _LEFT.search(text, max(at - _LOCAL, done), at) if right else None
        if left and right:
            done = right.end()
            yield Find("email", left.start(), done, text[left.start() : done])
        at = text.find("@", max(at + 1, done))


def numbers(text: str) -> Iterator[Find]:
    """IBANs, cards, national numbers, telephones; what two of them claim comes twice, the surer first."""
    for match in _IBAN.finditer(text):
        if iban(match[0]):
            yield Find("iban", match.start(), match.end(), match[0])
    for match in _CARD.finditer(text):
        if card(match[0]) and not _within_number(text, match.start(), match.end()):
            yield Find("card", match.start(), match.end(), match[0])
    for pattern, holds in _NATIONAL:
        for match in pattern.finditer(text):
            if holds(match[0]):
                yield Find("national_id", match.start(), match.end(), match[0])
    for match in _PHONE.finditer(text):
        if _TELEPHONE.fullmatch(match[0]):
            yield Find("phone", match.start(), match.end(), match[0])


def _within_number(text: str, start: int, end: int) -> bool:
    """Whether the digits are part of an identifier or of a decimal fraction."""
    before, after = text[max(start - 2, 0) : start], text[end : end + 2]
    return (
        before[-1:].isalpha() or after[:1].isalpha() or before[-1:] == "_" or after[:1] == "_"
        or (before[-1:] in (".", "-") and before[:1].isalnum()) or (after[:1] == "-" and after[1:].isalnum())
    )  # fmt: skip
