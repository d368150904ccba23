"""What every cleaning keeps: nothing of a secret is left, the same becomes the same, what is clean stays as it is."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.capture.sanitising.planted import KEY, OTHER_KEY, PASSWORD, SERVICE_TOKENS, TOKEN, jwt, sanitiser

from hotfixture.capture.sanitising.sanitiser import Sanitiser
from hotfixture.capture.values import plain, restored

SHARED = sanitiser()
LETTERS = st.characters(exclude_categories=["Cs", "Cc"])
SECRET = st.text(LETTERS, min_size=8, max_size=40).filter(lambda text: len(set(text)) > 4 and not text.isdigit())
NAMES = st.sampled_from(["password", "X-Custom-Token", "apiKey", "client_secret", "Authorization"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@given(VALUES)
def test_what_holds_no_secret_is_the_same_object_or_cleaned_alike_twice(value: Any) -> None:
    made = SHARED.value(value)
    assert made is value or repr(SHARED.value(made)) == repr(made)


@given(NAMES, SECRET, st.sampled_from(["plain", "list", "pairs", "named", "deep", "tuple"]))
def test_a_secret_under_its_key_is_left_nowhere(name: str, secret: str, shape: str) -> None:
    """case 17"""
    value: dict[str, Any] = {
        "plain": {name: secret},
        "list": {name: [secret, secret]},
        "pairs": [[name, secret], ["other", "x"]],
        "named": {"name": name, "value": secret},
        "deep": {"a": [{"b": {name: secret}}]},
        "tuple": {"a": plain({"t": (1, {name: (secret,)})})},
    }
    one = sanitiser()
    made = one.value(value[shape])
    assert secret not in json.dumps(made, ensure_ascii=False)
    assert one.value(made) == made, "a surrogate that comes back stays"
    assert sanitiser().value(value[shape]) == made, "another session gives the same"


@settings(max_examples=40)
@given(SECRET)
def test_what_was_learned_once_is_left_in_no_spelling(secret: str) -> None:
    """case 16"""
    one = sanitiser()
    one.value({"access_token": secret})
    if not len(one.secrets):
        return
    later = {
        "prose": f"sent {secret} along",
        "json": json.dumps({"x": secret}),
        "url": f"https://h/?x={quote(secret, safe='')}",
        "base64": base64.b64encode(f'{{"some": "text with {secret} in it"}}'.encode()).decode(),
    }
    made = one.value(later)
    for name, text in made.items():
        for form in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1]):
            assert form not in _unpacked(name, text)


def _unpacked(name: str, text: str) -> str:
    return base64.b64decode(text).decode() if name == "base64" else text


def test_a_token_is_replaced_wherever_it_goes() -> None:
    """case 16: issued in one answer, sent in a header, in JSON in JSON, in Base64, in a JWT, in a URL"""
    one = sanitiser()
    issued = one.value({"access_token": TOKEN})["access_token"]
    token = jwt({"sub": "7", "nonce": "n", "token": TOKEN})
    values = [
        one.headers([("Authorization", f"Bearer {TOKEN}"), ("X-Trace", TOKEN)]),
        one.value({"a": json.dumps({"b": json.dumps({"c": TOKEN})})}),
        one.value({"a": base64.b64encode(f"user:{TOKEN} and more".encode()).decode()}),
        one.value({"a": token}),
        one.url(f"https://h/{TOKEN}?q=1&next={quote('https://i/?t=' + TOKEN, safe='')}#{TOKEN}"),
        one.text(f"cannot use {TOKEN}: refused"),
    ]
    assert TOKEN not in json.dumps(values)
    assert values[0] == [("Authorization", f"Bearer {issued}"), ("X-Trace", issued)]
    assert json.loads(json.loads(values[1]["a"])["b"])["c"] == issued
    assert base64.b64decode(values[2]["a"]).decode() == f"user:{issued} and more"
    head, claims, signature = values[3]["a"].split(".")
    assert head == token.split(".")[0]
    assert json.loads(base64.urlsafe_b64decode(claims + "=="))["token"] == issued
    assert signature not in token
    assert issued in values[4]
    assert values[4].startswith("https://h/")
    assert values[5] == f"cannot use {issued}: refused"


@pytest.mark.parametrize("token", SERVICE_TOKENS)
def test_tokens_of_services_are_told_by_their_form_and_keep_it(token: str) -> None:
    made = sanitiser().text(f"used {token} there")
    assert token not in made
    found = made.split()[1]
    assert found[:2] == token[:2]
    assert len(found) == len(token)
    assert sanitiser().text(made) == made
    assert sanitiser().is_surrogate(found)


def test_surrogates_of_another_key_are_left_too() -> None:
    made = Sanitiser(OTHER_KEY).value({"password": PASSWORD, "t": jwt({"a": 1}), "authorization": f"Bearer {TOKEN}"})
    assert sanitiser().value(made) == made


class Slotted:
    """An object whose attributes stand in slots."""

    __slots__ = ("api_key",)

    def __init__(self) -> None:
        self.api_key = PASSWORD


@dataclass
class Data:
    """An object that declares its fields."""

    client_secret: str
    monkey: str = "chimpanzee-17"


class Named(NamedTuple):
    """A tuple with names."""

    pwd: str


def test_objects_of_all_kinds_are_looked_into() -> None:
    """case 17: tuple, set, slots, dataclass, named tuple, bytes"""
    value = plain({
        "objects": [Slotted(), Data(PASSWORD), Named(PASSWORD)],
        "password": {PASSWORD, PASSWORD + "2"},
        "token": (PASSWORD, PASSWORD.encode()),
        "error": ValueError(f"password={PASSWORD}"),
        "odd keys": {1: 2, "password": PASSWORD, ("bob", "token"): PASSWORD + "3", 4: {"pwd": PASSWORD + "4"}},
    })  # fmt: skip
    made = json.dumps(sanitiser().value(value))
    assert PASSWORD not in made
    assert base64.b64encode(PASSWORD.encode()).decode() not in made
    assert "chimpanzee-17" in made


@pytest.mark.parametrize("around", [b"%s", b"password=%s", b"\x80\x04\x95 api_key=%s\x94\x00\xff", b"\xff\x00%s\x00"])
@pytest.mark.parametrize("kind", [bytes, bytearray])
def test_bytes_are_looked_into_whatever_they_are(around: bytes, kind: type) -> None:
    """case 17: rows and answers of objects hold pickles, pictures, packed structures."""
    one, short = sanitiser(), "Kx9-mQ2v"
    one.value({"password": short, "token": PASSWORD})
    value = plain({"data": kind(around % short.encode()), "other": kind(around % PASSWORD.encode())})
    made = restored(one.value(value))
    assert short.encode() not in made["data"]
    assert PASSWORD.encode() not in made["other"]
    assert type(made["data"]) is kind
    before, after = around.split(b"%s")
    assert bytes(made["data"]).startswith(before)
    assert bytes(made["data"]).endswith(after)
    late = sanitiser()
    written = late.value(value) if around == b"\xff\x00%s\x00" else value
    late.value({"password": short, "token": PASSWORD})
    again = restored(late.again(written))
    assert short.encode() not in again["data"]


@pytest.mark.parametrize("squeeze", [gzip.compress, zlib.compress])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_what_is_compressed_within_a_text_is_looked_into(
    squeeze: Callable[[bytes], bytes], encode: Callable[[bytes], bytes]
) -> None:
    """case 16: the payloads of queues and of log subscriptions."""
    inner = json.dumps({"password": PASSWORD, "n": 1})
    for padding in range(3):
        one = sanitiser()
        made = one.value({"data": encode(squeeze((" " * padding + inner).encode())).decode()})
        data = base64.urlsafe_b64decode(made["data"].replace("+", "-").replace("/", "_"))
        text = zlib.decompress(data, wbits=47).decode()
        assert PASSWORD not in text
        assert text.endswith('"n": 1}')
        assert one.value(made) == made


def test_pydantic_and_protobuf_are_looked_into() -> None:
    """case 17"""
    pydantic = pytest.importorskip("pydantic")
    struct_pb2 = pytest.importorskip("google.protobuf.struct_pb2")
    model = pydantic.create_model("Login", apiKey=(str, ...), page=(int, 3))
    message = struct_pb2.Struct()
    message.update({"apiKey": PASSWORD, "page_token": "abcdefgh"})
    made = json.dumps(sanitiser().value(plain([model(apiKey=PASSWORD), message])))
    assert PASSWORD not in made
    assert "abcdefgh" in made


@pytest.mark.parametrize("inner", [{"password": PASSWORD}, {"token": {"$type": "App.Key", "user": PASSWORD}}])
def test_documents_with_a_key_of_our_own_marks_are_cleaned_as_others(inner: dict[str, Any]) -> None:
    """Json.NET writes a `$type` into its documents, too."""
    for kind in ("App.Account, App", "tuple", None, 7):
        assert PASSWORD not in json.dumps(sanitiser().value({"$type": kind, **inner}))


def test_words_that_look_like_keys_are_kept() -> None:
    """case 17"""
    value = {
        "monkey": "chimpanzee-17", "keyboard": "qwertz-1234", "turkey": "roasted-22", "prompt_token_count": 1234,
        "next_page_token": "CAUQAA-abcdef", "cursor": "eyJvZmZzZXQiOjEwMH0", "max_tokens": 5,
        "keys": ["a", "bcdefghij"], "usage": {"tokens": 7},
    }  # fmt: skip
    assert sanitiser().value(value) is value


def test_counts_under_names_of_secrets_are_kept() -> None:
    value = {"pass": 12, "fail": 3, "session": 5, "private": 0, "auth": True, "token": None}
    assert sanitiser().value(value) is value
    assert sanitiser().value({"otp": 482913})["otp"] == 999999


def test_people_are_invented_ones_without_a_policy_too() -> None:
    one = sanitiser()
    value = {
        "user": {"name": "Anna Schmidt", "email": "anna@corp.com", "phone": "+49 30 901820"},
        "product": {"name": "Anna"},
    }
    made = one.value(value)
    assert made["product"] == value["product"]
    assert "Anna" not in json.dumps(made["user"])
    assert made["user"]["email"].endswith((".example", ".test"))
    assert one.text("write to anna@corp.com") == f"write to {made['user']['email']}"
    assert one.value({"card": "4111 1111 1111 1111"})["card"] != "4111 1111 1111 1111"


def test_a_value_itself_is_never_changed() -> None:
    value = {"a": [{"password": PASSWORD}]}
    sanitiser().value(value)
    assert value == {"a": [{"password": PASSWORD}]}


def test_wild_makes_requests_equal_that_differ_in_credentials() -> None:
    ours, theirs = sanitiser(), Sanitiser(OTHER_KEY)
    asked = {
        "url": f"https://h/x?key_id=1&access_token={TOKEN}",
        "body": {"password": PASSWORD, "n": 1, "jwt": jwt({"a": 1})},
    }
    mine, other = ours.value(asked), theirs.value(asked)
    assert mine != other
    assert ours.wild(mine) == ours.wild(other)
    assert ours.wild({"body": {"n": 2}}) != ours.wild({"body": {"n": 1}})


def test_names_that_come_back_in_a_replay_stay() -> None:
    recorded = sanitiser().value({"user": {"name": "Anna Schmidt", "card": "4111 1111 1111 1111"}})
    one = sanitiser()
    one.adopt(recorded)
    assert one.value(recorded) == recorded
    assert one.value({"user": {"name": "Anna Schmidt"}})["user"]["name"] == recorded["user"]["name"]


def test_lines_that_were_written_before_are_cleaned_of_what_is_learned_later() -> None:
    """case 16"""
    one = sanitiser()
    packed = base64.b64encode(f"binary-ish text with {TOKEN} in it".encode()).decode()
    line = json.dumps({"id": "1", "response": {"body": {"json": {"value": TOKEN, "b": packed}}}}).encode() + b"\n"
    before = one.learned
    assert one.retroactive(line) is line
    issued = one.value({"access_token": TOKEN})["access_token"]
    assert one.learned > before
    made = one.retroactive(line)
    assert TOKEN.encode() not in made
    assert base64.b64encode(TOKEN.encode())[:-4] not in made
    assert json.loads(made)["response"]["body"]["json"]["value"] == issued
    assert one.retroactive(made) is made


def test_no_error_shows_a_secret() -> None:
    assert PASSWORD not in repr(sanitiser({"secrets": []}))
    assert KEY.secret.hex() not in repr(sanitiser())


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ({"cmd": f"curl -u admin:{PASSWORD} https://h/x"}, "curl -u admin:"),
        ({"xml": f"<a><password>{PASSWORD}</password></a>"}, "</password></a>"),
        ({"escaped": json.dumps({"log": json.dumps({"password": PASSWORD})})[:-2] + " torn"}, "password"),
        ({"sas": f"https://h.test/c/b?sv=2020&sig={PASSWORD}&se=2026"}, "https://h.test/c/b?sv=2020&sig="),
        ({"webhook_url": f"https://h.test/in/{PASSWORD}"}, "https://h.test"),
        ({"cookies": [{"name": "sid", "value": PASSWORD, "domain": "h.test"}]}, "h.test"),
        ({"args": ["--password", PASSWORD, "--user", "x"]}, "--password"),
        ({"args": [f"--token={PASSWORD}", "-x", "y"]}, "-x"),
        ({"tags": [{"Key": "DB_PASSWORD", "Value": PASSWORD}]}, "DB_PASSWORD"),
        ({"$type": "dict", "value": [f"password={PASSWORD}", "x"]}, "dict"),
        ({"Name": "api_key", "Type": "String", "Value": PASSWORD}, "String"),
        ({"Set-Cookie": f"sid={PASSWORD}; Path=/; HttpOnly"}, "; Path=/; HttpOnly"),
        (
            {"private_key": f"-----BEGIN PRIVATE KEY-----\n{PASSWORD}\n-----END PRIVATE KEY-----\n"},
            "-----BEGIN PRIVATE",
        ),
    ],
)
def test_secrets_are_seen_where_programs_put_them_and_all_around_them_stays(value: Any, kept: str) -> None:
    one = sanitiser()
    made = one.value(value)
    assert PASSWORD not in json.dumps(made)
    assert kept in json.dumps(made)
    assert one.value(made) == made
