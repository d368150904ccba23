"""The client against a real server: what it sends, what it makes of answers, and when it tries again."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from tests.client.daemon import Daemon, problem, running

from hotfixture.client import AsyncClient, Client
from hotfixture.client.calls import Call, path
from hotfixture.errors import (
    DatabaseError,
    HotFixtureError,
    InputError,
    RefusedError,
    UnsupportedError,
    Where,
)

GET: Call[dict[str, int]] = Call(method="GET", path="/api/thing", returns=dict[str, int])
POST: Call[dict[str, int]] = Call(method="POST", path="/api/thing", body=b"{}", returns=dict[str, int])
Do = Callable[[Call[Any]], Any]


@pytest.fixture(params=["waiting", "awaited"])
def do(request: pytest.FixtureRequest, daemon: Daemon) -> Do:
    """Sends a call by either driver."""
    if request.param == "waiting":
        return lambda call: _waiting(daemon.url, call)
    return lambda call: asyncio.run(_awaited(daemon.url, call))


def _waiting(url: str, call: Call[Any]) -> Any:
    with Client(url, token="hft_a") as client:
        return client.do(call)


async def _awaited(url: str, call: Call[Any]) -> Any:
    async with AsyncClient(url, token="hft_a") as client:
        return await client.do(call)


def test_a_call_carries_the_token_and_gives_its_value(daemon: Daemon, do: Do):
    daemon.answers["GET /api/thing"] = JSONResponse({"a": 1})
    assert do(GET) == {"a": 1}
    assert daemon.seen[0].headers["authorization"] == "Bearer hft_a"
    assert daemon.seen[0].headers["user-agent"].startswith("hfit/")


def test_a_call_that_needs_nobody_carries_no_token(daemon: Daemon, do: Do):
    daemon.answers["GET /api/open"] = JSONResponse({})
    assert do(Call(method="GET", path="/api/open", returns=dict[str, int], open=True)) == {}
    assert "authorization" not in daemon.seen[0].headers


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, InputError, 2), (401, RefusedError, 3), (403, RefusedError, 3), (404, InputError, 2),
        (409, RefusedError, 3), (410, HotFixtureError, 1), (422, InputError, 2), (500, HotFixtureError, 1),
        (501, UnsupportedError, 1), (418, HotFixtureError, 1),
    ],
)  # fmt: skip
def test_a_problem_becomes_an_error_of_the_project(daemon: Daemon, do: Do, status: int, kind: type, code: int):
    daemon.answers["GET /api/thing"] = problem(status, "this is why")
    with pytest.raises(kind, match="this is why") as caught:
        do(GET)
    assert type(caught.value) is kind
    assert caught.value.exit_code == code
    assert caught.value.__notes__ == [f"request r-1, status {status}"]


def test_all_problems_of_a_file_arrive_with_their_places(daemon: Daemon, do: Do):
    listed = [
        {"message": "one", "source": "t.yaml", "line": 3, "column": 7, "hint": "write it"},
        {"message": "two\x1b[2J", "source": "t.yaml", "line": 1},
    ]
    daemon.answers["GET /api/thing"] = JSONResponse({"problems": listed}, 400, None, "application/problem+json")
    with pytest.raises(InputError) as caught:
        do(GET)
    first, second = caught.value.problems
    assert first == ("two?[2J", Where("t.yaml", 1), "")  # sorted by place; nothing moves a terminal's cursor
    assert second == ("one", Where("t.yaml", 3, 7), "write it")


def test_a_defect_names_the_request_for_the_administrator(daemon: Daemon, do: Do):
    daemon.answers["GET /api/thing"] = problem(500, "an internal error")
    with pytest.raises(HotFixtureError, match="request's id is r-1"):
        do(GET)


def test_an_answer_of_no_daemon_is_said_to_be_none(daemon: Daemon, do: Do):
    daemon.answers["GET /api/thing"] = PlainTextResponse("<html>")
    with pytest.raises(HotFixtureError, match="not the answer of a daemon"):
        do(GET)
    daemon.answers["GET /api/thing"] = Response("<html>", 404, media_type="text/html")
    with pytest.raises(InputError, match="there is no such thing"):
        do(GET)


def test_an_answer_of_another_shape_says_so(daemon: Daemon, do: Do):
    daemon.answers["GET /api/thing"] = JSONResponse({"a": "text"})
    with pytest.raises(HotFixtureError, match=r"not understood(?s:.*)different releases"):
        do(GET)


def test_no_redirect_is_followed(daemon: Daemon, do: Do):
    with running() as other:
        daemon.answers["GET /api/thing"] = RedirectResponse(f"{other.url}/api/thing")
        with pytest.raises(HotFixtureError, match="redirects"):
            do(GET)
        assert not other.seen


def later(times: int, made: Callable[[], Response]) -> Callable[[Request], Response]:
    """Answers as `made` does so many times, then well."""
    left = iter([True] * times)
    return lambda _: made() if next(left, False) else JSONResponse({"a": 1})


@pytest.mark.parametrize("status", [502, 503, 504])
def test_what_is_only_read_is_asked_again_after_the_time_that_the_daemon_names(daemon: Daemon, do: Do, status: int):
    daemon.answers["GET /api/thing"] = later(2, lambda: problem(status, "busy", retry_after="0"))
    assert do(GET) == {"a": 1}
    assert len(daemon.seen) == 3


def test_what_changes_something_is_sent_once_unless_it_is_repeatable(daemon: Daemon, do: Do):
    daemon.answers["POST /api/thing"] = later(1, lambda: problem(503, "busy", retry_after="0"))
    with pytest.raises(DatabaseError, match="busy"):
        do(POST)
    assert len(daemon.seen) == 1
    daemon.answers["POST /api/thing"] = later(1, lambda: problem(503, "busy", retry_after="0"))
    repeatable: Call[Any] = Call(method="POST", path="/api/thing", returns=dict[str, int], repeatable=True)
    assert do(repeatable) == {"a": 1}


def test_too_many_requests_are_sent_again_whatever_they_do(daemon: Daemon, do: Do):
    daemon.answers["POST /api/thing"] = later(1, lambda: problem(429, "slowly", retry_after="0"))
    assert do(POST) == {"a": 1}


def test_a_daemon_that_wants_minutes_is_not_waited_for(daemon: Daemon, do: Do):
    daemon.answers["GET /api/thing"] = later(1, lambda: problem(503, "in an hour", retry_after="3600"))
    with pytest.raises(DatabaseError, match="in an hour"):
        do(GET)


def test_attempts_end(daemon: Daemon, do: Do):
    daemon.answers["GET /api/thing"] = lambda _: problem(503, "busy", retry_after="0")
    with pytest.raises(DatabaseError, match="busy"):
        do(GET)
    assert len(daemon.seen) == 4


def test_a_connection_refused_is_one_clear_error(do: Do, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("hotfixture.client.retries._growing", lambda _: 0.0)
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with Client(url, token="hft_a") as client, pytest.raises(DatabaseError, match="does not answer"):
            client.do(GET)
        with pytest.raises(DatabaseError, match="does not answer"):
            asyncio.run(_awaited(url, GET))


@contextmanager
def cut_off(*answers: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A server that gives each connection one of the answers, byte for byte, and closes; its URL, what it was sent."""
    seen: list[bytes] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def serve() -> None:
            for answer in answers:
                connection, _ = listening.accept()
                with closing(connection):
                    seen.append(connection.recv(65536))
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", seen
        thread.join(10)


WHOLE = b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 7\r\n\r\n{"a":1}'


@pytest.mark.parametrize("driver", ["waiting", "awaited"])
@pytest.mark.parametrize("broken", [b"", WHOLE[:30], WHOLE[:-2]])
def test_an_answer_that_breaks_off_is_asked_for_again(driver: str, broken: bytes, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("hotfixture.client.retries._growing", lambda _: 0.0)
    with cut_off(broken, WHOLE) as (url, seen):
        assert (_waiting(url, GET) if driver == "waiting" else asyncio.run(_awaited(url, GET))) == {"a": 1}
        assert len(seen) == 2


@pytest.mark.parametrize("driver", ["waiting", "awaited"])
def test_what_changes_something_is_never_sent_twice_after_a_broken_answer(driver: str):
    with cut_off(WHOLE[:-2]) as (url, seen), pytest.raises(DatabaseError):
        _waiting(url, POST) if driver == "waiting" else asyncio.run(_awaited(url, POST))
    assert len(seen) == 1


def test_a_daemon_that_says_nothing_is_given_up(daemon: Daemon, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("hotfixture.client.retries.ATTEMPTS", 1)

    async def slow(_: Request) -> Response:
        await asyncio.sleep(0.6)
        return JSONResponse({})

    daemon.answers["GET /api/thing"] = slow
    with Client(daemon.url, token="a", timeout=0.1) as client, pytest.raises(DatabaseError, match="no answer in time"):
        client.do(GET)


def test_connections_are_kept_and_a_closed_one_is_not_used(daemon: Daemon, client: Client):
    daemon.answers["GET /api/thing"] = JSONResponse({"a": 1})
    for _ in range(3):
        client.do(GET)
    assert len({request.client for request in daemon.seen}) == 1
    closing_one = JSONResponse({"a": 1}, headers={"connection": "close"})
    daemon.answers["GET /api/thing"] = closing_one
    assert [client.do(GET) for _ in range(2)] == [{"a": 1}] * 2


def test_threads_share_a_client(daemon: Daemon, client: Client):
    daemon.answers["GET /api/thing"] = JSONResponse({"a": 1})
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.extend(client.do(GET) for _ in range(20))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [{"a": 1}] * 160


def test_pieces_come_as_they_are_sent(daemon: Daemon, client: Client):
    gate = threading.Event()

    async def pieces(_: Request) -> Response:
        async def body():
            yield b"first\n"
            while not gate.is_set():
                await asyncio.sleep(0.01)
            yield b"second\n"

        return StreamingResponse(body())

    daemon.answers["GET /api/thing"] = pieces
    with client.pieces(GET) as found:
        assert bytes(next(found)) == b"first\n"
        gate.set()
        assert b"".join(map(bytes, found)) == b"second\n"


def test_a_refusal_of_pieces_is_the_error_it_is(daemon: Daemon, client: Client):
    daemon.answers["GET /api/thing"] = problem(403, "not for you")
    with pytest.raises(RefusedError, match="not for you"), client.pieces(GET):
        pass


# ---- where a token is sent


@pytest.mark.parametrize("url", ["http://fixtures.example.com", "http://10.0.0.1:8090"])
def test_a_token_never_travels_in_the_clear_unless_that_is_said(url: str):
    with pytest.raises(RefusedError, match="plain http"):
        Client(url, token="hft_a")
    assert Client(url, token="hft_a", insecure_http=True).origin.url == url


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1", "https://a.example"])
def test_this_machine_itself_and_https_are_safe(url: str):
    assert Client(url).origin.url == url


@pytest.mark.parametrize(
    "url",
    ["", "fixtures.example.com", "ftp://a", "https://", "https://u:geheim@a.example", "https://a?b", "https://a:x"],
)
def test_what_is_no_url_of_a_daemon_is_refused_without_showing_a_password(url: str):
    with pytest.raises(InputError) as caught:
        Client(url)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("base", ["/fixtures", "/fixtures/", "/a/b"])
def test_a_daemon_may_stand_below_a_path(daemon: Daemon, base: str):
    daemon.answers[f"GET {base.rstrip('/')}/api/thing"] = JSONResponse({"a": 1})
    assert _waiting(daemon.url + base, GET) == asyncio.run(_awaited(daemon.url + base, GET)) == {"a": 1}


@pytest.mark.parametrize("name", ["", ".", "..", "a\nb", "\x00"])
def test_a_name_that_no_path_can_hold_is_refused(name: str):
    with pytest.raises(InputError, match="expected"):
        path("api", name)


def test_a_name_with_slashes_stays_one_name():
    assert path("api", "a/../b c?d#e%2f") == "/api/a%2F..%2Fb%20c%3Fd%23e%252f"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost that only its own file vouches for."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", str(folder / "key"), "-out", str(folder / "cert")], check=True, capture_output=True,
    )  # fmt: skip
    return folder / "cert", folder / "key"


def test_a_certificate_is_always_verified(certificate: tuple[Path, Path]):
    with running(certificate) as daemon:
        daemon.answers["GET /api/thing"] = JSONResponse({"a": 1})
        with Client(daemon.url, token="t") as client, pytest.raises(DatabaseError, match=r"certificate.*not accepted"):
            client.do(GET)
        with pytest.raises(DatabaseError, match="CERTIFICATE_VERIFY_FAILED"):
            asyncio.run(_awaited(daemon.url, GET))
        assert not daemon.seen
        with Client(daemon.url, token="t", ca=certificate[0]) as client:
            assert client.do(GET) == {"a": 1}
        other_name = daemon.url.replace("localhost", "127.0.0.1")
        with (
            Client(other_name, token="t", ca=certificate[0]) as client,
            pytest.raises(DatabaseError, match="not accepted"),
        ):
            client.do(GET)


def test_authorities_that_cannot_be_read_are_named(tmp_path: Path):
    (tmp_path / "ca").write_text("no certificate")
    with (
        Client("https://localhost:1", token="t", ca=tmp_path / "ca") as client,
        pytest.raises(InputError, match="authorities"),
    ):
        client.do(GET)
    assert ssl  # its errors never reach the user


def test_a_proxy_of_the_environment_is_used_but_not_for_this_machine(daemon: Daemon, monkeypatch: pytest.MonkeyPatch):
    answer = b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 7\r\n\r\n{"a":2}'
    with cut_off(answer) as (proxy, seen):
        monkeypatch.setenv("http_proxy", proxy.replace("//", "//us%40er:pass@"))
        daemon.answers["GET /api/thing"] = JSONResponse({"a": 1})
        assert _waiting(daemon.url, GET) == {"a": 1}
        with Client("http://daemon.test", token="t", insecure_http=True) as client:
            assert client.do(GET) == {"a": 2}
    assert seen[0].startswith(b"GET http://daemon.test/api/thing HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic dXNAZXI6cGFzcw==" in seen[0]


def test_https_goes_through_a_proxy_in_a_tunnel(monkeypatch: pytest.MonkeyPatch):
    refused = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"
    monkeypatch.setattr("hotfixture.client.retries.ATTEMPTS", 1)
    with cut_off(refused) as (proxy, seen):
        monkeypatch.setenv("https_proxy", proxy)
        with Client("https://daemon.test", token="geheim") as client, pytest.raises(DatabaseError, match="403"):
            client.do(GET)
    assert seen[0].startswith(b"CONNECT daemon.test:443")
    assert b"geheim" not in seen[0]


def test_no_proxy_names_what_is_reached_directly(monkeypatch: pytest.MonkeyPatch):
    from hotfixture.client.connections import proxy_of
    from hotfixture.client.origins import read

    environment = {"https_proxy": "http://proxy.test:3128", "no_proxy": "inner.test"}
    monkeypatch.setenv("https_proxy", "http://proxy.test:3128")
    monkeypatch.setenv("no_proxy", "inner.test")
    assert proxy_of(read("https://outer.test"), environment) == ("proxy.test", 3128, {})
    assert proxy_of(read("https://a.inner.test"), environment) is None


def test_the_clock_of_a_date_in_retry_after_is_the_client_s(daemon: Daemon, do: Do):
    now = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
    daemon.answers["GET /api/thing"] = later(1, lambda: problem(503, "busy", retry_after=now))
    assert do(GET) == {"a": 1}


class Offering:
    """A daemon's answers for what both clients offer beside single calls."""

    def __init__(self, daemon: Daemon) -> None:
        lines = b'{"name":"a.log","size":1,"mtime":2.0}\n{"name":"b.log","size":1,"mtime":2.0}\n'
        daemon.answers |= {
            "GET /api/volumes/logs/files": Response(lines, media_type="application/x-ndjson"),
            "GET /api/volumes/logs/files/app/a.log": Response(b"text", headers={"etag": '"x"'}),
            "GET /api/templates": JSONResponse({"items": [], "next": None}),
        }


def test_both_clients_list_and_download_files(daemon: Daemon, tmp_path: Path):
    Offering(daemon)

    async def awaited() -> list[str]:
        async with AsyncClient(daemon.url, token="t") as client:
            assert (await client.templates.list()).items == []
            assert (await client.file("logs", "app/a.log", tmp_path / "b")).size == 4
            return [one.name async for one in client.files("logs", "name:*.log", folder="app")]

    with Client(daemon.url, token="t") as client:
        assert client.templates.list().items == []
        assert client.file("logs", "app/a.log", tmp_path / "a").size == 4
        found = [one.name for one in client.files("logs", "name:*.log", folder="app")]
    assert found == asyncio.run(awaited()) == ["a.log", "b.log"]
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() == b"text"
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["a", "b"]
    asked = {request.url.query for request in daemon.seen if request.url.path.endswith("/files")}
    assert asked == {"filter=name%3A%2A.log&folder=app"}


def test_the_awaited_client_needs_its_extra(monkeypatch: pytest.MonkeyPatch):
    import sys

    from hotfixture.errors import MissingExtraError

    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(MissingExtraError, match=r"hotfixture\[async\]"):
        AsyncClient("http://localhost:1")
