"""Measured quantities."""

from __future__ import annotations

import pytest

from hotfixture.draws import Draws
from hotfixture.errors import OptionError
from hotfixture.generators.quantities import quantity

DRAWS = Draws.from_rows(2, "quantities", 0, 5_000)


def test_whole_numbers_reach_both_bounds_alike():
    found = quantity("t.whole", 3, 7, doc="A.")(DRAWS).to_pylist()
    assert set(found) == {3, 4, 5, 6, 7}
    assert all(900 < found.count(number) < 1_100 for number in range(3, 8))


def test_decimals_have_their_places():
    found = quantity("t.decimal", 0.5, 2.0, digits=1, doc="A.")(DRAWS).to_pylist()
    assert set(found) == {number / 10 for number in range(5, 21)}


def test_a_bell_has_its_hump_in_the_middle_and_keeps_the_bounds():
    found = quantity("t.bell", 0, 99, bell=True, doc="A.")(DRAWS).to_pylist()
    assert min(found) >= 0
    assert max(found) <= 99
    assert sum(33 <= number < 67 for number in found) > 3 * sum(number < 33 for number in found)


def test_options_move_the_range_within_its_limits():
    made = quantity("t.moved", 3, 7, least=0, most=10, doc="A.")
    assert set(made(DRAWS, low=9, high=10).to_pylist()) == {9, 10}
    assert made.capacity(low=0, high=10) == 11
    with pytest.raises(OptionError, match="high=11"):
        made(DRAWS, high=11)
    with pytest.raises(OptionError, match="low=8"):
        made(DRAWS, low=8)
