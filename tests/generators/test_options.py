"""Options: read, bounded, and refused as `name=value` with the range."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from hotfixture.errors import OptionError
from hotfixture.generators.options import KINDS, WORDS, Option

RIGHT = [
    ("integer", "12", 12),
    ("integer", 12.0, 12),
    ("float", "1e3", 1000.0),
    ("decimal", "1.50", Decimal("1.50")),
    ("decimal", 0.1, Decimal("0.1")),
    ("boolean", "Yes", True),
    ("boolean", False, False),
    ("text", "a,b", "a,b"),
    ("date", "2024-02-29", date(2024, 2, 29)),
    ("timestamp", "2024-02-29 12:00:00", datetime(2024, 2, 29, 12)),  # noqa: DTZ001 - without a zone, as written
    ("time", "12:30:00", time(12, 30)),
    ("list[integer]", "1,2,3", (1, 2, 3)),
    ("list[text]", ["a", "b"], ("a", "b")),
]
WRONG = [
    ("integer", "1.5"),
    ("integer", True),
    ("integer", None),
    ("float", "nan"),
    ("float", "inf"),
    ("float", True),
    ("decimal", "NaN"),
    ("boolean", 1),
    ("boolean", "perhaps"),
    ("text", 5),
    ("date", "29.02.2024"),
    ("date", datetime(2024, 2, 29)),  # noqa: DTZ001 - a moment is no date
    ("time", "noon"),
    ("list[integer]", "1,x"),
]


@pytest.mark.parametrize(("kind", "written", "meant"), RIGHT)
def test_values_and_texts_are_read(kind, written, meant):
    read = Option("it", kind, None, "Help.").validate(written)
    assert read == meant
    assert type(read) is type(meant)


@pytest.mark.parametrize(("kind", "written"), WRONG)
def test_what_cannot_be_read_is_refused(kind, written):
    with pytest.raises(OptionError) as caught:
        Option("it", kind, 0, "Help.").validate(written)
    assert str(caught.value).startswith(f"it={written}: expected ")
    assert caught.value.option == "it"


def test_every_kind_has_a_word_in_errors():
    assert set(KINDS) == set(WORDS)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(1, 9, "an integer, 1 … 9"), (0, None, "an integer, at least 0"), (None, 9, "an integer, at most 9")],
)
def test_bounds_are_inclusive_and_said(low, high, expected):
    option = Option("it", "integer", 5, "Help.", low=low, high=high)
    assert option.expected == expected
    for inside in (low, high):
        assert inside is None or option.validate(inside) == inside
    for outside in (low is not None and low - 1, high is not None and high + 1):
        if outside is not False:
            with pytest.raises(OptionError, match=expected):
                option.validate(outside)


def test_choices_are_folded_then_compared():
    option = Option("it", "choice", "A", "Help.", choices=("A", "B"), fold=str.upper)
    assert option.validate("b") == "B"
    with pytest.raises(OptionError, match="it=c: expected one of A, B"):
        option.validate("c")


def test_the_length_of_a_list_is_bounded():
    option = Option("it", "list[text]", ("a",), "Help.", low=1, high=2)
    assert option.validate("a,b") == ("a", "b")
    with pytest.raises(OptionError, match="a list of text values, 1 … 2"):
        option.validate("a,b,c")


def test_nothing_may_be_given_where_nothing_is_the_default():
    assert Option("it", "integer", None, "Help.").validate(None) is None
