"""httpx and httpx2: the transports that go to the network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from types import ModuleType
from typing import Any

import wrapt

from hotfixture.capture import tapes
from hotfixture.capture.calls import Call
from hotfixture.capture.hooks import http


def install(module: ModuleType) -> None:
    """Patch `HTTPTransport` and `AsyncHTTPTransport` of the module."""
    wrapt.wrap_function_wrapper(module, "HTTPTransport.handle_request", _handle)


def _handle(original: Any, transport: Any, args: Any, kwargs: Any) -> Any:
    tape = tapes.current()
    if tape is None:
        return original(*args, **kwargs)
    request = args[0]
    asked = {"method": request.method, "url": str(request.url), "headers": http.pairs(request.headers.raw)}
    service, operation = http.names(asked["method"], asked["url"])
    if tape.playing:  # its body is read here: nothing goes out
        body = request.read()
        played = tape.play("http", service, operation, asked, [body] if body else [])
        response = played.response
        module = __import__(type(transport).__module__.partition(".")[0])
        return module.Response(response["status"], headers=response["headers"], stream=_Played(played))
    call = tape.begin("http", service, operation, asked)
    request.stream = _Sent(request.stream, call)
    try:
        response = original(*args, **kwargs)
    except BaseException as error:
        call.failed(error)
        raise
    call.answered(status=response.status_code, headers=http.pairs(response.headers.raw))
    response.stream = _Received(response.stream, call)
    return response


class _Sent(wrapt.ObjectProxy):  # type: ignore[misc]  # wrapt is untyped; httpx asks for the class of its streams
    """The request's body, recorded as it is sent."""

    def __init__(self, stream: Any, call: Call) -> None:
        super().__init__(stream)
        self._self_call = call

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.__wrapped__:
            self._self_call.send(piece)
            yield piece

    def close(self) -> None:
        self.__wrapped__.close()


class _Received(wrapt.ObjectProxy):  # type: ignore[misc]  # wrapt is untyped; httpx asks for the class of its streams
    """The answer's body, recorded as it is read."""

    def __init__(self, stream: Any, call: Call) -> None:
        super().__init__(stream)
        self._self_call = call

    def __iter__(self) -> Iterator[bytes]:
        try:
            for piece in self.__wrapped__:
                self._self_call.chunk(piece)
                yield piece
        except BaseException as error:
            self._self_call.failed(error)
            raise
        self._self_call.done()

    def close(self) -> None:
        try:
            self.__wrapped__.close()
        finally:
            self._self_call.closed()


class _Played:
    """A recorded body."""

    def __init__(self, played: Any) -> None:
        self._played = played

    def __iter__(self) -> Iterator[bytes]:
        for _, piece in self._played.chunks():
            yield piece
        self._played.finish()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _, piece in self._played.chunks():
            yield piece
        self._played.finish()

    def close(self) -> None:
        """Nothing is open."""
