"""Columns that hold the key of a row elsewhere, and the number of a child among those of its parent."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from hotfixture.plans.seed.columns import Maker, Nothing, Site, cast
from hotfixture.plans.seed.frame import Frame
from hotfixture.plans.seed.layout import Laid


@dataclass(slots=True)
class Referring(Maker):
    """A column of the row pointed at."""

    link: str
    column: str
    arrow: pa.DataType

    def at(self, frame: Frame) -> pa.Array:
        return cast(frame.from_parent(self.link, self.column), self.arrow)


@dataclass(slots=True)
class LineNumber(Maker):
    """Which child of its parent a row is, from 1."""

    link: str
    arrow: pa.DataType

    def at(self, frame: Frame) -> pa.Array:
        laid = frame.table.links[self.link]
        assert isinstance(laid, Laid)
        return pa.array(laid.line_numbers(frame)).cast(self.arrow)


def make(site: Site) -> Maker:
    """The maker of a column that takes part in a reference."""
    reference = next(one for one in site.table.references if site.column.name in one.columns)
    names = site.build.target_columns(reference)
    if reference.target not in site.build.declared.tables:
        return Nothing()  # said where the reference is linked
    if not names:
        return site.problem(f"its reference names no column of {reference.target}, which has no primary key")
    if len(names) != len(reference.columns):
        return site.problem(f"its reference has {len(reference.columns)} columns here and {len(names)} there")
    column = names[reference.columns.index(site.column.name)]
    made = site.need(column, reference.target)
    return Referring(reference.name, column, site.declared.arrow if site.declared else made.arrow)


def make_line_number(site: Site) -> Maker:
    """The maker of a `line_no` column."""
    link = site.build.laid(site.table.name)
    if link is None:
        return site.problem("line_no counts the children of a parent", hint="Write count: 1..5 per parents.")
    return LineNumber(link, site.declared.arrow if site.declared else pa.int32())
