"""The machine-readable zone of a passport of Utopia: the person of the same draws, with right check digits."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from hotfixture.generators import lanes, people, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.options import LOCALE
from hotfixture.generators.people import SEX
from hotfixture.generators.people_documents import passport_number
from hotfixture.generators.pools import Pool, members, pool

_WIDTH = 44
_WEIGHTS = (7, 3, 1)
_FIRST_EXPIRY, _EXPIRIES = values.days_of(date(2026, 1, 1)), 3652


@cache
def _spelled(*names: str) -> Pool:
    """Names in capital Latin letters."""
    return Pool([slug.upper() for slug in pool(*names).lines])


def _name_line(draws: AnyDraws, locale: str, sex: str) -> Column:
    firsts = _spelled(f"{locale}/first_female.slug", f"{locale}/first_male.slug")
    lasts = _spelled(*people.sexed_pools(locale, "last", ".slug"))
    line = values.join(
        "P<UTO",
        values.pick(lasts, people.sexed_index(draws, lanes.LAST_NAME, locale, "last", sex)),
        "<<",
        values.pick(firsts, people.first_index(draws, locale, sex)),
    )
    if isinstance(line, str):
        return line.ljust(_WIDTH, "<")[:_WIDTH]
    import pyarrow.compute as pc

    return pc.utf8_slice_codeunits(pc.utf8_rpad(line, _WIDTH, "<"), 0, _WIDTH)


def _signs(text: Column, width: int) -> list[Column]:
    """The characters of texts of one width (ASCII) as the numbers that check digits count: A is 10, `<` is 0."""
    if isinstance(text, str):
        return [_value(character) for character in text]
    import numpy as np

    matrix = np.frombuffer(text.buffers()[2], np.uint8)[text.offset * width :][: len(text) * width].reshape(-1, width)
    known = np.array([_value(chr(code)) for code in range(128)], np.int64)
    return list(known[matrix].T)


def _value(character: str) -> int:
    return int(character, 36) if character.isalnum() else 0


def _check(signs: list[Column]) -> Column:
    total: Column = 0
    for place, sign in enumerate(signs):
        total = total + sign * _WEIGHTS[place % 3]
    return total % 10


def _short_date(days: Column) -> Column:
    """Two digits each of year, month and day, as one number."""
    if isinstance(days, int):
        day = values.date_at(days)
        return day.year % 100 * 10_000 + day.month * 100 + day.day
    import numpy as np

    moments = days.astype("M8[D]")
    months = moments.astype("M8[M]")
    number = months.astype(np.int64)
    return (1970 + number // 12) % 100 * 10_000 + (number % 12 + 1) * 100 + (moments - months).astype(np.int64) + 1


def _is_zone(value: Any, *, locale: str, sex: str) -> bool:
    """Whether the lines have their form, the name is one of the locale, and every check digit is right."""
    first_line, _, second = value.partition("\n")
    last, _, first = first_line[5:].rstrip("<").partition("<<")
    pools = [f"{locale}/first_{each}.slug" for each in ("female", "male") if sex in ("any", each)]
    known = first.lower() in members(*pools) and last.lower() in members(*people.sexed_pools(locale, "last", ".slug"))
    fields = ((0, 9), (13, 19), (21, 27), (28, 42))
    total = second[:10] + second[13:20] + second[21:43]
    return (
        (len(first_line), len(second)) == (_WIDTH, _WIDTH)
        and first_line.startswith("P<UTO")
        and (known or first_line[-1] != "<")
        and all(_check(_signs(second[low:high], high - low)) == int(second[high]) for low, high in fields)
        and _check(_signs(total, len(total))) == int(second[43])
    )


@generator(
    "people.passport_mrz",
    options=(LOCALE, SEX),
    source="ICAO Doc 9303, part 4 (TD3): two lines of 44 characters; UTO is the code for specimens",
    holds=_is_zone,
)
def passport_mrz(draws: AnyDraws, *, locale: str, sex: str) -> Column:
    """The two lines at the foot of a passport: name, number, birth date, sex and expiry of the same draws."""
    number = passport_number(draws)
    born = values.padded(_short_date(people.birth_days(draws, *(option.default for option in people.AGES))), 6)
    lot = draws.lane(lanes.own("people.passport_mrz"))
    expires = values.padded(_short_date(_FIRST_EXPIRY + lot.below(_EXPIRIES)), 6)
    letter = values.take(("F", "M"), values.where(people.is_female(draws, sex), 0, 1))
    fields = [(_signs(text, width), text) for text, width in ((number, 9), (born, 6), (expires, 6))]
    checks = [_check(signs) for signs, _ in fields]
    counted = [sign for (signs, _), check in zip(fields, checks, strict=True) for sign in (*signs, check)]
    shown = [values.padded(check, 1) for check in (*checks, _check([*counted, *([0] * 15)]))]
    return values.join(
        _name_line(draws, locale, sex), "\n", number, shown[0], "UTO", born, shown[1], letter, expires, shown[2],
        "<" * 14, "0", shown[3],
    )  # fmt: skip
