"""A gateway of some operations behind a real uvicorn, in a thread of the test's own process.

Who asks is said by the token alone: `Authorization: Bearer NAME`, a name of `people`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response

from hotfixture.server import problems
from hotfixture.server.app import HANDLERS
from hotfixture.server.front import Front, Gate
from hotfixture.server.gateway.actors import Actor
from hotfixture.server.gateway.gateway import Gateway
from hotfixture.server.gateway.operations import Operation
from hotfixture.server.gateway.settings import DaemonSettings
from hotfixture.server.gateway.state import State
from hotfixture.server.metrics import Metrics
from hotfixture.server.rates import Rates
from hotfixture.server.visit import Visit

Lifespan = Callable[[Gateway], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class Served:
    """What runs; `client` speaks to it as nobody until `as_` says who."""

    gateway: Gateway
    url: str

    def as_(self, name: str) -> httpx.Client:
        """A client with somebody's token."""
        headers = {"authorization": f"Bearer {name}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False)


def application(
    gateway: Gateway,
    operations: Iterable[Operation],
    people: Mapping[str, Actor],
    lifespans: Iterable[Lifespan] = (),
) -> Front:
    """The operations with all that stands before them in the daemon, but for logins."""
    offered = list(operations)

    async def door(visit: Visit, authorization: bytes) -> Response | None:
        actor = people.get(authorization.decode().removeprefix("Bearer "))
        if actor is None:
            return problems.answer(401, "log in first", visit.id)
        visit.actor, visit.owner = actor, actor.name
        return None

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for one in lifespans:
                await stack.enter_async_context(one(gateway))
            yield

    inner = Starlette(routes=[o.route(gateway) for o in offered], exception_handlers=HANDLERS, lifespan=lifespan)
    opened = frozenset((operation.method, operation.path) for operation in offered if not operation.action)
    rates, metrics = Rates("", {}, ""), gateway.metrics
    return Front(Gate(inner, inner, gateway.settings, door=door, rates=rates, metrics=metrics, opened=opened), metrics)


@contextmanager
def serve(
    settings: DaemonSettings,
    operations: Iterable[Operation],
    people: Mapping[str, Actor],
    *lifespans: Lifespan,
    parts: Mapping[str, object] | None = None,
) -> Iterator[Served]:
    """The operations on a free loopback port, as long as the block runs."""
    gateway = Gateway(settings, State(settings.store, settings.folder), Metrics(), dict(parts or {}))
    app = application(gateway, operations, people, lifespans)
    config = uvicorn.Config(app, port=0, log_config=None, access_log=False, lifespan="on", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="served", daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + 20
        while not server.started:
            assert thread.is_alive(), "the application did not start"
            assert time.monotonic() < deadline, "the application did not start"
            time.sleep(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Served(gateway, f"http://127.0.0.1:{port}")
    finally:
        server.should_exit = True
        thread.join(30)
        gateway.state.close()
