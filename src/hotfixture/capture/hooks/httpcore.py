"""httpcore and httpcore2, and so httpx and httpx2: the pools, which stand between the client and the network.

A client with a transport of its own (MockTransport, ASGITransport) does not come here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from types import ModuleType
from typing import Any

import wrapt

from hotfixture.capture import tapes
from hotfixture.capture.calls import Call
from hotfixture.capture.hooks import http
from hotfixture.capture.hooks.framing import bodiless
from hotfixture.capture.hooks.http_client import replace


def install(module: ModuleType) -> None:
    """Patch the pools of the module; pools for proxies inherit it."""

    def handle(original: Callable[..., Any], pool: Any, request: Any) -> Any:
        return _handle(module, original, pool, request)

    async def handle_async(original: Callable[..., Any], pool: Any, request: Any) -> Any:
        return await _handle_async(module, original, pool, request)

    replace(module.ConnectionPool, "handle_request", handle)
    replace(module.AsyncConnectionPool, "handle_async_request", handle_async)


def _handle(module: ModuleType, original: Callable[..., Any], pool: Any, request: Any) -> Any:
    tape: Any = tapes.current()
    if tape is None or _switches(request):
        return original(pool, request)
    if tape.playing:
        body = b"".join(request.stream)
        return _answer(module, _play(tape, request, body), _Played, module.MockStream)
    call = _begin(tape, request, _Sent)
    if call is None:
        return original(pool, request)
    try:
        response = original(pool, request)
    except BaseException as error:
        _failed(call, request, error)
        raise
    _answered(call, request, response, _Received)
    return response


async def _handle_async(module: ModuleType, original: Callable[..., Any], pool: Any, request: Any) -> Any:
    tape: Any = tapes.current()
    if tape is None or _switches(request):
        return await original(pool, request)
    if tape.playing:
        body = b"".join([piece async for piece in request.stream])
        return _answer(module, _play(tape, request, body), _PlayedAsync, module.AsyncMockStream)
    call = _begin(tape, request, _SentAsync)
    if call is None:
        return await original(pool, request)
    try:
        response = await original(pool, request)
    except BaseException as error:
        _failed(call, request, error)
        raise
    _answered(call, request, response, _ReceivedAsync)
    return response


def _switches(request: Any) -> bool:
    return http.switches(http.pairs(request.headers))


def _asked(request: Any) -> tuple[str, str, dict[str, Any]]:
    """Service, operation, and what is asked."""
    method, url = request.method.decode("latin-1"), bytes(request.url).decode("latin-1")
    return *http.names(method, url), {"method": method, "url": url, "headers": http.pairs(request.headers)}


def _begin(tape: Any, request: Any, sent: type) -> Call | None:
    """The call; None where it cannot be recorded."""
    try:
        service, operation, asked = _asked(request)
        call: Call = tape.begin("http", service, operation, asked)
        if http.is_empty(asked["headers"]):
            call.send(b"")
        request.stream = sent(request.stream, call)
    except Exception as error:  # noqa: BLE001 - a recording that fails must not reach the program under test
        tape.trouble(error)
        return None
    return call


def _failed(call: Call, request: Any, error: BaseException) -> None:
    """There was no answer. A body that was not sent, and can be read again, is what would have been sent."""
    stream = request.stream.__wrapped__
    if not call.sent and type(stream).__name__ == "ByteStream":
        call.send(b"".join(stream))
    call.failed(error)


def _answered(call: Call, request: Any, response: Any, received: type) -> None:
    """The head is there; the body is recorded as it is read."""
    try:
        extensions = response.extensions
        call.answered(
            status=response.status,
            version=extensions.get("http_version", b"HTTP/1.1").decode("latin-1"),
            headers=http.pairs(response.headers),
        )
        if "reason_phrase" in extensions:  # HTTP/2 has none
            call.answered(reason=extensions["reason_phrase"].decode("latin-1"))
        response.stream = received(response.stream, call, bodiless(request.method.decode("latin-1"), response.status))
    except Exception as error:  # noqa: BLE001 - a recording that fails must not reach the program under test
        call.session.trouble(error)


class _Sent(wrapt.ObjectProxy[Any]):  # the class of streams is asked for
    """The request's body, recorded as it is sent."""

    def __init__(self, stream: Any, call: Call) -> None:
        super().__init__(stream)
        self._self_call = call

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.__wrapped__:
            if piece:
                self._self_call.send(piece)
            yield piece


class _SentAsync(wrapt.ObjectProxy[Any]):  # the class of streams is asked for
    """The request's body, recorded as it is sent."""

    def __init__(self, stream: Any, call: Call) -> None:
        super().__init__(stream)
        self._self_call = call

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self.__wrapped__:
            if piece:
                self._self_call.send(piece)
            yield piece


class _Body:
    """How far an answer was read."""

    def __init__(self, call: Call, none: bool) -> None:
        self.call = call
        self._empty = not none

    def took(self, piece: bytes) -> None:
        """The program gets a piece."""
        if piece:
            self._empty = False
            self.call.chunk(piece)

    def ended(self) -> None:
        """There is no more."""
        if self._empty:
            self.call.chunk(b"")
        self.call.done()

    def closed(self) -> None:
        """The program does not want the rest."""
        self.call.closed()


class _Received(wrapt.ObjectProxy[Any]):  # the class of streams is asked for
    """The answer's body, recorded as it is read."""

    def __init__(self, stream: Any, call: Call, none: bool) -> None:
        super().__init__(stream)
        self._self_body = _Body(call, none)

    def __iter__(self) -> Iterator[bytes]:
        return _Reading(self, iter(self.__wrapped__), self._self_body)

    def close(self) -> None:
        try:
            self.__wrapped__.close()
        finally:
            self._self_body.closed()

    def __del__(self) -> None:
        self._self_body.closed()


class _Reading:
    """The pieces of an answer, as they come."""

    def __init__(self, stream: Any, pieces: Iterator[bytes], body: _Body) -> None:
        self._stream = stream  # which must not be collected before this
        self._pieces, self._body = pieces, body

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            piece = next(self._pieces)
        except StopIteration:
            self._body.ended()
            raise
        except BaseException as error:
            self._body.call.failed(error)
            raise
        self._body.took(piece)
        return piece


class _ReceivedAsync(wrapt.ObjectProxy[Any]):  # the class of streams is asked for
    """The answer's body, recorded as it is read."""

    def __init__(self, stream: Any, call: Call, none: bool) -> None:
        super().__init__(stream)
        self._self_body = _Body(call, none)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return _ReadingAsync(self, aiter(self.__wrapped__), self._self_body)

    async def aclose(self) -> None:
        cancelled = http.cancelled()
        try:
            await self.__wrapped__.aclose()
        finally:
            if cancelled is not None:
                self._self_body.call.failed(cancelled)
            self._self_body.closed()

    def __del__(self) -> None:
        self._self_body.closed()


class _ReadingAsync:
    """The pieces of an answer, as they come."""

    def __init__(self, stream: Any, pieces: AsyncIterator[bytes], body: _Body) -> None:
        self._stream = stream  # which must not be collected before this
        self._pieces, self._body = pieces, body

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            piece = await anext(self._pieces)
        except StopAsyncIteration:
            self._body.ended()
            raise
        except BaseException as error:
            self._body.call.failed(error)
            raise
        self._body.took(piece)
        return piece


def _play(tape: Any, request: Any, body: bytes) -> Any:
    service, operation, asked = _asked(request)
    sent = [body] if body or http.is_empty(asked["headers"]) else []
    return tape.play("http", service, operation, asked, sent)


def _answer(module: ModuleType, played: Any, stream: type, network: Callable[[list[bytes]], Any]) -> Any:
    """The recorded answer as the module's own response."""
    response = played.response
    version = http.octets(response.get("version") or "HTTP/1.1")
    extensions = {"http_version": version, "network_stream": network([])}
    if version == b"HTTP/2":
        extensions["stream_id"] = 1
    else:
        extensions["reason_phrase"] = http.octets(response.get("reason") or "")
    return module.Response(
        response["status"], headers=http.raw(response.get("headers", ())), content=stream(played),
        extensions=extensions,
    )  # fmt: skip


class _Played:
    """A recorded body."""

    def __init__(self, played: Any) -> None:
        self._played = played

    def __iter__(self) -> Iterator[bytes]:
        for wait, piece in self._played.chunks():
            if wait:
                time.sleep(wait)
            if piece:
                yield piece
        self._played.finish()

    def close(self) -> None:
        """Nothing is open."""


class _PlayedAsync:
    """A recorded body."""

    def __init__(self, played: Any) -> None:
        self._played = played

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for wait, piece in self._played.chunks():
            if wait:
                await _sleep(wait)
            if piece:
                yield piece
        self._played.finish()

    async def aclose(self) -> None:
        """Nothing is open."""


async def _sleep(seconds: float) -> None:
    """Wait in whichever loop runs."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:  # trio
        import anyio

        await anyio.sleep(seconds)
    else:
        await asyncio.sleep(seconds)
