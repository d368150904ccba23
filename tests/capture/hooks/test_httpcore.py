"""httpcore, httpx and httpx2: what is theirs alone."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading

import anyio
import httpcore
import httpx
import httpx2
import pytest
from tests.capture.hooks.recorder import Recorder
from tests.capture.hooks.server import Server

from hotfixture.capture import tapes
from hotfixture.capture.playing.playback import replay
from hotfixture.errors import ReplayMissError

both = pytest.mark.parametrize("module", [httpx, httpx2], ids=lambda module: module.__name__)


@both
def test_a_transport_of_the_program_is_not_recorded(module, recorder: Recorder) -> None:
    """MockTransport and ASGITransport reach no network."""

    async def application(scope, receive, send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"asgi"})

    async def ask() -> bytes:
        async with module.AsyncClient(transport=module.ASGITransport(application), base_url="http://app") as client:
            return (await client.get("/")).content

    with tapes.under(recorder.session):
        mock = module.MockTransport(lambda request: module.Response(200, content=b"mock"))
        with module.Client(transport=mock) as client:
            assert client.get("http://mocked/").content == b"mock"
        assert asyncio.run(ask()) == b"asgi"
    assert recorder.interactions == []


@both
def test_tasks_that_are_cancelled_half_way_are_cancelled_on_the_record(
    module, server: Server, recorder: Recorder
) -> None:
    """case 3: with what had arrived by then; all others are whole."""

    async def one(client, number: int, begun: set[int]) -> None:
        async with client.stream("GET", f"{server.url}/{'forever' if number % 2 else 'echo'}/{number}") as response:
            async for _ in response.aiter_raw():
                begun.add(number)

    async def all_of_them() -> None:
        async with module.AsyncClient(limits=module.Limits(max_connections=None), timeout=30) as client:
            begun = set[int]()
            tasks = [asyncio.create_task(one(client, number, begun)) for number in range(60)]
            await asyncio.wait([task for number, task in enumerate(tasks) if not number % 2])
            while len(begun) < len(tasks):
                await asyncio.sleep(0.02)
            for task in tasks[1::2]:
                task.cancel()
            assert all(
                isinstance(end, asyncio.CancelledError)
                for end in await asyncio.gather(*tasks[1::2], return_exceptions=True)
            )

    with tapes.under(recorder.session):
        asyncio.run(all_of_them())
    kept = recorder.interactions
    assert len(kept) == 60
    for one_kept in kept:
        endless = "/forever/" in one_kept.request["url"]
        assert one_kept.status == ("cancelled" if endless else "success")
        assert one_kept.duration_ms
        assert one_kept.chunks


@both
def test_a_cancelled_request_that_was_never_answered_is_on_the_record(
    module, server: Server, recorder: Recorder
) -> None:
    """case 3."""

    async def ask() -> None:
        async with module.AsyncClient() as client:
            await asyncio.wait_for(client.get(f"{server.url}/slow"), 0.1)

    with tapes.under(recorder.session), pytest.raises(TimeoutError):
        asyncio.run(ask())
    (one,) = recorder.interactions
    assert (one.status, one.response) == ("cancelled", None)


@both
def test_streams_are_what_they_were(module, server: Server, recorder: Recorder) -> None:
    """Classes, reprs and extensions of the answer, and no second reading of a stream."""
    url = f"{server.url}/encoded/gzip"

    def ask() -> tuple[object, ...]:
        with module.Client() as client, client.stream("GET", url) as response:
            stream = response.stream
            shape = (type(stream), isinstance(stream, module.SyncByteStream), sorted(response.extensions))
            assert response.extensions["network_stream"].get_extra_info("nothing") is None
            response.read()
            with pytest.raises(module.StreamConsumed):
                next(response.iter_raw())
            return (*shape, response.json(), response.json(), response.is_closed)

    bare = ask()
    with tapes.under(recorder.session):
        assert ask() == bare
    with replay(recorder.folder):
        assert ask() == bare


def test_httpcore_alone_is_recorded(server: Server, recorder: Recorder) -> None:
    """Programs may do without httpx."""

    def ask() -> tuple[int, bytes, str]:
        with httpcore.ConnectionPool() as pool:
            response = pool.request("GET", f"{server.url}/encoded/identity")
            return response.status, response.content, response.stream.__class__.__name__

    bare = ask()
    with tapes.under(recorder.session):
        assert ask() == bare
    with replay(recorder.folder):
        assert ask()[:2] == bare[:2]


def test_a_stream_that_is_left_without_being_closed_is_closed_on_the_record(server: Server, recorder: Recorder) -> None:
    """When it is collected."""
    with tapes.under(recorder.session):
        pool = httpcore.ConnectionPool()
        response = pool.handle_request(httpcore.Request("GET", f"{server.url}/huge", headers={"Host": "x"}))
        next(iter(response.stream))
        del response
        gc.collect()
    (one,) = recorder.interactions
    assert one.status == "closed"
    pool._requests.clear()
    pool.close()


def test_a_request_for_a_websocket_is_left_alone_and_counted(server: Server, recorder: Recorder) -> None:
    """It is no question with one answer."""
    headers = {"Upgrade": "websocket", "Connection": "Upgrade"}
    with tapes.under(recorder.session), httpx.Client() as client:
        assert client.get(f"{server.url}/echo", headers=headers).status_code == 200
    assert recorder.interactions == []
    assert recorder.session.unseen.told() == [f"1 websockets: {server.url.removeprefix('http://')}"]


def test_trio_waits_for_pieces_too(server: Server, recorder: Recorder) -> None:
    """Where asyncio does not run."""
    pytest.importorskip("trio")

    async def ask() -> list[bytes]:
        async with httpx.AsyncClient() as client, client.stream("GET", f"{server.url}/events/10") as response:
            return [piece async for piece in response.aiter_raw()]

    with tapes.under(recorder.session):
        seen = anyio.run(ask, backend="trio")
    with replay(recorder.folder, speed=1):
        assert anyio.run(ask, backend="trio") == seen


def test_an_authentication_in_two_steps_is_two_interactions(server: Server, recorder: Recorder) -> None:
    """The refusal, and the answer to what was let in."""

    def ask() -> tuple[int, bytes]:
        with httpx.Client(auth=httpx.DigestAuth("user", "pass")) as client:
            response = client.get(f"{server.url}/secret")
            return response.status_code, response.content

    with tapes.under(recorder.session):
        seen = ask()
    assert [one.response["status"] for one in recorder.interactions] == [401, 200]
    with replay(recorder.folder):
        assert ask() == seen == (200, b"let in")


def test_a_miss_is_raised_as_it_is(server: Server) -> None:
    """Not as an error of the network."""

    async def ask() -> None:
        async with httpx.AsyncClient() as client:
            await client.get(f"{server.url}/missing")

    with replay([], allow=["misses"]):
        with pytest.raises(ReplayMissError):
            httpx.get(f"{server.url}/missing")
        with pytest.raises(ReplayMissError):
            asyncio.run(ask())


def _http2(listening: socket.socket, hits: list[int]) -> None:
    """A server of HTTP/2 without TLS: each answer is three pieces of what was asked."""
    h2 = pytest.importorskip("h2.connection")
    config = pytest.importorskip("h2.config").H2Configuration(client_side=False)
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection:
            _speak(h2.H2Connection(config), connection, hits)


def _speak(talk, connection: socket.socket, hits: list[int]) -> None:
    talk.initiate_connection()
    connection.sendall(talk.data_to_send())
    body = b""
    while data := connection.recv(65536):
        for event in talk.receive_data(data):
            body += getattr(event, "data", b"") if type(event).__name__ == "DataReceived" else b""
            if type(event).__name__ == "StreamEnded":
                hits.append(event.stream_id)
                talk.send_headers(event.stream_id, [(":status", "200"), ("x-kind", "two")])
                for number in range(3):
                    talk.send_data(event.stream_id, b"%d %b" % (number, body), end_stream=number == 2)
        connection.sendall(talk.data_to_send())


@both
def test_http_2_is_recorded_and_played_back_as_such(module, recorder: Recorder) -> None:
    """With its version, its extensions, and no words beside the status."""
    pytest.importorskip("h2")
    hits: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_http2, args=(listening, hits), daemon=True).start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/two"

        def ask() -> tuple[object, ...]:
            with (
                module.Client(http1=False, http2=True) as client,
                client.stream("POST", url, content=b"asked") as response,
            ):
                return (response.http_version, response.headers.raw, list(response.iter_raw()),
                        sorted(response.extensions), response.reason_phrase)  # fmt: skip

        bare = ask()
        with tapes.under(recorder.session):
            assert ask() == bare
    (one,) = recorder.interactions
    assert (one.response["version"], recorder.sent(one), len(hits)) == ("HTTP/2", b"asked", 2)
    with replay(recorder.folder):
        assert ask() == bare
