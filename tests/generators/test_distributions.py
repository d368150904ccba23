"""Numbers that are not all alike."""

from __future__ import annotations

import statistics
from bisect import bisect_left
from collections import Counter
from math import erf, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.generators.agreement import agreed

from hotfixture import generators
from hotfixture.errors import OptionError
from hotfixture.generators.distributions import _RANKS, _masses, _normal_at, _quantiles, _zipf_blocks, standard

FLOATS = st.floats(-1e150, 1e150)


def distance(found, distribution):
    """Kolmogorov and Smirnov's: the widest gap between the sample and the distribution function."""
    ordered = sorted(found)
    count = len(ordered)
    return max(
        max(abs(distribution(value) - place / count), abs(distribution(value) - (place + 1) / count))
        for place, value in enumerate(ordered)
    )


def bell(value):
    return (1 + erf(value / sqrt(2))) / 2


@settings(deadline=None)
@given(st.lists(FLOATS, min_size=2, max_size=2).map(sorted))
def test_uniform_numbers_of_any_range_stay_inside(bounds):
    agreed("uniform", count=20, low=bounds[0], high=bounds[1])


def test_uniform_numbers_are_uniform():
    assert distance(agreed("uniform", count=10_000, low=-3, high=5), lambda value: (value + 3) / 8) < 0.02


def test_a_range_wider_than_a_float_is_refused():
    with pytest.raises(OptionError, match="high="):
        generators.generate("uniform", low=-1e308, high=1e308)


def test_the_committed_quantiles_are_those_of_the_normal_distribution():
    """Against the standard library's inverse, at every entry of the table and between."""
    inverse = statistics.NormalDist().inv_cdf
    assert len(_quantiles()) == 40 * 32 + 1
    for length in range(23, 63):
        for step in range(64):
            tail = (1 << (length - 1)) * (64 + step) // 64
            assert abs(standard(_RANKS - 1 - tail) / 2**32 + inverse(tail / _RANKS)) < 7e-5


def test_quantiles_never_fall_and_are_symmetric():
    ranks = sorted({0, _RANKS - 1, *(1 << bit for bit in range(63)), *range(0, _RANKS, _RANKS // 999)})
    found = [standard(rank) for rank in ranks]
    assert found == sorted(found)
    assert all(standard(_RANKS - 1 - rank) == -standard(rank) for rank in ranks if rank < _RANKS // 2)


def test_normal_numbers_are_normal():
    assert distance(agreed("normal", count=10_000, mean=50, deviation=10), lambda value: bell((value - 50) / 10)) < 0.02


def test_what_lies_outside_the_bounds_is_cut_off_and_nothing_gathers_at_them():
    found = agreed("normal", count=10_000, low=-0.5, high=2)
    lowest, share = bell(-0.5), bell(2) - bell(-0.5)
    assert distance(found, lambda value: (bell(value) - lowest) / share) < 0.02
    assert len(set(found)) > 9_990


@settings(deadline=None)
@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.lists(st.floats(-6, 6), min_size=2, max_size=2).map(sorted))
def test_normal_numbers_between_any_bounds_stay_inside(mean, deviation, bounds):
    low, high = (mean + bound * deviation for bound in bounds)
    try:
        agreed("normal", count=20, mean=mean, deviation=deviation, low=low, high=high)
    except OptionError:
        assert high - low < deviation * 1e-4 + abs(mean) * 1e-9  # only where there is hardly a float between


def test_bounds_that_no_normal_number_reaches_are_refused():
    with pytest.raises(OptionError, match="low=9"):
        generators.generate("normal", low=9.0, high=10.0)


def test_no_deviation_gives_the_mean():
    assert set(agreed("normal", mean=4.5, deviation=0)) == {4.5}


def test_a_normal_number_is_one_multiplication_and_one_addition_from_an_integer():
    """Both are rounded exactly by IEEE 754, so every processor gives the same bits."""
    rank = 0x1234_5678_9ABC_DEF0
    assert _normal_at(rank, 3.7, 1.9) == 3.7 + 1.9 * (standard(rank) / 2**32)


@pytest.mark.parametrize("exponent", [0, 0.5, 1, 1.2, 3])
def test_ranks_come_in_proportion_to_their_power(exponent):
    counts = Counter(agreed("zipf", count=40_000, high=50, exponent=exponent))
    weights = [rank**-exponent for rank in range(1, 51)]
    for rank, weight in enumerate(weights, start=1):
        expected = 40_000 * weight / sum(weights)
        assert abs(counts[rank] - expected) < 5 * sqrt(expected) + 1


@pytest.mark.parametrize("exponent", [0.0, 0.7, 1.0, 1.3, 2.0])
def test_the_blocks_of_many_ranks_weigh_what_their_ranks_weigh_together(exponent):
    _, starts, sizes = _zipf_blocks(20_000, exponent)
    from decimal import Decimal

    masses = _masses([*starts, 20_001], Decimal(repr(exponent)))
    for start, size, mass in zip(starts, sizes, masses, strict=True):
        assert float(mass) == pytest.approx(sum(rank**-exponent for rank in range(start, start + size)), rel=1e-5)


@settings(deadline=None)
@given(st.integers(1, 1 << 53), st.floats(0, 10), st.integers(0, 2**64 - 1))
def test_ranks_of_any_size_and_exponent_stay_inside(high, exponent, seed):
    agreed("zipf", count=20, seed=seed, high=high, exponent=exponent)


def test_a_huge_domain_reaches_its_far_end_and_needs_few_blocks():
    found = agreed("zipf", count=20_000, high=1 << 50, exponent=1)
    assert len(_zipf_blocks(1 << 50, 1.0)[0]) < 2_000
    assert max(found) > 1 << 49
    below = bisect_left(sorted(found), 1 << 25) / 20_000
    assert 0.48 < below < 0.56  # half of the logarithm, and Euler's constant


def test_a_histogram_is_followed_bin_by_bin():
    found = agreed("histogram", count=10_000, edges="0,1,10,100", weights="1,0,3")
    assert sum(value <= 1 for value in found) / 10_000 == pytest.approx(0.25, abs=0.02)
    assert not any(1 < value < 10 for value in found)
    upper = [value for value in found if value >= 10]
    assert distance(upper, lambda value: (value - 10) / 90) < 0.03


@pytest.mark.parametrize(
    "options",
    [
        {"edges": "0,0,1", "weights": "1,1"},
        {"edges": "2,1", "weights": "1"},
        {"edges": "0,1,2", "weights": "1"},
        {"edges": "0,1", "weights": "0"},
        {"edges": "0", "weights": "1"},
        {"edges": "-1e308,1e308", "weights": "1"},
    ],
)
def test_a_histogram_that_is_none_is_refused(options):
    with pytest.raises(OptionError):
        generators.generate("histogram", **options)


def test_ranks_do_not_depend_on_the_context_of_the_caller():
    from decimal import Inexact, localcontext

    expected = agreed("zipf", count=200, high=5_000, exponent=1.5)
    _zipf_blocks.cache_clear()
    with localcontext() as context:
        context.prec = 3
        context.traps[Inexact] = True
        assert agreed("zipf", count=200, high=5_000, exponent=1.5) == expected
