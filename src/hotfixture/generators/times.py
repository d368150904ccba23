"""Dates, times of day, timestamps and durations: every one of a range equally likely, never asked from the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from hotfixture.errors import OptionError
from hotfixture.generators import values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.numbers import refuse_empty
from hotfixture.generators.options import Option

if TYPE_CHECKING:
    import pyarrow as pa

_MICROSECOND = timedelta(microseconds=1)
_SECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_START, _END = date(2015, 1, 1), date(2024, 12, 31)


def _bounds(kind: str, low: Any, high: Any) -> tuple[Option, Option]:
    return (
        Option("low", kind, low, "Earliest value."),
        Option("high", kind, high, "Latest value, itself included."),
    )


def _within(value: Any, low: Any, high: Any) -> bool:
    return bool(low <= value <= high)


@generator(
    "times.date",
    type="date32",
    options=_bounds("date", _START, _END),
    check=refuse_empty,
    capacity=lambda low, high: (high - low).days + 1,
    holds=_within,
    source="uniform by definition",
)
def calendar_date(draws: AnyDraws, *, low: date, high: date) -> Column:
    """A calendar date of the range."""
    return values.date_at(values.days_of(low) + draws.below((high - low).days + 1))


def _time_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    return pa.time64("us")


def _microseconds(moment: time) -> int:
    seconds = (moment.hour * 60 + moment.minute) * 60 + moment.second
    return seconds * _SECOND + moment.microsecond


def _check_time(*, low: time, high: time) -> None:
    for name, bound in (("low", low), ("high", high)):
        if bound.tzinfo is not None:
            raise OptionError(name, bound, "a time of day without an offset")
    refuse_empty(low=low, high=high)


@generator(
    "times.time",
    type=_time_type,
    options=_bounds("time", time(0, 0), time(23, 59, 59, 999_999)),
    check=_check_time,
    capacity=lambda low, high: _microseconds(high) - _microseconds(low) + 1,
    holds=_within,
    source="uniform by definition",
)
def time_of_day(draws: AnyDraws, *, low: time, high: time) -> Column:
    """A time of day of the range, to the microsecond."""
    first = _microseconds(low)
    moment = first + draws.below(_microseconds(high) - first + 1)
    if isinstance(moment, int):
        return (_EPOCH + timedelta(microseconds=moment)).time()
    import pyarrow as pa

    return pa.array(moment).view(pa.time64("us"))


def zone_of(name: str | None) -> tzinfo | None:
    """The time zone of that name in the IANA database; OptionError where there is none."""
    if name is None:
        return None
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise OptionError("timezone", name, "a time zone of the IANA database, such as Europe/Berlin or UTC") from None


def instant(moment: datetime) -> int:
    """Microseconds since 1970-01-01 UTC; a moment without offset counts as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _MICROSECOND


def _moment(microseconds: int, zone: tzinfo | None) -> datetime:
    """The datetime of an instant; by way of UTC, so that an hour which a zone's clocks skip is never reached."""
    found = _EPOCH + timedelta(microseconds=microseconds)
    return found.astimezone(zone) if zone else found.replace(tzinfo=None)


def _timestamp_type(*, timezone: str | None, **_: Any) -> pa.DataType:
    import pyarrow as pa

    return pa.timestamp("us", tz=timezone)


def _check_timestamp(*, low: datetime, high: datetime, timezone: str | None) -> None:
    zone = zone_of(timezone)
    for name, bound in (("low", low), ("high", high)):
        if bound.tzinfo is not None and timezone is None:
            raise OptionError(name, bound, "a timestamp without an offset where no timezone is given")
        try:
            _moment(instant(bound), zone)
        except OverflowError:
            expected = f"a moment that clocks of timezone={timezone} show within the years 1 to 9999"
            raise OptionError(name, bound, expected) from None
    refuse_empty(low=instant(low), high=instant(high))


def _is_timestamp(value: Any, low: datetime, high: datetime, timezone: str | None) -> bool:
    return (value.tzinfo is not None) == (timezone is not None) and instant(low) <= instant(value) <= instant(high)


@generator(
    "times.timestamp",
    type=_timestamp_type,
    options=(
        *_bounds("timestamp", datetime(2015, 1, 1), datetime(2024, 12, 31, 23, 59, 59, 999_999)),  # noqa: DTZ001 - a wall clock's time is meant
        Option(
            "timezone",
            "text",
            None,
            "Time zone of the values (IANA name); bounds without an offset are UTC.",
            fold=lambda name: "UTC" if name.upper() == "UTC" else name,
        ),
    ),
    check=_check_timestamp,
    capacity=lambda low, high, timezone: instant(high) - instant(low) + 1,  # noqa: ARG005 - every option is passed
    holds=_is_timestamp,
    source="uniform by definition",
)
def timestamp(draws: AnyDraws, *, low: datetime, high: datetime, timezone: str | None) -> Column:
    """A moment of the range, to the microsecond; with a time zone an instant, else what a clock on the wall shows."""
    first = instant(low)
    moment = draws.below(instant(high) - first + 1) + first
    if isinstance(moment, int):
        return _moment(moment, zone_of(timezone))
    import pyarrow as pa

    return pa.array(moment).view(pa.timestamp("us", tz=timezone))


def _interval_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    return pa.duration("us")


_LONGEST = 100_000 * 366 * 86_400


@generator(
    "times.interval",
    type=_interval_type,
    options=(
        Option("low", "integer", 0, "Shortest duration in seconds.", low=-_LONGEST, high=_LONGEST),
        Option(
            "high", "integer", 86_400, "Longest duration in seconds, itself included.", low=-_LONGEST, high=_LONGEST
        ),
    ),
    check=refuse_empty,
    capacity=lambda low, high: (high - low) * _SECOND + 1,
    holds=lambda value, low, high: timedelta(seconds=low) <= value <= timedelta(seconds=high),
    source="uniform by definition",
)
def interval(draws: AnyDraws, *, low: int, high: int) -> Column:
    """A duration of the range, to the microsecond."""
    length = low * _SECOND + draws.below((high - low) * _SECOND + 1)
    if isinstance(length, int):
        return timedelta(microseconds=length)
    import pyarrow as pa

    return pa.array(length).view(pa.duration("us"))
