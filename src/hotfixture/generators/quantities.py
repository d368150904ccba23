"""Measured quantities: whole or decimal numbers of a usual range, which the options `low` and `high` move."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hotfixture.generators import lanes
from hotfixture.generators.base import generator
from hotfixture.generators.numbers import refuse_empty, unscaled_bounds
from hotfixture.generators.options import Option

if TYPE_CHECKING:
    from hotfixture.generators.base import AnyDraws, Column, Generator

USUAL = "a usual range, our own choice"


def quantity(
    name: str,
    low: float,
    high: float,
    *,
    doc: str,
    digits: int = 0,
    source: str = USUAL,
    bell: bool = False,
    least: float | None = None,
    most: float | None = None,
) -> Generator:
    """The generator `name` of numbers between `low` and `high`, with `digits` decimal places (none: 64-bit integers).

    All alike, or, with `bell`, those in the middle more often. `least` and `most` bound the options themselves.
    """

    def bounds(low: Any, high: Any) -> tuple[int, int]:
        return unscaled_bounds(Decimal(repr(low)), Decimal(repr(high)), digits)

    def number(draws: AnyDraws, *, low: Any, high: Any) -> Column:
        first, last = bounds(low, high)
        drawn = first + _within(draws.lane(lanes.own(name)), last - first + 1, bell)
        return drawn / 10**digits if digits else drawn

    def holds(value: Any, low: Any, high: Any) -> bool:
        return bool(low <= value <= high) and round(value, digits) == value

    def capacity(low: Any, high: Any) -> int | None:
        first, last = bounds(low, high)
        return None if bell else last - first + 1

    def check(low: Any, high: Any) -> None:
        refuse_empty(low=low, high=high)
        bounds(low, high)

    number.__doc__ = doc
    kind = "float" if digits else "integer"
    whole = (1 << 53) // 10**digits
    limits: dict[str, Any] = {"low": -whole if least is None else least, "high": whole if most is None else most}
    options = (
        Option("low", kind, low, "Smallest value.", **limits),
        Option("high", kind, high, "Largest value, itself included.", **limits),
    )
    made = generator(
        name, type="float64" if digits else "int64", options=options, source=source, holds=holds, capacity=capacity,
        check=check,
    )  # fmt: skip
    return made(number)


def _within(draws: AnyDraws, size: int, bell: bool) -> Column:
    """Whole numbers below `size`; the mean of three draws has its hump in the middle."""
    if not bell:
        return draws.below(size)
    return (draws.lane(0).below(size) + draws.lane(1).below(size) + draws.lane(2).below(size)) // 3
