"""Words are found by bits exactly as a pattern finds them one by one; their hashes see no case and little else."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotfixture.transforms import words

TEXTS = st.lists(st.sampled_from(["a", "Zz9", "0", "word", "ü", "日", " ", ".", "\\", "\n", "x" * 70, "-" * 70])).map(
    "".join
)


def room_of(text: str | bytes) -> words.Bytes:
    return words.room_of(np.frombuffer(text if isinstance(text, bytes) else text.encode(), np.uint8))


def one_by_one(text: bytes) -> list[tuple[int, int]]:
    """The words of a text as a plain reader would find them."""
    escaped = {place + 1 for place, byte in enumerate(text) if byte == ord("\\")}
    plain = bytes(ord(" ") if place in escaped else byte for place, byte in enumerate(text))
    return [found.span() for found in re.finditer(rb"[0-9A-Za-z\x80-\xff]+", plain)]


def found(bounds: tuple[words.Places, words.Places]) -> list[tuple[int, int]]:
    starts, ends = (places - words.MARGIN for places in bounds)
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


@settings(deadline=None)
@given(TEXTS, st.integers(1, 80))
def test_the_words_of_some_length_are_those_that_a_plain_reader_finds(text: str, least: int) -> None:
    bits = words.inside(room_of(text))
    expected = [(start, end) for start, end in one_by_one(text.encode()) if end - start >= least]
    assert found(words.bounds(bits, least)) == expected


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=8))
def test_no_word_goes_on_from_one_value_to_the_next(values: list[str]) -> None:
    """Nor does a backslash at a value's end count for the next."""
    encoded = [value.encode() for value in values]
    breaks = np.cumsum([0, *map(len, encoded)])
    room = room_of(b"".join(encoded))
    cut = words.cut_at(room, breaks + words.MARGIN)
    expected = [
        (start + first, end + first)
        for value, first in zip(encoded, breaks.tolist(), strict=False)
        for start, end in one_by_one(value)
    ]
    assert found(words.bounds_between(words.inside(room, cut), cut)) == expected


@settings(deadline=None)
@given(TEXTS, st.integers(0, 3), st.integers(0, 3), st.data())
def test_words_near_a_place_are_those_that_stand_there(text: str, before: int, after: int, data: st.DataObject) -> None:
    bits = words.inside(room_of(text))
    starts, ends = words.bounds(bits)
    if not len(starts):
        return
    chosen = data.draw(st.lists(st.integers(0, len(starts) - 1), min_size=1, max_size=3, unique=True).map(sorted))
    near = words.bounds_near(bits, starts[chosen], before, after)
    if near is None:
        return
    some, same, named = near
    for number, word in zip(named.tolist(), chosen, strict=True):
        assert found((some[number - before : number + after + 1], same[number - before : number + after + 1])) == found(
            (starts[word - before : word + after + 1], ends[word - before : word + after + 1])
        )


def test_words_far_from_both_ends_are_found_near_their_place() -> None:
    text = "one two three four five " * 200
    bits = words.inside(room_of(text))
    starts, _ = words.bounds(bits)
    assert words.bounds_near(bits, starts[100:900:50], 7, 7) is not None


def hash_of(word: str) -> int:
    room = room_of(word)
    return int(words.hashes(room, *words.bounds(words.inside(room)))[0])


@pytest.mark.parametrize(
    ("one", "other"), [("Anna", "aNNA"), ("X" * 8, "x" * 8), ("LongerThanEight", "longerthaneight")]
)
def test_case_is_not_seen(one: str, other: str) -> None:
    assert hash_of(one) == hash_of(other)


@settings(deadline=None)
@given(st.lists(st.text("aZ0é日", min_size=1, max_size=12), min_size=2, unique_by=lambda text: text.encode().lower()))
def test_different_words_have_different_hashes_wherever_they_stand(texts: list[str]) -> None:
    """Up to sixteen bytes, of which the hash sees all."""
    texts = [text for text in texts if len(text.encode()) <= 16]
    assert len({hash_of(text) for text in texts}) == len({_lower(text) for text in texts})
    room = room_of(" ".join(texts))
    together = words.hashes(room, *words.bounds(words.inside(room)))
    assert together.tolist() == [hash_of(text) for text in texts]


def _lower(text: str) -> bytes:
    return text.encode().lower()
