"""Volatile fields are learned from recordings of the same program: exactly those, with the evidence."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.capture.made import call, http

from hotfixture.capture.comparing import volatile
from hotfixture.capture.comparing.differences import compare_values
from hotfixture.capture.comparing.recorded import interactions
from hotfixture.capture.playing.matching import loose_key, parts_of
from hotfixture.capture.sanitising.sanitiser import Sanitiser
from hotfixture.transforms.masks.keys import MaskingKey


def learned(*recordings: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    found = volatile.learn([interactions(one) for one in recordings])
    return [(one.operation, one.side, one.path) for one in found]


def recording(run: int) -> list[dict[str, Any]]:
    """One run of a program: polling, an answer with ids and times, a request with a nonce, a list of items."""
    unique = str(UUID(int=run))
    return [
        http(1, "GET", "/orders/7", said={"id": 7, "etag": f"v{run}", "state": "new", "seen": {"at": f"day {run}"}}),
        http(2, "GET", "/status", said={"n": 1}),
        http(3, "GET", "/status", said={"n": 2}),
        http(4, "GET", "/status", said={"n": 3}),
        http(5, "POST", "/orders", 201, {"id": unique, "items": [{"sku": one, "token": unique} for one in "ab"]},
             sent={"sku": "a", "nonce": f"n{run}", "qty": 2}, headers=[["X-Region", "eu"], ["X-Trace", unique]]),
        call(6, request={"amount": 5}, response={"charged": 5, "balance": 100 if run < 3 else 95}),
    ]  # fmt: skip


def test_three_recordings_tell_exactly_the_volatile_fields() -> None:
    """case 28: what changes within a recording (a state) is not volatile; nothing else is told."""
    assert learned(recording(1), recording(2), recording(3)) == [
        ("GET /orders/{id}", "response", "body.etag"),
        ("GET /orders/{id}", "response", "body.seen.at"),
        ("POST /orders", "request", "body.nonce"),
        ("POST /orders", "response", "body.id"),
        ("POST /orders", "response", "body.items[*].token"),
        ("POST /orders", "response", "headers.x-trace"),
        ("charge", "response", "balance"),
    ]


def test_recordings_that_are_the_same_tell_nothing() -> None:
    assert learned(recording(1), recording(1), recording(1)) == []
    assert learned(recording(1)) == []


def test_the_evidence_are_the_values_and_the_ids_of_the_calls() -> None:
    found = volatile.learn([interactions(recording(run)) for run in (1, 2, 3)])
    etag = next(one for one in found if one.path == "body.etag")
    assert etag.evidence == [{"ids": ["a-1", "a-1", "a-1"], "values": ["v1", "v2", "v3"]}]
    assert (etag.recordings, etag.changes, etag.groups) == (3, 1, 1)


def test_a_field_that_is_sometimes_missing_is_volatile_and_a_list_of_changing_length() -> None:
    one = [call(1, response={"a": 1, "extra": 1, "list": [1, 2]})]
    other = [call(1, response={"a": 1, "list": [1]})]
    assert learned(one, other) == [("charge", "response", "extra"), ("charge", "response", "list")]


def test_parallel_calls_in_another_order_are_not_volatile() -> None:
    """Requests that all recordings have are paired by what they ask, those with noise by likeness."""

    def parallel(run: int, order: list[int]) -> list[dict[str, Any]]:
        together = {"start_time": 0.0, "duration_ms": 50.0}
        return [
            http(place, "GET", f"/things?x={number}&nonce={run}{number}", said={"x": number}, **together)
            for place, number in enumerate(order)
        ]

    assert learned(parallel(1, [1, 2, 3]), parallel(2, [3, 1, 2]), parallel(3, [2, 3, 1])) == [
        ("GET /things", "request", "query.nonce")
    ]


@given(st.sets(st.sampled_from("abcdefgh")), st.integers(2, 4))
def test_any_set_of_fields_that_change_is_found_again(changing: set[str], runs: int) -> None:
    def run(number: int) -> list[dict[str, Any]]:
        return [call(1, response={name: f"{name}{number if name in changing else ''}" for name in "abcdefgh"})]

    assert [path for _, _, path in learned(*map(run, range(runs)))] == sorted(changing)


def test_what_is_learned_are_patterns_to_leave_out() -> None:
    found = volatile.learn([interactions(recording(run)) for run in (1, 2, 3)])
    name = ("api.shop.example", "POST /orders")
    assert volatile.ignored(found)[name] == ["body.id", "body.items[*].token", "headers.x-trace"]
    assert volatile.ignored(found, "request") == {name: ["body.nonce"]}


def test_a_playback_is_told_the_noise_of_requests() -> None:
    """case 28: with it a request that differs in learned noise only is played; one that differs in more is missed."""

    def run(number: int, qty: int = 1) -> list[dict[str, Any]]:
        items = [{"sku": "a", "key": f"k{number}"}]
        sent = {"nonce": f"n{number}", "items": items, "qty": qty}
        return [http(1, "POST", f"/orders?trace=t{number}", 201, {"ok": True}, sent=sent)]

    recorded = [interactions(run(number)) for number in (1, 2, 3)]
    learned = volatile.noise(volatile.learn(recorded))
    assert learned == {
        ("POST /orders", "query.trace"),
        ("POST /orders", "body.nonce"),
        ("POST /orders", "body.items[].key"),
    }
    sanitiser = Sanitiser(MaskingKey(bytes(32)))
    keys = [
        loose_key(parts_of("http", "api.shop.example", "POST /orders", one["request"]), sanitiser, learned)
        for one in (*run(1), *run(77), *run(78, qty=2))
    ]
    assert keys[0] == keys[1] != keys[2]


def test_of_thousands_of_questions_that_all_change_the_pairs_are_found_by_their_order() -> None:
    """Each held against each other, ten thousand would take a quarter of an hour."""
    recordings = [
        interactions([
            http(n, "POST", "/o", said={"id": n}, sent={"n": n, "nonce": f"{k}-{n}", "trace": f"t{k}-{n}"})
            for n in range(400)
        ])
        for k in range(2)
    ]  # fmt: skip
    recordings[1][100:130] = recordings[1][129:99:-1]  # in parallel
    compared = 0

    def counted(one: Any, other: Any) -> Any:
        nonlocal compared
        compared += 1
        return compare_values(one, other)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(volatile, "compare_values", counted)
        found = volatile.learn(recordings)
    assert [(one.side, one.path, one.changes) for one in found] == [
        ("request", "body.nonce", 400), ("request", "body.trace", 400),
    ]  # fmt: skip
    assert compared < 400 * 120
