"""The scan finds what is left, says where, never what; and finds nothing in what was cleaned."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from tests.capture.sanitising.planted import PASSWORD, SERVICE_TOKENS, TOKEN, jwt, sanitiser
from tests.capture.sanitising.test_interactions import frame

from hotfixture.capture.sanitising.interactions import interaction_of
from hotfixture.capture.sanitising.scan import scan
from hotfixture.errors import InputError

LEFT: dict[str, tuple[Any, str]] = {
    "a header": ({"request": {"headers": [["Authorization", f"Bearer {TOKEN}"]]}}, "request.headers[0][1]"),
    "a cookie": ({"headers": [["a", "b"], ["Set-Cookie", f"sid={TOKEN}; Path=/"]]}, "headers[1][1]"),
    "a field": ({"response": {"body": {"json": {"user": {"password": PASSWORD}}}}}, "response.body.json.user.password"),
    "a token": ({"text": f"see {SERVICE_TOKENS[1]}"}, "text"),
    "a jwt": ({"text": jwt({"sub": "1"})}, "text"),
    "base64": ({"b": base64.b64encode(json.dumps({"api_key": TOKEN}).encode()).decode()}, "b.api_key"),
    "a mail address": ({"note": "to anna@corp.com"}, "note"),
    "a card": ({"note": "4242 4242 4242 4242"}, "note"),
    "a gzip body": (
        {"body": {"json": {}, "encodings": ["gzip"],
                  "packed": base64.b64encode(gzip.compress(f"password={PASSWORD}".encode())).decode()}},
        "body",
    ),
    "json in json": ({"t": json.dumps({"client_secret": PASSWORD})}, "t.client_secret"),
}  # fmt: skip


@pytest.mark.parametrize("name", LEFT)
@pytest.mark.parametrize("form", ["session.jsonl", "session.json", "dump.har"])
def test_what_is_left_is_found_and_its_place_is_said(name: str, form: str, tmp_path: Path) -> None:
    value, place = LEFT[name]
    line = json.dumps(value)
    (tmp_path / form).write_text(f'{{"id": 1}}\n{line}\n' if form.endswith("l") else json.dumps(value, indent=1))
    findings = scan(tmp_path, environment={})
    assert [one.place for one in findings] == [place]
    assert findings[0].file == form
    assert findings[0].line == (2 if form.endswith("l") else 0)
    said = str(findings[0]) + json.dumps(findings[0].told())
    assert not any(secret in said for secret in (TOKEN, PASSWORD, "anna", "4242"))


def test_values_that_were_given_are_found_in_any_spelling(tmp_path: Path) -> None:
    odd = 'p@ss"wörd/17'
    for spelled in (odd, json.dumps(odd)[1:-1], quote(odd, safe="")):
        (tmp_path / "report.md").write_text(f"line\nand {spelled} here")
        assert [(one.kind, one.line) for one in scan(tmp_path / "report.md", secrets=[odd], environment={})] == [
            ("given", 2)
        ]
        assert [one.kind for one in scan(tmp_path, environment={"DB_PASSWORD": odd})] == ["given"]
    assert not scan(tmp_path, environment={"DB_HOST": odd})


def test_a_cassette_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "cassette.yaml").write_text(f"interactions:\n- request:\n    uri: https://h/?api_key={TOKEN}\n")
    assert [one.line for one in scan(tmp_path, environment={})] == [3]


def test_nothing_is_found_in_what_was_cleaned(tmp_path: Path) -> None:
    document = {
        "access_token": TOKEN, "user": {"email": "anna@corp.com", "password": PASSWORD, "name": "Anna"}, "otp": 482913,
        "card": "4111 1111 1111 1111", "note": f"{SERVICE_TOKENS[0]} {jwt({'email': 'anna@corp.com'})}", "pin": "1234",
        "ssn": "078-05-1120", "phone": "(415) 555-2671",
        "t": base64.b64encode(f"token={TOKEN} is it".encode()).decode(),
    }  # fmt: skip
    body = gzip.compress(json.dumps(document).encode())
    headers = [
        ("Authorization", f"Bearer {TOKEN}"), ("Cookie", f"a=1; sid={TOKEN}; theme=dark-blue"), ("X-Api-Key", PASSWORD),
        ("Proxy-Authorization", "Basic " + base64.b64encode(f"anna:{PASSWORD}".encode()).decode()),
        ("Set-Cookie", f"sid={TOKEN}; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT"), ("Content-Encoding", "gzip"),
        ("Authorization", f'Digest username="u", realm="r", nonce="{TOKEN}", response="{TOKEN[::-1]}"'),
    ]  # fmt: skip
    one = frame(
        request={"method": "POST", "url": f"https://u:{PASSWORD}@h/{TOKEN}?api_key={TOKEN}", "headers": headers},
        response={"status": 200, "headers": headers}, sent=[body], received=[body], times=[1],
    )  # fmt: skip
    made = interaction_of(one, sanitiser(), process=1, prefix="aa")
    (tmp_path / "x.jsonl").write_bytes(msgspec.json.encode(made) + b"\n")
    assert scan(tmp_path, secrets=[TOKEN, PASSWORD, "anna@corp.com"], environment={}) == []


def test_there_must_be_something_to_scan(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        scan(tmp_path / "missing")
