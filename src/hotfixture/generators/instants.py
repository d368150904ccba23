"""Moments in other notations and relations: Unix time, formatted texts, past and future of a given now, at work."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from hotfixture.errors import OptionError
from hotfixture.generators import calendars, values
from hotfixture.generators.base import AnyDraws, Column, Generator, generator
from hotfixture.generators.numbers import refuse_empty
from hotfixture.generators.options import Option
from hotfixture.generators.pools import Pool, table
from hotfixture.generators.times import instant
from hotfixture.generators.vocabularies import vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

_SECOND, _DAY = 1_000_000, 86_400_000_000
_RANGE = (
    Option("low", "timestamp", datetime(2015, 1, 1), "Earliest moment; UTC where it has no offset."),  # noqa: DTZ001 - UTC, as the help says
    Option("high", "timestamp", datetime(2024, 12, 31, 23, 59, 59), "Latest moment, itself included."),  # noqa: DTZ001 - UTC
)

time_zone = vocabulary(
    "times.time_zone", "times/zone", doc="The name of a time zone.", source="the IANA Time Zone Database, zone.tab"
)
utc_offset = vocabulary(
    "times.utc_offset",
    "times/offset",
    doc="A distance from UTC that clocks somewhere keep.",
    source="the IANA Time Zone Database",
)


def _refuse_order(*, low: datetime, high: datetime, **_: Any) -> None:
    refuse_empty(low=instant(low), high=instant(high))


def _seconds(draws: AnyDraws, low: datetime, high: datetime) -> Column:
    """Seconds since 1970-01-01 UTC."""
    first, last = -(-instant(low) // _SECOND), instant(high) // _SECOND
    return first + draws.below(max(last - first, 0) + 1)


_UNITS = {"seconds": 1, "milliseconds": 1000, "microseconds": 1_000_000}


@generator(
    "times.unix_timestamp",
    type="int64",
    options=(*_RANGE, Option("unit", "choice", "seconds", "What is counted.", choices=tuple(_UNITS))),
    check=_refuse_order,
    source="POSIX.1-2017, seconds since the epoch",
    holds=lambda value, low, high, unit: (
        instant(low) <= value * (_SECOND // _UNITS[unit]) < instant(high) + _SECOND and value % _UNITS[unit] == 0
    ),
)
def unix_timestamp(draws: AnyDraws, *, low: datetime, high: datetime, unit: str) -> Column:
    """A moment as the number of seconds since 1970-01-01 UTC, or of thousandths of them; always a whole second."""
    return _seconds(draws, low, high) * _UNITS[unit]


# Letters of a format and how many digits each takes; other letters are refused, other characters mean themselves.
_DIGITS = {"Y": 4, "y": 2, "m": 2, "d": 2, "j": 3, "H": 2, "I": 2, "M": 2, "S": 2}


def _number(code: str, days: Column, seconds: Column) -> Column:
    """The number that a letter of a format stands for; `seconds` are those since midnight."""
    hour = seconds // 3600
    found = {
        "Y": lambda: calendars.year_of(days),
        "y": lambda: calendars.year_of(days) % 100,
        "m": lambda: calendars.month_of(days),
        "d": lambda: calendars.day_of(days),
        "j": lambda: calendars.day_of_year(days),
        "H": lambda: hour,
        "I": lambda: (hour + 11) % 12 + 1,
        "M": lambda: seconds // 60 % 60,
        "S": lambda: seconds % 60,
    }
    return found[code]()


@cache
def _english(code: str) -> Pool:
    names = table("times/months" if code in "bB" else "times/weekdays")["en"].lines
    return Pool([name[:3] if code in "ab" else name for name in names])


def _piece(code: str, days: Column, seconds: Column) -> Column:
    if code in "bB":
        return values.pick(_english(code), calendars.month_of(days) - 1)
    if code in "aA":
        return values.pick(_english(code), calendars.weekday_of(days) - 1)
    if code == "p":
        return values.where(seconds < 43_200, "AM", "PM")
    return values.padded(_number(code, days, seconds), _DIGITS[code])


def _pieces(pattern: str) -> list[tuple[str, str]]:
    """What the format holds: ("", text) or (letter, "")."""
    found, rest = [], pattern
    while rest:
        text, sign, rest = rest.partition("%")
        found += [("", text)] if text else []
        if sign:
            code, rest = rest[:1], rest[1:]
            found.append(("", "%") if code == "%" else (code, ""))
    return found


def _check_format(*, low: datetime, high: datetime, format: str) -> None:  # noqa: A002 - what everybody calls it
    _refuse_order(low=low, high=high)
    if any(code not in {*_DIGITS, *"abABp"} for code, text in _pieces(format) if not text):
        raise OptionError(
            "format", format, "a format of strftime with %Y %y %m %d %j %H %I %M %S %p %a %A %b %B %% only"
        )


def formatted(draws: AnyDraws, low: datetime, high: datetime, pattern: str) -> Column:
    """Moments to the second, in UTC, as a format of strftime spells them in English."""
    total = _seconds(draws, low, high)
    days = total // 86_400
    seconds = total - days * 86_400
    parts = [text or _piece(code, days, seconds) for code, text in _pieces(pattern)]
    joined = values.join(*parts)
    return values.same(draws, joined) if isinstance(joined, str) else joined


def _is_formatted(value: Any, *, low: datetime, high: datetime, format: str) -> bool:  # noqa: A002 - as above
    read = datetime.strptime(value, format)  # noqa: DTZ007 - compared as UTC below
    whole = all(f"%{code}" in format for code in "YmdHMS")
    return not whole or instant(low) - _SECOND < instant(read) <= instant(high)


@generator(
    "times.date_text",
    options=(
        *_RANGE,
        Option("format", "text", "%d/%m/%Y", "How it is written, as in strftime; names are English ones."),
    ),
    check=_check_format,
    source="POSIX.1-2017, strftime",
    holds=_is_formatted,
)
def date_text(draws: AnyDraws, *, low: datetime, high: datetime, format: str) -> Column:  # noqa: A002 - as above
    """A date or moment as a text, in the format wanted."""
    return formatted(draws, low, high, format)


def _spelled(name: str, pattern: str, doc: str, source: str) -> Generator:
    """The generator `times.<name>`: moments in one well-known notation."""

    def text(draws: AnyDraws, *, low: datetime, high: datetime) -> Column:
        return formatted(draws, low, high, pattern)

    text.__doc__ = doc
    made = generator(
        f"times.{name}",
        options=_RANGE,
        check=_refuse_order,
        source=source,
        holds=lambda value, low, high: _is_formatted(value, low=low, high=high, format=pattern),
    )
    return made(text)


iso8601 = _spelled("iso8601", "%Y-%m-%dT%H:%M:%SZ", "A moment such as 2024-02-29T12:34:56Z.", "ISO 8601; RFC 3339")
http_date = _spelled(
    "http_date", "%a, %d %b %Y %H:%M:%S GMT", "A moment as HTTP writes it.", "RFC 9110, section 5.6.7, IMF-fixdate"
)


def _moment_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    return pa.timestamp("us")


def _as_moment(microseconds: Column) -> Column:
    if isinstance(microseconds, int):
        return datetime.fromtimestamp(0, UTC).replace(tzinfo=None) + timedelta(microseconds=microseconds)
    import pyarrow as pa

    return pa.array(microseconds).view(pa.timestamp("us"))


_NOW = (
    Option("now", "timestamp", datetime(2025, 1, 1), "What counts as now: the clock is never asked."),  # noqa: DTZ001 - a wall clock's time is meant
    Option("days", "integer", 365, "How far away at most.", low=1, high=100_000),
)


def _check_pinned(**options: Any) -> None:
    pinned, distance = options["now"], timedelta(days=options["days"])
    if pinned.tzinfo is not None:
        raise OptionError("now", pinned, "a timestamp without an offset")
    try:
        _ = pinned - distance, pinned + distance
    except OverflowError:
        expected = f"a number of days that leads from now={pinned} to the years 1 to 9999"
        raise OptionError("days", distance.days, expected) from None


def _relative(name: str, sign: int, doc: str) -> Generator:
    """The generator `times.<name>`: moments before or after a given one."""

    def moment(draws: AnyDraws, **options: Any) -> Column:
        return _as_moment(instant(options["now"]) + sign * (1 + draws.below(options["days"] * _DAY)))

    moment.__doc__ = doc
    made = generator(
        f"times.{name}",
        type=_moment_type,
        options=_NOW,
        check=_check_pinned,
        capacity=lambda **options: int(options["days"]) * _DAY,
        source="uniform by definition",
        holds=lambda value, **options: 0 < sign * (instant(value) - instant(options["now"])) <= options["days"] * _DAY,
    )
    return made(moment)


past = _relative("past", -1, "A moment before `now`, to the microsecond.")
future = _relative("future", 1, "A moment after `now`, to the microsecond.")


def _check_hours(*, low: date, high: date, start: time, end: time) -> None:
    calendars.refuse_weekends(low=low, high=high)
    if start >= end:
        raise OptionError("start", start, f"a time before end={end}")


def _midnight_to(moment: time) -> int:
    return (moment.hour * 60 + moment.minute) * 60 + moment.second


@generator(
    "times.working_time",
    type=_moment_type,
    options=(
        *calendars.RANGE,
        Option("start", "time", time(9, 0), "When work begins."),
        Option("end", "time", time(17, 0), "When it ends, itself not included."),
    ),
    check=_check_hours,
    source="Monday to Friday; no holidays are known",
    holds=lambda value, low, high, start, end: (
        low <= value.date() <= high and value.weekday() < 5 and start.replace(microsecond=0) <= value.time() < end
    ),
)
def working_time(draws: AnyDraws, *, low: date, high: date, start: time, end: time) -> Column:
    """A moment at work, to the second."""
    first, last = _midnight_to(start), _midnight_to(end)
    seconds = first + draws.lane(0).below(max(last - first, 1))
    return _as_moment((calendars.business_day_number(draws, low, high) * 86_400 + seconds) * _SECOND)


def _range_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    return pa.struct([("start", pa.date32()), ("end", pa.date32())])


@generator(
    "times.date_range",
    type=_range_type,
    options=(*calendars.RANGE, Option("days", "integer", 30, "Longest distance in days.", low=0, high=100_000)),
    check=lambda *, low, high, days: refuse_empty(low=low, high=high),  # noqa: ARG005 - every option is passed
    source="uniform by definition; cut off at the end of the range",
    holds=lambda value, low, high, days: (
        low <= value["start"] <= value["end"] <= high and (value["end"] - value["start"]).days <= days
    ),
)
def date_range(draws: AnyDraws, *, low: date, high: date, days: int) -> Column:
    """A first and a last date."""
    start = values.days_of(low) + draws.below((high - low).days + 1)
    end, last = start + draws.lane(0).below(days + 1), values.days_of(high)
    end = values.where(end > last, last, end)
    return values.record({"start": values.date_at(start), "end": values.date_at(end)}, type=_range_type)


_STYLES = {"iso": r"P(\d+)DT(\d+)H(\d+)M(\d+)S", "clock": r"(\d+):([0-5]\d):([0-5]\d)"}


def _is_duration(value: Any, *, style: str) -> bool:
    import re

    return re.fullmatch(_STYLES[style], value) is not None


@generator(
    "times.duration_text",
    options=(Option("style", "choice", "iso", "P0DT2H15M30S or 02:15:30.", choices=tuple(_STYLES)),),
    source="ISO 8601, durations",
    holds=_is_duration,
)
def duration_text(draws: AnyDraws, *, style: str) -> Column:
    """A duration below ten days as a text."""
    total = draws.below(864_000)
    seconds, minutes = values.padded(total % 60, 2), values.padded(total // 60 % 60, 2)
    if style == "clock":
        return values.join(values.padded(total // 3600, 3), ":", minutes, ":", seconds)
    days, hours = values.padded(total // 86_400, 1), values.padded(total // 3600 % 24, 2)
    return values.join("P", days, "DT", hours, "H", minutes, "M", seconds, "S")
