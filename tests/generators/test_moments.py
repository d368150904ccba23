"""Moments as columns."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from hotfixture.draws import Draws
from hotfixture.generators import find
from hotfixture.generators.moments import at_second, span_of

DRAWS = Draws.from_rows(1, "moments", 0, 300)


@pytest.mark.parametrize("second", [-62_000_000_000, 0, 1_704_067_200, 4_102_444_800])
def test_one_and_many_are_the_same_moment(second):
    many = at_second(np.array([second]))
    assert many.type == pa.timestamp("us")
    assert many.to_pylist() == [at_second(second)]


@pytest.mark.parametrize(
    ("year", "days"), [(1000, 365), (1900, 365), (1970, 365), (2000, 366), (2024, 366), (9000, 365)]
)
def test_a_year_begins_on_its_first_day_and_has_its_days(year, days):
    start, seconds = span_of(year)
    assert at_second(start).isoformat() == f"{year}-01-01T00:00:00"
    assert at_second(start + seconds).isoformat() == f"{year + 1}-01-01T00:00:00"
    assert seconds == days * 86_400


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("flight", "departure"),
        ("boarding_pass", "departure"),
        ("finance.transaction", "created_at"),
        ("shipment", "shipped_at"),
        ("call_record", "started_at"),
        ("meter_reading", "read_at"),
        ("outage", "began_at"),
    ],
)
def test_records_happen_in_the_year_asked_for(name, field):
    made = find(name)
    rows = made(DRAWS, year=1999).to_pylist()
    assert {row[field].year for row in rows} == {1999}
    assert len({row[field].month for row in rows}) == 12
    assert all(made.holds(row, year=1999) and not made.holds(row, year=2000) for row in rows)
