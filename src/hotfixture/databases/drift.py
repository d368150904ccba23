"""Where a table that stands in a database differs from the one that a plan expects, so that its rows would not fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from hotfixture.errors import Problem

if TYPE_CHECKING:
    from hotfixture.schema import Column, Table

_TAKES = {
    "number": ("number", "boolean"),
    "boolean": ("boolean",),
    "binary": ("binary", "text"),
    "date": ("date", "timestamp"),
    "timestamp": ("date", "timestamp"),
    "time": ("time",),
}
"""The kinds of values that a column of a kind takes; kinds that are not named here take what the engine reads."""


def differences(expected: Table, found: Table, *, folds_case: bool = False, typed: bool = True) -> Iterator[Problem]:
    """What keeps rows of `expected` out of `found`: one problem each, with place, what was found, what to do.

    `typed` is off for an engine whose columns take values of any type.
    """
    where = str(expected.name)
    if found.kind == "view":
        yield Problem(f"{where}: expected a table, found a view", hint="Seed the table behind it.")
        return
    there = {_key(column.name, folds_case=folds_case): column for column in found.columns}
    for column in expected.columns:
        real = there.pop(_key(column.name, folds_case=folds_case), None)
        if real is None:
            hint = f"Add the column to the table, or take {column.name!r} out of the schema (hidden: true)."
            yield Problem(f"{where}.{column.name}: expected a column, found none", hint=hint)
        elif not real.generated:
            yield from _column(f"{where}.{column.name}", column, real, typed=typed)
    for real in there.values():
        if not (real.nullable or real.generated or real.identity or real.default is not None):
            message = f"{where}.{real.name}: expected values, found none in the schema for a NOT NULL column"
            yield Problem(message, hint="Add the column to the schema, or give it a default in the database.")


def _key(name: str, *, folds_case: bool) -> str:
    return name.lower() if folds_case else name


def _column(where: str, expected: Column, found: Column, *, typed: bool) -> Iterator[Problem]:
    takes, gives = _kind(found), _kind(expected)
    unfit = (gives not in _TAKES.get(takes, (gives,)) or _loses(expected, found)) and typed
    if unfit:
        message = f"{where}: expected a column for {expected.native or expected.arrow}, found {found.native}"
        yield Problem(message, hint=f"Say `type: {found.native}` in the schema, or change the column.")
    if expected.nullable and not found.nullable:
        message = f"{where}: expected a column that may be null, found NOT NULL"
        yield Problem(message, hint="Say `nullable: false` and give it no nulls, or drop the NOT NULL.")
    if expected.length and found.length and expected.length > found.length and typed:
        message = f"{where}: expected room for {expected.length} characters, found {found.length}"
        yield Problem(message, hint=f"Say a length of {found.length} in the schema, or widen the column.")


def _loses(expected: Column, found: Column) -> bool:
    """Whether the column would round what it is given."""
    whole = pa.types.is_integer(found.arrow)
    if pa.types.is_decimal(expected.arrow) and (whole or pa.types.is_decimal(found.arrow)):
        return bool(expected.arrow.scale > (0 if whole else found.arrow.scale))
    return bool(whole and pa.types.is_floating(expected.arrow))


def _kind(column: Column) -> str:
    kind = column.arrow
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "number"
    if pa.types.is_timestamp(kind):
        return "timestamp"
    for name in ("boolean", "binary", "date", "time"):
        if getattr(pa.types, f"is_{name}")(kind):
            return name
    return "text"
