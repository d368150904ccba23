"""Plain numbers and truth values: every one of a range equally likely."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hotfixture.errors import OptionError
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.options import Option

if TYPE_CHECKING:
    import pyarrow as pa

INT64_LOW, INT64_HIGH = -(1 << 63), (1 << 63) - 1
_FLOAT_EXACT = 1 << 53  # integers up to here are floats, so one division rounds once


def refuse_empty(*, low: Any, high: Any, **_: Any) -> None:
    """OptionError where `low` lies above `high`."""
    if low > high:
        raise OptionError("low", low, f"at most high={high}")


def _low(default: Any, kind: str, **bounds: Any) -> Option:
    return Option("low", kind, default, "Smallest value.", **bounds)


def _high(default: Any, kind: str, **bounds: Any) -> Option:
    return Option("high", kind, default, "Largest value, itself included.", **bounds)


@generator(
    "numbers.integer",
    type="int64",
    options=(
        _low(0, "integer", low=INT64_LOW, high=INT64_HIGH),
        _high(1_000_000, "integer", low=INT64_LOW, high=INT64_HIGH),
    ),
    check=refuse_empty,
    capacity=lambda low, high: high - low + 1,
    holds=lambda value, low, high: low <= value <= high,
    source="uniform by definition",
)
def integer(draws: AnyDraws, *, low: int, high: int) -> Column:
    """A whole number of the range."""
    # Above 2^63 values `below` wraps into the negative numbers; adding `low` wraps it back to where it belongs.
    return low + draws.below(high - low + 1)


@generator(
    "numbers.boolean",
    type="bool",
    options=(Option("share", "float", 0.5, "How much of all values is true.", low=0, high=1),),
    capacity=lambda share: 1 if share in (0, 1) else 2,
    holds=lambda value, share: isinstance(value, bool) and (value or share < 1) and (not value or share > 0),
    source="uniform by definition",
)
def boolean(draws: AnyDraws, *, share: float) -> Column:
    """True or false."""
    return draws.unit() < share


def unscaled_bounds(low: Decimal, high: Decimal, scale: int) -> tuple[int, int]:
    """The smallest and largest n with low <= n / 10^scale <= high; OptionError where there is none in 64 bits."""
    from fractions import Fraction
    from math import ceil, floor

    first, last = ceil(Fraction(low) * 10**scale), floor(Fraction(high) * 10**scale)
    if first > last:
        raise OptionError("low", low, f"at most high={high}, with a number of {scale} decimal places between")
    for name, bound, value in (("low", first, low), ("high", last, high)):
        if not INT64_LOW <= bound <= INT64_HIGH:
            raise OptionError(name, value, f"at most 18 digits, the {scale} decimal places included")
    return first, last


def decimal_type(low: Decimal, high: Decimal, scale: int) -> pa.DataType:
    """decimal128, just wide enough for both bounds."""
    import pyarrow as pa

    first, last = unscaled_bounds(low, high, scale)
    return pa.decimal128(max(len(str(abs(first))), len(str(abs(last))), scale, 1), scale)


def decimals(draws: AnyDraws, low: Decimal, high: Decimal, scale: int) -> Column:
    """Decimals between `low` and `high` with `scale` places, drawn as whole numbers of the last place."""
    first, last = unscaled_bounds(low, high, scale)
    number = first + draws.below(last - first + 1)
    if isinstance(number, int):
        return Decimal(f"{number}e-{scale}")
    import numpy as np
    import pyarrow as pa

    # decimal128 is a little-endian 128-bit integer: the number and its sign, extended.
    words = np.ascontiguousarray(np.stack([number, number >> 63], axis=1).astype("<i8", copy=False))
    return pa.Array.from_buffers(decimal_type(low, high, scale), len(number), [None, pa.py_buffer(words)])


def is_decimal(value: Any, low: Decimal, high: Decimal, scale: int) -> bool:
    """Whether `value` is a Decimal of the range with exactly `scale` places."""
    return isinstance(value, Decimal) and low <= value <= high and value.as_tuple().exponent == -scale


def decimal_capacity(low: Decimal, high: Decimal, scale: int) -> int:
    """How many decimals with `scale` places lie between the bounds."""
    first, last = unscaled_bounds(low, high, scale)
    return last - first + 1


def _check_decimal(*, low: Decimal, high: Decimal, scale: int) -> None:
    unscaled_bounds(low, high, scale)


@generator(
    "numbers.decimal",
    type=decimal_type,
    options=(
        _low(Decimal(0), "decimal"),
        _high(Decimal(1000), "decimal"),
        Option("scale", "integer", 2, "Decimal places.", low=0, high=18),
    ),
    check=_check_decimal,
    capacity=decimal_capacity,
    holds=is_decimal,
    source="uniform by definition",
)
def decimal(draws: AnyDraws, *, low: Decimal, high: Decimal, scale: int) -> Column:
    """An exact decimal number of the range."""
    return decimals(draws, low, high, scale)


def _float_bounds(low: float, high: float, digits: int) -> tuple[int, int]:
    """The range in units of the last decimal place, of the numbers as they are written."""
    first, last = unscaled_bounds(Decimal(repr(low)), Decimal(repr(high)), digits)
    for name, bound, value in (("low", first, low), ("high", last, high)):
        if abs(bound) > _FLOAT_EXACT:
            raise OptionError(name, value, f"at most 15 digits, the {digits} decimal places included")
    return first, last


def _check_float(*, low: float, high: float, digits: int) -> None:
    _float_bounds(low, high, digits)


def _float_capacity(low: float, high: float, digits: int) -> int:
    first, last = _float_bounds(low, high, digits)
    return last - first + 1


def _is_float(value: Any, low: float, high: float, digits: int) -> bool:
    return isinstance(value, float) and low <= value <= high and round(value, digits) == value


@generator(
    "numbers.float",
    type="float64",
    options=(
        _low(0.0, "float"),
        _high(1.0, "float"),
        Option("digits", "integer", 3, "Decimal places.", low=0, high=15),
    ),
    check=_check_float,
    capacity=_float_capacity,
    holds=_is_float,
    source="uniform by definition",
)
def floating(draws: AnyDraws, *, low: float, high: float, digits: int) -> Column:
    """A floating-point number of the range, rounded to a number of decimal places."""
    first, last = _float_bounds(low, high, digits)
    return (first + draws.below(last - first + 1)) / 10**digits
