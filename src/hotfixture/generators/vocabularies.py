"""Generators that are nothing but a list: one of the lines of a data file, all alike or as often as the file says.

A whole generator is one statement, and a file under data/::

    symptom = vocabulary("health.symptom", "health/symptom", doc="A symptom in plain words.")
    blood_type = weighted_vocabulary("health.blood_type", "health/blood_type", doc="…", source="…")

A vocabulary draws from a lane of its own name, so that two of them, given the same draws, are independent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from hotfixture.generators import lanes, values
from hotfixture.generators.base import generator
from hotfixture.generators.options import Option
from hotfixture.generators.pools import Pool, members, pool, table

if TYPE_CHECKING:
    from hotfixture.generators.base import AnyDraws, Column, Generator

OWN_LIST = "our own list, in plain words"


def vocabulary(name: str, words: str, *, doc: str, source: str = OWN_LIST) -> Generator:
    """The generator `name`, which gives one of the lines of data/<words>.txt, all alike; `doc` is its documentation."""

    def word(draws: AnyDraws) -> Column:
        entries = pool(words)
        return values.take(entries, draws.lane(lanes.own(name)).below(len(entries)))

    word.__doc__ = doc
    made = generator(
        name,
        source=source,
        holds=lambda value: value in members(words),
        capacity=lambda: len(members(words)),
    )
    return made(word)


@cache
def _weights(words: str) -> tuple[int, ...]:
    """Running sums of the weights of data/<words>.tsv."""
    from itertools import accumulate

    return tuple(accumulate(table(words)["weight"].lines))


@cache
def _drawn(words: str) -> frozenset[str]:
    """The values of data/<words>.tsv that come at all."""
    columns = table(words)
    return frozenset(
        value for value, weight in zip(columns["value"].lines, columns["weight"].lines, strict=True) if weight
    )


def weighted_vocabulary(name: str, words: str, *, doc: str, source: str = OWN_LIST) -> Generator:
    """The generator `name`: a `value` of data/<words>.tsv, as often as its `weight`, a whole number, says."""

    def word(draws: AnyDraws) -> Column:
        return values.take(table(words)["value"], values.weighted(draws.lane(lanes.own(name)), _weights(words)))

    word.__doc__ = doc
    made = generator(
        name,
        source=source,
        holds=lambda value: value in _drawn(words),
        capacity=lambda: len(_drawn(words)),
    )
    return made(word)


def enumeration(
    name: str, entries: Callable[..., Sequence[str]], *, doc: str, source: str, options: tuple[Option, ...] = ()
) -> Generator:
    """The generator `name`, which gives one of `entries(**options)`, all alike; computed once for each choice."""

    @cache
    def listed(**chosen: Any) -> Pool:
        return Pool(list(entries(**chosen)))

    @cache
    def distinct(**chosen: Any) -> frozenset[str]:
        return frozenset(listed(**chosen).lines)

    def entry(draws: AnyDraws, **chosen: Any) -> Column:
        return values.take(listed(**chosen), draws.lane(lanes.own(name)).below(len(listed(**chosen))))

    entry.__doc__ = doc
    made = generator(
        name,
        options=options,
        source=source,
        holds=lambda value, **chosen: value in distinct(**chosen),
        capacity=lambda **chosen: len(distinct(**chosen)),
    )
    return made(entry)
