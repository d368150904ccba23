"""Any generator as a mask: an invented value drawn from the keyed hash of what was there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from hotfixture.draws import Draws
from hotfixture.generators.base import Generator
from hotfixture.generators.options import Option
from hotfixture.schema import Column
from hotfixture.transforms.kinds import NUMERIC, kind_of
from hotfixture.transforms.masks.base import BY, DOMAIN, FOLD, Mask, Site, Uniqueness
from hotfixture.transforms.masks.families import FORMS, family
from hotfixture.transforms.masks.rows import Row, folded

MAX_LENGTH = Option(
    "max_length", "integer", None, "Longer values are drawn anew; the same mask elsewhere needs the same bound.",
    low=1, high=1_000_000,
)  # fmt: skip
COMMON = (DOMAIN, BY, FOLD, MAX_LENGTH)
ATTEMPTS = 32
SAMPLE = 1 << 12
ATTEMPT_LANE = 1 << 20
"""First lane of the draws for a value that was too long; far above all that generators use."""

_FITS: Mapping[str, tuple[str, ...]] = {
    "integer": ("integer",), "decimal": (*NUMERIC,), "float": (*NUMERIC,), "boolean": ("boolean",),
    "date": ("date", "timestamp"), "timestamp": ("timestamp", "date"), "time": ("time",), "interval": ("interval",),
    "json": ("json",), "array": ("array",), "binary": ("binary",), "uuid": ("uuid", "text"),
}  # fmt: skip
"""Which kinds of generated values a column of a kind takes; a text column takes all."""


class Invented(Mask):
    """A value of one generator; which one, the original's keyed hash decides, or that of `by`."""

    name = "generator"

    def __init__(self, site: Site, options: Mapping[str, Any], generator: Generator) -> None:
        super().__init__(site, options)
        self.generator = generator
        self.name = generator.name.rpartition(".")[2]  # type: ignore[misc]  # this class is many masks
        self.given = {name: value for name, value in options.items() if name not in _COMMON_NAMES}
        self._fit()

    @property
    def domain(self) -> str:
        """The domain of the draws: one for all of a person where `by` names the entity, else the mask's own."""
        if self.options["domain"]:
            return str(self.options["domain"])
        return family(self.generator.name) if self.options["by"] else self.name

    @property
    def uniqueness(self) -> Uniqueness:  # type: ignore[override]  # it depends on the options
        return "likely"

    def _fit(self) -> None:
        arrow = self.generator.arrow_type(**self.given)
        if pa.types.is_nested(arrow):
            raise self.site.error(f"{self.name!r} gives records, not single values", "Mask with its parts instead.")
        made = kind_of(Column("", arrow))
        wanted = _FITS.get(self.site.kind)
        textual = wanted is None or made in wanted or (made == "text" and self.site.kind in ("date", "json"))
        if self.generator.by_row:
            raise self.site.error(f"{self.name!r} numbers rows and cannot mask values", "Use permute or hash for keys.")
        if not textual:
            raise self.site.error(
                f"{self.name!r} gives {made} values, the column holds {self.site.kind} values",
                "Choose a mask of that type; for numbers and keys: permute.",
            )

    def space(self) -> int | None:
        capacity = self.generator.capacity(**self.given)
        wide = self.given.get("unique") or self.generator.name in _WIDE
        return 1 << 64 if capacity is None and wide else capacity

    def max_length(self) -> int | None:
        if self.options["max_length"]:
            return int(self.options["max_length"])
        return longest(self.generator, tuple(sorted(self.given.items())))

    def make(self, values: pa.Array, row: Row) -> pa.Array:
        form = folded if self.options["fold"] else FORMS.get(self.generator.name)
        name, domain, by = self.column.name, self.domain, self.options["by"]
        if by:
            return self.generate(row.draws(name, domain, form, by))
        encoded = row.distinct(values)
        if encoded is None:
            return self.generate(row.draws(name, domain, form))
        plain = encoded.dictionary
        return self.generate(row.draws_of(form(plain) if form else plain, domain)).take(encoded.indices)

    def generate(self, draws: Draws) -> pa.Array:
        """The generator's values as text; those too long for `max_length` are drawn anew."""
        made = self._texts(draws)
        bound = self.options["max_length"]
        for attempt in range(ATTEMPTS if bound else 0):
            long = pc.greater(pc.utf8_length(made), bound).to_numpy(zero_copy_only=False)
            if not long.any():
                break
            again = Draws(draws.bits[long]).lane(ATTEMPT_LANE + attempt)
            made = pc.replace_with_mask(made, pa.array(long), self._texts(again))
        if bound and (pc.max(pc.utf8_length(made)).as_py() or 0) > bound:
            raise self.site.error(
                f"{self.name!r} gives nothing that has at most {bound} characters", "Raise max_length."
            )
        return made

    def _texts(self, draws: Draws) -> pa.Array:
        made = self.generator(draws, **self.given)
        if pa.types.is_boolean(made.type):
            return made.cast(pa.int8()).cast(pa.string())
        return made if pa.types.is_string(made.type) else made.cast(pa.string())


_WIDE = frozenset({"identifiers.uuid", "identifiers.ulid"})
"""Generators whose values carry all bits of the draw."""
_COMMON_NAMES = frozenset(option.name for option in COMMON)


@cache
def _sampled(generator: Generator, given: tuple[tuple[str, Any], ...]) -> int:
    made = generator(Draws.from_rows(0, "longest", 0, SAMPLE), **dict(given))
    return int(pc.max(pc.utf8_length(made.cast(pa.string()))).as_py() or 0)


def longest(generator: Generator, given: tuple[tuple[str, Any], ...]) -> int:
    """The longest of some thousand values: a lower bound of what the generator may give."""
    return _sampled(generator, given)


def settle(generator: Generator, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options, validated: those every generator mask has are completed by defaults, the generator's own as given.

    A generator that can make unique values does so unless told otherwise, in every column alike: were it done for
    unique columns only, one e-mail would have two masks.
    """
    common = {option.name: option.validate(options[option.name]) if option.name in options else option.default
              for option in COMMON}  # fmt: skip
    own = {name: value for name, value in options.items() if name not in common}
    if "unique" not in own and any(option.name == "unique" for option in generator.options):
        own["unique"] = True
    generator.settle(own)
    return common | own


def make(site: Site, generator: Generator, options: Mapping[str, Any]) -> Invented:
    """The generator as a mask at this site."""
    return Invented(site, settle(generator, options), generator)
