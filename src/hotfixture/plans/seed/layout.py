"""So many children for each parent, laid out in the order of the parents: any child's parent is found at once.

Parents stand in blocks of BLOCK, and how many children a whole block has is fixed by arithmetic: the share of all
children that its parents are of all parents. Within a block the numbers are drawn, then some are moved by one until
their sum is that share. So nothing has to be summed up from the beginning, row 10⁹ costs what row 0 does, and the size
of the table is known exactly before a row is made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hotfixture.draws import Draws
from hotfixture.plans.seed.frame import Frame, Rows
from hotfixture.plans.seed.links import Link

BLOCK = 256
"""Parents of a block. More of them leave the drawn numbers more as they were; fewer make scattered reads cheaper."""

Counts = NDArray[np.int64]


class Spread(NamedTuple):
    """How the numbers of children are drawn."""

    low: int
    high: int
    draw: Callable[[Draws], Counts]
    """A number of children within [low, high] for each draw."""


@dataclass(slots=True, eq=False)
class Laid(Link):
    """Children of one parent stand side by side, those of the first parent first."""

    seed: int = field(kw_only=True)
    children: int = field(kw_only=True)
    """Of all parents together, or of those that came when the tables grew."""
    base: int = 0
    """The first child row: those before belong to parents that were there before."""
    spread: Spread = field(kw_only=True)
    before: Laid | None = None
    """The same link before the tables grew."""

    def pick(self, frame: Frame) -> Rows:
        return self._walk(frame.rows)[0].view(np.uint64)

    def line_numbers(self, frame: Frame) -> Counts:
        """Which child of its parent each row is, from 1."""
        return self._walk(frame.rows)[1]

    def children_of(self, parents: Rows) -> tuple[Rows, Counts]:
        """The child rows of each parent, one parent after the other, and where those of each parent end."""
        starts, counts = self.ranges(parents)
        ends = np.cumsum(counts)
        total = int(ends[-1]) if len(ends) else 0
        return (np.arange(total) + np.repeat(starts - (ends - counts), counts)).astype(np.uint64), ends

    def ranges(self, parents: Rows) -> tuple[Counts, Counts]:
        """The first child row of each parent, and how many there are."""
        earlier = self._earlier()
        numbers = parents.astype(np.int64)
        if earlier is not None and len(numbers) and int(numbers.min()) < self.target.base:
            return self._ranges_across(parents, numbers, earlier)
        blocks, inside = np.divmod(numbers - self.target.base, BLOCK)
        used, which = np.unique(blocks, return_inverse=True)
        sizes = self._sizes(used)
        counts = sizes[which, inside]
        starts = self._start(blocks * BLOCK) + np.cumsum(sizes, axis=1)[which, inside] - counts
        return self.base + starts, counts

    def _earlier(self) -> Laid | None:
        """The link as it was before the tables grew."""
        return self.before if self.target.base else None

    def _ranges_across(self, parents: Rows, numbers: Counts, earlier: Laid) -> tuple[Counts, Counts]:
        """Parents that were there before have the children they had."""
        old = numbers < self.target.base
        starts, counts = np.empty_like(numbers), np.empty_like(numbers)
        starts[old], counts[old] = earlier.ranges(parents[old])
        if not old.all():
            starts[~old], counts[~old] = self.ranges(parents[~old])
        return starts, counts

    def _walk(self, rows: Rows) -> tuple[Counts, Counts]:
        """Parent and line number of each child row."""
        numbers = rows.astype(np.int64) - self.base
        blocks = self._blocks(numbers)
        used, which = np.unique(blocks, return_inverse=True)
        ends = np.cumsum(self._sizes(used), axis=1)
        inside = numbers - self._start(blocks * BLOCK)
        # One search through the ends of all blocks: each block's are shifted beyond those of the one before.
        shift = int(ends.max(initial=0)) + 1
        shelves = (ends + np.arange(len(used))[:, None] * shift).ravel()
        place = np.searchsorted(shelves, inside + which * shift, side="right") - which * BLOCK
        before = np.where(place > 0, ends[which, np.maximum(place, 1) - 1], 0)
        return self.target.base + blocks * BLOCK + place, inside - before + 1

    def _blocks(self, numbers: Counts) -> Counts:
        """The block that each child row is in: the last one that starts at it or before."""
        blocks = self._scaled(numbers, self._parents, self.children) // BLOCK
        blocks += self._start((blocks + 1) * BLOCK) <= numbers
        blocks -= self._start(blocks * BLOCK) > numbers
        return blocks

    def _start(self, parents: Counts) -> Counts:
        """The first child row of the blocks that begin at these parents."""
        return self._scaled(np.minimum(parents, self._parents), self.children, self._parents)

    @property
    def _parents(self) -> int:
        """How many parents these children are laid under."""
        return self.target.count - self.target.base

    @staticmethod
    def _scaled(numbers: Counts, factor: int, divisor: int) -> Counts:
        """numbers * factor // divisor, exactly."""
        if int(numbers.max(initial=0)) * factor < 1 << 63:
            return numbers * factor // divisor
        return np.array([int(number) * factor // divisor for number in numbers], np.int64)

    def _sizes(self, blocks: Counts) -> Counts:
        """How many children each parent of the blocks has: a line a block, zeros beyond the last parent."""
        parents = blocks[:, None] * BLOCK + np.arange(BLOCK)
        rows = (parents + self.target.base).ravel().astype(np.uint64)
        draws = Draws.at_rows(self.seed, f"{self.address}#children", rows)
        counts = np.clip(self.spread.draw(draws), self.spread.low, self.spread.high).reshape(parents.shape)
        real = parents < self._parents
        totals = self._start((blocks + 1) * BLOCK) - self._start(blocks * BLOCK)
        order = np.argsort(draws.lane(1).bits.reshape(parents.shape), axis=1)
        return _moved(np.where(real, counts, 0), totals, real, order, self.spread)


def _moved(counts: Counts, totals: Counts, real: NDArray[np.bool_], order: Counts, spread: Spread) -> Counts:
    """The counts, some raised or lowered by one in a scattered order, until each line's sum is its total."""
    strict = True
    while (missing := totals - counts.sum(axis=1)).any():
        room = np.where(missing[:, None] > 0, counts < spread.high, counts > spread.low)
        # Rounding may leave a line one child more or less than the bounds allow: then anybody takes it.
        room = np.take_along_axis(real & (room if strict else counts >= 0), order, axis=1)
        turn = room & (np.cumsum(room, axis=1) <= np.abs(missing)[:, None])
        steps = np.zeros_like(counts)
        np.put_along_axis(steps, order, turn * np.sign(missing)[:, None], axis=1)
        strict = bool(steps.any())
        counts = counts + steps
    return counts
