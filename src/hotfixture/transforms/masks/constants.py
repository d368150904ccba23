"""Masks that leave nothing of the value: null, a fixed value, stars or the type's neutral value; and `keep`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from hotfixture.generators.options import Option
from hotfixture.transforms.kinds import Kind
from hotfixture.transforms.masks.base import Mask, Site
from hotfixture.transforms.masks.rows import Row

NEUTRAL: Mapping[Kind, str] = {
    "integer": "0", "decimal": "0", "float": "0", "boolean": "0", "date": "1970-01-01",
    "timestamp": "1970-01-01 00:00:00", "time": "00:00:00", "interval": "00:00:00", "json": "{}",
    "uuid": "00000000-0000-0000-0000-000000000000", "array": "{}",
}  # fmt: skip
"""What a redacted value of each kind becomes; a text becomes stars, an enum its first member."""


class Null(Mask):
    """No value at all."""

    name = "null"
    nulls = "made"
    uniqueness = "kept"  # nulls are distinct to a unique index; where they are not, the examination says so

    def make(self, values: pa.Array, row: Row) -> pa.Array:  # noqa: ARG002 - the same for every row
        return pa.nulls(len(values), values.type)


class Fixed(Mask):
    """The same given value for everybody; nulls stay null, empty texts do not stay empty."""

    name = "fixed"
    MAIN = "value"
    NESTED = ("value",)
    nulls = "made"  # `apply` leaves the nulls to `make`, since empty texts are replaced as well

    def __init__(self, site: Site, options: Mapping[str, Any]) -> None:
        super().__init__(site, options)
        value = options.get("value")
        if value is None or isinstance(value, list | dict):
            raise site.error("the mask 'fixed' needs one value", "Write {fixed: some text}; for no value at all: null.")
        self.value = spelled(value)

    def max_length(self) -> int | None:
        return len(self.value)

    def space(self) -> int | None:
        return 1

    def make(self, values: pa.Array, row: Row) -> pa.Array:  # noqa: ARG002 - the same for every row
        return pc.if_else(values.is_valid(), pa.scalar(self.value).cast(values.type), pa.scalar(None, values.type))


class Redact(Mask):
    """As many stars as the text had characters; 0, 1970-01-01, {} and the like for other types."""

    name = "redact"
    MAIN = "length"
    OPTIONS = (
        Option("length", "integer", None, "So many stars, whatever the length of the text.", low=1, high=1000),
        Option("fill", "text", "*", "What stands for each character."),
    )

    def __init__(self, site: Site, options: Mapping[str, Any]) -> None:
        super().__init__(site, options)
        self.neutral = site.column.choices[0] if site.kind == "enum" else NEUTRAL.get(site.kind)
        if site.kind == "other":
            raise site.error(f"there is no neutral value of type {site.column.native}", "Use null, or {fixed: …}.")

    def max_length(self) -> int | None:
        return len(self.neutral) if self.neutral is not None else self.options["length"]

    def space(self) -> int | None:
        return 1 if self.neutral is not None or self.options["length"] else None

    def make(self, values: pa.Array, row: Row) -> pa.Array:  # noqa: ARG002 - each value alone decides
        if self.site.kind == "binary":
            return pa.array([bytes(len(value or b"")) for value in values.to_pylist()], values.type)
        if self.neutral is not None:
            return pa.repeat(self.neutral, len(values))
        if self.options["length"]:
            return pa.repeat(self.options["fill"] * self.options["length"], len(values))
        return stars(values, self.options["fill"])


def stars(values: pa.Array, fill: str = "*") -> pa.Array:
    """As many stars as each text has characters."""
    return pc.binary_repeat(fill, pc.fill_null(pc.utf8_length(values), 0))


def spelled(value: Any) -> str:
    """A YAML scalar as the text that every engine reads: booleans are 1 and 0."""
    return str(int(value)) if isinstance(value, bool) else str(value)
