"""Times that come after others, and times at even distances."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hotfixture.documents import Node
from hotfixture.plans.seed.columns import Maker, Nothing, Site
from hotfixture.plans.seed.frame import Frame, blanked
from hotfixture.plans.seed.layout import Laid
from hotfixture.plans.seed.links import below_each
from hotfixture.plans.seed.sources import Source, source

MICROSECONDS = {
    "us": 1,
    "ms": 1000,
    "s": 10**6,
    "m": 60 * 10**6,
    "h": 3600 * 10**6,
    "d": 86_400 * 10**6,
    "w": 604_800 * 10**6,
}
_SPAN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(us|ms|s|m|h|d|w)[a-z]*\s*")
_WITHIN = 30 * MICROSECONDS["d"]


@dataclass(slots=True)
class Later(Maker):
    """A moment after another, and before a third where there is one."""

    base: Source
    bound: Source | None
    within: int
    address: str
    arrow: pa.DataType
    least: int = 0
    """Microseconds that it comes after the first at least, where there is room before the third."""

    @property
    def may_be_null(self) -> bool:
        return True

    def at(self, frame: Frame) -> pa.Array:
        start, valid = _micros(self.base.at(frame))
        spans = np.full(len(frame), self.within, np.int64)
        if self.bound is not None:
            end, there = _micros(self.bound.at(frame))
            # Without an end the span stays as it is; an end before the start leaves the start.
            spans = np.where(there, np.clip(end - start, 1, None), spans)
        least = np.minimum(self.least, np.maximum(spans, 1) - 1)
        bounds = np.maximum(spans - least, 1).astype(np.uint64)
        drawn = below_each(frame.draws(self.address), bounds).astype(np.int64)
        return blanked(_as(start + least + drawn, self.arrow), valid)


@dataclass(slots=True)
class Ticks(Maker):
    """Moments at even distances: from row to row, or from child to child of one parent."""

    start: int
    every: int
    link: str | None
    arrow: pa.DataType

    def at(self, frame: Frame) -> pa.Array:
        laid = frame.table.links[self.link] if self.link else None
        steps = laid.line_numbers(frame) - 1 if isinstance(laid, Laid) else frame.rows.astype(np.int64)
        return _as(self.start + steps * self.every, self.arrow)


def _micros(
    values: pa.Array,
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Microseconds since 1970, and where there is a value at all."""
    whole = values.cast(pa.timestamp("us", getattr(values.type, "tz", None))).cast(pa.int64())
    return whole.fill_null(0).to_numpy(), pc.is_valid(values).to_numpy(zero_copy_only=False)


def _as(micros: object, arrow: pa.DataType) -> pa.Array:
    moments = pa.array(micros, pa.int64()).cast(pa.timestamp("us", getattr(arrow, "tz", None)))
    return moments if moments.type == arrow else pc.floor_temporal(moments, unit="day").cast(arrow)


def span(site: Site, node: Node) -> int:
    """Microseconds of `30d`, `1h`, `15 minutes`; 1, and a problem, for anything else."""
    found = _SPAN.fullmatch(node.text)
    length = int(float(found[1]) * MICROSECONDS[found[2]]) if found else 0
    if not length:
        site.problem("expected a span such as 30d, 12h, 15m or 10s", node.where)
    return max(1, length)


def _temporal(site: Site, arrow: pa.DataType) -> pa.DataType | None:
    wanted = site.declared.arrow if site.declared else arrow
    return wanted if pa.types.is_timestamp(wanted) or pa.types.is_date(wanted) else None


def make(site: Site) -> Maker:
    """The maker of a column with `after`, and perhaps `before`, `within` and `at_least`."""
    base = source(site, site.reader.text(site.fields["after"], "after"), site.fields["after"].where)
    bound_node = site.fields.get("before")
    bound = source(site, site.reader.text(bound_node, "before"), bound_node.where) if bound_node else None
    if base is None or (bound_node and bound is None):
        return Nothing()
    arrow = _temporal(site, base.arrow)
    for one in (base, bound):
        if arrow is None or (one and not (pa.types.is_timestamp(one.arrow) or pa.types.is_date(one.arrow))):
            return site.problem("after and before are between dates or timestamps", site.fields["after"].where)
    within = span(site, site.fields["within"]) if "within" in site.fields else _WITHIN
    least = span(site, site.fields["at_least"]) if "at_least" in site.fields else 0
    if least >= within:
        return site.problem("at_least: expected less than 'within'", site.fields["at_least"].where)
    return Later(base, bound, within, site.address, arrow, least)


def make_ticks(site: Site) -> Maker:
    """The maker of a column with `every`: `start` and then one step a row, or a line of its parent."""
    arrow = _temporal(site, pa.timestamp("us"))
    if arrow is None:
        return site.problem("every makes dates or timestamps", site.fields["every"].where)
    start = site.fields["start"].text if "start" in site.fields else "2024-01-01"
    try:
        first = pa.scalar(start).cast(pa.timestamp("us")).cast(pa.int64()).as_py()
    except pa.ArrowInvalid:
        return site.problem("start: expected a date or timestamp", site.fields["start"].where)
    return Ticks(first, span(site, site.fields["every"]), site.build.laid(site.table.name), arrow)
