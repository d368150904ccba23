"""Moments as texts and numbers mean what they say; past and future hang on a given now."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.errors import OptionError
from hotfixture.generators import find, generate

DRAWS = Draws.from_rows(4, "instants", 0, 300)
CODES = "YymdjHIMSpaAbB"


def made(name, **options):
    return find(name)(DRAWS, **options).to_pylist()


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.sampled_from([*(f"%{code}" for code in CODES), "%%", " ", "é", "-"]), min_size=1, max_size=9).map(
        "".join
    )
)
def test_formats_mean_what_they_mean_to_python(pattern):
    moments = [datetime.fromtimestamp(second, UTC) for second in made("unix_timestamp")]
    assert made("date_text", format=pattern) == [moment.strftime(pattern) for moment in moments]


def test_texts_of_one_draw_are_one_moment():
    moments = [datetime.fromtimestamp(second, UTC) for second in made("unix_timestamp")]
    assert [datetime.fromisoformat(text) for text in made("iso8601")] == moments
    assert [parsedate_to_datetime(text) for text in made("http_date")] == moments
    assert made("unix_timestamp", unit="milliseconds") == [int(moment.timestamp()) * 1000 for moment in moments]


def test_an_unknown_letter_is_refused():
    with pytest.raises(OptionError, match="format=%Q"):
        generate("date_text", format="%Q")


@pytest.mark.parametrize("days", [1, 30, 100_000])
def test_past_and_future_stand_on_both_sides_of_now(days):
    now = datetime(2020, 2, 29, 12)  # noqa: DTZ001 - a wall clock's time is meant
    assert all(0 < (now - value).total_seconds() <= days * 86_400 for value in agreed("past", now=now, days=days))
    assert all(0 < (value - now).total_seconds() <= days * 86_400 for value in agreed("future", now=now, days=days))


def test_now_is_never_the_clock():
    assert find("past").options[0].default == datetime(2025, 1, 1)  # noqa: DTZ001 - as above
    with pytest.raises(OptionError, match="now="):
        generate("past", now=datetime(2025, 1, 1, tzinfo=UTC))
    with pytest.raises(OptionError, match="days="):
        generate("past", now="0001-02-01", days=100)


def test_work_is_done_on_business_days_within_hours():
    for value in agreed("working_time", start=time(8, 30), end=time(8, 31)):
        assert value.weekday() < 5
        assert (value.hour, value.minute) == (8, 30)


@pytest.mark.parametrize("days", [0, 5])
def test_ranges_end_at_most_so_many_days_after_they_start(days):
    for value in agreed("date_range", low=date(2024, 1, 1), high=date(2024, 1, 20), days=days, count=300):
        assert 0 <= (value["end"] - value["start"]).days <= days


def test_zones_are_known():
    assert all(ZoneInfo(value) for value in agreed("time_zone"))
