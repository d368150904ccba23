"""Social media and mail in company: handles, hashtags, emoji, addresses at work and at free providers."""

from __future__ import annotations

from functools import cache
from typing import Any

from hotfixture.generators import internet, lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.drawn import entry, one
from hotfixture.generators.options import LOCALE, Option
from hotfixture.generators.people import SEX
from hotfixture.generators.pools import Pool, members, pool

_RESERVED = "RFC 2606 and RFC 6761 reserve the top-level domains .example and .test"


@generator(
    "internet.social_handle",
    options=(LOCALE, SEX),
    source="the user name of the same draws, as networks write it",
    holds=lambda value, locale, sex: value[0] == "@" and internet.user_name.holds(value[1:], locale=locale, sex=sex),
)
def social_handle(draws: AnyDraws, *, locale: str, sex: str) -> Column:
    """The person's name on a social network: an @ before the user name."""
    return values.join("@", internet.user_names(draws, locale, sex, unique=False))


def _is_free(value: Any, *, locale: str, sex: str) -> bool:
    name, _, domain = value.partition("@")
    return domain in members("internet/free_mail") and internet.user_name.holds(name, locale=locale, sex=sex)


@generator("internet.free_email", options=(LOCALE, SEX), source=_RESERVED, holds=_is_free)
def free_email(draws: AnyDraws, *, locale: str, sex: str) -> Column:
    """The person's mail address at a provider that everybody can use, and that does not exist."""
    providers = entry(draws.lane(lanes.MAIL_DOMAIN), pool("internet/free_mail"))
    return values.join(internet.user_names(draws, locale, sex, unique=False), "@", providers)


def _is_company(value: Any, *, locale: str, sex: str) -> bool:
    name, _, domain = value.partition("@")
    return internet.domain.holds(domain, locale=locale) and internet.user_name.holds(name, locale=locale, sex=sex)


@generator("internet.company_email", options=(LOCALE, SEX), source=_RESERVED, holds=_is_company)
def company_email(draws: AnyDraws, *, locale: str, sex: str) -> Column:
    """The person's mail address at work: the user name, at the domain of the same draws."""
    name = internet.user_names(draws, locale, sex, unique=False)
    return values.join(name, "@", *internet.domains(draws, locale))


@generator(
    "internet.free_email_domain",
    source=_RESERVED,
    holds=lambda value: value in members("internet/free_mail"),
    capacity=lambda: len(members("internet/free_mail")),
)
def free_email_domain(draws: AnyDraws) -> Column:
    """The domain of the free mail address of the same draws."""
    return one(draws.lane(lanes.MAIL_DOMAIN), pool("internet/free_mail"))


@cache
def _tags() -> Pool:
    return Pool([f"#{tag}" for tag in pool("internet/tag").lines])


@generator(
    "internet.hashtag",
    options=(Option("tags", "integer", 1, "How many, with blanks between them; one may come twice.", low=1, high=10),),
    source="customary tags, our own list",
    holds=lambda value, tags: len(value.split(" ")) == tags and all(tag in _tags().lines for tag in value.split(" ")),
    capacity=lambda tags: len(_tags()) ** tags,
)
def hashtag(draws: AnyDraws, *, tags: int) -> Column:
    """A hashtag, or several."""
    parts: list[Column] = []
    for place in range(tags):
        parts += [*([" "] if place else []), entry(draws.lane(place), _tags())]
    return values.join(*parts)


@generator(
    "internet.emoji",
    source="single characters of Unicode 12 and older with the property Emoji_Presentation, a choice",
    holds=lambda value: value in members("internet/emoji"),
    capacity=lambda: len(members("internet/emoji")),
)
def emoji(draws: AnyDraws) -> Column:
    """An emoji of one code point; most take four bytes in UTF-8."""
    return one(draws.lane(0), pool("internet/emoji"))
