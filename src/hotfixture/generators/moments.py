"""Moments as columns: from counts of minutes or seconds to timestamps, the same for one and for many."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from hotfixture.generators.options import Option
from hotfixture.generators.values import Column, days_of

if TYPE_CHECKING:
    pass

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall clock's time is meant
YEAR = Option("year", "integer", 2024, "The year in which it begins; never today's.", low=1000, high=9000)


def span_of(year: int) -> tuple[int, int]:
    """When a year begins, in seconds since 1970, and how many it has."""
    first, last = days_of(date(year, 1, 1)), days_of(date(year, 12, 31))
    return first * 86_400, (last - first + 1) * 86_400


def at_second(seconds: Column) -> Column:
    """Timestamps without time zone, of seconds since 1970."""
    if isinstance(seconds, int):
        return _EPOCH + timedelta(seconds=seconds)
    import pyarrow as pa

    return pa.array(seconds * 1_000_000).view(pa.timestamp("us"))
