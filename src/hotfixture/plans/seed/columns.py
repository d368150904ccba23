"""How a column's values come to be: the kinds of columns a schema may have, and what each of them is given.

To add a kind: one module with a function `make(site) -> Maker`, and one line in KINDS. A kind is chosen by the key of
its name in the column's mapping; a column without any such key is `generator`, which then goes by name and type.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from hotfixture.registry import Registry

if TYPE_CHECKING:
    from hotfixture.documents import Node, Reader
    from hotfixture.errors import Where
    from hotfixture.plans.seed.compile import Build
    from hotfixture.plans.seed.declarations import ColumnDeclaration, TableDeclaration
    from hotfixture.plans.seed.frame import Frame
    from hotfixture.plans.seed.grid import Grid
    from hotfixture.plans.seed.types import DeclaredType


@dataclass(frozen=True, slots=True)
class Kind:
    """One way for values to come to be: the key that chooses it, and what else it reads."""

    key: str
    keys: tuple[str, ...] = ()

    def make(self, site: Site) -> Maker:
        """The maker of a column of this kind; problems go to the site."""
        return _MAKES.find(self.key)(site)


class Maker(ABC):
    """Makes the values of one column, at any rows."""

    arrow: pa.DataType

    @property
    def may_be_null(self) -> bool:
        """Whether values can be null although no share of nulls is asked for."""
        return False

    @abstractmethod
    def at(self, frame: Frame) -> pa.Array:
        """One value of type `arrow` a row."""


class Nothing(Maker):
    """Stands where a problem was found, so that reading goes on; no finished plan holds one."""

    arrow = pa.null()

    def at(self, frame: Frame) -> pa.Array:
        """Nulls."""
        return pa.nulls(len(frame))


@dataclass(frozen=True, slots=True)
class Site:
    """One column in its table, as a kind sees it while the plan is made."""

    build: Build
    table: TableDeclaration
    column: ColumnDeclaration
    declared: DeclaredType | None
    """The declared type, where there is one."""

    @property
    def grid(self) -> tuple[Grid, int] | None:
        """The combination of columns that this one stands in and that may not repeat, and its place there."""
        return self.build.grids(self.table.name).get(self.column.name)

    @property
    def alone(self) -> bool:
        """Whether the column is the primary key by itself."""
        return self.column.primary_key and len(self.table.primary_key) == 1

    @property
    def fields(self) -> Mapping[str, Node]:
        """The column's keys that its kind reads."""
        return self.column.fields

    @property
    def reader(self) -> Reader:
        """Checks nodes and collects problems."""
        return self.build.reader

    @property
    def what(self) -> str:
        """The column, as messages call it."""
        return f"{self.table.name}.{self.column.name}"

    @property
    def address(self) -> str:
        """What the column's draws hang on."""
        return f"{self.table.seed_key}.{self.column.seed_key}"

    def problem(self, message: str, where: Where | None = None, hint: str = "") -> Nothing:
        """Note a problem of this column, and give a maker that stands in its place."""
        self.reader.problem(f"{self.what}: {message}", where or self.column.where, hint)
        return Nothing()

    def need(self, column: str, table: str = "", where: Where | None = None) -> Maker:
        """The maker of another column this one computes from; a ring of such needs is a problem."""
        return self.build.maker(table or self.table.name, column, where or self.column.where)


KINDS: Mapping[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind("generator", ("params", "locale")),
        Kind("values", ("weights",)),
        Kind("value"),
        Kind("references", ("distribution", "exponent", "roots", "branching", "one_to_one")),
        Kind("line_no"),
        Kind("expression"),
        Kind("after", ("before", "within", "at_least")),
        Kind("every", ("start",)),
        Kind("states"),
        Kind("series"),
        Kind("balance"),
        Kind("fields"),
        Kind("items", ("size",)),
        Kind("cases"),
        Kind("references_any"),
        Kind("type_of"),
    )
}

_HERE = "hotfixture.plans.seed."
_MAKES: Registry[Callable[[Site], Maker]] = Registry(
    "kind of column",
    {
        "generator": f"{_HERE}generated:make",
        "values": f"{_HERE}chosen:make",
        "value": f"{_HERE}chosen:make_fixed",
        "references": f"{_HERE}referring:make",
        "line_no": f"{_HERE}referring:make_line_number",
        "expression": f"{_HERE}expressions:make",
        "after": f"{_HERE}moments:make",
        "every": f"{_HERE}moments:make_ticks",
        "states": f"{_HERE}states:make",
        "series": f"{_HERE}series:make",
        "balance": f"{_HERE}balance:make",
        "fields": f"{_HERE}nested:make_structure",
        "items": f"{_HERE}nested:make_list",
        "cases": f"{_HERE}nested:make_cases",
        "references_any": f"{_HERE}polymorphic:make",
        "type_of": f"{_HERE}polymorphic:make_word",
    },
)


def cast(values: pa.Array, arrow: pa.DataType) -> pa.Array:
    """The values in another type, refusing what does not fit."""
    return values if values.type == arrow else values.cast(arrow)
