"""Unique values without memory: a keyed permutation of the row number instead of a draw.

A value that hangs on one draw below its capacity is unique when the draw is: the permuted row number is spread over 64
bits, so that `below` gives it back. Values of 64 bits and more of draw are unique because rows are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hotfixture.draws import Draws, mix
from hotfixture.generators.base import Generator
from hotfixture.generators.permute import permute
from hotfixture.plans.seed.columns import Maker, Site, cast
from hotfixture.plans.seed.digits import coded
from hotfixture.plans.seed.drawn import Generated, address
from hotfixture.plans.seed.families import family
from hotfixture.plans.seed.frame import Frame, Rows
from hotfixture.plans.seed.grid import Grid
from hotfixture.plans.seed.spelled import spelled

ENUMERATED = frozenset({
    "numbers.integer", "numbers.decimal", "times.date", "times.time", "times.timestamp", "choices.choice",
})  # fmt: skip
"""Generators whose value is decided by one `below(capacity)` of the draw itself, another value for each number."""
SEPARATORS = {
    "internet.email": "@", "internet.free_email": "@", "internet.company_email": "@", "internet.user_name": ".",
    "internet.social_handle": ".", "internet.url": "/", "internet.url_path": "/", "internet.domain_word": "-",
    "internet.hostname": "-.", "files.file_name": "-.", "games.gamertag": "_", "it.branch": "-",
}  # fmt: skip
"""Generators whose texts take the number of their row: at their end, or before the first @ or dot."""
_SAMPLE = 64
WIDE = frozenset({"identifiers.uuid", "identifiers.ulid", "identifiers.object_id"})
"""Generators that spell all bits of a draw."""


@dataclass(slots=True)
class Distinct(Maker):
    """Another value in every row, out of a domain of known size."""

    generator: Generator
    options: Mapping[str, Any]
    size: int
    key: int
    arrow: pa.DataType

    def at(self, frame: Frame) -> pa.Array:
        index = permute(frame.rows, self.size, self.key).view(np.uint64)
        return cast(self.generator(Draws(spread(index, self.size)), **self.options), self.arrow)


@dataclass(slots=True)
class Combined(Maker):
    """A value of a domain of known size, so that a combination of columns does not repeat."""

    generator: Generator
    options: Mapping[str, Any]
    grid: Grid
    place: int
    arrow: pa.DataType

    def at(self, frame: Frame) -> pa.Array:
        draws = Draws(spread(self.grid.digit(frame, self.place), self.grid.sizes[self.place]))
        return cast(self.generator(draws, **self.options), self.arrow)


@dataclass(slots=True)
class Numbered(Maker):
    """A text and the number of its row, which no other row has: at its end, or before its first @ or dot."""

    inner: Maker
    separator: str
    arrow: pa.DataType

    def at(self, frame: Frame) -> pa.Array:
        texts, numbers = self.inner.at(frame), pa.array(frame.rows + np.uint64(1)).cast(pa.string())
        if self.separator not in ("@", "-."):
            return pc.binary_join_element_wise(texts, numbers, self.separator)
        before, stop = (".", "@") if self.separator == "@" else ("-", ".")
        parts = pc.split_pattern(texts, stop, max_splits=1)
        local, domain = pc.list_element(parts, 0), pc.list_element(parts, 1)
        return pc.binary_join_element_wise(pc.binary_join_element_wise(local, numbers, before), domain, stop)


def spread(index: Rows, size: int) -> Rows:
    """Draws of which `below(size)` gives back `index`: the smallest bits with bits * size / 2^64 >= index."""
    step, rest = divmod(1 << 64, size)
    if not rest:
        return index * np.uint64(step) if size > 1 else np.zeros_like(index)
    # ceil(index * 2^64 / size) = index * step + ceil(index * rest / size), where the second product may need 128 bits.
    return index * np.uint64(step) + _rounded_up(index, rest, size)


def _rounded_up(index: Rows, rest: int, size: int) -> Rows:
    if (size - 1) * rest < 1 << 63:
        return (index * np.uint64(rest) + np.uint64(size - 1)) // np.uint64(size)
    whole = [-(-int(number) * rest // size) for number in index]
    return np.array(whole, np.uint64)


def distinct(site: Site, generator: Generator, options: dict[str, Any], arrow: pa.DataType) -> Maker:
    """A maker of unique values of the generator, as many as the table has rows."""
    rows = site.build.count(site.table.name)
    if generator.name in SEPARATORS and not options.get("unique"):
        return Numbered(
            Generated(generator, options, address(site, generator), arrow), SEPARATORS[generator.name], arrow
        )
    if any(option.name == "unique" for option in generator.options):
        options = {**options, "unique": True}
    capacity = generator.capacity(**options)
    if capacity is not None and capacity < rows:
        return site.problem(f"unique, but {generator.name} has {capacity:,} distinct values for {rows:,} rows")
    plain = Generated(generator, options, address(site, generator), arrow)
    if generator.by_row or generator.name in WIDE or options.get("unique"):
        return plain
    if generator.name in ENUMERATED and capacity and not options.get("weights"):
        return Distinct(generator, options, capacity, site.build.key(site.address), arrow)
    if pa.types.is_string(arrow):
        return _text(site, generator, options, plain, rows)
    return site.problem(f"{generator.name} cannot promise distinct values", hint="Use sequence, permutation or uuid.")


def _text(site: Site, generator: Generator, options: dict[str, Any], plain: Generated, rows: int) -> Maker:
    """Another text in each row: dealt out where it is counted or spells its bits, else with the row's number behind."""
    key, like_code = site.build.key(site.address), _like_code(plain)
    if not site.column.group and (like_code or not family(generator.name)):
        code = coded(generator, options, key, site.what, plain.arrow)
        if code and rows <= code.size:
            return code
        bits = spelled(generator, options, key, site.address, plain.arrow)
        if bits and rows <= bits.size:
            return bits
    if like_code:
        return site.problem(
            f"unique, but {generator.name} is no code that can be dealt out to {rows:,} rows, and a number behind it "
            "would break it",
            hint="Take a pattern in letters of one case ({generator: pattern, params: {pattern: '[A-Z]{2}[0-9]{8}'}}), "
            "another generator (uuid, token, sequence), or leave out unique.",
        )
    return Numbered(plain, " ", plain.arrow)


def _like_code(plain: Generated) -> bool:
    """Whether its texts are codes: no blank in any of them, digits in some."""
    texts = plain.generator(Draws(np.array([mix(row) for row in range(_SAMPLE)], np.uint64)), **plain.options)
    made = [text for text in texts.cast(pa.string()).to_pylist() if text]
    plainly = not any(glyph.isspace() for text in made for glyph in text)
    return plainly and any(glyph.isdigit() for text in made for glyph in text)
