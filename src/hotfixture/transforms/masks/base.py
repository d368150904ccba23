"""What a mask is: a pure function of a row's columns and the masking key, that says what it does to a column.

Every mask is built for one column at one `Site`, holds no key and no state, and keeps three rules: a null stays null
and an empty text stays empty (`null` and `fixed` alone are told otherwise); equal values under one key and one domain
become equal values, in whatever batch, table, file or engine; the order of rows does not matter.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pyarrow as pa
import pyarrow.compute as pc

from hotfixture.errors import CapacityError, InputError, Where
from hotfixture.generators.options import Option
from hotfixture.schema import Column
from hotfixture.transforms.kinds import Kind, kind_of
from hotfixture.transforms.masks.rows import Row

if TYPE_CHECKING:
    from hotfixture.transforms.masks.spec import MaskSpec

Uniqueness = Literal["kept", "likely", "lost"]
Nulls = Literal["kept", "made"]

DOMAIN = Option("domain", "text", None, "Equal values of one domain get equal masks; default: the mask's own name.")
BY = Option("by", "text", None, "The column whose value decides the mask, for values that belong to one entity.")
FOLD = Option("fold", "boolean", False, "Values that differ in case only count as equal.")


@dataclass(frozen=True, slots=True)
class Site:
    """Where a mask is put: the column, whether it takes part in a unique key, and what else the row has."""

    column: Column
    bind: Callable[[MaskSpec, Column], Mask]
    """Builds the masks that stand inside this one."""
    columns: tuple[str, ...] | None = None
    """The columns a mask may read beside its own; None where they are not known (a file, a single value)."""
    unique: bool = False
    where: Where | None = None

    @property
    def kind(self) -> Kind:
        """What the column holds."""
        return kind_of(self.column)

    def error(self, message: str, hint: str = "") -> InputError:
        """What is wrong with the mask here."""
        return InputError(f"column {self.column.name!r}: {message}", where=self.where, hint=hint)


class Mask(ABC):
    """One mask of one column."""

    name: ClassVar[str]
    OPTIONS: ClassVar[tuple[Option, ...]] = ()
    MAIN: ClassVar[str] = ""
    """The option that may stand directly behind the name."""
    NESTED: ClassVar[tuple[str, ...]] = ()
    """Options that the mask reads itself, since they hold masks, lists or any value. `*`: all of them."""

    uniqueness: Uniqueness = "lost"
    nulls: Nulls = "kept"

    def __init__(self, site: Site, options: Mapping[str, Any]) -> None:
        self.site = site
        self.column = site.column
        self.options = options

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns this mask looks at, its own first."""
        by = self.options.get("by")
        return (self.column.name, by) if by and by != self.column.name else (self.column.name,)

    def max_length(self) -> int | None:
        """The most characters the result has; None where the original's length decides, or nothing is known."""
        return None

    def space(self) -> int | None:
        """How many different results there are; None where they are as many as the originals, or unknown."""
        return None

    @abstractmethod
    def make(self, values: pa.Array, row: Row) -> pa.Array:
        """The masked values; what comes out for nulls and empty texts does not count, unless `nulls` are made."""

    def apply(self, row: Row) -> pa.Array:
        """The column of `row`, masked: text (binary for a binary column), as many values as the row has."""
        values = row[self.column.name]
        if len(values) == values.null_count:
            return values
        made = self.make(values, row)
        if made.type != values.type:
            made = made.cast(values.type)
        return self._fitting(made if self.nulls == "made" else keep_empty(values, made))

    def _fitting(self, made: pa.Array) -> pa.Array:
        """The values, where they all fit the column; CapacityError where the load would refuse them."""
        bound = self.column.length
        if bound and self.site.kind == "text" and (pc.max(pc.utf8_length(made)).as_py() or 0) > bound:
            raise CapacityError(
                f"column {self.column.name!r} holds {bound} characters, {self.name!r} made more",
                where=self.site.where,
                hint=f"Write {{{self.name}: {{max_length: {bound}}}}} for a generator, or use permute.",
            )
        return made

    def __repr__(self) -> str:
        return f"<Mask {self.name} of {self.column.name}>"


def keep_empty(values: pa.Array, made: pa.Array) -> pa.Array:
    """`made`, where `values` is neither null nor empty; elsewhere the value as it is."""
    length = pc.binary_length(values)
    if not values.null_count and (not len(values) or pc.min(length).as_py() > 0):
        return made
    return pc.if_else(pc.fill_null(pc.greater(length, 0), False), made, values)


class OwnValue(Mask):
    """A mask that depends on nothing but the value: what repeats in the column is masked once."""

    def make(self, values: pa.Array, row: Row) -> pa.Array:
        encoded = row.distinct(values) if len(self.reads) == 1 else None
        if encoded is None:
            return self.change(values, row)
        return self.change(encoded.dictionary, row).take(encoded.indices)

    @abstractmethod
    def change(self, values: pa.Array, row: Row) -> pa.Array:
        """The masked values, text or binary; nulls may be anything."""
