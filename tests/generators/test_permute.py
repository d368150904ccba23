"""A permutation loses and doubles nothing, whatever its size and key."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.errors import OptionError
from hotfixture.generators.permute import LARGEST, permute

KEYS = st.one_of(st.integers(0, (1 << 64) - 1), st.binary(min_size=32, max_size=32))


@given(st.integers(1, 3000), KEYS)
def test_every_index_goes_somewhere_else_than_all_others(size, key):
    gone = permute(np.arange(size), size, key)
    assert np.array_equal(np.sort(gone), np.arange(size))


@given(st.integers(1, LARGEST), KEYS, st.data())
def test_one_goes_where_many_go(size, key, data):
    indices = data.draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=5))
    many = permute(np.array(indices, np.uint64), size, key)
    assert [permute(index, size, key) for index in indices] == many.tolist()
    assert all(0 <= index < size for index in many.tolist())


@pytest.mark.parametrize("size", [100, 257, 5000])
@pytest.mark.parametrize("keys", [(1, 2), (bytes(32), bytes(31) + b"\1")])
def test_another_key_is_another_permutation(size, keys):
    first, second = (permute(np.arange(size), size, key) for key in keys)
    assert np.mean(first == second) < 0.1
    assert np.mean(first == np.arange(size)) < 0.1


def test_neighbours_do_not_stay_neighbours():
    gone = permute(np.arange(100_000), 100_000, 5)
    assert abs(np.corrcoef(np.arange(100_000), gone)[0, 1]) < 0.02


@pytest.mark.parametrize(("index", "size"), [(5, 5), (-1, 5), (0, 0), (0, LARGEST + 1)])
def test_what_lies_outside_is_refused(index, size):
    with pytest.raises(OptionError):
        permute(index, size, 1)
    with pytest.raises(OptionError):
        permute(np.array([index]), size, 1)


def test_a_million_take_less_than_two_seconds():
    start = time.thread_time()
    permute(np.arange(1_000_000), 9_000_000_000, 3)
    assert time.thread_time() - start < 2


def test_known_permutations_stay_as_they_are():
    """These bytes are promised for ever."""
    assert permute(np.arange(8), 8, 7).tolist() == [permute(index, 8, 7) for index in range(8)]
    assert [permute(index, 10**9, 7) for index in range(3)] == PROMISED_PLAIN
    assert [permute(index, 10**9, b"k" * 32) for index in range(3)] == PROMISED_SECRET


PROMISED_PLAIN = [844894569, 924508827, 320525881]
PROMISED_SECRET = [226623806, 656925744, 431106476]
