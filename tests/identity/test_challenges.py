"""What is signed to log in."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.errors import InputError, RefusedError
from hotfixture.identity import challenges

NAMES = st.from_regex(challenges.ACCOUNT, fullmatch=True)
HOSTS = st.from_regex(challenges._HOST, fullmatch=True).filter(lambda host: not host.endswith(":443"))
TIMES = st.floats(0, 4e9)


@given(HOSTS, NAMES, TIMES)
def test_the_text_states_all_of_it_and_is_read_back(host: str, account: str, now: float) -> None:
    made = challenges.make(host, account, now)
    assert made.expires - now <= 300
    assert {f"Host: {host}", f"Account: {account}", f"Challenge: {made.nonce}"} <= set(made.text.splitlines())
    assert challenges.read(made.text, host=host, account=account) == made


@given(HOSTS, NAMES, st.data())
def test_a_text_changed_in_any_place_is_not_signed(host: str, account: str, data: st.DataObject) -> None:
    made = challenges.make(host, account, 1e9)
    at = data.draw(st.integers(0, len(made.text)))
    more = data.draw(st.text(min_size=1, max_size=3))
    changed = made.text[:at] + more + made.text[at + data.draw(st.integers(0, 3)) :]
    if changed != made.text:
        try:
            found = challenges.read(changed, host=host, account=account)
        except RefusedError:
            return
        assert found.text == changed  # another nonce or another time


@given(HOSTS, HOSTS, NAMES, NAMES)
def test_a_challenge_of_another_host_or_account_is_not_signed(host: str, other: str, mine: str, yours: str) -> None:
    text = challenges.make(host, mine, 0).text
    for wrong, account in ((other, mine), (host, yours)):
        if (wrong, account) != (host, mine):
            with pytest.raises(RefusedError, match="not signed"):
                challenges.read(text, host=wrong, account=account)


def test_the_page_shows_a_text_as_it_is() -> None:
    page = (Path(__file__).parents[2] / "docs" / "concepts" / "identity.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```text\n( *Hot Fixture Tool.*?) *```", page, re.DOTALL)
    found = challenges.read(dedent(block), host="fixtures.example.com", account="dev@example.com")
    assert challenges.namespace(found.host) in page


def test_no_two_challenges_are_the_same() -> None:
    assert len({challenges.make("h", "a", 0).nonce for _ in range(1000)}) == 1000


def test_a_host_has_one_spelling() -> None:
    for text, host in {
        "https://Fixtures.Example.com": "fixtures.example.com",
        "https://fixtures.example.com:443/api": "fixtures.example.com",
        "http://localhost:80": "localhost",
        "http://localhost:443": "localhost:443",
        "https://me@fixtures.example.com:8443": "fixtures.example.com:8443",
        "127.0.0.1:8090": "127.0.0.1:8090",
        "https://[::1]:8090/": "[::1]:8090",
    }.items():
        assert challenges.host_of(text) == host
    for bad in ("", "a b", "a\nHost: b", "bücher.example", "https://", "a:b:c", "x" * 300, "http://[::1", "-a"):
        with pytest.raises(InputError, match="expected a name or address"):
            challenges.host_of(bad)


def test_an_account_has_one_spelling() -> None:
    assert challenges.account_of(" Dev@Example.com ") == "dev@example.com"
    for bad in ("", "a b", "a\nb", "dév@example.com", "@example.com", "a@", "-a", "x" * 65, "a@b@c", "a\0"):
        with pytest.raises(InputError, match="account: expected"):
            challenges.account_of(bad)
