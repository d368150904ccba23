"""Two sessions: what the program asks now that it did not ask then, and what it gets."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.capture.made import call, grpc, http

from hotfixture.capture.comparing.drift import compare_sessions


def program(run: int = 1, **body: Any) -> list[dict[str, Any]]:
    return [
        http(1, "GET", "/users/5", said={"id": 5}),
        http(
            2, "POST", "/orders", 201, {"ok": True}, sent={"sku": "a", "qty": 2, "request": str(UUID(int=run)), **body}
        ),
        http(3, "GET", "/orders?page=1", said=[]),
    ]


def test_the_same_program_does_not_drift() -> None:
    found = compare_sessions(program(1), program(2))
    assert found["same"]
    assert not any(found[name] for name in ("drift", "new_requests", "lost_requests", "answers", "order", "timing"))


def test_a_changed_field_is_drift_although_the_url_matches() -> None:
    """case 28: the request is told with the field, the recorded value and the new one."""
    found = compare_sessions(program(), program(2, qty=3, gift=True))
    (one,) = found["drift"]
    assert (one["operation"], one["old_id"], one["new_id"]) == ("POST /orders", "a-2", "a-2")
    assert [(each["type"], each["path"], each["old"], each["new"]) for each in one["differences"]] == [
        ("value_changed", "body.qty", 2, 3),
        ("field_added", "body.gift", None, True),
    ]
    assert not found["same"]


def test_learned_and_given_noise_is_no_drift() -> None:
    def noisy(run: int) -> list[dict[str, Any]]:
        return program(run, nonce=f"n{run}")

    assert compare_sessions(noisy(1), noisy(9))["drift"]
    assert compare_sessions(noisy(1), noisy(9), ignore=["body.nonce"])["same"]
    found = compare_sessions(noisy(1), noisy(9), learn_from=[noisy(2), noisy(3)])
    assert found["same"]
    assert ("request", "body.nonce") in [(one["side"], one["path"]) for one in found["volatile"]]
    changed = compare_sessions(noisy(1), program(9, nonce="n9", qty=7), learn_from=[noisy(2), noisy(3)])
    assert [each["path"] for each in changed["drift"][0]["differences"]] == ["body.qty"]


def test_new_and_lost_requests_are_told() -> None:
    found = compare_sessions(program(), [*program()[1:], http(4, "DELETE", "/users/5", 204)])
    assert [one["operation"] for one in found["new_requests"]] == ["DELETE /users/{id}"]
    assert [one["operation"] for one in found["lost_requests"]] == ["GET /users/{id}"]
    assert not found["same"]


def test_a_changed_answer_to_the_same_question_is_told() -> None:
    now = program()
    now[0] = http(1, "GET", "/users/5", said={"id": "5"})
    found = compare_sessions(program(), now)
    (one,) = found["answers"]
    assert [(each["type"], each["path"]) for each in one["differences"]] == [("type_mismatch", "body.id")]
    assert found["same"]
    failing = [
        {**one, "status": "error", "error_type": "X", "response": None} if one["number"] == 1 else one
        for one in program()
    ]
    assert compare_sessions(program(), failing)["answers"]


def test_another_order_is_told_within_a_thread_only() -> None:
    swapped = [{**one, "start_time": -one["start_time"]} for one in program()]
    found = compare_sessions(program(), swapped)
    assert [one["type"] for one in found["order"]] == ["order_mismatch"] * 2
    apart = [{**one, "thread": str(one["number"])} for one in swapped]
    assert compare_sessions(program(), apart)["order"] == []


def test_slower_answers_are_a_cosmetic_difference_of_timing() -> None:
    def timed(factor: float) -> list[dict[str, Any]]:
        return [call(n, request=n, duration_ms=factor * (10 + n % 7)) for n in range(30)]

    (one,) = compare_sessions(timed(1), timed(3))["timing"]
    assert (one["severity"], one["before"], one["now"]) == ("cosmetic", 13, 39)
    assert compare_sessions(timed(1), timed(1.05))["timing"] == []


def test_each_new_request_is_paired_with_the_most_like_one() -> None:
    was = [http(n, "POST", "/orders", sent={"sku": f"s{n}", "qty": n, "note": f"n{n}"}) for n in range(5)]
    now = [http(n, "POST", "/orders", sent={"sku": f"s{n}", "qty": n, "note": "changed"}) for n in reversed(range(5))]
    drift = compare_sessions(was, now)["drift"]
    assert all(one["old_id"] == one["new_id"] for one in drift)
    assert len(drift) == 5


def test_calls_of_grpc_are_compared_by_what_their_messages_say() -> None:
    was, now = [grpc(1, {"id": 5}, {"name": "a"}, trace="1")], [grpc(1, {"id": 5}, {"name": "a"}, trace="2")]
    found = compare_sessions(was, now)
    assert found["same"]
    assert found["answers"] == []
    changed = compare_sessions(was, [grpc(1, {"id": 6}, {"name": "a"})])
    assert [each["path"] for each in changed["drift"][0]["differences"]] == ["messages[0].id"]
    answered = compare_sessions(was, [grpc(1, {"id": 5}, {"name": "b"})])
    assert [each["path"] for each in answered["answers"][0]["differences"]] == ["messages[0].name"]


def test_many_equal_requests_are_paired_quickly() -> None:
    calls = [http(n, "GET", "/health") for n in range(3000)]
    assert compare_sessions(calls, calls)["compared"] == 3000


def test_one_request_more_does_not_shift_the_pairs_of_thousands() -> None:
    """None has an equal, for each has a nonce; and they are too many for each to be held against all."""
    old, new = (
        [http(n, "POST", "/o", 201, sent={"n": n, "nonce": f"{k}-{n}"}) for n in range(first, 700)]
        for k, first in ((0, 1), (1, 0))
    )
    found = compare_sessions(old, new, ignore=["body.nonce"])
    assert (found["drift"], found["lost_requests"]) == ([], [])
    assert [one["request"]["body"]["n"] for one in found["new_requests"]] == [0]
    found = compare_sessions(old[:50], new[:51])  # where the nonce counts, it is all that has changed in 50 of them
    assert {each["path"] for one in found["drift"] for each in one["differences"]} == {"body.nonce"}
    assert [one["request"]["body"]["n"] for one in found["new_requests"]] == [0]
