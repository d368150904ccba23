"""Credentials are told by their forms."""

from __future__ import annotations

import pytest
from tests.capture.sanitising.planted import SERVICE_TOKENS, jwt

from hotfixture.capture.sanitising.credentials import in_urls, jwts, keys, public, tokens, told


@pytest.mark.parametrize("token", SERVICE_TOKENS)
def test_the_token_of_a_service_is_found_by_how_it_begins(token: str) -> None:
    found = list(tokens(f"see {token}."))
    assert token.startswith(found[0].value.rstrip(".")[:20])
    assert 0 < found[0].prefix < len(token) == len(found[0].value.rstrip("."))
    assert public(token) == found[0].prefix


def test_a_jwt_is_one_only_if_its_header_says_so() -> None:
    token = jwt({"sub": "1"})
    assert [one.value for one in jwts(f"token={token};")] == [token]
    assert not list(jwts("eyJub3RoaW5nIjoxfQ.eyJub3RoaW5nIjoxfQ.abc"))


def test_a_private_key_is_found_between_its_lines() -> None:
    text = "x\n-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----\ny"
    assert [one.value.strip() for one in keys(text)] == ["MIIEow"]
    assert [one.value.strip() for one in keys(text[:40])] == ["MIIEow"], "a torn one, too"
    assert not list(keys("-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----"))


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("login failed for password=hunter2, bye", "hunter2"),
        ("Authorization: Bearer abc.def-123456", "abc.def-123456"),
        ('{"api_key": "k-9f8e7d6c"}', "k-9f8e7d6c"),
        ("Server=db;Password=S3cr3t;User=sa", "S3cr3t"),
        ("AccountKey=abc+/def==;EndpointSuffix=x", "abc+/def=="),
        ("set PASSWORD = 'two words'", "two words"),
        ("curl -H 'X-Api-Key: zzz999'", "zzz999"),
        ("api_key: |\n  k-9f8e7d6c\nother: 1", "k-9f8e7d6c"),
        ("machine db login app password s3cr3t\nmachine x", "s3cr3t"),
        ("ALTER ROLE app WITH LOGIN PASSWORD 's3cr3t pw'", "s3cr3t pw"),
        ("CREATE USER 'a'@'%' IDENTIFIED BY 's3cr3t'", "s3cr3t"),
        ("CREATE USER a IDENTIFIED WITH caching_sha2_password BY 's3cr3t'", "s3cr3t"),
        ("SET PASSWORD FOR 'a'@'%' = 's3cr3t'", "s3cr3t"),
        ("mysql --user x --password s3cr3t db", "s3cr3t"),
        ("tool --api-key 'k-9f8e7d6c' -v", "k-9f8e7d6c"),
        ("<div data-props='{&quot;password&quot;:&quot;s3cr3t pw&quot;,&quot;n&quot;:1}'>", "s3cr3t pw"),
        ("PGPASSWORD=s3cr3t psql -h db", "s3cr3t"),
        ("Config(client_secret='s3cr3t', keys=3)", "s3cr3t"),
    ],
)
def test_what_prose_calls_a_secret_is_found(text: str, secret: str) -> None:
    assert secret in [one.value for one in told(text)]


@pytest.mark.parametrize(
    "text",
    [
        "the bearer authentication failed", "token is invalid", "keyboard: qwertz123", "max_tokens=4096",
        "password: required", "at 16:02:12 the key was lost", "https://a.b/c?page=2&sort=key",
        "use --token-type or --password --verbose", "&quot;name&quot;:&quot;red&quot;",
    ],
)  # fmt: skip
def test_a_sentence_about_secrets_holds_none(text: str) -> None:
    assert not list(told(text))


def test_passwords_in_urls_are_found() -> None:
    assert [one.value for one in in_urls("postgresql://app:p4ss%40w@db:5432/x and http://a@b/")] == ["p4ss%40w"]
    assert [one.value for one in in_urls("git+https://x1Y2z3A4b5C6d7E8f9@h/r.git, ssh://continuous-delivery@h/")] == [
        "x1Y2z3A4b5C6d7E8f9"
    ]
