"""Payments: cards, merchants and transactions whose parts agree."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from hotfixture.generators import finance, lanes, people, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.codes import coded, variant
from hotfixture.generators.moments import YEAR, at_second, span_of
from hotfixture.generators.numbers import decimals, is_decimal
from hotfixture.generators.options import Option
from hotfixture.generators.pools import Pool, members, pool, table
from hotfixture.generators.records import Records
from hotfixture.generators.vocabularies import enumeration, weighted_vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

_SHARES = "our own shares"
transaction_type = weighted_vocabulary(
    "finance.transaction_type", "finance/transaction_type", doc="What kind of transaction.", source=_SHARES
)
transaction_status = weighted_vocabulary(
    "finance.transaction_status", "finance/transaction_status", doc="What became of a transaction.", source=_SHARES
)
payment_method = weighted_vocabulary(
    "finance.payment_method", "finance/payment_method", doc="How somebody pays.", source=_SHARES
)
payment_status = weighted_vocabulary(
    "finance.payment_status", "finance/payment_status", doc="What became of a payment.", source=_SHARES
)
card_network = weighted_vocabulary(
    "finance.card_network", "finance/card_network", doc="The network of a payment card.", source=_SHARES
)
card_kind = weighted_vocabulary(
    "finance.card_kind", "finance/card_kind", doc="Credit, debit, prepaid or charge card.", source=_SHARES
)

_CATEGORIES = Records(
    "finance/merchant_categories",
    lane=lanes.MERCHANT_CATEGORY,
    source="ISO 18245 for the codes, which name trades; descriptions in our own words; shops are invented",
)
merchant_category = _CATEGORIES.column("finance.merchant_category", "category", doc="What a merchant trades in.")
merchant_category_code = _CATEGORIES.column("finance.merchant_category_code", "code", doc="The code of a trade (MCC).")
merchant_category_record = _CATEGORIES.record(
    "finance.merchant_category_record",
    "code category",
    doc="A merchant's trade: its code and its description, which agree.",
)


@cache
def _shops() -> Pool:
    return Pool([f" {shop}" for shop in table("finance/merchant_categories")["shop"].lines])


def _is_merchant(value: Any) -> bool:
    return any(
        value.endswith(shop) and value[: -len(shop)] in members("finance/merchant_name") for shop in _shops().lines
    )


@generator(
    "finance.merchant",
    source="invented names and the word of the trade, our own lists; a real shop may bear such a name by chance",
    holds=_is_merchant,
    capacity=lambda: len(members("finance/merchant_name")) * len(set(_shops().lines)),
)
def merchant(draws: AnyDraws) -> Column:
    """An invented merchant whose trade is that of `merchant_category` of the same draws."""
    names = pool("finance/merchant_name")
    name = values.pick(names, draws.lane(lanes.own("finance.merchant")).below(len(names)))
    return values.join(name, values.pick(_shops(), _CATEGORIES.index(draws)))


FIRST_YEAR = Option("first_year", "integer", 2026, "Earliest year of expiry; never today's.", low=2000, high=2090)


def _months(first_year: int) -> list[str]:
    return [f"{month:02d}/{year % 100:02d}" for year in range(first_year, first_year + 6) for month in range(1, 13)]


card_expiry = enumeration(
    "finance.card_expiry",
    _months,
    options=(FIRST_YEAR,),
    doc="The month until which a card is valid, within six years: `09/28`.",
    source="ISO/IEC 7813 has year and month; month and year are embossed",
)
_CVVS = {"3": "###", "4": "####"}
card_cvv = coded(
    "finance.card_cvv",
    _CVVS,
    option=variant("digits", _CVVS, "3", "3 digits, or 4 as American Express has."),
    doc="The security code of a card.",
    source="three digits, or four on American Express; no code of any real card is derived",
)

_CARD = ("brand", "number", "expiry", "cvv", "holder")
_BRANDS = tuple(finance.BRANDS)


def _card_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    return pa.struct([(name, pa.string()) for name in _CARD])


def _is_card(value: Mapping[str, str]) -> bool:
    brand = value["brand"]
    return (
        brand in _BRANDS
        and finance.card.holds(value["number"], brand=brand)
        and card_cvv.holds(value["cvv"], digits="4" if brand == "amex" else "3")
        and card_expiry.holds(value["expiry"])
        and people.full_name.holds(value["holder"])
    )


@generator("finance.card_record", type=_card_type, source=finance.card.source, holds=_is_card)
def card_record(draws: AnyDraws) -> Column:
    """A test card: the number is of its brand, the code as long as the brand's."""
    brand = draws.lane(lanes.own("finance.card_brand")).below(len(_BRANDS))
    lot = draws.lane(lanes.own("finance.card_number"))
    return values.record(
        {
            "brand": values.take(_BRANDS, brand),
            "number": values.select(brand, *(finance.card(lot, brand=each) for each in _BRANDS)),
            "expiry": card_expiry(draws),
            "cvv": values.where(brand == _BRANDS.index("amex"), card_cvv(draws, digits="4"), card_cvv(draws)),
            "holder": people.full_name(draws),
        }
    )


transaction_id = coded(
    "finance.transaction_id",
    "TXN-##########",
    doc="The number of a transaction.",
    source="a form of our own: every bank has its own",
)
_TRANSACTION = ("id", "type", "currency", "status", "merchant", "category_code")
_TYPES, _TYPE_WEIGHTS = ("card payment", "refund", "reversal", "chargeback"), (92, 97, 99, 100)
"""What may happen between a card and a merchant, and running sums of how often it does."""
_LOW, _HIGH = Decimal("0.50"), Decimal("2500.00")
# Currencies with two decimal places, so that one column of amounts fits all.
CURRENCY = Option(
    "currency", "choice", "EUR", "Currency of the amounts; all of these have two decimal places.",
    choices=("EUR", "USD", "GBP", "CHF", "BRL", "INR", "AUD", "CAD", "PLN", "SEK"), fold=str.upper,
)  # fmt: skip


def _transaction_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    texts = [(name, pa.string()) for name in _TRANSACTION]
    return pa.struct([*texts, ("amount", pa.decimal128(6, 2)), ("created_at", pa.timestamp("us"))])


def _is_transaction(value: Mapping[str, Any], currency: str, year: int) -> bool:
    columns = table("finance/merchant_categories")
    pairs = zip(columns["code"].lines, columns["shop"].lines, strict=True)
    return (
        value["currency"] == currency
        and value["type"] in _TYPES
        and is_decimal(value["amount"], _LOW, _HIGH, 2)
        and value["created_at"].year == year
        and any(code == value["category_code"] and value["merchant"].endswith(f" {shop}") for code, shop in pairs)
    )


@generator(
    "finance.transaction",
    type=_transaction_type,
    options=(CURRENCY, YEAR),
    source="the generators of the single parts",
    holds=_is_transaction,
)
def transaction(draws: AnyDraws, *, currency: str, year: int) -> Column:
    """A transaction between a card and a merchant: shop and category code agree, amounts have two decimal places."""
    start, seconds = span_of(year)
    second = draws.lane(lanes.own("finance.created_at")).below(seconds)
    return values.record(
        {
            "id": transaction_id(draws),
            "type": values.take(_TYPES, values.weighted(draws.lane(lanes.own("finance.card_event")), _TYPE_WEIGHTS)),
            "currency": values.same(draws, currency),
            "status": transaction_status(draws),
            "merchant": merchant(draws),
            "category_code": merchant_category_code(draws),
            "amount": decimals(draws.lane(lanes.own("finance.transaction_amount")), _LOW, _HIGH, 2),
            "created_at": at_second(start + second),
        }
    )
