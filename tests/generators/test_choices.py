"""Choices, all alike or weighted."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.generators.agreement import agreed

from hotfixture import generators
from hotfixture.errors import OptionError
from hotfixture.generators.choices import cumulative


def test_choices_without_weights_come_alike():
    counts = Counter(agreed("choice", count=9000, values="a,b,ж"))
    assert set(counts) == {"a", "b", "ж"}
    assert all(2800 < count < 3200 for count in counts.values())


def test_weights_are_proportions_and_a_weight_of_zero_never_comes():
    counts = Counter(agreed("choice", count=10_000, values="a,b,c", weights="1,0,3"))
    assert set(counts) == {"a", "c"}
    assert 7300 < counts["c"] < 7700


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e12), min_size=1, max_size=30).filter(any))
def test_cumulative_weights_rise_to_two_to_the_62_and_a_weight_of_zero_has_no_room(weights):
    sums = cumulative(tuple(weights))
    assert sums[-1] == 1 << 62
    assert list(sums) == sorted(sums)
    assert all(left == right for left, right, weight in zip((0, *sums), sums, weights, strict=False) if not weight)


def test_equal_weights_however_large_or_small_give_equal_shares():
    assert cumulative((1e-300,) * 4) == cumulative((1e300,) * 4) == tuple((1 << 60) * n for n in (1, 2, 3, 4))


@pytest.mark.parametrize("weights", ["1,2", "1,2,3,4", "1,-2,3", "0,0,0", "1,nan,2", "1,inf,2"])
def test_weights_that_do_not_fit_are_refused(weights):
    with pytest.raises(OptionError, match="weights="):
        generators.generate("choice", values="a,b,c", weights=weights)


def test_the_capacity_counts_distinct_possible_values():
    assert generators.find("choice").capacity(values="a,b,a,c", weights="1,1,1,0") == 2
