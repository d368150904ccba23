"""Columns of given values: some of a list, alike or weighted, or the same in every row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from hotfixture.draws import mix
from hotfixture.errors import OptionError
from hotfixture.generators.choices import check_weights, cumulative
from hotfixture.generators.permute import permute
from hotfixture.generators.values import weighted
from hotfixture.plans.seed.columns import Maker, Site, cast
from hotfixture.plans.seed.frame import Frame
from hotfixture.plans.seed.grid import Grid


@dataclass(slots=True)
class Chosen(Maker):
    """One of several values."""

    values: pa.Array
    weights: tuple[int, ...] | None
    address: str
    arrow: pa.DataType

    def at(self, frame: Frame) -> pa.Array:
        draws = frame.draws(self.address)
        index = draws.below(len(self.values)) if self.weights is None else weighted(draws, self.weights)
        return self.values.take(pa.array(index))


@dataclass(slots=True)
class Dealt(Maker):
    """Each of several values at most once."""

    values: pa.Array
    address: str
    arrow: pa.DataType
    key: int

    def at(self, frame: Frame) -> pa.Array:
        return self.values.take(pa.array(permute(frame.rows, len(self.values), self.key)))


@dataclass(slots=True)
class Combined(Maker):
    """One of several values, so that a combination of columns does not repeat."""

    values: pa.Array
    grid: Grid
    place: int
    arrow: pa.DataType

    def at(self, frame: Frame) -> pa.Array:
        return self.values.take(pa.array(self.grid.digit(frame, self.place)))


@dataclass(slots=True)
class Fixed(Maker):
    """One value everywhere."""

    value: pa.Scalar
    arrow: pa.DataType

    def at(self, frame: Frame) -> pa.Array:
        return pa.repeat(self.value, len(frame))


def make(site: Site) -> Maker:
    """The maker of a column with `values`, and perhaps `weights`."""
    node = site.fields["values"]
    if isinstance(node.value, dict):
        written, weights = list(node.value), [site.reader.number(inner, "a weight", low=0) for inner in node]
    else:
        written = [item.plain() for item in site.reader.items(node)]
        given = site.fields.get("weights")
        weights = [site.reader.number(inner, "a weight", low=0) for inner in given] if given else []
    if not written:
        return site.problem("values: expected at least one", node.where)
    values = _array(site, written)
    if values is None:
        return site.problem("values: they are not all of one type", node.where, "Give the column a type that fits all.")
    return _chosen(site, values, weights)


def _chosen(site: Site, values: pa.Array, weights: Sequence[float]) -> Maker:
    if weights:
        try:
            check_weights(weights, len(values))
        except OptionError as error:
            return site.problem(str(error), site.fields.get("weights", site.fields["values"]).where)
    if site.grid:
        return Combined(values, *site.grid, values.type)
    if site.column.unique or site.alone:
        distinct, rows = len(set(values.to_pylist())), site.build.count(site.table.name)
        if distinct < rows:
            return site.problem(
                f"unique, but there are {distinct} values for {rows:,} rows", site.fields["values"].where
            )
        return Dealt(values, site.address, values.type, mix(site.build.key(site.address)))
    return Chosen(values, cumulative(tuple(weights)) if weights else None, site.address, values.type)


def make_fixed(site: Site) -> Maker:
    """The maker of a column with one `value`."""
    values = _array(site, [site.fields["value"].plain()])
    if values is None:
        return site.problem(f"value: does not fit {site.column.type}", site.fields["value"].where)
    return Fixed(values[0], values.type)


def _array(site: Site, written: list[Any]) -> pa.Array | None:
    """The values in the declared type, or in their own; None where they do not fit."""
    try:
        if site.declared is None:
            return pa.array(written)
        if pa.types.is_string(site.declared.arrow):
            longest = max((len(str(value)) for value in written if value is not None), default=0)
            if site.declared.length and longest > site.declared.length:
                site.problem(f"a value of {longest} characters, and {site.column.type} holds {site.declared.length}")
            return pa.array([str(value) if value is not None else None for value in written])
        return cast(pa.array(written), site.declared.arrow)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError):
        return None
