"""Plain numbers and truth values."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.generators.agreement import agreed

from hotfixture import generators
from hotfixture.errors import OptionError
from hotfixture.generators.numbers import INT64_HIGH, INT64_LOW

INT64 = st.integers(INT64_LOW, INT64_HIGH)


@settings(deadline=None)
@given(st.tuples(INT64, INT64).map(sorted), st.integers(0, 2**64 - 1))
def test_integers_of_any_range_up_to_the_whole_of_int64_stay_inside(bounds, seed):
    agreed("integer", count=20, seed=seed, low=bounds[0], high=bounds[1])


@pytest.mark.parametrize(("low", "high"), [(INT64_LOW, INT64_HIGH), (INT64_LOW, INT64_HIGH - 1), (-1, INT64_HIGH)])
def test_integers_of_the_widest_ranges_reach_all_parts_alike(low, high):
    found = agreed("integer", count=4000, low=low, high=high)
    middle = (low + high) // 2
    assert 1850 < sum(value < middle for value in found) < 2150


def test_every_integer_of_a_small_range_comes_about_as_often_as_the_others():
    found = agreed("integer", count=6000, low=-2, high=3)
    assert {value: 850 < found.count(value) < 1150 for value in range(-2, 4)} == dict.fromkeys(range(-2, 4), True)


@pytest.mark.parametrize("name", ["integer", "decimal", "float", "uniform", "zipf"])
def test_a_low_above_high_or_out_of_range_is_refused(name):
    with pytest.raises(OptionError):
        generators.generate(name, **{"high": -5} if name == "zipf" else {"low": 7, "high": 6})


@pytest.mark.parametrize("share", [0, 0.25, 0.5, 1])
def test_a_share_of_truth_values_is_true(share):
    found = agreed("boolean", count=8000, share=share)
    assert abs(sum(found) / 8000 - share) < 0.02
    assert len(set(found)) == generators.find("boolean").capacity(share=share)


def test_a_share_above_one_is_refused():
    with pytest.raises(OptionError, match=r"share=1\.5"):
        generators.generate("boolean", share=1.5)


@settings(deadline=None)
@given(st.integers(0, 18), st.lists(st.integers(-(10**17), 10**17), min_size=2, max_size=2).map(sorted))
def test_decimals_have_exactly_their_places_and_stay_inside(scale, units):
    low, high = (Decimal(f"{unit}e-{scale}") for unit in units)
    agreed("decimal", count=20, low=low, high=high, scale=scale)


def test_decimals_reach_both_bounds_and_no_value_between_the_places():
    assert set(agreed("decimal", count=500, low="-0.025", high="0.029", scale=2)) == {
        Decimal("-0.02"), Decimal("-0.01"), Decimal("0.00"), Decimal("0.01"), Decimal("0.02"),
    }  # fmt: skip


def test_a_decimal_range_between_two_steps_of_the_scale_is_refused():
    with pytest.raises(OptionError, match=r"low=0\.011"):
        generators.generate("decimal", low="0.011", high="0.019", scale=2)


def test_a_decimal_wider_than_64_bits_is_refused():
    with pytest.raises(OptionError, match="high="):
        generators.generate("decimal", high="1e17", scale=4)


def test_decimals_do_not_depend_on_the_context_of_the_caller():
    from decimal import localcontext

    with localcontext() as context:
        context.prec = 3
        assert agreed("decimal", count=3, seed=5) == [Decimal("570.22"), Decimal("233.09"), Decimal("648.53")]


@settings(deadline=None)
@given(st.integers(0, 9), st.lists(st.integers(-100_000, 100_000), min_size=2, max_size=2).map(sorted))
def test_floats_are_the_nearest_to_their_decimals(digits, bounds):
    found = agreed("float", count=20, low=bounds[0], high=bounds[1], digits=digits)
    assert all(float(f"{value:.{digits}f}") == value for value in found)


def test_floats_of_more_digits_than_a_float_holds_are_refused():
    with pytest.raises(OptionError, match="15 digits"):
        generators.generate("float", high=100_000.0, digits=12)
