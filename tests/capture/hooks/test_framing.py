"""HTTP/1 messages taken apart."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.capture.hooks.framing import Message


class Taken:
    """What a message told while it was fed."""

    def __init__(self, asked: str | None = "GET") -> None:
        self.pieces: list[bytes] = []
        self.heads = self.ends = 0
        self.message = Message(head=self._head, piece=self.pieces.append, end=self._end, asked=asked)

    def _head(self, message: Message) -> None:
        assert message is self.message
        self.heads += 1

    def _end(self, message: Message) -> None:
        assert message is self.message
        self.ends += 1

    def feed(self, data: bytes, cuts: list[int]) -> Taken:
        """The message, cut at these places."""
        edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
        for start, stop in pairwise(edges):
            self.message.feed(data[start:stop])
        return self


cuts = st.lists(st.integers(0, 10_000), max_size=12)
bodies = st.lists(st.binary(min_size=1, max_size=40), max_size=6)


@given(bodies, cuts)
def test_chunks_are_given_whole_wherever_the_bytes_are_cut(chunks: list[bytes], places: list[int]) -> None:
    wire = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n"
    wire += b"".join(b"%x;ext=1\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    taken = Taken().feed(wire + b"0\r\nX-T: 1\r\n\r\nnext", places)
    assert taken.pieces == (chunks or [b""])
    assert (taken.heads, taken.ends, taken.message.trailers) == (1, 1, [("X-T", "1")])


@given(st.binary(max_size=200), cuts)
def test_a_body_of_known_length_is_given_as_it_comes_and_not_a_byte_more(body: bytes, places: list[int]) -> None:
    wire = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    taken = Taken().feed(wire + b"HTTP/1.1 500", places)
    assert b"".join(taken.pieces) == body
    assert taken.pieces
    assert taken.ends == 1


@given(st.binary(min_size=1, max_size=200), cuts)
def test_a_body_without_length_ends_with_the_connection(body: bytes, places: list[int]) -> None:
    taken = Taken().feed(b"HTTP/1.0 200 OK\n\n" + body, places)
    assert (b"".join(taken.pieces), taken.ends) == (body, 0)
    assert taken.message.eof()
    assert taken.ends == 1


@given(cuts)
def test_the_head_is_kept_as_it_was_sent(places: list[int]) -> None:
    """case 11: order, case, duplicates, folds, latin-1, the very words of the status."""
    wire = b"\r\nHTTP/1.1 207  Many  Things\r\nx-a: 1\r\nX-A:2\r\nCaf\xe9: \xe9\r\nFold: a\r\n b\r\nEmpty:\r\n\r\n"
    message = Taken().feed(wire, places).message
    assert (message.version, message.status, message.reason) == ("HTTP/1.1", 207, "Many  Things")
    assert message.headers == [("x-a", "1"), ("X-A", "2"), ("Café", "é"), ("Fold", "a\r\n b"), ("Empty", "")]


@pytest.mark.parametrize(("asked", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304), ("GET", 101)])
def test_an_answer_that_has_no_body_gives_none_whatever_it_announces(asked: str, status: int) -> None:
    """case 11."""
    taken = Taken(asked).feed(b"HTTP/1.1 %d X\r\nContent-Length: 5\r\n\r\n" % status, [])
    assert (taken.pieces, taken.ends) == ([], 1)


@given(cuts)
def test_what_comes_before_the_answer_is_not_the_answer(places: list[int]) -> None:
    """case 12: 100 Continue, 103 Early Hints."""
    before = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: a\r\n\r\n"
    wire = before + b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"
    taken = Taken().feed(wire, places)
    assert (taken.heads, taken.message.status, taken.pieces) == (1, 200, [b"x"])


@pytest.mark.parametrize(
    ("head", "pieces"), [(b"", []), (b"Content-Length: 0\r\n", [b""]), (b"Content-Length: 2\r\n", [b"ab"])]
)
def test_a_request_without_body_differs_from_one_with_an_empty_body(head: bytes, pieces: list[bytes]) -> None:
    """case 11."""
    taken = Taken(None).feed(b"POST /x HTTP/1.1\r\n" + head + b"\r\n" + b"".join(pieces), [])
    assert (taken.pieces, taken.ends) == (pieces, 1)


@given(st.binary(max_size=300), cuts)
def test_whatever_is_sent_is_taken_without_an_exception(data: bytes, places: list[int]) -> None:
    """case 19: a recording does not fall over bytes that are not HTTP."""
    for start in (b"", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"):
        taken = Taken().feed(start + data, places)
        taken.message.flush()
        taken.message.eof()


def test_a_chunk_without_bounds_is_not_held_until_its_end() -> None:
    """Memory stays bounded, whatever a server announces."""
    taken = Taken().feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % (1 << 40), [])
    for _ in range(80):
        taken.message.feed(bytes(1 << 16))
    assert sum(map(len, taken.pieces)) >= 4 << 20


def test_an_answer_that_is_cut_short_says_what_is_missing() -> None:
    """case 8."""
    taken = Taken().feed(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", [])
    assert not taken.message.eof()
    assert taken.message.missing == 7
