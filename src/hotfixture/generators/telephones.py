"""More telephone numbers that reach nobody: mobile, in the international form, free of charge; extensions."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from hotfixture.generators import contact, internet, lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.cities import cities, city_index
from hotfixture.generators.codes import coded
from hotfixture.generators.options import LOCALE, Option
from hotfixture.generators.people import SEX
from hotfixture.generators.pools import Pool, facts

if TYPE_CHECKING:
    import pyarrow as pa


def _mobile_patterns(locale: str) -> list[str]:
    written = str(facts(locale)["mobile"])
    return written.split("|") if written else []


@cache
def _mobiles(locale: str) -> tuple[Pool, ...]:
    """The pieces of mobile numbers: all heads, then fillings of what the patterns have in common at their end."""
    patterns = _mobile_patterns(locale)
    heads = [pattern.partition("#")[0] for pattern in patterns]
    tail = patterns[0][len(heads[0]) :]
    return (Pool(heads), *(Pool(contact.fillings_of(piece)) for piece in contact.pieces(tail) if piece))


def _is_mobile(value: Any, *, locale: str) -> bool:
    patterns = _mobile_patterns(locale)
    if not patterns:
        return contact.phone.holds(value, locale=locale)
    return any(contact.fits(value, pattern) for pattern in patterns)


def _mobiles_possible(*, locale: str) -> int:
    patterns: list[str] = _mobile_patterns(locale) or cities(locale)["phone"].lines
    return sum(int(10 ** pattern.count("#")) for pattern in set(patterns))


@generator(
    "contact.mobile",
    options=(LOCALE,),
    source="en_GB: Ofcom, numbers for drama; en_AU: ACMA, numbers for creative works; de: Bundesnetzagentur; "
    "fr: ARCEP; sv: PTS; ja, ko: ranges that the national plan assigns to nobody; other countries: as contact.phone",
    holds=_is_mobile,
    capacity=_mobiles_possible,
)
def mobile(draws: AnyDraws, *, locale: str) -> Column:
    """A mobile number that reaches nobody; where no such range is known, the number that `contact.phone` gives."""
    if not _mobile_patterns(locale):
        return contact.phones(draws, locale)
    lot = draws.lane(lanes.own("contact.mobile"))
    parts = [values.pick(part, lot.lane(place).below(len(part))) for place, part in enumerate(_mobiles(locale))]
    return values.join(*parts)


@cache
def _dialled(locale: str) -> tuple[Pool, Pool, list[Pool]]:
    """The pieces of `contact.phone` without blanks, hyphens, brackets and trunk prefix, the country's code in front."""
    cut, code, trunk = contact.cut(locale), str(facts(locale)["calling"]), str(facts(locale)["trunk"])
    heads = [
        _digits(head) if head.startswith("+") else code + _digits(head).removeprefix(trunk) for head in cut.heads.lines
    ]
    ends = [Pool([_digits(text) for text in end.lines]) for end in cut.ends]
    return Pool([f"+{head}" for head in heads]), cut.fronts, ends


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdecimal())


def _is_dialled(value: Any, *, locale: str) -> bool:
    code, trunk = str(facts(locale)["calling"]), str(facts(locale)["trunk"])
    shapes = {"".join(each for each in pattern if each in "#+0123456789") for pattern in cities(locale)["phone"].lines}
    full = {shape if shape.startswith("+") else f"+{code}{shape.removeprefix(trunk)}" for shape in shapes}
    return any(contact.fits(value, shape) for shape in full)


@generator(
    "contact.phone_e164",
    options=(LOCALE,),
    source="ITU-T E.164: a plus, the country's code, the number without its trunk prefix; ranges as contact.phone",
    holds=_is_dialled,
    capacity=lambda *, locale: contact.phone.capacity(locale=locale),
)
def phone_e164(draws: AnyDraws, *, locale: str) -> Column:
    """The number of `contact.phone` of the same draws as machines dial it: +442079460123."""
    heads, fronts, ends = _dialled(locale)
    cut, city, lot = contact.cut(locale), city_index(draws, locale), draws.lane(lanes.PHONE)
    front = values.lookup(cut.front_of, city) + values.scaled(lot, values.lookup(cut.choices, city))
    parts = (values.pick(end, lot.lane(place).below(len(end))) for place, end in enumerate(ends))
    return values.join(values.pick(heads, city), values.pick(fronts, front), *parts)


_DIGITS = Option("digits", "integer", 4, "How many digits.", low=2, high=6)


@generator(
    "contact.phone_extension",
    options=(_DIGITS,),
    source="our own choice",
    holds=lambda value, *, digits: len(value) == digits and value.isdecimal(),
    capacity=lambda *, digits: 10**digits,
)
def phone_extension(draws: AnyDraws, *, digits: int) -> Column:
    """What is dialled behind the number of a company to reach one desk."""
    return values.padded(draws.lane(lanes.own("contact.phone_extension")).below(10**digits), digits)


toll_free = coded(
    "contact.toll_free",
    "({service}) 555-01##",
    slots={"service": ("800", "833", "844", "855", "866", "877", "888")},
    doc="A number of North America that the called pay for, and that reaches nobody.",
    source="ATIS-0300115: 555-0100 to 555-0199 are set aside for fiction; service codes of the NANPA",
)


def _contact_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    return pa.struct([(name, pa.string()) for name in ("email", "phone", "mobile")])


@generator(
    "contact.contact",
    type=_contact_type,
    options=(LOCALE, SEX),
    source="the generators of the single parts",
    holds=lambda value, *, locale, sex: (
        internet.email.holds(value["email"], locale=locale, sex=sex)
        and contact.phone.holds(value["phone"], locale=locale)
        and mobile.holds(value["mobile"], locale=locale)
    ),
)
def whole_contact(draws: AnyDraws, *, locale: str, sex: str) -> Column:
    """How to reach somebody: mail address, telephone and mobile number of the same draws."""
    return values.record(
        {
            "email": internet.email(draws, locale=locale, sex=sex),
            "phone": contact.phone(draws, locale=locale),
            "mobile": mobile(draws, locale=locale),
        }
    )
