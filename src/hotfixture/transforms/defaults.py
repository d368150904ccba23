"""The mask a column gets by its type alone, where the policy says `default: mask`."""

from __future__ import annotations

from hotfixture.schema import Column, Schema, Table, TableName
from hotfixture.transforms.kinds import NUMERIC, kind_of
from hotfixture.transforms.masks import MaskSpec


def keys(schema: Schema) -> set[tuple[TableName, str]]:
    """Columns whose values must stay distinct, or equal those of another table."""
    found = {(table.name, name) for table in schema for name in table.primary_key}
    found |= {(table.name, name) for table in schema for unique in table.uniques for name in unique.columns}
    for reference in schema.references():
        found |= {(reference.table, name) for name in reference.columns}
        found |= {(reference.target, name) for name in reference.target_columns}
    return found


def default_mask(table: Table, column: Column, *, key: bool) -> MaskSpec | None:
    """Keys are permuted, dates shifted, amounts blurred, the rest redacted; None where there is no neutral value."""
    kind = kind_of(column)
    if key and kind in ("text", "integer", "decimal", "uuid", "binary"):
        return MaskSpec("permute")
    if kind in ("date", "timestamp"):
        by = {"by": table.primary_key[0]} if len(table.primary_key) == 1 else {}
        return MaskSpec("shift_dates", {"days": 365, **by})
    if kind in NUMERIC:
        return MaskSpec("noise", {"relative": 0.2})
    if kind == "other":
        return MaskSpec("null") if column.nullable else None
    return MaskSpec("redact")
