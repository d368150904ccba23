"""Check characters: each rule twice, for columns of drawn places and, written another way, for one finished code.

The first of each pair takes the letters and digits of a code as numbers (A is 10), with 0 where the check stands, and
gives the check number. The second takes the code as text and says whether its check is right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from hotfixture.generators import values

if TYPE_CHECKING:
    from hotfixture.generators.values import Column

Signs = Sequence["Column"]
SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def plain(code: str) -> str:
    """The letters and digits alone."""
    return "".join(character for character in code if character.isalnum())


def numbers(code: str) -> list[int]:
    """Letters and digits as numbers."""
    return [int(character, 36) for character in plain(code)]


def weighed(signs: Signs, weights: Sequence[int]) -> Column:
    """The sum of the places, each times its weight."""
    total: Column = 0
    for sign, weight in zip(signs, weights, strict=True):
        total = total + sign * weight
    return total


_DOUBLED = tuple(2 * digit - 9 * (digit > 4) for digit in range(10))


def luhn(signs: Signs) -> Column:
    """ISO/IEC 7812-1, annex B: every second digit doubled, the one beside the check digit first."""
    total: Column = 0
    for place, sign in enumerate(reversed(signs)):
        total = total + (values.lookup(_DOUBLED, sign) if place % 2 else sign)
    return -total % 10


def is_luhn(code: str) -> bool:
    """Whether the sum of digits, every second one from the end doubled, is a multiple of ten."""
    digits = plain(code)
    return digits.isdecimal() and not sum(
        sum(map(int, str(int(digit) * (1 + place % 2)))) for place, digit in enumerate(reversed(digits))
    ) % 10  # fmt: skip


def npi(signs: Signs) -> Column:
    """45 CFR 162.406: Luhn over 80840 and the identifier."""
    return luhn([8, 0, 8, 4, 0, *signs])


def is_npi(code: str) -> bool:
    """Whether 80840 and the identifier pass Luhn's check."""
    return is_luhn(f"80840{code}")


def isin(signs: Signs) -> Column:
    """ISO 6166: Luhn over the digits, of which each of the two letters in front makes two."""
    return luhn([digit for letter in signs[:2] for digit in (letter // 10, letter % 10)] + list(signs[2:]))


def is_isin(code: str) -> bool:
    """Whether the code, its letters written as numbers, passes Luhn's check."""
    return is_luhn("".join(map(str, numbers(code))))


def aba(signs: Signs) -> Column:
    """Routing numbers of the American Bankers Association: weights 3, 7, 1, a multiple of ten."""
    return -weighed(signs, (3, 7, 1) * 3) % 10


def is_aba(code: str) -> bool:
    """Whether 3 (a+d+g) + 7 (b+e+h) + (c+f+i) is a multiple of ten."""
    found = numbers(code)
    return not (3 * sum(found[0::3]) + 7 * sum(found[1::3]) + sum(found[2::3])) % 10


def cusip(signs: Signs) -> Column:
    """ANSI X9.6: every second place doubled, the digits of each added."""
    total: Column = 0
    for place, sign in enumerate(signs[:-1]):
        doubled = sign * (1 + place % 2)
        total = total + doubled // 10 + doubled % 10
    return -total % 10


def is_cusip(code: str) -> bool:
    """Whether the digit sums of the places, the even ones doubled, and the check make a multiple of ten."""
    found = numbers(code)
    sums = [sum(map(int, str(number * (2 if place % 2 else 1)))) for place, number in enumerate(found[:8])]
    return (sum(sums) + found[8]) % 10 == 0


_SEDOL = (1, 3, 1, 7, 3, 9, 1)


def sedol(signs: Signs) -> Column:
    """SEDOL: weights 1, 3, 1, 7, 3, 9, a multiple of ten."""
    return -weighed(signs, _SEDOL) % 10


def is_sedol(code: str) -> bool:
    """Whether the weighted sum, the check included, is a multiple of ten."""
    return sum(number * weight for number, weight in zip(numbers(code), _SEDOL, strict=True)) % 10 == 0


def mod_97(signs: Signs) -> Column:
    """ISO 7064 MOD 97-10: two digits at the end that leave the remainder 1."""
    remainder: Column = 0
    for sign in signs:
        remainder = (remainder * values.where(sign > 9, 100, 10) + sign) % 97
    return 98 - remainder


def is_mod_97(code: str) -> bool:
    """Whether the code, its letters written as numbers, leaves 1 when divided by 97."""
    return int("".join(map(str, numbers(code)))) % 97 == 1


# Letters of a container's owner count 10 … 38, the multiples of 11 left out.
_CONTAINER = (*range(10), *(number for number in range(10, 39) if number % 11))


def iso_6346(signs: Signs) -> Column:
    """ISO 6346: weights 1, 2, 4 … 512; modulo 11, ten as 0."""
    total: Column = 0
    for place, sign in enumerate(signs[:10]):
        total = total + values.lookup(_CONTAINER, sign) * (1 << place)
    return total % 11 % 10


def is_iso_6346(code: str) -> bool:
    """Whether the remainder of the weighted sum is the last digit."""
    letters = dict(zip(SIGNS, _CONTAINER, strict=True))
    total = 0
    for character in reversed(code[:10]):
        total = 2 * total + letters[character]
    return total % 11 % 10 == int(code[10])


_S10 = (8, 6, 4, 2, 3, 5, 9, 7)


def upu_s10(signs: Signs) -> Column:
    """UPU S10: weights 8 6 4 2 3 5 9 7 over the serial number; 11 minus the remainder, 10 as 0 and 11 as 5."""
    return values.lookup((5, 0, 9, 8, 7, 6, 5, 4, 3, 2, 1), weighed(signs[2:10], _S10) % 11)


def is_upu_s10(code: str) -> bool:
    """Whether 11 minus the remainder of the weighted serial number is the ninth digit, 10 and 11 as the rule says."""
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(code[2:10], _S10, strict=True)) % 11
    return {10: 0, 11: 5}.get(rest, rest) == int(code[10])


def imo(signs: Signs) -> Column:
    """IMO ship identification: the six digits times 7 … 2; the last digit of the sum. Letters in front do not count."""
    return weighed(signs[-7:-1], (7, 6, 5, 4, 3, 2)) % 10


def is_imo(code: str) -> bool:
    """Whether the last digit of the weighted sum is the last digit."""
    digits = [int(digit) for digit in code if digit.isdecimal()]
    return sum(digit * (7 - place) for place, digit in enumerate(digits[:6])) % 10 == digits[6]


def gs1(signs: Signs) -> Column:
    """GS1 General Specifications 7.9: weights 3 and 1 in turn, 3 beside the check digit."""
    return -weighed(signs, [1 + 2 * ((len(signs) - place) % 2 == 0) for place in range(len(signs))]) % 10


def is_gs1(code: str) -> bool:
    """Whether three times every second digit, from beside the check on, and the others make a multiple of ten."""
    digits = numbers(code)[::-1]
    return (sum(digits[0::2]) + 3 * sum(digits[1::2])) % 10 == 0


def mod_7(first: int) -> Callable[[Signs], Column]:
    """The remainder by 7 of the number that begins at place `first`."""

    def check(signs: Signs) -> Column:
        remainder: Column = 0
        for sign in signs[first:-1]:
            remainder = (remainder * 10 + sign) % 7
        return remainder

    return check


def is_mod_7(first: int) -> Callable[[str], bool]:
    """Whether the last digit is the remainder by 7 of the number before it, from place `first` on."""
    return lambda code: int(plain(code)[first:-1]) % 7 == int(code[-1])


_VIN_LETTERS = "0123456789.ABCDEFGH..JKLMN.P.R..STUVWXYZ"
_VIN_VALUES = {character: place % 10 for place, character in enumerate(_VIN_LETTERS)}
_VIN = tuple(_VIN_VALUES.get(character, 0) for character in SIGNS)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def vin(signs: Signs) -> Column:
    """49 CFR 565.15 (c): letters by table III, weights by table IV, the remainder by 11, ten as X."""
    return weighed([values.lookup(_VIN, sign) for sign in signs], _VIN_WEIGHTS) % 11


def is_vin(code: str) -> bool:
    """Whether the ninth place is the remainder by 11 of the weighted sum of the others."""
    total = sum(_VIN_VALUES[character] * weight for character, weight in zip(code, _VIN_WEIGHTS, strict=True))
    return "0123456789X"[total % 11] == code[8]


_PRIMES = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)


def nhs(signs: Signs) -> Column:
    """NHS numbers: weights 10 … 2, 11 minus the remainder by 11, 11 as 0; a number whose check is 10 is not issued."""
    return (11 - weighed(signs[:9], range(10, 1, -1)) % 11) % 11


def is_nhs(code: str) -> bool:
    """Whether the weighted sum, the check included, is a multiple of 11."""
    digits = numbers(code)
    return sum(digit * (10 - place) for place, digit in enumerate(digits)) % 11 == 0


def mpan(signs: Signs) -> Column:
    """The core of a British meter point: the twelve digits times primes (11 left out), modulo 11, then modulo 10."""
    return weighed(signs[:12], _PRIMES) % 11 % 10


def is_mpan(code: str) -> bool:
    """Whether the last digit is the remainder of the weighted sum by 11, of that by 10."""
    digits = numbers(code)
    return sum(map(int.__mul__, digits[:12], _PRIMES)) % 11 % 10 == digits[12]


def eic(signs: Signs) -> Column:
    """Energy Identification Codes (ENTSO-E): weights 16 … 2, 36 minus the remainder of (sum - 1) by 37."""
    return 36 - (weighed(signs[:15], range(16, 1, -1)) + 36) % 37


def is_eic(code: str) -> bool:
    """Whether the weighted sum, the check included, leaves no remainder by 37; a hyphen counts 36, and is no check."""
    worth = [36 if character == "-" else int(character, 36) for character in code]
    total = sum(number * weight for number, weight in zip(worth, range(16, 0, -1), strict=True))
    return total % 37 == 0 and code[15] != "-"


def fedex(signs: Signs) -> Column:
    """Twelve-digit express numbers: weights 3, 1, 7; modulo 11, then modulo 10."""
    return weighed(signs[:11], (3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1)) % 11 % 10


def is_fedex(code: str) -> bool:
    """Whether the last digit is the remainder of the weighted sum."""
    digits = numbers(code)
    total = 3 * sum(digits[0:11:3]) + sum(digits[1:11:3]) + 7 * sum(digits[2:11:3])
    return total % 11 % 10 == digits[11]


def ups(signs: Signs) -> Column:
    """`1Z` numbers: fifteen places, letters as (number - 8) modulo 10, every second one doubled; a multiple of ten."""
    rest = [values.lookup(_UPS, sign) for sign in signs[2:17]]
    return -weighed(rest, (1, 2) * 7 + (1,)) % 10


_UPS = (*range(10), *((place + 2) % 10 for place in range(26)))


def is_ups(code: str) -> bool:
    """Whether the sum, the check included, is a multiple of ten."""
    rest = [int(character) if character.isdecimal() else (ord(character) - 63) % 10 for character in code[2:]]
    return (sum(rest[0:15:2]) + 2 * sum(rest[1:15:2]) + rest[15]) % 10 == 0
