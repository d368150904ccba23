"""The internet: mail addresses and user names that follow the person's name, domains, URLs, addresses, browsers.

Everything lies in ranges that are reserved for documentation, so nothing made here can reach anybody.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from hotfixture.generators import lanes, values
from hotfixture.generators.base import AnyDraws, Column, generator
from hotfixture.generators.options import LOCALE, Option
from hotfixture.generators.people import SEX, first_index, sexed_index, sexed_pools
from hotfixture.generators.pools import Pool, members, numbers, pool

UNIQUE = Option("unique", "boolean", False, "Append the whole draw in base 32, so that no two rows are equal.")
SEPARATORS = (".", "_", "", "-")
BASE_32 = "0123456789abcdefghjkmnpqrstvwxyz"
HEX = "0123456789abcdef"
_DIGITS = 13
"""Of base 32 to hold 64 bits."""
_NUMBERS = ("", *(f"{number:02d}" for number in range(100)))
"""What may follow the name."""
_BARE = 100
"""Of 200 user names, about this many end without a number."""
_TAILS = (*([""] * _BARE), *_NUMBERS[1:])
"""What follows the name, as often as it does."""


@cache
def _starts(locale: str) -> Pool:
    """First names, each with each separator: four in a row for one name."""
    names = pool(f"{locale}/first_female.slug", f"{locale}/first_male.slug")
    return Pool([f"{name}{separator}" for name in names.lines for separator in SEPARATORS])


@cache
def _ends(locale: str) -> Pool:
    """What follows the name, each with each mail domain."""
    return Pool([f"{tail}@{domain}" for tail in _TAILS for domain in pool(f"{locale}/mail").lines])


@cache
def _numbers() -> Pool:
    return Pool(list(_NUMBERS))


@cache
def _tails() -> Pool:
    return Pool(list(_TAILS))


def _tail_index(draws: AnyDraws) -> Column:
    return draws.lane(lanes.MAILBOX).lane(1).below(len(_TAILS))


def mailboxes(draws: AnyDraws, locale: str, sex: str) -> tuple[Column, Column]:
    """The first and the last name with a separator between them, as two columns."""
    start = first_index(draws, locale, sex) * len(SEPARATORS) + draws.lane(lanes.MAILBOX).below(len(SEPARATORS))
    last = pool(*sexed_pools(locale, "last", ".slug"))
    return (
        values.pick(_starts(locale), start),
        values.pick(last, sexed_index(draws, lanes.LAST_NAME, locale, "last", sex)),
    )


def unique_text(draws: AnyDraws) -> Column:
    """All 64 bits of the draw in base 32: distinct draws give distinct texts."""
    return values.spelled(draws.lane(lanes.UNIQUE).bits, BASE_32, _DIGITS)


def user_names(draws: AnyDraws, locale: str, sex: str, unique: bool) -> Column:
    """User names; what stands before the @ of the same person's mail address."""
    parts = mailboxes(draws, locale, sex)
    if unique:
        return values.join(*parts, ".", unique_text(draws))
    return values.join(*parts, values.pick(_tails(), _tail_index(draws)))


def emails(draws: AnyDraws, locale: str, sex: str, unique: bool) -> Column:
    """Mail addresses under reserved domains."""
    domains = len(pool(f"{locale}/mail"))
    domain = draws.lane(lanes.MAIL_DOMAIN).below(domains)
    parts = mailboxes(draws, locale, sex)
    if unique:
        return values.join(*parts, ".", unique_text(draws), values.pick(_ends(locale), domain))
    return values.join(*parts, values.pick(_ends(locale), _tail_index(draws) * domains + domain))


def _is_user_name(value: Any, *, locale: str, sex: str, unique: bool) -> bool:
    """Whether it is a first name's slug, a separator, a last name's slug, and what the options want after them."""
    if unique:
        value, _, tail = value.rpartition(".")
        if len(tail) != _DIGITS or not set(tail) <= set(BASE_32):
            return False
    pools = (f"{locale}/first_female.slug", f"{locale}/first_male.slug")
    firsts = members(*(each for each in pools if sex == "any" or f"_{sex}" in each))
    lasts = members(*sexed_pools(locale, "last", ".slug"))
    name = value if unique else value.rstrip("0123456789")
    return len(value) - len(name) in (0, 2) and any(
        name[:place] in firsts and any(name[place:].removeprefix(mark) in lasts for mark in SEPARATORS)
        for place in range(1, len(name))
    )


def _is_email(value: Any, *, locale: str, sex: str, unique: bool) -> bool:
    name, _, domain = value.partition("@")
    return domain in members(f"{locale}/mail") and _is_user_name(name, locale=locale, sex=sex, unique=unique)


def _many_if_unique(*, unique: bool, **_: Any) -> int | None:
    return 1 << 64 if unique else None


@generator(
    "internet.email",
    options=(LOCALE, SEX, UNIQUE),
    source="RFC 2606 and RFC 6761 reserve the top-level domains .example and .test",
    holds=_is_email,
    capacity=_many_if_unique,
)
def email(draws: AnyDraws, *, locale: str, sex: str, unique: bool) -> Column:
    """The person's mail address: the name in ASCII, under a domain that can never receive mail."""
    return emails(draws, locale, sex, unique)


@generator(
    "internet.user_name",
    options=(LOCALE, SEX, UNIQUE),
    source="the person's name in ASCII: accents dropped, Cyrillic transliterated, Japanese by its reading",
    holds=_is_user_name,
    capacity=_many_if_unique,
)
def user_name(draws: AnyDraws, *, locale: str, sex: str, unique: bool) -> Column:
    """The person's user name: what stands before the @ of the mail address."""
    return user_names(draws, locale, sex, unique)


def domains(draws: AnyDraws, locale: str) -> tuple[Column, ...]:
    """The parts of domains named after families."""
    lot = draws.lane(lanes.SITE)
    names, tlds = pool(*sexed_pools(locale, "last", ".slug")), pool("tld")
    return (
        values.pick(names, lot.below(len(names))),
        values.pick(_numbers(), lot.lane(0).below(len(_NUMBERS))),
        ".",
        values.pick(tlds, lot.lane(1).below(len(tlds))),
    )


def _is_domain(value: Any, *, locale: str) -> bool:
    name, _, tld = value.rpartition(".")
    return tld in members("tld") and name.rstrip("0123456789") in members(*sexed_pools(locale, "last", ".slug"))


@generator(
    "internet.domain",
    options=(LOCALE,),
    source="RFC 2606 and RFC 6761 reserve the top-level domains .example and .test",
    holds=_is_domain,
    capacity=lambda *, locale: (
        len(members(*sexed_pools(locale, "last", ".slug"))) * len(_NUMBERS) * len(members("tld"))
    ),
)
def domain(draws: AnyDraws, *, locale: str) -> Column:
    """A domain that nobody can register."""
    return values.join(*domains(draws, locale))


def _is_url(value: Any, *, locale: str) -> bool:
    scheme, _, rest = value.partition("://")
    host, _, path = rest.partition("/")
    page = path.rstrip("0123456789").removesuffix("/")
    return scheme == "https" and _is_domain(host, locale=locale) and page in members("path")


@generator(
    "internet.url",
    options=(LOCALE,),
    source="RFC 3986; the domain is reserved",
    holds=_is_url,
)
def url(draws: AnyDraws, *, locale: str) -> Column:
    """A web address with a path, under the domain of the same draws."""
    paths, lot = pool("path"), draws.lane(lanes.SITE_PATH)
    return values.join(
        "https://",
        *domains(draws, locale),
        "/",
        values.pick(paths, lot.below(len(paths))),
        "/",
        values.pick(numbers(9999), lot.lane(0).below(9999)),
    )


_TEST_NETS = ("192.0.2.", "198.51.100.", "203.0.113.")


@generator(
    "internet.ipv4",
    source="RFC 5737: TEST-NET-1, -2 and -3, for documentation only",
    holds=lambda value: value.startswith(_TEST_NETS) and 1 <= int(value.rpartition(".")[2]) <= 254,
    capacity=3 * 254,
)
def ipv4(draws: AnyDraws) -> Column:
    """An IPv4 address that no route leads to."""
    return values.take(_test_net(), draws.lane(0).below(3 * 254))


@cache
def _test_net() -> Pool:
    return Pool([f"{net}{host}" for net in _TEST_NETS for host in range(1, 255)])


@cache
def _hex_groups() -> Pool:
    """`:8000` to `:ffff`: groups whose first digit is not zero, so that no spelling rule ever shortens them."""
    return Pool([f":{group:04x}" for group in range(1 << 15, 1 << 16)])


def _is_ipv6(value: Any) -> bool:
    from ipaddress import IPv6Address, IPv6Network

    address = IPv6Address(value)
    return str(address) == value and address in IPv6Network("2001:db8::/32")


@generator(
    "internet.ipv6",
    source="RFC 3849: 2001:db8::/32, for documentation only; spelled as RFC 5952 wants it",
    holds=_is_ipv6,
    capacity=1 << 90,
)
def ipv6(draws: AnyDraws) -> Column:
    """An IPv6 address that no route leads to; each of its six free groups has four digits, 8000 to ffff."""
    groups = (values.pick(_hex_groups(), draws.lane(place).below(1 << 15)) for place in range(6))
    return values.join("2001:db8", *groups)


@generator(
    "internet.mac",
    source="IEEE 802: the second-lowest bit of the first octet marks locally administered addresses",
    holds=lambda value: (
        len(value) == 17 and value[1] in "26ae" and all(set(part) <= set(HEX) for part in value.split(":"))
    ),
    capacity=1 << 46,
)
def mac(draws: AnyDraws) -> Column:
    """A MAC address that no manufacturer gave out: locally administered, unicast."""
    bits = draws.lane(0).bits
    first = values.base_glyphs(bits >> 46, HEX, 1)
    second = values.base_glyphs(bits >> 44, "26ae", 1)
    return values.filled("##:##:##:##:##:##", values.beside(first, second, values.base_glyphs(bits, HEX, 10)))


_CHROME, _FIREFOX = (100, 40), (100, 45)
"""Lowest version, and how many follow."""


def _agent(kind: int, system: str, version: int) -> str:
    if kind == 0:
        return f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36"
    return f"Mozilla/5.0 ({system}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"


@cache
def _agents() -> Pool:
    """Every browser on every system in every version."""
    return Pool(
        [
            _agent(kind, system, version)
            for kind, (lowest, count) in enumerate((_CHROME, _FIREFOX))
            for system in pool("agent_system").lines
            for version in range(lowest, lowest + count)
        ]
    )


@generator(
    "internet.user_agent",
    source="RFC 9110, section 10.1.5; the spelling of Chrome and Firefox",
    holds=lambda value: value in set(_agents().lines),
    capacity=lambda: len(_agents()),
)
def user_agent(draws: AnyDraws) -> Column:
    """The User-Agent header of a desktop browser."""
    return values.take(_agents(), draws.lane(0).below(len(_agents())))
