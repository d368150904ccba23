"""What is looked for costs no more in odd texts than in usual ones, and is found wherever it stands."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.capture.sanitising.planted import TOKEN, sanitiser

from hotfixture.capture.sanitising import hints
from hotfixture.capture.sanitising.bodies import form_of, raw_of

SIZE = 300_000
PIECES = st.sampled_from([
    "token", "password", "=", ": ", "x", "12", "4242424242424242", "2026-11-21T16:02:12Z", "anna@shop.test", "%41",
    " ", "eyJhbGci", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "AKIA", "SGVsbG8gV29ybGQsIGhlbGxv",
    "68656c6c6f20776f726c6420",
    "DE89 3704 0044 0532 0130 00", "Bearer ", "plain words", "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "+49 30 1234567",
])  # fmt: skip
TEXTS = st.lists(st.lists(PIECES, max_size=4).map("".join) | st.text(max_size=30), min_size=1, max_size=6)
ODD = {
    "one word and an at": "a" * SIZE + "@",
    "many ats": "@" * SIZE,
    "almost addresses": "a@" * (SIZE // 2),
    "names and colons": "a:" * (SIZE // 2),
    "names of secrets": "key=" * (SIZE // 4),
    "digits": "1" * SIZE,
    "digits and blanks": "1 " * (SIZE // 2),
    "percent at the end": "a" * SIZE + "%41",
    "percents": "%41" * (SIZE // 3),
    "beginnings of tokens": "eyJ" * (SIZE // 3),
    "dotted beginnings": "eyJhbGci." * (SIZE // 9),
    "quotes": '"' * SIZE,
    "open brackets": "<a " * (SIZE // 3),
    "open documents": "{" * SIZE,
    "schemes": "http://a:" * (SIZE // 9),
    "private keys": "-----BEGIN PRIVATE KEY-----" * (SIZE // 27),
    "cdata": "<a><![CDATA[" * (SIZE // 12),
    "base64": "QUJD" * (SIZE // 4),
    "backslashes": 'key="' + "\\" * SIZE,
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("kind", ["application/json", "text/html", "text/plain"])
def test_no_text_takes_minutes(name: str, kind: str) -> None:
    start = time.process_time()
    raw_of(form_of(ODD[name].encode(), [("content-type", kind)], sanitiser()))
    assert time.process_time() - start < 5


@pytest.mark.parametrize("place", [(4 << 20) - 4100, (4 << 20) - 10, (4 << 20) + 4096])
def test_long_texts_are_looked_at_as_a_whole(place: int) -> None:
    filler = "some words " * 400_000
    text = f"{filler[:place]} password={TOKEN} {filler[place:]}"
    assert hints.flags(text) & hints.TOLD
    assert TOKEN not in sanitiser().text(text)
    one = sanitiser()
    one.value({"token": TOKEN})
    assert TOKEN not in one.text(f"{filler[:place]}{TOKEN}{filler[place:]}")


@pytest.mark.parametrize(
    "text", ["plain words", "2026-11-21T16:02:12.123456Z", "https://h/v1/items/17?page=2", "12345678"]
)
def test_usual_texts_are_not_flagged(text: str) -> None:
    assert not hints.flags(text)


@given(TEXTS)
@example(["the token", "x=1234"])
@example(["SGVsbG8gV29ybGQsIGhlbGxv", "SGVsbG8gV29ybGQsIGhlbGx0"])
def test_texts_hold_together_what_each_of_them_holds_whatever_was_seen_before(texts: list[str]) -> None:
    joined = hints.SEPARATOR.join(texts)
    hints._QUIET.clear()
    first = hints.flags(joined)
    alone = 0
    for text in texts:
        hints._QUIET.clear()
        alone |= hints.flags(text)
    again = hints.flags(joined)
    assert first == alone == again == hints.flags(joined)
