"""One suite of laws for every HTTP client: recorded and played back, a program sees what it sees bare."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.capture.hooks import clients
from tests.capture.hooks.clients import CLIENTS, Client, Seen
from tests.capture.hooks.recorder import Recorder
from tests.capture.hooks.server import DOCUMENT, EVENTS, HUGE, Certificate, Server

from hotfixture.capture import tapes
from hotfixture.capture.hooks import http
from hotfixture.capture.playing.playback import replay
from hotfixture.errors import ReplayMissError

every = pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
each_way = pytest.mark.parametrize(
    ("client", "way"), [(client, way) for client in CLIENTS for way in client.ways],
    ids=lambda one: one if isinstance(one, str) else one.name,
)  # fmt: skip
PLAIN = (
    "encoded/identity", "encoded/gzip", "encoded/deflate", "encoded/br", "encoded/zstd", "encoded/raw-deflate",
    "chunked", "gzip-chunks", "trailers", "until-closed", "early", "headers", "status/204", "status/304",
    "status/200/empty", "status/404", "status/500", "cut/length/close", "cut/chunked/close", "cut/length/reset",
    "cut/chunked/reset",
)  # fmt: skip
STREAMED = {"http.client": "readline", "urllib": "lines", "urllib3": "stream all", "requests": "as it comes",
            "aiohttp": "any"}  # fmt: skip


def streamed(client: Client) -> str:
    """The way to read a stream as it comes."""
    return STREAMED.get(client.name, "raw")


def bare(client: Client, method: str, url: str, way: str = "", **options: object) -> Seen:
    """What a program sees that nobody records."""
    with tapes.paused():
        return client.ask(method, url, way, **options)


def _alike(one: Seen, other: Seen) -> bool:
    """Whether both are the same, but that pieces may have arrived together on a busy machine."""
    if one == other:
        return True
    joined = [_joined(seen.get("pieces", [])) for seen in (one, other)]
    return joined[0] == joined[1] and {**one, "pieces": 0} == {**other, "pieces": 0}


def _joined(pieces: list[object]) -> list[object]:
    """Neighbours that are bytes as one."""
    bytes_only = [piece[0] if isinstance(piece, tuple) and isinstance(piece[0], bytes) else piece for piece in pieces]
    found: list[object] = []
    for piece in bytes_only:
        if found and isinstance(found[-1], bytes) and isinstance(piece, bytes):
            found[-1] += piece
        else:
            found.append(piece)
    return [piece for piece in found if piece != b""]


@each_way
def test_what_a_program_sees_is_the_same_bare_recorded_and_played_back(
    client: Client, way: str, server: Server, recorder: Recorder
) -> None:
    """case 8, case 9, case 10, case 11: whatever the encoding, the framing, the end, and the way in which it is
    read."""
    urls = [f"{server.url}/{path}" for path in PLAIN]
    seen = {url: recorder.record(client, "GET", url, way) for url in urls}
    unlike = [url for url in urls if not _alike(bare(client, "GET", url, way), seen[url])]
    assert unlike == []
    assert [one.request["url"] for one in recorder.interactions] == urls
    hits = server.hits.total()
    with replay(recorder.folder):
        played = {url: client.ask("GET", url, way) for url in urls}
    if client.name == "aiohttp":  # which gives what has arrived by then, of several chunks perhaps
        assert [url for url in urls if not _alike(played[url], seen[url])] == []
    else:
        assert played == seen
    assert server.hits.total() == hits


@pytest.mark.parametrize("client", [CLIENTS[0], CLIENTS[5], CLIENTS[8]], ids=lambda client: client.name)
def test_five_megabytes_with_every_octet_arrive_and_are_played_back(
    client: Client, server: Server, recorder: Recorder
) -> None:
    """case 11."""
    seen = recorder.record(client, "GET", f"{server.url}/huge")
    assert seen["pieces"][0] == HUGE
    with replay(recorder.folder):
        assert client.ask("GET", f"{server.url}/huge") == seen


@every
@pytest.mark.parametrize("other", [CLIENTS[0], CLIENTS[4], CLIENTS[8]], ids=lambda client: f"by {client.name}")
def test_what_another_library_recorded_is_played_back_too(
    client: Client, other: Client, server: Server, recorder: Recorder
) -> None:
    """To the program it is as if it had been asked for by its own."""
    paths = ("encoded/gzip", "chunked", "trailers", "headers", "status/204", "status/404", "until-closed")
    urls = [f"{server.url}/{path}" for path in paths]
    for url in urls:
        recorder.record(other, "GET", url)
    with replay(recorder.folder):
        played = {url: client.ask("GET", url) for url in urls}
    for url in urls:
        assert _alike(bare(client, "GET", url), played[url])


@every
def test_an_answer_to_head_has_no_body(client: Client, server: Server, recorder: Recorder) -> None:
    """case 11: though it announces one."""
    seen = recorder.record(client, "HEAD", f"{server.url}/encoded/identity")
    assert not any(seen["pieces"])
    (one,) = recorder.interactions
    assert (one.status, one.response["body"]) == ("success", None)
    with replay(recorder.folder):
        assert client.ask("HEAD", f"{server.url}/encoded/identity") == seen


@every
def test_no_body_and_an_empty_body_are_two_things(client: Client, server: Server, recorder: Recorder) -> None:
    """case 11."""
    for path in ("status/204", "status/200/empty"):
        recorder.record(client, "GET", f"{server.url}/{path}")
    none, empty = recorder.interactions
    assert none.response["body"] is None
    assert empty.response["body"] is not None


@every
def test_five_events_are_played_back_as_five_at_any_speed(client: Client, server: Server, recorder: Recorder) -> None:
    """case 6: at once, as fast as they came, or ten times as fast."""
    url, way = f"{server.url}/events/40", streamed(client)
    seen = recorder.record(client, "GET", url, way)
    assert b"".join(seen["pieces"]) == b"".join(EVENTS)
    (one,) = recorder.interactions
    assert [size for _, size in one.chunks] == [len(event) for event in EVENTS]
    for speed, least in ((0, 0.0), (1, 0.19), (10, 0.019)):
        with replay(recorder.folder, speed=speed):
            started = time.perf_counter()
            assert client.ask("GET", url, way)["pieces"] == seen["pieces"]
            assert time.perf_counter() - started >= least


@every
def test_the_first_event_is_not_held_back_while_it_is_recorded(
    client: Client, server: Server, recorder: Recorder
) -> None:
    """case 6: 20 ms at most, in the best of three tries, for others use this machine too."""
    late = [_late(client, server, recorder) for _ in range(3)]
    assert min(late) < 0.02


def _late(client: Client, server: Server, recorder: Recorder) -> float:
    url, way = f"{server.url}/events/60", streamed(client)
    arrived: list[float] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clients, "ARRIVED", arrived)
        recorder.record(client, "GET", url, way)
    assert arrived[0] < server.sent[-1]  # the others were not sent yet
    return arrived[0] - server.sent[0]


@every
def test_an_endless_stream_that_the_program_leaves_is_closed_and_has_no_more_to_give(
    client: Client, server: Server, recorder: Recorder
) -> None:
    """case 7."""
    url, way = f"{server.url}/forever", streamed(client)
    seen = recorder.record(client, "GET", url, way, take=3)
    (one,) = recorder.interactions
    assert one.status == "closed"
    with replay(recorder.folder):
        played = client.ask("GET", url, way, take=3)
    short, long = sorted((b"".join(one["pieces"]) for one in (played, seen)), key=len)
    assert long.startswith(short)  # where the machine is busy, one of three pieces may be several that came together
    assert short.startswith(b"data: 0\n\n")
    with pytest.raises(ReplayMissError), replay(recorder.folder, allow=["misses"]):
        client.ask("GET", url, way)


FAILING = {
    "refused": "http://127.0.0.1:9/x", "unknown host": "http://nowhere.invalid/x", "vanished": "{}/vanish",
    "reset": "{}/vanish/reset", "no HTTP": "{}/garbage", "too slow": "{}/slow", "slow body": "{}/slow-body",
    "distrusted": "{tls}/echo",
}  # fmt: skip


@every
@pytest.mark.parametrize("accident", FAILING)
def test_an_accident_is_recorded_and_happens_again_the_same(
    client: Client, accident: str, server: Server, secure: Server, recorder: Recorder
) -> None:
    """case 25: class, arguments and attributes, and all the exceptions that are behind it."""
    url = FAILING[accident].format(server.url, tls=secure.url)
    options = {"timeout": 0.3} if "slow" in accident else {}
    seen = bare(client, "GET", url, **options)
    assert "error" in seen or isinstance(seen["pieces"][-1], tuple)
    assert recorder.record(client, "GET", url, **options) == seen
    kept = recorder.interactions
    assert {one.status for one in kept} == {"error"}
    with replay(recorder.folder):
        assert client.ask("GET", url, **options) == seen


@every
def test_a_request_with_a_body_that_finds_nobody_is_known_by_its_body(client: Client, recorder: Recorder) -> None:
    """case 25: though the body was never sent."""
    url = "http://127.0.0.1:9/x"
    seen = [recorder.record(client, "POST", url, body=body) for body in (b"one", b"two")]
    assert [recorder.sent(one) for one in recorder.interactions] == [b"one", b"two"]
    with replay(recorder.folder):
        assert [client.ask("POST", url, body=body) for body in (b"two", b"one")] == seen


@every
def test_tls_is_recorded_in_the_clear(
    client: Client, secure: Server, certificate: Certificate, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is connected when it is played back."""
    monkeypatch.setattr(clients, "TRUSTED", [certificate.trusting()])
    monkeypatch.setattr(clients, "TRUSTED_FILE", [str(certificate.path)])
    url = f"{secure.url}/encoded/gzip"
    seen = recorder.record(client, "GET", url)
    assert seen["status"] == 200
    (one,) = recorder.interactions
    assert one.request["url"] == url
    with replay(recorder.folder):
        assert client.ask("GET", url) == seen


def _sent(seen: Seen) -> bytes:
    return base64.b64decode(json.loads(seen["pieces"][0])["body"])


BODIES = {
    "bytes": lambda: b'{"a": 1}', "generator": lambda: iter([b"one ", b"two ", b"three"]),
    "file": lambda: io.BytesIO(b"of a file" * 1000), "binary": lambda: bytes(range(256)),
    "large": lambda: b"0123456789" * 20_000,
}  # fmt: skip


@every
@pytest.mark.parametrize("kind", BODIES)
def test_what_is_sent_is_recorded_as_it_is_sent_and_consumed_but_once(
    client: Client, kind: str, server: Server, recorder: Recorder
) -> None:
    """case 12."""
    if kind == "file" and client.name.startswith("httpx") and "async" in client.name:
        pytest.skip("httpx reads no file in asyncio")
    url, body = f"{server.url}/echo", BODIES[kind]()
    expected = b"one two three" if kind == "generator" else BODIES[kind]() if kind != "file" else b"of a file" * 1000
    seen = recorder.record(client, "POST", url, body=body)
    assert _sent(seen) == expected
    (one,) = recorder.interactions
    assert recorder.sent(one) == expected
    with replay(recorder.folder):
        assert client.ask("POST", url, body=BODIES[kind]()) == seen


@every
def test_a_request_that_waits_for_leave_to_go_on(client: Client, server: Server, recorder: Recorder) -> None:
    """case 12: 100-continue; clients that do not wait send it all the same."""
    options = {"headers": [("Expect", "100-continue")], "body": b"after leave"}
    seen = recorder.record(client, "POST", f"{server.url}/echo", **options)
    assert _sent(seen) == b"after leave"
    with replay(recorder.folder):
        assert client.ask("POST", f"{server.url}/echo", **options) == seen


@every
def test_each_hop_of_a_redirect_is_an_interaction(client: Client, server: Server, recorder: Recorder) -> None:
    """With the cookies that they set, sent again."""
    follows = client.name not in ("http.client", "urllib3")  # which was told to retry nothing
    seen = recorder.record(client, "GET", f"{server.url}/redirect/302/2")
    assert [one.response["status"] for one in recorder.interactions] == ([302, 302, 200] if follows else [302])
    with replay(recorder.folder):
        played = client.ask("GET", f"{server.url}/redirect/302/2")
    for one in (seen, played):
        one.pop("cookies", None), one.pop("headers")
    assert played == seen


@every
def test_a_request_through_a_proxy_is_recorded_under_its_own_address(
    client: Client, server: Server, recorder: Recorder
) -> None:
    """And played back without the proxy."""
    url = "http://elsewhere.example/echo/through"
    seen = recorder.record(client, "GET", url, proxy=server.url)
    assert json.loads(seen["pieces"][0])["target"] == url
    (one,) = recorder.interactions
    assert (one.request["url"], one.service) == (url, "elsewhere.example")
    with replay(recorder.folder):
        assert client.ask("GET", url, proxy=server.url) == seen


@every
def test_a_request_through_a_tunnel_is_recorded_without_the_tunnel(
    client: Client, server: Server, secure: Server, certificate: Certificate, recorder: Recorder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """What is said to the proxy is no interaction; and nothing is connected when it is played back."""
    monkeypatch.setattr(clients, "TRUSTED", [certificate.trusting()])
    monkeypatch.setattr(clients, "TRUSTED_FILE", [str(certificate.path)])
    url = f"{secure.url}/echo/tunnel"
    seen = recorder.record(client, "POST", url, proxy=server.url, body=b"through")
    assert _sent(seen) == b"through"
    (one,) = recorder.interactions
    assert (one.request["url"], recorder.sent(one)) == (url, b"through")
    tunnels = server.hits["CONNECT"]
    with replay(recorder.folder):
        assert client.ask("POST", url, proxy=server.url, body=b"through") == seen
    assert server.hits["CONNECT"] == tunnels > 0


@every
def test_three_equal_questions_have_three_answers_and_no_fourth(
    client: Client, server: Server, recorder: Recorder
) -> None:
    """case 13."""
    url = f"{server.url}/counter/{CLIENTS.index(client)}"
    assert [recorder.record(client, "GET", url)["pieces"][0] for _ in range(3)] == [b"1", b"2", b"3"]
    with replay(recorder.folder, allow=["misses"]):
        assert [client.ask("GET", url)["pieces"][0] for _ in range(3)] == [b"1", b"2", b"3"]
        with pytest.raises(ReplayMissError):
            client.seen("GET", url, next(iter(client.ways)))


@every
def test_a_secret_in_a_compressed_body_is_not_kept_and_the_body_is_still_one(
    client: Client, server: Server, tmp_path: Path
) -> None:
    """case 10: of the right length, in the encoding that the headers say."""
    recorder = Recorder(tmp_path, keep=False)
    seen = recorder.record(client, "GET", f"{server.url}/encoded/secret-gzip")
    recorder.session.close()
    with replay(recorder.folder):
        played = client.ask("GET", f"{server.url}/encoded/secret-gzip")
    assert played["status"] == seen["status"] == 200
    assert played["pieces"] != seen["pieces"]
    for path in recorder.folder.rglob("*"):
        assert path.is_dir() or b"hunter2-very-secret" not in path.read_bytes()


@every
def test_a_request_outside_of_a_session_is_not_recorded(client: Client, server: Server, recorder: Recorder) -> None:
    """Nor one that is made after it."""
    bare(client, "GET", f"{server.url}/encoded/identity")
    seen = recorder.record(client, "GET", f"{server.url}/encoded/identity")
    bare(client, "GET", f"{server.url}/encoded/identity")
    assert len(recorder.interactions) == 1
    assert seen["pieces"][0] == DOCUMENT


@every
def test_a_recording_that_fails_does_not_reach_the_program(
    client: Client, server: Server, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """case 19."""
    url = f"{server.url}/encoded/gzip"
    seen = bare(client, "GET", url)

    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(recorder.session, "keep", broken)
    assert recorder.record(client, "GET", url) == seen
    assert recorder.session.lost == 1
    monkeypatch.setattr(recorder.session, "begin", broken)
    assert recorder.record(client, "GET", url) == seen
    assert recorder.session.lost == 2


ASYNC = [client for client in CLIENTS if hasattr(client, "aseen")]


@pytest.mark.parametrize("client", ASYNC, ids=lambda client: client.name)
@pytest.mark.parametrize(("path", "before"), [("slow", 0), ("forever/x", 2)])
def test_a_call_that_was_cancelled_is_cancelled_again(
    client: Client, path: str, before: int, server: Server, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case 3: the program's own timeout runs out as it did; one that waits longer learns that nothing is known."""
    url, arrived = f"{server.url}/{path}", clients.ARRIVED

    async def cancelled(is_asked: Callable[[], bool]) -> str:
        arrived.clear()
        task = asyncio.create_task(client.aseen("GET", url, streamed(client)))  # type: ignore[attr-defined]
        async with asyncio.timeout(10):
            while len(arrived) < before or not is_asked():
                await asyncio.sleep(0.01)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            return "cancelled"
        return "not cancelled"

    hits = server.hits[path]
    with tapes.under(recorder.session):
        assert asyncio.run(cancelled(lambda: server.hits[path] > hits)) == "cancelled"
    assert [one.status for one in recorder.interactions] == ["cancelled"]
    with replay(recorder.folder) as playback:
        assert asyncio.run(cancelled(lambda: playback.tally.played > 0)) == "cancelled"
    monkeypatch.setattr(http, "GRACE", 0.05)
    with replay(recorder.folder), pytest.raises(ReplayMissError, match="had cancelled the call"):
        client.seen("GET", url, streamed(client))
