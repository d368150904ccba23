"""Columns that others compute from: of the row itself, or of a row it points at (`users.created_at`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from hotfixture.plans.seed.frame import Frame, blanked

if TYPE_CHECKING:
    from hotfixture.errors import Where
    from hotfixture.plans.seed.columns import Site
    from hotfixture.plans.seed.declarations import ReferenceDeclaration


@dataclass(frozen=True, slots=True)
class Source:
    """A column, and the links that lead to its table."""

    links: tuple[str, ...]
    column: str
    arrow: pa.DataType

    def at(self, frame: Frame) -> pa.Array:
        """The values, null where a link leads nowhere."""
        if not self.links:
            return frame.column(self.column)
        valid = None
        for link in self.links:
            linked = frame.linked(link)
            if linked.valid is not None:
                valid = linked.valid if valid is None else valid & linked.valid
            frame = frame.parent(link)
        values = frame.column(self.column)
        return values if valid is None else blanked(values, valid)


def source(site: Site, name: str, where: Where | None = None) -> Source | None:
    """What `column`, `users.column` or `orders.users.column` means at a column; None, and a problem, for nothing."""
    *steps, column = name.split(".")
    table, links = site.table, []
    for step in steps:
        reference = _reference(table.references, step)
        if reference is None or reference.target not in site.build.declared.tables:
            known = sorted({*(one.target for one in table.references), *(one.name for one in table.references)})
            site.reader.unknown(f"reference of {table.name}", step, known, where or site.column.where)
            return None
        links.append(reference.name)
        table = site.build.declared.tables[reference.target]
    if column not in table.columns:
        site.reader.unknown(f"column of {table.name}", column, list(table.columns), where or site.column.where)
        return None
    return Source(tuple(links), column, site.need(column, table.name, where).arrow)


def _reference(references: tuple[ReferenceDeclaration, ...], step: str) -> ReferenceDeclaration | None:
    """The reference that a word means: its name, a column of it, or the table it leads to."""
    by_name = (one for one in references if one.name == step or one.columns == (step,))
    by_target = (one for one in references if one.target == step)
    return next(by_name, None) or next(by_target, None)
