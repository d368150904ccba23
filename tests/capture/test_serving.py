"""Mocks as an HTTP server: real requests over sockets, answered by the application under uvicorn."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from tests.capture.formats.exchanged import SANITISER

from hotfixture.capture import serving
from hotfixture.capture.baselines import flat, generalised
from hotfixture.capture.formats.exchanges import Exchange, interaction_from
from hotfixture.capture.mocks import Answer, Mocks, Rule, load_mocks
from hotfixture.capture.sanitising.sanitiser import Sanitiser
from hotfixture.capture.serving import MockServer
from hotfixture.errors import InputError
from hotfixture.transforms.masks.keys import MaskingKey

Reply = tuple[int, list[tuple[str, str]], bytes]
SERVICE = "api.shop.example"


def response(said: Any = None, status: int = 200, headers: Any = (), **form: Any) -> dict[str, Any]:
    """A recorded answer; its body is JSON, or the form that is given."""
    body = form or (None if said is None else {"json": said})
    return {"status": status, "headers": [["content-type", "application/json"], *headers], "body": body}


def rule(method: str, *path: Any, answers: list[Any], service: str = SERVICE, **more: Any) -> Rule:
    """What answers that path."""
    when = {"method": method, "path": list(path)}
    made = [one if isinstance(one, Answer) else Answer(response=one) for one in answers]
    return Rule(kind="http", service=service, operation=f"{method} /{'/'.join(map(str, path))}", when=when,
                answers=made, **more)  # fmt: skip


@contextmanager
def served(rules: list[Rule], flat: dict[str, Any] | None = None, host: str = "127.0.0.1") -> Iterator[Any]:
    """A server of these mocks, and what asks it."""
    app = MockServer(Mocks(rules, flat), Sanitiser(MaskingKey(bytes(range(32)))))
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        port = listener.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, lifespan="off",
                                               server_header=False))  # fmt: skip
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield lambda method, path, body=None, headers=None: ask(host, port, method, path, body, headers or {})
        finally:
            server.should_exit = True
            thread.join(10)
    assert not thread.is_alive()


def ask(host: str, port: int, method: str, path: str, body: Any, headers: dict[str, str]) -> Reply:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.getheaders(), answer.read()
    finally:
        connection.close()


def header(reply: Reply, name: str) -> list[str]:
    return [value for found, value in reply[1] if found.lower() == name]


def said(reply: Reply) -> Any:
    return json.loads(reply[2])


def test_a_mock_s_status_headers_and_body_are_sent_and_its_length_is_the_body_s() -> None:
    headers = [["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"], ["X-Trace", "t"], ["Content-Length", "9999"],
               ["Transfer-Encoding", "chunked"], ["Connection", "close"]]  # fmt: skip
    with served([rule("POST", "orders", answers=[response({"id": 1}, 201, headers)])]) as request:
        reply = request("POST", "/orders", b"{}")
    assert (reply[0], said(reply)) == (201, {"id": 1})
    assert header(reply, "set-cookie") == ["a=1", "b=2"]
    assert header(reply, "x-trace") == ["t"]
    assert header(reply, "content-length") == [str(len(reply[2]))]
    assert header(reply, "transfer-encoding") == []


def test_mocks_that_somebody_wrote_by_hand_are_sent_as_they_were_meant() -> None:
    """Headers by name, bodies as they are, types left out: a comparison takes all of these, so the server must."""
    flat = {
        f"{SERVICE}.GET /a": {"status": 201, "headers": {"X-A": "1", "X-B": ["2", "3"]}, "body": {"id": 1}},
        f"{SERVICE}.GET /b": {"status": 200, "body": "zwölf"},
        f"{SERVICE}.GET /c": {"status": 200, "headers": {"Content-Type": "application/json"}, "body": "text"},
        f"{SERVICE}.GET /d": {"status": 200, "headers": {"X-Name": "→ ü", "X-Two": "a\r\nX-Evil: 1"}, "body": [1]},
        f"{SERVICE}.GET /e": {"status": 200, "body": {"base64": "a"}},
        f"{SERVICE}.GET /f": {"status": 200, "headers": ["X-A"]},
    }
    with served([], flat) as request:
        reply = request("GET", "/a")
        assert (reply[0], said(reply)) == (201, {"id": 1})
        assert (header(reply, "x-a"), header(reply, "x-b")) == (["1"], ["2", "3"])
        assert header(reply, "content-type") == ["application/json"]
        reply = request("GET", "/b")
        assert (reply[2].decode(), header(reply, "content-type")) == ("zwölf", ["text/plain; charset=utf-8"])
        assert request("GET", "/c")[2] == b'"text"'
        reply = request("GET", "/d")
        assert (said(reply), header(reply, "x-evil"), header(reply, "x-two")) == ([1], [], ["a X-Evil: 1"])
        for path in ("/e", "/f"):
            reply = request("GET", path)
            assert (reply[0], said(reply)["title"]) == (500, "The mock cannot be sent")


@pytest.mark.parametrize("how", [flat, generalised], ids=["flat", "rules"])
def test_what_was_recorded_is_served_byte_for_byte(how: Any, tmp_path: Path) -> None:
    """Order of keys, blanks, escapes, numbers, texts, bytes: a client may check a sum of them."""
    spelled = {
        "/a": b'{"z": 1, "a": {"y": [1, 2], "b": null}}', "/b": b'{"z":1.0,"a":1180591620717411303424}',
        "/c": b'{\n  "z": "\\u00fc",\n  "a": []\n}\n', "/d": b'{"x": NaN, "y": [  ]}', "/e": b"\x00\xff",
        "/f": "größer".encode("latin-1"), "/g": b"",
    }  # fmt: skip
    exchanges = [
        Exchange(
            "GET", f"http://{SERVICE}{path}", status=200, body=body, headers=[("Content-Type", "application/json")]
        )
        for path, body in spelled.items()
    ]
    found = [interaction_from(one, SANITISER, number) for number, one in enumerate(exchanges, 1)]
    how(found).save(tmp_path / "m.json")
    mocks = load_mocks(tmp_path / "m.json")
    with served(mocks.rules, mocks.flat) as request:
        assert {path: request("GET", path)[2] for path in spelled} == spelled


def test_a_body_that_came_compressed_is_sent_compressed() -> None:
    packed = response(None, 200, [["content-encoding", "gzip"]], json={"id": 1}, encodings=["gzip"])
    with served([rule("GET", "orders", "1", answers=[packed])]) as request:
        reply = request("GET", "/orders/1", headers={"Accept-Encoding": "gzip"})
    assert header(reply, "content-encoding") == ["gzip"]
    assert json.loads(gzip.decompress(reply[2])) == {"id": 1}
    assert header(reply, "content-length") == [str(len(reply[2]))]


def test_text_and_binary_bodies_are_sent_as_they_were() -> None:
    text = {"status": 200, "headers": [["content-type", "text/plain"]], "body": {"text": "zwölf"}}
    picture = {"status": 200, "headers": [["content-type", "image/png"]], "body": {"base64": "AAH/"}}
    with served([rule("GET", "t", answers=[text]), rule("GET", "p", answers=[picture])]) as request:
        assert request("GET", "/t")[2] == "zwölf".encode()
        assert request("GET", "/p")[2] == b"\x00\x01\xff"


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body_has_neither_body_nor_length(status: int) -> None:
    with served([rule("GET", "nothing", answers=[{"status": status, "headers": [["etag", "x"]]}])]) as request:
        reply = request("GET", "/nothing")
    assert (reply[0], reply[2], header(reply, "etag")) == (status, b"", ["x"])
    assert header(reply, "content-length") == []


def test_an_answer_to_head_says_the_length_that_was_recorded_and_sends_no_body() -> None:
    recorded = {"status": 200, "headers": [["Content-Length", "1234"], ["etag", "x"]], "body": None}
    with served([rule("HEAD", "big", answers=[recorded])]) as request:
        reply = request("HEAD", "/big")
    assert (reply[0], reply[2], header(reply, "etag")) == (200, b"", ["x"])
    assert header(reply, "content-length") == ["1234"]


def test_a_body_that_is_too_large_is_refused_and_the_server_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "LARGEST", 1000)
    with served([rule("POST", "orders", answers=[response({"ok": True})])]) as request:
        assert request("POST", "/orders", b"x" * 1001)[0] == 413
        assert request("POST", "/orders", b"x" * 1000)[0] == 200


def test_a_request_may_ask_for_a_variant_by_its_number() -> None:
    timeout = Answer(status="error", error_type="ReadTimeout", failure={"module": "httpx", "name": "ReadTimeout"})
    variants = [Answer(response=response({"error": "busy"}, 503), share=0.1), timeout]
    with served([rule("GET", "x", answers=[response({"ok": True})], variants=variants)]) as request:
        statuses = [request("GET", "/x", headers={"X-Mock-Variant": number})[0] for number in ("1", "2", "3", "no")]
        assert statuses == [503, 502, 200, 200]
        assert said(request("GET", "/x", headers={"X-Mock-Variant": "1"})) == {"error": "busy"}
        assert said(request("GET", "/x", headers={"X-Mock-Variant": "2"}))["error_type"] == "ReadTimeout"
        assert said(request("GET", "/x")) == {"ok": True}


def test_of_several_services_the_request_says_which_it_means() -> None:
    rules = [rule("GET", "x", answers=[response(name)], service=f"{name}.example") for name in ("one", "two")]
    with served(rules) as request:
        assert said(request("GET", "/x", headers={"X-Mock-Service": "two.example"})) == "two"
        assert said(request("GET", "/x", headers={"X-Mock-Service": "one.example"})) == "one"
        assert request("GET", "/x", headers={"X-Mock-Service": "three.example"})[0] == 404
        assert said(request("GET", "/x")) in ("one", "two")


def test_answers_come_in_turn_the_last_for_ever_and_reset_begins_anew() -> None:
    with served([rule("GET", "state", answers=[response("new"), response("paid")])]) as request:
        assert [said(request("GET", "/state")) for _ in range(4)] == ["new", "paid", "paid", "paid"]
        assert request("POST", "/__hotfixture/reset")[0] == 200
        assert said(request("GET", "/state")) == "new"
        assert said(request("GET", "/__hotfixture/calls"))["answered"] == 1


def test_rules_are_met_by_path_query_and_body() -> None:
    when = {"method": "POST", "path": ["orders"], "query": {"dry": "1"}, "body": {"amount": 5}}
    exact = Rule(kind="http", service=SERVICE, operation="POST /orders", when=when, exact=True,
                 answers=[Answer(response=response("five"))])  # fmt: skip
    with served([exact, rule("GET", "a b", {"$any": "digits"}, answers=[response("spaced")])]) as request:
        assert said(request("POST", "/orders?dry=1", b'{"amount": 5}', {"Content-Type": "application/json"})) == "five"
        assert request("POST", "/orders?dry=1", b'{"amount": 6}', {"Content-Type": "application/json"})[0] == 404
        assert request("POST", "/orders", b'{"amount": 5}', {"Content-Type": "application/json"})[0] == 404
        assert said(request("GET", "/a%20b/17")) == "spaced"
        assert request("GET", "/a%20b/x")[0] == 404


def test_what_no_mock_answers_is_a_problem_that_names_what_there_is() -> None:
    with served([rule("GET", "x", answers=[response("x")])], {"api.GET /flat": "flat"}) as request:
        reply = request("DELETE", "/orders/17")
        assert (reply[0], header(reply, "content-type")) == (404, ["application/problem+json"])
        assert said(reply)["known"] == ["GET /x", "api.GET /flat"]
        assert "DELETE /orders/{id}" in said(reply)["detail"]
        told = said(request("GET", "/__hotfixture/calls"))
        assert (told["missed"], told["answered"], told["calls"][0]["answered"]) == (1, 0, False)


def test_flat_mocks_answer_by_their_operation() -> None:
    with served([], {f"{SERVICE}.GET /orders/{{id}}": {"id": 1}}) as request:
        assert said(request("GET", "/orders/17")) == {"id": 1}


@pytest.mark.parametrize("value", [{"status": "paid"}, {"status": 1}, {"status": 200, "id": 1}, [], "", 0, None, False])
def test_a_flat_mock_may_be_any_value(value: Any) -> None:
    with served([], {f"{SERVICE}.GET /orders": value}) as request:
        reply = request("GET", "/orders")
    assert (reply[0], said(reply)) == (200, value)


def test_no_secret_of_a_request_is_told() -> None:
    secrets = ["T0psecret-0f-the-query", "ghp_" + "a1B2c3D4e5F6" * 3, "carla.brandt@bank.example.com"]
    path = f"/x/{secrets[2]}?access_token={secrets[0]}&q={secrets[1]}"
    with served([rule("GET", "x", answers=[response("x")])]) as request:
        missed = request("GET", path, headers={"Authorization": f"Bearer {secrets[0]}"})
        told = missed[2] + request("GET", "/__hotfixture/calls")[2] + request("GET", "/__hotfixture/nothing")[2]
    assert b"/x/" in told
    assert [secret for secret in secrets if secret.encode() in told] == []


def test_what_the_server_knows_is_listed() -> None:
    with served([rule("GET", "x", answers=[response("x")], seen=7, confidence=0.5)], {"a.b": 1}) as request:
        told = said(request("GET", "/__hotfixture/mocks"))
    assert told == {"rules": [{"service": SERVICE, "operation": "GET /x", "confidence": 0.5, "seen": 7}],
                    "flat": ["a.b"]}  # fmt: skip


@pytest.mark.parametrize("host", ["[::1", "a:b", "a:99999999", "", "ä", "[not-an-address]"])
def test_a_host_that_is_none_is_no_reason_to_fail(host: str) -> None:
    with served([rule("GET", "x", answers=[response("x")])]) as request:
        reply = request("GET", "/x", headers={"Host": host})
    assert (reply[0], said(reply)) == (200, "x")


@pytest.mark.parametrize(
    "path", ["//x", "/%ff%fe", "/%", "/x?%", "/x?a=%ff&&=", "/[", "/x;y", "//[::1/x", "/" + "a" * 5000]
)
def test_no_path_makes_the_server_fail(path: str) -> None:
    with served([rule("GET", "x", answers=[response("x")])]) as request:
        assert request("GET", path)[0] in (200, 404)
        assert said(request("GET", "/__hotfixture/calls"))["calls"][0]["method"] == "GET"


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_it_can_be_asked_by_an_address_of_ipv6() -> None:
    with served([rule("GET", "x", answers=[response("x")])], host="::1") as request:
        assert said(request("GET", "/x")) == "x"
        assert said(request("GET", "/__hotfixture/calls"))["calls"][0]["url"].startswith("http://[::1]:")


def test_a_port_that_is_taken_is_said() -> None:
    app = MockServer(Mocks(), Sanitiser(MaskingKey(bytes(32))))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"cannot listen on 127.0.0.1:{port}"):
            serving.serve(app, host="127.0.0.1", port=port, ready=lambda _: None)


def test_the_latest_calls_are_remembered_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_REMEMBERED", 3)
    with served([rule("GET", "x", answers=[response("x")])]) as request:
        for number in range(5):
            request("GET", f"/x?n={number}")
        told = said(request("GET", "/__hotfixture/calls"))
    assert [one["url"].rpartition("=")[2] for one in told["calls"]] == ["2", "3", "4"]
    assert told["answered"] == 5


def test_many_at_once_are_each_answered_and_counted() -> None:
    with served([rule("GET", "x", {"$any": "digits"}, answers=[response({"n": {"$request": "path[1]"}})])]) as request:
        found: list[Any] = []

        def ask_some(first: int) -> None:
            found.extend(
                (str(number), said(request("GET", f"/x/{number}"))["n"]) for number in range(first, first + 25)
            )

        threads = [threading.Thread(target=ask_some, args=(100 * number,)) for number in range(1, 9)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(asked == told for asked, told in found)
        assert said(request("GET", "/__hotfixture/calls"))["answered"] == len(found) == 200
