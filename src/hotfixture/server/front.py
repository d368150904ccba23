"""What every request passes: its id and log line, security headers, access, rate limits and the bounds of bodies.

Written as bare ASGI, because it runs for every value that is asked for: `Front` watches, `Gate` decides.
"""

from __future__ import annotations

from asyncio import get_running_loop, timeout_at
from collections.abc import Awaitable, Callable
from ipaddress import IPv6Network
from time import perf_counter
from typing import Any

from starlette.responses import Response

from hotfixture.errors import HotFixtureError
from hotfixture.server import problems
from hotfixture.server.logs import defect, request_logger
from hotfixture.server.metrics import Metrics
from hotfixture.server.problems import HTTPError
from hotfixture.server.rates import Rates
from hotfixture.server.settings import ServerSettings
from hotfixture.server.visit import ID, KEY, Scope, Visit, path_of, visit_of

Message = Any
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Door = Callable[[Visit, bytes], Awaitable[Response | None]]
"""Says who a visit's `Authorization` header belongs to, in `visit.owner`; a refusal where to nobody."""

SECURITY = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_ALWAYS = "/health"
"""Answered whatever the rates: it costs nothing."""
OPEN = {_ALWAYS, "/health/ready", "/ready", "/openapi.json"}
"""What needs no token."""
_VERSIONED = "/api/v1/"
_BODIES = {"POST", "PUT", "PATCH", "DELETE"}


class Front:
    """Watches a request: id, headers of the answer, log line, metrics; the last catch of defects."""

    def __init__(self, app: App, metrics: Metrics, *, cors: bool = False, tls: bool = False) -> None:
        self._app = app
        self._metrics = metrics
        self._note = request_logger()
        # With CORS by list, the pages on it may read answers: the browser then decides by origin.
        self._headers = [header for header in SECURITY if not cors or header[0] != b"cross-origin-resource-policy"]
        if tls:
            self._headers.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = path_of(scope)
        if path.startswith(_VERSIONED):  # the first version is the only one: both paths are the same
            scope["path"] = scope["path"].removesuffix(path) + path.replace(_VERSIONED, "/api/", 1)
        visit = scope[KEY] = Visit(scope)
        _take_id(scope, visit)
        extra = [*self._headers, (b"x-request-id", visit.id.encode())]

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                visit.status = message["status"]
                message["headers"] = [*message["headers"], *extra]
            else:
                visit.written += len(message.get("body", b""))
                visit.complete = not message.get("more_body")
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except Exception as error:  # noqa: BLE001 - the last catch: the client gets a 500, the log its place
            await _failed(scope, receive, answer, visit, error)
        finally:
            self._end(visit)

    def _end(self, visit: Visit) -> None:
        seconds = perf_counter() - visit.started
        self._metrics.request(visit.endpoint, visit.status, seconds)
        self._note(visit, seconds)


def _take_id(scope: Scope, visit: Visit) -> None:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and ID.fullmatch(value):
            visit.id = value.decode()


async def _failed(scope: Scope, receive: Receive, send: Send, visit: Visit, error: Exception) -> None:
    defect("request failed", error, id=visit.id, path=visit.path)
    if visit.complete:
        return
    if visit.status:  # the answer has begun: only breaking off says that it is not whole
        raise error
    await problems.answer(500, problems.DEFECT, visit.id)(scope, receive, send)


class Gate:
    """Decides whether a request is answered: access, rates, how much is in work, how large its body is."""

    def __init__(
        self,
        hot: App,
        app: App,
        settings: ServerSettings,
        *,
        door: Door,
        rates: Rates,
        metrics: Metrics,
        opened: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:
        """`opened` are more methods and paths that need nobody's name."""
        self._hot, self._app = hot, app
        self._door, self._rates, self._metrics = door, rates, metrics
        self._most, self._max_body = settings.max_concurrent, settings.max_body
        self._patience = settings.request_timeout
        self._open = OPEN | ({"/metrics"} if settings.open_metrics else set())
        self._opened = opened
        self._working = 0
        metrics.concurrent.set_function(lambda: self._working)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or say why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit = visit_of(scope)
        refusal = await self._refusal(scope, visit)
        refusal = await self._limited(visit) or refusal  # what is refused counts too: nobody tries tokens at will
        if refusal:
            await refusal(scope, receive, send)
            return
        if visit.method in _BODIES:
            receive = self._bounded(receive, visit)
        self._working += 1
        try:
            await (self._hot if visit.endpoint == "generate" else self._app)(scope, receive, send)
        except (HTTPError, HotFixtureError) as error:
            await problems.of_error(error, visit.id)(scope, receive, send)
        finally:
            self._working -= 1

    async def _refusal(self, scope: Scope, visit: Visit) -> Response | None:
        if self._working >= self._most and visit.path != _ALWAYS:
            return problems.answer(503, "too many requests are in work", visit.id, {"retry-after": "1"})
        authorization, length = b"", b""
        for name, value in scope["headers"]:
            if name == b"authorization":
                authorization = value
            elif name == b"content-length":
                length = value
        if visit.path not in self._open and (visit.method, visit.path) not in self._opened:
            refusal = await self._door(visit, authorization)
            if refusal:
                return refusal
        if length and (not length.isdigit() or int(length) > self._max_body):
            return problems.answer(413, f"a body of at most {self._max_body} bytes is taken", visit.id)
        return None

    async def _limited(self, visit: Visit) -> Response | None:
        who = visit.owner or neighbourhood(visit.address)
        if visit.path == _ALWAYS or self._rates.free(who, visit.endpoint):
            return None
        wait = await self._rates.refused(who, visit.endpoint)
        if not wait:
            return None
        self._metrics.limited.labels(visit.endpoint).inc()
        message = f"at most {self._rates.limit(visit.endpoint)} to this endpoint"
        return problems.answer(429, message, visit.id, {"retry-after": str(wait)})

    def _bounded(self, receive: Receive, visit: Visit) -> Receive:
        until = get_running_loop().time() + self._patience
        is_whole = False

        async def counted() -> Message:
            nonlocal is_whole
            if is_whole:  # what comes now is that the client has left
                return await receive()
            try:
                async with timeout_at(until):
                    message = await receive()
            except TimeoutError:
                raise HTTPError(408, "the body did not arrive in time", {"connection": "close"}) from None
            is_whole = not message.get("more_body")
            visit.body += len(message.get("body", b""))
            if visit.body > self._max_body:
                raise HTTPError(413, f"a body of at most {self._max_body} bytes is taken")
            return message

        return counted


def neighbourhood(address: str) -> str:
    """The address that is counted: one customer's IPv6 addresses are a /64."""
    if ":" not in address:
        return address
    try:
        return str(IPv6Network((address.partition("%")[0], 64), strict=False))
    except ValueError:
        return address
