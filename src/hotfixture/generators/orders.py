"""Orders whose payment is as far as they are, and whose sums add up."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.commerce import order_number, sales_channel, shipping_method
from hotfixture.generators.exact import exact, is_exact
from hotfixture.generators.moments import YEAR, at_second, span_of
from hotfixture.generators.options import Option
from hotfixture.generators.records import Records

if TYPE_CHECKING:
    import pyarrow as pa

_STATES = Records(
    "commerce/order_state",
    lane=lanes.own("commerce.order_state"),
    source="our own shares: most orders have arrived",
    by=("status",),
)
_DIGITS, _FREE_FROM, _SHIPPING = 10, 5000, 490
_TEXTS = ("order_number", "status", "payment_status", "shipping_method", "channel")
_MONEY = ("subtotal", "shipping", "total", "tax_included")


def _type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    money = [(name, pa.decimal128(_DIGITS, 2)) for name in _MONEY]
    times = [(name, pa.timestamp("us")) for name in ("ordered_at", "updated_at")]
    return pa.struct([*((name, pa.string()) for name in _TEXTS), ("item_count", pa.int64()), *money, *times])


def _is_order(value: Any, *, status: str | None, tax_rate: int, year: int) -> bool:
    """Whether the payment goes with the status, the sums add up, and nothing happened before the order."""
    columns = _STATES.columns()
    known = zip(columns["status"].lines, columns["payment_status"].lines, strict=True)
    tax = value["total"] * tax_rate / (100 + tax_rate)
    return (
        (status or value["status"]).casefold() == value["status"].casefold()
        and (value["status"], value["payment_status"]) in set(known)
        and order_number.holds(value["order_number"])
        and all(is_exact(value[name], 2, 0, 10**9) for name in _MONEY)
        and value["shipping"] == (0 if value["subtotal"] >= _FREE_FROM // 100 else Decimal(_SHIPPING).scaleb(-2))
        and value["total"] == value["subtotal"] + value["shipping"]
        and 0 <= tax - value["tax_included"] < Decimal("0.01")
        and value["item_count"] >= 1
        and value["ordered_at"] <= value["updated_at"]
        and value["ordered_at"].year == year
    )


@generator(
    "commerce.order",
    type=_type,
    options=(
        *_STATES.options,
        Option("tax_rate", "integer", 20, "Tax within the total, in per cent.", low=0, high=99),
        YEAR,
    ),
    check=lambda *, status, **_: _STATES.check(status=status),
    source="our own shares; 4.90 for shipping below 50.00",
    holds=_is_order,
)
def order(draws: AnyDraws, *, status: str | None, tax_rate: int, year: int) -> Column:
    """An order: its payment is as far as it is, its total is that of goods and shipping."""
    index, lot = _STATES.index(draws, status=status), draws.lane(lanes.own("commerce.order"))
    items = 1 + values.scaled(lot.lane(0), 1 + lot.lane(1).below(8))
    subtotal = items * (500 + values.scaled(lot.lane(2), 500 + lot.lane(3).below(9_500)))
    shipping = values.where(subtotal >= _FREE_FROM, 0, _SHIPPING)
    first, seconds = span_of(year)
    placed = first + lot.lane(4).below(seconds)
    total = subtotal + shipping
    money = (subtotal, shipping, total, total * tax_rate // (100 + tax_rate))
    return values.record(
        {
            "order_number": order_number(draws),
            "status": _STATES.at(index, "status"),
            "payment_status": _STATES.at(index, "payment_status"),
            "shipping_method": shipping_method(draws),
            "channel": sales_channel(draws),
            "item_count": items,
            **{name: exact(cents, _DIGITS, 2) for name, cents in zip(_MONEY, money, strict=True)},
            "ordered_at": at_second(placed),
            "updated_at": at_second(placed + values.scaled(lot.lane(5), 14 * 86_400)),
        }
    )
