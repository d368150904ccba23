"""What all hooks on HTTP share: how calls are named, how bytes are recorded, how a recorded answer is bytes again."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from hotfixture.capture import failures
from hotfixture.capture.calls import harmless
from hotfixture.capture.hooks.framing import Message, bodiless

if TYPE_CHECKING:
    from hotfixture.capture.calls import Call
    from hotfixture.capture.playing.playback import Playback, Played
    from hotfixture.capture.session import Session

_HOLE = re.compile(r"\d+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{16,}", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
GRACE = 5.0
"""Seconds in which a program may cancel a call that it had cancelled when it was recorded."""
UNSENT = "it could not be sent"
"""A note on calls that failed before there was an answer to wait for."""
UNCONNECTED = "it found no connection"
"""A note on calls whose connection was made before they were, and failed."""


@lru_cache(maxsize=1024)
def names(method: str, url: str) -> tuple[str, str]:
    """Service and operation: the host, with a port that is not the usual one; the method and the path's template."""
    parts = urlsplit(url)
    port = "" if parts.port in (None, _PORTS.get(parts.scheme)) else f":{parts.port}"
    segments = ("{id}" if _HOLE.fullmatch(segment) else segment for segment in parts.path.split("/"))
    return f"{parts.hostname or ''}{port}", f"{method} {'/'.join(segments) or '/'}"


def address(scheme: str, host: str, port: int | None, target: str) -> str:
    """The URL of a request to a host; a port that is the scheme's own is left out."""
    if "://" in target.partition("?")[0]:  # to a proxy that forwards it
        return target
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"{scheme}://{host}{'' if port in (None, _PORTS.get(scheme)) else f':{port}'}{target}"


def pairs(raw: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    """Headers as text; every byte stands for one character (latin-1), as HTTP has it."""
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in raw]


def raw(headers: Iterable[Any]) -> list[tuple[bytes, bytes]]:
    """Recorded headers as bytes; what a surrogate brought in that is not latin-1 becomes a question mark."""
    return [(octets(name), octets(value)) for name, value in headers]


def octets(text: Any) -> bytes:
    """A text as HTTP sends it."""
    return str(text).encode("latin-1", "replace")


def is_empty(headers: Iterable[tuple[str, str]]) -> bool:
    """Whether a request says that it has a body, and that it is empty."""
    return any(name.lower() == "content-length" and value.strip() == "0" for name, value in headers)


def switches(headers: Iterable[tuple[str, str]]) -> bool:
    """Whether a request asks for a websocket: it is left alone."""
    return any(name.lower() == "upgrade" and value.lower() == "websocket" for name, value in headers)


def cancelled() -> asyncio.CancelledError | None:
    """Where the running task is being cancelled, the error that says so."""
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no loop runs in this thread
        return None
    return asyncio.CancelledError() if task is not None and task.cancelling() else None


class Attempt:
    """One request on its way and its answer."""

    def __init__(self, call: Call) -> None:
        self.call, self.session = call, call.session
        self.trouble: BaseException | None = None
        """An error while sending that the program may overlook, if an answer was there."""
        self.wanted: Any = None
        """The body that is to be sent, where that is known beforehand."""
        self.early = False
        """It began with the connection; the request itself was not sent yet."""

    def __del__(self) -> None:
        if not self.call.ended:
            self.over()

    @harmless
    def intended(self, headers: Any, body: Any) -> None:
        """What is to be sent when there is a connection; a body that can be read but once is left alone."""
        self.wanted = body
        items = headers.items() if hasattr(headers, "items") else headers or ()
        self.call.asked(headers=[(str(name), str(value)) for name, value in items])

    @harmless
    def failed(self, error: BaseException) -> None:
        """The program got this exception."""
        self._flush()
        self.call.failed(error)

    @harmless
    def unsent(self, error: BaseException, note: str = UNSENT) -> None:
        """The program got this exception before it could wait for an answer."""
        if self.call.ended:
            return
        body = self.wanted.encode() if isinstance(self.wanted, str) else self.wanted
        if isinstance(body, bytes):
            self._would_send(body)
        self.call.note(note)
        self.call.failed(error)

    @harmless
    def over(self) -> None:
        """The program has let go of it: had it sent in vain, that is why, else it did not want the rest."""
        if self.call.ended:
            return
        self._flush()
        if self.trouble is not None:
            self.call.failed(self.trouble)
        else:
            self.call.closed()

    def _flush(self) -> None:
        """Give what is held back."""

    def _would_send(self, body: bytes) -> None:
        """It is the request's body, if nothing was sent of it."""


class Parsed(Attempt):
    """One whose HTTP/1 bytes are taken apart as they go by."""

    def __init__(self, call: Call, method: str) -> None:
        super().__init__(call)
        self._request = Message(head=partial(_asked, call), piece=call.send)
        self._answer = Message(head=partial(_answered, call), piece=call.chunk, end=partial(_ended, call), asked=method)

    @harmless
    def sent(self, data: Any) -> None:
        """Bytes of the request, head and body."""
        self._request.feed(bytes(data))

    @harmless
    def received(self, data: bytes) -> None:
        """Bytes of the answer, as they come."""
        self._answer.feed(data)

    @harmless
    def eof(self) -> None:
        """The other side closed."""
        self._answer.eof()

    def _flush(self) -> None:
        self._answer.flush()

    def _would_send(self, body: bytes) -> None:
        if not self.call.sent:
            self.call.send(body)


def begun(session: Session, method: str, url: str) -> Parsed | None:
    """A request that goes out now; None where it cannot be recorded, which the session is told."""
    try:
        service, operation = names(method, url)
        call = session.begin("http", service, operation, {"method": method, "url": url, "headers": []})
    except Exception as error:  # noqa: BLE001 - a recording that fails must not reach the program under test
        session.trouble(error)
        return None
    return Parsed(call, method)


def _asked(call: Call, message: Message) -> None:
    call.asked(headers=message.headers)


def _answered(call: Call, message: Message) -> None:
    call.answered(status=message.status, reason=message.reason, version=message.version, headers=message.headers)


def _ended(call: Call, message: Message) -> None:
    call.done(**({"trailers": message.trailers} if message.trailers else {}))


def unanswered(played: Played) -> bool:
    """Whether the program had let go of the call before there was an answer."""
    return "status" not in played.response


def patience(played: Played) -> float:
    """Seconds to wait, where one can, before a recording that breaks off is a miss: the program had cancelled the
    call, and is about to do it again."""
    return GRACE if played.outcome.status == "cancelled" else 0.0


class Question:
    """A request whose bytes go nowhere, and the recorded answer to it."""

    def __init__(self, tape: Playback, method: str, url: str) -> None:
        self._tape, self._method, self._url = tape, method, url
        self._body: list[bytes] = []
        self.message = Message(head=_seen, piece=self._body.append)
        self.notes: list[str] = []
        """Of the recorded call, when `play` raises what that failed with."""
        self.patience = 0.0
        """See `patience`."""

    def play(self) -> Played:
        """What was recorded for it; raises what was recorded in its place, or ReplayMissError."""
        service, operation = names(self._method, self._url)
        asked = {"method": self._method, "url": self._url, "headers": self.message.headers}
        played = self._tape.found("http", service, operation, asked, self._body)
        failure = played.outcome.failure
        if failure is not None and not played.response:
            self.notes = played.outcome.notes
            raise failures.rebuild(failure)
        self.patience = patience(played)
        if unanswered(played):
            played.finish()
        return played

    def answer(self, played: Played) -> Iterator[tuple[float, bytes]]:
        """The bytes of the answer as HTTP/1 has them, and the seconds to wait before each; raises what ended it."""
        from http.client import IncompleteRead  # whose first import, where hooks stand, is that of hooks like this

        empty = bodiless(self._method, played.response["status"])
        pieces = [] if empty else list(played.chunks())
        head, chunked = _head(played, None if empty else sum(len(piece) for _, piece in pieces))
        yield 0.0, head
        if empty:
            return
        for wait, piece in pieces:
            if piece:
                yield wait, b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece
        try:
            played.finish()
        except IncompleteRead:
            return
        if chunked:
            yield 0.0, b"0\r\n%b\r\n" % _lines(played.response.get("trailers", ()))


def _seen(message: Message) -> None:
    """Nothing is to be told of the head of a question: it stays in the message."""


def _head(played: Played, size: int | None) -> tuple[bytes, bool]:
    """The first line and the headers, and whether the body, of that size, comes in chunks."""
    response = played.response
    version = str(response.get("version") or "HTTP/1.1")
    version = version if version.startswith("HTTP/1") else "HTTP/1.1"
    first = f"{version} {response['status']} {response.get('reason') or ''}"
    chunked, headers = False, []
    for name, value in response.get("headers", ()):
        if name.lower() == "transfer-encoding":
            chunked = str(value).lower().rpartition(",")[2].strip() == "chunked"
        elif name.lower() == "content-length" and size is not None and played.outcome.status == "success":
            value = size  # noqa: PLW2901 - surrogates may be longer or shorter than what they stand for
        headers.append((name, value))
    return octets(first) + b"\r\n" + _lines(headers) + b"\r\n", chunked


def _lines(headers: Iterable[Any]) -> bytes:
    return b"".join(b"%b: %b\r\n" % pair for pair in raw(headers))
