"""Exact decimals out of whole numbers of their last place: money in cents, marks in tenths."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hotfixture.generators.base import Column

if TYPE_CHECKING:
    import pyarrow as pa


def exact_type(digits: int, scale: int) -> Callable[..., pa.DataType]:
    """A function that makes decimal128(digits, scale), whatever the options."""

    def typed(**_: Any) -> pa.DataType:
        import pyarrow as pa

        return pa.decimal128(digits, scale)

    return typed


def exact(number: Column, digits: int, scale: int) -> Column:
    """The whole numbers divided by 10^scale, as decimals of at most `digits` digits."""
    if isinstance(number, int):
        from decimal import Decimal

        return Decimal(f"{number}e-{scale}")
    import numpy as np
    import pyarrow as pa

    # decimal128 is a little-endian 128-bit integer: the number and its sign, extended.
    words = np.ascontiguousarray(np.stack([number, number >> 63], axis=1).astype("<i8", copy=False))
    return pa.Array.from_buffers(pa.decimal128(digits, scale), len(number), [None, pa.py_buffer(words)])


def is_exact(value: Any, scale: int, low: int, high: int) -> bool:
    """Whether `value` is a Decimal with `scale` places and between `low` and `high` units of the last place."""
    from decimal import Decimal

    return isinstance(value, Decimal) and value.as_tuple().exponent == -scale and low <= value.scaleb(scale) <= high
