"""Frames made into clean interactions."""

from __future__ import annotations

import gzip
import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.capture.sanitising.planted import PASSWORD, TOKEN, sanitiser

from hotfixture.capture.failures import describe
from hotfixture.capture.playing import matching
from hotfixture.capture.records import Frame
from hotfixture.capture.sanitising import interactions
from hotfixture.capture.sanitising.bodies import raw_of
from hotfixture.capture.sanitising.interactions import interaction_of, question_of, request_of
from hotfixture.capture.sanitising.sanitiser import Sanitiser

NAMES = st.sampled_from([
    "id", "name", "user", "customer_id", "email", "token", "password", "note", "value", "key", "$type", "pass",
    "anna@corp.com", "Value", "Name", "first", "session", "card", "2026-11-21",
])  # fmt: skip
LEAVES = (
    st.none() | st.booleans() | st.integers(-5, 10**17) | st.sampled_from([1.0, 12.5, 1e16, -0.0, 5e-324])
    | st.text(max_size=8) | st.sampled_from([
        TOKEN, PASSWORD, "anna@corp.com", "4242424242424242", f"Bearer {TOKEN}", f'{{"password": "{PASSWORD}"}}',
        "--password", "https://h/?api_key=abcdef123456", "Anna Schmidt", "page two", "2026-11-21T16:00:00Z",
    ])
)  # fmt: skip
DOCUMENTS = st.recursive(
    LEAVES | st.just(4242424242424242),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4) | st.tuples(NAMES, inner),
    max_leaves=12,
)
SPELLED = st.sampled_from([
    {}, {"separators": (",", ":")}, {"indent": 2}, {"ensure_ascii": False}, {"separators": (" ,", "  :")},
    {"separators": (",", ": ")}, {"indent": "\t", "ensure_ascii": False},
])  # fmt: skip


def frame(kind: str = "http", **parts: Any) -> Frame:
    """A frame of a finished call; `parts` replace what it has."""
    made = Frame(
        1, None, kind, "shop.test", "GET /orders", {"method": "GET", "url": "https://shop.test/orders", "headers": []},
        {"status": 200, "reason": "OK", "headers": []}, [], [], [], 1.5, 1000, "success", None, "main", None, None, [],
    )  # fmt: skip
    for name, value in parts.items():
        setattr(made, name, value)
    return made


def made_of(one: Frame, by: Sanitiser | None = None) -> Any:
    """The interaction as it stands on the disk."""
    return json.loads(msgspec.json.encode(interaction_of(one, by or sanitiser(), process=1, prefix="aa")))


def test_a_secret_is_in_no_field_of_an_interaction() -> None:
    """case 16"""
    try:
        try:
            raise ValueError(f"inner {TOKEN}")
        except ValueError as error:
            raise RuntimeError(f"cannot use {TOKEN}", {"password": PASSWORD}) from error
    except RuntimeError as error:
        failure = describe(error)
    one = frame(
        request={"method": "POST", "url": f"https://u:{PASSWORD}@h/{TOKEN}",
                 "headers": [("Authorization", f"Bearer {TOKEN}")]},
        response={"status": 200, "reason": f"for {TOKEN}", "headers": [("Set-Cookie", f"sid={TOKEN}; Path=/")],
                  "trailers": [("X-Token", TOKEN)]},
        sent=[TOKEN[:7].encode(), TOKEN[7:].encode()],
        received=[f'{{"a": "{TOKEN[:9]}'.encode(), f'{TOKEN[9:]}"}}'.encode()],
        times=[1, 2],
        failure=failure, scope=f"test[{TOKEN}]", notes=[f"note {TOKEN}"], task=f"task {TOKEN}",
        operation=f"GET /{TOKEN}",
    )  # fmt: skip
    written = json.dumps(made_of(one))
    assert TOKEN not in written
    assert PASSWORD not in written
    assert "inner" in written


def test_a_secret_that_only_the_answer_tells_is_gone_from_the_question_too() -> None:
    one = frame(
        request={"method": "GET", "url": f"https://h/things/{TOKEN}", "headers": [("X-Thing", TOKEN)]},
        received=[json.dumps({"access_token": TOKEN}).encode()], times=[1],
    )  # fmt: skip
    assert TOKEN not in json.dumps(made_of(one))


def test_lengths_and_cuts_follow_what_was_cleaned() -> None:
    """case 10"""
    events = [b'data: {"n": 1}\n\n', b'data: {"password": "short-one"}\n\n', b"data: end\n\n"]
    size = str(len(b"".join(events)))
    headers = [("Content-Type", "text/event-stream"), ("Content-Length", size), ("content-length", size)]
    one = frame(response={"status": 200, "headers": headers}, received=events, times=[10, 20, 30])
    made = made_of(one)
    raw = raw_of(made["response"]["body"])
    assert b"short-one" not in raw
    assert [value for name, value in made["response"]["headers"][1:]] == [str(len(raw))] * 2
    sizes = [size for _, size in made["chunks"]]
    assert sum(sizes) == len(raw)
    assert raw[: sizes[0]] == events[0]
    assert raw[sizes[0] + sizes[1] :] == events[2]


def test_what_holds_no_secret_keeps_lengths_and_cuts() -> None:
    body = gzip.compress(b"hello " * 50)
    headers = [("Content-Encoding", "gzip"), ("Content-Length", str(len(body)))]
    one = frame(response={"status": 200, "headers": headers}, received=[body[:5], body[5:]], times=[1, 2])
    made = made_of(one)
    assert made["response"]["headers"] == [list(pair) for pair in headers]
    assert raw_of(made["response"]["body"]) == body
    assert made["chunks"] == [[1, 5], [2, len(body) - 5]]


def test_the_length_of_an_answer_to_head_stays() -> None:
    """case 11"""
    one = frame(response={"status": 200, "headers": [("Content-Length", "123")]})
    made = made_of(one)
    assert made["response"]["body"] is None
    assert made["response"]["headers"] == [["Content-Length", "123"]]


@pytest.mark.parametrize("kind", ["http", "call", "sql"])
def test_what_cannot_be_cleaned_is_not_written(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """case 19: an error within cleaning leaves out the bodies, never the cleaning"""
    one = frame(kind, sent=[PASSWORD.encode()], received=[PASSWORD.encode()], times=[1])
    one.request = {"method": "GET", "url": f"https://u:{PASSWORD}@h.test/{TOKEN}", "headers": [("a", PASSWORD)]}

    def broken(*_: object) -> Any:
        raise RuntimeError(PASSWORD)

    monkeypatch.setattr(interactions, "http", broken)
    monkeypatch.setattr(interactions, "values", broken)
    monkeypatch.setattr(interactions, "sql", broken)
    monkeypatch.setattr(interactions, "_CLEANERS", type(interactions._CLEANERS)("kind of call", interactions.KINDS))
    made = made_of(one)
    assert PASSWORD not in json.dumps(made)
    assert TOKEN not in json.dumps(made)
    assert made["notes"] == ["left out, for it could not be cleaned: RuntimeError"]
    if kind == "http":
        assert made["request"]["url"] == "https://h.test/"


def test_a_live_request_is_cleaned_as_the_recorded_one_was() -> None:
    asked = {"method": "GET", "url": f"https://h/?api_key={TOKEN}&email=anna%40corp.com", "headers": []}
    one = frame(request=asked, sent=[json.dumps({"password": PASSWORD, "user": {"name": "Anna Schmidt"}}).encode()])
    assert json.loads(json.dumps(request_of(one, sanitiser()))) == made_of(one)["request"]


@settings(derandomize=True)  # what nobody has thought of is looked for in longer runs than those that decide
@given(DOCUMENTS, SPELLED, st.booleans(), st.sampled_from(["", "gzip"]), st.sampled_from(["", "\n", " \n"]))
@example({"card": 4242424242424242, "note": 4242424242424242}, {"separators": (" ,", ":")}, False, "", "")
@example({"token": "first-value"}, {}, True, "", "")
@example({"id": {"key": f"Bearer {TOKEN}", "value": TOKEN}}, {}, True, "", "")
@example({"anna@corp.com": 4242424242424242, "otto@corp.com": "anna@corp.com"}, {}, False, "", "")
@example({"id": None, "$type": "App.User", "name": f"u {PASSWORD}", "pass": PASSWORD}, {}, False, "", "")
def test_a_question_has_the_values_of_the_recorded_request_however_it_was_spelled(
    value: Any, how: dict[str, Any], twice: bool, encoding: str, tail: str
) -> None:
    """What a live call is matched by is worked out on a shorter road: both lead to one place, and learn the same."""
    text = json.dumps(value, **how) + tail
    if twice and text.startswith("{"):  # a key that comes twice: the last counts, and both are cleaned
        text = f'{{"token": "another-{TOKEN}",' + (text[1:] if value else '"x": 1' + text[1:])
    data = text.encode()
    headers = [("Content-Type", "application/json"), ("Authorization", f"Bearer {TOKEN}")]
    if encoding:
        data, headers = gzip.compress(data), [*headers, ("Content-Encoding", encoding)]
    asked = {"method": "POST", "url": f"https://h/{PASSWORD}/a?email=anna%40corp.com", "headers": headers}
    one = frame(request=asked, sent=[data])
    quick, whole = sanitiser(), sanitiser()
    live, kept = question_of(one, quick), json.loads(msgspec.json.encode(request_of(one, whole)))
    asked, recorded = (matching.parts_of("http", "h", "POST /a", request) for request in (live, kept))
    assert matching.exact_key(asked) == matching.exact_key(recorded)
    assert matching.loose_key(asked, quick) == matching.loose_key(recorded, whole)
    assert quick.secrets.originals() == whole.secrets.originals()
