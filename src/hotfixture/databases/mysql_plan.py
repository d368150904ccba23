"""What the planner expects, out of EXPLAIN FORMAT=JSON as either server writes it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from hotfixture.schema import Column, Table

_ROWS = re.compile(r'"rows": (\d+)')
_LONGEST = 64
"""Bytes expected of a text without a short bound."""


def rows(plan: str) -> int:
    """The number of rows the planner expects of a query."""
    try:
        return max(0, round(_expected(json.loads(plan).get("query_block", {}))))
    except ValueError:
        # MariaDB writes conditions into it as SQL, with quotes and backslashes that JSON knows otherwise or not at all.
        return max((int(count) for count in _ROWS.findall(plan)), default=1)


def _expected(block: dict[str, Any]) -> float:
    """Tables of a block multiply; the specifications of a union add up; anything else wraps another block."""
    if "table" in block:
        return _of_table(block["table"])
    if "nested_loop" in block:
        product = 1.0
        for step in block["nested_loop"]:
            product *= _expected(step)
        return product
    if "query_specifications" in block:
        return sum(_expected(part.get("query_block", part)) for part in block["query_specifications"])
    inner = [value for name, value in block.items() if isinstance(value, dict) and not name.endswith("subqueries")]
    return max((_expected(value) for value in inner), default=1.0)


def _of_table(table: dict[str, Any]) -> float:
    if "rows_produced_per_join" in table and "rows_examined_per_scan" in table:
        return float(table["rows_examined_per_scan"]) * float(table.get("filtered", 100)) / 100
    counted = table.get("rows", table.get("rows_examined_per_scan"))
    return 1.0 if counted is None else float(counted) * float(table.get("filtered", 100)) / 100


def row_bytes(table: Table) -> int:
    """The bytes of one row of a table."""
    return table.bytes // table.rows if table.rows and table.bytes else sum(map(width, table.columns))


def width(column: Column) -> int:
    """The bytes expected of one value as text."""
    kind = column.arrow
    if pa.types.is_string(kind) or pa.types.is_binary(kind):
        return min(_LONGEST, column.length or _LONGEST)
    return 26 if pa.types.is_timestamp(kind) else 10
