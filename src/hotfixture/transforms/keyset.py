"""Exact sets of row identities, bounded in memory: a bitmap for small integers, a hash table and files for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from secrets import token_bytes
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from hotfixture.prf import cmac

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Words = NDArray[np.uint64]
    Rows = NDArray[np.intp]
    Mask = NDArray[np.bool_]

MEMORY = 96 << 20
"""Bytes that one set's hash table may fill before it goes to disk."""
FEW = 512
"""So many keys are held as they are: what is quick for many is slow for few."""
DENSE = 1 << 28
"""Integers from 0 up to here are bits: 32 MB at most."""
_SECRET = token_bytes(32)
"""Keys the hash of identities, so that nobody can make two of them collide; lives as long as the process."""


class KeySet:
    """A set of keys of one or several columns, each given as text or binary without nulls.

    `integer` says that the key is one integer column: small ones are held as bits. Every other key, and what an integer
    column of a loosely typed engine holds besides integers, is held as a 128-bit keyed hash (AES-CMAC). The first few
    are held as they are.
    """

    def __init__(self, *, integer: bool = False, memory: int = MEMORY) -> None:
        self._few: set[tuple[bytes, ...]] | None = set()
        self._integer = integer
        self._memory = memory
        self._bits: Bitmap | None = None
        self._table: Table

    def __len__(self) -> int:
        if self._few is not None:
            return len(self._few)
        return len(self._table) + (len(self._bits) if self._bits else 0)

    def contains(self, columns: Sequence[pa.Array]) -> Mask:
        """Which rows' keys are in the set."""
        return self._each(columns, adds=False)

    def add_new(self, columns: Sequence[pa.Array]) -> Mask:
        """Add the keys; True for each row whose key was neither in the set nor earlier in the batch."""
        return self._each(columns, adds=True)

    def _each(self, columns: Sequence[pa.Array], *, adds: bool) -> Mask:
        if self._few is not None:
            if len(self._few) + len(columns[0]) <= FEW:
                return _one_by_one(self._few, columns, adds=adds)
            self._outgrown(self._few, columns)
        return self._all_at_once(columns, adds=adds)

    def _outgrown(self, few: set[tuple[bytes, ...]], columns: Sequence[pa.Array]) -> None:
        """From now on keys are held as bits and hashes."""
        self._few = None
        self._bits = Bitmap() if self._integer else None
        self._table = Table(memory=self._memory)
        if few:
            kind = pa.binary() if self._bits is None else columns[0].type
            held = [pa.array(values, pa.binary()).cast(kind) for values in zip(*few, strict=True)]
            self._all_at_once(held, adds=True)

    def _all_at_once(self, columns: Sequence[pa.Array], *, adds: bool) -> Mask:
        numbers = _small(columns[0]) if self._bits is not None else None
        if self._bits is None or numbers is None:
            return self._mixed(columns, adds=adds)
        return self._bits.add_new(numbers) if adds else self._bits.contains(numbers)

    def _mixed(self, columns: Sequence[pa.Array], *, adds: bool) -> Mask:
        """As `_each`, where not every key is a small integer."""
        result = np.zeros(len(columns[0]), np.bool_)
        small = np.zeros(len(columns[0]), np.bool_)
        if self._bits is not None:
            small, numbers = _numbers(columns[0])
            result[small] = self._bits.add_new(numbers) if adds else self._bits.contains(numbers)
        rest = np.flatnonzero(~small)
        if len(rest):
            first, second = hashed([column.take(pa.array(rest)) for column in columns] if small.any() else columns)
            result[rest] = self._table.add_new(first, second) if adds else self._table.contains(first, second)
        return result


def _one_by_one(few: set[tuple[bytes, ...]], columns: Sequence[pa.Array], *, adds: bool) -> Mask:
    """Which keys are among the few; where they are added, which are new."""
    found = np.zeros(len(columns[0]), np.bool_)
    values = [[v.encode() if isinstance(v, str) else v for v in column.to_pylist()] for column in columns]
    for place, key in enumerate(zip(*values, strict=True)):
        found[place] = (key not in few) if adds else (key in few)
        if adds:
            few.add(key)
    return found


def _small(texts: pa.Array) -> NDArray[np.int64] | None:
    """The texts as integers, if they all are integers that a bitmap takes."""
    try:
        numbers = np.asarray(texts.cast(pa.int64()))
    except pa.ArrowInvalid:
        return None
    return numbers if not len(numbers) or (numbers.min() >= 0 and numbers.max() < DENSE) else None


def _numbers(texts: pa.Array) -> tuple[Mask, NDArray[np.int64]]:
    """Which texts are integers that a bitmap takes, and these."""
    import pyarrow.compute as pc

    fits = np.asarray(pc.match_substring_regex(texts.cast(pa.string()), "^(0|[1-9][0-9]{0,8})$"))
    numbers = np.asarray(texts.filter(pa.array(fits)).cast(pa.int64()))
    fits[np.flatnonzero(fits)[numbers >= DENSE]] = False
    return fits, numbers[numbers < DENSE]


class Bitmap:
    """A set of integers from 0 to `DENSE`: a bit each, up to the power of two above the largest."""

    def __init__(self) -> None:
        self._bytes = np.zeros(64, np.uint8)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def contains(self, numbers: NDArray[np.int64]) -> Mask:
        """Which numbers are in the set."""
        self._reach(numbers)
        bits: Mask = (self._bytes[numbers >> 3] >> (numbers & 7).astype(np.uint8)) & 1 != 0
        return bits

    def _reach(self, numbers: NDArray[np.int64]) -> None:
        """Make room for the numbers, so that looking one up needs no question whether it can be there."""
        top = int(numbers.max(initial=0)) >> 3
        if top >= len(self._bytes):
            larger = np.zeros(1 << top.bit_length(), np.uint8)
            larger[: len(self._bytes)] = self._bytes
            self._bytes = larger

    def add_new(self, numbers: NDArray[np.int64]) -> Mask:
        """Add the numbers; True for those that are new."""
        fresh = ~self.contains(numbers)
        rows = np.flatnonzero(fresh)
        new = numbers[rows]
        if not bool(np.all(new[1:] > new[:-1])):
            new, once = np.unique(new, return_index=True)
            fresh[:] = False
            fresh[rows[once]] = True
        np.bitwise_or.at(self._bytes, new >> 3, np.left_shift(1, new & 7).astype(np.uint8))
        self._size += len(new)
        return fresh


class Table:
    """A set of 128-bit hashes: open addressing in arrays, a whole batch probed at once; full tables become files."""

    def __init__(self, *, memory: int = MEMORY) -> None:
        self._most = max(memory // 20, 64)  # slots: two words and a claim each
        self._files: list[tuple[Words, Words]] = []
        self._filed = 0
        self._clear(1 << 6)

    def _clear(self, slots: int) -> None:
        self._used = 0
        self._shift = np.uint64(64 - slots.bit_length() + 1)
        self._first = np.zeros(slots, np.uint64)
        self._second = np.zeros(slots, np.uint64)
        self._claims = np.zeros(slots, np.int32)

    def __len__(self) -> int:
        return self._used + self._filed

    def contains(self, first: Words, second: Words) -> Mask:
        """Which hashes are in the set."""
        found = self._in_files(first, second)
        rows = np.flatnonzero(~found)
        slot = self._slots(first)[rows]
        while len(rows):
            held = self._first[slot]
            same = (held == first[rows]) & (self._second[slot] == second[rows])
            found[rows[same]] = True
            onward = ~same & (held != 0)
            rows, slot = rows[onward], self._next(slot[onward])
        return found

    def add_new(self, first: Words, second: Words) -> Mask:
        """Add the hashes; True for each that was neither in the set nor earlier in the batch."""
        fresh = np.zeros(len(first), np.bool_)
        step = self._most // 4  # a batch of any size goes into a table of any size
        for start in range(0, len(first), step):
            part = slice(start, start + step)
            fresh[part] = self._add_some(first[part], second[part])
        return fresh

    def _add_some(self, first: Words, second: Words) -> Mask:
        self._make_room(len(first))
        fresh = ~self._in_files(first, second)
        rows = np.flatnonzero(fresh)
        fresh[rows] = self._place(first[rows], second[rows])
        return fresh

    def _place(self, first: Words, second: Words) -> Mask:
        """Put each hash into the first free slot after its own; of equal ones, the one that claimed the slot is new."""
        fresh = np.zeros(len(first), np.bool_)
        rows = np.arange(len(first))
        slot = self._slots(first)
        while len(rows):
            held = self._first[slot]
            free = held == 0
            self._claims[slot[free][::-1]] = rows[free][::-1]  # of several, the first one's claim is written last
            owner = free & (self._claims[slot] == rows)
            self._first[slot[owner]], self._second[slot[owner]] = first[rows[owner]], second[rows[owner]]
            fresh[rows[owner]] = True
            same = (held == first[rows]) & (self._second[slot] == second[rows])
            onward = ~(owner | same)
            slot = np.where(free, slot, self._next(slot))[onward]
            rows = rows[onward]
        self._used += int(np.count_nonzero(fresh))
        return fresh

    def _slots(self, first: Words) -> Rows:
        return (first >> self._shift).astype(np.intp)

    def _next(self, slot: Rows) -> Rows:
        return (slot + 1) & (len(self._first) - 1)

    def _make_room(self, count: int) -> None:
        """Keep the table at most half full: twice as large while the bound allows it, else to a file."""
        slots = len(self._first)
        while (self._used + count) * 2 > slots and slots * 2 <= self._most:
            slots *= 2
        held = self._first != 0
        if (self._used + count) * 2 > slots:
            self._file(self._first[held], self._second[held])
            self._clear(slots)
        elif slots > len(self._first):
            first, second = self._first[held], self._second[held]
            self._clear(slots)
            self._place(first, second)

    def _file(self, first: Words, second: Words) -> None:
        order = np.argsort(first)
        self._filed += len(first)
        self._files.append((_on_disk(first[order]), _on_disk(second[order])))

    def _in_files(self, first: Words, second: Words) -> Mask:
        found = np.zeros(len(first), np.bool_)
        if not self._files:
            return found
        order = np.argsort(first)  # looking up in order touches each page once
        for run in self._files:
            found[order] |= _among(run, first[order], second[order])
        return found


def _among(run: tuple[Words, Words], first: Words, second: Words) -> Mask:
    """Which hashes are in the run, sorted by first words; those that share it stand side by side and are walked."""
    found = np.zeros(len(first), np.bool_)
    place = np.searchsorted(run[0], first)
    rows = np.arange(len(first))
    while len(rows):
        inside = place < len(run[0])
        inside[inside] = run[0][place[inside]] == first[rows[inside]]
        rows, place = rows[inside], place[inside]
        hit = run[1][place] == second[rows]
        found[rows[hit]] = True
        rows, place = rows[~hit], place[~hit] + 1
    return found


def _on_disk(words: Words) -> Words:
    """The words in a temporary file that is gone when they are."""
    with TemporaryFile() as file:
        file.write(words.data)
        file.flush()
        return np.memmap(file, np.uint64, "r", shape=words.shape)


def hashed(columns: Sequence[pa.Array], *, secret: bytes = _SECRET) -> tuple[Words, Words]:
    """128-bit keyed hashes of rows as two words, the first never 0; column by column, so that no rows run together."""
    tags = [cmac(secret, column) for column in columns]
    if len(tags) > 1:
        joined = np.concatenate(tags, axis=1)
        rows = pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(joined.shape[1]), len(joined), [None, pa.py_buffer(joined)]
        )
        tags = [cmac(secret, rows.cast(pa.binary()))]
    words = tags[0].view("<u8")
    return np.maximum(words[:, 0], np.uint64(1)), np.ascontiguousarray(words[:, 1])
