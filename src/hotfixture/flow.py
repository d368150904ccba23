"""Source, Transform, Sink, and the one loop that moves record batches.

A batch on the road from a database to a script is in *wire form*: one field a column, each the engine's own text of
the value, as that engine's dialect escapes or quotes it. Untouched fields are written back as they came, so they are
byte-exact for every type there is; a transform decodes only what it changes, through the `Codec` it was given.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import Queue
from threading import Event, Thread
from typing import TYPE_CHECKING, Protocol, TypeVar

from hotfixture.draws import keep_freed

if TYPE_CHECKING:
    import pyarrow as pa

    from hotfixture.schema import Column

T = TypeVar("T")

WORKERS = 2
"""Threads that transform: more of them only hold more batches in memory, since reading and writing bound the whole."""

Transform = Callable[["pa.RecordBatch"], "pa.RecordBatch"]
"""Record batch in, record batch out: same rows in the same order, unless the transform says otherwise."""


class Sink(Protocol):
    """Takes record batches."""

    def write(self, batch: pa.RecordBatch) -> None:
        """Take one batch."""


class Codec(Protocol):
    """Between an engine's wire form and plain values; nulls stay nulls in both directions."""

    def decode(self, column: Column, wire: pa.Array) -> pa.Array:
        """The values as text (`binary` for the engine's binary types), unescaped and unquoted."""

    def encode(self, column: Column, values: pa.Array) -> pa.Array:
        """Text (or binary) values in wire form."""


@dataclass(slots=True)
class Moved:
    """What a move has carried so far."""

    rows: int = 0
    batches: int = 0


def move(
    source: Iterable[pa.RecordBatch],
    transforms: Sequence[Transform],
    sink: Sink,
    *,
    progress: Callable[[Moved], None] | None = None,
    leave: Callable[[], None] = lambda: None,
) -> Moved:
    """Every batch of `source` through `transforms`, in order, into `sink`; `leave` is what `ahead` knows.

    The source is read by a thread of its own, the transforms run in `WORKERS` more, several batches at a time: they
    keep nothing between batches, and Arrow and numpy let threads work at once. The sink gets batches in their order.
    """
    moved = Moved()
    keep_freed()
    with ThreadPoolExecutor(WORKERS, "hotfixture-transform") as workers:
        waiting: deque[Future[pa.RecordBatch]] = deque()
        try:
            for batch in ahead(source, depth=1, leave=leave):
                waiting.append(workers.submit(_transformed, batch, transforms))
                if len(waiting) > WORKERS:
                    _hand_on(waiting.popleft().result(), sink, moved, progress)
            while waiting:
                _hand_on(waiting.popleft().result(), sink, moved, progress)
        finally:
            for future in waiting:
                future.cancel()
    return moved


def _transformed(batch: pa.RecordBatch, transforms: Sequence[Transform]) -> pa.RecordBatch:
    for transform in transforms:
        batch = transform(batch)
    return batch


def _hand_on(batch: pa.RecordBatch, sink: Sink, moved: Moved, progress: Callable[[Moved], None] | None) -> None:
    if batch.num_rows:
        sink.write(batch)
    moved.rows += batch.num_rows
    moved.batches += 1
    if progress:
        progress(moved)


def ahead(source: Iterable[T], *, depth: int = 2, leave: Callable[[], None] = lambda: None) -> Iterator[T]:
    """The items of `source`, read by a thread of its own, at most `depth` of them waiting; its error is raised here.

    Leaving early (a `break`, an exception) stops the thread before the iterator is closed; `leave` is called then, to
    end whatever the source is waiting for.
    """
    items: Queue[tuple[bool, T | BaseException | None]] = Queue(depth)
    stop = Event()

    def read() -> None:
        try:
            for item in source:
                items.put((True, item))
                if stop.is_set():
                    return
            items.put((False, None))
        except BaseException as error:  # noqa: BLE001 - whatever broke the source is raised in the reading thread's stead
            items.put((False, error))

    thread = Thread(target=read, name="hotfixture-ahead", daemon=True)
    thread.start()
    ended = False
    try:
        while True:
            more, item = items.get()
            if not more:
                ended = True
                break
            yield item  # type: ignore[misc]  # `more` says it is a T
        if isinstance(item, BaseException):
            raise item
    finally:
        stop.set()
        if not ended:
            leave()
        while thread.is_alive():
            while not items.empty():
                items.get_nowait()
            thread.join(timeout=0.05)
