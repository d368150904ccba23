"""Identifiers of securities, and addresses on chains."""

from __future__ import annotations

import re

import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.generators import find
from hotfixture.generators.finance import is_luhn

DRAWS = Draws.from_rows(9, "securities", 0, 500)


@pytest.mark.parametrize(("prefix", "form"), [("ZZ", r"ZZ\d{10}"), ("US", r"US99\d{8}"), ("xs", r"XS000\d{7}")])
def test_isins_lie_in_ranges_that_nobody_issues_and_pass_luhn_as_numbers(prefix, form):
    for code in agreed("isin", prefix=prefix, count=200):
        assert re.fullmatch(form, code)
        assert is_luhn("".join(str(int(sign, 36)) for sign in code))


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("cusip", r"99\d[A-HJ-NP-Z][0-9]{2}[0-9A-HJ-NP-Z]{2}\d"),
        ("sedol", r"9\d{6}"),
        ("lei", r"000000[0-9A-Z]{12}\d\d"),
        ("ticker", r"ZZ[A-Z]{2}"),
        ("bitcoin_address", r"bcrt1q[02-9ac-hj-np-z]{38}"),
        ("ethereum_address", r"0xdead[0-9a-f]{36}"),
        ("transaction_hash", r"0x[0-9a-f]{64}"),
    ],
)
def test_identifiers_have_their_form_and_reserved_beginning(name, form):
    assert all(re.fullmatch(form, code) for code in agreed(name, count=200))


def test_a_lei_leaves_one_by_97():
    assert all(int("".join(str(int(sign, 36)) for sign in code)) % 97 == 1 for code in agreed("lei", count=300))


def test_every_place_of_a_long_hash_is_drawn():
    codes = agreed("transaction_hash", count=500)
    assert all(len({code[place] for code in codes}) == 16 for place in range(2, 66))


def test_market_codes_belong_to_their_exchange():
    pairs = dict(zip(find("mic")(DRAWS).to_pylist(), find("stock_exchange")(DRAWS).to_pylist(), strict=True))
    assert pairs["XNYS"] == "New York Stock Exchange"
    assert pairs["XETR"] == "Xetra"
