"""A socket that goes nowhere."""

from __future__ import annotations

import select

import pytest
from tests.capture.hooks.recorder import Recorder
from tests.capture.hooks.server import Server

from hotfixture.capture.hooks import http
from hotfixture.capture.hooks.line import Line
from hotfixture.capture.playing.playback import Playback


def test_a_pool_that_looks_whether_an_idle_line_is_alive_finds_it_dropped() -> None:
    """So that it makes a new connection, which is real where nothing is played any more."""
    poller = select.poll()
    poller.register(Line(), select.POLLIN)
    assert poller.poll(0)


def test_the_file_of_an_answer_has_a_descriptor_as_that_of_a_socket() -> None:
    assert Line().makefile("rb").fileno() > 0


def test_a_line_takes_bytes_and_nothing_else() -> None:
    """As a socket does; http.client sends iterables piece by piece when this is raised."""
    line = Line()
    line.sendall(memoryview(b"bytes"))
    for wrong in ("text", iter([b"a"]), 5):
        with pytest.raises(TypeError):
            line.sendall(wrong)


def test_leave_to_go_on_is_given_before_the_body_is_sent_and_only_where_it_is_asked_for() -> None:
    """case 12: botocore reads it from the socket itself."""
    for head, expected in ((b"Expect: 100-continue\r\n", http.CONTINUE), (b"", b"")):
        playback = Playback([])
        line = Line(http.Question(playback, "PUT", "http://service.example/x"))
        line.sendall(b"PUT /x HTTP/1.1\r\nContent-Length: 4\r\n" + head + b"\r\n")
        assert line.makefile("rb", 0).read(100) == expected
        playback.close()


def test_an_answer_is_given_in_its_pieces(server: Server, recorder: Recorder) -> None:
    """Each read of the line gives what one read of the socket gave."""
    from tests.capture.hooks.clients import CLIENTS

    recorder.record(CLIENTS[0], "GET", f"{server.url}/chunked")
    recorder.session.close()
    playback = Playback(recorder.folder)
    question = http.Question(playback, "GET", f"{server.url}/chunked")
    line = Line(question)
    line.sendall(b"GET /chunked HTTP/1.1\r\nHost: x\r\n\r\n")
    raw = line.makefile("rb", 0)
    assert raw.read(10_000).startswith(b"HTTP/1.1 200 OK\r\n")
    assert [raw.read(10_000) for _ in range(5)] == [
        b"4\r\none\n\r\n", b"8\r\ntwo two\n\r\n", b"8\r\ndrei\xdfig\n\r\n", b"0\r\n\r\n", b"",
    ]  # fmt: skip
    playback.close()
