"""Masks of quantities: noise moves a number a little, bucket says only in which span it lies."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hotfixture.errors import RefusedError
from hotfixture.generators.options import Option
from hotfixture.transforms.kinds import NUMERIC, decimal_bound, integer_bounds
from hotfixture.transforms.masks.base import BY, DOMAIN, Mask, OwnValue, Site
from hotfixture.transforms.masks.rows import Row

_NUMBER = r"^[-+]?\d+(\.\d*)?([eE][-+]?\d+)?$"
_NO_NUMBER = r"^(?i)([-+]?(nan|inf(inity)?))?$"
PERIODS = ("day", "week", "month", "quarter", "year")


def numbers(values: pa.Array, mask: Mask) -> NDArray[np.float64]:
    """The values as floats, NaN for nulls and for what is not finite; RefusedError for what is no number."""
    plain = pc.fill_null(pc.match_substring_regex(values, _NUMBER), False)
    strange = pc.invert(pc.or_(plain, pc.fill_null(pc.match_substring_regex(values, _NO_NUMBER), True)))
    if pc.any(strange).as_py():
        raise RefusedError(
            f"column {mask.column.name!r}: {pc.sum(strange).as_py()} values are no numbers that {mask.name!r} can mask",
            where=mask.site.where,
            hint="Use redact, null or replace for a column of texts.",
        )
    text = pc.if_else(plain, values, pa.scalar(None, pa.string()))
    parsed: NDArray[np.float64] = text.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return parsed


def decimals_of(values: pa.Array) -> NDArray[np.int64]:
    """How many digits stand behind each value's point; none for an exponent."""
    fraction = pc.struct_field(pc.extract_regex(values, r"\.(?P<digits>\d+)$"), "digits")
    count: NDArray[np.int64] = pc.fill_null(pc.binary_length(fraction), 0).to_numpy(zero_copy_only=False)
    return count.astype(np.int64)


def written(amounts: NDArray[np.float64], decimals: NDArray[np.int64]) -> pa.Array:
    """Each amount with so many digits behind the point."""
    made = np.empty(len(amounts), object)
    for places in np.unique(decimals):
        rows = np.flatnonzero(decimals == places)
        made[rows] = [f"{amount:.{places}f}" if isfinite(amount) else None for amount in amounts[rows].tolist()]
    return pa.array(made, pa.string())


class Noise(Mask):
    """The number, moved by a share of itself (`relative`) or by at most so much (`absolute`); its sign stays.

    The noise is drawn from the value (or from `by`), so that asking again gives the same answer and averaging over
    exports tells nothing more. Many rows of one average still give that average away: that is what noise is for.
    """

    name = "noise"
    MAIN = "relative"
    OPTIONS = (
        Option("relative", "float", None, "The largest share of the value it moves by.", low=0.0001, high=1.0),
        Option("absolute", "float", None, "The largest amount it moves by.", low=0),
        BY,
        DOMAIN,
    )

    def __init__(self, site: Site, options: Mapping[str, Any]) -> None:
        super().__init__(site, options)
        if site.kind not in (*NUMERIC, "text"):
            raise site.error(f"'noise' moves numbers, the column holds {site.kind} values", "For dates: shift_dates.")
        if (options["relative"] is None) == (options["absolute"] is None):
            raise site.error("'noise' needs one of 'relative' and 'absolute'", "Write {noise: {relative: 0.1}}.")

    def make(self, values: pa.Array, row: Row) -> pa.Array:
        amounts = numbers(values, self)
        draws = row.draws(self.column.name, self.options["domain"] or self.name, by=self.options["by"])
        share = draws.unit() * 2 - 1
        size = np.abs(amounts) * self.options["relative"] if self.options["relative"] else self.options["absolute"]
        decimals = decimals_of(values) * (self.site.kind != "integer")
        moved = np.where(amounts < 0, -1.0, 1.0) * np.abs(amounts + share * size)
        return self._kept(values, np.isfinite(amounts), written(self._inside(moved, decimals), decimals))

    def _inside(self, moved: NDArray[np.float64], decimals: NDArray[np.int64]) -> NDArray[np.float64]:
        if self.site.kind != "integer":
            bound = decimal_bound(self.column)
            if bound is None:
                return moved
            most = bound - np.array([0.1**places for places in range(40)])[np.minimum(decimals, 39)]
            return np.clip(moved, -most, most)
        low, high = integer_bounds(self.column)
        return np.clip(np.rint(moved), low, float(np.nextafter(float(high), 0)) if high >= 1 << 53 else high)

    @staticmethod
    def _kept(values: pa.Array, finite: NDArray[np.bool_], made: pa.Array) -> pa.Array:
        """NaN and infinity stay what they are."""
        return pc.if_else(pa.array(finite), made, values)


class Bucket(OwnValue):
    """The lower edge of the span in which a number or date lies: {bucket: 10}, {bucket: [0, 18]}, {bucket: month}."""

    name = "bucket"
    MAIN = "width"
    NESTED = ("width", "edges")

    def __init__(self, site: Site, options: Mapping[str, Any]) -> None:
        super().__init__(site, options)
        self.width, self.edges = options.get("width"), options.get("edges")
        if isinstance(self.width, list):
            self.width, self.edges = None, self.width
        self._examine()

    def _examine(self) -> None:
        dates = self.site.kind in ("date", "timestamp")
        if self.width in PERIODS and (dates or self.site.kind == "text"):
            return
        sound = (self.width is None) != (self.edges is None)
        for amount in self.edges if isinstance(self.edges, list) else [self.width]:
            sound = sound and isinstance(amount, int | float) and not isinstance(amount, bool)
        if not sound or (self.width is not None and not self.width > 0) or (self.edges and len(self.edges) < 2):
            raise self.site.error(
                "'bucket' needs a 'width' above 0 or at least two 'edges'",
                f"Write {{bucket: 10}}, {{bucket: [0, 18]}} or, for dates, one of {', '.join(PERIODS)}.",
            )
        if self.site.kind not in (*NUMERIC, "text"):
            raise self.site.error(
                f"'bucket' with numbers does not fit {self.site.kind} values", "For dates: {bucket: month}."
            )

    def change(self, values: pa.Array, row: Row) -> pa.Array:  # noqa: ARG002 - each value alone decides
        if self.width in PERIODS:
            return self._period(values)
        amounts = numbers(values, self)
        if self.edges is not None:
            edges = np.sort(np.asarray(self.edges, np.float64))
            lower = edges[np.clip(np.searchsorted(edges, amounts, "right") - 1, 0, len(edges) - 1)]
        else:
            width = float(self.width or 1)
            lower = np.floor(amounts / width) * width
        if self.site.kind == "integer":
            lower = np.maximum(lower, float(integer_bounds(self.column)[0]))
        lower = np.where(np.isfinite(amounts), lower, np.nan)
        places = max((_places(edge) for edge in self.edges or [self.width]), default=0)
        made = written(lower, np.full(len(lower), places))
        return pc.if_else(pa.array(np.isfinite(amounts)), made, values)

    def _period(self, values: pa.Array) -> pa.Array:
        day = pc.strptime(pc.utf8_slice_codeunits(values, 0, 10), format="%Y-%m-%d", unit="s", error_is_null=True)
        if pc.any(pc.and_(pc.is_null(day), pc.fill_null(pc.match_substring_regex(values, "[1-9]"), False))).as_py():
            raise RefusedError(
                f"column {self.column.name!r} holds values that are no dates", where=self.site.where, hint="Use redact."
            )
        start = pc.floor_temporal(day, unit=self.width).cast(pa.date32()).cast(pa.string())
        tail = " 00:00:00" if self.site.kind == "timestamp" else ""
        return pc.coalesce(pc.binary_join_element_wise(start, tail, ""), values)


def _places(amount: float) -> int:
    """Digits behind the point that the amount needs."""
    return len(str(amount).partition(".")[2].rstrip("0"))
