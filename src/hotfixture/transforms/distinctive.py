"""What is remembered of values so that they can be found again: hashes of their words, of the distinctive ones only.

A value is *distinctive* when finding it means something: at least eight letters and digits, twelve where it is one word
without digits, nine where it is all digits. First names, cities and statuses stand in every text; their absence proves
nothing and is not asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from hotfixture.transforms import words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotfixture.transforms.words import Bytes, Places, Words

MOST_WORDS = 8
"""Longer values are prose; what is sensitive in prose is replaced word by word."""
SHAPES = 16
"""More than `MOST_WORDS`: two such numbers in one."""
LEAST = 8
"""Letters and digits of the shortest distinctive value."""


class Learnt(NamedTuple):
    """What is remembered of distinctive values."""

    runs: Words
    """The hash of all words of each value."""
    anchors: Words
    """The hash of each value's longest word, the first of several."""
    lengths: Places
    """How long that is."""
    shapes: Places
    """How many words each value has, times `SHAPES`, plus which of them is the anchor."""


class Told(NamedTuple):
    """The words of values."""

    hashed: Words
    lengths: Places
    leading: NDArray[np.bool_]
    """Whether each begins with a digit."""
    trailing: NDArray[np.bool_]
    """Whether each ends with one."""
    edges: Places
    """The number of each value's first word, and the number of all."""
    each: int
    """How many words every value has; then `edges` is empty. 0 where they differ."""

    def at(self, which: slice | Places) -> Told:
        """Some of the words."""
        hashed, lengths, leading, trailing, edges, each = self
        return Told(hashed[which], lengths[which], leading[which], trailing[which], edges, each)

    def firsts(self) -> Places:
        """The edges, whether they are known or follow from `each`."""
        return np.arange(0, len(self.hashed) + 1, self.each) if self.each else self.edges


def told(values: pa.Array) -> Told:
    """The words of all values that may be long enough."""
    return _words(*_flat(values))


def told_all(values: pa.Array) -> Told:
    """The words of all values; a null has none."""
    return _words(*_whole(values))


def _words(text: Bytes, breaks: Places) -> Told:
    """The words of a text that parts at `breaks` into values; none of those that have too many."""
    room = words.room_of(text)
    cut = words.cut_at(room, breaks + words.MARGIN)
    starts, ends = words.bounds_between(words.inside(room, cut), cut)
    each, edges = _counted(starts - words.MARGIN, breaks)
    if not each:
        counts = np.diff(edges)
        if counts.max(initial=0) > MOST_WORDS:
            few = np.repeat(counts <= MOST_WORDS, counts)
            starts, ends = starts[few], ends[few]
            counts[counts > MOST_WORDS] = 0
            np.cumsum(counts, out=edges[1:])
    return told_at(room, starts, ends)._replace(edges=edges, each=each)


def told_at(room: Bytes, starts: Places, ends: Places) -> Told:
    """The words that stand there, as values of one word each."""
    hashed = words.hashes(room, starts, ends)
    return Told(hashed, ends - starts, _is_digit(room[starts]), _is_digit(room[ends - 1]), np.empty(0, np.int64), 1)


def _flat(values: pa.Array) -> tuple[Bytes, Places]:
    """The bytes of all values that may be long enough, and where each begins; the last place is their end."""
    text, places = _whole(values.drop_null())
    long = np.diff(places) >= LEAST
    if np.count_nonzero(long) < len(long) // 2:
        return _whole(values.drop_null().filter(pa.array(long)))
    return text, places


def _whole(values: pa.Array) -> tuple[Bytes, Places]:
    """The bytes of all values, and where each begins; nulls are empty."""
    kind = np.int64 if pa.types.is_large_string(values.type) or pa.types.is_large_binary(values.type) else np.int32
    filled = values.fill_null(b"" if pa.types.is_binary(values.type) else "") if values.null_count else values
    _, offsets, data = filled.buffers()
    if data is None or not len(filled):
        return np.empty(0, np.uint8), np.zeros(len(filled) + 1, np.int64)
    places = np.frombuffer(offsets, kind)[filled.offset : filled.offset + len(filled) + 1].astype(np.int64)
    return np.frombuffer(data, np.uint8)[places[0] : places[-1]], places - places[0]


def _counted(starts: Places, breaks: Places) -> tuple[int, Places]:
    """How many words each value has, where all have as many (0 where not), and the number of each value's first."""
    values = len(breaks) - 1
    each, rest = divmod(len(starts), max(values, 1))
    # E-mail addresses, card numbers, names: often all have as many words, which is quick to see.
    likely = 0 < each <= MOST_WORDS and not rest
    if likely and (starts[::each] >= breaks[:-1]).all() and (starts[each - 1 :: each] < breaks[1:]).all():
        return each, np.empty(0, np.int64)
    return 0, np.searchsorted(starts, breaks)


def learnt(*parts: Told) -> Learnt:
    """What is to be remembered of the distinctive ones among values of one or more parts."""
    found = [of_columns(columns)[1] for columns in _by_count(parts)]
    if not found:
        return Learnt(np.empty(0, np.uint64), np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, np.int64))
    return found[0] if len(found) == 1 else Learnt(*map(np.concatenate, zip(*found, strict=True)))


def _by_count(parts: Sequence[Told]) -> Iterator[list[Told]]:
    """The first words of values, their second words and so on: of all values with as many words together."""
    if all(part.each for part in parts):
        if sum(part.each for part in parts) <= MOST_WORDS:
            yield [part.at(slice(number, None, part.each)) for part in parts for number in range(part.each)]
        return
    firsts = [part.firsts() for part in parts]
    numbers = sum(np.diff(first) << 4 * place for place, first in enumerate(firsts))
    for number in np.flatnonzero(np.bincount(numbers, minlength=1)):
        counts = [int(number) >> 4 * place & 15 for place in range(len(parts))]
        if all(counts) and sum(counts) <= MOST_WORDS:
            rows = np.flatnonzero(numbers == number)
            columns = zip(parts, firsts, counts, strict=True)
            yield [part.at(first[rows] + word) for part, first, count in columns for word in range(count)]


def of_columns(columns: Sequence[Told]) -> tuple[Places, Learnt]:
    """Which values are distinctive, and what is remembered of them: by their first words, second words and so on."""
    first, *others = columns
    anchors, longest, at = first.hashed, first.lengths, np.zeros(len(first.hashed), np.int64)
    letters, numeric = first.lengths, first.leading & first.trailing
    for number, word in enumerate(others, 1):
        longer = word.lengths > longest
        anchors, longest = np.where(longer, word.hashed, anchors), np.where(longer, word.lengths, longest)
        at[longer] = number
        letters = letters + word.lengths
        numeric &= word.leading & word.trailing
    plain = np.False_ if others else ~(first.leading | first.trailing)
    kept = np.flatnonzero(letters >= np.where(numeric, 9, np.where(plain, 12, LEAST)))
    runs = reduce(words.joined, (word.hashed for word in columns))
    return kept, Learnt(runs[kept], anchors[kept], longest[kept], len(columns) * SHAPES + at[kept])


def _is_digit(data: Bytes) -> NDArray[np.bool_]:
    """Whether a word's end is a digit: its ends speak for a word."""
    digit: NDArray[np.bool_] = data - np.uint8(ord("0")) < np.uint8(10)
    return digit
