"""http.client, and all that stands on it: urllib.request, urllib3, requests, botocore, google-auth.

Recorded at the connection's seams: what is sent, and what is read from the file of the answer. Played back through
a socket that goes nowhere, so that the program's own classes read the recorded bytes.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from functools import partial, wraps
from inspect import iscoroutinefunction
from types import ModuleType
from typing import Any

import wrapt

from hotfixture.capture import tapes
from hotfixture.capture.hooks import http, http_wire
from hotfixture.capture.hooks.http_wire import Answer, Wired, url_of
from hotfixture.capture.hooks.line import Line

ATTEMPT = "_hotfixture_attempt"
"""The attribute of a connection that holds what it is recorded with."""
_OVERLOOKED = (errno.EPIPE, errno.ECONNRESET, errno.EPROTOTYPE)
"""Sending fails with these where the other side has answered and closed: the answer may still be there."""


def install(module: ModuleType) -> None:
    """Patch the connections of http.client; its subclasses inherit it."""
    plain, secure = module.HTTPConnection, module.HTTPSConnection
    replace(plain, "connect", connect)
    replace(secure, "connect", connect)
    replace(plain, "close", _close)
    _often(plain)


def _often(owner: Any) -> None:
    """Replace what every request goes through: where there is no tape, each costs one look."""
    endheaders, send, getresponse = owner.endheaders, owner.send, owner.getresponse

    @wraps(endheaders)
    def hooked_endheaders(self: Any, message_body: Any = None, **kwargs: Any) -> Any:
        tape = tapes.current()
        if tape is None and type(self.sock) is not Line:
            return endheaders(self, message_body, **kwargs)
        if tape is None or tape.playing:
            _unrecorded(tape, self)
            return endheaders(self, message_body, **kwargs)
        attempt = _attempt(tape, self)
        if attempt is None:
            return endheaders(self, message_body, **kwargs)
        attempt.wanted = message_body
        try:
            return endheaders(self, message_body, **kwargs)
        except BaseException as error:
            _unsent(attempt, error)
            raise

    @wraps(send)
    def hooked_send(self: Any, data: Any) -> Any:
        attempt = self.__dict__.get(ATTEMPT)
        return send(self, data) if attempt is None else _send(send, self, data, attempt)

    @wraps(getresponse)
    def hooked_getresponse(self: Any) -> Any:
        if ATTEMPT not in self.__dict__ and type(self.sock) is not Line:
            return getresponse(self)
        return _getresponse(getresponse, self)

    owner.endheaders, owner.send, owner.getresponse = hooked_endheaders, hooked_send, hooked_getresponse


def replace(owner: type, name: str, hook: Callable[..., Any]) -> None:
    """Put a hook, that is given the original first, in the place of a method."""
    original = vars(owner)[name]
    if iscoroutinefunction(original):

        @wraps(original)
        async def coroutine(*args: Any, **kwargs: Any) -> Any:
            return await hook(original, *args, **kwargs)

        setattr(owner, name, coroutine)
        return

    @wraps(original)
    def method(*args: Any, **kwargs: Any) -> Any:
        return hook(original, *args, **kwargs)

    setattr(owner, name, method)


def connect(original: Callable[..., None], connection: Any) -> None:
    """Nothing is connected where a recording answers."""
    tape = tapes.peek()
    if tape is not None and tape.playing:
        connection.sock = Line()
        return
    attempt = vars(connection).pop(ATTEMPT, None)  # what goes to a proxy now is not of the request
    try:
        original(connection)
    finally:
        if attempt is not None:
            setattr(connection, ATTEMPT, attempt)


def _asked(connection: Any) -> tuple[str, str]:
    """Method and target of the request that was put together."""
    method, target, *_ = connection._buffer[0].decode("ascii").split(" ") if connection._buffer else ("", "")
    return method, target


def _unrecorded(tape: Any, connection: Any) -> None:
    """A request that is played, or one that is real on a connection that was played."""
    if tape is None:
        connection.sock = None
        return
    method, target = _asked(connection)
    if connection.sock is not None:
        connection.sock.close()
    connection.sock = Line(http.Question(tape, method, url_of(connection, target)), connection)


def _attempt(tape: Any, connection: Any) -> Wired | None:
    """What records this request: that which began with the connection, or a new one."""
    if type(connection.sock) is Line:
        connection.sock = None
    method, target = _asked(connection)
    attempt: Wired | None = connection.__dict__.get(ATTEMPT)
    if attempt is None or not attempt.early:
        if attempt is not None:
            _let_go(connection)
        attempt = begin(tape, connection, method, target)
    if attempt is not None:
        attempt.early = False
    return attempt


def begin(tape: Any, connection: Any, method: str, target: str) -> Wired | None:
    """A connection's next request is recorded; None where it cannot be."""
    attempt = http_wire.begun(tape, connection, method, target)
    connection.__dict__[ATTEMPT] = attempt
    return attempt


def _unsent(attempt: Wired, error: BaseException) -> None:
    """An exception of sending is what the attempt ended with, unless an answer may be there all the same."""
    if isinstance(error, OSError) and error.errno in _OVERLOOKED:
        attempt.trouble = error
    else:
        attempt.unsent(error)


def _send(original: Callable[..., None], connection: Any, data: Any, attempt: Wired) -> Any:
    whole = isinstance(data, bytes) or _is_octets(data)
    try:
        original(connection, data if whole or isinstance(data, str) else _noted(data, attempt))
    except BaseException as error:
        _unsent(attempt, error)
        raise
    if whole:
        attempt.sent(data)


def _is_octets(data: Any) -> bool:
    try:
        memoryview(data)
    except TypeError:
        return False
    return not hasattr(data, "read")  # an mmap is both, and is read from where it stands


def _noted(data: Any, attempt: Wired) -> Any:
    """A file or an iterable; what is taken of it is recorded."""
    return _SentFile(data, attempt) if hasattr(data, "read") else _pieces(data, attempt)


def _pieces(data: Any, attempt: Wired) -> Iterator[Any]:
    for piece in data:
        yield piece
        attempt.sent(piece)


class _SentFile(wrapt.ObjectProxy[Any]):  # http.client asks whether a file is of text
    """A file that is sent: what is read of it is recorded."""

    def __init__(self, file: Any, attempt: Wired) -> None:
        super().__init__(file)
        self._self_attempt = attempt

    def read(self, *args: Any) -> Any:
        data = self.__wrapped__.read(*args)
        self._self_attempt.sent(data.encode("latin-1") if isinstance(data, str) else data)
        return data


def _getresponse(original: Callable[..., Any], connection: Any) -> Any:
    if isinstance(connection.sock, Line):
        connection.sock.ask()
        return original(connection)
    own = connection.__dict__
    attempt = own.pop(ATTEMPT, None)
    if attempt is None:
        return original(connection)
    kept = own.get("response_class")
    own["response_class"] = partial(_response, connection.response_class, attempt)
    try:
        response = original(connection)
    except BaseException as error:
        attempt.failed(error)
        raise
    finally:
        if kept is None:
            own.pop("response_class", None)
        else:
            own["response_class"] = kept
    file = getattr(response, "fp", None)
    if type(file) is Answer:
        file._self_begins(response)
    return response


def _response(original: Callable[..., Any], attempt: Wired, *args: Any, **kwargs: Any) -> Any:
    response = original(*args, **kwargs)
    file = getattr(response, "fp", None)
    if file is not None:  # else it is of a class that has another way
        response.fp = Answer(file, attempt)
    return response


def _close(original: Callable[..., None], connection: Any) -> None:
    try:
        original(connection)
    finally:
        _let_go(connection)


def _let_go(connection: Any) -> None:
    attempt = vars(connection).pop(ATTEMPT, None)
    if attempt is not None:
        attempt.over()
