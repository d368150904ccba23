"""aiohttp's client: connectors and the protocol, so that aiohttp's own parser reads what is played back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from hotfixture.capture import tapes
from hotfixture.capture.hooks import http
from hotfixture.capture.hooks.http_client import replace

ATTEMPT = "_hotfixture_attempt"
"""The attribute of a protocol that holds what its present request is recorded with."""


def install(module: ModuleType) -> None:
    """Patch `aiohttp.connector`, and the protocol and the writer that it uses."""
    from aiohttp import http_writer

    async def connect(original: Callable[..., Any], connector: Any, req: Any, *args: Any, **kwargs: Any) -> Any:
        return await _connect(module, original, connector, req, *args, **kwargs)

    replace(module.BaseConnector, "connect", connect)
    replace(module.ResponseHandler, "data_received", _data_received)
    replace(module.ResponseHandler, "connection_lost", _connection_lost)
    replace(module.ResponseHandler, "set_exception", _set_exception)
    replace(http_writer.StreamWriter, "_write", _write)
    if hasattr(http_writer.StreamWriter, "_writelines"):
        replace(http_writer.StreamWriter, "_writelines", _writelines)


async def _connect(
    module: ModuleType, original: Callable[..., Any], connector: Any, req: Any, *args: Any, **kwargs: Any
) -> Any:
    tape: Any = tapes.current()
    if tape is None:
        return await original(connector, req, *args, **kwargs)
    if http.switches(req.headers.items()):
        if not tape.playing:
            tape.unseen.websockets[http.names(req.method, str(req.url))[0]] += 1
        return await original(connector, req, *args, **kwargs)
    if tape.playing:
        return _played(module, connector, req, tape)
    attempt = http.begun(tape, req.method, str(req.url))
    if attempt is None:
        return await original(connector, req, *args, **kwargs)
    try:
        connection = await original(connector, req, *args, **kwargs)
    except BaseException as error:
        attempt.intended(req.headers, getattr(getattr(req, "body", None), "_value", None))
        attempt.unsent(_unconnected(error, req))
        raise
    _watch(connection, attempt, req)
    return connection


def _unconnected(error: BaseException, req: Any) -> BaseException:
    """What the program gets where there was no connection: aiohttp's own words for a timeout."""
    from aiohttp import ConnectionTimeoutError

    if getattr(getattr(req, "_timer", None), "_cancelled", False):
        return TimeoutError()
    return ConnectionTimeoutError(f"Connection timeout to host {req.url}") if type(error) is TimeoutError else error


def _watch(connection: Any, attempt: http.Parsed, req: Any) -> None:
    """Record what goes through the connection until it is let go."""
    protocol = connection.protocol
    try:
        setattr(protocol, ATTEMPT, attempt)
    except AttributeError as error:  # a protocol of another kind: the program shall not notice
        attempt.session.trouble(error)
        return

    def released() -> None:
        if _attempt(protocol) is attempt:
            delattr(protocol, ATTEMPT)
        _end(attempt, getattr(req, "_timer", None))

    connection.add_callback(released)


def _end(attempt: http.Parsed, timer: Any) -> None:
    """It is over: why, where the answer had not ended."""
    cancelled = http.cancelled()
    if getattr(timer, "_cancelled", False):
        attempt.failed(TimeoutError())
    elif cancelled is not None:
        attempt.failed(cancelled)
    attempt.over()


def _attempt(protocol: Any) -> http.Parsed | None:
    attempt: http.Parsed | None = getattr(protocol, ATTEMPT, None)
    return attempt


def _write(original: Callable[..., None], writer: Any, chunk: Any) -> None:
    attempt = _attempt(writer._protocol)
    if attempt is not None:
        attempt.sent(chunk)
    original(writer, chunk)


def _writelines(original: Callable[..., None], writer: Any, chunks: Any) -> None:
    attempt = _attempt(writer._protocol)
    if attempt is not None:
        for chunk in chunks:
            attempt.sent(chunk)
    original(writer, chunks)


def _data_received(original: Callable[..., None], protocol: Any, data: bytes) -> None:
    attempt = _attempt(protocol)
    if attempt is not None and data:
        attempt.received(data)
    original(protocol, data)


def _set_exception(original: Callable[..., None], protocol: Any, error: BaseException, *args: Any) -> None:
    """What the program gets of the connection: no answer, a timeout, bytes that are not HTTP."""
    original(protocol, error, *args)
    attempt = _attempt(protocol)
    if attempt is not None:
        attempt.failed(_seen(protocol, error))


def _seen(protocol: Any, error: BaseException) -> BaseException:
    """What the reader of the body gets, where there is one."""
    payload = getattr(protocol, "_payload", None)
    return (payload.exception() if payload is not None else None) or error


def _connection_lost(original: Callable[..., None], protocol: Any, error: BaseException | None) -> None:
    attempt = _attempt(protocol)
    payload = getattr(protocol, "_payload", None)
    if attempt is not None and error is None:
        attempt.eof()
    original(protocol, error)
    if attempt is not None:
        failure = payload.exception() if payload is not None else None
        if failure is not None:
            attempt.failed(failure)
        attempt.over()


def _played(module: ModuleType, connector: Any, req: Any, tape: Any) -> Any:
    """A connection that goes nowhere, to aiohttp's own protocol and parser."""
    loop = asyncio.get_running_loop()
    protocol = module.ResponseHandler(loop)
    _Transport(protocol, http.Question(tape, req.method, str(req.url)), req.connection_key)
    protocol.force_close()  # it is never kept for another request
    return module.Connection(connector, req.connection_key, protocol, loop)


class _Transport(asyncio.Transport):
    """Takes the request, and gives the protocol the recorded answer to it."""

    def __init__(self, protocol: Any, question: http.Question, key: Any) -> None:
        super().__init__()
        self._protocol, self._question, self._key = protocol, question, key
        self._loop = asyncio.get_running_loop()
        self._answer: Iterator[tuple[float, bytes]] | None = None
        self._next: asyncio.Handle | None = None
        self._piece = b""
        self._paused = self._closing = self._told = False
        protocol.connection_made(self)

    def write(self, data: Any) -> None:
        message = self._question.message
        message.feed(bytes(data))
        if message.ended and self._answer is None:
            self._ask()
        elif message.begun and not self._told and (message.header("expect") or "").lower() == "100-continue":
            self._told = True
            self._loop.call_soon(self._protocol.data_received, http.CONTINUE)

    def _ask(self) -> None:
        try:
            self._answer = self._question.answer(self._question.play())
        except Exception as error:  # noqa: BLE001 - a miss, or whatever was recorded
            self._answer = iter(())
            self._loop.call_later(self._question.patience, self._fail, error)
        else:
            self._advance()

    def _advance(self) -> None:
        """Give the next piece when its time has come."""
        assert self._answer is not None
        try:
            wait, self._piece = next(self._answer, (0.0, b""))
        except Exception as error:  # noqa: BLE001 - what ended the recorded answer
            self._loop.call_later(self._question.patience, self._fail, error)
        else:
            self._next = self._loop.call_later(wait, self._give) if wait else self._loop.call_soon(self._give)

    def _give(self) -> None:
        if self._closing:
            return
        if self._paused:
            self._next = None
        elif self._piece:
            self._protocol.data_received(self._piece)
            self._advance()
        else:
            self._closing = True
            self._protocol.connection_lost(None)

    def _fail(self, error: BaseException) -> None:
        """As the protocol does with an exception of its own."""
        if self._closing:
            return
        _own(error, self._key)
        payload = self._protocol._payload
        self._protocol.set_exception(error)
        if payload is not None:
            payload.set_exception(error)

    def pause_reading(self) -> None:
        self._paused = True

    def resume_reading(self) -> None:
        self._paused = False
        if self._next is None and self._answer is not None:
            self._next = self._loop.call_soon(self._give)

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._loop.call_soon(self._protocol.connection_lost, None)

    abort = close

    def get_write_buffer_size(self) -> int:
        return 0


def _own(error: BaseException, key: Any) -> None:
    """A recorded exception speaks of the connection of then: now it speaks of this one."""
    reason = getattr(error, "_os_error", None)
    if hasattr(error, "_conn_key") and isinstance(error, OSError) and isinstance(reason, OSError):
        OSError.__init__(error, reason.errno, reason.strerror)
        vars(error)["_conn_key"], error.args = key, (key, reason)
