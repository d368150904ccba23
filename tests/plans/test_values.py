"""Words of a command line become values of their types, or say what was expected."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotfixture.plans.values import TYPES, DateRange, Type, convert, infer, type_of

TODAY = date(2024, 10, 15)  # a Tuesday


@pytest.mark.parametrize(
    ("text", "name", "is_list"),
    [
        ("integer", "integer", False),
        ("INT", "integer", False),
        ("list[integer]", "integer", True),
        ("list", "text", True),
        ("integer[]", "integer", True),
        ("array<string>", "text", True),
        ("List[ date ]", "date", True),
        ("dateRange", "date_range", False),
        ("date-range", "date_range", False),
        ("number", "decimal", False),
    ],
)
def test_types_have_one_name_and_are_found_by_the_others(text: str, name: str, is_list: bool):
    assert type_of(text) == Type(name, is_list)


@pytest.mark.parametrize("text", ["intger", "", "list[list[integer]]", "list[", "blob"])
def test_an_unknown_type_is_refused(text: str):
    with pytest.raises(ValueError, match="unknown type"):
        type_of(text)


@pytest.mark.parametrize(
    ("kind", "word", "value"),
    [
        ("integer", " -12 ", -12),
        ("integer", "+7", 7),
        ("integer", "007", 7),
        ("integer", 5, 5),
        ("integer", str(2**64 - 1), 2**64 - 1),
        ("decimal", "1.10", Decimal("1.10")),
        ("decimal", 0.1, Decimal("0.1")),
        ("decimal", "1e3", Decimal("1e3")),
        ("text", " a,b ", " a,b "),
        ("text", "", ""),
        ("boolean", "Yes", True),
        ("boolean", "0", False),
        ("boolean", True, True),
        ("date", "2024-02-29", date(2024, 2, 29)),
        ("date", "Today", TODAY),
        ("date", "tomorrow", date(2024, 10, 16)),
        ("date", TODAY, TODAY),
        ("timestamp", "2024-10-15 14:30:00", datetime(2024, 10, 15, 14, 30)),  # noqa: DTZ001 - without a zone on purpose
        ("timestamp", "2024-10-15T14:30", datetime(2024, 10, 15, 14, 30)),  # noqa: DTZ001 - as above
        ("timestamp", "2024-10-15 14:30:00.25Z", datetime(2024, 10, 15, 14, 30, 0, 250_000, UTC)),
        ("timestamp", "2024-10-15 14:30:00+02:00", datetime(2024, 10, 15, 14, 30, tzinfo=timezone(timedelta(hours=2)))),
        ("timestamp", "2024-10-15", datetime(2024, 10, 15)),  # noqa: DTZ001 - as above
    ],
)
def test_a_word_becomes_a_value_of_its_type(kind: str, word: object, value: object):
    found = convert(word, Type(kind), TODAY)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("integer", "1.5"),
        ("integer", "1_000"),
        ("integer", ""),
        ("integer", True),
        ("integer", 1.0),
        ("integer", str(2**64)),
        ("integer", "9" * 5000),
        ("integer", "١"),
        ("decimal", "nan"),
        ("decimal", "inf"),
        ("decimal", "1e999999999"),
        ("decimal", "1,5"),
        ("decimal", True),
        ("text", 5),
        ("text", "a\0b"),
        ("text", "\ud800"),
        ("boolean", "maybe"),
        ("boolean", 1),
        ("date", "2024-13-01"),
        ("date", "15.10.2024"),
        ("date", "20241015"),
        ("date", datetime(2024, 1, 1, tzinfo=UTC)),
        ("timestamp", "2024-10-15 14:60:00"),
        ("timestamp", "14:30"),
        ("timestamp", "2024-10-15 14:30:00.1234567"),
        ("timestamp", 5),
        ("date_range", "2024-03-31..2024-01-01"),
        ("date_range", "last_0_days"),
        ("date_range", "this_3_months"),
        ("date_range", "last_9999_years"),
        ("date_range", "2024-01-01.."),
        ("date_range", 5),
        ("choice", "c"),
    ],
)
def test_a_wrong_word_says_what_was_expected(kind: str, word: object):
    with pytest.raises(ValueError, match="expected"):
        convert(word, Type(kind, choices=("a", "b")), TODAY)


@pytest.mark.parametrize(
    ("word", "start", "end"),
    [
        ("2024-01-01..2024-03-31", "2024-01-01", "2024-03-31"),
        ("2024-01-01", "2024-01-01", "2024-01-01"),
        ("yesterday..today", "2024-10-14", "2024-10-15"),
        ("yesterday", "2024-10-14", "2024-10-14"),
        ("last_7_days", "2024-10-09", "2024-10-15"),
        ("last_1_day", "2024-10-15", "2024-10-15"),
        ("last_2_weeks", "2024-10-02", "2024-10-15"),
        ("last_6_months", "2024-04-16", "2024-10-15"),
        ("last_1_year", "2023-10-16", "2024-10-15"),
        ("last_1_quarter", "2024-07-16", "2024-10-15"),
        ("this_week", "2024-10-14", "2024-10-20"),
        ("last_week", "2024-10-07", "2024-10-13"),
        ("this_month", "2024-10-01", "2024-10-31"),
        ("last_month", "2024-09-01", "2024-09-30"),
        ("previous_month", "2024-09-01", "2024-09-30"),
        ("this_quarter", "2024-10-01", "2024-12-31"),
        ("last_quarter", "2024-07-01", "2024-09-30"),
        ("this_year", "2024-01-01", "2024-12-31"),
        ("last_year", "2023-01-01", "2023-12-31"),
        ("Last_Year", "2023-01-01", "2023-12-31"),
    ],
)
def test_a_range_of_days_has_both_ends_included(word: str, start: str, end: str):
    found = convert(word, Type("date_range"), TODAY)
    assert found == DateRange(date.fromisoformat(start), date.fromisoformat(end))


@settings(deadline=None)
@given(st.dates(date(1000, 1, 1), date(9000, 1, 1)), st.integers(1, 400))
def test_the_last_n_days_are_n_days_and_end_today(today: date, count: int):
    found = convert(f"last_{count}_days", Type("date_range"), today)
    assert found.end == today
    assert (found.after - found.start).days == count


@settings(deadline=None)
@given(
    st.dates(date(1000, 1, 1), date(9000, 1, 1)),
    st.integers(1, 400),
    st.sampled_from(["month", "quarter", "year", "week"]),
)
def test_rolling_ranges_join_without_gap_where_no_month_is_short(today: date, count: int, unit: str):
    """One more unit begins earlier, never more than one unit earlier."""
    shorter = convert(f"last_{count}_{unit}s", Type("date_range"), today)
    longer = convert(f"last_{count + 1}_{unit}s", Type("date_range"), today)
    longest = {"week": 7, "month": 31, "quarter": 92, "year": 366}[unit]
    assert 0 < (shorter.start - longer.start).days <= longest


@settings(deadline=None)
@given(st.dates(date(1000, 1, 1), date(9000, 1, 1)), st.sampled_from(["week", "month", "quarter", "year"]))
def test_the_last_calendar_unit_ends_where_this_one_begins(today: date, unit: str):
    last, this = (convert(f"{which}_{unit}", Type("date_range"), today) for which in ("last", "this"))
    assert last.after == this.start
    assert this.start <= today <= this.end


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("12847,15923", [12847, 15923]),
        (" 1 , 2 ", [1, 2]),
        ("5", [5]),
        ("", []),
        ("[1, 2]", [1, 2]),
        ([3, "4"], [3, 4]),
        (7, [7]),
        ((1,), [1]),
    ],
)
def test_a_list_is_separated_by_commas_or_is_json(word: object, value: list[int]):
    assert convert(word, Type("integer", is_list=True), TODAY) == value


def test_items_that_hold_commas_are_said_as_json():
    assert convert('["a,b", "c"]', Type("text", is_list=True), TODAY) == ["a,b", "c"]


@pytest.mark.parametrize("word", ["1,,2", ",", "1,a", "[1", "[" * 100_000, '[{"a": 1}]', "[null]"])
def test_a_wrong_list_is_refused(word: str):
    with pytest.raises(ValueError, match="expected"):
        convert(word, Type("integer", is_list=True), TODAY)


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("5", 5),
        ("-5", -5),
        ("007", "007"),
        ("+49", "+49"),
        ("1.50", Decimal("1.50")),
        ("2024-10-15", TODAY),
        ("1,2", [1, 2]),
        ("1,2.5", [Decimal(1), Decimal("2.5")]),
        ("1,x", ["1", "x"]),
        ("a,,b", "a,,b"),
        ("gold", "gold"),
        ("true", "true"),
        ("", ""),
        ("2024-10-15 14:30:00Z", datetime(2024, 10, 15, 14, 30, tzinfo=UTC)),
        ("2024-10-15,2024-10-16", [TODAY, date(2024, 10, 16)]),
        ('["a,b"]', ["a,b"]),
        ("[1, 2.5]", [Decimal(1), Decimal("2.5")]),
        ("[x]", "[x]"),
        ("[true]", [True]),
        ("[]", []),
        (5, 5),
        (True, True),
        (0.5, Decimal("0.5")),
        (["007", 1], ["007", 1]),
        (TODAY, TODAY),
    ],
)
def test_an_undeclared_word_is_read_by_its_looks(word: object, value: object):
    found = infer(word, TODAY)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("word", ["2024-13-01", "a\0", {"a": 1}, object(), b"x", None, float("nan"), str(2**70)])
def test_what_has_no_value_is_refused(word: object):
    with pytest.raises(ValueError, match="expected"):
        infer(word, TODAY)


@settings(deadline=None)
@given(st.text(), st.sampled_from([*TYPES]), st.booleans())
def test_any_word_gives_a_value_or_a_value_error(word: str, name: str, is_list: bool):
    for read in (lambda: convert(word, Type(name, is_list, ("a",)), TODAY), lambda: infer(word, TODAY)):
        try:
            read()
        except ValueError as error:
            assert "expected" in str(error)  # noqa: PT017 - either outcome is right
