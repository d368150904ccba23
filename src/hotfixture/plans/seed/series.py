"""Numbers that follow the calendar: a level, a trend, daily, weekly and yearly seasons, and noise.

A season is a sine wave in Bhaskara I's rational form (7th century; wrong by less than 0.0017), which needs only
operations that IEEE 754 rounds exactly: the same bytes on every processor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hotfixture.generators import find
from hotfixture.plans.seed.columns import Maker, Nothing, Site
from hotfixture.plans.seed.frame import Frame
from hotfixture.plans.seed.moments import MICROSECONDS
from hotfixture.plans.seed.sources import Source, source

PERIODS: Mapping[str, int] = {
    "hourly": MICROSECONDS["h"],
    "daily": MICROSECONDS["d"],
    "weekly": MICROSECONDS["w"],
    "yearly": MICROSECONDS["d"] * 365 + MICROSECONDS["h"] * 6,
}
"""Lengths of the seasons; a week begins on Monday, a year has 365¼ days."""
_MONDAY = 4 * MICROSECONDS["d"]
"""1970 began on a Thursday."""
KEYS = ("at", "base", "trend", "noise", "low", "high", "peak", *PERIODS)


@dataclass(slots=True)
class Seasonal(Maker):
    """The value of a series at the row's time."""

    time: Source
    base: float
    trend: float
    """A day."""
    seasons: Mapping[str, float]
    peaks: Mapping[str, float]
    """At which part of its period each season is highest."""
    noise: float
    low: float | None
    high: float | None
    address: str
    arrow: pa.DataType

    def at(self, frame: Frame) -> pa.Array:
        moments = self.time.at(frame)
        whole = moments.cast(pa.timestamp("us", getattr(moments.type, "tz", None))).cast(pa.int64())
        times = whole.fill_null(0).to_numpy()
        values = self.base + self.trend * (times / MICROSECONDS["d"])
        for name, size in self.seasons.items():
            values = values + size * wave(_phase(times, name) - self.peaks.get(name, 0.0) + 0.25)
        if self.noise:
            drawn = find("distributions.normal")(frame.draws(self.address), mean=0.0, deviation=self.noise)
            values = values + drawn.to_numpy()
        return self._typed(np.clip(values, self.low, self.high) if (self.low, self.high) != (None, None) else values)

    def _typed(self, values: NDArray[np.float64]) -> pa.Array:
        if pa.types.is_integer(self.arrow):
            return pa.array(np.rint(values).astype(np.int64)).cast(self.arrow)
        if pa.types.is_decimal(self.arrow):
            return _decimals(np.rint(values * 10**self.arrow.scale).astype(np.int64), self.arrow)
        return pa.array(values).cast(self.arrow)


def _decimals(scaled: NDArray[np.int64], arrow: pa.DataType) -> pa.Array:
    """Whole numbers of the last place as decimals, which are little-endian 128-bit integers."""
    words = np.ascontiguousarray(np.stack([scaled, scaled >> 63], axis=1).astype("<i8", copy=False))
    return pa.Array.from_buffers(arrow, len(scaled), [None, pa.py_buffer(words)])


def _phase(times: NDArray[np.int64], season: str) -> NDArray[np.float64]:
    """Where in its period each time is, in [0, 1)."""
    period = PERIODS[season]
    shifted = times - _MONDAY if season == "weekly" else times
    return (shifted % period) / period


def wave(turns: NDArray[np.float64]) -> NDArray[np.float64]:
    """A sine of whole turns: 0 at 0, 1 at a quarter, -1 at three quarters."""
    part = turns - np.floor(turns)
    half = np.where(part < 0.5, part, part - 0.5) * 2.0
    arch = 16.0 * half * (1.0 - half) / (5.0 - 4.0 * half * (1.0 - half))
    return np.where(part < 0.5, arch, -arch)


def make(site: Site) -> Maker:
    """The maker of a column with `series: {at: measured_at, base: 100, daily: 20, noise: 3}`."""
    node, reader = site.fields["series"], site.reader
    fields = reader.mapping(node, "series", KEYS, required=("at",))
    if "at" not in fields:
        return Nothing()
    time = source(site, reader.text(fields["at"], "at"), fields["at"].where)
    if time is None:
        return Nothing()
    if not (pa.types.is_timestamp(time.arrow) or pa.types.is_date(time.arrow)):
        return site.problem("series: 'at' names a column of dates or timestamps", fields["at"].where)
    number = {name: reader.number(inner, name) for name, inner in fields.items() if name not in ("at", "peak")}
    arrow = site.declared.arrow if site.declared else pa.float64()
    if not (pa.types.is_integer(arrow) or pa.types.is_floating(arrow) or pa.types.is_decimal(arrow)):
        return site.problem(f"series makes numbers, the column is {site.column.type}", node.where)
    peaks = reader.mapping(fields["peak"], "peak", tuple(PERIODS)) if "peak" in fields else {}
    return Seasonal(
        time,
        number.get("base", 0.0),
        number.get("trend", 0.0),
        {name: number[name] for name in PERIODS if name in number},
        {name: reader.number(inner, "peak", low=0, high=1) for name, inner in peaks.items()},
        number.get("noise", 0.0),
        number.get("low"),
        number.get("high"),
        site.address,
        arrow,
    )
