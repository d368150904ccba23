"""One of several given values, all alike or weighted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from hotfixture.errors import OptionError
from hotfixture.generators import values as columns  def _check(*, values: tuple[str, ...], weights: tuple[float, ...] | None) -> None:
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
