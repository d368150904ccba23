"""Parts of dates belong to the date that the same draws give, in every language."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.errors import OptionError
from hotfixture.generators import calendars, find, generate
from hotfixture.generators.options import LOCALES
from hotfixture.generators.pools import table

DRAWS = Draws.from_rows(4, "calendars", 0, 500)
RANGES = st.lists(st.dates(), min_size=2, max_size=2).map(sorted)


def made(name, **options):
    return find(name)(DRAWS, **options).to_pylist()


@settings(max_examples=40, deadline=None)
@given(RANGES)
def test_every_part_is_that_of_the_date_of_the_same_draws(bounds):
    span = dict(zip(("low", "high"), bounds, strict=True))
    dates = made("times.date", **span)
    assert made("times.year", **span) == [day.year for day in dates]
    assert made("times.month", **span) == [day.month for day in dates]
    assert made("day_of_month", **span) == [day.day for day in dates]
    assert made("times.weekday", **span) == [day.isoweekday() for day in dates]
    assert made("times.quarter", **span) == [(day.month - 1) // 3 + 1 for day in dates]
    assert calendars.day_of_year(calendars._days(DRAWS, *bounds)).tolist() == [day.timetuple().tm_yday for day in dates]


def test_weeks_are_those_of_iso_8601():
    weeks = ["{}-W{:02d}".format(*day.isocalendar()[:2]) for day in made("times.date")]
    assert made("iso_week") == weeks


@pytest.mark.parametrize("locale", LOCALES)
def test_names_are_those_of_the_month_and_the_day(locale):
    months, days = (
        table(f"times/{name}").get(locale) or table(f"times/{name}")[locale[:2]] for name in ("months", "weekdays")
    )
    dates = made("times.date")
    assert made("month_name", locale=locale) == [months[day.month - 1] for day in dates]
    assert made("weekday_name", locale=locale) == [days[day.weekday()] for day in dates]
    assert (len(months), len(days)) == (12, 7)


def test_languages_have_their_own_names():
    assert table("times/months")["de"][2] == "März"
    assert table("times/weekdays")["fr"][0] == "lundi"


@settings(max_examples=60, deadline=None)
@given(st.dates(date(2000, 1, 1), date(2030, 1, 1)), st.integers(0, 40))
def test_business_days_are_counted_and_numbered_right(low, length):
    high = low + timedelta(days=length)
    expected = [low + timedelta(days=each) for each in range(length + 1)]
    expected = [day for day in expected if day.weekday() < 5]
    assert calendars.business_days(low, high) == len(expected)
    if expected:
        assert set(agreed("business_day", count=400, low=low, high=high)) <= set(expected)
    else:
        with pytest.raises(OptionError, match="Monday to Friday"):
            generate("business_day", low=low, high=high)


def test_every_business_day_of_a_range_comes():
    assert len(set(agreed("business_day", count=2000, low=date(2024, 2, 3), high=date(2024, 3, 3)))) == 20
