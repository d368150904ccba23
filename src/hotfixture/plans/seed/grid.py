"""Combinations of columns that may not repeat: a permuted number of the whole product, and its digits.

Two references that are unique together, a key of a parent and a date, a tenant and a word out of a list: each column is
one digit of a number in [0, product of their sizes), and the number is another one in every row. Under a parent that
has so many children, the numbers of one parent's children differ: they walk through the product by a step without a
common divisor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd, prod

import numpy as np

from hotfixture.draws import Draws
from hotfixture.generators.permute import LARGEST, permute
from hotfixture.plans.seed.frame import Frame, Rows
from hotfixture.plans.seed.layout import Laid
from hotfixture.plans.seed.links import Link

STEPS = 64
_WIDEST_STEP = 1 << 20


@dataclass(slots=True, eq=False)
class Grid:
    """One combination of columns."""

    sizes: tuple[int, ...]
    """How many values each column can have; the parent of a laid table is none of them."""
    key: int
    address: str
    laid: str = ""
    """The link under whose parents the combination is told apart; empty for the whole table."""

    @property
    def size(self) -> int:
        """How many combinations there are."""
        return prod(self.sizes)

    def digit(self, frame: Frame, place: int) -> Rows:
        """The value number of the column at `place`, for each row."""
        below = prod(self.sizes[place + 1 :])
        return (self._numbers(frame) // np.uint64(below)) % np.uint64(self.sizes[place])

    def _numbers(self, frame: Frame) -> Rows:
        if not self.laid:
            whole: Rows = permute(frame.rows, self.size, self.key).view(np.uint64)
            return whole
        laid = frame.table.links[self.laid]
        assert isinstance(laid, Laid)
        lines = (laid.line_numbers(frame) - 1).astype(np.uint64)
        draws = Draws.at_rows(frame.table.seed, self.address, frame.linked(self.laid).rows)
        start = draws.lane(0).below(self.size).view(np.uint64)
        steps = np.array(strides(self.size), np.uint64)
        step = steps[draws.lane(1).below(len(steps))]
        # start and line * step stay far below 2^64: steps are small.
        return (start + lines * step) % np.uint64(self.size)


def strides(size: int) -> Sequence[int]:
    """Some steps without a common divisor with `size`: repeated, each visits all numbers before it comes back."""
    wanted = min(size, _WIDEST_STEP)
    found = [step for step in range(max(1, wanted * 5 // 8), wanted + STEPS * 8) if gcd(step, size) == 1]
    return found[:STEPS] or [1]


def fits(size: int) -> bool:
    """Whether a permutation of so many combinations can be computed."""
    return 1 <= size <= LARGEST


@dataclass(slots=True, eq=False)
class Gridded(Link):
    """Parents picked so that a combination of columns does not repeat."""

    grid: Grid | None = None
    place: int = 0

    def pick(self, frame: Frame) -> Rows:
        assert self.grid
        return self.grid.digit(frame, self.place)
