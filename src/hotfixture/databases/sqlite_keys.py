"""Rows of SQLite by their keys, whatever type a loosely typed column holds."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from hotfixture.databases.sqlite_literals import is_number

if TYPE_CHECKING:
    from hotfixture.databases.base import Dialect, Keys
    from hotfixture.schema import Table


def in_keys(keys: Keys, table: Table, dialect: Dialect) -> str:
    """The condition that a row has one of the keys.

    A text literal against a column of numeric affinity is converted by the engine before it is compared. A column
    without affinity holds 5 and '5' side by side, and a key is text: both spellings of a number are looked for.
    """
    names = [dialect.identifier(name) for name in keys.columns]
    loose = [_has_no_affinity(table, name) for name in keys.columns]
    spelled: list[tuple[str, ...]] = []
    for values in zip(*(column.to_pylist() for column in keys.values.columns), strict=True):
        spelled += product(*(_spellings(value, free, dialect) for value, free in zip(values, loose, strict=True)))
    if len(names) == 1:
        return f"{names[0]} IN ({','.join(literal for (literal,) in spelled)})"
    tuples = ",".join(f"({','.join(row)})" for row in spelled)
    return f"({', '.join(names)}) IN (VALUES {tuples})"


def _has_no_affinity(table: Table, name: str) -> bool:
    native = next((column.native.upper() for column in table.columns if column.name == name), "INTEGER")
    return native in ("", "ANY") or "BLOB" in native


def _spellings(value: object, loose: bool, dialect: Dialect) -> tuple[str, ...]:
    literal = dialect.literal(value)
    number = loose and isinstance(value, str) and is_number(value)
    return (literal, str(value)) if number else (literal,)
