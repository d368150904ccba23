"""Moments as columns: from counts of minutes or seconds to timestamps, the same for one and for many."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hotfixture.generators.values import Column

if TYPE_CHECKING:
    import pyarrow as pa

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall clock's time is meant
START_2024 = 1_704_067_200
"""2024-01-01 in seconds since 1970; the year has SECONDS_2024 of them."""
SECONDS_2024 = 366 * 86_400


def timestamp_type(**_: Any) -> pa.DataType:
    """The Arrow type of what `at_second` makes."""
    import pyarrow as pa

    return pa.timestamp("us")


def at_second(seconds: Column) -> Column:
    """Timestamps without time zone, of seconds since 1970."""
    if isinstance(seconds, int):
        return _EPOCH + timedelta(seconds=seconds)
    import pyarrow as pa

    return pa.array(seconds * 1_000_000).view(pa.timestamp("us"))
