"""Two references that share a column must agree on it: the second picks among the rows of the first one's group.

`orders (tenant, customer)` and `orders (tenant, product)`: the product is one of the customer's tenant. That takes a
target whose rows stand under the shared group (`products: count: 20 per tenants`), so that a group's rows are a range.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hotfixture.plans.seed.frame import Frame, Linked, Rows
from hotfixture.plans.seed.layout import Laid
from hotfixture.plans.seed.links import Link, below_each

if TYPE_CHECKING:
    from hotfixture.plans.seed.compile import Build
    from hotfixture.plans.seed.declarations import ReferenceDeclaration, TableDeclaration
    from hotfixture.plans.seed.plan import TablePlan


@dataclass(slots=True, eq=False)
class Within(Link):
    """Any row of the target that belongs to the same group as the row that another reference leads to."""

    first: str = ""
    """The reference that decides the group."""
    steps: tuple[str, ...] = ()
    """From the row it leads to, on to the group's own row."""
    group: str = ""
    """The link by which the target's rows stand under the group."""

    def pick(self, frame: Frame) -> Rows:
        starts, counts = self._ranges(frame)
        inside = below_each(frame.draws(self.address), np.maximum(counts, 1).astype(np.uint64))
        return starts.astype(np.uint64) + inside

    def parents(self, frame: Frame) -> Linked:
        """Null where the group has no rows in the target, too."""
        linked = Link.parents(self, frame)  # the class that slots make anew is not the one `super()` knows
        filled = self._ranges(frame)[1] > 0
        valid = filled if linked.valid is None else linked.valid & filled
        return Linked(np.where(valid, linked.rows, np.uint64(0)), None if valid.all() else valid)

    def _ranges(self, frame: Frame) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], ...]:
        owner = frame.parent(self.first)
        for step in self.steps[:-1]:
            owner = owner.parent(step)
        rows = owner.linked(self.steps[-1]).rows if self.steps else frame.linked(self.first).rows
        laid = self.target.links[self.group]
        assert isinstance(laid, Laid)
        return laid.ranges(rows)


def within(build: Build, table: TablePlan, reference: ReferenceDeclaration) -> tuple[str, tuple[str, ...], str] | None:
    """How a reference that shares columns with an earlier one picks; None for one that shares none."""
    earlier = table.declaration.references[: table.declaration.references.index(reference)]
    first = next((one for one in earlier if set(one.columns) & set(reference.columns)), None)
    if first is None:
        return None
    shared = next(name for name in reference.columns if name in first.columns)
    target = build.declared.tables[reference.target]
    own = build.target_columns(reference)[reference.columns.index(shared)]
    group = build.laid(target.name)
    laid = next((one for one in target.references if one.name == group and own in one.columns), None)
    steps = _steps(build, first, shared, laid.target) if laid else None
    if laid is None or steps is None:
        build.reader.problem(
            f"{table.name}: two references share {shared!r}, and {target.name} is not laid out by it",
            reference.where,
            f"Give {target.name} a size per the table that {shared!r} stands for, such as 'count: 20 per tenants'.",
        )
        return None
    return first.name, steps, laid.name


def _steps(build: Build, first: ReferenceDeclaration, shared: str, owner: str) -> tuple[str, ...] | None:
    """From the row that the first reference leads to, the reference that leads on to the group."""
    if first.target == owner:
        return ()
    target = build.declared.tables.get(first.target)
    if target is None:
        return None
    column = build.target_columns(first)[first.columns.index(shared)]
    found = _leading(target, column, owner)
    return (found,) if found else None


def _leading(table: TableDeclaration, column: str, owner: str) -> str | None:
    return next((one.name for one in table.references if column in one.columns and one.target == owner), None)
