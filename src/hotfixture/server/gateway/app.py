"""The daemon's ASGI application: MockCraft's routes and the gateway's, behind one gate."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from importlib import import_module
from typing import Any

from anyio import to_thread
from starlette.applications import Starlette
from starlette.responses import Response

from hotfixture.errors import HotFixtureError
from hotfixture.server import app as mockcraft
from hotfixture.server import problems
from hotfixture.server.front import Front, Gate
from hotfixture.server.gateway import access, openapi, refusals
from hotfixture.server.gateway.gateway import Gateway
from hotfixture.server.gateway.operations import Direct, Operation
from hotfixture.server.gateway.settings import DaemonSettings
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.witness import Auditor
from hotfixture.server.generate import Generate
from hotfixture.server.metrics import Metrics
from hotfixture.server.rates import Rates
from hotfixture.server.seeding import Seeding
from hotfixture.server.store import Store
from hotfixture.server.supervisor import Supervisor
from hotfixture.server.visit import Visit

MODULES = ("identity", "templates", "sources", "packages", "audits")
"""What has `OPERATIONS`, and perhaps `lifespan(gateway)`: an asynchronous context for what runs beside requests."""


def modules() -> list[Any]:
    """The modules of routes."""
    return [import_module(f"hotfixture.server.gateway.{name}") for name in MODULES]


def operations() -> list[Operation]:
    """Every operation of the gateway, in the order of its description."""
    return [operation for module in modules() for operation in module.OPERATIONS]


def build(settings: DaemonSettings) -> Front:
    """The application with all that stands before it; its lifespan starts the jobs and hands them back.

    Raises InputError, DatabaseError or MissingExtraError where settings name what cannot be used.
    """
    metrics = Metrics()
    rates = Rates(settings.rate_limit, settings.rate_limits, settings.rate_store)
    gateway = Gateway(settings, State(settings.store, settings.folder), metrics)
    store = Store(settings.store, settings.folder)
    supervisor = Supervisor(settings, store, metrics)
    seeding = Seeding(settings, store, supervisor, Auditor(gateway.state))
    offered = operations()
    inner = Starlette(
        routes=[
            *(operation.route(gateway) for operation in offered),
            *mockcraft.routes(settings, store, seeding),
            *mockcraft.operations(metrics, store, rates, description=openapi.document(settings, offered)),
        ],
        exception_handlers=mockcraft.HANDLERS,
        lifespan=_lifespan(gateway, store, supervisor, seeding, rates),
    )
    gate = Gate(
        Generate(settings, metrics),
        Direct(gateway, offered, inner),
        settings,
        door=_door(gateway),
        rates=rates,
        metrics=metrics,
        opened=frozenset((operation.method, operation.path) for operation in offered if not operation.action),
    )
    return Front(gate, metrics, tls=settings.tls_cert is not None or settings.behind_proxy)


def _door(gateway: Gateway) -> Any:
    """Who a visit's `Authorization` header belongs to."""
    from hotfixture.server.gateway.identity import authenticate

    async def door(visit: Visit, authorization: bytes) -> Response | None:
        try:
            actor = await authenticate(gateway, authorization, visit.address)
        except HotFixtureError as error:  # the store is away: nobody is believed
            return problems.of_error(error, visit.id)
        if actor is None:
            return problems.answer(401, "log in first", visit.id, {"www-authenticate": "Bearer"})
        visit.actor, visit.owner = actor, actor.name
        action = access.mockcrafts(visit.path)
        if action and not access.may(actor, action):
            reason, who = f"{action} is not among what you may do", replace(actor, request=visit.id)
            try:
                await to_thread.run_sync(refusals.note, gateway, who, visit.method, visit.path, reason)
            except HotFixtureError as error:
                return problems.of_error(error, visit.id)
            return problems.answer(403, reason, visit.id)
        return None

    return door


def _lifespan(gateway: Gateway, store: Store, supervisor: Supervisor, seeding: Seeding, rates: Rates) -> Any:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.callback(gateway.state.close)
            for module in modules():
                if hasattr(module, "lifespan"):
                    await stack.enter_async_context(module.lifespan(gateway))
            await stack.enter_async_context(mockcraft.running(store, supervisor, seeding, rates))
            yield

    return lifespan
