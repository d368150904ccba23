"""when: a mask that holds under a condition on another column of the row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from hotfixture.transforms.masks.base import Mask, Site, Uniqueness
from hotfixture.transforms.masks.constants import spelled
from hotfixture.transforms.masks.rows import Row
from hotfixture.transforms.masks.spec import MaskSpec


def _spellings(member: Any) -> tuple[str, ...]:
    """A YAML scalar as engines may write it: `t` and `true` as well as 1."""
    if isinstance(member, bool):
        return ("1", "t", "true") if member else ("0", "f", "false")
    return (spelled(member),)


class When(Mask):
    """`{when: {column: kind, in: [private], mask: email, else: keep}}`: other rows get `else`, by default nothing.

    A null in the condition's column masks: what nobody has said is not public. Whoever sees which rows are masked
    learns the condition; where that is itself a secret, mask all rows.
    """

    name = "when"
    NESTED = ("column", "in", "mask", "else")
    nulls = "made"  # the inner masks have looked after nulls already

    def __init__(self, site: Site, options: Mapping[str, Any]) -> None:
        super().__init__(site, options)
        column, members = options.get("column"), options.get("in")
        if not isinstance(column, str) or members is None or "mask" not in options:
            raise site.error(
                "'when' needs 'column', 'in' and 'mask'", "{when: {column: kind, in: [private], mask: email}}"
            )
        members = members if isinstance(members, list) else [members]
        self.condition, self.members = column, [text for member in members for text in _spellings(member)]
        self.then = site.bind(MaskSpec.parse(options["mask"], site.where), site.column)
        otherwise = MaskSpec.parse(options.get("else", "keep"), site.where)
        self.otherwise = None if otherwise.name == "keep" else site.bind(otherwise, site.column)

    @property
    def uniqueness(self) -> Uniqueness:  # type: ignore[override]  # it depends on the inner masks
        # A masked and an untouched value may meet.
        return "lost" if "lost" in (self.then.uniqueness, self.otherwise and self.otherwise.uniqueness) else "likely"

    @property
    def reads(self) -> tuple[str, ...]:
        inner = (*self.then.reads, *(self.otherwise.reads if self.otherwise else ()))
        return tuple(dict.fromkeys((self.column.name, self.condition, *inner)))

    def max_length(self) -> int | None:
        lengths = [mask.max_length() for mask in (self.then, self.otherwise) if mask]
        return None if None in lengths else max(length for length in lengths if length is not None)

    def make(self, values: pa.Array, row: Row) -> pa.Array:
        held = pc.fill_null(pc.is_in(row[self.condition], pa.array(self.members), skip_nulls=True), False)
        masked = pc.or_(held, pc.is_null(row[self.condition]))
        otherwise = self.otherwise.apply(row) if self.otherwise else values
        return pc.if_else(masked, self.then.apply(row), otherwise)
