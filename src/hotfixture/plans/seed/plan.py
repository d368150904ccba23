"""The finished plan of a seed: tables whose rows can be made anywhere, in any order, at any time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from hotfixture.draws import keep_freed
from hotfixture.errors import OptionError, UnknownNameError
from hotfixture.plans.seed.frame import Frame, NullMask, Rows
from hotfixture.schema import Table

if TYPE_CHECKING:
    from hotfixture.plans.seed.columns import Maker
    from hotfixture.plans.seed.declarations import SchemaDeclaration, TableDeclaration
    from hotfixture.plans.seed.links import Link

BATCH = 1 << 16
"""Rows of a batch where nobody says how many."""
PIECE = 1 << 15
"""Rows made in one go: what is made on the way stays in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Made:
    """A column and how its values are made."""

    name: str
    maker: Maker
    nulls: NullMask | None = None
    hidden: bool = False


@dataclass(slots=True, eq=False)
class TablePlan:
    """One table of a plan: what it looks like, how many rows it has, and every one of them."""

    name: str
    declaration: TableDeclaration
    seed: int
    count: int = 0
    table: Table = field(init=False)
    """Set once all columns are known, before anybody sees the plan."""
    makers: dict[str, Made] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    """How rows point at rows: by the name of the reference, or of its first column."""

    earlier: TablePlan | None = None
    """The table as it was before it grew: its rows stay as they were."""
    children: dict[str, TablePlan] = field(default_factory=dict)
    """Tables whose sizes are said per this one."""

    @property
    def base(self) -> int:
        """The first row that was not there before the table grew."""
        return self.earlier.count if self.earlier else 0

    @property
    def ages(self) -> Iterator[TablePlan]:
        """The table as it was before each growth, the last one first."""
        before = self.earlier
        while before:
            yield before
            before = before.earlier

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that are written."""
        return tuple(made.name for made in self.makers.values() if not made.hidden)

    @property
    def schema(self) -> pa.Schema:
        """The columns that are written, as Arrow fields."""
        return pa.schema([pa.field(name, self.makers[name].maker.arrow) for name in self.columns])

    def batch(self, first: int, count: int) -> pa.RecordBatch:
        """Rows `first … first + count - 1`: the same bytes wherever and however they are asked for."""
        if first < 0 or count < 0:
            raise OptionError("first", first, "a row number, at least 0")
        pieces = [
            self.at(np.arange(start, min(start + PIECE, first + count), dtype=np.uint64))
            for start in range(first, first + count, PIECE)
        ]
        if len(pieces) == 1:
            return pieces[0]
        if not pieces:
            return pa.RecordBatch.from_pylist([], schema=self.schema)
        return pa.concat_batches(pieces)

    def at(self, rows: Rows) -> pa.RecordBatch:
        """The given rows, in their order."""
        keep_freed()
        frame = Frame(self, rows)
        return pa.RecordBatch.from_arrays([frame.column(name) for name in self.columns], schema=self.schema)

    def row(self, number: int) -> dict[str, Any]:
        """One row as plain Python values; any number below `count`, in the same time."""
        if not 0 <= number < self.count:
            raise OptionError("row", number, f"a row of {self.name}, 0 … {self.count - 1}")
        found: dict[str, Any] = self.at(np.array([number], np.uint64)).to_pylist()[0]
        return found

    def batches(self, first: int = 0, end: int | None = None, *, size: int = PIECE) -> Iterator[pa.RecordBatch]:
        """All rows from `first` up to (without) `end`, batch by batch; those of PIECE rows are copied by nobody."""
        stop = self.count if end is None else min(end, self.count)
        for start in range(first, stop, size):
            yield self.batch(start, min(size, stop - start))


@dataclass(frozen=True, slots=True, eq=False)
class SeedPlan:
    """What a seed schema means, finished: every table with its size and its rows."""

    tables: tuple[TablePlan, ...]
    """Parents first; tables of a cycle in the order of their names."""
    seed: int
    digest: str
    """Of the schema's text and the seed: what a target's marks hang on."""
    declaration: SchemaDeclaration
    text: str = field(repr=False)
    """The schema as it was read: a worker elsewhere makes the same plan of it."""
    warnings: Sequence[str] = ()
    """What its schema does not promise and somebody may expect."""
    epochs: tuple[Mapping[str, int], ...] = ()
    """The sizes of the tables each time they grew; empty where they never did."""

    @property
    def made(self) -> tuple[TablePlan, ...]:
        """The tables whose rows are made: not those that are filled already."""
        return tuple(table for table in self.tables if not table.declaration.existing)

    @property
    def rows(self) -> int:
        """Rows of all tables that are made, together."""
        return sum(table.count for table in self.made)

    @property
    def by_name(self) -> Mapping[str, TablePlan]:
        """The tables by name."""
        return {table.name: table for table in self.tables}

    def table(self, name: str) -> TablePlan:
        """The table of that name; UnknownNameError where there is none."""
        found = self.by_name.get(name)
        if found is None:
            raise UnknownNameError("table", name, list(self.by_name))
        return found
