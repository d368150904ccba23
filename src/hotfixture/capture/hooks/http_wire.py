"""What connections of http.client are recorded with: the bytes of both messages, which are taken apart later."""

from __future__ import annotations

from functools import lru_cache
from http.client import IncompleteRead
from typing import TYPE_CHECKING, Any

import wrapt

from hotfixture.capture.hooks import http
from hotfixture.capture.wire import WIRE

if TYPE_CHECKING:
    from hotfixture.capture.calls import Call
    from hotfixture.capture.session import Session

_EMPTY = (b"\r\n", b"\n")


@lru_cache(maxsize=1024)
def _named(method: str, secure: bool, host: str, port: int | None, target: str) -> tuple[str, str, str]:
    url = http.address("https" if secure else "http", host, port, target)
    return url, *http.names(method, url)


def url_of(connection: Any, target: str) -> str:
    """The URL of what a connection asks for."""
    return _named("", connection.default_port == 443, *_far_end(connection), target)[0]


def _far_end(connection: Any) -> tuple[str, int | None]:
    """Host and port; through a tunnel, those of its far end."""
    if getattr(connection, "_tunnel_host", None):
        return connection._tunnel_host, connection._tunnel_port
    return connection.host, connection.port


def begun(session: Session, connection: Any, method: str, target: str) -> Wired | None:
    """A request that goes out now; None where it cannot be recorded, which the session is told."""
    try:
        url, service, operation = _named(method, connection.default_port == 443, *_far_end(connection), target)
        told = [None, False]
        request = {"method": method, "url": url, "headers": [], WIRE: told}
        return Wired(session.begin("http", service, operation, request), told)
    except Exception as error:  # noqa: BLE001 - a recording that fails must not reach the program under test
        session.trouble(error)
        return None


class Wired(http.Attempt):
    """One request and its answer. How far the answer goes is what http.client has found out."""

    def __init__(self, call: Call, told: list[Any]) -> None:
        super().__init__(call)
        self.answered = False
        """Whether the head of the answer was there."""
        self._told = told
        self._left: int | None = None
        self._chunked = False

    def sent(self, data: Any) -> None:
        """Bytes of the request, head and body."""
        try:
            self.call.send(data if type(data) is bytes else bytes(data))
        except Exception as error:  # noqa: BLE001 - a recording that fails must not reach the program under test
            self.session.trouble(error)

    def begins(self, head: list[bytes], response: Any) -> None:
        """The head of the answer is there."""
        try:
            call = self.call
            call.chunk(b"".join(head))
            call.response["status"] = response.status  # for those who look at the call here
            self.answered = True
            self._chunked, self._left = response.chunked, response.length
            if self._left == 0:
                call.done()
        except Exception as error:  # noqa: BLE001 - a recording that fails must not reach the program under test
            self.session.trouble(error)

    def received(self, data: bytes, short: bool) -> None:
        """Bytes of the answer, as the program gets them; `short` where it wanted more, and there was none."""
        call = self.call
        if call.ended:
            return
        if data:
            call.chunk(data)
            if self._left is not None:
                self._left -= len(data)
                if self._left <= 0:
                    call.done()
                    return
        if short:
            self._eof()

    def line(self, data: bytes, short: bool) -> None:
        """A line behind the head: in chunks, an empty one ends the answer."""
        self.received(data, short)
        if self._chunked and data in _EMPTY:
            self.call.done()

    def _eof(self) -> None:
        """The other side closed: an answer that was cut short is recorded with IncompleteRead."""
        if self._left is not None:
            self.failed(IncompleteRead(b"", self._left))
            return
        self._told[1] = True
        self.call.chunk(b"")  # it came now
        if self._chunked:
            self.call.closed()  # whether it was complete is found when it is taken apart
        else:
            self.call.done()

    def _would_send(self, body: bytes) -> None:
        self._told[0] = body


class Answer(wrapt.ObjectProxy[Any]):  # programs reach through to the socket
    """The file of an answer: what is read of it is recorded."""

    def __init__(self, file: Any, attempt: Wired) -> None:
        super().__init__(file)
        self._self_attempt = attempt
        self._self_head: list[bytes] | None = []
        """What is read until the head is complete."""

    def _self_begins(self, response: Any) -> None:
        head, self._self_head = self._self_head, None
        self._self_attempt.begins(head or [], response)

    def read(self, size: int | None = -1) -> Any:
        try:
            data = self.__wrapped__.read(size)
        except BaseException as error:
            self._self_attempt.failed(error)
            raise
        if self._self_head is None:  # written out, for bodies are read in many pieces
            self._self_attempt.received(data, size is None or size < 0 or len(data) < size)
        else:
            self._self_head.append(data)
        return data

    def read1(self, size: int = -1) -> Any:
        try:
            data = self.__wrapped__.read1(size)
        except BaseException as error:
            self._self_attempt.failed(error)
            raise
        self._self_got(data, not data and size != 0)
        return data

    def readline(self, size: int | None = -1) -> Any:
        try:
            data = self.__wrapped__.readline(size)
        except BaseException as error:
            self._self_attempt.failed(error)
            raise
        head = self._self_head
        if head is not None:
            head.append(data)
        else:
            short = not data.endswith(b"\n") and (size is None or size < 0 or len(data) < size)
            self._self_attempt.line(data, short)
        return data

    def readinto(self, target: Any) -> Any:
        try:
            size = self.__wrapped__.readinto(target)
        except BaseException as error:
            self._self_attempt.failed(error)
            raise
        octets = memoryview(target).cast("B")
        self._self_got(bytes(octets[:size]), size < len(octets))
        return size

    def _self_got(self, data: bytes, short: bool) -> None:
        head = self._self_head
        if head is not None:
            head.append(data)
        else:
            self._self_attempt.received(data, short)

    def close(self) -> None:
        try:
            self.__wrapped__.close()
        finally:
            attempt = self._self_attempt
            if attempt.answered and not attempt.call.ended:  # else the connection says why there was no answer
                attempt.over()
