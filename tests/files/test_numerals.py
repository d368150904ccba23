"""Numbers from tables are spelled as Arrow spells them, whatever the numbers are."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotfixture.files.numerals import numerals
from hotfixture.files.text import to_text

INTEGERS = st.lists(st.integers(-3, 9_999) | st.integers(9_998, 10_002), min_size=1, max_size=9)


@settings(deadline=None, max_examples=40)
@given(INTEGERS, st.sampled_from([pa.int16(), pa.int32(), pa.int64(), pa.uint16(), pa.uint64()]), st.integers(0, 3))
def test_integers_are_spelled_as_ever(numbers: list[int], kind: pa.DataType, front: int):
    column = pa.array([*[5] * front, *[abs(number) for number in numbers] * 1100], kind)[front:]
    assert to_text(column) == column.cast(pa.large_string())
    assert (numerals(column) is None) == (max(map(abs, numbers)) >= 10_000)


@settings(deadline=None, max_examples=40)
@given(INTEGERS, st.integers(0, 6), st.sampled_from([6, 10, 18, 19]), st.integers(0, 3))
def test_decimals_are_spelled_as_ever(numbers: list[int], scale: int, precision: int, front: int):
    kind = pa.decimal128(max(precision, scale), scale)
    decimals = [Decimal(number).scaleb(-scale) for number in numbers]
    column = pa.array([*[Decimal(0)] * front, *decimals * 1100], kind)[front:]
    assert to_text(column) == column.cast(pa.large_string())
    assert numerals(column) is None or min(numbers) >= 0


@pytest.mark.parametrize("last", [None, -1, 10_000])
def test_one_number_that_is_in_no_table_is_enough_to_write_them_all(last: int | None):
    column = pa.array([*range(5_000), last], pa.int64())
    assert numerals(column) is None
    assert numerals(column[:-1]) is not None
    assert to_text(column).to_pylist()[-1] == (None if last is None else str(last))
