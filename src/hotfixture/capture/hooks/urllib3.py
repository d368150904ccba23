"""urllib3, beyond what it inherits of http.client: connections that are made before the request is known to them."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from types import ModuleType
from typing import Any

from hotfixture.capture import tapes
from hotfixture.capture.hooks import http, http_client, line
from hotfixture.capture.hooks.http_client import ATTEMPT, replace
from hotfixture.capture.hooks.line import Line

_asked: ContextVar[tuple[Any, tuple[Any, ...], dict[str, Any]] | None] = ContextVar("hotfixture_urlopen", default=None)
"""The pool and the arguments of the `urlopen` that runs: what a connection that fails before its request was to ask."""
_ARGUMENTS = ("method", "url", "body", "headers")


def install(module: ModuleType) -> None:
    """Patch `urllib3.connection` or `urllib3.connectionpool`."""
    if hasattr(module, "HTTPConnectionPool"):
        _replace_urlopen(module.HTTPConnectionPool)
        return
    for owner in (module.HTTPConnection, module.HTTPSConnection):
        replace(owner, "connect", _connect)
    line.OWN["urllib3"] = own


def _replace_urlopen(pools: Any) -> None:
    """What every request goes through: where there is no tape, it costs one look."""
    original = pools.urlopen

    @wraps(original)
    def urlopen(self: Any, *args: Any, **kwargs: Any) -> Any:
        if tapes.peek() is None:
            return original(self, *args, **kwargs)
        token = _asked.set((self, args, kwargs))
        try:
            return original(self, *args, **kwargs)
        finally:
            _asked.reset(token)

    pools.urlopen = urlopen


def _wanted() -> dict[str, Any] | None:
    """The arguments of the `urlopen` that runs by name, and its pool."""
    given = _asked.get()
    if given is None:
        return None
    pool, args, kwargs = given
    return {"pool": pool} | dict(zip(_ARGUMENTS, args, strict=False)) | kwargs


def _connect(original: Callable[..., None], connection: Any) -> None:
    tape: Any = tapes.peek()
    if tape is None:
        return original(connection)
    if tape.playing:
        connection.sock = Line()
        connection.is_verified = getattr(connection, "cert_reqs", None) not in (ssl.CERT_NONE, "CERT_NONE", None)
        connection._has_connected_to_proxy = bool(connection.proxy)
        return None
    asked = _wanted()
    if asked is not None and ATTEMPT not in vars(connection):
        return _connect_early(original, connection, tape, asked)
    attempt = vars(connection).get(ATTEMPT)
    if asked is not None and attempt is not None:
        attempt.wanted = asked.get("body")
    return http_client.connect(original, connection)


def _connect_early(original: Callable[..., None], connection: Any, tape: Any, asked: dict[str, Any]) -> None:
    attempt = http_client.begin(tape, connection, asked["method"], asked["url"])
    if attempt is None:
        return original(connection)
    attempt.early = True
    attempt.intended(asked.get("headers"), asked.get("body"))
    try:
        http_client.connect(original, connection)
    except BaseException as error:
        attempt.unsent(error, http.UNCONNECTED)
        raise


def own(error: Exception, connection: Any, notes: list[str]) -> Exception:
    """A recorded exception speaks of the connection of then: now it speaks of this one."""
    name = type(error).__name__
    if http.UNCONNECTED in notes or name in _CONNECTING:
        connection._has_connected_to_proxy = False
    if name == "ConnectTimeoutError":
        error.args = (connection, *error.args[1:])
    elif name in _CONNECTING:
        vars(error).update(conn=connection)
    elif http.UNCONNECTED in notes and isinstance(error, TimeoutError):
        return _handshake(error, connection)
    return error


_CONNECTING = ("ConnectTimeoutError", "NameResolutionError", "NewConnectionError")


def _handshake(error: TimeoutError, connection: Any) -> Exception:
    """What the pool makes of a handshake that took too long: it does not see it where it was."""
    from urllib3.exceptions import ReadTimeoutError

    asked = _wanted()
    if asked is None:
        return error
    said = f"Read timed out. (read timeout={connection.timeout})"
    made = ReadTimeoutError(asked["pool"], asked["url"], said)
    made.__cause__ = error
    return made
