"""Banks, currencies, taxes."""

from __future__ import annotations

import re

import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.errors import UnknownNameError
from hotfixture.generators import find, generate
from hotfixture.generators.pools import table

DRAWS = Draws.from_rows(9, "banking", 0, 2_000)


def test_routing_numbers_pass_the_bankers_check_and_lie_in_no_district_of_the_federal_reserve():
    used = {*range(13), *range(21, 33), *range(61, 73), 80}
    for number in agreed("routing_number", count=500):
        digits = [int(digit) for digit in number]
        assert (3 * (digits[0] + digits[3] + digits[6]) + 7 * (digits[1] + digits[4] + digits[7])
                + digits[2] + digits[5] + digits[8]) % 10 == 0  # fmt: skip
        assert int(number[:2]) not in used


@pytest.mark.parametrize(
    ("length", "form"), [("8", r"ZZ[A-Z]{2}[A-Z]{2}[A-Z0-9]0"), ("11", r"ZZ[A-Z]{4}.0[A-Z0-9]{3}")]
)
def test_bics_are_those_of_tests(length, form):
    assert all(re.fullmatch(form, code) for code in agreed("bic", length=length, count=200))


def test_currency_name_and_symbol_are_those_of_the_code_of_the_same_draws():
    rows = find("currency_record")(DRAWS).to_pylist()
    assert find("finance.currency")(DRAWS).to_pylist() == [row["code"] for row in rows]
    assert find("currency_name")(DRAWS).to_pylist() == [row["name"] for row in rows]
    known = {row["code"]: (row["name"], row["symbol"]) for row in rows}
    assert known["EUR"] == ("Euro", "€")
    assert known["JPY"] == ("Japanese Yen", "¥")
    assert table("finance/currency_names")["code"].lines == table("currencies")["code"].lines


@pytest.mark.parametrize(("country", "rate"), [("DE", 19.0), ("fr", 20.0), ("CH", 8.1), ("FI", 25.5)])
def test_tax_rates_are_those_of_the_country(country, rate):
    assert set(agreed("tax_rate", country=country)) == {rate}


def test_a_country_without_a_known_rate_is_refused():
    with pytest.raises(UnknownNameError, match="DEX"):
        generate("tax_rate", country="DEX")


@pytest.mark.parametrize(
    ("currency", "form"), [("EUR", r"\d{1,3}\.\d\d EUR"), ("jpy", r"\d{3,5} JPY"), ("KWD", r"\d{1,2}\.\d{3} KWD")]
)
def test_prices_have_the_decimal_places_of_their_currency(currency, form):
    assert all(re.fullmatch(form, price) for price in agreed("price_with_currency", currency=currency, count=300))


def test_credit_scores_are_most_often_in_the_middle():
    scores = agreed("credit_score", count=2_000)
    assert sum(450 <= score <= 700 for score in scores) > 1_200


@pytest.mark.parametrize(
    ("style", "form"), [("plain", r"INV-\d{6}"), ("year", r"INV-2024-\d{5}"), ("month", r"2024(0[1-9]|1[0-2])-\d{4}")]
)
def test_invoices_have_the_style_asked_for(style, form):
    assert all(re.fullmatch(form, number) for number in agreed("invoice_number", style=style, count=100))
