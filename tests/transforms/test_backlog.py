"""Keys that wait: nothing is lost, nothing comes twice, first in is first out."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.transforms.backlog import Backlog


def batch(numbers: list[int]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array(numbers, pa.int64())], names=["n"])


@pytest.mark.parametrize("memory", [0, 60, 1 << 20])
@given(puts=st.lists(st.lists(st.integers(0, 99), max_size=9), max_size=9), size=st.integers(1, 7))
def test_all_comes_out_in_order_in_pieces_of_the_size(memory: int, puts: list[list[int]], size: int) -> None:
    backlog = Backlog(memory=memory)
    for numbers in puts:
        backlog.put(batch(numbers))
    everything = [number for numbers in puts for number in numbers]
    assert bool(backlog) == bool(everything)
    pieces = [piece.column("n").to_pylist() for piece in backlog.pieces(size)]
    assert [number for piece in pieces for number in piece] == everything
    assert all(len(piece) == size for piece in pieces[:-1])
    assert not backlog


@pytest.mark.parametrize("memory", [0, 1 << 20])
def test_what_is_put_in_while_it_is_read_comes_out_too(memory: int) -> None:
    backlog = Backlog(memory=memory)
    backlog.put(batch([5]))
    seen = []
    for piece in backlog.pieces(3):
        numbers = piece.column("n").to_pylist()
        seen += numbers
        backlog.put(batch([number - 1 for number in numbers if number > 1]))
    assert seen == [5, 4, 3, 2, 1]
