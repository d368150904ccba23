"""shift_dates: dates move by a number of days that is one and the same for one entity, so that intervals stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hotfixture.draws import Draws
from hotfixture.errors import RefusedError
from hotfixture.generators.options import Option
from hotfixture.transforms.masks.base import BY, DOMAIN, Mask, Site, Uniqueness
from hotfixture.transforms.masks.rows import Row

_PLAIN = r"^\d{4}-\d{2}-\d{2}([ T].*)?$"
_UNTOUCHED = r"^(-?infinity|0000-00-00( 00:00:00(\.0+)?)?)$"
"""Special values that say nothing about anybody."""
_FIRST, _LAST = np.datetime64("0001-01-01"), np.datetime64("9999-12-31")


class ShiftDates(Mask):
    """Each date moves by 1 … `days` days back or forth; the time of day and the zone stay.

    With `by`, all dates of one entity move alike, in every table that names the same column value and domain. Without
    it, all dates everywhere move alike: one date that somebody knows gives away all others, so name `by` where you can.
    """

    name = "shift_dates"
    MAIN = "days"
    OPTIONS = (
        Option("days", "integer", 30, "The largest number of days a date moves.", low=1, high=36_500),
        BY,
        DOMAIN,
    )
    uniqueness: Uniqueness = "lost"

    def __init__(self, site: Site, options: Mapping[str, Any]) -> None:
        super().__init__(site, options)
        if site.kind not in ("date", "timestamp", "text"):
            raise site.error(f"'shift_dates' moves dates, the column holds {site.kind} values", "Use noise or redact.")
        if not options["by"]:
            self.uniqueness = "kept"

    def make(self, values: pa.Array, row: Row) -> pa.Array:
        plain = pc.fill_null(pc.match_substring_regex(values, _PLAIN), False)
        days = _dates(values, plain)
        readable = ~np.isnat(days)
        self._refuse_others(values, readable)
        with np.errstate(over="ignore"):
            moved = days + self._shift(row, len(values))
            outside = (moved < _FIRST) | (moved > _LAST)
            moved = np.where(outside, days - (moved - days), moved)
        date = pa.array(moved.astype("datetime64[D]"), pa.date32(), mask=~readable).cast(pa.string())
        shifted = pc.binary_join_element_wise(date, pc.utf8_slice_codeunits(values, 10), "")
        return pc.if_else(pa.array(readable), shifted, values)

    def _shift(self, row: Row, count: int) -> NDArray[np.timedelta64]:
        days = self.options["days"]
        draws = self._draws(row, count)
        drawn = draws.below(2 * days) - days  # -days … days - 1, of which 0 and above move one further: no date stays
        days_moved: NDArray[np.timedelta64] = (drawn + (drawn >= 0)).astype("timedelta64[D]")
        return days_moved

    def _draws(self, row: Row, count: int) -> Draws:
        domain = self.options["domain"] or self.name
        if self.options["by"]:
            return row.draws(self.column.name, domain, by=self.options["by"])
        one = Draws.from_values(row.key.secret, domain, pa.array(["every date"]))
        return one.take(np.zeros(count, np.int64))

    def _refuse_others(self, values: pa.Array, readable: NDArray[np.bool_]) -> None:
        other = values.filter(pa.array(~readable)).drop_null()
        strange = pc.and_(pc.invert(pc.match_substring_regex(other, _UNTOUCHED)), pc.greater(pc.utf8_length(other), 0))
        if pc.any(strange).as_py():
            raise RefusedError(
                f"column {self.column.name!r}: {pc.sum(strange).as_py()} values are no dates that can be shifted",
                where=self.site.where,
                hint="It moves YYYY-MM-DD with or without a time, years 1 to 9999. Use redact, null or replace here.",
            )


def _dates(values: pa.Array, plain: pa.Array) -> NDArray[np.datetime64]:
    """The date of each value; NaT where it begins with none (or with one that no calendar has)."""
    text = pc.if_else(plain, pc.utf8_slice_codeunits(values, 0, 10), pa.scalar(None, pa.string()))
    parsed = pc.strptime(text, format="%Y-%m-%d", unit="s", error_is_null=True)
    days: NDArray[np.datetime64] = parsed.cast(pa.date32()).to_numpy(zero_copy_only=False).astype("datetime64[D]")
    again = parsed.cast(pa.date32()).cast(pa.string())
    wrong = pc.fill_null(pc.not_equal(again, text), True).to_numpy(zero_copy_only=False)
    days = days.copy()
    days[wrong] = np.datetime64("NaT")
    return days
