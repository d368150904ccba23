"""Tells the proof of what masks replaced: the originals that must stand nowhere in the package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import local
from typing import TYPE_CHECKING

from hotfixture.transforms.masks import Row

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from hotfixture.transforms.masks import Mask, MaskingKey
    from hotfixture.transforms.scan import Originals

NOT_TELLING = frozenset({"bucket", "noise", "shift_dates"})
"""Masks of amounts and dates: their originals stand in any data, and finding one proves nothing."""
NAME_PARTS = ("first_name", "last_name")
RESERVED = frozenset({"email", "phone", "card", "hash", "redact", "fixed", "null", "ipv4", "ipv6", "url", "domain"})
"""Masks whose values cannot by chance be somebody's: reserved domains, fictional numbers, keyed hashes."""


class Witness:
    """Sees what the masks of one table or file replace; safe in several threads."""

    def __init__(self, masks: Mapping[str, Mask], originals: Originals) -> None:
        self._masks, self._originals = masks, originals
        self._couples = couples(masks)
        self._own = local()

    def found(self, kind: str, originals: pa.Array, masked: pa.Array) -> None:
        """Remember what a mask of that name replaced."""
        if kind not in NOT_TELLING:
            self._originals.learn(originals, None if kind in RESERVED else masked)

    def observe(self, name: str, originals: pa.Array, masked: pa.Array) -> None:
        """Remember what the mask of a column replaced."""
        if name not in self._couples:
            self.found(self._masks[name].name, originals, masked)
            return
        # Either name alone says little, both together are a person: prose may hold them so.
        seen = self._own.__dict__.setdefault("seen", {})
        seen[name] = originals, masked
        if self._couples[name] in seen:
            parts = sorted((name, self._couples[name]), key=lambda part: self._masks[part].name)
            both = [seen.pop(part) for part in parts]
            self._originals.learn_together([one[0] for one in both], [one[1] for one in both])


def couples(masks: Mapping[str, Mask]) -> dict[str, str]:
    """The columns of first and of last names that are one person's, each with its other."""
    waiting: dict[str, str] = {}
    found: dict[str, str] = {}
    for name, mask in masks.items():
        if mask.name not in NAME_PARTS:
            continue
        waiting[mask.name] = name
        if len(waiting) == len(NAME_PARTS):
            first, last = waiting.values()
            found |= {first: last, last: first}
            waiting.clear()
    return found


@dataclass(frozen=True, slots=True)
class Maskers:
    """Makes what masks columns of texts, under one key, and tells the proof; without `originals` nobody is told."""

    key: MaskingKey
    originals: Originals | None = None

    def row(self, columns: Mapping[str, pa.Array]) -> Row:
        """Columns for masks of pieces of texts: what they find is told."""
        return Row(columns, self.key, found=Witness({}, self.originals).found if self.originals else None)

    def of(self, masks: Mapping[str, Mask]) -> Callable[[Mapping[str, pa.Array]], dict[str, pa.Array]]:
        """Takes the columns that the masks read, gives those that they mask."""
        witness = Witness(masks, self.originals) if self.originals else None

        def apply(columns: Mapping[str, pa.Array]) -> dict[str, pa.Array]:
            made: dict[str, pa.Array] = {}

            def masked(name: str, row: Row) -> pa.Array | None:
                if name in masks and name not in made:
                    made[name] = masks[name].apply(row)
                return made.get(name)

            row = Row(columns, self.key, masked, witness.found if witness else None)
            for name in masks:
                values = masked(name, row)
                if witness:
                    witness.observe(name, columns[name], values)
            return made

        return apply
