"""Compares a seeded database with its plan: rows, orphans, uniqueness, shares of nulls, and how values are spread."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hotfixture.databases.sql_target import SqlTarget
from hotfixture.plans.seed.fill import flat
from hotfixture.plans.seed.plan import SeedPlan, TablePlan
from hotfixture.schema import Table

if TYPE_CHECKING:
    from hotfixture.databases.target import Target

SAMPLE = 20_000
"""Rows of a plan that its distributions are estimated by; spread over the whole table."""
DEVIATIONS = 5.0
"""A share that differs by more standard errors than this did not come from the plan (one in two million would)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One comparison."""

    table: str
    check: str
    expected: str
    found: str
    holds: bool

    def plain(self) -> dict[str, object]:
        """As JSON has it."""
        return dataclasses.asdict(self)


def verify(plan: SeedPlan, target: Target) -> list[Finding]:
    """Every comparison, those that fail among them."""
    return [finding for table in plan.made for finding in _table(table, target)]


def _table(table: TablePlan, target: Target) -> Iterator[Finding]:
    rows = target.count(table.table)
    yield Finding(table.name, "rows", f"{table.count:,}", f"{rows:,}", rows == table.count)
    if not rows:
        return
    if isinstance(target, SqlTarget):
        yield from _references(table, target)
    yield from _columns(table, target, rows)


def _references(table: TablePlan, target: SqlTarget) -> Iterator[Finding]:
    real = target.placed(table.table)
    for reference in real.references:
        orphans = target.database.orphans(reference)
        yield Finding(table.name, f"orphans of ({', '.join(reference.columns)})", "0", f"{orphans:,}", orphans == 0)


def _columns(table: TablePlan, target: Target, rows: int) -> Iterator[Finding]:
    """Read what stands there once, and compare column by column."""
    wanted = [name for name in table.columns if not pa.types.is_nested(table.makers[name].maker.arrow)]
    stored = pa.Table.from_batches(target.read(table.table, wanted)) if wanted else pa.table({})
    sample = _sample(table)
    for unique in _uniques(table.table):
        yield _unique(table.name, stored, unique)
    yield from _conditions(table, target, stored)
    for name in wanted:
        yield from _shares(table.name, name, stored[name], sample[name], rows)


def _sample(table: TablePlan) -> pa.RecordBatch:
    step = max(1, table.count // SAMPLE)
    return flat(table.at(np.arange(0, table.count, step, dtype=np.uint64)))


def _uniques(table: Table) -> Iterator[tuple[str, ...]]:
    if table.primary_key:
        yield table.primary_key
    yield from (unique.columns for unique in table.uniques if not unique.where and unique.nulls_distinct)


def _conditions(table: TablePlan, target: Target, stored: pa.Table) -> Iterator[Finding]:
    """Checks and partial uniques of the schema, over all rows that stand there."""
    partial = [one for one in table.table.uniques if one.where or not one.nulls_distinct]
    if not (table.table.checks or partial):
        return  # without the parser
    from hotfixture.plans.seed.examining import NotUnderstoodError, Seen

    kinds = {name: table.makers[name].maker.arrow for name in stored.column_names}
    columns = {name: _as_made(stored[name], kind).combine_chunks() for name, kind in kinds.items()}
    texts = {name.casefold() for name, kind in kinds.items() if pa.types.is_string(kind) and target.name == "mysql"}
    seen = Seen(columns, target.name if target.enforces else "", frozenset(texts))
    for check in table.table.checks:
        named = f"check {check.expression}"
        try:
            broken = seen.broken(check.expression)[0]
            yield Finding(table.name, named, "0 rows break it", f"{broken:,}", broken == 0)
        except NotUnderstoodError as error:
            yield Finding(table.name, named, "0 rows break it", f"not evaluated: {error}", holds=True)
    for unique in partial:
        named = f"unique ({', '.join(unique.columns)})" + (f" where {unique.where}" if unique.where else "")
        try:
            alike = seen.alike(unique) is not None
            yield Finding(table.name, named, "no two alike", "two alike" if alike else "none", not alike)
        except NotUnderstoodError as error:
            yield Finding(table.name, named, "no two alike", f"not evaluated: {error}", holds=True)


def _unique(name: str, stored: pa.Table, columns: tuple[str, ...]) -> Finding:
    """Rows with a null in a unique are as many as there are."""
    whole = stored.select(list(columns))
    for column in columns:
        whole = whole.filter(pc.is_valid(whole[column]))
    distinct = len(whole.group_by(list(columns)).aggregate([]))
    check = f"unique ({', '.join(columns)})"
    return Finding(name, check, f"{len(whole):,} distinct", f"{distinct:,}", distinct == len(whole))


def _shares(table: str, column: str, stored: pa.ChunkedArray, sample: pa.Array, rows: int) -> Iterator[Finding]:
    """The share of nulls, and of each value where there are few; the mean of numbers."""
    expected = sample.null_count / max(len(sample), 1)
    yield _share(f"nulls of {column}", table, expected, stored.null_count / rows, (len(sample), rows))
    values, stored = pc.value_counts(sample.drop_null()), _as_made(stored, sample.type)
    if 1 < len(values) <= 12 and not pa.types.is_floating(sample.type):
        found = {str(one["values"]): one["counts"] for one in pc.value_counts(stored.drop_null()).to_pylist()}
        for one in values.to_pylist():
            share, real = one["counts"] / len(sample), found.get(str(one["values"]), 0) / rows
            yield _share(f"share of {column} = {one['values']}", table, share, real, (len(sample), rows))


def _as_made(stored: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """The values in the plan's own type, where they go into it: engines without booleans hold 0 and 1."""
    try:
        return stored.cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return stored


def _share(check: str, table: str, expected: float, found: float, sizes: tuple[int, int]) -> Finding:
    """Two shares, each of a number of rows, compared as samples of one population."""
    spread = (expected * (1 - expected) * sum(1 / max(size, 1) for size in sizes)) ** 0.5
    holds = abs(expected - found) <= DEVIATIONS * spread + 1e-9
    return Finding(table, check, f"{expected:.3%}", f"{found:.3%}", holds)
