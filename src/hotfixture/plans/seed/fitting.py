"""Texts that fit their column: what is too long is drawn anew, and cut only where nothing shorter comes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hotfixture.draws import Draws
from hotfixture.errors import CapacityError, Where
from hotfixture.plans.seed.columns import Maker
from hotfixture.plans.seed.drawn import Generated
from hotfixture.plans.seed.frame import Frame, Mask, spaced

ATTEMPTS = 16
_LANE = 1 << 21
"""First lane of the draws for a value that was too long; far above all that generators use."""


@dataclass(slots=True)
class Fitted(Maker):
    """Values of a generator with at most so many characters."""

    inner: Generated
    length: int
    arrow: pa.DataType

    def at(self, frame: Frame) -> pa.Array:
        made = self.inner.at(frame)
        bits = frame.draws(self.inner.address).bits
        for attempt in range(ATTEMPTS):
            long = self._long(made)
            if not pc.any(long).as_py():
                return made
            mask = long.to_numpy(zero_copy_only=False)
            again = self.inner.generator(Draws(bits[mask]).lane(_LANE + attempt), **self.inner.options)
            made = pc.replace_with_mask(made, long, again.cast(self.arrow))
        return pc.if_else(
            self._long(made), pc.utf8_rtrim_whitespace(pc.utf8_slice_codeunits(made, 0, self.length)), made
        )

    def at_shown(self, frame: Frame, shown: Mask) -> pa.Array | None:
        """As the generator's own."""
        return None if frame.drawn(self.inner.address) else spaced(self.at(frame.part(shown)), shown)

    def _long(self, made: pa.Array) -> pa.Array:
        return pc.greater(pc.utf8_length(made), self.length).fill_null(False)


@dataclass(slots=True)
class Whole(Maker):
    """Unique values, which may not be cut: one that is too long is an error that names the column."""

    inner: Maker
    length: int
    what: str
    where: Where
    arrow: pa.DataType

    def too_long(self, frame: Frame) -> tuple[int, int] | None:
        """The first of these rows whose value does not fit, and how many characters it has; None where all fit."""
        lengths = pc.utf8_length(self.inner.at(frame)).to_numpy(zero_copy_only=False)
        long = np.flatnonzero(lengths > self.length)
        return (int(frame.rows[long[0]]), int(lengths[long[0]])) if len(long) else None

    def at(self, frame: Frame) -> pa.Array:
        made = self.inner.at(frame)
        longest = pc.max(pc.utf8_length(made)).as_py() or 0
        if longest > self.length:
            raise CapacityError(
                f"{self.what}: a unique value of {longest} characters, and the column holds {self.length}",
                where=self.where,
                hint="Make the column longer, or choose a generator of shorter values.",
            )
        return made
