"""Several values in one: lists of varying length, and entries drawn without repetition."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hotfixture.generators import values
from hotfixture.generators.base import AnyDraws, Column

if TYPE_CHECKING:
    import pyarrow as pa


def distinct(draws: AnyDraws, size: int, count: int) -> list[Column]:
    """`count` different numbers below `size`, every set of them alike (R. W. Floyd's sampling, Algorithm P)."""
    found: list[Column] = []
    for lane, last in enumerate(range(size - count, size)):
        drawn = draws.lane(lane).below(last + 1)
        taken: Column = drawn != drawn  # noqa: PLR0124 - false, for one or for many
        for earlier in found:
            taken = taken | (drawn == earlier)
        found.append(values.where(taken, last, drawn))
    return found


def lists(count: Column, columns: list[Column], type: Callable[[], pa.DataType] | None = None) -> Column:  # noqa: A002 - the plain word
    """The first `count` of each row's columns as a list; `type` makes the Arrow type of one value."""
    if isinstance(count, int):
        return columns[:count]
    import numpy as np
    import pyarrow as pa

    wanted = type() if type else pa.string()
    arrays = [pa.array(values.ready(column)) if not isinstance(column, pa.Array) else column for column in columns]
    rows = len(count)
    flat = pa.concat_arrays([array if array.type == wanted else array.cast(wanted) for array in arrays])
    places = np.arange(len(columns)) * rows + np.arange(rows)[:, None]
    kept = places[np.arange(len(columns)) < np.asarray(count)[:, None]]
    offsets = np.concatenate(([0], np.cumsum(count))).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), flat.take(pa.array(kept)))
