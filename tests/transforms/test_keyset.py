"""Sets of keys against Python's own sets."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.transforms import keyset
from hotfixture.transforms.keyset import KeySet, Table

NUMBERS = st.one_of(
    st.integers(-3, 30), st.integers(-(2**63), 2**64 - 1), st.just(keyset.DENSE), st.just(keyset.DENSE - 1)
)
TEXTS = st.one_of(NUMBERS.map(str), st.sampled_from(["", "a", "A", "1", "1 ", "é", "x" * 40]))


@pytest.fixture(params=[0, 20, keyset.FEW], scope="module", autouse=True)
def few(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test holds from the first key on, from the first few to the many, and for few keys alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keyset, "FEW", request.param)
        yield


@pytest.mark.parametrize("memory", [0, keyset.MEMORY])
@given(batches=st.lists(st.lists(TEXTS, max_size=60), max_size=8), integer=st.booleans())
def test_of_equal_keys_one_is_new_and_it_stays_so_on_disk(memory: int, batches: list[list[str]], integer: bool) -> None:
    keys = KeySet(integer=integer, memory=memory)
    seen: set[str] = set()
    for batch in batches:
        column = [pa.array(batch, pa.string())]
        assert keys.contains(column).tolist() == [key in seen for key in batch]
        fresh = keys.add_new(column)
        assert fresh.tolist() == [key not in seen and key not in batch[:n] for n, key in enumerate(batch)]
        seen |= set(batch)
        assert keys.contains(column).all()
        assert len(keys) == len(seen)


@given(st.lists(st.tuples(st.sampled_from(["", "a", "aa", "1"]), st.sampled_from(["", "a", "aa", "1"])), max_size=40))
def test_composite_keys_do_not_run_together(rows: list[tuple[str, str]]) -> None:
    keys = KeySet()
    columns = [pa.array([row[n] for row in rows], pa.string()) for n in (0, 1)]
    assert int(keys.add_new(columns).sum()) == len(set(rows)) == len(keys)
    assert keys.contains(columns).all()


def test_binary_keys_and_text_keys_are_both_taken() -> None:
    keys = KeySet()
    assert keys.add_new([pa.array([b"\x00\xff", b"", b"\x00\xff"], pa.binary())]).tolist() == [True, True, False]


def test_hashes_that_share_their_first_word_are_told_apart_in_memory_and_on_disk() -> None:
    for memory in (0, keyset.MEMORY):
        table = Table(memory=memory)
        first = np.full(500, 42, np.uint64)
        second = np.arange(500, dtype=np.uint64)
        assert table.add_new(first, second).all()
        assert not table.add_new(first, second).any()
        assert not table.contains(first, second + np.uint64(500)).any()
        assert len(table) == 500


def test_a_bounded_set_stays_exact_far_past_its_bound() -> None:
    keys = KeySet(memory=1 << 14)
    numbers = np.random.default_rng(1).integers(0, 30_000, 60_000)
    new = 0
    for start in range(0, len(numbers), 1_000):
        new += int(keys.add_new([pa.array(numbers[start : start + 1_000]).cast(pa.string())]).sum())
    assert new == len(np.unique(numbers)) == len(keys)


def test_empty_batches_are_nothing() -> None:
    for integer in (True, False):
        keys = KeySet(integer=integer)
        assert keys.add_new([pa.array([], pa.string())]).tolist() == []
        assert len(keys) == 0
