"""Cards, merchants, transactions."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.generators import find
from hotfixture.generators.finance import BRANDS, is_luhn
from hotfixture.generators.pools import table

DRAWS = Draws.from_rows(9, "payments", 0, 2_000)


@pytest.mark.parametrize(
    ("code", "words"), [("5411", "grocery"), ("5812", "restaurant"), ("7011", "hotel"), ("5912", "pharm")]
)
def test_codes_of_trades_mean_what_iso_18245_says(code, words):
    columns = table("finance/merchant_categories")
    assert words in columns["category"][columns["code"].lines.index(code)]


def test_merchant_and_code_are_of_the_trade_of_the_same_draws():
    columns = table("finance/merchant_categories")
    shops = dict(zip(columns["category"].lines, columns["shop"].lines, strict=True))
    codes = dict(zip(columns["category"].lines, columns["code"].lines, strict=True))
    trades = find("merchant_category")(DRAWS).to_pylist()
    for trade, name, code in zip(
        trades, find("merchant")(DRAWS).to_pylist(), find("mcc")(DRAWS).to_pylist(), strict=True
    ):
        assert name.endswith(f" {shops[trade]}")
        assert code == codes[trade]


def test_cards_have_length_check_digit_and_code_of_their_brand():
    rows = find("card_record")(DRAWS).to_pylist()
    assert {row["brand"] for row in rows} == set(BRANDS)
    for row in rows:
        assert is_luhn(row["number"])
        assert len(row["number"]) == BRANDS[row["brand"]][0]
        assert len(row["cvv"]) == (4 if row["brand"] == "amex" else 3)


def test_cards_expire_within_six_years_of_the_first():
    found = {text[3:] for text in agreed("card_expiry", first_year=2031, count=600)}
    assert found == {f"{year % 100:02d}" for year in range(2031, 2037)}


def test_transactions_agree_with_the_single_generators_of_the_same_draws():
    rows = find("finance.transaction")(DRAWS, currency="usd").to_pylist()
    assert {row["currency"] for row in rows} == {"USD"}
    for name, field in (("merchant", "merchant"), ("mcc", "category_code")):
        assert find(name)(DRAWS).to_pylist() == [row[field] for row in rows]
    assert all(Decimal("0.5") <= row["amount"] <= 2500 for row in rows)
    assert len({row["id"] for row in rows}) == len(rows)
    assert {row["type"] for row in rows} == {"card payment", "refund", "reversal", "chargeback"}


def test_most_transactions_are_settled():
    counts = Counter(agreed("transaction_status", count=4_000))
    assert 0.78 < counts["settled"] / 4_000 < 0.86
