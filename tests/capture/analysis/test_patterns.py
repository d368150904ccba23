"""Each pattern is found with its evidence, and not where there is none."""

from __future__ import annotations

from typing import Any

import pytest
from tests.capture.made import call, failed, grpc, http

from hotfixture.capture.analysis import patterns
from hotfixture.capture.analysis.analyzer import CaptureAnalyzer


def found(interactions: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return CaptureAnalyzer("nowhere").analyze_interactions(interactions)["patterns"][name]


def test_a_request_that_is_sent_again_after_an_error_is_a_retry() -> None:
    tries = [failed(1), failed(2), http(3, "GET", "/things/1", said={"ok": True})]
    (one,) = found(tries, "retries")
    assert (one["attempts"], one["recovered"], one["ids"]) == (3, True, ["a-1", "a-2", "a-3"])
    assert one["waits_s"] == [pytest.approx(0.995)] * 2


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_request_that_is_sent_again_after_a_bad_status_is_a_retry(status: int) -> None:
    tries = [http(1, "GET", "/things/1", status), http(2, "GET", "/things/1", status)]
    (one,) = found(tries, "retries")
    assert (one["attempts"], one["recovered"], one["ids"]) == (2, False, ["a-1", "a-2"])


@pytest.mark.parametrize(
    "second",
    [
        http(2, "GET", "/things/2"),
        http(2, "GET", "/things/1", sent={"other": 1}),
        http(2, "GET", "/things/1", start_time=1.0 + patterns.RETRY_WITHIN + 1),
        http(2, "GET", "/things/1", scope="another test"),
    ],
)
def test_another_request_or_one_much_later_is_no_retry(second: dict[str, Any]) -> None:
    assert not found([http(1, "GET", "/things/1", 503), second], "retries")


def test_a_request_that_differs_in_headers_only_is_the_same() -> None:
    second = http(2, "GET", "/things/1")
    second["request"]["headers"] = [["traceparent", "00-1"]]
    assert len(found([http(1, "GET", "/things/1", 404), http(2, "GET", "/things/1", 503), second], "retries")) == 1


def test_a_call_of_grpc_that_differs_in_metadata_only_is_the_same() -> None:
    tries = [grpc(1, {"id": 5}, None, trace="1", status="error"), grpc(2, {"id": 5}, {"a": 1}, trace="2")]
    (one,) = found(tries, "retries")
    assert (one["attempts"], one["recovered"], one["ids"]) == (2, True, ["a-1", "a-2"])
    assert not found([tries[0], grpc(2, {"id": 6}, {"a": 1})], "retries")


def test_many_calls_that_differ_in_one_value_are_an_n_plus_one() -> None:
    calls = [
        http(0, "GET", "/orders", scope="test_list"),
        *(http(n, "GET", f"/orders/{n}", scope="test_list") for n in range(1, 8)),
    ]
    (one,) = found(calls, "n_plus_one")
    assert (one["count"], one["differs_in"], one["scope"]) == (7, "path[1]", "test_list")
    assert one["ids"] == [f"a-{n}" for n in range(1, 8)]
    assert one["total_duration"] == 35


def test_children_of_one_call_are_told_by_their_parent() -> None:
    calls = [call(n, request={"sql": "SELECT", "parameters": [n]}, parent="a-99") for n in range(6)]
    (one,) = found(calls, "n_plus_one")
    assert (one["parent"], one["differs_in"]) == ("a-99", "parameters[0]")


@pytest.mark.parametrize(
    "calls",
    [
        [http(n, "GET", f"/orders/{n}") for n in range(patterns.MANY - 1)],
        [http(n, "GET", f"/orders/{n}?page={n}") for n in range(9)],
        [http(n, "GET", f"/orders/{n}", scope=f"test {n}") for n in range(9)],
        [http(n, "GET", "/orders/1") for n in range(9)],
    ],
    ids=["few", "two values", "one a test", "the same"],
)
def test_other_calls_are_no_n_plus_one(calls: list[dict[str, Any]]) -> None:
    assert not found(calls, "n_plus_one")


def test_identical_calls_within_one_test_are_listed() -> None:
    calls = [http(n, "POST", "/search", sent={"q": "a"}, scope="one") for n in range(4)]
    (one,) = found([*calls, *(http(n, "GET", f"/x/{n}") for n in range(5, 9))], "repeated_calls")
    assert (one["count"], one["operation"]) == (4, "POST /search")
    assert one["ids"] == ["a-0", "a-1", "a-2", "a-3"]
    assert not found(calls[:2], "repeated_calls")


def test_errors_close_together_are_a_burst() -> None:
    close = [failed(n, start_time=100 + n / 10) for n in range(7)]
    apart = [failed(n + 50, start_time=1000 + 60.0 * n) for n in range(7)]
    (one,) = found([*close, *apart], "error_bursts")
    assert (one["count"], one["ids"]) == (7, [f"a-{n}" for n in range(7)])
    assert one["until"] - one["since"] == pytest.approx(0.6)


def test_a_slow_tail_names_its_slowest_calls() -> None:
    calls = [call(n, duration_ms=2.0 if n % 50 else 400.0 + n) for n in range(1, 101)]
    (one,) = found(calls, "slow_tails")
    assert one["ratio"] > 100
    assert one["ids"][:2] == ["a-100", "a-50"]
    assert not found([call(n, duration_ms=2.0 + n / 100) for n in range(100)], "slow_tails")


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "REMEMBERED", 10)
    watch = patterns.Patterns()
    from hotfixture.capture.analysis.reading import glimpses

    for seen in glimpses(http(n, "GET", f"/x/{n}", 503, scope=f"{n}") for n in range(300)):
        watch.add(seen, seen.code)
        assert len(watch._same) <= 20
        assert len(watch._groups) <= 20
