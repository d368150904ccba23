"""Some rows of one table, whose columns are made when somebody asks for them, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hotfixture.draws import Draws, SharedDraws, row_hashes
from hotfixture.errors import CapacityError

if TYPE_CHECKING:
    from hotfixture.plans.seed.columns import Maker
    from hotfixture.plans.seed.plan import TablePlan

Rows: TypeAlias = NDArray[np.uint64]
Mask: TypeAlias = NDArray[np.bool_]


_WORTH = 0.1
"""Share of nulls from which it is quicker to leave their values out than to make them."""


class Linked(NamedTuple):
    """Rows of another table, one for each row of a frame."""

    rows: Rows
    valid: Mask | None
    """Where there is one at all; None where there always is. The row number of the others is 0 and means nothing."""


class Frame:
    """Some rows of one table: any row numbers in any order."""

    __slots__ = ("_columns", "_draws", "_frames", "_hashes", "_links", "rows", "table")

    def __init__(self, table: TablePlan, rows: Rows) -> None:
        self.table = table
        self.rows = rows
        self._hashes: Rows | None = None
        self._draws: dict[str, Draws] = {}
        self._columns: dict[str, pa.Array] = {}
        self._links: dict[str, Linked] = {}
        self._frames: dict[str, Frame] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def draws(self, address: str) -> Draws:
        """The draws of these rows at the address of a column."""
        if address not in self._draws:
            if self._hashes is None:
                self._hashes = row_hashes(self.table.seed, self.rows)
            self._draws[address] = SharedDraws.of_column(self._hashes, address)
        return self._draws[address]

    def drawn(self, address: str) -> bool:
        """Whether another column has drawn at the address."""
        return address in self._draws

    def part(self, shown: Mask) -> Frame:
        """Only the rows that are shown."""
        part = Frame(self.table, self.rows[shown])
        part._hashes = None if self._hashes is None else self._hashes[shown]
        return part

    def column(self, name: str) -> pa.Array:
        """The values of a column, nulls in their places."""
        if name not in self._columns:
            self._columns[name] = self._made(name)
        return self._columns[name]

    def _made(self, name: str) -> pa.Array:
        column, earlier = self.table.makers[name], self.table.earlier
        if earlier is not None and len(self.rows) and int(self.rows.min()) < earlier.count:
            return self._across(name, earlier)
        try:
            return column.nulls.over(column.maker, self) if column.nulls else column.maker.at(self)
        except pa.ArrowInvalid:
            raise self._misfit(name) from None

    def _misfit(self, name: str) -> CapacityError:
        declared = self.table.declaration.columns[name]
        return CapacityError(
            f"{self.table.name}.{name}: a value that {declared.type or 'its type'} does not hold",
            where=declared.type_where or declared.where,
            hint="Give the column a wider type, or smaller values.",
        )

    def _across(self, name: str, earlier: TablePlan) -> pa.Array:
        """Rows from before the table grew as they were made then, the others as they are made now."""
        old = self.rows < np.uint64(earlier.count)
        before = Frame(earlier, self.rows[old]).column(name)
        if old.all():
            return before
        now = Frame(self.table, self.rows[~old]).column(name)
        place = np.empty(len(old), np.int64)
        place[old], place[~old] = np.arange(len(before)), len(before) + np.arange(len(now))
        return pa.concat_arrays([before.cast(now.type), now]).take(pa.array(place))

    def linked(self, link: str) -> Linked:
        """The rows that these rows point at through a link."""
        if link not in self._links:
            self._links[link] = self._followed(link)
        return self._links[link]

    def _followed(self, link: str) -> Linked:
        earlier = self.table.earlier
        if earlier is None or not len(self.rows) or int(self.rows.min()) >= earlier.count:
            return self.table.links[link].parents(self)
        old = self.rows < np.uint64(earlier.count)
        rows, valid = np.empty_like(self.rows), np.ones(len(old), np.bool_)
        for mask, table in ((old, earlier), (~old, self.table)):
            if mask.any():
                found = Frame(table, self.rows[mask]).linked(link)
                rows[mask] = found.rows
                valid[mask] = True if found.valid is None else found.valid
        return Linked(rows, None if valid.all() else valid)

    def parent(self, link: str) -> Frame:
        """The frame of the rows that these rows point at; where a row points at none, row 0 stands in its place."""
        if link not in self._frames:
            self._frames[link] = Frame(self.table.links[link].target, self.linked(link).rows)
        return self._frames[link]

    def from_parent(self, link: str, column: str) -> pa.Array:
        """A column of the parents, null where there is none."""
        values, valid = self.parent(link).column(column), self.linked(link).valid
        return values if valid is None else blanked(values, valid)


@runtime_checkable
class Sparing(Protocol):
    """A maker that can leave out the rows which are null."""

    def at_shown(self, frame: Frame, shown: Mask) -> pa.Array | None:
        """The values of the rows that are shown, the others null; None where it is quicker to make them all."""


def spaced(values: pa.Array, shown: Mask) -> pa.Array:
    """One value after the other in the rows that are shown, null in the others; the bytes of texts stay in place."""
    if not pa.types.is_string(values.type) or values.null_count:
        place = np.cumsum(shown) - 1
        return values.take(pa.array(place, mask=~shown))
    count, (_, bounds, data) = len(shown), values.buffers()
    offsets = np.frombuffer(bounds, np.int32)[values.offset : values.offset + len(values) + 1]
    starts = np.zeros(count + 1, np.int32)
    starts[1:][shown] = np.diff(offsets)
    np.cumsum(starts, out=starts)
    starts += offsets[0]
    valid = pa.array(shown).buffers()[1]
    return pa.StringArray.from_buffers(count, pa.py_buffer(starts), data, valid)


def blanked(values: pa.Array, valid: Mask) -> pa.Array:
    """The values, null where they are not valid."""
    if valid.all():
        return values
    if pa.types.is_nested(values.type) or isinstance(values.type, pa.BaseExtensionType):
        return values.take(pa.array(np.arange(len(values)), mask=~valid))
    return pc.if_else(pa.array(valid), values, pa.scalar(None, values.type))


class NullMask(NamedTuple):
    """Which rows of a column are null: a share of them, decided apart from the values."""

    share: float
    address: str

    def into(self, values: pa.Array, frame: Frame) -> pa.Array:
        """The values with nulls in their places; what is null already stays so."""
        return blanked(values, self.shown(frame))

    def over(self, maker: Maker, frame: Frame) -> pa.Array:
        """The maker's values with nulls in their places; where it can, those that nobody would see are not made."""
        shown = self.shown(frame)
        made = maker.at_shown(frame, shown) if self.share > _WORTH and isinstance(maker, Sparing) else None
        return blanked(maker.at(frame), shown) if made is None else made

    def shown(self, frame: Frame) -> Mask:
        """Which rows keep their values."""
        return frame.draws(self.address).unit() >= self.share
