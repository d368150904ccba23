"""Keys that wait to be asked for: first in, first out, in memory up to a bound and in a file past it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO, Any

import pyarrow as pa

MEMORY = 16 << 20
"""Bytes of keys that one backlog keeps in memory."""


class Backlog:
    """Record batches of one schema; reading takes them out, and finds what was put in meanwhile."""

    def __init__(self, *, memory: int = MEMORY) -> None:
        self._memory = memory
        self._files: deque[IO[bytes]] = deque()
        self._batches: deque[pa.RecordBatch] = deque()
        self._bytes = 0

    def __bool__(self) -> bool:
        return bool(self._batches or self._files)

    def __del__(self) -> None:
        for file in self._files:
            file.close()

    def put(self, batch: pa.RecordBatch) -> None:
        """Add a batch; an empty one is nothing."""
        if not batch.num_rows:
            return
        self._batches.append(batch)
        self._bytes += batch.get_total_buffer_size() if batch.num_rows > 1000 else batch.nbytes
        if self._bytes > self._memory:
            self._spill()

    def _spill(self) -> None:
        file = TemporaryFile()  # noqa: SIM115 - it lives until its batches are taken out
        with pa.ipc.new_stream(file, self._batches[0].schema) as stream:
            for batch in self._batches:
                stream.write_batch(batch)
        file.seek(0)
        self._files.append(file)
        self._batches.clear()
        self._bytes = 0

    def pieces(self, rows: int) -> Iterator[pa.RecordBatch]:
        """All that is in it, in batches of at most `rows` rows, full ones as far as there are enough."""
        waiting: list[pa.RecordBatch] = []
        count = 0
        while True:
            batch = self._pop()
            if batch is None and not waiting:
                return
            if batch is None:
                yield _joined(waiting)
                waiting, count = [], 0
                continue  # something may have been put in meanwhile
            start = 0
            while batch.num_rows - start >= rows - count:
                part = batch.slice(start, rows - count)
                yield _joined([*waiting, part])
                start += part.num_rows
                waiting, count = [], 0
            if start < batch.num_rows:
                waiting.append(batch.slice(start))
                count += waiting[-1].num_rows

    def _pop(self) -> Any:
        """The oldest batch; None where there is none."""
        if self._files:
            file = self._files[0]
            try:
                return self._open(file).read_next_batch()
            except StopIteration:
                self._files.popleft().close()
                self._reader = None
                return self._pop()
        if not self._batches:
            return None
        batch = self._batches.popleft()
        self._bytes = max(0, self._bytes - batch.nbytes)
        return batch

    _reader: Any = None

    def _open(self, file: IO[bytes]) -> Any:
        if self._reader is None:
            self._reader = pa.ipc.open_stream(file)
        return self._reader


def _joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    return batches[0] if len(batches) == 1 else pa.concat_batches(batches)
