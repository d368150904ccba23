"""One of several given values, all alike or weighted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from hotfixture.errors import OptionError
from hotfixture.generators import values as columns  # `values` is what every user calls the option
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


def _check(*, values: tuple[str, ...], weights: tuple[float, ...] | None) -> None:
    check_weights(weights, len(values))


def _possible(values: tuple[str, ...], weights: tuple[float, ...] | None) -> set[str]:
    if weights is None:
        return set(values)
    return {value for value, weight in zip(values, weights, strict=True) if weight}


@generator(
    "choices.choice",
    options=(
        Option("values", "list[text]", ("small", "medium", "large"), "The values to choose from.", low=1),
        Option("weights", "list[float]", None, "How often each one comes, in proportion; all alike if not given."),
    ),
    check=_check,
    capacity=lambda values, weights: len(_possible(values, weights)),
    holds=lambda value, values, weights: value in _possible(values, weights),
    source="the values given",
)
def choice(draws: AnyDraws, *, values: tuple[str, ...], weights: tuple[float, ...] | None) -> Column:
    """One of the values given."""
    if weights is None:
        return columns.take(values, draws.below(len(values)))
    return columns.take(values, columns.weighted(draws, cumulative(weights)))
