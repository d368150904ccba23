"""The transform that masks a batch in wire form: decodes what masks read, and writes back what they change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from hotfixture.errors import InputError
from hotfixture.schema import Column
from hotfixture.transforms.kinds import padded
from hotfixture.transforms.masks.rows import Row

if TYPE_CHECKING:
    from hotfixture.flow import Codec
    from hotfixture.transforms.masks import Mask, MaskingKey

Observe = Callable[[str, pa.Array, pa.Array], None]
"""Told of each masked column of each batch: its name, the originals, the masked values."""


class Masker:
    """A `Transform`. Safe to call from several threads: it keeps nothing between batches.

    `columns` are those of the batch, in order; `masks` go by column name. Columns that no mask reads may arrive joined
    with their neighbours and leave as they came. `observe` is told of every masked column, `found` of what masks of
    documents and prose found inside: the inner mask's name (`email`), the originals, what they became.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        masks: Mapping[str, Mask],
        codec: Codec,
        key: MaskingKey,
        *,
        observe: Observe | None = None,
        found: Observe | None = None,
    ) -> None:
        self._columns = {column.name: column for column in columns}
        self._masks, self._codec, self._key = dict(masks), codec, key
        self._observe, self._found = observe, found
        for name in (*self._masks, *self.reads()):
            if name not in self._columns:
                raise InputError(f"a mask needs column {name!r}, which the export does not have",
                                 hint="Add the column to the query, or use a mask without it.")  # fmt: skip

    def reads(self) -> frozenset[str]:
        """The columns that must arrive as fields of their own."""
        return frozenset(name for mask in self._masks.values() for name in mask.reads)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        if not self._masks:
            return batch
        fields = {name: batch.schema.get_all_field_indices(name) for name in self.reads()}
        decoded = {name: self._decoded(name, batch.column(at[0])) for name, at in fields.items()}
        made: dict[str, pa.Array] = {}

        def masked(name: str, row: Row) -> pa.Array | None:
            if name in self._masks and name not in made:
                made[name] = self._masks[name].apply(row)
            return made.get(name)

        row = Row(decoded, self._key, masked, self._found)
        arrays = list(batch.columns)
        for name in self._masks:
            values = masked(name, row)
            if self._observe:
                self._observe(name, decoded[name], values)
            for at in fields[name]:
                arrays[at] = self._codec.encode(self._columns[name], values)
        return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)

    def _decoded(self, name: str, wire: pa.Array) -> pa.Array:
        values = self._codec.decode(self._columns[name], wire)
        if pa.types.is_large_string(values.type):
            values = values.cast(pa.string())
        if padded(self._columns[name]) and pa.types.is_string(values.type):
            values = pc.utf8_rtrim(values, " ")
        return values
