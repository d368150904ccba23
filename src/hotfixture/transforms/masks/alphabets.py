"""Characters as digits: each letter or digit has a class of like ones, a rank in it, and the class a size.

Class of an ASCII digit are the ten digits, of a letter the 26 of its case; another letter or digit has those of its
block of 128 code points that are of the same general category (Unicode 3.2, which Python freezes: no release moves
a mask). Everything else is a class of its own and stays.
"""

from __future__ import annotations

from functools import cache
from string import ascii_lowercase, ascii_uppercase, digits
from unicodedata import ucd_3_2_0

import numpy as np
from numpy.typing import NDArray

HEX = digits + "abcdef"


class Alphabet:
    """Tables over code points, grown block by block as they are met: rank, size of the class, where it begins."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._blocks: dict[int, tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32]]] = {}

    def read(self, points: NDArray[np.uint32]) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.uint32]]:
        """Rank, class size, and class (the block's first code point and the class's start) of each code point."""
        rank, size, start = (np.empty(points.shape, np.uint32) for _ in range(3))
        block = points >> 7
        for number in np.unique(block):
            here = block == number
            tables = self._block(int(number))
            for result, table in zip((rank, size, start), tables, strict=True):
                result[here] = table[points[here] & 127]
        return rank.astype(np.uint64), size.astype(np.uint64), start

    def write(
        self, rank: NDArray[np.uint64], start: NDArray[np.uint32], points: NDArray[np.uint32]
    ) -> NDArray[np.uint32]:
        """The code point of each rank in the class of `points`."""
        result = np.empty(points.shape, np.uint32)
        block = points >> 7
        for number in np.unique(block):
            here = block == number
            members = _members(self._name, int(number))
            result[here] = members[start[here] + rank[here].astype(np.uint32)]
        return result

    def _block(self, number: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32]]:
        if number not in self._blocks:
            self._blocks[number] = _tables(self._name, number)
        return self._blocks[number]


@cache
def alphabet(name: str) -> Alphabet:
    """`text` (all letters and digits), `digits` (0-9 alone), `hex` (0-9a-f as one class; A-F as another)."""
    return Alphabet(name)


def _class(name: str, point: int) -> str:
    """The members of the code point's class, in order."""
    character = chr(point)
    if name == "hex":
        return next((members for members in (HEX, "ABCDEF") if character in members), character)
    if character in digits:
        return digits
    if name == "digits":
        return character
    for members in (ascii_lowercase, ascii_uppercase):
        if character in members:
            return members
    return _block_class(point)


def _block_class(point: int) -> str:
    category = ucd_3_2_0.category(chr(point))
    if point < 128 or category[0] not in "LN":
        return chr(point)
    first = point & ~127
    return "".join(chr(p) for p in range(first, first + 128) if _likeness(chr(p)) == _likeness(chr(point)))


def _likeness(character: str) -> tuple[str, bool]:
    """General category, and whether it is another character's shape only (`ª`, `①`), which no name is written in."""
    return ucd_3_2_0.category(character), ucd_3_2_0.decomposition(character).startswith("<")


def _classes(name: str, number: int) -> list[str]:
    return [_class(name, point) for point in range(number << 7, (number + 1) << 7)]


@cache
def _members(name: str, number: int) -> NDArray[np.uint32]:
    """All classes of a block behind each other, as code points."""
    distinct = dict.fromkeys(_classes(name, number))
    return np.array([ord(character) for members in distinct for character in members], np.uint32)


def _tables(name: str, number: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32]]:
    classes = _classes(name, number)
    starts, total = {}, 0
    for members in dict.fromkeys(classes):
        starts[members], total = total, total + len(members)
    points = [chr((number << 7) + offset) for offset in range(128)]
    rank = [members.index(character) for members, character in zip(classes, points, strict=True)]
    tables = (rank, [len(members) for members in classes], [starts[members] for members in classes])
    rank_table, size_table, start_table = (np.array(table, np.uint32) for table in tables)
    return rank_table, size_table, start_table
