"""Values in parts are remembered as the same values written out, and what means nothing is not remembered at all."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotfixture.transforms.distinctive import Learnt, learnt, told, told_all

PARTS = st.lists(
    st.sampled_from(["Anna", "de", "la", "Müller-Lüdenscheidt", "12345", "x.y", "\\", "-"]), max_size=5
).map(" ".join)
ROWS = st.lists(st.tuples(st.none() | PARTS, st.none() | PARTS), max_size=20)


def remembered(found: Learnt) -> list[tuple[int, ...]]:
    return sorted(zip(*(column.tolist() for column in found), strict=True))


@settings(deadline=None)
@given(ROWS)
def test_the_parts_of_a_value_count_as_one_text_with_a_blank_between(rows: list[tuple[str | None, str | None]]) -> None:
    firsts, lasts = ([row[side] for row in rows] for side in (0, 1))
    together = learnt(*(told_all(pa.array(side, pa.string())) for side in (firsts, lasts)))
    # A value that lacks a part is no whole one.
    whole = [f"{first} {last}" for first, last in rows if has_word(first) and has_word(last)]
    assert remembered(together) == remembered(learnt(told_all(pa.array(whole, pa.string()))))


def has_word(part: str | None) -> bool:
    return any(character.isalnum() for character in part or "")


@settings(deadline=None)
@given(st.lists(st.none() | PARTS, max_size=30), st.integers(0, 5))
def test_nulls_short_values_slices_and_types_make_no_difference(values: list[str | None], skipped: int) -> None:
    array = pa.array([*(["left out entirely"] * skipped), *values], pa.string()).slice(skipped)
    expected = remembered(learnt(told_all(pa.array([value for value in values if value], pa.string()))))
    for kind in (pa.string(), pa.binary(), pa.large_string()):
        assert remembered(learnt(told(array.cast(kind)))) == expected


@pytest.mark.parametrize(
    ("value", "words", "anchor"),
    [
        ("anna.lee@corporation.com", 4, 2),
        ("+49 30 1234567", 3, 2),
        ("Annabell Lee-Long", 3, 0),
        ("+31 20 31 20 31", 5, 0),
    ],
)
def test_the_anchor_is_the_first_of_the_longest_words(value: str, words: int, anchor: int) -> None:
    found = learnt(told(pa.array([value])))
    assert [divmod(shape, 16) for shape in found.shapes.tolist()] == [(words, anchor)]
    alone = learnt(told(pa.array([f"{value.replace('@', '.').replace('-', ' ')}"])))
    assert found.anchors.tolist() == alone.anchors.tolist()


def test_longer_values_than_eight_words_are_prose() -> None:
    found = learnt(
        told(pa.array(["one two three four five six seven eight", "and one two three four five six seven eight"]))
    )
    assert len(found.runs) == 1
