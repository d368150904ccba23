"""The proof: no original value of a masked column stands in the finished package.

Values are compared by their words (runs of letters and digits, without case), so that `'O''Brien'`, `"O'Brien"` and
`O'BRIEN` are one, whatever the format around them. Masks hand every original to `Originals`, which keeps 64-bit hashes:
in a Bloom filter to look things up, and on disk to confirm what the filter lets through. Memory stays the same however
many values there are.

A value is *distinctive* when finding it means something: at least eight letters and digits, twelve where it is one word
without digits, nine where it is all digits. First names, cities and statuses stand in every text; their absence proves
nothing and is not asked for.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hotfixture.transforms.masks.rows import Row

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Words = NDArray[np.uint64]

MOST_WORDS = 8
"""Longer values are prose; what is sensitive in prose is replaced word by word."""
LEAST = 8
"""Letters and digits of the shortest distinctive value."""
PIECE = 1 << 20
"""Bytes looked at in one go: the arrays of one piece stay in the processor's cache."""

OVERLAP = 4096
"""Bytes that two pieces share at least: longer than any value that is looked for."""

_ODD = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)


def _folding() -> NDArray[np.uint8]:
    """A byte to what it counts as: letters without case, digits and non-ASCII as they are, all else zero."""
    table = np.zeros(256, np.uint8)
    for byte in range(256):
        if byte >= 0x80 or chr(byte).isalnum():
            table[byte] = ord(chr(byte).lower()) if byte < 0x80 else byte
    return table


_FOLDED = _folding()


class Piece(NamedTuple):
    """The words of some bytes: where each starts and ends, and its hash."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    words: Words


def words_of(data: NDArray[np.uint8]) -> Piece:
    """The words of `data`. A word's hash sees its length and its first and last eight bytes."""
    folded = np.zeros(len(data) + 16, np.uint8)
    np.take(_FOLDED, data, out=folded[8:-8], mode="clip")  # the default mode would buffer
    # Behind a backslash stands an escape's letter (`\\n`, `\\t`), which belongs to no word.
    folded[np.flatnonzero(data == ord("\\")) + 9] = 0
    inside = (folded[7:-7] != 0).view(np.int8)
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    starts, ends = edges[::2], edges[1::2]
    # Eight bytes at any place, as one number: a view of the same memory that steps by one byte.
    eight = np.ndarray((len(folded) - 7,), "<u8", folded.data, strides=(1,))
    lengths = ends - starts
    spare = np.maximum(8 - lengths, 0).astype(np.uint64) * np.uint64(8)
    first = (eight[starts + 8] << spare) >> spare
    # Mixed before the rest is added: bytes at the top of a product would else meet only each other.
    words = _mixed(first)
    words += lengths.astype(np.uint64)
    long = np.flatnonzero(lengths > 8)
    words[long] += eight[ends[long]]
    return Piece(starts, ends, _mixed(words))


def _mixed(values: Words) -> Words:
    """A bijection in which the high bits reach the low ones."""
    values = values ^ (values >> np.uint64(32))
    values *= np.uint64(_ODD[0])
    values ^= values >> np.uint64(29)
    values *= np.uint64(_ODD[1])
    values ^= values >> np.uint64(32)
    return values


def _joined(left: Words, right: Words) -> Words:
    """The hash of a run of words, from that of the run without its last word, and that word's."""
    return _mixed(left * np.uint64(_ODD[2]) + right)


class _Filter:
    """A blocked Bloom filter of 64-bit hashes: two bits each, both in one cell, so that a question costs one access."""

    def __init__(self, bits: int) -> None:
        self._shift = np.uint64(70 - bits)
        self._cells = np.zeros(1 << (bits - 6), np.uint64)

    def _bits(self, hashes: Words) -> Words:
        one = np.uint64(1)
        bits: Words = (one << (hashes & np.uint64(63))) | (one << ((hashes >> np.uint64(6)) & np.uint64(63)))
        return bits

    def add(self, hashes: Words) -> None:
        cells, bits = hashes >> self._shift, self._bits(hashes)
        self._cells[cells] |= bits
        # Two hashes of one cell overwrote each other: those few once more, by the slow but exact way.
        lost = self._cells[cells] & bits != bits
        np.bitwise_or.at(self._cells, cells[lost], bits[lost])

    def passes(self, hashes: Words) -> NDArray[np.intp]:
        """The indices of the hashes that may have been added."""
        bits = self._bits(hashes)
        return np.flatnonzero(self._cells[hashes >> self._shift] & bits == bits)


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
        bits = min(max(int(expected).bit_length() + 5, 20), 29)
        self._first = _Filter(bits - 2)
        self._filter = _Filter(bits)
        self._lengths: set[int] = set()
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
        before, counts, heads = _hashes(originals if repeated is None else repeated.dictionary)
        if not len(before):
            return
        after = _lines(masked) if masked is not None else b""
        with self._lock:
            self._filter.add(before)
            self._first.add(heads)
            self._lengths.update(np.flatnonzero(np.bincount(counts)).tolist())
            before.tofile(self._learnt)
            # What masks wrote matters only where a finding is doubted: it is kept as it is, and hashed then.
            self._written.write(after)
            self.values += len(before)

    def scan(self, folder: Path, files: list[Path]) -> list[Finding]:
        """The originals that stand in `files` (named relative to `folder`), in the order of their places."""
        findings: list[Finding] = []
        for path in files if self.values else []:
            hashes, offsets = self._candidates(path)
            real = self._confirmed(hashes)
            findings += (Finding(path.relative_to(folder).as_posix(), int(at)) for at in np.sort(offsets[real]))
        return findings

    def _candidates(self, path: Path) -> tuple[Words, NDArray[np.int64]]:
        """Hashes in a file that pass the filter, and where they stand; numpy lets two threads work at once."""
        starts = range(0, path.stat().st_size, PIECE)
        with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as threads:
            found = list(threads.map(lambda start: self._piece(path, start), starts))
        hashes = [np.empty(0, np.uint64), *(hashes for hashes, _ in found)]
        return np.concatenate(hashes), np.concatenate([np.empty(0, np.int64), *(places for _, places in found)])

    def _piece(self, path: Path, start: int) -> tuple[Words, NDArray[np.int64]]:
        """What one piece of a file holds, by the runs of words that start in it."""
        before = min(start, 1)  # one byte more, to see whether a word goes on from the piece before
        with path.open("rb") as file:
            file.seek(start - before)
            data = np.frombuffer(file.read(before + PIECE + OVERLAP), np.uint8)
        matches = list(self._matches(words_of(data)))
        hashes = np.concatenate([np.empty(0, np.uint64), *(found for found, _ in matches)])
        places = np.concatenate([np.empty(0, np.int64), *(places for _, places in matches)])
        own = (places >= before) & (places < before + PIECE)
        return hashes[own], places[own] + start - before

    def _matches(self, piece: Piece) -> Iterator[tuple[Words, NDArray[np.int64]]]:
        """Runs of words that pass the filter, one length after the other."""
        heads = self._first.passes(piece.words)
        runs = piece.words[heads]
        for length in range(1, MOST_WORDS + 1):
            if length in self._lengths:
                found = self._filter.passes(runs)
                yield runs[found], piece.starts[heads[found]]
            heads = heads[heads + length < len(piece.words)]
            runs = _joined(runs[: len(heads)], piece.words[heads + length])

    def _confirmed(self, hashes: Words) -> NDArray[np.bool_]:
        """Which of the candidates are originals that stand there more often than masks wrote them."""
        distinct, index, found = np.unique(hashes, return_inverse=True, return_counts=True)
        real = _occurrences(_words_in(self._learnt), distinct) > 0
        written = _occurrences(_values_in(self._written), distinct) if real.any() else np.zeros_like(found)
        leaked: NDArray[np.bool_] = (real & (found > written))[index]
        return leaked


def _words_in(file: BinaryIO) -> Iterator[Words]:
    """The hashes in a file, piece by piece; afterwards the file goes on where it ended."""
    file.seek(0)
    while len(part := np.frombuffer(file.read(8 << 20), np.uint64)):
        yield part
    file.seek(0, os.SEEK_END)


def _values_in(file: BinaryIO) -> Iterator[Words]:
    """The hashes of the values in a file of lines, as `_words_in`."""
    file.seek(0)
    while lines := file.readlines(1 << 20):
        yield _hashes(pa.array([line[:-1] for line in lines], pa.large_binary()))[0]
    file.seek(0, os.SEEK_END)


def _lines(values: pa.Array) -> bytes:
    """The values, one a line; line ends inside a value part words like blanks, so they become some."""
    texts = values.drop_null().cast(pa.large_binary())
    if pc.any(pc.match_substring(texts, b"\n")).as_py():
        texts = pc.replace_substring(texts, b"\n", b" ")
    return _joined_lines(texts)[0].tobytes()


def _joined_lines(values: pa.Array) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Non-null binary values with a line end behind each: the bytes, and where each value begins."""
    if not len(values):
        return np.empty(0, np.uint8), np.zeros(1, np.int64)
    lines = pc.binary_join_element_wise(values, *(pa.scalar(text, pa.large_binary()) for text in (b"\n", b"")))
    _, starts, buffer = lines.buffers()
    bounds = np.frombuffer(starts, np.int64)[lines.offset : lines.offset + len(lines) + 1]
    return np.frombuffer(buffer, np.uint8)[bounds[0] : bounds[-1]], bounds - bounds[0]


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


def _hashes(values: pa.Array) -> tuple[Words, NDArray[np.int64], Words]:
    """Of the distinctive values: the hash of all their words, how many those are, and the hash of the first."""
    present = values.cast(pa.large_binary())
    present = present.filter(pc.fill_null(pc.greater_equal(pc.binary_length(present), LEAST), False))
    data, bounds = _joined_lines(present)
    piece = words_of(data)
    edges = np.searchsorted(piece.starts, bounds)
    firsts, counts = edges[:-1], np.diff(edges)
    kept = np.flatnonzero((counts > 0) & (counts <= MOST_WORDS))
    kept = kept[_distinctive(data, piece, firsts[kept], counts[kept])]
    firsts, counts = firsts[kept], counts[kept]
    runs = piece.words[firsts]
    for length in range(1, int(counts.max(initial=1))):
        longer = np.flatnonzero(counts > length)
        runs[longer] = _joined(runs[longer], piece.words[firsts[longer] + length])
    return runs, counts, piece.words[firsts]


def _distinctive(
    data: NDArray[np.uint8], piece: Piece, firsts: NDArray[np.int64], counts: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which values mean something when they are found (see the module's docstring); a word's ends speak for it."""
    leading, trailing = _is_digit(data[piece.starts]), _is_digit(data[piece.ends - 1])
    letters, digits = _running(piece.ends - piece.starts), _running(leading & trailing)
    after = firsts + counts
    length, numeric = letters[after] - letters[firsts], digits[after] - digits[firsts] == counts
    plain = (counts == 1) & ~(leading | trailing)[firsts]
    distinctive: NDArray[np.bool_] = length >= np.where(numeric, 9, np.where(plain, 12, LEAST))
    return distinctive


def _is_digit(data: NDArray[np.uint8]) -> NDArray[np.bool_]:
    digit: NDArray[np.bool_] = data - np.uint8(ord("0")) < np.uint8(10)
    return digit


def _running(values: NDArray[np.generic]) -> NDArray[np.int64]:
    """Sums of all values before each place, and the total."""
    sums = np.zeros(len(values) + 1, np.int64)
    np.cumsum(values, out=sums[1:])
    return sums
