"""The proof: no original value of a masked column stands in the finished package.

Values are compared by their words (runs of letters and digits, without case), so that `'O''Brien'`, `"O'Brien"` and
`O'BRIEN` are one, whatever the format around them. Masks hand every original to `Originals`, which keeps 64-bit hashes:
in a Bloom filter to look things up, and on disk to confirm what the filter lets through. Memory stays the same however
many values there are.

A value is looked for by its longest word, its *anchor*: most of a package is shorter words, which cost nothing then.
Where an anchor is met, the words around it say whether the whole value stands there.

Only *distinctive* values are looked for (see `hotfixture.transforms.distinctive`).
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Self

import numpy as np
import pyarrow as pa

from hotfixture.transforms import words
from hotfixture.transforms.distinctive import SHAPES, Learnt, learnt, of_columns, told, told_all, told_at
from hotfixture.transforms.masks.rows import Row

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotfixture.transforms.words import Bits, Bytes, Places, Words

PIECE = 1 << 19
"""Bytes looked at in one go: most arrays of one piece stay in the processor's cache."""
OVERLAP = 4096
"""Bytes that two pieces share at least: longer than any value that is looked for."""
DOUBTS = 1 << 17
"""Matches that wait to be confirmed, all together: whatever a package holds, they take no more memory."""
FEW = 400
"""Possible anchors in one piece up to which only the words around them are looked at."""
LONG = 255
"""Anchors of this length and more are taken for equally long."""


class _Filter:
    """A blocked Bloom filter of 64-bit hashes: three bits each, in one cell, so that a question costs one access."""

    def __init__(self, bits: int) -> None:
        self._shift = np.uint64(70 - bits)
        self._cells = np.zeros(1 << (bits - 6), np.uint64)

    def _bits(self, hashes: Words) -> Words:
        one, low = np.uint64(1), np.uint64(63)
        bits: Words = one << (hashes & low)
        bits |= one << ((hashes >> np.uint64(6)) & low)
        bits |= one << ((hashes >> np.uint64(12)) & low)
        return bits

    def _places(self, hashes: Words) -> Places:
        return (hashes >> self._shift).view(np.int64)

    def add(self, hashes: Words) -> None:
        cells, bits = self._places(hashes), self._bits(hashes)
        self._cells[cells] |= bits
        # Two hashes of one cell overwrote each other: those few once more, by the slow but exact way.
        lost = np.take(self._cells, cells) & bits != bits
        np.bitwise_or.at(self._cells, cells[lost], bits[lost])

    def passes(self, hashes: Words) -> NDArray[np.intp]:
        """The indices of the hashes that may have been added."""
        bits = self._bits(hashes)
        return np.flatnonzero(np.take(self._cells, self._places(hashes), mode="clip") & bits == bits)


class Matches(NamedTuple):
    """Runs of words in a file that may be originals."""

    runs: Words
    """The hash of each."""
    places: Places
    """Where it starts."""


class Finding(NamedTuple):
    """An original that stands in the package: in which file, at which byte. Never the value itself."""

    file: str
    offset: int


class Originals:
    """The distinctive originals that masks have replaced, and how often masks wrote each value themselves.

    A mask may by chance invent a name that another person really has. That is no leak: a value is one only where it
    stands more often than masks wrote it.
    """

    def __init__(self, *, expected: int = 1 << 20) -> None:
        self._anchors = _Filter(min(max(int(expected).bit_length() + 4, 20), 28))
        self._lengths = np.zeros(LONG + 1, np.bool_)
        self._shapes: set[int] = set()
        self._learnt = TemporaryFile()  # noqa: SIM115 - closed, and so removed, by close()
        self._written = TemporaryFile()  # noqa: SIM115 - as above
        self._lock = Lock()
        self.values = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Forget everything."""
        self._learnt.close()
        self._written.close()

    def learn(self, originals: pa.Array, masked: pa.Array | None = None) -> None:
        """Remember the values (text) that a mask replaced.

        `masked` is what it wrote instead, where that may by chance be somebody's original (names out of a pool); masks
        that write reserved values only (`.example` addresses, fictional numbers) need not say it.
        """
        repeated = Row.distinct(originals)  # what repeats is remembered once
        found = learnt(told(originals if repeated is None else repeated.dictionary))
        self._remember([found], () if masked is None else (masked,))

    def learn_together(self, parts: Sequence[pa.Array], masked: Sequence[pa.Array]) -> None:
        """Remember values of parts, with blanks between them (first and last names): each part, and the whole."""
        words_of = [told_all(part) for part in parts]
        self._remember([learnt(*words_of), *map(learnt, words_of)], masked)

    def _remember(self, found: Sequence[Learnt], masked: Sequence[pa.Array]) -> None:
        new = Learnt(*map(np.concatenate, zip(*found, strict=True))) if len(found) > 1 else found[0]
        if not len(new.runs):
            return
        with self._lock:
            self._anchors.add(new.anchors)
            self._lengths[np.minimum(new.lengths, LONG)] = True
            self._shapes.update(np.flatnonzero(np.bincount(new.shapes)).tolist())
            new.runs.tofile(self._learnt)
            if masked:
                # What masks wrote matters only where a finding is doubted: it is kept as it is, and hashed then.
                _keep(self._written, masked)
            self.values += len(new.runs)

    def scan(self, folder: Path, files: list[Path]) -> list[Finding]:
        """The originals that stand in `files` (named relative to `folder`), in the order of their places."""
        findings: list[Finding] = []
        for path in files if self.values else []:
            places = np.sort(np.concatenate([np.empty(0, np.int64), *self._leaks(path)]))
            findings += (Finding(path.relative_to(folder).as_posix(), int(place)) for place in places)
        return findings

    def _leaks(self, path: Path) -> Iterator[Places]:
        """Where originals stand in a file that no mask has written there."""
        waiting: list[Matches] = []
        doubts = 0
        for matches in self._candidates(path):
            waiting.append(matches)
            doubts += len(matches.runs)
            if doubts > DOUBTS:
                waiting, doubts = [self._known(_all(waiting))], 0
        known = self._known(_all(waiting))
        yield known.places[self._beyond(known.runs)]

    def _candidates(self, path: Path) -> Iterator[Matches]:
        """What the pieces of a file may hold; numpy lets two threads work at once."""
        threads = min(os.cpu_count() or 1, 8)
        waiting: deque[Future[Matches]] = deque()
        with ThreadPoolExecutor(threads) as pool:
            for start in range(0, path.stat().st_size, PIECE):
                if len(waiting) > 2 * threads:  # no more than are soon asked for
                    yield waiting.popleft().result()
                waiting.append(pool.submit(self._piece, path, start))
            yield from (future.result() for future in waiting)

    def _piece(self, path: Path, start: int) -> Matches:
        """What one piece of a file may hold, by the runs of words that start in it."""
        before = min(start, 1)  # one byte more, to see whether a word goes on from the piece before
        room = _read(path, start - before, before + PIECE + OVERLAP)
        runs, places = _all(list(self._matches(room, words.inside(room))))
        places = places - words.MARGIN
        own = (places >= before) & (places < before + PIECE)
        return Matches(runs[own], places[own] + start - before)

    def _matches(self, room: Bytes, bits: Bits) -> Iterator[Matches]:
        """Runs of words around those that may be anchors, one number of words after the other."""
        met = self._met(room, bits)
        if not len(met):
            return
        shapes = [divmod(shape, SHAPES) for shape in sorted(self._shapes)]
        after = max(count - 1 - at for count, at in shapes)
        near = words.bounds_near(bits, met, max(at for _, at in shapes), after) if len(met) <= FEW else None
        starts, ends, anchors = near or _bounds_with(bits, met)
        for count in {count for count, _ in shapes}:
            firsts = np.concatenate([anchors - at for number, at in shapes if number == count])
            firsts = firsts[(firsts >= 0) & (firsts <= len(starts) - count)]
            places, once = np.unique(starts[firsts], return_index=True)
            some = firsts[once]
            kept, found = of_columns([told_at(room, starts[some + word], ends[some + word]) for word in range(count)])
            # No value is like the other runs that a word is in by chance.
            like = [shape in self._shapes for shape in range(count * SHAPES, (count + 1) * SHAPES)]
            real = np.flatnonzero(np.array(like)[found.shapes - count * SHAPES])
            yield Matches(found.runs[real], places[kept[real]])

    def _met(self, room: Bytes, bits: Bits) -> Places:
        """Where words start that may be anchors."""
        starts, ends = words.bounds(bits, int(np.argmax(self._lengths)))
        likely = np.flatnonzero(np.take(self._lengths, ends - starts, mode="clip"))
        starts, ends = starts[likely], ends[likely]
        met: Places = starts[self._anchors.passes(words.hashes(room, starts, ends))]
        return met

    def _known(self, matches: Matches) -> Matches:
        """Those of the matches that are originals."""
        distinct, index = np.unique(matches.runs, return_inverse=True)
        known = (_occurrences(_hashes_in(self._learnt), distinct) > 0)[index]
        return Matches(matches.runs[known], matches.places[known])

    def _beyond(self, runs: Words) -> NDArray[np.bool_]:
        """Which of the originals that were found stand there more often than masks wrote them."""
        distinct, index, found = np.unique(runs, return_inverse=True, return_counts=True)
        beyond: NDArray[np.bool_] = (found > _occurrences(_values_in(self._written), distinct))[index]
        return beyond


def _bounds_with(bits: Bits, places: Places) -> tuple[Places, Places, Places]:
    """Where every word starts and ends, and which of them start at `places`."""
    starts, ends = words.bounds(bits)
    return starts, ends, np.searchsorted(starts, places)


def _all(parts: Sequence[Matches]) -> Matches:
    """All of them, one after the other."""
    runs, places = zip(Matches(np.empty(0, np.uint64), np.empty(0, np.int64)), *parts, strict=True)
    return Matches(np.concatenate(runs), np.concatenate(places))


def _read(path: Path, start: int, size: int) -> Bytes:
    """A room with what stands there, up to the end of the file."""
    with path.open("rb", buffering=0) as file:
        room = words.room_for(size)
        file.seek(start)
        text = memoryview(room.data)[words.MARGIN : words.MARGIN + size]
        while len(text) and (count := file.readinto(text)):
            text = text[count:]
        text[:] = bytes(len(text))
    return room


def _hashes_in(file: BinaryIO) -> Iterator[Words]:
    """The hashes in a file, piece by piece; afterwards the file goes on where it ended."""
    file.seek(0)
    while len(part := np.frombuffer(file.read(1 << 20), np.uint64)):
        yield part
    file.seek(0, os.SEEK_END)


def _keep(file: BinaryIO, parts: Sequence[pa.Array]) -> None:
    """Append what masks wrote, as it is."""
    batch = pa.RecordBatch.from_arrays(list(parts), names=[str(number) for number in range(len(parts))])
    with pa.ipc.new_stream(file, batch.schema) as stream:
        stream.write_batch(batch)


def _values_in(file: BinaryIO) -> Iterator[Words]:
    """The hashes of the values in a file that `_keep` has filled, as `_hashes_in`."""
    end = file.seek(0, os.SEEK_END)
    file.seek(0)
    while file.tell() < end:
        for batch in pa.ipc.open_stream(file):
            words_of = [told_all(part) for part in batch.columns]
            yield from (learnt(part).runs for part in words_of)
            if len(words_of) > 1:
                yield learnt(*words_of).runs


def _occurrences(parts: Iterator[Words], wanted: Words) -> NDArray[np.int64]:
    """How often each of the sorted hashes stands in the parts."""
    counts = np.zeros(len(wanted), np.int64)
    likely = np.zeros(1 << 20, np.bool_)
    likely[wanted >> np.uint64(44)] = True
    for part in parts if len(wanted) else ():
        asked = part[likely[part >> np.uint64(44)]]
        places = np.minimum(np.searchsorted(wanted, asked), len(wanted) - 1)
        counts += np.bincount(places[wanted[places] == asked], minlength=len(wanted))
    return counts
