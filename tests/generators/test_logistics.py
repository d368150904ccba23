"""Logistics: check digits are right, beginnings nobody's."""

from __future__ import annotations

import re

import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.generators import find
from hotfixture.generators.pools import table

DRAWS = Draws.from_rows(11, "logistics", 0, 1_000)


@pytest.mark.parametrize(
    ("carrier", "form"),
    [
        ("generic", r"ZZ\d{10}"),
        ("s10", r"ZZ\d{9}[A-Z]{2}"),
        ("UPS", r"1Z999AA1\d{10}"),
        ("fedex", r"0\d{11}"),
        ("usps", r"9400100000000\d{9}"),
        ("dhl", r"000\d{7}"),
    ],
)
def test_tracking_numbers_have_the_form_of_their_carrier(carrier, form):
    assert all(re.fullmatch(form, number) for number in agreed("tracking_number", carrier=carrier, count=200))


def test_a_container_s_last_digit_is_the_remainder_that_iso_6346_asks_for():
    worth, number = {}, 10
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        number += number % 11 == 0
        worth[letter] = number
        number += 1
    for code in agreed("container_number", count=300):
        total = sum(worth.get(sign, ord(sign) - 48) * 2**place for place, sign in enumerate(code[:10]))
        assert total % 11 % 10 == int(code[10])
        assert re.fullmatch(r"ZZ[A-Z]U\d{7}", code)


@pytest.mark.parametrize(("name", "length"), [("sscc", 18), ("gln", 13)])
def test_numbers_of_gs1_have_the_prefix_of_examples_and_a_right_check_digit(name, length):
    for code in agreed(name, count=300):
        assert len(code) == length
        assert code[length - 17 if length == 18 else 0 :].startswith("952")
        assert sum(int(digit) * (1 + 2 * (place % 2)) for place, digit in enumerate(reversed(code))) % 10 == 0


def test_the_last_digit_of_an_air_waybill_is_the_remainder_by_7():
    assert all(int(code[4:11]) % 7 == int(code[11]) for code in agreed("air_waybill", count=300))


def test_ships_numbers_pass_the_check_and_begin_with_0():
    for code in agreed("imo_number", count=300):
        digits = [int(digit) for digit in code[4:]]
        assert sum(digit * weight for digit, weight in zip(digits, (7, 6, 5, 4, 3, 2), strict=False)) % 10 == digits[6]
        assert digits[0] == 0


def test_codes_of_ports_begin_with_their_country():
    rows = find("port_record")(DRAWS).to_pylist()
    assert all(row["code"].startswith(row["country"]) for row in rows)
    assert find("logistics.port")(DRAWS).to_pylist() == [row["port"] for row in rows]
    assert {row["country"] for row in agreed("port_record", country="nl")} == {"NL"}


def test_there_are_eleven_delivery_terms():
    assert len(table("logistics/incoterms")["code"]) == 11
    pairs = dict(zip(find("incoterm")(DRAWS).to_pylist(), find("incoterm_name")(DRAWS).to_pylist(), strict=True))
    assert pairs["DDP"] == "delivered duty paid"


@pytest.mark.parametrize(
    ("digits", "form"), [("6", r"\d{4}\.\d\d"), ("8", r"\d{4}\.\d\d\.\d\d"), ("10", r"\d{4}\.\d\d\.\d{4}")]
)
def test_tariff_codes_begin_with_a_chapter_that_exists(digits, form):
    for code in agreed("hs_code", digits=digits, count=200):
        assert re.fullmatch(form, code)
        assert 1 <= int(code[:2]) <= 97
        assert code[:2] != "77"


def test_the_size_of_a_container_is_said_by_its_code():
    feet = {"1": 10, "2": 20, "4": 40, "L": 45}
    columns = table("logistics/container_types")
    for code, length in zip(columns["code"].lines, columns["length_ft"].lines, strict=True):
        assert feet[code[0]] == length
