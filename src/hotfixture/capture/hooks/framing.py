"""HTTP/1 messages taken apart as their bytes go by: the head, the pieces of the body, the trailers, the end."""

from __future__ import annotations

import re
from collections.abc import Callable

Pairs = list[tuple[str, str]]
_HEAD = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(rb"\r?\n(?=[^ \t])")
SWITCHED = 101
LARGEST = 1 << 20
"""Bytes of a chunk that are kept until the rest of it comes."""


def fields(lines: list[bytes]) -> Pairs:
    """Header lines as names and values; a folded value keeps its fold, a line without colon is a name."""
    split = (line.decode("latin-1").partition(":") for line in lines if line)
    return [(name, value.lstrip(" \t")) for name, _, value in split]


def _status(start: str) -> int:
    version, *rest = start.split(None, 2)
    return int(rest[0]) if version.startswith("HTTP/") and rest and rest[0].isdecimal() else 0


def bodiless(method: str, status: int) -> bool:
    """Whether an answer has no body, whatever its headers say (RFC 9112, section 6.3)."""
    return method == "HEAD" or status in (204, 304) or 100 <= status < 200


class Message:
    """One message. `piece` is given each piece of its body: a whole chunk where it comes in chunks, else as it came;
    an empty one where the body is there and empty. `ended` tells whether all of it went by."""

    def __init__(
        self,
        *,
        head: Callable[[Message], None],
        piece: Callable[[bytes], None],
        end: Callable[[Message], None] | None = None,
        asked: str | None = None,
        hints: bool = True,
    ) -> None:
        """`asked` is the method of the request that this answers; None where it is itself a request. Without `hints`
        only 100 goes before an answer, and 103 is one, as http.client has it."""
        self.start = ""
        self.headers: Pairs = []
        self.trailers: Pairs = []
        self.ended = False
        self.begun = False
        """Whether its head was there."""
        self._on_head, self._on_piece, self._on_end, self._asked = head, piece, end, asked
        self._interim = range(100, 200) if hints else range(100, 101)
        self._step: Callable[[Message, bytes], bytes] = Message._in_head  # a bound method would be a cycle
        self._held = b""
        self._status = 0
        self._parts: list[bytes] = []
        self._waiting = 0
        self._left = 0
        self._empty = True

    def feed(self, data: bytes) -> None:
        """Bytes as they come, cut anywhere."""
        while data and not self.ended:
            data = self._step(self, data)

    def eof(self) -> bool:
        """No more bytes will come; whether the message is complete."""
        if not self.ended and self.begun and self._step in (Message._until_closed, Message._in_trailers):
            self._finish()
        return self.ended

    def flush(self) -> None:
        """Give what has come of a chunk that is not complete."""
        if self._parts:
            parts, self._parts, self._waiting = self._parts, [], 0
            self._give(b"".join(parts))

    @property
    def status(self) -> int:
        """The status of an answer; 0 where its first line is not one."""
        return self._status

    @property
    def version(self) -> str:
        """Such as `HTTP/1.1`, of an answer."""
        return self.start.partition(" ")[0]

    @property
    def reason(self) -> str:
        """What the server says beside the status; often empty."""
        return "".join(self.start.split(None, 2)[2:])

    @property
    def missing(self) -> int | None:
        """How many bytes were announced and have not come; None where that is not known."""
        return self._left if self._step is Message._in_length else None

    def header(self, name: str) -> str | None:
        """The first header of a name in lower case."""
        return next((value for key, value in self.headers if key.lower() == name), None)

    def _in_head(self, data: bytes) -> bytes:
        held = (self._held + data).lstrip(b"\r\n")
        found = _HEAD.search(held)
        if found is None:
            self._held = held
            return b""
        self._held = b""
        first, *lines = _FOLD.split(held[: found.start()])
        self.start, self.headers = first.decode("latin-1"), fields(lines)
        self._status = _status(self.start)
        if self._asked is not None and not self._status:
            self._step = Message._lost
        elif self._asked is None or self._status not in self._interim or self._status == SWITCHED:
            self.begun = True
            self._on_head(self)
            self._choose()
        return held[found.end() :]

    def _choose(self) -> None:
        """How the body is delimited (RFC 9112, section 6.3)."""
        length = self.header("content-length") or ""
        if self._asked is not None and bodiless(self._asked, self.status):
            self._empty = False
            self._finish()
        elif self._chunked():
            self._step = Message._in_size
        elif length.isdecimal():
            self._left, self._step = int(length), Message._in_length
            if not self._left:
                self._finish()
        elif self._asked is None:
            self._empty = False
            self._finish()
        else:
            self._step = Message._until_closed

    def _chunked(self) -> bool:
        return (self.header("transfer-encoding") or "").lower().rpartition(",")[2].strip() == "chunked"

    def _in_length(self, data: bytes) -> bytes:
        piece = data[: self._left]
        self._left -= len(piece)
        self._give(piece)
        if not self._left:
            self._finish()
        return data[len(piece) :]

    def _until_closed(self, data: bytes) -> bytes:
        self._give(data)
        return b""

    def _in_size(self, data: bytes) -> bytes:
        line, rest = self._line(data)
        if line is None:
            return b""
        try:
            self._left = int(line.partition(b";")[0], 16)
        except ValueError:
            self._step = Message._lost
        else:
            self._step = Message._in_chunk if self._left > 0 else Message._in_trailers
        return rest

    def _in_chunk(self, data: bytes) -> bytes:
        part = data[: self._left]
        self._left -= len(part)
        self._parts.append(part)
        self._waiting += len(part)
        if not self._left or self._waiting > LARGEST:
            self.flush()
        if not self._left:
            self._step = Message._after_chunk
        return data[len(part) :]

    def _after_chunk(self, data: bytes) -> bytes:
        line, rest = self._line(data)
        if line is not None:
            self._step = Message._in_size
        return rest

    def _in_trailers(self, data: bytes) -> bytes:
        line, rest = self._line(data)
        if line:
            self.trailers += fields([line])
        elif line is not None:
            self._finish()
        return rest

    def _lost(self, data: bytes) -> bytes:  # noqa: ARG002 - a step like the others
        """What is sent is not HTTP/1 any more: nothing of it is known."""
        return b""

    def _line(self, data: bytes) -> tuple[bytes | None, bytes]:
        """A line that is complete now, without its end, and what follows it."""
        line, end, rest = (self._held + data).partition(b"\n")
        self._held = b"" if end else line
        return (line.rstrip(b"\r"), rest) if end else (None, b"")

    def _give(self, piece: bytes) -> None:
        self._empty = False
        self._on_piece(piece)

    def _finish(self) -> None:
        if self._empty:
            self._give(b"")
        self.ended = True
        if self._on_end is not None:
            self._on_end(self)
