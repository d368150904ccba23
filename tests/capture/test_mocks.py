"""The files of mocks: flat ones and those of rules; who answers what, and with which holes filled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.capture.made import http

from hotfixture.capture.comparing.tolerances import UUID, instant
from hotfixture.capture.mocks import FORMAT, VERSION, Answer, Mocks, Rule, load_mocks, mocks_of
from hotfixture.capture.templates import ABSENT, Asked, filled, literal, meets, takes
from hotfixture.errors import CaptureError, InputError


def rule(when: Any, response: Any, **more: Any) -> Rule:
    return Rule(
        kind="http", service="api.shop.example", operation="", when=when, answers=[Answer(response=response)], **more
    )


def ask(mocks: Mocks, method: str, path: str, sent: Any = None, service: str = "api.shop.example") -> Any:
    one = http(1, method, path, sent=sent)
    return mocks.answer("http", service, one["operation"], one["request"])


def test_a_flat_file_answers_by_service_and_operation(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text('{"firestore.document.get": {"exists": false}, "api.shop.example.GET /a": [1]}')
    mocks = load_mocks(tmp_path / "m.json")
    assert mocks.answer("call", "firestore", "document.get", {"path": "x"}) == {"exists": False}
    assert ask(mocks, "GET", "/a?x=1") == [1]
    assert ask(mocks, "GET", "/a", service="") == [1]
    assert mocks.answer("call", "firestore", "document.set", {}) is None
    assert len(mocks) == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"answers": []}, "expected an answer"),
        ({"answers": [{"response": {"a": {"$recorded": []}}}]}, "a: expected a list with a value"),
        ({"answers": [{"response": {"$recorded": [1]}}], "by": ["path[0]"], "known": [["a"], ["b"]]}, "for each of"),
        ({"answers": [{"response": [{"$made": "nope"}]}]}, r"\[0\]: expected `uuid`"),
        ({"answers": [{"response": {"$made": "timestamp", "like": "today"}}]}, "timestamp"),
        ({"answers": [{"response": {"$request": 5}}]}, "a place of the request"),
        ({"answers": [{"response": {"$text": [{"$text": "x"}]}}]}, "texts and holes"),
        ({"answers": [{"response": 1}], "variants": [{"response": {"$recorded": 7}}]}, "a list"),
        ({"answers": [{"response": 1}], "when": {"path": [{"$any": "digit"}]}}, "unknown sort 'digit'"),
    ],
)
def test_a_rule_that_cannot_answer_is_refused_when_its_file_is_read(change: dict[str, Any], said: str) -> None:
    good = {"service": "a", "operation": "GET /x", "answers": [{"response": {"$literal": {"$made": "nope"}}}]}
    mocks_of({"format": FORMAT, "version": VERSION, "rules": [good]})
    with pytest.raises(CaptureError, match=rf"rule 2 \(GET /x\): .*{said}"):
        mocks_of({"format": FORMAT, "version": VERSION, "rules": [good, {**good, **change}]})


def test_mocks_that_stand_too_deep_in_each_other_are_refused(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text('{"a.b":' + "[" * 100_000 + "]" * 100_000 + "}")
    with pytest.raises(CaptureError, match="cannot be read"):
        load_mocks(tmp_path / "m.json")


def test_mocks_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        Mocks(flat={"a.b": 1}).save(tmp_path / "none" / "m.json")
    assert list(tmp_path.iterdir()) == []


def test_rules_are_met_by_method_path_query_and_body() -> None:
    mocks = Mocks([
        rule({"method": "GET", "path": ["users", {"$any": "digits"}], "query": {"full": "1"}}, "full"),
        rule({"method": "GET", "path": ["users", {"$any": "digits"}]}, "user"),
        rule({"method": "POST", "path": ["orders"], "body": {"kind": "gift"}}, "gift"),
        rule({"method": "POST", "path": ["orders"]}, "order"),
    ])  # fmt: skip
    assert ask(mocks, "GET", "/users/5") == "user"
    assert ask(mocks, "GET", "/users/77?full=1&x=2") == "full"
    assert ask(mocks, "GET", "/users/ann") is None
    assert ask(mocks, "GET", "/users/5/orders") is None
    assert ask(mocks, "PUT", "/users/5") is None
    assert ask(mocks, "POST", "/orders", {"kind": "gift", "n": 1}) == "gift"
    assert ask(mocks, "POST", "/orders", {"kind": "other"}) == "order"
    assert ask(mocks, "GET", "/users/5", service="other.example") is None
    assert ask(mocks, "GET", "/users/5", service="") == "user"


def test_an_exact_rule_comes_first_and_takes_nothing_else() -> None:
    exact = {"method": "GET", "path": ["users", "5"], "query": {}, "body": None}
    mocks = Mocks(
        [rule({"method": "GET", "path": ["users", {"$any": "digits"}]}, "any"), rule(exact, "five", exact=True)]
    )
    assert ask(mocks, "GET", "/users/5") == "five"
    assert ask(mocks, "GET", "/users/5?x=1") == "any"


def test_answers_in_turn_are_given_in_turn_and_the_last_for_ever() -> None:
    answers = [Answer(response=n) for n in (1, 2, 3)]
    mocks = Mocks([Rule(service="s", operation="poll", when={"id": {"$any": "integer"}}, answers=answers)])
    assert [mocks.answer("call", "s", "poll", {"id": 1}) for _ in range(5)] == [1, 2, 3, 3, 3]
    assert mocks.answer("call", "s", "poll", {"id": 2}) == 1
    mocks.rewind()
    assert mocks.answer("call", "s", "poll", {"id": 1}) == 1


def test_a_failure_is_found_but_is_no_response() -> None:
    mocks = Mocks([Rule(service="s", operation="o", answers=[Answer(status="error", error_type="Timeout")])])
    found = mocks.find("call", "s", "o", {})
    assert found is not None
    assert (found.answer.error_type, found.response) == ("Timeout", None)


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    mocks = Mocks(
        [
            rule(
                {"method": "GET", "path": ["a"]},
                {"x": {"$made": "uuid", "like": "x"}},
                by=["path[0]"],
                known=[["a"]],
                seen=3,
            )
        ],
        {"s.o": {"$request": "not a hole"}},
    )
    mocks.save(tmp_path / "m.json")
    read = json.loads((tmp_path / "m.json").read_text())
    assert (read["format"], read["version"]) == (FORMAT, VERSION)
    again = load_mocks(tmp_path / "m.json")
    assert again.encoded() == mocks.encoded()
    assert again.answer("call", "s", "o", {}) == {"$request": "not a hole"}


def test_mocks_may_be_given_as_they_are() -> None:
    mocks = Mocks(flat={"a.b": 1})
    assert mocks_of(mocks) is mocks
    assert mocks_of({"a.b": 1}).answer("call", "a", "b", None) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "cannot be read"),
        ("[]", "expected mocks"),
        ('{"format": "hotfixture mocks", "version": 99, "rules": []}', "version 99"),
        ('{"format": "hotfixture mocks", "version": 1, "rules": [{}]}', "rules"),
        ('{"format": "hotfixture mocks"}', "not a file of mocks"),
    ],
)
def test_a_file_that_is_none_is_an_error_that_names_it(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text(text)
    with pytest.raises(CaptureError, match=said) as caught:
        load_mocks(tmp_path / "m.json")
    assert "m.json" in str(caught.value)
    with pytest.raises(CaptureError, match="No such file"):
        load_mocks(tmp_path / "missing.json")


REQUEST = {"path": ["users", "5"], "body": {"n": 7, "item": {"sku": "a"}}}


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ({"$request": "path[1]"}, "5"),
        ({"$request": "path[1]", "as": "integer"}, 5),
        ({"$request": "body.n", "as": "text"}, "7"),
        ({"$request": "body.n", "as": "number"}, 7.0),
        ({"$request": "path[0]", "as": "integer"}, "users"),
        ({"$request": "body.item"}, {"sku": "a"}),
        ({"$request": "body.missing"}, None),
        ({"$text": ["/u/", {"$request": "path[1]"}, "/", {"$request": "body.n"}]}, "/u/5/7"),
        ({"$literal": {"$request": "x"}}, {"$request": "x"}),
        ({"a": [{"$request": "body.n"}, 1]}, {"a": [7, 1]}),
        ({"a": {"$recorded": [1, 2, 3]}}, {"a": 2}),
        ({"a": {"$recorded": [1, {"$absent": True}, 3]}, "b": 1}, {"b": 1}),
        ({"$made": "uuid", "like": "x", "recorded": ["p", "q", "r"]}, "q"),
    ],
)  # fmt: skip
def test_holes_are_filled_from_the_request_and_from_what_was_recorded(template: Any, value: Any) -> None:
    assert filled(template, Asked(REQUEST, example=1)) == value


def test_for_a_request_that_was_not_recorded_all_holes_take_one_recording() -> None:
    template = {"name": {"$recorded": ["Ann", "Bo", "Cy"]}, "age": {"$recorded": [1, 2, 3]}}
    for number in range(20):
        made = filled(template, Asked({"id": number}))
        assert ["Ann", "Bo", "Cy"].index(made["name"]) == made["age"] - 1
        assert made == filled(template, Asked({"id": number}))
    assert len({filled(template, Asked({"id": number}))["name"] for number in range(20)}) == 3


def test_made_values_look_like_the_recorded_ones_and_are_the_same_for_the_same_request() -> None:
    upper = {"$made": "uuid", "like": "6F1E3A5200004000800000000000000A"}
    made = filled(upper, Asked({"id": 1}))
    assert UUID.fullmatch(made)
    assert made.isupper()
    assert "-" not in made
    assert made == filled(upper, Asked({"id": 1})) != filled(upper, Asked({"id": 2}))
    assert made != filled(upper, Asked({"id": 1}, turn=1))
    for like in ("2026-02-01T10:00:00.123+01:00", "2026-02-01 10:00:00", "2026-02-01T10:00:00Z"):
        template = {"$made": "timestamp", "like": like, "low": like, "high": like}
        stamp = filled(template, Asked({"id": 3}))
        assert len(stamp) == len(like)
        assert stamp[10] == like[10]
        assert 0 <= (instant(stamp) - instant(like)).total_seconds() <= 1  # type: ignore[operator]


def test_beside_a_real_value_a_made_one_takes_it_if_it_is_of_its_sort() -> None:
    real = "6f1e3a52-0000-4000-8000-000000000001"
    hole = {"$made": "uuid", "like": real}
    assert filled(hole, Asked({}), real) == real
    assert filled(hole, Asked({}), "no uuid") != "no uuid"
    assert filled({"a": {"$recorded": ["x"]}}, Asked({}), {"a": "y"}) == {"a": "y"}
    assert filled({"a": {"$recorded": ["x"]}}, Asked({}), {"a": 5}) == {"a": "x"}
    assert filled({"a": {"$recorded": ["x"]}}, Asked({}, example=0), {"a": "y"}) == {"a": "x"}


def test_what_looks_like_a_hole_is_kept_as_it_is() -> None:
    odd = {"a": [{"$request": "x"}, {"$literal": 1}], "$made": 5, "b": ABSENT}
    assert filled(literal(odd), Asked({})) == odd
    assert meets(literal(odd), odd)


@pytest.mark.parametrize(
    ("sort", "value", "taken"),
    [
        ("digits", "55", True), ("digits", "5a", False), ("digits", 5, False), ("integer", 5, True),
        ("integer", True, False), ("number", 5, True), ("number", 5.5, True), ("number", "5", False),
        ("text", "55", True), ("text", "", True), ("text", None, False), ("uuid", "x", False),
        ("uuid", "6f1e3a52-0000-4000-8000-000000000001", True), ("timestamp", "2026-01-01T00:00", True),
        ("boolean", False, True), ("null", None, True), ("value", [1], True), ("list", [], True), ("object", {}, True),
    ],
)  # fmt: skip
def test_holes_of_requests_take_values_of_their_sort(sort: str, value: Any, taken: bool) -> None:
    assert takes(sort, value) is taken
    assert meets({"a": {"$any": sort}}, {"a": value, "more": 1}) is taken
    assert not meets({"a": {"$any": sort}}, {})
