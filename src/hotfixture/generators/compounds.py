"""Invented names of things put together from word lists: an entry of each list, one after the other."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from hotfixture.generators import lanes, values
from hotfixture.generators.base import generator
from hotfixture.generators.pools import members, pool

if TYPE_CHECKING:
    from hotfixture.generators.base import AnyDraws, Column, Generator


def compound(name: str, lists: tuple[str, ...], *, doc: str, source: str, separator: str = " ") -> Generator:
    """The generator `name`: an entry of each data/<list>.txt, parted by `separator`."""

    def words(draws: AnyDraws) -> Column:
        lot = draws.lane(lanes.own(name))
        parts: list[Column] = []
        for lane, entries in enumerate(map(pool, lists)):
            parts += [separator] * (lane > 0 and bool(separator))
            parts.append(values.pick(entries, lot.lane(lane).below(len(entries))))
        return values.join(*parts)

    words.__doc__ = doc
    made = generator(
        name,
        source=source,
        holds=lambda value: _made_of(value, lists, separator),
        capacity=lambda: prod(len(members(each)) for each in lists),
    )
    return made(words)


def _made_of(value: str, lists: tuple[str, ...], separator: str) -> bool:
    """Whether an entry of each list, in their order, is all that the value holds."""
    rest = (value[len(entry) :] for entry in members(lists[0]) if value.startswith(entry))
    if len(lists) == 1:
        return any(not left for left in rest)
    return any(left.startswith(separator) and _made_of(left[len(separator) :], lists[1:], separator) for left in rest)
