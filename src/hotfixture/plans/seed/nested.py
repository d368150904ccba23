"""Structures, lists and cases: columns that are made of other columns' ways of making values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hotfixture.documents import Node
from hotfixture.plans.declarations import named
from hotfixture.plans.seed.columns import Maker, Nothing, Site
from hotfixture.plans.seed.declarations import ColumnDeclaration
from hotfixture.plans.seed.expressions import Expression, compiled
from hotfixture.plans.seed.frame import Frame, NullMask
from hotfixture.plans.seed.reading import read_column

LONGEST = 10_000
"""Elements of a list."""


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a structure."""

    name: str
    maker: Maker
    nulls: NullMask | None

    def at(self, frame: Frame) -> pa.Array:
        """Its values, nulls in their places."""
        made = self.maker.at(frame)
        return self.nulls.into(made, frame) if self.nulls else made


@dataclass(slots=True)
class Structure(Maker):
    """Several values under names."""

    parts: Sequence[Part]
    arrow: pa.DataType

    def at(self, frame: Frame) -> pa.Array:
        return pa.StructArray.from_arrays([part.at(frame) for part in self.parts], fields=list(self.arrow))


@dataclass(slots=True)
class Listed(Maker):
    """Several values of one kind; element `i` of row `r` is drawn as row `r * LONGEST + i`."""

    part: Part
    low: int
    high: int
    address: str
    arrow: pa.DataType

    def at(self, frame: Frame) -> pa.Array:
        sizes = self.low + frame.draws(f"{self.address}#size").below(self.high - self.low + 1)
        ends = np.cumsum(sizes)
        total = int(ends[-1]) if len(ends) else 0
        inside = np.arange(total) - np.repeat(ends - sizes, sizes)
        rows = np.repeat(frame.rows, sizes) * np.uint64(LONGEST) + inside.astype(np.uint64)
        values = self.part.at(Frame(frame.table, rows))
        offsets = np.concatenate(([0], ends)).astype(np.int32)
        return pa.ListArray.from_arrays(pa.array(offsets), values, type=self.arrow)


@dataclass(slots=True)
class Cases(Maker):
    """The first case whose condition holds says the value; null where none does."""

    conditions: Sequence[Expression]
    makers: Sequence[Part]
    arrow: pa.DataType

    @property
    def may_be_null(self) -> bool:
        return True

    def at(self, frame: Frame) -> pa.Array:
        result = pa.nulls(len(frame), self.arrow)
        open_rows = np.ones(len(frame), np.bool_)
        for condition, part in zip(self.conditions, self.makers, strict=False):
            holds = condition.at(frame).cast(pa.bool_()).fill_null(False).to_numpy(zero_copy_only=False) & open_rows
            result = pc.if_else(pa.array(holds), part.at(frame).cast(self.arrow), result)
            open_rows &= ~holds
        if len(self.makers) > len(self.conditions):
            result = pc.if_else(pa.array(open_rows), self.makers[-1].at(frame).cast(self.arrow), result)
        return result


def make_structure(site: Site) -> Maker:
    """The maker of a column with `fields`."""
    written = named(site.reader, site.fields["fields"], f"fields of {site.what}")
    if not written:
        return site.problem("fields: expected at least one", site.fields["fields"].where)
    parts = [_part(site, name, node) for name, _, node in written]
    return Structure(parts, pa.struct([pa.field(part.name, part.maker.arrow) for part in parts]))


def make_list(site: Site) -> Maker:
    """The maker of a column with `items` (what each element is) and `size` (how many, `1..4`)."""
    node = site.fields["items"]
    part = _part(site, "item", node)
    low, high = _size(site)
    return Listed(part, low, high, site.address, pa.list_(part.maker.arrow))


def _size(site: Site) -> tuple[int, int]:
    node = site.fields.get("size")
    if node is None:
        return 1, 3
    low, dots, high = node.text.partition("..")
    if low.strip().isdigit() and (not dots or high.strip().isdigit()):
        bounds = int(low), int(high if dots else low)
        if bounds[0] <= bounds[1] <= LONGEST:
            return bounds
    site.problem(f"size: expected a number or a range such as 1..4, up to {LONGEST}", node.where)
    return 0, 0


def make_cases(site: Site) -> Maker:
    """The maker of a column with `cases: [{when: …, generator: …}, {generator: …}]`; the last may have no condition."""
    items = site.reader.items(site.fields["cases"])
    conditions, parts = [], []
    for number, item in enumerate(items):
        fields = dict(site.reader.names(item, "a case"))
        when = fields.pop("when", None)
        if when is None and number < len(items) - 1:
            return site.problem("cases: only the last may have no 'when'", item.where)
        found = compiled(site, when) if when else None
        if when and found is None:
            return Nothing()
        if found:
            conditions.append(found)
        parts.append(_part(site, f"case{number}", Node(fields, item.where, keys=item.keys)))
    return _same_type(site, conditions, parts)


def _same_type(site: Site, conditions: list[Expression], parts: list[Part]) -> Maker:
    types = {part.maker.arrow for part in parts if not pa.types.is_null(part.maker.arrow)}
    if site.declared:
        types = {site.declared.arrow}
    if len(types) != 1:
        found = ", ".join(sorted(map(str, types))) or "nothing"
        return site.problem(
            f"cases: their values are of several types ({found})", site.fields["cases"].where, "Give the column a type."
        )
    return Cases(conditions, parts, types.pop())


def _part(site: Site, name: str, node: Node) -> Part:
    """A column inside a column: its draws hang on the outer address and its own name."""
    what = f"{site.what}.{name}"
    inner = read_column(site.reader, what, name, site.column.where, node)
    inner = replace(inner, seed_key=f"{site.column.seed_key}.{inner.seed_key}", name=f"{site.column.name}.{name}")
    if inner.unique or inner.primary_key:
        site.problem(f"{name}: unique has no place inside a structure or list", node.where)
    maker = inner.kind.make(site.build.site(site.table, inner))
    return Part(name, maker, _nulls(site, inner))


def _nulls(site: Site, inner: ColumnDeclaration) -> NullMask | None:
    return NullMask(inner.nulls.share, f"{site.table.seed_key}.{inner.seed_key}#null") if inner.nulls.share else None
