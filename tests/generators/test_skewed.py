"""Skewed numbers follow the distribution they are named after, from tables that are right."""

from __future__ import annotations

import statistics
from collections import Counter
from itertools import pairwise
from math import comb, exp, isclose, lgamma, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.generators.agreement import agreed
from tests.generators.test_distributions import bell, distance

from hotfixture import generators
from hotfixture.draws import Draws
from hotfixture.errors import OptionError
from hotfixture.generators.skewed import _binomial_sums, _logarithms, _poisson_sums, _power_of_e, _powers

MANY = 10_000


def test_the_committed_logarithms_are_those_of_the_standard_library():
    found = _logarithms()
    assert len(found) == 41 * 64 + 1
    for place, entry in enumerate(found[:-1]):
        tail = ((64 + place % 64) << (place // 64 + 16)) / 2**63
        assert isclose(entry / 2**32, -log(tail), abs_tol=1e-9)


def test_the_committed_powers_are_those_of_the_standard_library():
    assert all(isclose(power, 2 ** (step / 1024), rel_tol=1e-14) for step, power in enumerate(_powers()))
    assert len(_powers()) == 1025


@settings(deadline=None)
@given(st.floats(-690, 690))
def test_powers_of_e_are_right_to_seven_digits_and_the_same_for_one_and_many(exponent):
    one = _power_of_e(exponent)
    assert isclose(one, exp(exponent), rel_tol=1e-7)
    assert _power_of_e(np.array([exponent]))[0] == one


@pytest.mark.parametrize(
    ("name", "options", "distribution"),
    [
        ("exponential", {"mean": 4.0}, lambda value: 1 - exp(-value / 4)),
        ("erlang", {"shape": 2, "mean": 2.0}, lambda value: 1 - exp(-value) * (1 + value)),
        ("lognormal", {"location": 1.0, "spread": 0.5}, lambda value: bell((log(value) - 1) / 0.5)),
        ("pareto", {"shape": 2.0, "smallest": 3.0}, lambda value: 1 - min(1, 3 / value) ** 2),
        (
            "triangular",
            {"low": 0, "mode": 1, "high": 4},
            lambda value: value**2 / 4 if value < 1 else 1 - (4 - value) ** 2 / 12,
        ),
        ("distributions.beta", {"alpha": 1, "beta": 3, "high": 2.0}, lambda value: 1 - (1 - value / 2) ** 3),
        ("distributions.beta", {"alpha": 4, "beta": 1}, lambda value: value**4),
    ],
)
def test_values_follow_their_distribution(name, options, distribution):
    assert distance(agreed(name, count=MANY, **options), distribution) < 0.02


@pytest.mark.parametrize(
    ("name", "options", "share"),
    [
        ("poisson", {"mean": 3.5}, lambda number: exp(number * log(3.5) - 3.5 - lgamma(number + 1))),
        ("binomial", {"trials": 6, "share": 0.3}, lambda number: comb(6, number) * 0.3**number * 0.7 ** (6 - number)),
        ("geometric", {"share": 0.4}, lambda number: 0.4 * 0.6 ** (number - 1)),
    ],
)
def test_counts_come_as_often_as_they_should(name, options, share):
    counts = Counter(agreed(name, count=MANY, **options))
    for number in range(1, 6):
        assert abs(counts[number] / MANY - share(number)) < 0.02


@pytest.mark.parametrize("mean", [0, 0.001, 1, 700, 5000])
def test_sums_of_poisson_end_where_nothing_is_left(mean):
    sums = _poisson_sums(mean)
    assert sums[-1] == 1 << 62
    assert all(left <= right for left, right in pairwise(sums))
    values = agreed("poisson", mean=mean, count=2000)
    assert abs(statistics.fmean(values) - mean) <= 4 * (mean / 2000) ** 0.5


def test_sums_of_binomial_are_whole():
    assert _binomial_sums(1000, 0.37)[-1] == 1 << 62
    assert set(agreed("binomial", trials=9, share=1)) == {9}
    assert set(agreed("binomial", trials=9, share=0)) == {0}


def test_what_always_succeeds_takes_one_attempt():
    assert set(agreed("geometric", share=1)) == {1}


def test_impossible_shapes_are_refused():
    with pytest.raises(OptionError, match="mode=5"):
        generators.generate("triangular", mode=5)
    with pytest.raises(OptionError, match="spread=90"):
        generators.generate("lognormal", location=100, spread=90)
    assert set(agreed("triangular", low=2, mode=2, high=2)) == {2.0}


def test_the_last_draw_of_all_is_no_exception() -> None:
    last = Draws(np.array([(1 << 64) - 1, (1 << 64) - 1024], np.uint64))
    for name in ("exponential", "geometric", "pareto", "erlang"):
        made = generators.find(name)
        assert all(made.holds(value) for value in made(last).to_pylist())
