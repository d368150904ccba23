"""Connections of the waiting client: the standard library's HTTP, each kept for the next call.

Why not urllib3: importing it takes 35 ms of the 120 that a cold `hfit whoami` may cost, and retries, redirects (never)
and decoding are decided elsewhere, for both drivers alike.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from select import select
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from hotfixture.client.answers import LONGEST
from hotfixture.client.origins import Origin
from hotfixture.client.steps import Broken, Got, Send, Sink
from hotfixture.errors import InputError

if TYPE_CHECKING:
    import ssl

IDLE = 4.0
"""Seconds a connection is kept unused: daemons close after 5, and a call into a closing connection is lost."""
PIECE = 1 << 20
CONNECT = 10.0


class _Kept(NamedTuple):
    connection: HTTPConnection
    since: float


class Connections:
    """Calls to one daemon, from any thread."""

    def __init__(self, origin: Origin, context: Callable[[], ssl.SSLContext], timeout: float) -> None:
        self._origin, self._make_context, self._timeout = origin, context, timeout
        self._kept: list[_Kept] = []
        self._lock = threading.Lock()
        self._context: ssl.SSLContext | None = None
        self._proxy = proxy_of(origin, os.environ)

    def close(self) -> None:
        """Close what is kept."""
        with self._lock:
            kept, self._kept = self._kept, []
        for one in kept:
            one.connection.close()

    def send(self, step: Send) -> Got | Broken:
        """Send a call and read its whole answer, into the step's sink where it has one."""
        opened = self.open(step)
        if isinstance(opened, Broken):
            return opened
        try:
            return opened.read(step.into)
        finally:
            opened.close()

    def open(self, step: Send) -> Answer | Broken:
        """Send a call and read the head of its answer."""
        connection: HTTPConnection | None = None
        try:
            connection = self._taken()
            return self._asked(connection, step)
        except (OSError, HTTPException) as error:
            began = connection is not None and connection.sock is not None
            if connection is not None:
                connection.close()
            return _broken(error, self._origin, sent=began)

    def _asked(self, connection: HTTPConnection, step: Send) -> Answer:
        if connection.sock is None:
            connection.timeout = min(CONNECT, self._timeout)
            connection.connect()
        connection.sock.settimeout(self._timeout + step.call.wait)
        target = self._origin.base + step.call.target
        headers = {"Host": self._origin.authority, **step.headers}
        if self._proxy and self._origin.scheme == "http":
            target = f"http://{self._origin.authority}{target}"
            headers |= self._proxy.headers
        connection.request(step.call.method, target, step.call.body, headers)
        response = connection.getresponse()
        if response.length is None and not response.chunked:
            # The standard library takes a head that breaks off for a whole one; then nothing says where the body ends.
            raise HTTPException("the head of the answer breaks off, or does not say how long it is")
        return Answer(response, lambda: self._give_back(connection), connection.close)

    def _taken(self) -> HTTPConnection:
        while True:
            with self._lock:
                if not self._kept:
                    break
                kept = self._kept.pop()
            if monotonic() - kept.since < IDLE and not select([kept.connection.sock], [], [], 0)[0]:
                return kept.connection
            kept.connection.close()  # what can be read of an idle connection is its end
        return self._new()

    def _new(self) -> HTTPConnection:
        where = self._proxy or self._origin
        if self._origin.scheme == "http":
            return HTTPConnection(where.host, where.port)
        if self._context is None:
            self._context = self._make_context()
        made = HTTPSConnection(where.host, where.port, context=self._context)
        if self._proxy:
            made.set_tunnel(self._origin.host, self._origin.port, dict(self._proxy.headers))
        return made

    def _give_back(self, connection: HTTPConnection) -> None:
        if connection.sock is None:
            return
        with self._lock:
            self._kept.append(_Kept(connection, monotonic()))


class Answer:
    """An answer whose head has come."""

    def __init__(self, response: HTTPResponse, keep: Callable[[], None], drop: Callable[[], None]) -> None:
        self._response, self._keep, self._drop = response, keep, drop
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}

    def pieces(self) -> Pieces:
        """Reads the body: each call gives the next piece; empty at its whole end.

        Of a body whose length is known pieces are large; of one that is made as it is sent, each comes at once.
        """
        buffer = memoryview(bytearray(PIECE))
        response = self._response
        read = response.readinto1 if response.chunked else response.readinto

        def piece() -> memoryview | Broken:
            try:
                count = read(buffer)
            except (OSError, HTTPException) as error:
                return Broken(f"the connection broke off: {_reason(error)}", sent=True)
            if not count and response.length:
                return Broken(f"the connection broke off {response.length:,} bytes before the end", sent=True)
            return buffer[:count]

        return piece

    def read(self, into: Sink | None) -> Got | Broken:
        """The whole answer."""
        taken = into is not None and into.begin(self.status, self.headers)
        body = bytearray()
        piece = self.pieces()
        while not isinstance(found := piece(), Broken):
            if not found:
                return Got(self.status, self.headers, bytes(body))
            if taken and into is not None:
                into.write(found)
            elif len(body) + len(found) > LONGEST:
                return Broken(f"the answer is longer than {LONGEST:,} bytes", sent=True, final=True)
            else:
                body += found
        return found

    def close(self) -> None:
        """Keep the connection where the answer was read to its end; close it where not."""
        response = self._response
        whole = response.isclosed() and not response.will_close and not response.length
        (self._keep if whole else self._drop)()


Pieces = Callable[[], "memoryview | Broken"]


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _broken(error: Exception, origin: Origin, *, sent: bool) -> Broken:
    if type(error).__name__ == "SSLCertVerificationError":
        why = getattr(error, "verify_message", "") or _reason(error)
        hint = "Name the authority that signed it: hfit config URL ACCOUNT KEYFILE --ca FILE, or SSL_CERT_FILE."
        return Broken(
            f"the certificate of {origin.authority} is not accepted: {why}", sent=False, final=True, hint=hint
        )
    return Broken(f"{origin.authority} does not answer: {_reason(error)}", sent=sent)


class Proxy(NamedTuple):
    """A proxy of the environment."""

    host: str
    port: int
    headers: Mapping[str, str]


def proxy_of(origin: Origin, environment: Mapping[str, str]) -> Proxy | None:
    """The proxy that the environment names for an origin (HTTPS_PROXY, NO_PROXY …); none for this machine itself."""
    if origin.is_loopback or not any(name.lower().endswith("_proxy") for name in environment):
        return None
    from urllib.request import getproxies_environment
    from urllib.request import proxy_bypass_environment as bypasses  # type: ignore[attr-defined]  # unlisted, not new

    proxies = getproxies_environment()
    found = proxies.get(origin.scheme) or proxies.get("all")
    if not found or bypasses(f"{origin.host}:{origin.port}", proxies):
        return None
    parts = urlsplit(found if "://" in found else f"http://{found}")
    if parts.scheme != "http" or not parts.hostname:
        raise InputError("the proxy of the environment: expected http://host:port")
    return Proxy(parts.hostname, parts.port or 80, _authorization(parts.username, parts.password))


def _authorization(user: str | None, password: str | None) -> dict[str, str]:
    if user is None:
        return {}
    from base64 import b64encode

    held = f"{unquote(user)}:{unquote(password or '')}".encode()
    return {"Proxy-Authorization": f"Basic {b64encode(held).decode()}"}
