"""Text that matches a regular expression."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import count, product
from math import prod
from typing import Any, NamedTuple

from hotfixture.generators import values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.expressions import Branches, Chain, Chars, Node, Repeat, capacity, parse
from hotfixture.generators.options import Option
from hotfixture.generators.pools import Pool

# What a tree is built into: pieces that know their lane. Neighbouring characters become one draw from all their
# combinations while these are few, which is what makes `[A-Z]{2}-\\d{4}` two draws instead of six.
_MOST_COMBINATIONS = 10_000


class Pick:
    """One text out of all combinations of some character sets."""

    __slots__ = ("_pool", "lane", "sets", "size")

    def __init__(self, sets: tuple[str, ...], lane: int) -> None:
        self.sets, self.lane, self.size = sets, lane, prod(map(len, sets))
        self._pool: Pool | None = None

    def spell(self, draws: AnyDraws) -> Column:
        if self.size == 1:
            return "".join(self.sets)
        index = draws.lane(self.lane).below(self.size)
        if isinstance(index, int):
            return self._one(index)
        if self._pool is None:
            self._pool = Pool(["".join(chars) for chars in product(*self.sets)])
        return values.take(self._pool, index)

    def _one(self, index: int) -> str:
        """Entry `index` of the pool without the pool."""
        chars = []
        for choice in reversed(self.sets):
            index, place = divmod(index, len(choice))
            chars.append(choice[place])
        return "".join(reversed(chars))


class Row(NamedTuple):
    """Pieces one after the other."""

    pieces: tuple[Piece, ...]

    def spell(self, draws: AnyDraws) -> Column:
        return values.join(*(piece.spell(draws) for piece in self.pieces)) if self.pieces else ""


class Fork(NamedTuple):
    """One of several pieces, all alike."""

    pieces: tuple[Piece, ...]
    lane: int

    def spell(self, draws: AnyDraws) -> Column:
        index = draws.lane(self.lane).below(len(self.pieces))
        if isinstance(index, int):
            return self.pieces[index].spell(draws)
        return values.select(index, *(piece.spell(draws) for piece in self.pieces))


class Maybe(NamedTuple):
    """The first few of the pieces, every number of them alike, none among them."""

    pieces: tuple[Piece, ...]
    lane: int

    def spell(self, draws: AnyDraws) -> Column:
        times = draws.lane(self.lane).below(len(self.pieces) + 1)
        if isinstance(times, int):
            return "".join(piece.spell(draws) for piece in self.pieces[:times])
        shown = (values.where(times > place, piece.spell(draws), "") for place, piece in enumerate(self.pieces))
        return values.join(*shown)


Piece = Pick | Row | Fork | Maybe


def _build(node: Node, lanes: Iterator[int]) -> Piece:
    match node:
        case Branches(branches):
            lane = next(lanes)
            return Fork(tuple(_build(branch, lanes) for branch in branches), lane)
        case Repeat(item, low, high) if low < high:
            lane = next(lanes)
            rest = Maybe(tuple(_build(item, lanes) for _ in range(high - low)), lane)
            return Row((_build(Repeat(item, low, low), lanes), rest)) if low else rest
        case _:
            pieces = tuple(_merged(_flat(node), lanes))
            return pieces[0] if len(pieces) == 1 else Row(pieces)


def _flat(node: Node) -> Iterator[Node]:
    """What stands one after the other, chains and fixed repeats laid out."""
    match node:
        case Chain(items):
            for item in items:
                yield from _flat(item)
        case Repeat(item, low, high) if low == high:
            for _ in range(low):
                yield from _flat(item)
        case _:
            yield node


def _merged(nodes: Iterator[Node], lanes: Iterator[int]) -> Iterator[Piece]:
    sets: list[str] = []
    for node in nodes:
        fits = isinstance(node, Chars) and prod(map(len, sets)) * len(node.chars) <= _MOST_COMBINATIONS
        if sets and not fits:
            yield Pick(tuple(sets), next(lanes))
            sets.clear()
        if isinstance(node, Chars):
            sets.append(node.chars)
        else:
            yield _build(node, lanes)
    if sets:
        yield Pick(tuple(sets), next(lanes))


@lru_cache(maxsize=64)
def _built(pattern: str, limit: int) -> Piece:
    return _build(parse(pattern, limit), count())


def _check(*, pattern: str, limit: int) -> None:
    parse(pattern, limit)


def _matches(value: Any, pattern: str, limit: int) -> bool:  # noqa: ARG001 - every option is passed
    import re

    return re.fullmatch(pattern, value) is not None


@generator(
    "text.pattern",
    options=(
        Option("pattern", "text", "[A-Z]{2}-\\d{4}", "Regular expression that the values match."),
        Option("limit", "integer", 8, "How many more times `*`, `+` and `{m,}` repeat at most.", low=0, high=100),
    ),
    check=_check,
    capacity=lambda pattern, limit: capacity(parse(pattern, limit)),
    holds=_matches,
    source="the pattern given; every branch, repeat count and character of a class alike",
)
def text_pattern(draws: AnyDraws, *, pattern: str, limit: int) -> Column:
    """A text that matches a regular expression."""
    spelled = _built(pattern, limit).spell(draws)
    return values.same(draws, spelled) if isinstance(spelled, str) else spelled
