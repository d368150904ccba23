"""Baselines: flat ones hold whole responses; generalised ones answer all that was recorded, and its like."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.capture.made import HOST, call, failed, grpc, http, session
from tests.capture.test_serving import served

from hotfixture.capture import baselines
from hotfixture.capture.baselines import create_mock_baseline
from hotfixture.capture.comparing.mocked import compare
from hotfixture.capture.comparing.recorded import interactions
from hotfixture.capture.mocks import Mocks, load_mocks

Calls = list[dict[str, Any]]


def generalised(calls: Calls) -> Mocks:
    return baselines.generalised(interactions(calls))


def ask(mocks: Mocks, method: str, path: str, sent: Any = None) -> Any:
    """The body that is answered, or the status if there is none."""
    one = http(1, method, path, sent=sent)
    answer = mocks.answer("http", one["service"], one["operation"], one["request"])
    return answer if answer is None else (answer["body"] or {}).get("json", answer["status"])


def uuid(number: int) -> str:
    return str(UUID(int=number * 7919 + (4 << 76) + (8 << 60)))


# ---- flat


def test_a_flat_baseline_holds_each_operation_that_went_well(tmp_path: Path) -> None:
    calls = [
        call(1, "get", service="firestore", response={"docs": []}),
        call(2, "generate", service="gemini", response={"text": "x" * 5000}),
        call(3, "set", service="firestore", status="error", error="no"),
        call(4, "watch", status="cancelled"),
    ]
    path = session(tmp_path / "c.json", calls)
    assert create_mock_baseline(path, tmp_path / "m.json") == 2
    read = json.loads((tmp_path / "m.json").read_text())
    assert read == {"firestore.get": {"docs": []}, "gemini.generate": {"text": "x" * 5000}}


def test_of_several_answers_the_most_frequent_is_taken_those_that_mean_success_first() -> None:
    calls = [call(n, response=answer) for n, answer in enumerate("abbacb")]
    assert baselines.flat(interactions(calls)).flat == {"billing.charge": "b"}
    failing = [http(1, "GET", "/a", 503), http(2, "GET", "/a", 503), http(3, "GET", "/a", said=1)]
    assert baselines.flat(interactions(failing)).flat["api.shop.example.GET /a"]["status"] == 200


def test_answers_of_http_are_whole_but_for_what_only_the_moment_had() -> None:
    calls = [http(1, "GET", "/a", said={"a": 1}, headers=[["Set-Cookie", "a=b"], ["Server", "x"], ["X-Own", "1"]])]
    (answer,) = baselines.flat(interactions(calls)).flat.values()
    assert answer == {
        "status": 200,
        "headers": [["Content-Type", "application/json"], ["Set-Cookie", "a=b"], ["X-Own", "1"]],
        "body": {"json": {"a": 1}},
    }


@pytest.mark.parametrize("generalise", [False, True])
def test_parallel_calls_in_any_order_give_the_same_bytes(generalise: bool, tmp_path: Path) -> None:
    """case 15: identical requests whose answers came in another order, recorded anew: byte-identical files."""
    files = set()
    for order in permutations([1, 2, 3]):
        calls = [
            http(place, "GET", "/next", said={"n": answer}, start_time=1.0 + place / 1e4, duration_ms=40.0 + answer)
            for place, answer in enumerate(order)
        ]
        others = [http(10 + n, "GET", f"/users/{n}", said={"id": n}, start_time=1.0 + order[0] / 1e3) for n in order]
        path = session(tmp_path / "c.json", [*calls, *others])
        create_mock_baseline(path, tmp_path / "m.json", generalise=generalise)
        files.add((tmp_path / "m.json").read_bytes())
    assert len(files) == 1


# ---- generalised


def users(count: int = 5) -> Calls:
    return [
        http(n, "GET", f"/users/{n}", said={
            "id": n, "key": str(n), "name": f"Name of {'abcdefghij'[n % 10]}", "self": f"/users/{n}", "active": True,
            "token": uuid(n), "since": f"2026-01-{n % 28 + 1:02}T10:00:00Z",
        })
        for n in range(1, count + 1)
    ]  # fmt: skip


def test_an_unseen_id_is_answered() -> None:
    """case 30: the path's id is echoed as number, text and within a text; the constant stays; ids and times are new."""
    mocks = generalised(users())
    made = ask(mocks, "GET", "/users/777")
    assert (made["id"], made["key"], made["self"], made["active"]) == (777, "777", "/users/777", True)
    assert made["name"] in {f"Name of {letter}" for letter in "bcdef"}
    assert UUID(made["token"]) not in {UUID(uuid(n)) for n in range(1, 6)}
    assert made["since"].startswith("2026-01-0")
    assert made == ask(mocks, "GET", "/users/777")
    assert ask(mocks, "GET", "/users/778")["token"] != made["token"]


def test_what_was_recorded_is_answered_as_it_was_recorded() -> None:
    mocks = generalised(users())
    for one in users():
        assert ask(mocks, "GET", f"/users/{one['number']}") == json.loads(one["response"]["body"]["text"])


def test_one_recording_is_enough_for_the_path_of_an_id() -> None:
    mocks = generalised(users(1))
    assert ask(mocks, "GET", "/users/9")["id"] == 9
    assert ask(mocks, "GET", "/users/1")["id"] == 1


def test_of_one_recording_a_short_value_is_an_echo_only_where_the_key_or_the_place_says_so() -> None:
    """Many things are 1; and 1 is no part of 12."""
    text = "Page 1 of 12, since 2021"
    said = {"id": 1, "ok": 1, "limit": 1, "text": text, "href": "/users/1", "pages": [1]}
    mocks = generalised([http(1, "GET", "/users/1?limit=1", said=said)])
    expected = {**said, "id": 7, "href": "/users/7"}
    assert ask(mocks, "GET", "/users/7?limit=1") == expected
    mocks = generalised([http(1, "GET", "/users/4711", said={"any": 4711, "text": "about 4711", "no": 14711})])
    assert ask(mocks, "GET", "/users/4712") == {"any": 4712, "text": "about 4712", "no": 14711}


def test_a_value_within_a_text_is_found_where_it_stands_alone() -> None:
    calls = [http(n, "GET", f"/p/{n}", said={"t": f"Page {n} of 12", "file": f"IMG{n}.png"}) for n in (1, 2, 3)]
    assert ask(generalised(calls), "GET", "/p/45") == {"t": "Page 45 of 12", "file": "IMG45.png"}


def test_a_number_is_echoed_however_the_request_spells_it() -> None:
    calls = [http(n, "GET", f"/conv?eur={n}.50", said={"eur": n + 0.5}) for n in (1, 2, 3)]
    assert ask(generalised(calls), "GET", "/conv?eur=9.50") == {"eur": 9.5}


def test_answers_that_refuse_are_variants_and_their_share_lowers_the_confidence() -> None:
    """Nothing in the request says which id is not there: an unseen one may be either."""
    calls = [
        http(n, "GET", f"/users/{n}", 404 if n % 2 else 200, said={"error": "none"} if n % 2 else {"id": n})
        for n in range(1, 13)
    ]
    rule = next(one for one in generalised(calls).rules if not one.exact)
    assert [(one.response["status"], one.share, one.seen) for one in rule.variants] == [(404, 0.5, 6)]
    steady = generalised([one for one in calls if one["response"]["status"] == 200]).rules[0]
    assert rule.confidence == pytest.approx(steady.confidence / 2, abs=1e-3)


def test_confidence_falls_where_the_same_question_was_answered_differently() -> None:
    changing = generalised([http(n, "GET", "/things/1", said={"n": n}) for n in range(8)])
    steady = generalised([http(n, "GET", "/things/1", said={"n": 1}) for n in range(8)])
    (general,) = [one for one in changing.rules if not one.exact]
    assert general.confidence == pytest.approx(steady.rules[0].confidence / 8, abs=1e-3)


def test_failures_of_calls_are_variants_too() -> None:
    calls = [call(n, response=1, request={"a": n}) for n in range(8)]
    calls += [call(n, request={"a": n}, status="error", error_type="ValueError", error="no") for n in (8, 9)]
    assert any(
        (one.error_type, one.share) == ("ValueError", 0.2) for rule in generalised(calls).rules for one in rule.variants
    )


def test_of_one_recording_what_passes_is_open_and_echoed() -> None:
    """A timestamp or UUID of a request is another one in the next run, as a playback takes it."""
    sent = {"total": 5, "at": "2026-11-21T10:00:00Z", "lines": [{"ref": uuid(1)}]}
    mocks = generalised([http(1, "POST", "/orders?trace=" + uuid(2), said={"got": sent, "id": 7}, sent=sent)])
    later = {"total": 5, "at": "2027-01-01T00:00:00Z", "lines": [{"ref": uuid(3)}]}
    assert ask(mocks, "POST", "/orders?trace=" + uuid(4), later) == {"got": later, "id": 7}
    assert ask(mocks, "POST", "/orders?trace=" + uuid(4), {**later, "total": 6}) is None
    assert ask(mocks, "POST", "/orders?trace=" + uuid(4), {**later, "at": "today"}) is None


def test_an_endpoint_that_only_fails_is_answered_so_with_confidence() -> None:
    (rule,) = generalised([http(n, "GET", "/health", 503, said={"down": True}) for n in range(10)]).rules
    assert (rule.variants, rule.answers[0].share) == ([], 1)
    assert rule.confidence > 0.7
    (rule,) = generalised([*(http(n, "GET", "/health", 503) for n in range(2)), http(3, "GET", "/health", 500)]).rules
    assert rule.seen == 3


def test_paths_with_names_become_one_rule_where_the_answer_repeats_the_name() -> None:
    people = [
        http(n, "GET", f"/people/{name}", said={"name": name, "n": n}) for n, name in enumerate(("ann", "bo", "cy"))
    ]
    mocks = generalised(people)
    assert ask(mocks, "GET", "/people/dora")["name"] == "dora"
    assert [rule.operation for rule in mocks.rules] == ["GET /people/{id}"]
    apart = generalised(
        [
            http(n, "GET", f"/api/{name}", said={"items": [], "n": n})
            for n, name in enumerate(("users", "orders", "carts"))
        ]
    )
    assert ask(apart, "GET", "/api/other") is None
    assert len(apart.rules) == 3


def test_fields_of_the_request_are_echoed() -> None:
    sent = [{"sku": f"s{n}", "qty": n} for n in range(1, 6)]
    calls = [
        http(n, "POST", "/orders", 201, {"order": one, "id": uuid(n), "total": n * 9}, sent=one)
        for n, one in enumerate(sent, 1)
    ]
    made = ask(generalised(calls), "POST", "/orders", {"sku": "new", "qty": 44})
    assert made["order"] == {"sku": "new", "qty": 44}
    assert UUID(made["id"])
    assert made["total"] in {9, 18, 27, 36, 45}


def test_a_field_that_chooses_the_answer_splits_the_rule() -> None:
    calls = [
        http(n, "GET", f"/search?kind={kind}&q={n}", said={"books": [n]} if kind == "book" else {"films": {"n": n}})
        for n, kind in enumerate(["book", "film"] * 3)
    ]
    mocks = generalised(calls)
    assert ask(mocks, "GET", "/search?kind=film&q=99") == {"films": {"n": 99}}
    assert ask(mocks, "GET", "/search?kind=book&q=99") == {"books": [99]}
    assert ask(mocks, "GET", "/search?kind=song&q=99") is None


def test_an_answer_of_another_shape_that_nothing_explains_stays_an_exact_rule() -> None:
    mocks = generalised([*users(), http(99, "GET", "/users/404", 404, {"error": "no user"})])
    assert ask(mocks, "GET", "/users/404") == {"error": "no user"}
    assert ask(mocks, "GET", "/users/405")["id"] == 405


def test_lists_may_be_of_any_length_and_keys_may_be_missing() -> None:
    calls = [
        http(n, "GET", f"/lists/{n}", said={"id": n, "items": list(range(n)), **({"note": "odd"} if n % 2 else {})})
        for n in range(1, 6)
    ]
    mocks = generalised(calls)
    for n in range(1, 6):
        assert ask(mocks, "GET", f"/lists/{n}") == json.loads(calls[n - 1]["response"]["body"]["text"])
    made = ask(mocks, "GET", "/lists/77")
    assert made["id"] == 77
    assert made["items"] in [list(range(n)) for n in range(1, 6)]


def test_what_changes_for_the_same_question_is_new_each_time_or_in_turn() -> None:
    calls = [http(n, "GET", "/session", said={"token": uuid(n), "user": 5}) for n in range(4)]
    mocks = generalised(calls)
    first, second = ask(mocks, "GET", "/session"), ask(mocks, "GET", "/session")
    assert first["user"] == second["user"] == 5
    assert first["token"] != second["token"]
    polled = generalised([http(n, "GET", "/poll", said={"n": n}) for n in range(3)])
    assert [ask(polled, "GET", "/poll")["n"] for _ in range(4)] == [0, 1, 2, 2]


def test_errors_are_variants_with_their_share() -> None:
    """case 30: failures of the server and of the connection, by class, with how often they were seen."""
    flaky: Calls = []
    for n in range(1, 9):
        flaky += [failed(100 + n)] if n in (3, 5) else []
        bad = http(n, "GET", "/things/1", 503) if n == 7 else http(n, "GET", "/things/1", said={"id": 1})
        flaky.append(bad)
    mocks = generalised([*flaky, *(http(200 + n, "GET", f"/things/{n}", said={"id": n}) for n in range(2, 7))])
    (general,) = [rule for rule in mocks.rules if not rule.exact]
    assert [(one.error_type, one.seen) for one in general.variants if one.status == "error"] == [("ConnectError", 2)]
    (busy,) = [one for one in general.variants if one.status == "success"]
    assert (busy.response["status"], busy.seen, busy.share) == (503, 1, round(1 / 15, 4))
    assert general.answers[0].share == pytest.approx(12 / 15, abs=1e-3)
    (exact,) = [rule for rule in mocks.rules if rule.exact]
    assert {one.error_type for one in exact.answers} == {None, "ConnectError"}
    assert exact.answers[0].failure is None
    (failure,) = {json.dumps(one.failure) for one in exact.answers if one.failure}
    assert json.loads(failure)["module"] == "httpx"


def test_confidence_falls_with_variance_and_rises_with_counts() -> None:
    """case 30."""

    def confidence(answer: Callable[[int], Any], count: int) -> float:
        (rule,) = generalised([http(n, "GET", f"/x/{n}", said=answer(n)) for n in range(1, count + 1)]).rules
        assert rule.seen == count
        return rule.confidence

    constant = confidence(lambda n: {"id": n, "a": 1, "b": 2}, 10)
    some = confidence(lambda n: {"id": n, "a": n % 2, "b": 2}, 10)
    much = confidence(lambda n: {"id": n, "a": n * n, "b": n * 3 + 1}, 10)
    assert 1 > constant > some > much > 0
    assert (
        confidence(lambda n: {"id": n, "a": 1, "b": 2}, 3)
        < constant
        < confidence(lambda n: {"id": n, "a": 1, "b": 2}, 60)
    )
    (rule,) = generalised([http(n, "GET", f"/x/{n}", said={"id": n, "a": n * n}) for n in range(1, 11)]).rules
    by_place = {one["place"]: one["confidence"] for one in rule.why}
    assert by_place["body.json.id"] > by_place["body.json.a"] > 0


def test_new_values_of_made_fields_are_right_and_those_of_another_sort_are_not() -> None:
    """A UUID that differed in every recorded answer may differ in the next recording of the same request too."""
    mocks = generalised(users())
    again = [
        {**one, "response": http(1, "GET", "/", said=_said(one) | {"token": uuid(99)})["response"]} for one in users()
    ]
    assert compare(again, mocks)["accuracy_score"] == 1
    wrong = [
        {**one, "response": http(1, "GET", "/", said=_said(one) | {"token": "gone"})["response"]} for one in users()
    ]
    assert compare(wrong, mocks)["accuracy_score"] == 0


def _said(one: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(one["response"]["body"]["text"])
    return said


PROGRAM = [
    *users(), http(50, "GET", "/users/404", 404, {"error": "none"}),
    *(http(60 + n, "GET", "/poll", said={"n": n}) for n in range(3)),
    *(http(70 + n, "POST", "/orders", 201, {"id": uuid(n), "sku": f"s{n}"}, sent={"sku": f"s{n}"}) for n in range(4)),
    http(80, "GET", "/flaky", 503), http(81, "GET", "/flaky", said="ok"), failed(82),
    http(83, "DELETE", "/users/5", 204),
    http(84, "GET", "/empty", said=""), http(85, "GET", "/null", said=None),
    *(call(90 + n, "query", kind="sql", request={"statement": "?", "values": [n]}, response={"rows": [[n, "x" * n]]})
      for n in range(5)),
    *(grpc(100 + n, {"id": n}, {"id": n, "name": "x" * n}, trace=f"{n}") for n in range(4)),
    call(96, "get", request={"args": []}, response=None),
    call(97, "odd", request={"$any": "x"}, response={"$request": "y", "$absent": True}),
    *(call(110 + n, "any", request=request, response=n) for n, request in enumerate([None, "text", [1], {"a": [{}]}])),
    {**http(120, "GET", "/odd"), "request": "odd"}, {**http(121, "GET", "/odd"), "response": "odd"},
    call(98, "fails", request={}, status="error", error="no", error_type="ValueError"),
]  # fmt: skip


def test_a_baseline_agrees_with_the_recording_it_is_made_of(tmp_path: Path) -> None:
    """case 30: baseline, then compare: 100 %, with every failure compared."""
    path = session(tmp_path / "c.json", PROGRAM)
    assert create_mock_baseline(path, tmp_path / "m.json", generalise=True) == len(load_mocks(tmp_path / "m.json"))
    found = compare(path, tmp_path / "m.json", strict=True)
    assert found["accuracy_score"] == 1
    assert found["total_comparisons"] == len(PROGRAM)
    assert (found["skipped"], found["missing_mocks"]) == ({}, [])


def test_a_baseline_agrees_with_what_it_is_served_as(tmp_path: Path) -> None:
    """case 30: the program run again with the mocks in place of the service: compared with them, 100 %."""
    create_mock_baseline(session(tmp_path / "c.json", PROGRAM), tmp_path / "m.json", generalise=True)
    mocks = load_mocks(tmp_path / "m.json")
    served = []
    for one in PROGRAM:
        found = mocks.find(one["kind"], one["service"], one["operation"], one["request"])
        assert found is not None
        answer = found.answer
        served.append({**one, "response": found.response, "status": answer.status, "error_type": answer.error_type})
    assert compare(served, tmp_path / "m.json")["accuracy_score"] == 1


def test_a_baseline_served_over_http_agrees_with_itself(tmp_path: Path) -> None:
    """case 30: baseline, serve, record what the server answers, compare: 100 %; and unseen ids are answered."""
    asked = [one for one in PROGRAM if one["kind"] == "http" and one["status"] == "success" and one["number"] < 120]
    create_mock_baseline(session(tmp_path / "c.json", asked), tmp_path / "m.json", generalise=True)
    again = []
    with served(load_mocks(tmp_path / "m.json").rules) as ask_server:
        for one in (*asked, http(200, "GET", "/users/777"), http(201, "POST", "/orders", sent={"sku": "new"})):
            request = one["request"]
            sent = request["body"] and request["body"]["text"].encode()
            status, headers, body = ask_server(request["method"], request["url"].removeprefix(HOST), sent)
            answer = {"status": status, "headers": headers, "body": {"text": body.decode()} if body else None}
            again.append({**one, "response": answer})
    found = compare(again, tmp_path / "m.json")
    assert (found["total_comparisons"], found["accuracy_score"]) == (len(asked) + 2, 1)
    assert json.loads(again[-2]["response"]["body"]["text"])["id"] == 777
    assert json.loads(again[-1]["response"]["body"]["text"])["sku"] == "new"


VALUES = st.recursive(
    st.sampled_from([None, True, 0, 1, 2.5, "", "a", "2026-01-01T00:00:00Z", uuid(1), uuid(2), "$request"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "a", "$made", "$text"]), inner, max_size=3)
    ),
    max_leaves=6,
)
ANSWERED = st.tuples(
    st.sampled_from(["GET /x/1", "GET /x/2", "GET /x/3?q=a", "GET /x/3?q=b", "POST /x"]),
    st.sampled_from([200, 200, 404, 500]),
    VALUES,
    VALUES,
)


Answered = tuple[str, int, Any, Any]


def recorded_of(answered: list[Answered], **more: Any) -> Calls:
    return [
        http(n, *operation.split(" "), status, said=value, sent=sent if operation.startswith("POST") else None, **more)
        for n, (operation, status, value, sent) in enumerate(answered)
    ]


SPELLED = ({"a": 1, "id": 0}, {"id": 0, "a": 1})


@settings(max_examples=60)
@given(st.lists(ANSWERED, min_size=1, max_size=8), st.randoms(use_true_random=False))
@example([("POST /x", 200, one, other) for one in SPELLED for other in SPELLED], Random(1))
@example([("POST /x", 200, one, other) for one in SPELLED for other in SPELLED], Random(2))
def test_whatever_was_recorded_at_the_same_time_its_order_does_not_show(recorded: list[Answered], source: Any) -> None:
    """case 15, for any recording in which all calls overlap."""
    shuffled = source.sample(recorded, len(recorded))
    files = {generalised(recorded_of(one, start_time=1.0, duration_ms=9.0)).encoded() for one in (recorded, shuffled)}
    assert len(files) == 1


@settings(max_examples=150)
@given(st.lists(ANSWERED, min_size=1, max_size=12))
@example([("POST /x", 200, None, {}), ("POST /x", 404, None, {}), ("POST /x", 404, None, {"id": None})])
@example([("GET /x/1", 200, {"a": uuid(1), "$made": 0}, None), ("GET /x/1", 200, {"a": uuid(2), "$made": 0}, None)])
def test_whatever_was_recorded_its_baseline_agrees_with_it(recorded: list[Answered]) -> None:
    """case 30, for any recording: through the file and back."""
    calls = recorded_of(recorded)
    mocks = generalised(calls)
    again = Mocks(load_of(mocks).rules)
    assert compare(calls, again, strict=True)["accuracy_score"] == 1


CALLED = st.tuples(st.sampled_from(["get", "put"]), VALUES, VALUES, st.sampled_from([None, None, None, "ValueError"]))


@settings(max_examples=100)
@given(st.lists(CALLED, min_size=1, max_size=10))
def test_whatever_objects_were_called_with_their_baseline_agrees(
    called: list[tuple[str, Any, Any, str | None]],
) -> None:
    """case 30, for calls of any objects with any values."""
    calls = [
        call(n, name, request=request, response=None, status="error", error_type=failure, error="no")
        if failure
        else call(n, name, request=request, response=response)
        for n, (name, request, response, failure) in enumerate(called)
    ]
    found = compare(calls, Mocks(load_of(generalised(calls)).rules), strict=True)
    assert found["accuracy_score"] == 1
    assert found["total_comparisons"] == len(calls)


def load_of(mocks: Mocks) -> Mocks:
    from hotfixture.capture.mocks import mocks_of

    return mocks_of(json.loads(mocks.encoded()))
