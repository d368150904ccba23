"""Calls of gRPC are compared by what their messages say and how they ended."""

from __future__ import annotations

from typing import Any

from hotfixture.capture.comparing import rpc
from hotfixture.capture.comparing.answers import compare_answers
from hotfixture.capture.comparing.requests import view


def form(data: Any) -> dict[str, Any]:
    return {"type": "a.B", "data": data, "raw": "AA=="}


def request(**more: Any) -> dict[str, Any]:
    return {"method": "/a.B/C", "arity": "unary_unary", "metadata": [["x", "1"]], "timeout": 59.98,
            "messages": [form({"name": "Ada"})]} | more  # fmt: skip


def response(data: Any, **more: Any) -> dict[str, Any]:
    return {"code": "OK", "details": "", "debug_error_string": "", "initial_metadata": [], "trailing_metadata": [],
            "messages": [form(data)]} | more  # fmt: skip


def test_a_question_is_its_method_and_what_its_messages_say() -> None:
    assert view(request()) == {"method": "/a.B/C", "messages": [{"name": "Ada"}]}
    assert view(request(timeout=1, metadata=[])) == view(request())
    assert view(view(request())) == view(request())
    assert view(request(later=[form({"n": 2})]))["later"] == [{"n": 2}]


def test_answers_differ_where_their_messages_or_their_ends_do() -> None:
    real = response({"text": "hi", "number": "5"}, trailing_metadata=[["date", "today"]])
    assert compare_answers("grpc", real, response({"text": "hi", "number": "5"})) == []
    found = compare_answers("grpc", real, response({"text": "ho", "number": "5"}))
    assert [one.path for one in found] == ["messages[0].text"]
    refused = response({}, code="NOT_FOUND", details="no Ada", messages=[])
    assert {one.path for one in compare_answers("grpc", real, refused)} >= {"code", "messages"}


def test_messages_that_nobody_can_read_are_told_apart_by_their_bytes() -> None:
    """A serialiser may be anything: JSON, or a format of one's own."""
    one, other = ({"type": None, "data": None, "raw": raw} for raw in ("AA==", "AQ=="))
    assert view(request(messages=[one])) != view(request(messages=[other]))
    real, mock = ({**response(None), "messages": [each]} for each in (one, other))
    assert [found.path for found in compare_answers("grpc", real, mock)] == ["messages[0].raw"]
    assert compare_answers("grpc", real, real) == []


def test_what_is_no_answer_of_grpc_stays() -> None:
    assert rpc.answer({"text": "hi"}) == {"text": "hi"}
    assert rpc.answer(None) is None
