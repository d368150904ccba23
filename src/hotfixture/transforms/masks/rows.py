"""The decoded columns of one batch, their keyed draws and what their masks made of them: each computed once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hotfixture.draws import Draws
from hotfixture.transforms.masks.keys import MaskingKey

SAMPLE = 256
REPEATED = 0.5
"""Below this share of distinct values in a sample, values are masked once each and spread."""

Fold = Callable[[pa.Array], pa.Array]
Found = Callable[[str, pa.Array, pa.Array], None]
"""Told of what masks found inside documents and prose: the inner mask's name, the originals, what they became."""


class Row:
    """Columns by name, as many values each as the batch has rows; not shared between threads."""

    def __init__(
        self,
        columns: Mapping[str, pa.Array],
        key: MaskingKey,
        masked: Callable[[str, Row], pa.Array | None] | None = None,
        found: Found | None = None,
    ) -> None:
        self.columns = columns
        self.key = key
        self.found = found
        self._masked = masked
        self._draws: dict[tuple[str, str, Any], Draws] = {}

    def __getitem__(self, name: str) -> pa.Array:
        return self.columns[name]

    def part(self, values: pa.Array, name: str, reads: Iterable[str], indices: Sequence[int]) -> Row:
        """Pieces of column `name` found in the rows `indices`, beside what those rows hold in the columns `reads`."""
        others = {other: self[other].take(pa.array(indices, pa.int64())) for other in reads if other != name}
        return Row({**others, name: values}, self.key, found=self.found)

    def masked(self, name: str) -> pa.Array | None:
        """What the mask of column `name` makes of it; None where it has none."""
        return self._masked(name, self) if self._masked else None

    def draws(self, name: str, domain: str, form: Fold | None = None, by: str | None = None) -> Draws:
        """Draws from column `by`, and from column `name` itself where `by` is null or empty, or not given."""
        if not by or by == name:
            return self._own(name, domain, form)
        other = self[by]
        given = pc.fill_null(pc.greater(pc.binary_length(other), 0), False)
        draws = self._own(by, domain, form)
        if pc.all(given).as_py() is not False:
            return draws
        return Draws(np.where(given.to_numpy(zero_copy_only=False), draws.bits, self._own(name, domain, form).bits))

    def _own(self, name: str, domain: str, form: Fold | None) -> Draws:
        asked = (name, domain, form)
        if asked not in self._draws:
            self._draws[asked] = self.draws_of(form(self[name]) if form else self[name], domain)
        return self._draws[asked]

    def draws_of(self, values: pa.Array, domain: str) -> Draws:
        """Draws of any values; nulls draw as the empty text."""
        encoded = self.distinct(values)
        if encoded is None:
            return Draws.from_values(self.key.secret, domain, values)
        draws = Draws.from_values(self.key.secret, domain, encoded.dictionary)
        indices = encoded.indices.fill_null(0) if encoded.indices.null_count else encoded.indices
        return draws.take(indices.to_numpy(zero_copy_only=False)) if len(draws) else _nothing(self.key, domain, values)

    @staticmethod
    def distinct(values: pa.Array) -> pa.DictionaryArray | None:
        """The values as a dictionary, where a sample repeats so often that it pays; else None."""
        if len(values) < SAMPLE:
            return None
        step = len(values) // SAMPLE
        sample = values.take(pa.array(np.arange(0, SAMPLE) * step))
        if pc.count_distinct(sample).as_py() > SAMPLE * REPEATED:
            return None
        return values.dictionary_encode()


def _nothing(key: MaskingKey, domain: str, values: pa.Array) -> Draws:
    """The draws of a column that has nulls only."""
    return Draws.from_values(key.secret, domain, pa.nulls(len(values), pa.string()))


def folded(values: pa.Array) -> pa.Array:
    """Without differences of case."""
    return pc.utf8_lower(values)


def bare_digits(values: pa.Array) -> pa.Array:
    """A card or phone number or IBAN without what people write between the digits; ASCII letters in capitals."""
    data, offsets = flat(values)
    code = np.take(_BARE, data)
    if not code.all():
        kept = code != 0
        ends = np.empty(len(data) + 1, np.int32)
        ends[0] = 0
        np.cumsum(kept, out=ends[1:])
        offsets, code = ends[offsets], code[kept]
    return pa.StringArray.from_buffers(len(values), pa.py_buffer(offsets), pa.py_buffer(code))


def flat(values: pa.Array) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """The bytes of all texts, and where each begins, counted from the first; nulls are empty."""
    filled = values.fill_null("") if values.null_count else values
    _, offsets, data = filled.buffers()
    starts = np.frombuffer(offsets, np.int32)[filled.offset : filled.offset + len(filled) + 1]
    first, last = int(starts[0]), int(starts[-1])
    text = np.frombuffer(data, np.uint8)[first:last] if data is not None else np.empty(0, np.uint8)
    return text, starts - np.int32(first)


def _bare_table() -> NDArray[np.uint8]:
    """Each byte as it counts in a number that people write down; 0 for what does not count."""
    table = np.arange(256, dtype=np.uint8)
    table[ord("a") : ord("z") + 1] -= 32
    table[[ord(character) for character in "\t\n\r ().-/"]] = 0
    return table


_BARE = _bare_table()
