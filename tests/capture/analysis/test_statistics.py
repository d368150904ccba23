"""Bounded samples, percentiles, intervals and tests of significance, held against published values."""

from __future__ import annotations

import itertools
import math
import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.capture.analysis.statistics import (
    Sample,
    adjusted,
    fisher,
    mann_kendall,
    mann_whitney,
    percentile,
    wilson,
)


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=60))
def test_percentiles_are_those_of_the_standard_library(values: list[float]) -> None:
    expected = statistics.quantiles(values, n=100, method="inclusive")
    ordered = sorted(values)
    for wanted in (1, 50, 90, 95, 99):
        assert percentile(ordered, wanted) == pytest.approx(expected[wanted - 1], abs=1e-6)


def test_a_sample_is_exact_up_to_its_bound_and_says_so() -> None:
    sample = Sample(100)
    for value in range(100):
        sample.add(value)
    assert sample.exact
    assert sample.percentiles(0, 50, 100) == [0, 49.5, 99]
    sample.add(1000)
    assert not sample.exact
    assert (sample.count, sample.greatest, sample.total) == (101, 1000, 4950 + 1000)


def test_beyond_its_bound_a_sample_stays_small_and_near_the_truth() -> None:
    sample, source = Sample(4096), random.Random(7)
    values = [source.lognormvariate(2, 1) for _ in range(200_000)]
    for value in values:
        sample.add(value)
    assert len(sample.values) == 4096
    values.sort()
    for wanted, off in ((50, 2.5), (95, 1.1), (99, 0.5)):  # three standard errors of the rank
        low, high = percentile(values, wanted - off), percentile(values, min(100, wanted + off))
        assert low <= sample.percentiles(wanted)[0] <= high
    assert sample.mean == pytest.approx(statistics.fmean(values))


def test_the_same_values_give_the_same_sample() -> None:
    first, second = Sample(50), Sample(50)
    for value in range(5000):
        first.add(value)
        second.add(value)
    assert first.values == second.values


def test_wilsons_interval_is_the_published_one() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3
    for hits, count, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        assert wilson(hits, count) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))
    assert wilson(0, 0) == (0, 1)


def test_mann_whitney_of_small_samples_is_counted_out() -> None:
    """Held against all ways to deal the ranks."""
    for n, m in ((3, 4), (5, 5), (2, 7)):
        ranks = range(1, n + m + 1)
        every = [sum(chosen) - n * (n + 1) // 2 for chosen in itertools.combinations(ranks, n)]
        for chosen in itertools.islice(itertools.combinations(ranks, n), 0, None, 7):
            u = sum(chosen) - n * (n + 1) // 2
            tail = min(u, n * m - u)
            expected = min(1, 2 * sum(one <= tail for one in every) / len(every))
            others = [rank for rank in ranks if rank not in chosen]
            assert mann_whitney(chosen, others)[0] == pytest.approx(expected)


def test_mann_whitney_is_the_published_one() -> None:
    # Mann and Whitney's U of 5 and 5 at the tabled bound: P(U <= 2) = 4 / 252, two-sided 0.0317
    assert mann_whitney([1, 2, 3, 4, 7], [5, 6, 8, 9, 10])[0] == pytest.approx(8 / 252)
    # the tortoises and hares of Aesop: U 11 of 36
    hares, tortoises = [2, 3, 4, 5, 6, 12], [1, 7, 8, 9, 10, 11]
    p, effect = mann_whitney(hares, tortoises)
    assert effect == 25 / 36
    assert p == pytest.approx(0.3095, abs=1e-4)


def test_mann_whitney_of_large_samples_with_ties_uses_the_corrected_normal_approximation() -> None:
    """Held against a permutation test of the same statistic."""
    source = random.Random(3)
    first = [float(source.randrange(8)) for _ in range(40)]
    second = [float(source.randrange(8)) + source.randrange(2) for _ in range(40)]
    p, effect = mann_whitney(first, second)
    pooled, extreme, runs = [*first, *second], 0, 4000
    for _ in range(runs):
        source.shuffle(pooled)
        extreme += abs(_effect(pooled[:40], pooled[40:]) - 0.5) >= abs(effect - 0.5) - 1e-12
    assert _effect(first, second) == pytest.approx(effect)
    assert p == pytest.approx(extreme / runs, abs=0.02)


def _effect(first: list[float], second: list[float]) -> float:
    return sum((b > a) + 0.5 * (a == b) for a in first for b in second) / (len(first) * len(second))


def test_equal_samples_and_empty_ones_show_nothing() -> None:
    assert mann_whitney([1.0] * 50, [1.0] * 50) == (1.0, 0.5)
    assert mann_whitney([], [1.0]) == (1.0, 0.5)


def test_fishers_test_is_the_published_one() -> None:
    # Fisher's lady tasting tea: 3 of 4 cups right
    assert fisher(3, 4, 1, 4) == pytest.approx(34 / 70)
    # Agresti's table of the same size, all right
    assert fisher(4, 4, 0, 4) == pytest.approx(2 / 70)
    assert fisher(1, 10, 9, 10) == pytest.approx(0.001093, abs=1e-6)
    assert fisher(0, 10, 0, 10) == 1
    assert fisher(2, 0, 0, 4) == 1


def test_fishers_test_of_huge_tables_is_near_the_normal_one() -> None:
    exact = fisher(500, 190_000, 620, 190_000)
    assert fisher(500, 210_000, 620, 210_000) == pytest.approx(fisher(500, 209_000, 620, 209_000), rel=0.05)
    assert math.log(exact) == pytest.approx(math.log(3.2e-4), abs=0.3)


def test_mann_kendall_is_the_published_one() -> None:
    # S = 45 of 10 rising values: variance 125, z = 44 / 11.18
    p, tau = mann_kendall(list(range(10)))
    assert (p, tau) == (pytest.approx(8.3e-5, rel=0.01), 1)
    assert mann_kendall([1, 1, 1, 1]) == (1, 0)
    assert mann_kendall([1, 2]) == (1, 0)


def test_holms_correction_is_the_published_one() -> None:
    # Holm, Scandinavian Journal of Statistics 6 (1979): the smallest times n, the next times n - 1, never falling
    assert adjusted([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert adjusted([0.9, 0.8]) == [1, 1]
    assert adjusted([]) == []
