"""Unique texts that spell bits (hashes, tokens, MAC addresses): a permuted row number stands in these bits.

Which bits those are is found by turning each of them: in such a text one bit changes one character, and the character
is another one for each combination of its bits. So other bits make another text, and no number stands behind it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Never

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hotfixture.draws import Draws, mix
from hotfixture.generators.base import PIECE, Generator
from hotfixture.generators.permute import permute
from hotfixture.plans.seed.columns import Maker, cast
from hotfixture.plans.seed.digits import Path, UncountableError
from hotfixture.plans.seed.frame import Frame, Rows

_MOST = 60
"""Bits that are dealt out: more rows than any table has."""
_ENOUGH = 122
"""Bits of texts that use letters in either case, so that those which differ in case only never meet (as a UUID's)."""
_WIDEST = 8
"""Bits of one character."""
Bit = tuple[Path, int]


class Lanes(Draws):
    """Draws whose lanes have the bits that are given, and note which of them are asked for."""

    __slots__ = ("given", "length", "path", "start")

    def __init__(self, given: dict[Path, Rows], length: int, start: Draws | None = None, path: Path = ()) -> None:
        self.given, self.length, self.start, self.path = given, length, start, path

    def __len__(self) -> int:
        return self.length

    def __getattr__(self, name: str) -> Rows:
        if name != "bits":  # which is never set
            raise AttributeError(name)
        if self.path not in self.given:
            self.given[self.path] = np.full(self.length, mix(hash(self.path)), np.uint64)
        return self.given[self.path].copy()

    def lane(self, lane: int) -> Lanes:
        """The bits of another lane."""
        return Lanes(self.given, self.length, path=(*self.path, lane))

    def below(self, bound: int) -> NDArray[np.int64]:
        """The highest bits, where they are all that it takes."""
        if bound & (bound - 1):
            raise UncountableError("a bound that is no power of two")
        return super().below(bound)

    def unit(self) -> Never:
        raise UncountableError("unit")


@dataclass(slots=True)
class Spelled(Maker):
    """Another text in every row."""

    generator: Generator
    options: Mapping[str, Any]
    bits: tuple[Bit, ...]
    paths: tuple[Path, ...]
    key: int
    address: str
    arrow: pa.DataType

    @property
    def size(self) -> int:
        """How many of them are dealt out."""
        return 1 << len(self.bits)

    def at(self, frame: Frame) -> pa.Array:
        index: Rows = permute(frame.rows, self.size, self.key).view(np.uint64)
        root = frame.draws(self.address).bits
        pieces = [slice(start, start + PIECE) for start in range(0, len(index), PIECE)]
        made = [self._piece(index[piece], Draws(root[piece])) for piece in pieces]
        return cast(pa.concat_arrays(made) if made else self.generator.over((), **self.options), self.arrow)

    def _piece(self, index: Rows, drawn: Draws) -> pa.Array:
        """The lanes as they are drawn, but for the bits that are dealt out."""
        lanes = {path: _lane(drawn, path).bits.copy() for path in self.paths}
        for number, (path, bit) in enumerate(self.bits):
            place, dealt = np.uint64(1 << bit), (index >> np.uint64(number)) & np.uint64(1)
            lanes[path] = (lanes[path] & ~place) | (dealt << np.uint64(bit))
        return self.generator.over((Lanes(lanes, len(index)),), **self.options)


def _lane(drawn: Draws, path: Path) -> Draws:
    for lane in path:
        drawn = drawn.lane(lane)
    return drawn


def spelled(
    generator: Generator, options: Mapping[str, Any], key: int, address: str, arrow: pa.DataType
) -> Spelled | None:
    """A maker of unique texts; None for a generator that does not spell its bits one by one."""
    noted = Lanes({}, 1)
    try:
        generator.over((noted,), **options)
        found = _spelled_bits(generator, options, tuple(noted.given))
    except UncountableError:
        return None
    return Spelled(generator, options, found[:_MOST], tuple(noted.given), key, address, arrow) if found else None


def _spelled_bits(generator: Generator, options: Mapping[str, Any], paths: tuple[Path, ...]) -> tuple[Bit, ...]:
    """The bits that a text spells; nothing where one of them changes several characters, or none that tells it."""
    every = [(path, bit) for path in paths for bit in range(64)]
    texts = _texts(generator, options, paths, [(), *((bit,) for bit in every)])
    by_place: dict[int, list[Bit]] = defaultdict(list)
    for bit, text in zip(every, texts[1:], strict=True):
        changed = _changed(texts[0], text)
        if len(changed) > 1:
            return ()
        if changed:
            by_place[changed[0]].append(bit)
    cased = False
    for place, bits in by_place.items():
        if len(bits) > _WIDEST:
            return ()
        sets = [[bit for number, bit in enumerate(bits) if turn >> number & 1] for turn in range(1 << len(bits))]
        turned = _texts(generator, options, paths, sets)
        glyphs = [text[place] for text in turned]
        if len(set(glyphs)) < len(glyphs) or any(set(_changed(turned[0], text)) - {place} for text in turned):
            return ()
        cased |= len({glyph.casefold() for glyph in glyphs}) < len(glyphs)
    found = tuple(bit for bits in by_place.values() for bit in bits)
    return () if cased and len(found) < _ENOUGH else found


def _changed(one: str, other: str) -> Sequence[int]:
    """The places where two texts differ; two at least where their lengths do."""
    if len(one) != len(other):
        return (0, 1)
    return [place for place, (glyph, turned) in enumerate(zip(one, other, strict=True)) if glyph != turned]


def _texts(
    generator: Generator, options: Mapping[str, Any], paths: Sequence[Path], turned: Sequence[Sequence[Bit]]
) -> list[str]:
    """The text of the same draws with these bits turned, for each set of them."""
    lanes = {path: np.full(len(turned), mix(number + 1), np.uint64) for number, path in enumerate(paths)}
    for row, bits in enumerate(turned):
        for path, bit in bits:
            lanes[path][row] ^= np.uint64(1 << bit)
    made: list[str] = generator.over((Lanes(lanes, len(turned)),), **options).to_pylist()
    return made
