"""Machine integers reach both ends of their type; notations mean the number they spell."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draw, Draws
from hotfixture.generators import find
from hotfixture.generators.integers import roman


@pytest.mark.parametrize("name", [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)])
def test_numbers_reach_from_end_to_end_of_their_type(name):
    made = find(f"numbers.{name}")
    low, high = (int(bound) for bound in (np.iinfo(name).min, np.iinfo(name).max))
    assert made.arrow_type() == getattr(pa, name)()
    bits = Draws.from_rows(1, "machine", 0, 4000)
    found = made(bits).to_pylist()
    width = (high - low) // 50
    assert min(found) < low + width
    assert max(found) > high - width
    assert [made(Draw(int(each))) for each in bits.bits] == found


@pytest.mark.parametrize(("name", "base"), [("hexadecimal", 16), ("octal", 8), ("numbers.binary", 2)])
def test_notations_are_read_by_python(name, base):
    assert all(0 <= int(value, base) < base**5 and len(value) == 5 for value in agreed(name, digits=5))
    assert all(int(value, 0) < base**5 for value in agreed(name, digits=5, prefix=True))


def test_romans_count_right():
    assert [roman(number) for number in (1, 4, 9, 14, 40, 90, 400, 1994, 2024, 3999)] == [
        "I", "IV", "IX", "XIV", "XL", "XC", "CD", "MCMXCIV", "MMXXIV", "MMMCMXCIX",
    ]  # fmt: skip
    assert len({roman(number) for number in range(1, 4000)}) == 3999


def test_two_dice_show_seven_most_often():
    counts = Counter(agreed("dice", dice=2, count=6000))
    assert set(counts) == set(range(2, 13))
    assert abs(counts[7] / 6000 - 1 / 6) < 0.02
    assert set(agreed("dice", dice=3, sides=2, plus=-3, count=500)) == {0, 1, 2, 3}


def test_probabilities_have_both_ends():
    assert set(agreed("probability", digits=1, count=2000)) == {number / 10 for number in range(11)}


def test_digits_may_leave_out_zero():
    assert set(agreed("digit", zero=False, count=500)) == set(range(1, 10))
