"""Tokens: the right shape, and valid nowhere."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from json import loads

from tests.generators.agreement import agreed


def part(text):
    return loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def test_web_tokens_decode_and_are_unsigned():
    for value in agreed("jwt"):
        head, claims, signature = value.split(".")
        assert part(head) == {"alg": "none", "typ": "JWT"}
        assert part(claims)["exp"] > part(claims)["iat"]
        assert signature == ""


def test_keys_say_that_they_are_fake():
    assert all(value.startswith("fake_key_") and len(value) == 9 + 32 for value in agreed("api_key"))
    assert all(value.startswith("test-") and len(value) == 13 for value in agreed("api_key", prefix="test-", length=8))
    assert all("fake" in value for value in agreed("bearer_header"))


def test_scopes_of_one_token_differ():
    assert all(len(set(value.split())) == 8 for value in agreed("oauth_scope", scopes=8, count=500))


def test_tokens_have_the_length_wanted():
    assert {len(value) for value in agreed("token", length=19)} == {19}
