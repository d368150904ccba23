"""Operations on one or many: each row of many is what one gives."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.draws import Draw, Draws
from hotfixture.generators import values
from hotfixture.generators.pools import Pool

NUMBERS = st.lists(st.integers(0, 10**12), min_size=1, max_size=8)
POOL = Pool(["", "a", "öß", "日本", "dd dd"])
INDICES = st.lists(st.integers(0, len(POOL) - 1), min_size=1, max_size=8)


def vector(numbers):
    return np.array(numbers, np.int64)


@given(NUMBERS, st.integers(1, 13))
def test_padded_digits(numbers, width):
    assert values.padded(vector(numbers), width).to_pylist() == [values.padded(each, width) for each in numbers]
    assert values.padded(numbers[0], width) == str(numbers[0]).zfill(width)[-width:]


@given(st.lists(st.integers(0, (1 << 64) - 1), min_size=1, max_size=8), st.integers(1, 13))
def test_digits_in_a_base(bits, width):
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    many = values.spelled(np.array(bits, np.uint64), alphabet, width).to_pylist()
    assert many == [values.spelled(each, alphabet, width) for each in bits]
    back = [sum(alphabet.index(digit) << (5 * place) for place, digit in enumerate(reversed(text))) for text in many]
    assert back == [each % (1 << (5 * width)) for each in bits]


@given(INDICES, st.lists(st.sampled_from(["{x}", "{y}", " ", "–", "straße"]), min_size=1, max_size=6))
def test_texts_of_entries_and_literals(index, pieces):
    """Looked up together or joined one by one, on the left, on the right or around."""
    pattern = "".join(pieces)
    turned = [len(POOL) - 1 - each for each in index]
    one = [
        values.compose(pattern, x=values.pick(POOL, a), y=values.pick(POOL, b))
        for a, b in zip(index, turned, strict=True)
    ]
    picks = values.compose(pattern, x=values.pick(POOL, vector(index)), y=values.pick(POOL, vector(turned)))
    eager = values.compose(pattern, x=values.take(POOL, vector(index)), y=values.pick(POOL, vector(turned)))
    if "{" in pattern:
        assert picks.to_pylist() == one == eager.to_pylist()
        picks.validate(full=True)
    else:
        assert picks == pattern


@given(INDICES, st.data())
def test_choosing_between_columns(index, data):
    conditions = data.draw(st.lists(st.booleans(), min_size=len(index), max_size=len(index)))
    mask = np.array(conditions)
    texts = values.where(mask, values.pick(POOL, vector(index)), "none").to_pylist()
    assert texts == [values.where(each, POOL[at], "none") for each, at in zip(conditions, index, strict=True)]
    numbers = values.where(mask, vector(index), -1).tolist()
    assert numbers == [values.where(each, at, -1) for each, at in zip(conditions, index, strict=True)]
    chosen = values.select(vector(conditions), "no", values.pick(POOL, vector(index))).to_pylist()
    assert chosen == [values.select(int(each), "no", POOL[at]) for each, at in zip(conditions, index, strict=True)]


@given(
    st.lists(st.integers(0, (1 << 64) - 1), min_size=1, max_size=8),
    st.lists(st.integers(1, 99), min_size=1, max_size=5),
)
def test_weighted_choice_follows_the_running_sums(bits, weights):
    sums = np.cumsum(weights).tolist()
    many = values.weighted(Draws(np.array(bits, np.uint64)), sums).tolist()
    assert many == [values.weighted(Draw(each), sums) for each in bits]
    for index, each in zip(many, bits, strict=True):
        assert sums[index] - weights[index] <= Draw(each).below(sums[-1]) < sums[index]


@given(st.lists(st.integers(0, (1 << 64) - 1), min_size=1, max_size=8), st.integers(1, 1 << 31))
def test_bounds_of_their_own_are_kept(bits, bound):
    many = values.scaled(Draws(np.array(bits, np.uint64)), np.full(len(bits), bound)).tolist()
    assert many == [values.scaled(Draw(each), bound) for each in bits]
    assert all(0 <= each < bound for each in many)


@given(st.lists(st.dates(), min_size=1, max_size=8))
def test_dates_are_days_since_1970(dates):
    days = [values.days_of(each) for each in dates]
    assert values.date_at(vector(days)).to_pylist() == [values.date_at(each) for each in days] == dates
    assert values.days_of(date(1970, 1, 2)) == 1


def test_filled_patterns_keep_what_is_no_place():
    assert values.filled("(#) ##-#", "1234") == "(1) 23-4"
    assert values.filled("(#) ##-#", values.digit_matrix(vector([1234, 7]), 4)).to_pylist() == ["(1) 23-4", "(0) 00-7"]


def test_glyphs_stand_side_by_side():
    assert values.beside("ab", "c") == "abc"
    matrices = values.digit_matrix(vector([12]), 2), values.digit_matrix(vector([3]), 1)
    assert values.fixed_text(values.beside(*matrices)).to_pylist() == ["123"]


def test_records_are_dicts_or_structs():
    assert values.record({"a": 1, "b": "x"}) == {"a": 1, "b": "x"}
    many = values.record({"a": vector([1, 2]), "b": values.pick(POOL, vector([1, 2]))})
    assert many.to_pylist() == [{"a": 1, "b": "a"}, {"a": 2, "b": "öß"}]


def test_a_constant_stands_in_every_row():
    assert values.same(Draw(1), "x") == "x"
    assert values.same(Draws.from_rows(0, "x", 0, 3), "x").to_pylist() == ["x"] * 3


@pytest.mark.parametrize("column", [1, "a", 1.5, True, None, b"x", date(2024, 1, 1)])
def test_plain_values_are_one(column):
    assert values.is_one(column)
    assert not values.is_one(pa.array([column]))


def test_no_rows_make_no_texts():
    nothing = vector([])
    assert values.padded(nothing, 3).to_pylist() == []
    assert values.compose("{x}!", x=values.pick(POOL, nothing)).to_pylist() == []
