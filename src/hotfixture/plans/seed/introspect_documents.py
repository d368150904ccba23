"""Drafts a seed schema from collections of documents: fields and types as the first documents have them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from hotfixture.databases.target import Target
from hotfixture.errors import UnsupportedError
from hotfixture.plans.seed.draft_lines import Line
from hotfixture.plans.seed.drafts import proposed, typed
from hotfixture.schema import Column, Table


def collections(target: Target, scale: float) -> list[dict[str, Any]]:
    """A draft of every collection of the target; UnsupportedError where it knows none."""
    found = [_collection(table, max(1, round(target.count(table) * scale))) for table in target.existing()]
    if not found:
        raise UnsupportedError(f"{target.name}: nothing that could be drafted was found")
    return found


def _collection(table: Table, count: int) -> dict[str, Any]:
    unique = {one.columns[0] for one in table.uniques if len(one.columns) == 1}
    fields = [_field(table, column, unique=column.name in unique) for column in table.columns]
    return {"name": table.name.name, "count": count, "fields": fields}


def _field(table: Table, column: Column, *, unique: bool = False) -> Line:
    found = Line(name=column.name)
    if table.primary_key == (column.name,):
        found["primary_key"] = True
    elif unique:
        found["unique"] = True
    return Line({**found, **_made(table, column)})


def _made(table: Table, column: Column) -> dict[str, Any]:
    """How values of a field are made: a structure by its fields, a list by what its elements are."""
    if pa.types.is_struct(column.arrow):
        return {"fields": [_field(table, Column(inner.name, inner.type)) for inner in column.arrow]}
    if pa.types.is_list(column.arrow):
        element = Column("item", column.arrow.value_type)
        return {"items": Line(_made(table, element)), "size": "0..3"}
    word = typed(column)
    return {**({"type": word} if word else {}), **proposed(table, column)}
