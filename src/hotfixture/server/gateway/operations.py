"""One operation of the API: its route, who may ask it, what it takes and gives; OpenAPI and the tests read the same.

An operation's `answer` is a plain function (it runs in a thread) or a coroutine. What it returns is encoded as JSON,
None as 204, a Response as it is.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import msgspec
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hotfixture.server.gateway import access
from hotfixture.server.gateway.actors import Actor
from hotfixture.server.problems import NO_STORE, HTTPError
from hotfixture.server.visit import visit_of

if TYPE_CHECKING:
    from hotfixture.server.gateway.gateway import Gateway

JSON = "application/json"


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
    """Statuses that it may answer beside 400, 401, 403, 404, 413, 429, 503."""
    notes: str = ""
    """More sentences for the description."""
    tags: tuple[str, ...] = field(default=())

    def route(self, gateway: Gateway) -> Route:
        """The route that answers it."""
        return Route(self.path, self._endpoint(gateway), methods=[self.method])

    def _endpoint(self, gateway: Gateway) -> Callable[[Request], Any]:
        answers_itself = inspect.iscoroutinefunction(self.answer)

        async def endpoint(request: Request) -> Response:
            visit = visit_of(request.scope)
            actor = visit.actor or nobody(visit.address)
            ask = Ask(gateway, replace(actor, request=visit.id), request.path_params, None, None, request)
            if self.action:
                access.require(ask.actor, self.action)
            ask = replace(ask, query=self._query(request), body=await self._body(request))
            result = await self.answer(ask) if answers_itself else await to_thread.run_sync(self.answer, ask)
            return self._response(result)

        return endpoint

    def _query(self, request: Request) -> Any:
        given: dict[str, Any] = {}
        listed = _listed(self.query)
        for name, value in request.query_params.multi_items():
            if name in given and name not in listed:
                raise HTTPError(400, f"{name}: given twice")
            given[name] = [*given.get(name, []), value] if name in listed else value
        if self.query is None:
            if given:
                raise HTTPError(400, f"this operation takes no parameter {next(iter(given))[:60]!r}")
            return None
        try:
            return msgspec.convert(given, self.query, strict=False)
        except msgspec.ValidationError as error:
            raise HTTPError(400, f"parameters: {error}") from None

    async def _body(self, request: Request) -> Any:
        if self.body is None:
            return None
        data = await request.body()
        if self.body is bytes:
            return data
        if request.headers.get("content-type", JSON).partition(";")[0].strip().lower() != JSON:
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
