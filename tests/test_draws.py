"""Draws: one equals many, every row its own, and bytes that stay."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.draws import MASK, Draw, Draws, address_key, mix

WORDS = st.integers(0, MASK)
KEY = bytes(range(32))


@given(st.integers(), st.text(max_size=20), st.integers(0, 1 << 40), st.integers(1, 9))
def test_one_row_draws_as_in_the_vector(seed, address, first, count):
    many = Draws.from_rows(seed, address, first, count)
    assert [Draw.from_row(seed, address, first + place).bits for place in range(count)] == many.bits.tolist()


@given(st.lists(WORDS, min_size=1, max_size=9), st.integers(0, 1000))
def test_lanes_of_one_and_many_agree(bits, lane):
    vector = Draws(np.array(bits, np.uint64))
    assert [Draw(each).lane(lane).bits for each in bits] == vector.lane(lane).bits.tolist()


@given(
    st.lists(WORDS, min_size=1, max_size=9),
    st.one_of(st.integers(1, 1 << 63), st.sampled_from([1, (1 << 32) - 1, 1 << 32, (1 << 32) + 1, 1 << 63])),
)
def test_integers_below_a_bound_are_exact_and_agree(bits, bound):
    vector = Draws(np.array(bits, np.uint64))
    before = vector.bits.copy()
    many = vector.below(bound).tolist()
    assert many == [Draw(each).below(bound) for each in bits] == [each * bound >> 64 for each in bits]
    assert all(0 <= each < bound for each in many)
    assert np.array_equal(vector.bits, before), "drawing changes no draw"


@given(st.integers(1, 1 << 21), st.data())
def test_integers_below_a_bound_change_exactly_where_they_should(bound, data):
    """The first draw that gives a number, and the one before it, which gives the number before."""
    number = data.draw(st.integers(1, bound)) - 1
    edge = -(-(number << 64) // bound)
    assert Draws(np.array([edge], np.uint64)).below(bound).tolist() == [number]
    if number:
        assert Draws(np.array([edge, edge - 1], np.uint64)).below(bound).tolist() == [number, number - 1]


@given(st.lists(WORDS, min_size=1, max_size=9))
def test_units_of_one_and_many_agree(bits):
    many = Draws(np.array(bits, np.uint64)).unit().tolist()
    assert many == [Draw(each).unit() for each in bits]
    assert all(0 <= each < 1 for each in many)


@given(WORDS)
def test_mixing_can_be_undone(value):
    """A bijection: distinct rows of a column always have distinct draws."""

    def unshift(mixed: int, width: int) -> int:
        value = mixed
        for _ in range(64 // width):
            value = mixed ^ (value >> width)
        return value

    step = unshift(mix(value), 31) * pow(0x94D049BB133111EB, -1, 1 << 64) & MASK
    step = unshift(step, 27) * pow(0xBF58476D1CE4E5B9, -1, 1 << 64) & MASK
    assert unshift(step, 30) == value


def test_mixing_is_that_of_splitmix64():
    """The first outputs of SplitMix64 seeded with 0, as its author's code prints them."""
    golden = 0x9E3779B97F4A7C15
    assert [hex(mix(golden * turn)) for turn in (1, 2, 3)] == [
        "0xe220a8397b1dcdaf",
        "0x6e789e6aa1b965f4",
        "0x6c45d188009454f",
    ]


def test_every_input_bit_changes_half_of_the_output():
    rows = np.arange(2000, dtype=np.uint64)
    base = Draws.at_rows(0, "a", rows).bits
    for bit in range(0, 64, 7):
        other = Draws.at_rows(0, "a", rows ^ np.uint64(1 << bit)).bits
        share = np.mean([int(each).bit_count() for each in base ^ other]) / 64
        assert math.isclose(share, 0.5, abs_tol=0.01)


def test_columns_are_no_shifts_of_one_sequence():
    """The key of the column enters after the row is hashed."""
    first, second = (set(Draws.from_rows(0, name, 0, 50_000).bits.tolist()) for name in ("a.x", "a.y"))
    assert not first & second
    assert address_key("a.x") != address_key("a.y")


def test_lanes_and_seeds_are_independent():
    base = Draws.from_rows(0, "a", 0, 50_000)
    vectors = [base, base.lane(0), base.lane(1), Draws.from_rows(1, "a", 0, 50_000)]
    units = np.array([each.unit() for each in vectors])
    assert np.abs(np.corrcoef(units) - np.eye(len(vectors))).max() < 0.02


def test_buckets_fill_evenly():
    """Chi-squared over 1000 buckets: within five standard deviations of what chance gives."""
    counts = np.bincount(Draws.from_rows(0, "even", 0, 1_000_000).below(1000), minlength=1000)
    chi = ((counts - 1000) ** 2 / 1000).sum()
    assert abs(chi - 999) < 5 * math.sqrt(2 * 999)


def test_rows_in_any_order_and_pieces_are_the_same():
    whole = Draws.from_rows(3, "a", 10, 100)
    assert np.array_equal(whole.bits[40:60], Draws.from_rows(3, "a", 50, 20).bits)
    order = np.array([7, 3, 99, 0])
    assert np.array_equal(whole.take(order).bits, Draws.at_rows(3, "a", order.astype(np.uint64) + np.uint64(10)).bits)


@given(st.lists(st.one_of(st.none(), st.text(max_size=40)), min_size=1, max_size=20))
def test_equal_values_draw_alike_and_others_do_not(texts):
    bits = Draws.from_values(KEY, "person", pa.array(texts, pa.string())).bits.tolist()
    by_value = dict(zip(((text or "") for text in texts), bits, strict=True))
    assert [by_value[text or ""] for text in texts] == bits
    assert len(set(bits)) == len({text or "" for text in texts})


@pytest.mark.parametrize(("key", "domain"), [(bytes(32), "person"), (KEY, "place")])
def test_another_key_or_domain_draws_otherwise(key, domain):
    values = pa.array(["a", "b", ""])
    assert not set(Draws.from_values(KEY, "person", values).bits) & set(Draws.from_values(key, domain, values).bits)


def test_known_draws_stay_as_they_are():
    """These bytes are promised for ever."""
    assert Draw.from_row(0, "users.email", 0).bits == 0x51B0A810607604FF
    assert Draws.from_values(KEY, "person", pa.array(["Ada"])).bits.tolist() == [0xC1CBF2F7A36FA6EE]
