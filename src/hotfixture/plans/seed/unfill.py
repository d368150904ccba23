"""Removes exactly the rows that a plan wrote: children before parents, batch by batch, by their keys made anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from hotfixture.plans.seed.fill import LEAVING, Progress, flat, nulled, rings
from hotfixture.plans.seed.frame import Frame, Mask
from hotfixture.plans.seed.plan import BATCH, SeedPlan, TablePlan
from hotfixture.plans.seed.spans import Span, stored

if TYPE_CHECKING:
    from hotfixture.databases.target import Target


@dataclass(slots=True)
class Removed:
    """What was removed."""

    rows: dict[str, int] = field(default_factory=dict)
    """By table; rows that somebody else had removed already are not counted."""


def unfill(
    plan: SeedPlan, target: Target, *, batch_size: int = BATCH, progress: Progress = lambda _table, _rows: None
) -> Removed:
    """Remove the rows that the marks say were written, then the marks; rows of anybody else stay."""
    with target.alone(plan.digest):
        return _unfilled(plan, target, batch_size, progress)


def _unfilled(plan: SeedPlan, target: Target, batch_size: int, progress: Progress) -> Removed:
    marks, done = target.marks(plan.digest), Removed()
    if marks:
        target.note(plan.digest, LEAVING, 1)
    for table in plan.made:
        if target.enforces and (columns := _circling(plan, table)):
            _loosen(plan, table, target, stored(table, marks), columns)
    for group in reversed(rings(plan)):
        with nullcontext() if len(group) == 1 or not target.enforces else target.together():
            for table in reversed(group):
                done.rows[table.name] = _remove(table, target, stored(table, marks), batch_size, progress)
    target.forget(plan.digest)
    return done


def _circling(plan: SeedPlan, table: TablePlan) -> tuple[str, ...]:
    """Columns that may be null and whose references lead to the table itself or to one that is removed before it."""
    before = {one.table.name for one in plan.tables[plan.tables.index(table) :]}
    names = (name for one in table.table.references if one.target in before for name in one.columns)
    return tuple(dict.fromkeys(name for name in names if table.table.column(name).nullable))


def _loosen(plan: SeedPlan, table: TablePlan, target: Target, written: list[Span], columns: tuple[str, ...]) -> None:
    """Nulls in these columns: some engines check a reference row by row, even those inside one statement."""
    keys = target.identity(table.table)
    for start, rows in _batches(written, BATCH):
        batch = table.batch(start, rows)
        target.fill(plan.digest, table.table, nulled(batch.select([*keys, *columns]), columns), first=start)


def _batches(written: list[Span], size: int) -> list[tuple[int, int]]:
    """First row and number of rows of each batch."""
    return [(start, min(size, span.last - start)) for span in written for start in range(span.first, span.last, size)]


def _remove(table: TablePlan, target: Target, written: list[Span], batch_size: int, progress: Progress) -> int:
    """The last rows first: a tree's leaves before what they hang on."""
    removed = 0
    keys = target.identity(table.table)
    for start, rows in reversed(_batches(written, batch_size)):
        batch = table.batch(start, rows).select(list(keys))
        whole = [Layer(np.ones(rows, np.bool_))]
        for layer in _layers(table, start, rows) if target.name == "mysql" else whole:
            part = batch if layer.rows.all() else batch.filter(pa.array(layer.rows))
            remove = target.remove_rings if layer.rings else target.remove
            removed += remove(table.table, flat(part) if target.enforces else part)
        progress(table.name, rows)
    return removed


class Layer(NamedTuple):
    """Some rows of a batch, none of which points at another of them."""

    rows: Mask
    rings: bool = False
    """Each points at itself."""


def _layers(table: TablePlan, start: int, rows: int) -> Iterator[Layer]:
    """The rows of a batch, those first that no row points at but those before.

    InnoDB checks a reference at each row, in an order of its own, so one statement must not hold parent and child. A
    row points at one before it, and trees are some dozens of layers deep; a chain has nulls, which are loosened.
    """
    links = [
        one.name
        for one, made in zip(table.declaration.references, table.table.references, strict=True)
        if made.target == table.table.name and not any(table.table.column(name).nullable for name in made.columns)
    ]
    frame, own = Frame(table, np.arange(start, start + rows, dtype=np.uint64)), np.arange(rows)
    parents = [frame.linked(link).rows.astype(np.int64) - start for link in links]
    rings = np.logical_or.reduce([np.zeros(rows, np.bool_), *(parent == own for parent in parents)])
    depth, before = np.zeros(rows, np.int64), np.full(rows, -1, np.int64)
    while (depth != before).any():
        before, depth = depth, np.zeros(rows, np.int64)
        for parent in parents:
            inside = (parent >= 0) & (parent < own)
            depth = np.maximum(depth, np.where(inside, before[np.maximum(parent, 0)] + 1, 0))
    for number in range(int(depth.max(initial=0)), -1, -1):
        for ring in (False, True):
            layer = (depth == number) & (rings == ring)
            if layer.any():
                yield Layer(layer, ring)
