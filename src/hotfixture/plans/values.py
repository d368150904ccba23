"""The types of parameters, and how the words of a command line become their values.

A wrong word raises ValueError with what was expected; `plans.parameters` adds the name and collects them all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from hotfixture.documents import folded

PARTS = ("start", "end", "after")
"""What `${period.…}` may name of a date_range."""


class DateRange(NamedTuple):
    """Days from `start` to `end`, both included."""

    start: date
    end: date

    @property
    def after(self) -> date:
        """The day after the last: the open end for timestamps (`created_at < ${period.after}`)."""
        return self.end + timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.start}..{self.end}"


@dataclass(frozen=True, slots=True)
class Type:
    """`integer`, `decimal`, `text`, `boolean`, `date`, `timestamp`, `date_range`, `choice`, or a list of one."""

    name: str
    is_list: bool = False
    choices: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"list[{self.name}]" if self.is_list else self.name


_ALSO = {
    "string": "text", "str": "text", "varchar": "text",
    "int": "integer", "bigint": "integer", "long": "integer",
    "number": "decimal", "numeric": "decimal", "float": "decimal", "double": "decimal",
    "bool": "boolean", "datetime": "timestamp", "daterange": "date_range", "enum": "choice",
}  # fmt: skip
_LIST = re.compile(r"(?:list|array)(?:\[(.*)\]|<(.*)>)?|(.*)\[\]", re.IGNORECASE)


def type_of(text: str, choices: Sequence[str] = ()) -> Type:
    """The type that `text` names (`list[integer]`, `integer[]`, `Timestamp`); ValueError where there is none."""
    text = text.strip()
    inner = _LIST.fullmatch(text)
    name = folded((inner[1] or inner[2] or inner[3] or "text") if inner else text).strip()
    known = {folded(known): known for known in TYPES}
    meant = known.get(folded(_ALSO.get(name, name)))
    if not meant:
        from difflib import get_close_matches

        near = get_close_matches(name, [*TYPES, "list", *_ALSO], n=1)
        names = f"{', '.join(TYPES)} or list[…]"
        raise ValueError(f"unknown type {text!r}; expected {names}" + (f" (did you mean {near[0]}?)" if near else ""))
    return Type(meant, bool(inner), tuple(choices))


def convert(value: object, kind: Type, today: date) -> object:
    """`value` (a word of a command line, or a Python value that is right already) as a value of `kind`.

    Gives int, Decimal, str, bool, date, datetime, DateRange, or a list of them; ValueError says what was expected.
    """
    if not kind.is_list:
        return TYPES[kind.name](value, kind, today)
    items = _items(value) if isinstance(value, str) else value
    if not isinstance(items, list | tuple | set | frozenset):
        items = [items]
    return [TYPES[kind.name](item, kind, today) for item in items]


def infer(value: object, today: date) -> object:
    """What an undeclared word means: integer, decimal, timestamp, date, a comma list of one of them, else text.

    `007` is text: what would not be written back the same is no number. Python values stay what they are.
    """
    if not isinstance(value, str):
        return _known(value)
    if not value.lstrip().startswith("[") and "," not in value:
        return convert(value, Type(_kind(value)), today)
    try:
        items = _items(value)
    except ValueError:
        return convert(value, Type("text"), today)
    kinds = {_kind(item) if isinstance(item, str) else type(item).__name__ for item in items}
    if kinds and kinds <= {"integer", "decimal", "int", "Decimal"}:
        return convert(items, Type("integer" if kinds <= {"integer", "int"} else "decimal", is_list=True), today)
    if not all(isinstance(item, str) for item in items):
        return _known(items)
    return convert(items, Type(kinds.pop() if len(kinds) == 1 else "text", is_list=True), today)


_KINDS = {
    "integer": re.compile(r"-?(0|[1-9][0-9]*)"),
    "decimal": re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+"),
    "date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "timestamp": re.compile(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?"
    ),
}


def _kind(word: str) -> str:
    return next((name for name, form in _KINDS.items() if form.fullmatch(word.strip())), "text")


def _known(value: object) -> object:
    if isinstance(value, list | tuple | set | frozenset):
        return [_known(item) for item in value]
    if isinstance(value, float):
        return _decimal(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool | int | Decimal | date | datetime | DateRange):
        return value
    raise ValueError(f"expected text, numbers, dates or a list of them, found {type(value).__name__}")


def _items(text: str) -> list[object]:
    """The items of `1,2,3`, or of a JSON list where an item holds a comma: `["a,b", "c"]`."""
    if text.lstrip().startswith("["):
        import json

        try:
            return list(json.loads(text, parse_float=Decimal))
        except (ValueError, RecursionError):
            raise ValueError('expected a JSON list, as in ["a,b", "c"], or items separated by commas') from None
    items: list[object] = [item.strip() for item in text.split(",")] if text.strip() else []
    if "" in items:
        raise ValueError("expected items separated by commas, found an empty one")
    return items


def _integer(value: object, _kind: Type, _today: date) -> int:
    if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]{1,25}", value.strip()):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("expected an integer")
    if not -(2**63) <= value < 2**64:
        raise ValueError("expected an integer of 64 bits")
    return value


def _decimal(value: object, *_: object) -> Decimal:
    if isinstance(value, str | int | float | Decimal) and not isinstance(value, bool):
        try:
            number = Decimal(str(value).strip())
        except InvalidOperation:
            number = Decimal("nan")
        if number.is_finite() and abs(number.adjusted()) < 1000:  # beyond it, no database has such a number
            return number
    raise ValueError("expected a decimal number, as in 12.50")


def _text(value: object, *_: object) -> str:
    if not isinstance(value, str):
        raise ValueError("expected a text")
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("expected a text without NUL or half a character")
    return value


_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def _boolean(value: object, _kind: Type, _today: date) -> bool:
    found = _BOOLEANS.get(value.strip().lower()) if isinstance(value, str) else value
    if not isinstance(found, bool):
        raise ValueError("expected true or false")
    return found


def _date(value: object, _kind: Type, today: date) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    if word in _DAYS:
        return today + timedelta(days=_DAYS[word])
    try:
        if _KINDS["date"].fullmatch(word):
            return date.fromisoformat(word)
    except ValueError:
        pass
    raise ValueError("expected a date, as in 2024-10-15, or today, yesterday, tomorrow")


_DAYS = {"today": 0, "yesterday": -1, "tomorrow": 1}


def _timestamp(value: object, kind: Type, today: date) -> datetime:
    if isinstance(value, datetime):
        return value
    word = value.strip() if isinstance(value, str) else ""
    try:
        if _KINDS["timestamp"].fullmatch(word):
            return datetime.fromisoformat(word)
        day = _date(value, kind, today)
    except ValueError:
        raise ValueError("expected a timestamp, as in 2024-10-15 14:30:00 or 2024-10-15T14:30:00+02:00") from None
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a timestamp without zone is what the user wrote


def _choice(value: object, kind: Type, _today: date) -> str:
    if value in kind.choices:
        return str(value)
    raise ValueError(f"expected {' or '.join(kind.choices)}")


_SPAN = re.compile(r"(last|this|previous)_(?:([0-9]{1,4})_)?(day|week|month|quarter|year)s?")
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def _date_range(value: object, kind: Type, today: date) -> DateRange:
    """A range of days.

    `last_6_months`, `last_7_days`: that long, today being the last day. `this_month`, `last_month` (also week, which
    begins on Monday, quarter, year): the whole of it by the calendar. Else a day or `first..last`.
    """
    if isinstance(value, DateRange):
        return value
    if isinstance(value, tuple | list) and len(value) == 2:
        start, end = (_date(day, kind, today) for day in value)
    elif not isinstance(value, str):
        raise ValueError(_RANGE)
    elif span := _SPAN.fullmatch(value.strip().lower()):
        return _span(span[1], span[2], span[3], today)
    else:
        first, dots, last = value.partition("..")
        start, end = _day(first, kind, today), _day(last if dots else first, kind, today)
    if start > end:
        raise ValueError(f"expected the first day before the last, found {start}..{end}")
    return DateRange(start, end)


_RANGE = "expected days, as in 2024-01-01..2024-03-31, last_6_months, this_month, yesterday"


def _day(word: str, kind: Type, today: date) -> date:
    try:
        return _date(word, kind, today)
    except ValueError:
        raise ValueError(_RANGE) from None


def _span(which: str, count: str | None, unit: str, today: date) -> DateRange:
    if count and (which == "this" or not int(count)):
        raise ValueError(_RANGE)
    try:
        if count:
            return DateRange(_before(today, int(count), unit) + timedelta(days=1), today)
        first = _first(today, unit)
        if which != "this":
            first = _before(first, 1, unit)
        return DateRange(first, _before(first, -1, unit) - timedelta(days=1))
    except (ValueError, OverflowError):
        raise ValueError("expected days after the year 1") from None


def _before(day: date, count: int, unit: str) -> date:
    """The day `count` units earlier; the last of the month where the month is shorter."""
    if unit not in _MONTHS:
        return day - timedelta(days=count * (7 if unit == "week" else 1))
    from calendar import monthrange

    year, month = divmod(day.year * 12 + day.month - 1 - count * _MONTHS[unit], 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _first(day: date, unit: str) -> date:
    if unit not in _MONTHS:
        return day - timedelta(days=day.weekday()) if unit == "week" else day
    return date(day.year, (day.month - 1) // _MONTHS[unit] * _MONTHS[unit] + 1, 1)


TYPES: Mapping[str, Callable[[object, Type, date], object]] = {
    "integer": _integer,
    "decimal": _decimal,
    "text": _text,
    "boolean": _boolean,
    "date": _date,
    "timestamp": _timestamp,
    "date_range": _date_range,
    "choice": _choice,
}
"""Every type and what converts to it."""
