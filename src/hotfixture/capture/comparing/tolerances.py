"""What counts as the same although it is not written the same."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?")
UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True)
class Tolerance:
    """How much two values may differ and still agree.

    Numbers agree within `absolute` or `relative` of the larger, whatever their types unless `strict_numbers`.
    Timestamps agree as instants within `seconds`, however they are spelled. Lists of objects that have one of the
    `keys` are paired by it, so that a mere reordering is a cosmetic difference.
    """

    absolute: float = 1e-9
    relative: float = 1e-9
    strict_numbers: bool = False
    """1 and 1.0 differ."""
    seconds: float = 0.0
    keys: tuple[str, ...] = ("id", "_id", "uuid")
    null_is_missing: bool = False
    """A key that is null agrees with a key that is not there."""
    any_order: bool = False
    """Lists agree in any order."""


DEFAULT = Tolerance()


def numbers_agree(one: float, other: float, tolerance: Tolerance) -> bool:
    """Whether two numbers are the same within the tolerance; NaN agrees with NaN, whole numbers are exact."""
    if one == other:
        return True
    if isinstance(one, int) and isinstance(other, int) and tolerance.absolute < 1 and tolerance.relative <= 1e-9:
        return False
    try:
        return math.isclose(one, other, rel_tol=tolerance.relative, abs_tol=tolerance.absolute) or (
            math.isnan(one) and math.isnan(other)
        )
    except OverflowError:  # whole numbers beyond what a float holds
        return False


def instant(value: Any) -> datetime | None:
    """The instant that a text spells by ISO 8601 (UTC where it names no zone); None where it spells none."""
    if not isinstance(value, str) or not TIMESTAMP.fullmatch(value):
        return None
    try:
        read = datetime.fromisoformat(value.replace(",", "."))
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def instants_agree(one: str, other: str, tolerance: Tolerance) -> bool:
    """Whether two texts spell the same instant within the tolerance."""
    first, second = instant(one), instant(other)
    if first is None or second is None:
        return False
    return abs((first - second).total_seconds()) <= tolerance.seconds


def looks(value: Any) -> str | None:
    """`uuid` or `timestamp`, for texts that are spelled as such."""
    if not isinstance(value, str):
        return None
    if UUID.fullmatch(value):
        return "uuid"
    return "timestamp" if instant(value) is not None else None
