"""Whole columns of literals are read and written as one value at a time is."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from hotfixture.databases import sqlite_literals as literals

TEXTS = st.lists(st.none() | st.text("ab'\0ü日\n", max_size=6), max_size=12)


@settings(deadline=None)
@given(TEXTS, st.integers(0, 3))
def test_a_column_of_texts_is_spelled_as_its_values_are(values: list[str | None], skipped: int) -> None:
    column = pa.array([*(["it's"] * skipped), *values], pa.string()).slice(skipped)
    assert literals.texts(column).to_pylist() == [None if value is None else literals.text(value) for value in values]


@settings(deadline=None)
@given(TEXTS, st.lists(st.sampled_from(["NULL", "12", "-1.5e3", "X'00'", "'plain'"]), max_size=3), st.integers(0, 3))
def test_a_column_of_literals_is_read_as_its_values_are(
    values: list[str | None], others: list[str], skipped: int
) -> None:
    wire = [literals.text(value) for value in values if value is not None] + others
    column = pa.array([*(["'it''s'"] * skipped), *wire], pa.string()).slice(skipped)
    numbers = {"NULL": None, "12": "12", "-1.5e3": "-1.5e3", "X'00'": "X'00'", "'plain'": "plain"}
    expected = [*(value for value in values if value is not None), *(numbers[other] for other in others)]
    assert literals.read_texts(column).to_pylist() == expected
