"""State machines: a column walks from state to state, along the children of one parent or a few steps in one row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hotfixture.documents import Node
from hotfixture.draws import Draws
from hotfixture.generators.choices import cumulative
from hotfixture.plans.seed.columns import Maker, Site
from hotfixture.plans.seed.frame import Frame
from hotfixture.plans.seed.layout import Laid

MAX_STEPS = 1000


@dataclass(slots=True)
class Walked(Maker):
    """The state that a row is in."""

    names: pa.Array
    start: tuple[int, ...]
    """Cumulative weights of the states a walk begins in."""
    steps: NDArray[np.int64]
    """For each state the cumulative weights of what follows, in 62 bits; a state that nothing follows has itself."""
    low: int
    high: int
    address: str
    link: str | None
    arrow: pa.DataType

    def at(self, frame: Frame) -> pa.Array:
        draws, steps = self._walkers(frame)
        state = np.searchsorted(np.array(self.start, np.int64), draws.lane(0).below(self.start[-1]), side="right")
        for step in range(int(steps.max(initial=0))):
            point = draws.lane(step + 2).below(int(self.steps[0, -1]))
            following = (self.steps[state] <= point[:, None]).sum(axis=1)
            state = np.where(steps > step, following, state)
        return self.names.take(pa.array(state))

    def _walkers(self, frame: Frame) -> tuple[Draws, NDArray[np.int64]]:
        """Whose walk each row shows, and how many steps it has gone: the parent's, one a line; else the row's own."""
        laid = frame.table.links[self.link] if self.link else None
        if isinstance(laid, Laid):
            parents = Frame(laid.target, frame.linked(laid_name(self.link)).rows)
            return parents.draws(self.address), laid.line_numbers(frame) - 1
        draws = frame.draws(self.address)
        return draws, self.low + draws.lane(1).below(self.high - self.low + 1)


def laid_name(link: str | None) -> str:
    """The link's name, which is there where a walk follows one."""
    assert link is not None
    return link


def make(site: Site) -> Maker:
    """The maker of a column with `states: {start: new, transitions: {new: {paid: 4, cancelled: 1}}, steps: 0..6}`."""
    node, reader = site.fields["states"], site.reader
    fields = reader.mapping(node, "states", ("start", "transitions", "steps"), required=("transitions",))
    table = {
        name: _weights(site, inner)
        for name, inner in reader.names(fields.get("transitions", node), "transitions").items()
    }
    names = list(dict.fromkeys([*table, *(follower for row in table.values() for follower in row)]))
    if not table:
        return site.problem("states: expected transitions, found none", node.where)
    start = _weights(site, fields["start"]) if "start" in fields else {names[0]: 1.0}
    for name in start:
        if name not in names:
            reader.unknown("state", name, names, fields["start"].where)
            return site.problem("states: the start is no state", fields["start"].where)
    low, high = _steps(site, fields.get("steps"))
    return Walked(
        pa.array(names),
        cumulative(tuple(start.get(name, 0.0) for name in names)),
        _matrix(names, table),
        low,
        high,
        site.address,
        site.build.laid(site.table.name),
        pa.string(),
    )


def _weights(site: Site, node: Node) -> dict[str, float]:
    """`{paid: 4, cancelled: 1}`, `[paid, cancelled]` or `paid`."""
    if isinstance(node.value, dict):
        found = {name: site.reader.number(inner, "a weight", low=0) for name, inner in node.value.items()}
    else:
        found = dict.fromkeys(site.reader.texts(node, "a state"), 1.0)
    if found and not any(found.values()):
        site.problem("states: one of the weights must be above zero", node.where)
        return {}
    return found


def _matrix(names: Sequence[str], table: Mapping[str, Mapping[str, float]]) -> NDArray[np.int64]:
    rows = []
    for place, name in enumerate(names):
        row = table.get(name) or {}
        weights = (
            tuple(row.get(other, 0.0) for other in names)
            if row
            else tuple(float(at == place) for at in range(len(names)))
        )
        rows.append(cumulative(weights))
    return np.array(rows, np.int64)


def _steps(site: Site, node: Node | None) -> tuple[int, int]:
    if node is None:
        return 0, 5
    low, dots, high = node.text.partition("..")
    try:
        bounds = int(low), int(high if dots else low)
    except ValueError:
        bounds = -1, -1
    if not 0 <= bounds[0] <= bounds[1] <= MAX_STEPS:
        site.problem(f"steps: expected a number or a range such as 0..6, up to {MAX_STEPS}", node.where)
        return 0, 0
    return bounds
