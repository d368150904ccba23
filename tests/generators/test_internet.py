"""The internet: mail and user names follow the person, everything lies in reserved ranges."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network

import pytest

from hotfixture.draws import Draws
from hotfixture.generators import find, generate
from hotfixture.generators.options import LOCALES
from hotfixture.generators.people import SEXED
from hotfixture.generators.pools import pool

DRAWS = Draws.from_rows(5, "internet", 0, 1000)


def made(name, **options):
    return find(name)(DRAWS, **options).to_pylist()


@pytest.mark.parametrize("locale", LOCALES)
def test_the_mail_address_is_made_of_the_name_of_the_same_draws(locale):
    sexes = made("sex")
    for address, sex, first, last in zip(
        made("email", locale=locale),
        sexes,
        made("first_name", locale=locale),
        made("last_name", locale=locale),
        strict=True,
    ):
        first_slugs = spellings(f"{locale}/first_{sex}", first)
        last_slugs = spellings(f"{locale}/last_{sex}" if (locale, "last") in SEXED else f"{locale}/last", last)
        name = re.sub(r"\d\d$", "", address.partition("@")[0])
        assert any(name == f"{a}{mark}{b}" for a in first_slugs for b in last_slugs for mark in ("", ".", "_", "-"))


def spellings(name, entry):
    names, slugs = pool(name).lines, pool(f"{name}.slug").lines
    return {slug for written, slug in zip(names, slugs, strict=True) if written == entry}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("unique", [False, True])
def test_the_user_name_stands_before_the_at(locale, unique):
    options = {"locale": locale, "unique": unique}
    pairs = zip(made("email", **options), made("user_name", **options), strict=True)
    assert all(address.partition("@")[0] == name for address, name in pairs)


@pytest.mark.parametrize("locale", LOCALES)
def test_addresses_are_ascii_and_cannot_receive_mail(locale):
    for address in made("email", locale=locale):
        assert re.fullmatch(r"[a-z0-9._-]+@[a-z]+\.(example|test)", address)


@pytest.mark.parametrize("name", ["email", "user_name"])
def test_unique_ones_never_collide_and_say_so(name):
    """The whole draw is in the text, and draws of distinct rows are distinct."""
    array = generate(name, count=300_000, unique=True)
    assert len(array.unique()) == len(array)
    assert find(name).capacity(unique=True) == 1 << 64
    assert find(name).capacity() is None


def test_transliteration_gives_what_people_write():
    assert (
        dict(zip(pool("ru/last_male").lines, pool("ru/last_male.slug").lines, strict=True))["Журавский"] == "zhuravskiy"
    )
    assert dict(zip(pool("ja/last").lines, pool("ja/last.slug").lines, strict=True))["佐藤"] == "sato"
    assert spellings("de/first_male", "Jörg") == {"joerg"}
    assert spellings("fr/first_female", "Zoé") == {"zoe"}


def test_urls_stand_under_the_domain_of_the_same_draws():
    for url, domain in zip(made("url"), made("domain"), strict=True):
        assert url.startswith(f"https://{domain}/")
        assert re.fullmatch(r"[a-z0-9]+\.(example|test)", domain)


def test_ipv4_lies_in_the_documentation_networks():
    networks = [IPv4Network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]
    seen = {next(network for network in networks if IPv4Address(each) in network) for each in made("ipv4")}
    assert len(seen) == 3


def test_mac_addresses_are_local_and_unicast():
    for address in made("mac"):
        first = int(address[:2], 16)
        assert first & 0b11 == 0b10


def test_browsers_of_every_kind_come():
    seen = set(find("user_agent")(Draws.from_rows(0, "agents", 0, 20_000)).to_pylist())
    assert len(seen) == find("user_agent").capacity()
    assert all(agent.startswith("Mozilla/5.0 (") for agent in seen)
