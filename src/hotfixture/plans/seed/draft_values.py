"""What a draft proposes for the types that the schema has no word for, by the engine's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from hotfixture.plans.seed.draft_lines import Line
from hotfixture.schema import Column

_NATIVE: Mapping[str, tuple[str, str]] = {
    r"inet6": ("generator", "ipv6"), r"inet4?": ("generator", "ipv4"), r"cidr": ("value", "192.0.2.0/24"),
    r"macaddr": ("generator", "mac"), r"macaddr8": ("value", "08:00:2b:ff:fe:01:02:03"), r"xml": ("value", "<x/>"),
    r"tsvector|tsquery|hstore": ("value", ""), r"\w+multirange": ("value", "{}"), r"\w+range": ("value", "empty"),
    r"(bit varying|varbit)\b.*": ("value", "0"), r"ltree": ("value", "top"), r"pg_lsn": ("value", "0/0"),
    r"time with time zone|timetz": ("value", "12:00:00+00"),
    r"point": ("value", "(0,0)"), r"line": ("value", "{1,0,0}"), r"lseg|box": ("value", "(1,1),(0,0)"),
    r"path|polygon": ("value", "((0,0),(1,1),(1,0))"), r"circle": ("value", "<(0,0),1>"),
}  # fmt: skip
"""By the whole of a type's text, where its values are written as text; what every column of the type holds."""


def of_native(column: Column) -> dict[str, Any] | None:
    """How values of the column are made, where its engine's type says it; None where the kind of the type does."""
    native = column.native.lower().strip()
    if native.startswith("year"):  # what MySQL's holds
        return _numbers(1980, 2030)
    if native.startswith("tinyint(1)"):  # how MySQL spells a boolean
        return _numbers(0, 1)
    if bits := re.fullmatch(r"bit\((\d+)\)", native):
        size = int(bits[1])
        return _numbers(0, 2 ** min(size, 31) - 1) if pa.types.is_integer(column.arrow) else _pattern(f"[01]{{{size}}}")
    if native == "oid":
        return _numbers(1, 1000)
    if native in ("numeric", "decimal"):
        return {"generator": "decimal"}
    if not pa.types.is_string(column.arrow):
        return None
    found = next((way for words, way in _NATIVE.items() if re.fullmatch(words, native)), None)
    return dict([found]) if found else None


def of_short_unique(length: int) -> dict[str, Any]:
    """Codes of the column's length: words with a number behind them would not fit into it."""
    return _pattern(f"[a-z0-9]{{{length}}}")


def of_combined(length: int | None) -> dict[str, Any]:
    """Digits as a text: a combination of columns is dealt out only where each has a known number of values."""
    return _numbers(1, 10 ** min(length or 6, 6) - 1)


def _numbers(low: int, high: int) -> dict[str, Any]:
    return {"generator": "integer", "params": Line(low=low, high=high)}


def _pattern(pattern: str) -> dict[str, Any]:
    return {"generator": "pattern", "params": Line(pattern=pattern)}
