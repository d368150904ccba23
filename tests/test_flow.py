"""Moving batches: in order, read ahead, errors said where they are met, nothing left running."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pyarrow as pa
import pytest

from hotfixture.flow import Moved, ahead, move


class Kept:
    """A sink that keeps the numbers it was given."""

    def __init__(self) -> None:
        self.numbers: list[int] = []

    def write(self, batch: pa.RecordBatch) -> None:
        self.numbers += batch.column(0).to_pylist()


def batch(*numbers: int) -> pa.RecordBatch:
    return pa.record_batch({"n": pa.array(numbers, pa.int64())})


def threads() -> list[str]:
    """Those that read ahead; other parts of the program may have theirs from tests before."""
    return [thread.name for thread in threading.enumerate() if thread.name == "hotfixture-ahead"]


def test_batches_arrive_in_their_order_however_long_each_takes() -> None:
    def slow(one: pa.RecordBatch) -> pa.RecordBatch:
        time.sleep(0.01 if one.column(0)[0].as_py() % 3 == 0 else 0)
        return one

    sink = Kept()
    moved = move((batch(n) for n in range(40)), [slow], sink)
    assert sink.numbers == list(range(40))
    assert (moved.rows, moved.batches) == (40, 40)
    assert threads() == []


def test_transforms_apply_one_after_the_other() -> None:
    def double(one: pa.RecordBatch) -> pa.RecordBatch:
        return batch(*(2 * n for n in one.column(0).to_pylist()))

    def more(one: pa.RecordBatch) -> pa.RecordBatch:
        return batch(*(n + 1 for n in one.column(0).to_pylist()))

    sink = Kept()
    move([batch(1, 2), batch(), batch(3)], [double, more], sink)
    assert sink.numbers == [3, 5, 7]


def test_progress_counts_what_has_arrived() -> None:
    seen: list[tuple[int, int]] = []

    def note(moved: Moved) -> None:
        seen.append((moved.rows, moved.batches))

    move([batch(1, 2), batch(3)], [], Kept(), progress=note)
    assert seen == [(2, 1), (3, 2)]


@pytest.mark.parametrize("place", ["source", "transform", "sink"])
def test_an_error_comes_out_as_it_was_and_ends_every_thread(place: str) -> None:
    def source() -> Iterator[pa.RecordBatch]:
        yield from (batch(n) for n in range(5))
        if place == "source":
            raise LookupError(place)
        yield from (batch(n) for n in range(5, 1000))

    def transform(one: pa.RecordBatch) -> pa.RecordBatch:
        if place == "transform" and one.column(0)[0].as_py() == 3:
            raise LookupError(place)
        return one

    class Sink(Kept):
        def write(self, one: pa.RecordBatch) -> None:
            super().write(one)
            if place == "sink" and self.numbers[-1] == 3:
                raise LookupError(place)

    sink = Sink()
    with pytest.raises(LookupError, match=place):
        move(source(), [transform], sink)
    assert sink.numbers == list(range(len(sink.numbers)))
    assert len(sink.numbers) <= 5
    assert threads() == []


def test_a_source_is_read_ahead_and_no_further() -> None:
    read: list[int] = []

    def source() -> Iterator[int]:
        for number in range(100):
            read.append(number)
            yield number

    items = ahead(source(), depth=2)
    assert next(items) == 0
    time.sleep(0.1)
    assert len(read) <= 5
    items.close()  # type: ignore[attr-defined]  # a generator
    assert threads() == []


def test_a_source_that_is_left_early_is_not_read_to_its_end() -> None:
    read: list[int] = []

    def source() -> Iterator[int]:
        for number in range(100_000):
            read.append(number)
            yield number

    for number in ahead(source()):
        if number == 3:
            break
    assert len(read) < 20


def test_nothing_is_no_error() -> None:
    assert list(ahead([])) == []
    assert move([], [], Kept()).rows == 0


def test_a_source_that_waits_is_told_when_its_reader_leaves_and_only_then() -> None:
    told = threading.Event()

    def source() -> Iterator[int]:
        yield 1
        assert told.wait(10)

    begun = time.monotonic()
    for _ in ahead(source(), leave=told.set):
        break
    assert time.monotonic() - begun < 5
    assert threads() == []
    told.clear()
    assert list(ahead([1, 2], leave=told.set)) == [1, 2]
    assert not told.is_set()
