"""Integration tests of the program. They know nothing of recordings: TEST_MODE alone decides what answers them."""

from __future__ import annotations

import pytest
from rates import Rates


@pytest.fixture
def rates() -> Rates:
    """A client that has logged in."""
    return Rates.from_environment()


def test_a_euro_is_worth_something(rates: Rates) -> None:
    assert rates.rate("usd") > 0.5
    assert rates.rate("jpy") > 50


def test_what_is_booked_can_be_looked_up(rates: Rates) -> None:
    booked = rates.exchange("chf", 250)
    assert rates.booking(booked["number"]) == booked
    assert booked["total"] == pytest.approx(250 * booked["rate"], abs=0.01)


def test_a_booking_that_is_not_there_is_a_key_error(rates: Rates) -> None:
    with pytest.raises(KeyError):
        rates.booking(404_404)


def test_rates_tick(rates: Rates) -> None:
    assert [tick["currency"] for tick in rates.ticks()] == ["usd", "usd", "usd"]
