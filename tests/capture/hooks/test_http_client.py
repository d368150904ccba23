"""http.client and what stands on it: attempts, connections that are kept, answers that nobody reads."""

from __future__ import annotations

import asyncio
import gc
import http.client
import io
import threading
import urllib.request
from contextvars import copy_context
from urllib.parse import urlsplit

import aiohttp
import httpx
import pytest
import requests
import urllib3
from tests.capture.hooks.clients import HttpClient
from tests.capture.hooks.recorder import Recorder
from tests.capture.hooks.server import Server

from hotfixture.capture import tapes
from hotfixture.capture.playing.playback import replay
from hotfixture.errors import ReplayMissError


def test_each_attempt_of_a_retry_is_recorded_and_played_back(server: Server, recorder: Recorder) -> None:
    """case 24: two answers that were busy, and the third."""
    url = f"{server.url}/flaky/2/urllib3"

    def ask() -> tuple[int, bytes, int]:
        retry = urllib3.Retry(total=5, status_forcelist=[503], backoff_factor=0)
        with urllib3.PoolManager(retries=retry) as pool:
            response = pool.request("GET", url)
            assert response.retries is not None
            return response.status, response.data, len(response.retries.history)

    with tapes.under(recorder.session):
        seen = ask()
    assert seen == (200, b"3", 2)
    assert [one.response["status"] for one in recorder.interactions] == [503, 503, 200]
    with replay(recorder.folder):
        assert ask() == seen


def test_attempts_that_found_nobody_are_recorded_each(recorder: Recorder) -> None:
    """case 24, case 25."""

    def ask() -> str:
        with urllib3.PoolManager() as pool, pytest.raises(urllib3.exceptions.MaxRetryError) as caught:
            pool.request("GET", "http://127.0.0.1:9/x", retries=urllib3.Retry(2, backoff_factor=0))
        return f"{type(caught.value.reason)} {caught.value.reason}".partition(" at ")[0]

    with tapes.under(recorder.session):
        seen = ask()
    assert [one.error_type for one in recorder.interactions] == ["NewConnectionError"] * 3
    with replay(recorder.folder):
        assert ask() == seen


def test_requests_is_recorded_once_though_three_libraries_see_it(server: Server, recorder: Recorder) -> None:
    """requests, urllib3 and http.client stand on one another."""
    with tapes.under(recorder.session):
        assert requests.get(f"{server.url}/echo/once", timeout=5).ok
    assert len(recorder.interactions) == 1


def test_a_kept_connection_goes_from_real_to_played_and_back(server: Server, recorder: Recorder) -> None:
    """One pool through it all: what is real is never asked while it is played, and asked again afterwards."""
    url = f"{server.url}/counter/kept"
    with requests.Session() as session:

        def ask() -> bytes:
            return session.get(url, timeout=5).content

        with tapes.under(recorder.session):
            recorded = [ask(), ask()]
        with replay(recorder.folder):
            assert [ask(), ask()] == recorded
        assert [ask(), ask()] == [b"3", b"4"]


def test_a_kept_connection_of_http_client_goes_from_played_to_real(server: Server, recorder: Recorder) -> None:
    """The same object, asked again and again."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=5)

    def ask() -> bytes:
        connection.request("GET", "/counter/object")
        return connection.getresponse().read()

    with tapes.under(recorder.session):
        recorded = [ask(), ask()]
    with replay(recorder.folder):
        assert [ask(), ask()] == recorded
    assert [ask(), ask()] == [b"3", b"4"]
    connection.close()


def test_an_answer_that_nobody_reads_is_closed(server: Server, recorder: Recorder) -> None:
    """Collected with all that belongs to it."""
    with tapes.under(recorder.session):
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=5)
        connection.request("GET", "/huge")
        connection.getresponse()
        connection.close()
        del connection
        gc.collect()
    (one,) = recorder.interactions
    assert (one.status, one.response["status"]) == ("closed", 200)


def test_a_request_whose_answer_is_never_asked_for_is_closed(server: Server, recorder: Recorder) -> None:
    """It went out: it is on the record."""
    with tapes.under(recorder.session):
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=5)
        connection.request("POST", "/echo", b"and gone")
        connection.close()
    (one,) = recorder.interactions
    assert (one.status, one.response, recorder.sent(one)) == ("closed", None, b"and gone")


def test_an_answer_after_a_send_that_failed_is_still_recorded(server: Server, recorder: Recorder) -> None:
    """urllib3 overlooks a broken pipe, for the server may have answered before it closed."""
    with tapes.under(recorder.session):
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=5)
        connection.putrequest("POST", "/echo")
        connection.putheader("Content-Length", "0")
        connection.endheaders()
        real, connection.sock = connection.sock, _Broken()
        with pytest.raises(BrokenPipeError):
            connection.send(b"late")
        connection.sock = real
        assert connection.getresponse().read()
        connection.close()
    (one,) = recorder.interactions
    assert (one.status, one.response["status"]) == ("success", 200)


class _Broken:
    def sendall(self, data: bytes) -> None:
        raise BrokenPipeError(32, "Broken pipe")


@pytest.mark.parametrize("body", [b"plain", "text", io.BytesIO(b"file"), io.StringIO("text file"), (b"a", b"b")])
def test_whatever_is_sent_is_sent_as_it_is(body: object, server: Server, recorder: Recorder) -> None:
    """case 12: http.client takes texts, files of texts, and iterables."""
    with tapes.under(recorder.session):
        HttpClient().seen("POST", f"{server.url}/echo", "read", body=body)
    (one,) = recorder.interactions
    assert recorder.sent(one) == server.bodies[-1] != b""


def test_a_form_with_a_random_boundary_is_found_again(server: Server, recorder: Recorder) -> None:
    """case 12: in requests, httpx and aiohttp."""
    url = f"{server.url}/status/200"

    async def by_aiohttp() -> int:
        form = aiohttp.FormData()
        form.add_field("file", b"content", filename="a.txt")
        async with aiohttp.ClientSession() as session, session.post(url, data=form) as response:
            return response.status

    def ask() -> list[int]:
        files = {"file": ("a.txt", b"content")}
        with httpx.Client(verify=False) as client:
            by_httpx = client.post(url, files=files).status_code
        return [requests.post(url, files=files, timeout=5).status_code, by_httpx, asyncio.run(by_aiohttp())]

    with tapes.under(recorder.session):
        assert ask() == [200, 200, 200]
    assert all(b"content" in recorder.sent(one) for one in recorder.interactions)
    with replay(recorder.folder):
        assert ask() == [200, 200, 200]


def test_threads_record_each_its_own(server: Server, recorder: Recorder) -> None:
    """case 2: 8 threads, each with a connection of its own; no answer lands on another's record."""

    def ask(number: int) -> None:
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=20)
        for turn in range(25):
            connection.request("POST", f"/echo/{number}/{turn}", b"%d %d" % (number, turn))
            assert connection.getresponse().read()
        connection.close()

    with tapes.under(recorder.session):
        threads = [threading.Thread(target=copy_context().run, args=(ask, number)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    kept = recorder.interactions
    assert len(kept) == len({one.id for one in kept}) == 200
    for one in kept:
        _, _, number, turn = urlsplit(one.request["url"]).path.split("/")
        assert recorder.sent(one) == f"{number} {turn}".encode()
        assert f"/echo/{number}/{turn}" in str(one.response["body"])


def test_a_miss_is_told_as_such_by_each_library(server: Server, recorder: Recorder) -> None:
    """It is not taken for an error of the network, which would be tried again."""
    HttpClient().ask("GET", f"{server.url}/echo")
    with replay([], allow=["misses"]) as playback:
        for ask in (
            lambda: requests.get(f"{server.url}/missing", timeout=5),
            lambda: urllib3.PoolManager().request("GET", f"{server.url}/missing"),
            lambda: urllib.request.urlopen(f"{server.url}/missing", timeout=5),
        ):
            with pytest.raises(ReplayMissError):
                ask()
    assert len(playback.tally.misses) == 3


def test_the_file_of_an_answer_is_still_what_it_was(server: Server, recorder: Recorder) -> None:
    """Programs reach through it to the socket, to change its timeout in the midst."""
    with tapes.under(recorder.session):
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=5)
        connection.request("GET", "/encoded/identity")
        response = connection.getresponse()
        assert isinstance(response.fp, io.BufferedReader)
        response.fp.raw._sock.settimeout(3)
        assert connection.response_class is http.client.HTTPResponse
        assert "response_class" not in vars(connection)
        response.read()
        connection.close()
