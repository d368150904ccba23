"""Recordings against mocks: by request, with accuracy, missing mocks, variants and volatile fields."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.capture.made import call, failed, form, http, session

from hotfixture.capture.analysis.analyzer import CaptureAnalyzer
from hotfixture.capture.comparing.mocked import compare
from hotfixture.capture.comparing.tolerances import Tolerance
from hotfixture.capture.mocks import Answer, Mocks, Rule

OLD = [
    call(0, "get", service="firestore", response={"docs": []}),
    call(1, "generate", service="gemini", response={"text": "response"}),
    call(2, "set", service="firestore", status="error", error="no"),
]


def test_the_comparison_has_the_keys_of_the_contract(tmp_path: Path) -> None:
    path = session(tmp_path / "capture_x.json", OLD)
    mocks = {"firestore.get": {"docs": []}, "gemini.generate": {"text": "different"}}
    found = CaptureAnalyzer(tmp_path).compare_with_mock(path, mocks)
    assert (found["total_comparisons"], found["matches"], found["accuracy_score"]) == (2, 1, 0.5)
    (one,) = found["differences"]
    assert (one["service"], one["operation"]) == ("gemini", "generate")
    assert (one["real_sample"], one["mock_sample"]) == ({"text": "response"}, {"text": "different"})
    assert one["differences"] == [
        {"type": "value_mismatch", "path": "text", "real": "response", "mock": "different", "severity": "likely"}
    ]
    assert found["missing_mocks"] == []
    assert found["skipped"] == {"the call failed, and no mock says how": 1}
    assert CaptureAnalyzer(tmp_path).compare_with_mock("capture_x.json", mocks) == found
    json.dumps(found)


def test_mocks_may_be_a_file(tmp_path: Path) -> None:
    path = session(tmp_path / "capture_x.json", OLD)
    (tmp_path / "mocks.json").write_text('{"firestore.get": {"docs": []}}')
    found = compare(path, tmp_path / "mocks.json")
    assert found["accuracy_score"] == 0.5


def test_missing_mocks_are_ranked_by_use_and_count_as_misses() -> None:
    calls = [call(n, operation, response={"n": n}) for n, operation in enumerate("abbbcc")]
    found = compare(calls, {"billing.a": {"n": 0}})
    assert [(one["operation"], one["count"]) for one in found["missing_mocks"]] == [("b", 3), ("c", 2)]
    assert found["missing_mocks"][0]["real_response_sample"] == {"n": 1}
    assert found["missing_mocks"][0]["ids"] == ["a-1", "a-2", "a-3"]
    assert (found["total_comparisons"], found["accuracy_score"]) == (6, pytest.approx(1 / 6))


def test_two_answers_of_one_operation_are_compared_by_what_was_asked() -> None:
    """case 29: two documents, one operation: a flat mock can be right about one of them only."""
    calls = [call(n, "get", request={"doc": n}, response={"id": n, "data": None}) for n in (1, 2)]
    assert compare(calls, {"billing.get": {"id": 1, "data": None}})["accuracy_score"] == 0.5
    rules = [
        Rule(service="billing", operation="get", when={"doc": n}, answers=[Answer(response={"id": n, "data": None})])
        for n in (1, 2)
    ]
    assert compare(calls, Mocks(rules))["accuracy_score"] == 1
    assert compare(calls, Mocks(rules[::-1]))["accuracy_score"] == 1


@pytest.mark.parametrize("falsy", [None, 0, False, "", [], {}])
def test_falsy_answers_are_compared(falsy: Any) -> None:
    """case 29: an empty answer is an answer."""
    calls = [call(1, response=falsy)]
    assert compare(calls, {"billing.charge": falsy})["accuracy_score"] == 1
    other = 0 if falsy is not False and falsy != 0 else None
    found = compare(calls, {"billing.charge": other})
    assert found["accuracy_score"] == 0
    assert found["differences"][0]["differences"][0]["type"] == "type_mismatch"


def test_accuracy_is_told_by_operation_with_counts_and_an_interval() -> None:
    calls = [call(n, "ab"[n % 2], response=n < 8) for n in range(20)]
    found = compare(calls, {"billing.a": True, "billing.b": True})
    a, b = found["by_operation"]
    assert (a["comparisons"], a["matches"], a["accuracy"]) == (10, 4, 0.4)
    assert a["interval"] == [pytest.approx(0.1682, abs=1e-4), pytest.approx(0.6873, abs=1e-4)]
    assert b["matches"] == 4
    assert a["severities"] == {"likely": 6}


def test_differences_that_are_the_same_are_told_once_with_their_count() -> None:
    found = compare([call(n, response={"a": 1, "n": 5}) for n in range(9)], {"billing.charge": {"a": 2, "n": 5}})
    (one,) = found["differences"]
    assert (one["count"], one["ids"]) == (9, [f"a-{n}" for n in range(5)])


def test_calls_that_the_program_broke_off_are_left_out() -> None:
    calls = [call(1, response=1), call(2, status="cancelled"), call(3, status="closed", response=5)]
    found = compare(calls, {"billing.charge": 1})
    assert (found["total_comparisons"], sum(found["skipped"].values())) == (1, 2)


def headed(headers: Any) -> dict[str, Any]:
    return {"status": 200, "headers": headers, "body": {"id": 5}}


HTTP = http(1, "GET", "/users/5", said={"id": 5}, headers=[["X-Total", "1"]])


@pytest.mark.parametrize(
    ("mock", "told"),
    [
        ({"id": 5}, []),
        ({"status": 200, "body": {"id": 5}}, []),
        ({"status": 200, "body": {"json": {"id": 5}}}, []),
        ({"status": 200, "body": form({"id": 5})}, []),
        (headed({"content-type": "Application/JSON"}), []),
        ({"id": 6}, [("value_mismatch", "body.id", "likely")]),
        ({"status": 500, "body": {"id": 5}}, [("status_mismatch", "status", "breaking")]),
        ({"status": 204, "body": {"id": 5}}, [("status_mismatch", "status", "likely")]),
        (headed({"X-Total": "2"}), [("header_mismatch", "headers.x-total", "cosmetic")]),
        (headed([["Content-Type", "text/plain"]]), [("header_mismatch", "headers.content-type", "likely")]),
        (headed({"Date": "another"}), []),
        ({"status": 200}, [("type_mismatch", "body", "breaking")]),
    ],
)  # fmt: skip
def test_answers_of_http_are_compared_by_status_headers_and_body(mock: Any, told: list[Any]) -> None:
    found = compare([HTTP], {"api.shop.example.GET /users/{id}": mock})
    entries = [*found["differences"], *found["cosmetic"]]
    assert [(one["type"], one["path"], one["severity"]) for entry in entries for one in entry["differences"]] == told
    good = all(severity == "cosmetic" for _, _, severity in told)
    assert found["accuracy_score"] == good
    assert compare([HTTP], {"api.shop.example.GET /users/{id}": mock}, strict=True)["accuracy_score"] == (not told)


def test_a_body_alone_stands_for_an_answer_that_means_success() -> None:
    failing = http(1, "GET", "/users/5", 404, said={"id": 5})
    found = compare([failing], {"api.shop.example.GET /users/{id}": {"id": 5}})
    assert found["differences"][0]["differences"][0]["type"] == "status_mismatch"


def test_answers_in_turn_are_compared_in_turn_and_variants_are_right_too() -> None:
    rule = Rule(
        service="billing", operation="charge", when=None,
        answers=[Answer(response=1), Answer(response=2)],
        variants=[Answer(response="busy", share=0.1), Answer(status="error", error_type="Timeout", share=0.1)],
    )  # fmt: skip
    calls = [
        call(1, response=1),
        call(2, response=2),
        call(3, response="busy"),
        call(4, status="error", error_type="Timeout"),
    ]
    assert compare(calls, Mocks([rule]))["accuracy_score"] == 1
    swapped = [call(1, response=2), call(2, response=1)]
    assert compare(swapped, Mocks([rule]))["accuracy_score"] == 1
    wrong = compare(
        [call(1, response=1), call(2, response=3), call(3, status="error", error_type="Reset")], Mocks([rule])
    )
    assert wrong["matches"] == 1


def test_a_call_that_fails_as_the_mock_does_is_a_match() -> None:
    rule = Rule(
        kind="http", service="api.shop.example", operation="GET /things/{id}",
        when={"method": "GET", "path": ["things", "1"]}, answers=[Answer(status="error", error_type="ConnectError")],
    )  # fmt: skip
    assert compare([failed(1)], Mocks([rule]))["accuracy_score"] == 1
    assert compare([failed(1, "ReadTimeout")], Mocks([rule]))["accuracy_score"] == 0


def test_volatile_fields_are_left_out_and_shown() -> None:
    def run(number: int) -> list[dict[str, Any]]:
        return [call(1, response={"id": 5, "token": f"t{number}"})]

    mocks = {"billing.charge": {"id": 5, "token": "mine"}}
    assert compare(run(1), mocks)["accuracy_score"] == 0
    found = compare(run(1), mocks, learn_from=[run(2), run(3)])
    assert found["accuracy_score"] == 1
    (one,) = found["volatile"]
    assert (one["path"], one["evidence"][0]["values"]) == ("token", ["t1", "t2", "t3"])
    wrong = compare(run(1), {"billing.charge": {"id": 6, "token": "mine"}}, learn_from=[run(2)])
    assert [one["path"] for one in wrong["differences"][0]["differences"]] == ["id"]


def test_places_and_tolerances_may_be_given() -> None:
    calls = [call(1, response={"price": 100.0, "at": 1})]
    mocks = {"billing.charge": {"price": 100.4, "at": 2}}
    assert compare(calls, mocks)["accuracy_score"] == 0
    assert compare(calls, mocks, ignore=["at"], tolerance=Tolerance(relative=0.01))["accuracy_score"] == 1


def test_nothing_to_compare_is_no_accuracy() -> None:
    found = compare([], {})
    assert (found["total_comparisons"], found["accuracy_score"], found["accuracy_interval"]) == (0, 0, [0, 1])


def test_bodies_of_bytes_are_told_in_base64() -> None:
    """A comparison is JSON, whatever was recorded."""
    binary = {"base64": "AAH/"}
    one = http(1, "GET", "/picture")
    one["response"]["body"] = binary
    found = compare([one], {"api.shop.example.GET /picture": {"status": 200, "body": {"base64": "AAE="}}})
    (each,) = found["differences"][0]["differences"]
    assert (each["real"], each["mock"]) == (binary, {"base64": "AAE="})
    json.dumps(found)
    mocks = {"api.shop.example.GET /picture": {"status": 200, "body": binary}}
    assert compare([one], mocks)["accuracy_score"] == 1
