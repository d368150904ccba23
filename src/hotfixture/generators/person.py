"""A whole person: what the generators of people, internet, contact and business say of the same draws, in one row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hotfixture.generators import business, contact, internet, people, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.options import LOCALE
from hotfixture.generators.people import SEX

if TYPE_CHECKING:
    import pyarrow as pa

_TEXTS = ("sex", "name_prefix", "first_name", "last_name", "full_name", "email", "user_name", "phone", "job")


def _person_type(**_: Any) -> pa.DataType:
    import pyarrow as pa

    return pa.struct([*((name, pa.string()) for name in _TEXTS), ("birth_date", pa.date32())])


def _is_person(value: Any, *, locale: str, sex: str) -> bool:
    """Whether every part is possible for somebody of the sex that the row names."""
    found = value["sex"]
    same = {"locale": locale, "sex": found}
    return (
        found in ("female", "male")
        and sex in ("any", found)
        and people.first_name.holds(value["first_name"], **same)
        and people.last_name.holds(value["last_name"], **same)
        and value["first_name"] in value["full_name"]
        and value["last_name"] in value["full_name"]
        and internet.email.holds(value["email"], **same)
        and value["email"].startswith(f"{value['user_name']}@")
        and business.job.holds(value["job"], **same)
        and contact.phone.holds(value["phone"], locale=locale)
        and people.birth_date.holds(value["birth_date"])
    )


@generator(
    "people.person",
    type=_person_type,
    options=(LOCALE, SEX),
    source="the generators of the single parts",
    holds=_is_person,
)
def person(draws: AnyDraws, *, locale: str, sex: str) -> Column:
    """A whole person whose parts agree; each is what the generator of its name makes of the same draws."""
    sexed = {"locale": locale, "sex": sex}
    parts = {
        "sex": people.sexes(draws, sex),
        "name_prefix": people.name_prefix(draws, **sexed),
        "first_name": people.first_name(draws, **sexed),
        "last_name": people.last_name(draws, **sexed),
        "full_name": people.full_name(draws, **sexed),
        "email": internet.email(draws, **sexed),
        "user_name": internet.user_name(draws, **sexed),
        "phone": contact.phone(draws, locale=locale),
        "job": business.job(draws, **sexed),
        "birth_date": people.birth_date(draws),
    }
    return values.record(parts)
