"""Numbers of documents: well-formed, and where an authority keeps numbers that it never issues, one of those."""

from __future__ import annotations

from hotfixture.generators import checks
from hotfixture.generators.base import Column
from hotfixture.generators.codes import coded, variant

_SLOTS = {
    "area": tuple(str(number) for number in range(900, 1000)),
    "group": tuple(f"{number:02d}" for number in range(1, 50)),
    "hundreds": tuple(f"{number:02d}" for number in range(1, 100)),
    "day": tuple(f"{number:02d}" for number in range(1, 29)),
    "month": tuple(f"{number:02d}" for number in range(1, 13)),
    "later": tuple(str(number) for number in range(61, 73)),
    "decade": tuple(str(number) for number in range(40, 100)),
    "year": tuple(str(number) for number in range(1940, 2010)),
    "test": tuple(str(number) for number in range(900, 1000)),
    "suffix": tuple("ABCD"),
}
_SSN = "{area}-{group}-{hundreds}##"

ssn = coded(
    "people.ssn",
    _SSN,
    slots=_SLOTS,
    doc="A social security number of the United States that is never issued.",
    source="20 CFR 422.103 and SSA: no area from 900 to 999 is assigned; groups 01 to 49 keep clear of the numbers "
    "that the tax office issues there",
)


def hetu(signs: checks.Signs) -> Column:
    """Digital and Population Data Services Agency: day, month, year and individual number modulo 31."""
    number: Column = 0
    for sign in signs[:9]:
        number = number * 10 + sign
    return number % 31


def is_hetu(code: str) -> bool:
    """Whether the last character is the one that the digits give, read as one number."""
    return "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(code[:6] + code[7:10]) % 31] == code[10]


def pesel(signs: checks.Signs) -> Column:
    """Act on the population register: weights 1 3 7 9, in turn."""
    return -checks.weighed(signs[:10], (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10


def is_pesel(code: str) -> bool:
    """Whether the weighed sum of all digits is a multiple of ten."""
    return not sum(int(digit) * int(weight) for digit, weight in zip(code, "13791379131", strict=True)) % 10


def resident(signs: checks.Signs) -> Column:
    """GB 11643: ISO 7064 MOD 11-2."""
    remainder: Column = 0
    for sign in signs[:17]:
        remainder = (remainder + sign) * 2 % 11
    return (12 - remainder) % 11


def is_resident(code: str) -> bool:
    """Whether the digits, as coefficients of powers of two, are 1 modulo 11."""
    return code.isdecimal() and sum(pow(2, place, 11) * int(digit) for place, digit in enumerate(code[::-1])) % 11 == 1


_NATIONAL = {
    "US": _SSN,
    "GB": "QQ######{suffix}",
    "CA": "0## ### ##=",
    "FI": "{day}{month}{decade}-{test}=",
    "PL": "##{later}{day}####=",
    "CN": "999999{year}{month}{day}###=",
}
national_id = coded(
    "people.national_id",
    _NATIONAL,
    option=variant("country", _NATIONAL, "US", "Whose number."),
    slots=_SLOTS,
    check={"CA": checks.luhn, "FI": hetu, "PL": pesel, "CN": resident},
    valid={"CA": checks.is_luhn, "FI": is_hetu, "PL": is_pesel, "CN": is_resident},
    marks="0123456789ABCDEFHJKLMNPRSTUVWXY",
    avoid=10,
    doc="The number by which a country knows a person, of a kind that it never issues.",
    source="US: as ssn; GB: HMRC's own example prefix QQ; CA: no social insurance number begins with 0; FI: individual "
    "numbers from 900 are for tests; PL: births from 2200 on; CN: no region has the code 999999",
)

_PASSPORTS = {
    "US": "?########", "GB": "#########", "CA": "??######", "AU": "?#######", "FR": "##??#####", "JP": "??#######",
    "IN": "?#######", "UTO": "L########",
}  # fmt: skip
passport_number = coded(
    "people.passport_number",
    _PASSPORTS,
    option=variant("country", _PASSPORTS, "UTO", "Whose form; UTO is Utopia, which issues specimens alone."),
    doc="The number of a passport; by default one of Utopia, which cannot be somebody's.",
    source="ICAO Doc 9303: the code UTO is for specimens; other forms as the countries print them, where no number is "
    "reserved",
)

_LICENCES = {
    "CA": "?#######", "NY": "### ### ###", "TX": "########", "FL": "?###-###-##-###-#", "IL": "?###-####-####",
    "WA": "WDL???????##", "NJ": "?#### ##### #####", "MA": "S########",
}  # fmt: skip
driver_licence = coded(
    "people.driver_licence",
    _LICENCES,
    option=variant("state", _LICENCES, "CA", "The state of the United States whose form it has."),
    doc="The number of a driver licence: the form is right, the number means nobody.",
    source="forms as the states print them; no number is reserved, so a driver may have it by chance",
)
