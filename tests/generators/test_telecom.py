"""Telecommunications: test ranges, right check digits, calls that add up."""

from __future__ import annotations

import re

import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.generators import find
from hotfixture.generators.telecom import MSISDNS


def is_luhn(number):
    doubled = (str(int(digit) * (1 + place % 2)) for place, digit in enumerate(reversed(number)))
    return sum(int(digit) for digits in doubled for digit in digits) % 10 == 0


DRAWS = Draws.from_rows(13, "telecom", 0, 3_000)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("imei", r"001\d{12}"),
        ("imeisv", r"001\d{13}"),
        ("iccid", r"89999\d{14}"),
        ("imsi", r"00101\d{10}"),
        ("eid", r"89999\d{27}"),
        ("plmn", r"001-001?|999-\d\d"),
    ],
)
def test_numbers_have_their_length_and_the_beginning_of_tests(name, form):
    assert all(re.fullmatch(form, number) for number in agreed(name, count=300))


def test_devices_and_cards_pass_luhn():
    assert all(is_luhn(number) for number in agreed("imei", count=300))
    assert all(is_luhn(number) for number in agreed("iccid", digits="19", count=300))
    assert all(is_luhn(number) and len(number) == 20 for number in agreed("iccid", digits="20", count=300))


def test_an_eid_leaves_one_by_97():
    assert all(int(number) % 97 == 1 for number in agreed("eid", count=300))


@pytest.mark.parametrize(
    ("country", "form"),
    [
        ("US", r"\+1[2-9]\d\d55501\d\d"),
        ("gb", r"\+447700900\d{3}"),
        ("DE", r"\+4917139200\d\d"),
        ("FR", r"\+3363998\d{4}"),
        ("IE", r"\+3532091\d{5}"),
        ("SE", r"\+467017406\d\d"),
        ("AU", r"\+6149157\d{4}"),
        ("none", r"\+999\d{10}"),
    ],
)
def test_subscribers_numbers_lie_in_the_ranges_kept_for_fiction(country, form):
    assert all(re.fullmatch(form, number) for number in agreed("msisdn", country=country, count=200))


@pytest.mark.parametrize("country", MSISDNS)
def test_calls_that_nobody_answered_lasted_no_time(country):
    rows = find("call_record")(DRAWS, country=country).to_pylist()
    for row in rows:
        assert (row["duration_s"] > 0) == (row["result"] in ("answered", "voicemail"))
        assert (row["ended_at"] - row["started_at"]).total_seconds() == row["duration_s"]
    assert sum(row["caller"] == row["callee"] for row in rows) < len(rows) * 0.05


def test_a_sim_card_holds_what_the_single_generators_make_of_the_same_draws():
    rows = find("sim_card")(DRAWS).to_pylist()
    for name in ("iccid", "imsi", "msisdn", "imei", "plan"):
        assert find(f"telecom.{name}")(DRAWS).to_pylist() == [row[name] for row in rows]


def test_access_points_lie_under_a_reserved_domain():
    assert all(name.endswith(".example") for name in agreed("apn", count=200))
