"""Parts of dates: years, months, weekdays, quarters, weeks, business days, centuries; names in many languages.

Parts that are drawn from the same draws and the same range belong to one date: the one that `times.date` gives.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from hotfixture.generators import values
from hotfixture.generators.base import AnyDraws, Column, Generator, generator
from hotfixture.generators.drawn import listed, one
from hotfixture.generators.integers import roman
from hotfixture.generators.numbers import refuse_empty
from hotfixture.generators.options import LOCALE, Option
from hotfixture.generators.pools import Pool, table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RANGE = (
    Option("low", "date", date(2015, 1, 1), "Earliest date."),
    Option("high", "date", date(2024, 12, 31), "Latest date, itself included."),
)
_ISO = "ISO 8601"


def _days(draws: AnyDraws, low: date, high: date) -> Column:
    """Days since 1970-01-01, of the date that `times.date` gives."""
    return values.days_of(low) + draws.below((high - low).days + 1)


def _as_months(days: NDArray[np.int64]) -> NDArray[np.int64]:
    """Months since January 1970."""
    return days.astype("M8[D]").astype("M8[M]").astype("i8")


def year_of(days: Column) -> Column:
    """The years of days since 1970-01-01."""
    return values.date_at(days).year if isinstance(days, int) else 1970 + _as_months(days) // 12


def month_of(days: Column) -> Column:
    """Their months, 1 to 12."""
    return values.date_at(days).month if isinstance(days, int) else 1 + _as_months(days) % 12


def day_of(days: Column) -> Column:
    """Their days of the month, 1 to 31."""
    if isinstance(days, int):
        return values.date_at(days).day
    return 1 + days - days.astype("M8[D]").astype("M8[M]").astype("M8[D]").astype("i8")


def weekday_of(days: Column) -> Column:
    """Their days of the week, 1 (Monday) to 7."""
    return (days + 3) % 7 + 1  # 1970-01-01 was a Thursday


def day_of_year(days: Column) -> Column:
    """Their days of the year, 1 to 366."""
    if isinstance(days, int):
        return values.date_at(days).timetuple().tm_yday
    return 1 + days - days.astype("M8[D]").astype("M8[Y]").astype("M8[D]").astype("i8")


def _week_of(days: Column) -> tuple[Column, Column]:
    """The year and the number of the ISO week: those of its Thursday."""
    thursday = days - weekday_of(days) + 4
    return year_of(thursday), (day_of_year(thursday) - 1) // 7 + 1


def _part(name: str, of: Callable[[Column], Column], possible: range, doc: str, source: str = _ISO) -> Generator:
    """The generator `times.<name>`: a whole number that is part of a date."""

    def part(draws: AnyDraws, *, low: date, high: date) -> Column:
        return of(_days(draws, low, high))

    part.__doc__ = doc
    made = generator(
        f"times.{name}",
        type="int32",
        options=RANGE,
        check=refuse_empty,
        source=source,
        holds=lambda value, low, high: value in possible and (name != "year" or low.year <= value <= high.year),
    )
    return made(part)


year = _part("year", year_of, range(1, 10_000), "The year of a date of the range.")
month = _part("month", month_of, range(1, 13), "The month of a date of the range, 1 to 12.")
day_of_month = _part("day_of_month", day_of, range(1, 32), "The day of the month of a date of the range.")
weekday = _part("weekday", weekday_of, range(1, 8), "The day of the week of a date, 1 (Monday) to 7.")
quarter = _part("quarter", lambda days: (month_of(days) + 2) // 3, range(1, 5), "The quarter of a date, 1 to 4.")
decade = _part("decade", lambda days: year_of(days) // 10 * 10, range(0, 10_000, 10), "The first year of a decade.")


def _names(place: str, locale: str) -> Pool:
    """A column of names; a locale without one of its own reads that of its language."""
    columns = table(place)
    return columns.get(locale) or columns[locale.partition("_")[0]]


def _name(name: str, place: str, of: Callable[[Column], Column], doc: str) -> Generator:
    def named(draws: AnyDraws, *, locale: str, low: date, high: date) -> Column:
        return values.take(_names(place, locale), of(_days(draws, low, high)) - 1)

    named.__doc__ = doc
    made = generator(
        f"times.{name}",
        options=(LOCALE, *RANGE),
        check=refuse_empty,
        source="names of the Gregorian calendar in each language, as dictionaries give them",
        holds=lambda value, locale, low, high: value in _names(place, locale).lines and low <= high,
    )
    return made(named)


month_name = _name("month_name", "times/months", month_of, "The name of the month of a date.")
weekday_name = _name("weekday_name", "times/weekdays", weekday_of, "The name of the day of the week of a date.")


def _is_week(value: Any, *, low: date, high: date) -> bool:
    return date.fromisoformat(f"{value}-1") <= high and date.fromisoformat(f"{value}-7") >= low


@generator("times.iso_week", options=RANGE, check=refuse_empty, source=f"{_ISO}, week dates", holds=_is_week)
def iso_week(draws: AnyDraws, *, low: date, high: date) -> Column:
    """The week of a date of the range, such as 2024-W05."""
    week_year, week = _week_of(_days(draws, low, high))
    return values.filled("####-W##", values.beside(values.digit_glyphs(week_year, 4), values.digit_glyphs(week, 2)))


def _first_business_day(low: date) -> date:
    return low + timedelta(days=(0, 0, 0, 0, 0, 2, 1)[low.weekday()])


def business_days(low: date, high: date) -> int:
    """How many days from Monday to Friday the range has."""
    first = _first_business_day(low)
    if first > high:
        return 0
    weeks, rest = divmod((high - first).days + 1, 7)
    return weeks * 5 + sum((first.weekday() + each) % 7 < 5 for each in range(rest))


def business_day_number(draws: AnyDraws, low: date, high: date) -> Column:
    """Days since 1970-01-01, of a day from Monday to Friday."""
    first, number = _first_business_day(low), draws.below(business_days(low, high))
    return values.days_of(first) + number + 2 * ((first.weekday() + number) // 5)


def refuse_weekends(*, low: date, high: date, **_: Any) -> None:
    """OptionError where the range has no day from Monday to Friday."""
    from hotfixture.errors import OptionError

    refuse_empty(low=low, high=high)
    if not business_days(low, high):
        raise OptionError("high", high, f"a range from low={low} with a day from Monday to Friday in it")


@generator(
    "times.business_day",
    type="date32",
    options=RANGE,
    check=refuse_weekends,
    capacity=business_days,
    source="Monday to Friday; no holidays are known",
    holds=lambda value, low, high: low <= value <= high and value.weekday() < 5,
)
def business_day(draws: AnyDraws, *, low: date, high: date) -> Column:
    """A date from Monday to Friday."""
    return values.date_at(business_day_number(draws, low, high))


_CENTURIES = listed(*(roman(number) for number in range(1, 22)))


@generator(
    "times.century",
    source="Roman numerals, as Faker and others spell it",
    holds=lambda value: value in _CENTURIES.lines,
    capacity=len(_CENTURIES),
)
def century(draws: AnyDraws) -> Column:
    """A century from the first to the twenty-first."""
    return one(draws.lane(0), _CENTURIES)


@generator("times.am_pm", source="the halves of a day", holds=lambda value: value in ("AM", "PM"), capacity=2)
def am_pm(draws: AnyDraws) -> Column:
    """AM or PM."""
    return one(draws.lane(0), listed("AM", "PM"))
