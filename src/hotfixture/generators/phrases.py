"""Generators that are nothing but templates: `The {media/adjective} {media/noun}`, one of several, all alike.

What stands in braces: a list under data/ (`{media/noun}`, or a column of a table, `{food/dish:dish}`), alternatives
(`{new|used}`), a range (`{1..40}`, `{01..12}`), or a mask (`{##}`: digits, `{@}`: letters without I and O).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from hotfixture.generators import lanes, values
from hotfixture.generators.base import generator
from hotfixture.generators.pools import Pool, pool, table

if TYPE_CHECKING:
    from hotfixture.generators.base import AnyDraws, Column, Generator

OWN_WORDS = "our own word lists and templates; whoever or whatever bears such a name does so by chance"
_SIGNS = {"#": "0123456789", "@": "ABCDEFGHJKLMNPQRSTUVWXYZ"}


class _Slot(NamedTuple):
    """One place of all templates at once: what each may put there, end to end."""

    entries: Pool
    starts: list[int]
    sizes: list[int]


def phrase(name: str, *templates: str, doc: str, source: str = OWN_WORDS) -> Generator:
    """The generator `name`: one of the templates, all alike, its braces filled independently."""

    def text(draws: AnyDraws) -> Column:
        return phrases(draws.lane(lanes.own(name)), *templates)

    text.__doc__ = doc
    made = generator(
        name,
        source=source,
        holds=lambda value: is_phrase(value, *templates),
        capacity=lambda: phrases_possible(*templates),
    )
    return made(text)


def phrases(draws: AnyDraws, *templates: str) -> Column:
    """The templates filled, for generators that do more."""
    which, first, *more = draws.lane(0).below(len(templates)), *_slots(templates)
    return values.join(*(_filled(draws.lane(1 + i), which, slot) for i, slot in enumerate((first, *more))))


def _filled(draws: AnyDraws, which: Column, slot: _Slot) -> Column:
    if len(slot.sizes) == 1:
        return values.pick(slot.entries, draws.below(slot.sizes[0]))
    index = values.lookup(slot.starts, which) + values.scaled(draws, values.lookup(slot.sizes, which))
    return values.pick(slot.entries, index)


def is_phrase(value: str, *templates: str) -> bool:
    """Whether the value is one of the templates, filled."""
    return any(pattern.fullmatch(value) for pattern in map(_pattern, templates))


def phrases_possible(*templates: str) -> int:
    """How many texts there are at most; two templates may make the same."""
    from math import prod

    return sum(prod(len(set(_choices(slot))) for _, slot in _cut(each) if slot) for each in set(templates))


@cache
def _slots(templates: tuple[str, ...]) -> tuple[_Slot, ...]:
    """The templates beside each other, place by place; shorter ones end in empty places."""
    filled = [[_around(literal, slot) for literal, slot in _joined(template)] for template in templates]
    longest = max(map(len, filled))
    return tuple(_slot([row[place] if place < len(row) else [""] for row in filled]) for place in range(longest))


def _slot(rows: list[list[str]]) -> _Slot:
    sizes = [len(row) for row in rows]
    starts = [sum(sizes[:place]) for place in range(len(sizes))]
    return _Slot(Pool([entry for row in rows for entry in row]), starts, sizes)


def _around(literal: tuple[str, str], slot: str) -> list[str]:
    return [f"{literal[0]}{entry}{literal[1]}" for entry in (_choices(slot) if slot else [""])]


def _joined(template: str) -> Iterator[tuple[tuple[str, str], str]]:
    """The slots with the text before each; what follows the last one goes with it."""
    parts = list(_cut(template))
    tail = parts.pop()[0] if len(parts) > 1 and not parts[-1][1] else ""
    for place, (literal, slot) in enumerate(parts):
        yield (literal, tail if place == len(parts) - 1 else ""), slot


def _cut(template: str) -> Iterator[tuple[str, str]]:
    """The template as pairs of a plain text and the slot behind it, which is empty where the template ends."""
    *slots, end = template.split("}")
    for piece in slots:
        literal, _, slot = piece.partition("{")
        yield literal, slot
    if end or not slots:
        yield end, ""


@cache
def _choices(slot: str) -> list[str]:
    """All that a slot may hold."""
    if "|" in slot:
        return slot.split("|")
    if ".." in slot:
        low, _, high = slot.partition("..")
        return [f"{number:0{len(low)}d}" for number in range(int(low), int(high) + 1)]
    if "/" in slot:
        name, _, column = slot.partition(":")
        return sorted({str(cell) for cell in table(name)[column].lines}) if column else list(pool(name).lines)
    from itertools import product

    return ["".join(signs) for signs in product(*(_SIGNS[sign] for sign in slot))]


@cache
def _pattern(template: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - re.Pattern, whose module is imported on use
    """The regular expression of what a template may become."""
    import re

    parts = (re.escape(literal) + (_alternatives(slot) if slot else "") for literal, slot in _cut(template))
    return re.compile("".join(parts))


def _alternatives(slot: str) -> str:
    import re

    if set(slot) <= set(_SIGNS):
        return "".join(f"[{_SIGNS[sign]}]" for sign in slot)
    return f"(?:{'|'.join(map(re.escape, _choices(slot)))})"
