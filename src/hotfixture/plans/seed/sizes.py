"""How many rows: `1000`, `10 per users`, `1..5 per orders`, or the same as a mapping."""

from __future__ import annotations

import re

from hotfixture.documents import Node, Reader
from hotfixture.errors import Where
from hotfixture.plans.seed.declarations import Size

PATTERN = r"^\s*\d[\d_]*(\s*\.\.\s*\d[\d_]*)?(\s+per\s+\S.*)?\s*$"
"""Of the texts that say a size, for the JSON Schema."""
_NUMBER = r"[0-9](?:_?[0-9])*"
_WRITTEN = re.compile(rf"\s*({_NUMBER})(?:\s*\.\.\s*({_NUMBER}))?\s+per\s+(\S.*?)\s*", re.IGNORECASE)
_KEYS = ("per", "low", "high", "exactly", "distribution", "exponent", "mean", "total")
_ALSO = {"min": "low", "max": "high", "count": "exactly", "average": "mean", "parent": "per"}
DISTRIBUTIONS = ("uniform", "zipf")
DEFAULT = 100
"""Rows of a table that says nothing."""


def read_size(reader: Reader, node: Node | None, what: str, where: Where) -> Size:
    """The size of a table."""
    if node is None:
        return Size(where, DEFAULT)
    if isinstance(node.value, str):
        return _written(reader, node, what)
    if isinstance(node.value, dict):
        return _mapped(reader, node, what)
    return Size(node.where, reader.integer(node, f"count of {what}", low=0))


def _written(reader: Reader, node: Node, what: str) -> Size:
    text = str(node.value)
    if re.fullmatch(rf"\s*{_NUMBER}\s*", text):
        return Size(node.where, int(text))
    found = _WRITTEN.fullmatch(text)
    if not found:
        reader.problem(f"count of {what}: expected a number, '10 per users' or '1..5 per orders'", node.where)
        return Size(node.where, 0)
    low = int(found[1])
    high = int(found[2]) if found[2] else low
    if low > high:
        reader.problem(f"count of {what}: {low} is more than {high}", node.where)
    return Size(node.where, per=found[3], low=low, high=max(low, high))


def _mapped(reader: Reader, node: Node, what: str) -> Size:
    fields = reader.mapping(node, f"count of {what}", _KEYS, required=("per",), also=_ALSO)
    exactly = reader.integer(fields["exactly"], "exactly", low=0) if "exactly" in fields else None
    low = reader.integer(fields["low"], "low", low=0) if "low" in fields else exactly or 0
    high = reader.integer(fields["high"], "high", low=0) if "high" in fields else exactly or low
    if low > high:
        reader.problem(f"count of {what}: low={low} is more than high={high}", node.where)
    mean = reader.number(fields["mean"], "mean", low=low, high=high) if "mean" in fields else None
    return Size(
        node.where,
        reader.integer(fields["total"], "total", low=0) if "total" in fields else None,
        reader.text(fields["per"], "per") if "per" in fields else "",
        low,
        max(low, high),
        reader.choice(fields["distribution"], "distribution", DISTRIBUTIONS) if "distribution" in fields else "uniform",
        reader.number(fields["exponent"], "exponent", low=0, high=10) if "exponent" in fields else 1.0,
        mean,
    )
