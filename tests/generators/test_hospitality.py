"""Hotels and restaurants."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from tests.generators.agreement import agreed

from hotfixture.errors import OptionError
from hotfixture.generators import generate


def test_guests_leave_after_they_come_and_pay_for_each_night():
    nights = set()
    for stay in agreed("hospitality.stay", count=300, max_nights=3):
        assert (stay["check_out"] - stay["check_in"]).days == stay["nights"]
        assert stay["total"] == stay["nights"] * stay["rate"] + Decimal("2.50") * stay["adults"] * stay["nights"]
        nights.add(stay["nights"])
    assert nights == {1, 2, 3}


def test_guests_come_in_the_days_asked_for():
    day = date(2030, 2, 28)
    assert {stay["check_in"] for stay in agreed("hospitality.stay", low=day, high=day)} == {day}
    with pytest.raises(OptionError, match="low"):
        generate("hospitality.stay", low="2031-01-01", high="2030-01-01")


def test_tables_are_reserved_for_quarters_of_an_hour_while_the_house_is_open():
    moments = [each["reserved_for"] for each in agreed("hospitality.table_reservation", count=500)]
    assert {moment.minute for moment in moments} == {0, 15, 30, 45}
    assert min(moment.time() for moment in moments).isoformat() >= "11:30:00"
    assert max(moment.time() for moment in moments).isoformat() <= "21:30:00"
