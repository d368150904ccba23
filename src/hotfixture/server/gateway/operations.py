"""One operation of the API: its route, who may ask it, what it takes and gives; OpenAPI and the tests read the same.

An operation's `answer` is a plain function (it runs in a thread) or a coroutine. What it returns is encoded as JSON,
None as 204, a Response as it is.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import msgspec
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hotfixture.server.front import App, Receive, Send
from hotfixture.server.gateway import access, refusals
from hotfixture.server.gateway.actors import Actor
from hotfixture.server.problems import NO_STORE, HTTPError
from hotfixture.server.visit import Scope, visit_of

if TYPE_CHECKING:
    from hotfixture.server.gateway.gateway import Gateway

JSON = "application/json"
MERGE = "application/merge-patch+json"
"""The type of a merge patch (RFC 7396), which is JSON."""
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, understood: who, what."""

    gateway: Gateway
    actor: Actor
    """Who asks; of an operation without an action an actor without roles."""
    path: Mapping[str, str]
    query: Any
    """An instance of the operation's `query`; None where it takes none."""
    body: Any
    """An instance of the operation's `body`; bytes where that is `bytes`; None where it takes none."""
    request: Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    summary: str
    """One sentence for the API's description."""
    action: str
    """What a role must include; empty where nobody need be known."""
    answer: Callable[[Ask], Any]
    query: type[msgspec.Struct] | None = None
    body: Any = None
    """A Struct; `bytes` for a text or file that the operation reads itself."""
    body_example: Any = None
    returns: Any = None
    """The type of a JSON answer; None where it gives no JSON."""
    media: str = JSON
    """Of the answer."""
    status: int = 200
    problems: tuple[int, ...] = ()
    """Statuses that it may answer beside 400, 401, 403, 404, 413, 429, 431, 500, 503."""
    notes: str = ""
    """More sentences for the description."""
    tags: tuple[str, ...] = field(default=())

    def route(self, gateway: Gateway) -> Route:
        """The route that answers it."""
        return Route(self.path, self.endpoint(gateway), methods=[self.method])

    def endpoint(self, gateway: Gateway) -> Endpoint:
        """The function that answers a request."""
        answers_itself = inspect.iscoroutinefunction(self.answer)
        understood = self._parameters()

        async def endpoint(request: Request) -> Response:
            visit = visit_of(request.scope)
            actor = replace(visit.actor or nobody(visit.address), request=visit.id)
            try:
                if self.action:
                    access.require(actor, self.action)
                body = None if self.body is None else await self._read(request)
                ask = Ask(gateway, actor, request.path_params, understood(request), body, request)
                result = await self.answer(ask) if answers_itself else await to_thread.run_sync(self.answer, ask)
            except HTTPError as error:
                if error.status == 403 and not error.is_audited:
                    reason = error.problems[0].message
                    await to_thread.run_sync(refusals.note, gateway, actor, visit.method, visit.path, reason)
                raise
            return self._response(result)

        return endpoint

    def _parameters(self) -> Callable[[Request], Any]:
        """What makes the `query` of a request; most have none, and take the short way."""
        if self.query is None:
            return _no_parameters
        query, listed = self.query, _listed(self.query)

        def parameters(request: Request) -> Any:
            given: dict[str, Any] = {}
            for name, value in request.query_params.multi_items():
                if name in given and name not in listed:
                    raise HTTPError(400, f"{name}: given twice")
                given[name] = [*given.get(name, []), value] if name in listed else value
            try:
                return msgspec.convert(given, query, strict=False)
            except msgspec.ValidationError as error:
                raise HTTPError(400, f"parameters: {error}") from None

        return parameters

    async def _read(self, request: Request) -> Any:
        data = await request.body()
        if self.body is bytes:
            return data
        if request.headers.get("content-type", JSON).partition(";")[0].strip().lower() not in (JSON, MERGE):
            raise HTTPError(415, "expected a body of application/json")
        try:
            return msgspec.json.decode(data, type=self.body)
        except msgspec.DecodeError as error:
            raise HTTPError(400, f"the body: {error}") from None

    def _response(self, result: Any) -> Response:
        if isinstance(result, Response):
            return result
        if result is None:
            return Response(status_code=204, headers=NO_STORE)
        return Response(msgspec.json.encode(result), self.status, NO_STORE, JSON)


class Direct:
    """Answers operations whose path has no holes at once, everything else by the routes: those are tried one by one."""

    def __init__(self, gateway: Gateway, operations: Iterable[Operation], routes: App) -> None:
        fixed = [operation for operation in operations if "{" not in operation.path]
        self._endpoints = {(one.method, one.path): one.endpoint(gateway) for one in fixed}
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; the errors of the operation are the caller's to say."""
        endpoint = self._endpoints.get((scope["method"], visit_of(scope).path)) if scope["type"] == "http" else None
        if endpoint is None:
            await self._routes(scope, receive, send)
            return
        response = await endpoint(Request(scope, receive, send))
        await response(scope, receive, send)


def _no_parameters(request: Request) -> None:
    if request.scope["query_string"]:
        name = next(iter(request.query_params), "")
        raise HTTPError(400, f"this operation takes no parameter {name[:60]!r}")


def nobody(address: str) -> Actor:
    """Who asks before anybody is known."""
    return Actor("", "user", frozenset(), address=address)


def _listed(query: type[msgspec.Struct] | None) -> set[str]:
    """The parameters that may stand several times."""
    if query is None:
        return set()
    return {
        f.encode_name for f in msgspec.structs.fields(query) if getattr(f.type, "__origin__", None) in (list, tuple)
    }
