"""One of several given values, all alike or weighted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from hotfixture.errors import OptionError
from hotfixture.generators import values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.options import Option

_WHOLE = 1 << 62


@lru_cache(maxsize=256)
def cumulative(weights: tuple[float, ...]) -> tuple[int, ...]:
    """Running sums of the weights as integers that end at 2^62: exact fractions, rounded once."""
    from fractions import Fraction
    from itertools import accumulate

    total = sum(map(Fraction, weights))
    return tuple(round(part * _WHOLE / total) for part in accumulate(map(Fraction, weights)))


def check_weights(weights: Sequence[float] | None, expected: int) -> None:
    """OptionError unless there are `expected` weights, none negative and not all zero."""
    if weights is None:
        return
    shown = ",".join(map(str, weights))
    if len(weights) != expected:
        raise OptionError("weights", shown, f"{expected} weights, not {len(weights)}")
    if any(weight < 0 for weight in weights) or not any(weights):
        raise OptionError("weights", shown, "no weight below zero, and one above it")


# `values` is the word that everybody uses for this option; the module of that name is not meant here.
def _check(*, weights: tuple[float, ...] | None, **named: Any) -> None:
    check_weights(weights, len(named["values"]))


def _possible(weights: tuple[float, ...] | None, texts: tuple[str, ...]) -> set[str]:
    if weights is None:
        return set(texts)
    return {text for text, weight in zip(texts, weights, strict=True) if weight}


@generator(
    "choices.choice",
    options=(
        Option("values", "list[text]", ("small", "medium", "large"), "The values to choose from.", low=1),
        Option("weights", "list[float]", None, "How often each one comes, in proportion; all alike if not given."),
    ),
    check=_check,
    capacity=lambda weights, **named: len(_possible(weights, named["values"])),
    holds=lambda value, weights, **named: value in _possible(weights, named["values"]),
    source="the values given",
)
def choice(draws: AnyDraws, *, weights: tuple[float, ...] | None, **named: Any) -> Column:
    """One of the values given."""
    texts: tuple[str, ...] = named["values"]
    if weights is None:
        return values.take(texts, draws.below(len(texts)))
    return values.take(texts, values.weighted(draws, cumulative(weights)))
