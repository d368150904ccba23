"""Values of a generator, drawn by row: what a column's draws hang on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from hotfixture.draws import Draws
from hotfixture.generators.base import Generator
from hotfixture.plans.seed.columns import Maker, Site, cast
from hotfixture.plans.seed.frame import Frame, Mask, spaced


@dataclass(slots=True)
class Generated(Maker):
    """Values of one generator."""

    generator: Generator
    options: Mapping[str, Any]
    address: str
    arrow: pa.DataType

    def at(self, frame: Frame) -> pa.Array:
        draws = Draws(frame.rows) if self.generator.by_row else frame.draws(self.address)
        return cast(self.generator(draws, **self.options), self.arrow)

    def at_shown(self, frame: Frame, shown: Mask) -> pa.Array | None:
        """Texts of the rows that are shown; draws that columns share, and numbers, are quicker made for all rows."""
        if frame.drawn(self.address) or not pa.types.is_string(self.arrow):
            return None
        return spaced(self.at(frame.part(shown)), shown)


def address(site: Site, generator: Generator) -> str:
    """What the draws hang on: the family's name for those that describe one person or place, else the column's."""
    group = site.column.group or site.build.family_of(site.table.name, site.column.name, generator.name)
    return f"{site.table.seed_key}.{group}" if group else site.address
