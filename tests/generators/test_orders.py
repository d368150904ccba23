"""Orders."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from tests.generators.agreement import agreed

from hotfixture.errors import UnknownNameError
from hotfixture.generators import generate
from hotfixture.generators.pools import table


def test_an_order_adds_up_and_is_never_touched_before_it_is_placed():
    for order in agreed("commerce.order", count=300, tax_rate=7):
        assert order["total"] == order["subtotal"] + order["shipping"]
        assert abs(order["tax_included"] - order["total"] * 7 / 107) < Decimal("0.01")
        assert order["ordered_at"] <= order["updated_at"]


def test_what_is_cancelled_is_not_paid():
    payments = {order["payment_status"] for order in agreed("commerce.order", count=300, status="Cancelled")}
    assert payments == {"voided", "refunded"}
    with pytest.raises(UnknownNameError, match="teleported"):
        generate("commerce.order", status="teleported")


def test_most_orders_have_arrived():
    states = Counter(order["status"] for order in agreed("commerce.order", count=2_000))
    assert states["delivered"] + states["completed"] > 700
    assert (
        set(table("commerce/order_state")["status"].lines)
        == set(table("commerce/order_status")["value"].lines)
        == set(states)
    )
