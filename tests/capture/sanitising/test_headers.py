"""Headers and URLs."""

from __future__ import annotations

import base64

import pytest
from tests.capture.sanitising.planted import PASSWORD, TOKEN, jwt, sanitiser


def header(name: str, value: str) -> str:
    """The clean value of one header."""
    ((_, made),) = sanitiser().headers([(name, value)])
    return made


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Content-Type", "text/html; charset=utf-8"), ("ETag", '"33a64df551425fcc55e4d42a148795d9f25f89d4"'),
        ("X-Request-Id", "550e8400-e29b-41d4-a716-446655440000"), ("User-Agent", "python-requests/2.32"),
        ("WWW-Authenticate", 'Bearer realm="x", error="invalid_token"'),
        ("Access-Control-Allow-Headers", "Authorization"),
        ("Strict-Transport-Security", "max-age=1"), ("Set-Cookie", "a=1; Path=/; HttpOnly"),
        ("X-RateLimit-Limit", "5000"),
    ],
)  # fmt: skip
def test_headers_without_secrets_stay(name: str, value: str) -> None:
    assert header(name, value) == value


def test_what_stands_behind_the_name_of_a_secret_in_a_path_is_one() -> None:
    token = "q7Zx-93kdW_" + "mM2pLt0vB"
    made = sanitiser().url(f"https://h.test/reset/token/{token}/x")
    assert token not in made
    assert made.startswith("https://h.test/reset/token/")
    assert made.endswith("/x")
    assert sanitiser().url(made) == made


def test_schemes_and_attributes_stay_and_credentials_do_not() -> None:
    """case 17"""
    assert header("Authorization", f"Bearer {TOKEN}").startswith("Bearer ")
    basic = header("proxy-authorization", "Basic " + base64.b64encode(f"anna:{PASSWORD}".encode()).decode())
    user, _, password = base64.b64decode(basic.removeprefix("Basic ")).decode().partition(":")
    assert user == "anna"
    assert password != PASSWORD
    set_cookie = header("Set-Cookie", f"sid={TOKEN}; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Path=/")
    assert set_cookie.endswith("; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Path=/")
    assert TOKEN not in set_cookie
    cookies = header("Cookie", f"sid={TOKEN}; theme=dark-blue")
    assert cookies.startswith("sid=")
    assert set_cookie.split(";")[0] == cookies.split(";")[0]
    signed = header("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261121/eu/s3/aws4_request, "
                    f"SignedHeaders=host;x-amz-date, Signature={'ab' * 32}")  # fmt: skip
    assert "SignedHeaders=host;x-amz-date" in signed
    assert "/20261121/eu/s3/aws4_request" in signed
    assert "AKIAIOSFODNN7EXAMPLE" not in signed
    assert "ab" * 32 not in signed
    assert header("X-Forwarded-For", "81.2.69.142") != "81.2.69.142"


def test_a_token_in_a_header_keeps_its_structure() -> None:
    token = jwt({"sub": "17", "exp": 1795277700, "email": "anna@corp.com"})
    made = header("Authorization", f"Bearer {token}").removeprefix("Bearer ")
    assert made.split(".")[0] == token.split(".")[0]
    assert made.split(".")[2] != token.split(".")[2]
    assert header("Authorization", f"Bearer {made}") == f"Bearer {made}"


@pytest.mark.parametrize(
    "url",
    [
        "https://h.test/a/b?page=2&sort=name&empty=&x", "http://[::1]:80/x%20y?q=a+b#part", "/relative?a=b;c=d",
        "https://h.test/users/550e8400-e29b-41d4-a716-446655440000/orders?since=2026-11-21T16:02:12Z", "https://h.test",
        "https://h.test/?next_page_token=CAUQAA-abcdef&max_tokens=5",
        "https://h.test/v1/token/introspect", "https://h.test/auth/v2-long-operation-name/list", "https://h.test/token/17",
    ],
)  # fmt: skip
def test_urls_without_secrets_stay_letter_for_letter(url: str) -> None:
    assert sanitiser().url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "https://u:{}@h.test/x", "https://h.test/?api_key={}&a=b", "https://h.test/?a=b#access_token={}&state=1",
        "https://h.test/cb?redirect=https%3A%2F%2Fi%2F%3Ftoken%3D{}", "https://h.test/?X-Amz-Signature={}",
        "https://h.test/?client%5Fsecret={}", "https://{}@h.test/x", "https://h.test/?key={}",
    ],
)  # fmt: skip
def test_secrets_in_urls_do_not_stay(url: str) -> None:
    """case 16"""
    made = sanitiser().url(url.format(PASSWORD))
    assert PASSWORD not in made
    before, after = url.split("{}")
    assert made.startswith(before)
    assert made.endswith(after)
    assert sanitiser().url(made) == made
