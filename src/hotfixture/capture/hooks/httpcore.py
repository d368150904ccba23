"""httpcore and httpcore2, and so httpx and httpx2: the pools, which stand between the client and the network.

A client with a transport of its own (MockTransport, ASGITransport) does not come here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from functools import lru_cache, wraps
from types import ModuleType
from typing import Any

import wrapt

from hotfixture.capture import tapes, unseen
from hotfixture.capture.calls import Call
from hotfixture.capture.hooks import http
from hotfixture.capture.hooks.framing import bodiless
from hotfixture.capture.wire import WIRE


def install(module: ModuleType) -> None:
    """Patch the pools of the module; pools for proxies inherit it."""
    _replace(module, module.ConnectionPool)
    _replace_async(module, module.AsyncConnectionPool)


def _replace(module: ModuleType, pools: Any) -> None:
    """What every request goes through: where there is no tape, it costs one look."""
    original = pools.handle_request

    @wraps(original)
    def handle(self: Any, request: Any) -> Any:
        tape: Any = tapes.current()
        if tape is None:
            return original(self, request)
        if tape.playing:
            return original(self, request) if _switches(request) else _play(module, tape, request)
        call = _begin(tape, request, _Sent)
        if call is None:
            return original(self, request)
        try:
            response = original(self, request)
        except BaseException as error:
            call.failed(error)
            raise
        _answered(call, response, _Received)
        return response

    pools.handle_request = handle


def _replace_async(module: ModuleType, pools: Any) -> None:
    """The same for those of asyncio and trio."""
    original = pools.handle_async_request

    @wraps(original)
    async def handle(self: Any, request: Any) -> Any:
        tape: Any = tapes.current()
        if tape is None:
            return await original(self, request)
        if tape.playing:
            return await (original(self, request) if _switches(request) else _play_async(module, tape, request))
        call = _begin(tape, request, _SentAsync)
        if call is None:
            return await original(self, request)
        token = unseen.recorded.set(True)
        try:
            response = await original(self, request)
        except BaseException as error:
            call.failed(error)
            raise
        finally:
            unseen.recorded.reset(token)
        _answered(call, response, _ReceivedAsync)
        return response

    pools.handle_async_request = handle


def _play(module: ModuleType, tape: Any, request: Any) -> Any:
    played = _found(tape, request, b"".join(request.stream))
    if http.unanswered(played):
        played.finish()
    return _answer(module, played, _Played, module.MockStream)


async def _play_async(module: ModuleType, tape: Any, request: Any) -> Any:
    played = _found(tape, request, b"".join([piece async for piece in request.stream]))
    if http.unanswered(played):
        await _finish(played)
    return _answer(module, played, _PlayedAsync, module.AsyncMockStream)


def _switches(request: Any) -> bool:
    return http.switches(http.pairs(request.headers))


@lru_cache(maxsize=1024)
def _named(method: bytes, scheme: bytes, host: bytes, port: int | None, target: bytes) -> tuple[str, str, str, str]:
    """Method, URL, service, operation."""
    there = b"" if port is None else b":%d" % port
    url = b"%b://%b%b%b" % (scheme, host, there, target)
    said = method.decode("latin-1"), url.decode("latin-1")
    return *said, *http.names(*said)


def _asked(request: Any) -> tuple[str, str, dict[str, Any]]:
    """Service, operation, and what is asked; its headers are bytes."""
    url = request.url
    method, address, service, operation = _named(request.method, url.scheme, url.host, url.port, url.target)
    return service, operation, {"method": method, "url": address, "headers": list(request.headers)}


def _begin(tape: Any, request: Any, sent: type) -> Call | None:
    """The call; None where it cannot be recorded, or is none."""
    try:
        service, operation, asked = _asked(request)
        empty = False
        for name, value in asked["headers"]:
            if len(name) == _LENGTH_SIZE and name.lower() == _LENGTH:
                empty = value.strip() == b"0"
            elif len(name) == _UPGRADE_SIZE and name.lower() == _UPGRADE and value.lower() == b"websocket":
                tape.unseen.websockets[service] += 1
                return None
        asked[WIRE] = None
        call: Call = tape.begin("http", service, operation, asked)
        stream = request.stream
        if empty:
            call.send(b"")
        if type(stream).__name__ != "ByteStream":
            request.stream = sent(stream, call)
        elif body := b"".join(stream):  # it is there as a whole, and is sent as a whole
            call.send(body)
    except Exception as error:  # noqa: BLE001 - a recording that fails must not reach the program under test
        tape.trouble(error)
        return None
    return call


_LENGTH, _UPGRADE = b"content-length", b"upgrade"
_LENGTH_SIZE, _UPGRADE_SIZE = len(_LENGTH), len(_UPGRADE)


def _answered(call: Call, response: Any, received: type) -> None:
    """The head is there; the body is recorded as it is read."""
    try:
        status, extensions = response.status, response.extensions
        said = call.response
        said["status"], said["version"] = status, extensions.get("http_version", b"HTTP/1.1")
        said["headers"] = list(response.headers)
        if "reason_phrase" in extensions:  # HTTP/2 has none
            said["reason"] = extensions["reason_phrase"]
        none = bodiless(call.request["method"], status)
        response.stream = received(response.stream, call, none)
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


class _Body(wrapt.ObjectProxy[Any]):  # the class of streams is asked for
    """The answer's body, recorded as it is read."""

    def __init__(self, stream: Any, call: Call, none: bool) -> None:
        super().__init__(stream)
        self._self_call, self._self_none = call, none

    def __del__(self) -> None:
        self._self_call.closed()


class _Received(_Body):
    def __iter__(self) -> Iterator[bytes]:
        return _Reading(self, iter(self.__wrapped__), self._self_call, self._self_none)

    def close(self) -> None:
        try:
            self.__wrapped__.close()
        finally:
            self._self_call.closed()


class _Reading:
    """The pieces of an answer, as they come."""

    __slots__ = ("_call", "_empty", "_pieces", "_stream")

    def __init__(self, stream: Any, pieces: Iterator[bytes], call: Call, none: bool) -> None:
        self._stream = stream  # which must not be collected before this
        self._pieces, self._call, self._empty = pieces, call, not none

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            piece = next(self._pieces)
        except StopIteration:
            _ended(self._call, self._empty)
            raise
        except BaseException as error:
            self._call.failed(error)
            raise
        if piece:
            self._empty = False
            self._call.chunk(piece)
        return piece


def _ended(call: Call, empty: bool) -> None:
    """There is no more."""
    if empty:
        call.chunk(b"")
    call.done()


class _ReceivedAsync(_Body):
    def __aiter__(self) -> AsyncIterator[bytes]:
        return _ReadingAsync(self, aiter(self.__wrapped__), self._self_call, self._self_none)

    async def aclose(self) -> None:
        cancelled = http.cancelled()
        try:
            await self.__wrapped__.aclose()
        finally:
            if cancelled is not None:
                self._self_call.failed(cancelled)
            self._self_call.closed()


class _ReadingAsync:
    """The pieces of an answer, as they come."""

    __slots__ = ("_call", "_empty", "_pieces", "_stream")

    def __init__(self, stream: Any, pieces: AsyncIterator[bytes], call: Call, none: bool) -> None:
        self._stream = stream  # which must not be collected before this
        self._pieces, self._call, self._empty = pieces, call, not none

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            piece = await anext(self._pieces)
        except StopAsyncIteration:
            _ended(self._call, self._empty)
            raise
        except BaseException as error:
            self._call.failed(error)
            raise
        if piece:
            self._empty = False
            self._call.chunk(piece)
        return piece


def _found(tape: Any, request: Any, body: bytes) -> Any:
    service, operation, asked = _asked(request)
    asked["headers"] = http.pairs(asked["headers"])
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
        await _finish(self._played)

    async def aclose(self) -> None:
        """Nothing is open."""


async def _finish(played: Any) -> None:
    """The end of a recording, or the program's own."""
    if seconds := http.patience(played):
        await _sleep(seconds)
    played.finish()


async def _sleep(seconds: float) -> None:
    """Wait in whichever loop runs."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:  # trio
        import anyio

        await anyio.sleep(seconds)
    else:
        await asyncio.sleep(seconds)
