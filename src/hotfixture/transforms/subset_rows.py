"""What a subset knows of one table's rows: which are there, which are wanted as parents, and by what columns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hotfixture.transforms import json_keys
from hotfixture.transforms.backlog import Backlog
from hotfixture.transforms.keyset import KeySet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotfixture.schema import Column, Reference, Table

    Mask = NDArray[np.bool_]

BY = ("\x1fby", "\x1freference")
"""Two more columns of wanted keys, where reasons are kept: who wants the row (its identity as JSON), along what."""


class Group:
    """Rows of one table that references want by the same columns; each key is asked for once."""

    def __init__(self, table: Table, columns: tuple[str, ...], shared: KeySet | None) -> None:
        self.table = table
        self.columns = columns
        self.references: list[Reference] = []
        self.missing = 0
        self._kinds = [table.column(name) for name in columns]
        self._present = key_set(self._kinds) if shared is None else shared
        self._own = self._present if shared is None else None
        self._asked = key_set(self._kinds)
        self._backlog = Backlog()

    def __bool__(self) -> bool:
        return bool(self._backlog)

    @property
    def enforced(self) -> bool:
        """The engine itself promises that the rows exist."""
        return any(reference.enforced and not reference.virtual for reference in self.references)

    def note(self, rows: pa.RecordBatch) -> None:
        """These rows are there."""
        if self._own is not None:
            present = complete([rows.column(name) for name in self.columns])
            self._own.add_new(self._compared(present))

    def want(self, keys: pa.RecordBatch) -> None:
        """Rows with these keys must be there."""
        new = chosen(keys, ~self._present.contains(self._compared(keys.columns)))
        self._backlog.put(chosen(new, self._asked.add_new(self._compared(new.columns))))

    def pieces(self, rows: int) -> Iterator[pa.RecordBatch]:
        """Keys to ask for, no more than `rows` at a time, without those whose row has come meanwhile."""
        for piece in self._backlog.pieces(rows):
            absent = chosen(piece, ~self._present.contains(self._compared(piece.columns)))
            if absent.num_rows:
                yield absent

    def _compared(self, columns: Sequence[pa.Array]) -> list[pa.Array]:
        """The keys as the engine compares them."""
        return [
            pc.utf8_rtrim_whitespace(pc.utf8_lower(column)) if kind.ignores_case else column
            for kind, column in zip(self._kinds, columns, strict=False)
        ]


@dataclass(frozen=True, slots=True)
class Upward:
    """A reference of a table's rows to their parents; `columns` stand in the order of the group's."""

    reference: Reference
    group: Group
    columns: tuple[str, ...]
    identity: tuple[str, ...] | None
    """The columns that name the wanting row, where reasons are kept."""

    def want(self, rows: pa.RecordBatch) -> None:
        """Let the group want the parents of these rows: none for a key that is partly NULL (MATCH SIMPLE)."""
        rows = _under(self.reference, rows)
        if self.reference.path:
            found, places = self._inside(rows.column(self.columns[0]))
            keys, wanting = [found], rows.take(places)
        else:
            keys, wanting = [rows.column(name) for name in self.columns], rows
            if any(key.null_count for key in keys):
                whole = whole_rows(keys)
                keys, wanting = [key.filter(whole) for key in keys], rows.filter(whole)
        names = list(self.group.columns)
        if self.identity is not None:
            keys += [self._names(wanting), pa.repeat(self.group.references.index(self.reference), wanting.num_rows)]
            names += BY
        batch = pa.RecordBatch.from_arrays(keys, names=names)
        if self.reference.virtual:
            batch = batch.filter(_fitting(self.group.table, self.group.columns, batch))
        self.group.want(batch)

    def _inside(self, documents: pa.Array) -> tuple[pa.Array, pa.Array]:
        """The keys inside JSON, and the row that each stands in."""
        steps = json_keys.parse(self.reference.path)
        found = [
            (key, place)
            for place, document in enumerate(documents.to_pylist())
            if document is not None
            for key in json_keys.keys(document, steps)
        ]
        return pa.array([key for key, _ in found], pa.string()), pa.array([place for _, place in found], pa.int64())

    def _names(self, rows: pa.RecordBatch) -> pa.Array:
        # Where a table has no key, the columns at hand must say which row it was.
        columns = [rows.column(name).to_pylist() for name in self.identity or rows.schema.names]
        return pa.array([json.dumps(row, default=bytes.hex) for row in zip(*columns, strict=True)], pa.string())


def chosen(rows: pa.RecordBatch, mask: Mask) -> pa.RecordBatch:
    """The rows where the mask is True: the same batch where that is all of them."""
    return rows if mask.all() else rows.filter(pa.array(mask))


def _under(reference: Reference, rows: pa.RecordBatch) -> pa.RecordBatch:
    """The rows for which a polymorphic reference holds."""
    if reference.when is None:
        return rows
    column, value = reference.when
    return rows.filter(pc.fill_null(pc.equal(rows.column(column), value), False))


def whole_rows(columns: Sequence[pa.Array]) -> pa.Array:
    """True for rows without a null."""
    valid = columns[0].is_valid()
    for column in columns[1:]:
        valid = pc.and_(valid, column.is_valid())
    return valid


def complete(columns: Sequence[pa.Array]) -> list[pa.Array]:
    """The rows without a null."""
    if not any(column.null_count for column in columns):
        return list(columns)
    valid = whole_rows(columns)
    return [column.filter(valid) for column in columns]


def _fitting(table: Table, names: Sequence[str], keys: pa.RecordBatch) -> pa.Array:
    """True for keys that the columns can hold at all: strict engines refuse a comparison of an integer with `n/a`."""
    fits = pa.repeat(True, keys.num_rows)
    for name, values in zip(names, keys.columns, strict=False):
        fits = pc.and_(fits, _fits(table.column(name), values))
    return fits


def _fits(column: Column, values: pa.Array) -> pa.Array:
    if pa.types.is_integer(column.arrow):
        digits = pc.match_substring_regex(values, "^-?[0-9]{1,18}$")
        numbers = pc.if_else(digits, values, "0").cast(pa.int64())
        signed = pa.types.is_signed_integer(column.arrow)
        bits = column.arrow.bit_width - signed
        low, high = (-(2**bits) if signed else 0), min(2**bits, 2**63) - 1
        return pc.and_(digits, pc.and_(pc.greater_equal(numbers, low), pc.less_equal(numbers, high)))
    if column.native.lower() == "uuid":
        return pc.match_substring_regex(values, "^[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$")
    if pa.types.is_decimal(column.arrow) or pa.types.is_floating(column.arrow):
        return pc.match_substring_regex(values, r"^-?[0-9]+(\.[0-9]+)?$")
    return pa.repeat(True, len(values))


def fitting(table: Table, names: Sequence[str], keys: pa.RecordBatch) -> pa.RecordBatch:
    """The keys that the columns can hold."""
    return keys.filter(_fitting(table, names, keys))


def key_set(columns: Sequence[Column]) -> KeySet:
    """A set for keys of these columns."""
    return KeySet(integer=len(columns) == 1 and pa.types.is_integer(columns[0].arrow))


class TableRows:
    """The rows of one table that are in the subset: each is let in once."""

    def __init__(self, table: Table, identity: tuple[str, ...]) -> None:
        self.table = table
        self.identity = identity
        self.groups: dict[tuple[str, ...], Group] = {}
        self.upward: list[Upward] = []
        self.count = 0
        hidden = identity == (table.hidden_key,)
        self._seen = KeySet(integer=True) if hidden else key_set([table.column(name) for name in identity])
        self._held: list[list[pa.Array]] = []

    def group(self, columns: Sequence[str]) -> Group:
        """The rows of this table as references want them by `columns`, whose order does not matter."""
        order = self.identity if set(columns) == set(self.identity) else tuple(sorted(columns))
        if order not in self.groups:
            exact = order == self.identity and not any(self.table.column(name).ignores_case for name in order)
            self.groups[order] = Group(self.table, order, self._seen if exact else None)
        return self.groups[order]

    def let_in(self, keys: pa.RecordBatch, rows: Sequence[pa.Array], *, most: int | None) -> Mask:
        """True for the rows that are new, of these the first `most`; they count as let in from now on."""
        names = [keys.column(name) for name in self.identity] or _whole(rows)
        if most is None and self.identity:
            fresh = self._seen.add_new(names)
        else:
            fresh = ~self._seen.contains(names)
            if most is not None:
                fresh[np.flatnonzero(fresh)[most:]] = False
            new = [column.filter(pa.array(fresh)) for column in names]
            if self.identity:
                self._seen.add_new(new)
            else:
                self._held.append(new)
        self.count += int(np.count_nonzero(fresh))
        return fresh

    def settle(self) -> None:
        """A request is over. Equal rows of a table without any key are different rows if one answer holds them all."""
        for names in self._held:
            self._seen.add_new(names)
        self._held.clear()


def _whole(rows: Sequence[pa.Array]) -> list[pa.Array]:
    """The rows of a table without any key as a key of all columns; wire form need not be text."""
    return [pc.fill_null(column.cast(pa.binary()), b"\xff NULL") for column in rows]


def asked_by(keys: pa.RecordBatch, group: Group) -> Mapping[tuple[str, ...], tuple[Reference, tuple[str, ...]]]:
    """For each key who wanted it, where reasons are kept."""
    count = len(group.columns)
    if keys.num_columns == count:
        return {}
    rows = list(zip(*(column.to_pylist() for column in keys.columns), strict=True))
    return {row[:count]: (group.references[row[count + 1]], tuple(json.loads(row[count]))) for row in rows}
