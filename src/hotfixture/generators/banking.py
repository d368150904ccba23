"""Banks: their names and codes, accounts, loans, currencies, taxes. Codes are well-formed and nobody's."""

from __future__ import annotations

from typing import Any

from hotfixture.generators import checks, finance, lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.codes import coded, variant
from hotfixture.generators.compounds import compound
from hotfixture.generators.pools import table
from hotfixture.generators.quantities import quantity
from hotfixture.generators.records import Records
from hotfixture.generators.vocabularies import enumeration, vocabulary

routing_number = coded(
    "finance.routing_number",
    "5#######=",
    check=checks.aba,
    valid=checks.is_aba,
    doc="A routing number of the United States with its check digit; nobody's, for none begins with 5.",
    source="American Bankers Association: weights 3, 7, 1; the first two digits in use are 00-12, 21-32, 61-72 and 80",
)
# Fixed: a country more would give other codes for the same draws.
_BIC_COUNTRIES = (
    "AD", "AE", "AT", "BE", "BG", "BR", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU",
    "IE", "IL", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MT", "NL", "NO", "PL", "PT", "RO", "RS", "RU", "SA", "SE",
    "SI", "SK", "SM", "TR", "UA", "VA",
)  # fmt: skip
_BICS = {"8": "ZZ??{country}*0", "11": "ZZ??{country}*0***"}
bic = coded(
    "finance.bic",
    _BICS,
    option=variant("length", _BICS, "8", "8 places, or 11 with a branch."),
    slots={"country": _BIC_COUNTRIES},
    doc="A BIC (SWIFT code) for tests: the eighth place is 0.",
    source="ISO 9362: party prefix, country, party suffix, branch; a suffix that ends in 0 marks test and training",
)
_SORT_CODES = {"plain": "00####", "hyphens": "00-##-##"}
sort_code = coded(
    "finance.sort_code",
    _SORT_CODES,
    option=variant("style", _SORT_CODES, "hyphens", "With hyphens, or plain."),
    doc="The sort code of a British bank's branch, of a range in which no bank is.",
    source="six digits in pairs; no bank of the United Kingdom has codes that begin with 00",
)
bank = compound(
    "finance.bank",
    ("finance/bank_place", "finance/bank_kind"),
    doc="An invented bank.",
    source="invented names and usual kinds of banks, our own lists; a real one may bear such a name by chance",
)
account_type = vocabulary("finance.account_type", "finance/account_type", doc="A kind of bank account.")
loan_type = vocabulary("finance.loan_type", "finance/loan_type", doc="A kind of loan.")
credit_score = quantity(
    "finance.credit_score",
    300,
    850,
    bell=True,
    least=0,
    most=1000,
    doc="A credit score.",
    source="300 to 850, as most scores of the United States count",
)
interest_rate = quantity(
    "finance.interest_rate", 0.25, 24.99, digits=2, least=-10, most=1000, doc="An annual interest rate in per cent."
)
loan_term = enumeration(
    "finance.loan_term",
    lambda: [f"{months} months" for months in (6, 12, 18, 24, 36, 48, 60, 72, 84, 96, 120, 180, 240, 300, 360)],
    doc="How long a loan runs.",
    source="usual terms, our own choice",
)
expense_category = vocabulary("finance.expense_category", "finance/expense_category", doc="What money was spent on.")
ledger_account = vocabulary("finance.ledger_account", "finance/ledger_account", doc="An account of a general ledger.")

CURRENCIES = Records(
    "finance/currency_names",
    lane=None,
    source="ISO 4217 list one; English names and symbols of the Unicode CLDR, some symbols in their local form",
)
currency_name = CURRENCIES.column("finance.currency_name", "name", doc="The English name of a currency.")
currency_symbol = CURRENCIES.column("finance.currency_symbol", "symbol", doc="The symbol of a currency, or its code.")
currency_record = CURRENCIES.record(
    "finance.currency_record",
    "code name symbol",
    doc="A currency: the code of `currency`, name and symbol, which agree.",
)

_VAT = Records(
    "finance/vat_rates", lane=lanes.own("finance.vat"), source="standard rates of value added tax as of July 2025",
    by=("country",),
)  # fmt: skip


def _rates(country: str | None) -> set[float]:
    columns = table("finance/vat_rates")
    pairs = zip(columns["country"].lines, columns["rate"].lines, strict=True)
    return {rate / 10 for name, rate in pairs if country is None or name == country.upper()}


@generator(
    "finance.tax_rate",
    type="float64",
    options=_VAT.options,
    source=_VAT.source,
    holds=lambda value, country: value in _rates(country),
    capacity=lambda country: len(_rates(country)),
    check=_VAT.check,
)
def tax_rate(draws: AnyDraws, *, country: str | None) -> Column:
    """The standard rate of value added tax of a country, in per cent."""
    return values.lookup(_VAT.columns()["rate"].lines, _VAT.index(draws, country=country)) / 10


_INVOICES = {"plain": "INV-######", "year": "INV-2024-#####", "month": "2024{month}-####"}
invoice_number = coded(
    "finance.invoice_number",
    _INVOICES,
    option=variant("style", _INVOICES, "plain", "A plain number, or with the year, or with year and month in front."),
    slots={"month": tuple(f"{month:02d}" for month in range(1, 13))},
    doc="The number of an invoice.",
    source="a form of our own: every company has its own",
)


def _check_currency(*, currency: str) -> None:
    finance.amount.settle({"currency": currency})


def _is_price(value: Any, currency: str | None) -> bool:
    number, _, code = value.partition(" ")
    places = finance.minor_digits()[code]
    return (
        currency in (None, code)
        and len(number.partition(".")[2]) == places
        and 100 <= int(number.replace(".", "")) < 100_000
    )


@generator(
    "finance.price_with_currency",
    options=(finance.amount.options[0],),
    source="minor units of ISO 4217",
    holds=_is_price,
    check=_check_currency,
)
def price_with_currency(draws: AnyDraws, *, currency: str) -> Column:
    """A price and its currency: `12.99 EUR`, with as many decimal places as the currency has."""
    places = finance.minor_digits()[currency]
    lot = draws.lane(lanes.own("finance.price_with_currency"))
    return values.join(_decimal_text(100 + lot.below(99_900), places), f" {currency}")


def _decimal_text(number: Column, places: int) -> Column:
    """Whole numbers as texts with a decimal point before the last `places` digits."""
    if isinstance(number, int):
        return f"{number // 10**places}.{number % 10**places:0{places}d}" if places else str(number)
    import pyarrow as pa

    whole = pa.array(number // 10**places).cast(pa.string())
    return values.join(whole, ".", values.padded(number % 10**places, places)) if places else whole
