"""How rows point at rows: a child's row number gives its parent's, without any table of keys.

A parent is picked by row number and its key is made anew there, so a reference costs what making the key costs and
holds in any order, in any part, on any machine.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from hotfixture.draws import Draws, address_key, mix
from hotfixture.generators import find
from hotfixture.generators.permute import permute
from hotfixture.plans.seed.frame import Frame, Linked, Mask, NullMask, Rows

if TYPE_CHECKING:
    from hotfixture.plans.seed.plan import TablePlan


@dataclass(slots=True, eq=False)
class Link(ABC):
    """One reference: the table it points at, and which of its rows each row points at."""

    target: TablePlan
    address: str
    """What its draws hang on."""
    null_share: float = 0.0
    null_mask: NullMask | None = field(default=None, init=False)
    """Which rows the only column of the reference leaves null: they point nowhere."""

    @abstractmethod
    def pick(self, frame: Frame) -> Rows:
        """A row of the target for each row of the frame."""

    def parents(self, frame: Frame) -> Linked:
        """The rows pointed at; a share of them none."""
        if not self.target.count:
            return Linked(np.zeros(len(frame), np.uint64), np.zeros(len(frame), np.bool_))
        rows, valid = self.pick(frame), self._pointing(frame)
        return Linked(rows if valid is None else np.where(valid, rows, np.uint64(0)), valid)

    def _pointing(self, frame: Frame) -> Mask | None:
        """Which rows point anywhere, and are not left null; None for all."""
        some = self.some(frame)
        if self.null_mask is None:
            return some
        left = self.null_mask.shown(frame)
        return left if some is None else some & left

    def some(self, frame: Frame) -> Mask | None:
        """Which rows point anywhere; None for all."""
        return frame.draws(f"{self.address}#null").unit() >= self.null_share if self.null_share else None


class Uniform(Link):
    """Any parent as likely as any other."""

    __slots__ = ()

    def pick(self, frame: Frame) -> Rows:
        return frame.draws(self.address).below(self.target.count).view(np.uint64)


@dataclass(slots=True, eq=False)
class Skewed(Link):
    """Few parents have most children (Zipf), and which ones these are is scattered over the table."""

    exponent: float = 1.0

    def pick(self, frame: Frame) -> Rows:
        rank = find("distributions.zipf")(
            frame.draws(self.address), high=min(self.target.count, 1 << 53), exponent=self.exponent
        )
        ranks = rank.to_numpy(zero_copy_only=False) - 1
        return _scattered(ranks, frame, self)


@dataclass(slots=True, eq=False)
class OneToOne(Link):
    """Every parent at most once, in scattered order."""

    base: int = 0
    """Rows that were there before the table grew."""
    before: OneToOne | None = None
    """The same link before it grew."""

    def pick(self, frame: Frame) -> Rows:
        return self._nth(frame.rows, mix(frame.table.seed ^ address_key(self.address)))

    def _nth(self, rows: Rows, key: int) -> Rows:
        """Another parent for each row number: those that rows before the growth have stay theirs."""
        if self.before is None:
            whole: Rows = permute(rows, self.target.count, key).view(np.uint64)
            return whole
        left = self.before.target.count - self.base
        result = np.empty_like(rows)
        old = rows < np.uint64(self.base)
        drawn = permute(rows[~old] - np.uint64(self.base), left + self.target.count - self.before.target.count, key)
        # What the rows before left over comes first in the draw, what has come since then after it.
        number = np.where(drawn < left, self.base + drawn, self.before.target.count + drawn - left).astype(np.uint64)
        fresh = np.flatnonzero(~old)[drawn >= left]
        kept = np.flatnonzero(~old)[drawn < left]
        result[fresh], result[kept] = number[drawn >= left], self.before._nth(number[drawn < left], key)
        result[old] = self.before._nth(rows[old], key)
        return result


@dataclass(slots=True, eq=False)
class Tree(Link):
    """A table that points at itself: always at a row before, so that no ring can come to be."""

    branching: int = 0
    """So many children for each row, level by level; 0: any row before, as likely as any other."""
    rooted: bool = False
    """A root points at itself, for columns that may not be null."""

    def pick(self, frame: Frame) -> Rows:
        before = np.maximum(frame.rows, np.uint64(1))
        if self.branching:
            return (before - np.uint64(1)) // np.uint64(self.branching)
        rows = below_each(frame.draws(self.address), before)
        return np.where(self._roots(frame), frame.rows, rows) if self.rooted else rows

    def some(self, frame: Frame) -> Mask | None:
        return None if self.rooted else ~self._roots(frame)

    def _roots(self, frame: Frame) -> Mask:
        roots: Mask = frame.rows == np.uint64(0)
        if self.null_share:
            roots |= frame.draws(f"{self.address}#null").unit() < self.null_share
        return roots


def below_each(draws: Draws, bounds: Rows) -> Rows:
    """For each draw an integer in [0, bound), each with a bound of its own of 1 … 2^63."""
    high, low, mask = draws.bits >> np.uint64(32), draws.bits & np.uint64(0xFFFFFFFF), np.uint64(0xFFFFFFFF)
    top, bottom = bounds >> np.uint64(32), bounds & mask
    second = low * top + ((low * bottom) >> np.uint64(32))
    middle = high * bottom + (second & mask)
    result: Rows = high * top + (second >> np.uint64(32)) + (middle >> np.uint64(32))
    return result


def _scattered(numbers: Rows, frame: Frame, link: Link) -> Rows:
    """Another row of the target for each number, under a key that belongs to this link and seed."""
    key = mix(frame.table.seed ^ address_key(link.address))
    rows: Rows = permute(numbers, link.target.count, key).view(np.uint64)
    return rows
