"""Dates, times, timestamps, durations."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.generators.agreement import agreed

from hotfixture import generators
from hotfixture.errors import OptionError


@settings(deadline=None)
@given(st.lists(st.dates(), min_size=2, max_size=2).map(sorted))
def test_dates_of_any_range_stay_inside(bounds):
    agreed("date", count=20, low=bounds[0], high=bounds[1])


def test_every_day_of_a_leap_february_is_reached():
    found = agreed("date", count=1500, low="2024-02-01", high="2024-02-29")
    assert set(found) == {date(2024, 2, day) for day in range(1, 30)}


@settings(deadline=None)
@given(st.lists(st.times(), min_size=2, max_size=2).map(sorted))
def test_times_of_any_range_stay_inside(bounds):
    agreed("time", count=20, low=bounds[0], high=bounds[1])


@settings(deadline=None)
@given(st.lists(st.datetimes(), min_size=2, max_size=2).map(sorted))
def test_timestamps_of_any_range_stay_inside(bounds):
    agreed("timestamp", count=20, low=bounds[0], high=bounds[1])


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kolkata"])
def test_timestamps_with_a_zone_are_instants_of_that_zone(zone):
    found = agreed("timestamp", timezone=zone, low="2024-03-30T00:00:00", high="2024-04-01T00:00:00")
    assert all(datetime(2024, 3, 30, tzinfo=UTC) <= moment <= datetime(2024, 4, 1, tzinfo=UTC) for moment in found)
    plain = agreed("timestamp", low="2024-03-30T00:00:00", high="2024-04-01T00:00:00")
    assert [moment.astimezone(UTC).replace(tzinfo=None) for moment in found] == plain


def test_bounds_with_an_offset_are_that_instant():
    options = {"low": "2024-01-01T01:00:00+01:00", "high": "2024-01-01T00:00:00+00:00", "timezone": "UTC"}
    assert agreed("timestamp", count=2, **options) == [datetime(2024, 1, 1, tzinfo=UTC)] * 2


def test_a_bound_with_an_offset_needs_a_zone():
    with pytest.raises(OptionError, match="low="):
        generators.generate("timestamp", low="2016-01-01T00:00:00+01:00")


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", ""])
def test_an_unknown_zone_is_refused(zone):
    with pytest.raises(OptionError, match="timezone="):
        generators.generate("timestamp", timezone=zone)


@pytest.mark.parametrize(
    ("zone", "bounds"),
    [
        ("America/New_York", {"low": "0001-01-01T00:00:00"}),
        ("Asia/Tokyo", {"high": "9999-12-31T23:00:00"}),
        ("UTC", {"low": "0001-01-01T00:00:00+23:00"}),
    ],
)
def test_a_bound_that_no_clock_of_the_zone_can_show_is_refused(zone, bounds):
    with pytest.raises(OptionError, match=f"timezone={zone}"):
        generators.generate("timestamp", timezone=zone, **bounds)


def test_utc_may_be_written_small():
    assert agreed("timestamp", count=5, timezone="utc") == agreed("timestamp", count=5, timezone="UTC")


@settings(deadline=None)
@given(st.lists(st.integers(-(10**9), 10**9), min_size=2, max_size=2).map(sorted))
def test_durations_of_any_range_stay_inside(bounds):
    agreed("interval", count=20, low=bounds[0], high=bounds[1])


@pytest.mark.parametrize("name", ["date", "time", "timestamp", "interval"])
def test_bounds_the_wrong_way_round_are_refused(name):
    low, high = {
        "date": (date(2024, 1, 2), date(2024, 1, 1)),
        "time": (time(2), time(1)),
        "timestamp": (datetime.fromisoformat("2024-01-02"), datetime.fromisoformat("2024-01-01")),
        "interval": (2, 1),
    }[name]
    with pytest.raises(OptionError, match="low="):
        generators.generate(name, low=low, high=high)


def test_one_possible_value_is_always_that_one():
    assert set(agreed("interval", low=60, high=60)) == {timedelta(minutes=1)}
    assert set(agreed("time", low="12:00:00.000001", high="12:00:00.000001")) == {time(12, 0, 0, 1)}


def test_the_defaults_ask_no_clock():
    """They are part of the promise of stable bytes."""
    assert agreed("timestamp", count=1, seed=5) == [datetime.fromisoformat("2016-09-03T11:57:24.502638")]
    assert agreed("date", count=1, seed=5) == [date(2022, 7, 6)]
