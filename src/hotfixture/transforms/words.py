"""Words: runs of letters and digits in a stretch of bytes, and 64-bit hashes of them that see no case.

Which bytes belong to a word is worked out by bits, 64 places at a time, so that looking for words of some length costs
next to nothing for the bytes between them. Bytes stand in a `room`: the text with `MARGIN` zeros before it and at
least as many behind it, a multiple of 64 in all. Places are those of the room.
"""

from __future__ import annotations

from threading import local
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Places = NDArray[np.int64]
    Bits = NDArray[np.uint64]
    Words = NDArray[np.uint64]

MARGIN = 8
"""Zeros around the text: eight bytes may be read at once before every end and behind every start."""

NEAR = 4
"""How far words are looked for around a place, in steps of 64 bytes."""

_ODD = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
_HIGH = np.uint64(0x8080808080808080)


class _Scratch(local):
    """Memory that a thread works in: fresh memory for every step would cost more than the steps."""

    size = 0

    def take(self, size: int) -> tuple[Bytes, NDArray[np.bool_], NDArray[np.bool_]]:
        """Three arrays of `size` bytes, good until the next call."""
        if size > self.size:
            self.size = size
            self._rows = [np.empty(size, np.uint8) for _ in range(3)]
        first, *others = (row[:size] for row in self._rows)
        return first, *(row.view(np.bool_) for row in others)  # type: ignore[return-value]  # two of them


_scratch = _Scratch()


def room_for(size: int) -> Bytes:
    """Room for a text of `size` bytes at `MARGIN`, to be filled by the caller."""
    room: Bytes = np.empty((size + 2 * MARGIN + 64) // 64 * 64, np.uint8)
    room[:MARGIN] = 0
    room[MARGIN + size :] = 0
    return room


def room_of(text: Bytes) -> Bytes:
    """A room with the text in it."""
    room = room_for(len(text))
    room[MARGIN : MARGIN + len(text)] = text
    return room


def inside(room: Bytes, cut: Bits | None = None) -> Bits:
    """The bits of all bytes of words: ASCII letters and digits, and whatever is not ASCII.

    Behind a backslash stands an escape's letter (`\\n`, `\\t`), which belongs to no word; none does at `cut`.
    """
    folded, found, other = _scratch.take(len(room))
    np.bitwise_or(room, np.uint8(0x20), out=folded)
    np.less(np.subtract(folded, np.uint8(ord("a")), out=folded), np.uint8(26), out=found)
    found |= np.less(np.subtract(room, np.uint8(ord("0")), out=folded), np.uint8(10), out=other)
    found |= np.greater_equal(room, np.uint8(0x80), out=other)
    bits = _packed(found)
    if np.equal(room, np.uint8(ord("\\")), out=other).any():
        escaped = _later(_packed(other))
        bits &= ~escaped if cut is None else cut | ~escaped
    return bits


def cut_at(room: Bytes, breaks: Places) -> Bits:
    """The bits of the places `breaks`, past none of which a word goes on."""
    flags = np.zeros(len(room), np.bool_)
    flags[breaks] = True
    return _packed(flags)


def _packed(flags: NDArray[np.bool_]) -> Bits:
    return np.packbits(flags, bitorder="little").view("<u8")


def _later(bits: Bits) -> Bits:
    """Each bit one place later."""
    moved = bits << np.uint64(1)
    moved[1:] |= bits[:-1] >> np.uint64(63)
    return moved


def _where(bits: Bits) -> Places:
    """The places of all bits."""
    return np.flatnonzero(np.unpackbits(bits.view(np.uint8), bitorder="little").view(np.bool_))


def bounds(bits: Bits, least: int = 1) -> tuple[Places, Places]:
    """Where each word of at least `least` bytes starts and ends (the place behind it)."""
    runs, done = bits, 1
    while done < least:
        # Bits that stand on once more for as many places: doubled, so that no length needs more than a few steps.
        step = min(done, least - done, 63)
        moved = runs >> np.uint64(step)
        moved[:-1] |= runs[1:] << np.uint64(64 - step)
        runs, done = runs & moved, done + step
    edges = _where(runs ^ _later(runs))
    return edges[::2], edges[1::2] + (least - 1)


def bounds_between(bits: Bits, cut: Bits) -> tuple[Places, Places]:
    """Where each word starts and ends, if none goes on past a place of `cut`."""
    before = _later(bits)
    return _where(bits & (cut | ~before)), _where(before & (cut | ~bits))


def bounds_near(bits: Bits, places: Places, before: int, after: int) -> tuple[Places, Places, Places] | None:
    """The words around those that start at `places`: their starts, their ends, and which of them start at `places`.

    Only the bytes near the places are looked at. None where they are too few to see `before` whole words before each
    and `after` words behind it.
    """
    rows, each = places >> 6, 2 * NEAR + 3  # a row of zeros before and behind the bits of each place
    taken = rows[:, None] + np.arange(-NEAR, NEAR + 1)
    windows = np.zeros((len(places), each), np.uint64)
    windows[:, 1:-1] = np.where((taken >= 0) & (taken < len(bits)), np.take(bits, taken, mode="clip"), np.uint64(0))
    starts, ends = bounds(windows.ravel())
    firsts = np.arange(len(places)) * (64 * each)
    named = np.searchsorted(starts, firsts + 64 * (NEAR + 1) + (places & 63))
    # The first and the last word of a window may be parts of words.
    low, high = np.searchsorted(starts, firsts), np.searchsorted(starts, firsts + 64 * each) - 1
    if (named - before <= low).any() or (named + after >= high).any():
        return None
    moved = np.repeat(64 * (rows - NEAR - 1) - firsts, high - low + 1)
    return starts + moved, ends + moved, named


def hashes(room: Bytes, starts: Places, ends: Places) -> Words:
    """The hash of each word; it sees the length and the first and last eight bytes."""
    # Eight bytes at any place, as one number: a view of the same memory that steps by one byte.
    eight = np.ndarray((len(room) - 7,), "<u8", room.data, strides=(1,))
    lengths = ends - starts
    first = _without_case(eight[starts])
    spare = (np.maximum(8 - lengths, 0) << 3).view(np.uint64)
    first <<= spare
    first >>= spare
    # Mixed before the rest is added: bytes at the top of a product would else meet only each other.
    words = mixed(first)
    words += lengths.view(np.uint64)
    long = np.flatnonzero(lengths > 8)
    words[long] += _without_case(eight[ends[long] - 8])
    return mixed(words)


def _without_case(eight: Words) -> Words:
    """Letters of words in lower case: digits have that bit anyway, and what is not ASCII stays."""
    small = ~eight
    small &= _HIGH
    small >>= np.uint64(2)
    small |= eight
    return small


def mixed(values: Words) -> Words:
    """A bijection in which the high bits reach the low ones."""
    values = values ^ (values >> np.uint64(32))
    values *= np.uint64(_ODD[0])
    values ^= values >> np.uint64(29)
    values *= np.uint64(_ODD[1])
    values ^= values >> np.uint64(32)
    return values


def joined(left: Words, right: Words) -> Words:
    """The hash of a run of words, from that of the run without its last word, and that word's."""
    return mixed(left * np.uint64(_ODD[2]) + right)
