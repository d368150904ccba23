"""Running balances: the sum of another column over the rows of one parent, from the first up to each row.

Children of one parent lie side by side, so a balance is summed up from its parent's first child on: any row at once,
the same in any pieces. What that costs is the children before it, not the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hotfixture.documents import Node
from hotfixture.errors import CapacityError
from hotfixture.plans.seed.columns import Maker, Nothing, Site, cast
from hotfixture.plans.seed.frame import Frame
from hotfixture.plans.seed.layout import Laid
from hotfixture.plans.seed.plan import PIECE
from hotfixture.plans.seed.sources import Source, source

Sums: TypeAlias = NDArray[Any]
"""Floating numbers, or whole units of the last digit."""

KEYS = ("of", "per", "start")
_LARGEST = 1 << 62
"""Of a balance in units of its last digit: sums stay exact."""


@dataclass(slots=True)
class Running(Maker):
    """The balance after each row."""

    of: str
    link: str
    start: Source | None
    """A column of the parent that the balance begins with."""
    opening: pa.Scalar
    """What it begins with else."""
    unit: pa.DataType
    """The type that is summed up in: whole numbers, decimals or floating numbers."""
    what: str
    arrow: pa.DataType
    kept: dict[int, Sums] = field(default_factory=dict)
    """The sums of the last parent that has more children than are made in one go."""

    def at(self, frame: Frame) -> pa.Array:
        laid = frame.table.links[self.link]
        assert isinstance(laid, Laid)
        parents, which = np.unique(frame.linked(self.link).rows, return_inverse=True)
        starts, counts = laid.ranges(parents)
        inside = frame.rows.astype(np.int64) - starts[which]
        ends = np.zeros(len(parents), np.int64)
        np.maximum.at(ends, which, inside + 1)  # up to the last row that is asked for
        found = np.zeros(len(frame), np.float64 if pa.types.is_floating(self.unit) else np.int64)
        for group in _groups(np.where(counts > PIECE, counts, ends)):
            mine = (which >= group.start) & (which < group.stop)
            sums, firsts = self._sums(frame, starts[group], counts[group], ends[group])
            found[mine] = sums[firsts[which[mine] - group.start] + inside[mine]]
        return cast(self._typed(found + self._opened(frame)), self.arrow)

    def _sums(
        self, frame: Frame, starts: NDArray[np.int64], counts: NDArray[np.int64], ends: NDArray[np.int64]
    ) -> tuple[Sums, NDArray[np.int64]]:
        """The sums of some parents one after the other, and where those of each begin."""
        if len(starts) == 1 and counts[0] > PIECE:
            first = int(starts[0])
            if first not in self.kept:
                self.kept = {first: self._long(frame, first, int(counts[0]))}
            return self.kept[first], np.zeros(1, np.int64)
        firsts = np.cumsum(ends) - ends
        rows = np.arange(int(ends.sum())) + np.repeat(starts - firsts, ends)
        amounts = self._amounts(Frame(frame.table, rows.astype(np.uint64)))
        if amounts.dtype == np.int64:
            sums = np.cumsum(amounts)
            return sums - np.repeat(sums[firsts] - amounts[firsts], ends), firsts
        # Floating numbers are added in one order only: the same digits, whatever parents stand beside.
        whole = [np.cumsum(amounts[at : at + size]) for at, size in zip(firsts, ends, strict=True)]
        return np.concatenate(whole), firsts

    def _long(self, frame: Frame, first: int, count: int) -> Sums:
        """The sums of one parent, made piece by piece."""
        pieces = (np.arange(at, min(at + PIECE, first + count)) for at in range(first, first + count, PIECE))
        amounts = [self._amounts(Frame(frame.table, rows.astype(np.uint64))) for rows in pieces]
        return np.cumsum(np.concatenate(amounts))

    def _amounts(self, frame: Frame) -> Sums:
        return self._numbers(frame.column(self.of))

    def _numbers(self, values: pa.Array) -> Sums:
        """Floating numbers, or whole units of the last digit; nothing counts as zero."""
        filled = pc.fill_null(values.cast(self.unit), pa.scalar(0).cast(self.unit))
        if not pa.types.is_decimal(self.unit):
            return np.asarray(filled)
        words = np.frombuffer(filled.buffers()[1], "<i8").reshape(-1, 2)[filled.offset : filled.offset + len(filled)]
        if (words[:, 1] != words[:, 0] >> 63).any():
            raise CapacityError(f"{self.what}: an amount of more than 18 digits, which no balance adds")
        return words[:, 0]

    def _opened(self, frame: Frame) -> Sums:
        if self.start is not None:
            return self._numbers(self.start.at(frame))
        return self._numbers(pa.array([self.opening.as_py()], self.opening.type))

    def _typed(self, sums: Sums) -> pa.Array:
        if not pa.types.is_floating(self.unit) and len(sums) and int(np.abs(sums).max()) > _LARGEST:
            raise CapacityError(f"{self.what}: a balance of more than 18 digits")
        if not pa.types.is_decimal(self.unit):
            return pa.array(sums)
        words = np.ascontiguousarray(np.stack([sums, sums.astype(np.int64) >> 63], axis=1).astype("<i8", copy=False))
        return pa.Array.from_buffers(self.unit, len(sums), [None, pa.py_buffer(words)])


def _groups(sizes: NDArray[np.int64]) -> Iterator[slice]:
    """Neighbouring parents, so many that their children are made in one go; a long one by itself."""
    first = total = 0
    for number, size in enumerate(sizes.tolist()):
        if number > first and total + size > PIECE:
            yield slice(first, number)
            first, total = number, 0
        total += size
    if len(sizes):
        yield slice(first, len(sizes))


def make(site: Site) -> Maker:
    """The maker of a column with `balance: {of: amount, per: account_id, start: 0}`."""
    node, reader = site.fields["balance"], site.reader
    fields = reader.mapping(node, "balance", KEYS, required=("of",))
    link = site.build.laid(site.table.name)
    if "of" not in fields:
        return Nothing()
    if link is None or not _is_parent(site, link, fields.get("per")):
        hint = "Give the table a size such as 'count: 1..20 per accounts', and name the column that refers there."
        return site.problem("balance: it runs along the children of one parent", fields.get("per", node).where, hint)
    if site.column.unique or site.alone:
        return site.problem("unique, but 'balance' gives values that repeat", hint="Add line_no to the unique.")
    name = reader.text(fields["of"], "of")
    amount = site.need(name, where=fields["of"].where).arrow
    start = fields.get("start")
    opening = source(site, start.text, start.where) if start and isinstance(start.value, str) else None
    if pa.types.is_null(amount) or (start and isinstance(start.value, str) and opening is None):
        return Nothing()  # said where it was looked for
    unit = _unit([amount, *([opening.arrow] if opening else [])], start)
    if unit is None:
        return site.problem("balance: it adds numbers", fields["of"].where)
    fixed = pa.scalar(0 if opening or start is None else start.plain())
    arrow = site.declared.arrow if site.declared else unit
    return Running(name, link, opening, _cast_opening(fixed, unit), unit, site.what, arrow)


def _is_parent(site: Site, link: str, per: Node | None) -> bool:
    """Whether the column that is named is the one by which rows stand under their parents."""
    if per is None:
        return True
    reference = next(one for one in site.table.references if one.name == link)
    return per.text in (*reference.columns, reference.name, reference.target)


def _unit(kinds: list[pa.DataType], start: Node | None) -> pa.DataType | None:
    """The narrowest type that adds all of them exactly; None where one is no number."""
    if any(pa.types.is_floating(kind) for kind in kinds):
        return pa.float64()
    scales = [kind.scale if pa.types.is_decimal(kind) else 0 for kind in kinds]
    if not all(pa.types.is_integer(kind) or pa.types.is_decimal(kind) for kind in kinds):
        return None
    if start is not None and isinstance(start.value, float):
        scales.append(len(start.text.partition(".")[2]))
    decimal = any(scales) or any(pa.types.is_decimal(kind) for kind in kinds)
    return pa.decimal128(38, max(scales)) if decimal else pa.int64()


def _cast_opening(value: pa.Scalar, unit: pa.DataType) -> pa.Scalar:
    return pa.scalar(str(value.as_py())).cast(unit)
