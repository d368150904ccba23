"""Connections as uvicorn reads them, with bounds for the head of a request: how long it may be, how long it may take.

What the HTTP parser refuses is answered as everything else is: a problem document with the security headers.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from hotfixture.server import problems
from hotfixture.server.front import SECURITY
from hotfixture.server.visit import LEAVING

LONGEST = 65_536
"""Bytes of a request's line and headers."""
_SAID = {400: "that is no HTTP request", 408: "the request did not arrive in time", 431: "the headers are too long"}


class Connection(HttpToolsProtocol):
    """One connection; `patience` are the seconds that the head of a request may take."""

    patience = 60.0

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self._head = 0
        """Bytes of the head that have arrived; of one that is whole, none."""
        self._in_head = True
        self._in_message = False
        self._waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Wait for the first request, but not for ever."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; a head that grows too long is answered before it ends."""
        if self._in_head:
            self._head += len(data)
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            if self._head > LONGEST:
                self._refuse(431)
            elif self._waiting is None:
                self._wait()

    def on_message_begin(self) -> None:
        """A head begins."""
        self._in_head, self._in_message = True, True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is there: a request begins, unless it is too long."""
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > LONGEST:
            self._head = size
            raise ValueError  # the parser stops, and `send_400_response` says why
        self._in_head, self._head = False, 0
        self._stop()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The body is there."""
        self._in_message = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """A request that was answered before its body had arrived has its time for the rest of it."""
        super().on_response_complete()
        if self._in_message and not self.transport.is_closing():
            self._wait()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the words of uvicorn are replaced
        """What the parser refused."""
        self._refuse(431 if self._in_head and self._head > LONGEST else 400)

    def shutdown(self) -> None:
        """The server is to stop: a request that only waits is told so, and is answered at once."""
        super().shutdown()
        if self.cycle is not None and not self.cycle.response_complete:
            leave: Any = self.scope.get(LEAVING)
            if leave is not None:
                leave()

    def _wait(self) -> None:
        self._stop()
        self._waiting = self.loop.call_later(self.patience, self._overdue)

    def _stop(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _overdue(self) -> None:
        if self.transport.is_closing():
            return
        if self.cycle is not None and not self.cycle.response_complete:
            self._wait()  # it sends the next request while this one is answered
        elif self._in_message and not self._in_head:
            self.transport.close()  # it was answered, and the rest of its body does not come
        else:
            self._refuse(408)

    def _refuse(self, status: int) -> None:
        request_id = uuid4().hex  # its own may stand in the head that nobody read
        body = problems.answer(status, _SAID[status], request_id)
        more = ((b"x-request-id", request_id.encode()), (b"connection", b"close"))
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()]
        lines += [name + b": " + value for name, value in (*body.raw_headers, *SECURITY, *more)]
        self.transport.write(b"\r\n".join(lines) + b"\r\n\r\n" + bytes(body.body))
        self.transport.close()


def patient(seconds: float) -> type[Connection]:
    """Connections that wait so long."""
    return type("Connection", (Connection,), {"patience": seconds})
