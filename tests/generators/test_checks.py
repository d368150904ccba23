"""Check characters: published examples, and both roads of every rule against each other."""

from __future__ import annotations

import pytest

from hotfixture.generators import checks

# Examples printed in the standards themselves or by the bodies that issue the codes.
PUBLISHED = {
    "luhn": ["4992739871" + "6", "490154203237518", "79927398713"],
    "npi": ["1234567893"],
    "isin": ["US0378331005", "GB0002634946", "AU0000XVGZA3", "DE000BAY0017"],
    "aba": ["111000025", "021000021", "122105155"],
    "cusip": ["037833100", "17275R102", "38259P508", "594918104", "68389X105"],
    "sedol": ["0263494", "B0YBKJ7", "7108899", "B0YBLH2"],
    "mod_97": ["HWUPKR0MPOU8FGXBT394", "7ZW8QJWVPR4P1J1KQY45", "5493001KJTIIGC8Y1R12"],
    "iso_6346": ["CSQU3054383", "MSKU6011672", "TOLU4734787"],
    "upu_s10": ["RB123456785GB", "EE876543216CA", "RR473124829CN"],
    "imo": ["IMO9074729", "IMO9319466"],
    "gs1": ["4006381333931", "106141411234567897", "006141411234567890"],
    "vin": ["11111111111111111", "1M8GDM9AXKP042788", "5GZCZ43D13S812715"],
    "nhs": ["9434765919", "4010232137", "9876543210"],
    "mpan": ["2000055901300"],
    "eic": ["10YDE-VE-------2", "10YFR-RTE------C", "10YDE-RWENET---I", "10YAT-APG------L"],
    "fedex": ["986578788855", "477179081230", "799531274483"],
    "ups": ["1Z999AA10123456784", "1Z5R89390357567127"],
}


@pytest.mark.parametrize(("rule", "code"), [(rule, code) for rule, codes in PUBLISHED.items() for code in codes])
def test_published_codes_are_right(rule, code):
    assert getattr(checks, f"is_{rule}")(code)


@pytest.mark.parametrize("rule", PUBLISHED)
def test_another_check_character_is_wrong(rule):
    code = PUBLISHED[rule][0]
    place = {"upu_s10": 10, "vin": 8}.get(rule, len(code) - 1)
    others = [f"{code[:place]}{digit}{code[place + 1 :]}" for digit in "0123456789" if digit != code[place]]
    assert not any(getattr(checks, f"is_{rule}")(other) for other in others)


@pytest.mark.parametrize(("number", "check"), [("1572345678", 0), ("0161234567", 3)])
def test_the_remainder_by_seven_is_that_of_the_number(number, check):
    assert checks.mod_7(0)([*map(int, number), 0]) == int(number) % 7
    assert checks.is_mod_7(0)(f"{number}{int(number) % 7}")
    assert not checks.is_mod_7(0)(f"{number}{(int(number) + 1) % 7}")


# Where the check stands, and how its number is written.
PLACES = {"vin": (8, 9, "0123456789X"), "upu_s10": (10, 11, checks.SIGNS[:10]), "mod_97": (18, 20, None)}


# Generated codes have no hyphens that count, and ISINs digits behind their country.
COMPUTABLE = [
    (rule, code)
    for rule, codes in PUBLISHED.items()
    for code in codes
    if "-" not in code and (rule != "isin" or code[2:].isdecimal())
]


@pytest.mark.parametrize(("rule", "code"), COMPUTABLE)
def test_the_check_computed_from_the_other_places_is_the_published_one(rule, code):
    start, end, marks = PLACES.get(rule, (len(code) - 1, len(code), checks.SIGNS))
    signs = [0 if start <= place < end else number for place, number in enumerate(checks.numbers(code))]
    found = getattr(checks, rule)(signs)
    assert (f"{found:02d}" if marks is None else marks[found]) == code[start:end]
