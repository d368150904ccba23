"""Tables that are filled already: their rows are read once, and references of the plan lead to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from hotfixture.errors import InputError
from hotfixture.plans.seed.columns import Maker
from hotfixture.plans.seed.frame import Frame

if TYPE_CHECKING:
    from hotfixture.databases.target import Target
    from hotfixture.plans.seed.declarations import SchemaDeclaration, TableDeclaration
    from hotfixture.schema import Schema

MOST = 20_000_000
"""Rows of one such table: their keys are held in memory."""


class Taken(Maker):
    """Values that are there."""

    def __init__(self, values: pa.Array) -> None:
        self.values = values
        self.arrow = values.type

    @property
    def may_be_null(self) -> bool:
        """As the rows are."""
        return bool(self.values.null_count)

    def at(self, frame: Frame) -> pa.Array:
        """The values of the rows."""
        return self.values.take(pa.array(frame.rows))


def existing(declared: SchemaDeclaration, target: Target) -> dict[str, pa.Table]:
    """The columns that the schema names of each table that is filled already, in the order of their values."""
    wanted = [table for table in declared.tables.values() if table.existing]
    there = target.existing() if wanted else None
    return {table.name: _rows(table, target, there) for table in wanted if there}


def _rows(table: TableDeclaration, target: Target, there: Schema) -> pa.Table:
    found = there.find(table.name, table.schema)
    if found is None:
        raise InputError(f"table {table.name!r} is said to exist, and is not there", where=table.where)
    known = {column.name for column in found.columns}
    for name, column in table.columns.items():
        if name not in known:
            raise InputError(f"table {table.name!r} has no column {name!r}", where=column.where)
    if target.count(found) > MOST:
        raise InputError(f"table {table.name!r} has more than {MOST:,} rows; refer to a smaller one", where=table.where)
    names = list(table.columns)
    batches = list(target.read(found, names))
    rows = pa.Table.from_batches(batches) if batches else pa.table({name: pa.nulls(0) for name in names})
    order = [name for name in (table.primary_key or names) if not pa.types.is_nested(rows[name].type)]
    return rows.sort_by([(name, "ascending") for name in order])
