"""The ASGI application: its parts, its routes, and what stands before them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hotfixture.errors import HotFixtureError
from hotfixture.server import openapi, problems, tokens
from hotfixture.server.catalogue import Catalogue
from hotfixture.server.downloads import Downloads
from hotfixture.server.front import App, Front, Gate
from hotfixture.server.generate import Generate
from hotfixture.server.metrics import Metrics
from hotfixture.server.problems import HTTPError
from hotfixture.server.rates import Rates
from hotfixture.server.seeding import Seeding
from hotfixture.server.settings import ServerSettings
from hotfixture.server.store import Store
from hotfixture.server.supervisor import Supervisor
from hotfixture.server.tokens import TokenDoor
from hotfixture.server.visit import visit_of

Endpoint = Callable[[Request], Awaitable[Response]]


def build(settings: ServerSettings) -> Front:
    """The application with all that stands before it; its lifespan starts the jobs and hands them back.

    Raises InputError, DatabaseError or MissingExtraError where settings name what cannot be used.
    """
    metrics = Metrics()
    rates = Rates(settings.rate_limit, settings.rate_limits, settings.rate_store)
    known = tokens.read(settings.token_file) if settings.token_file else None
    store = Store(settings.store, settings.folder)
    supervisor = Supervisor(settings, store, metrics)
    seeding = Seeding(settings, store, supervisor)
    inner = Starlette(
        routes=[
            *routes(settings, store, seeding),
            *operations(metrics, store, rates, description=openapi.document(settings, tokens=known is not None)),
        ],
        exception_handlers=HANDLERS,
        lifespan=lambda _: running(store, supervisor, seeding, rates),
    )
    gate: App = Gate(Generate(settings, metrics), inner, settings, door=TokenDoor(known), rates=rates, metrics=metrics)
    if settings.cors_origins:
        gate = _cors(gate, settings.cors_origins)
    return Front(gate, metrics, cors=bool(settings.cors_origins))


def routes(settings: ServerSettings, store: Store, seeding: Seeding) -> list[Route]:
    """What a user asks for, but single values."""
    catalogue = Catalogue(settings.kept_by)
    downloads = Downloads(settings, store, seeding)
    return [
        Route("/api/generators", catalogue.listed),
        Route("/api/generators/{type}", catalogue.one),
        Route("/api/seed", seeding.ask, methods=["POST"]),
        Route("/api/jobs", seeding.listed),
        Route("/api/jobs/{id}", seeding.one, methods=["GET"]),
        Route("/api/jobs/{id}", seeding.cancel, methods=["DELETE"]),
        Route("/api/download/{id}", downloads.one),
    ]


def operations(metrics: Metrics, store: Store, rates: Rates, *, description: Any) -> list[Route]:
    """What an operator and tools ask for; `description` is the OpenAPI document."""

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers=problems.NO_STORE)

    async def ready(_: Request) -> Response:
        return await _readiness(store, rates)

    async def numbers(_: Request) -> Response:
        text = await to_thread.run_sync(metrics.text)
        return Response(text, headers=problems.NO_STORE, media_type="text/plain; version=0.0.4; charset=utf-8")

    async def description_of(_: Request) -> Response:
        return JSONResponse(description)

    return [
        Route("/health", health),
        Route("/health/ready", ready),
        Route("/ready", ready),
        Route("/metrics", numbers),
        Route("/openapi.json", description_of),
    ]


async def _readiness(store: Store, rates: Rates) -> Response:
    """Whether jobs can be kept; the shared counters may be away, requests are then counted here."""
    state = {"store": "ok", "rate_store": "away" if rates.shared_is_down else "ok"}
    try:
        await to_thread.run_sync(store.counts)
    except HotFixtureError:
        state["store"] = "away"
    is_ready = state["store"] == "ok"
    return JSONResponse(
        {"status": "ok" if is_ready else "not ready", **state}, 200 if is_ready else 503, problems.NO_STORE
    )


@asynccontextmanager
async def running(store: Store, supervisor: Supervisor, seeding: Seeding, rates: Rates) -> AsyncIterator[None]:
    """Jobs run as long as it is open; then they are handed back, and what they need is closed."""
    supervisor.start()
    try:
        yield
    finally:
        await supervisor.stop()
        await rates.close()
        await to_thread.run_sync(seeding.close)
        await to_thread.run_sync(store.close)


def _cors(app: App, origins: tuple[str, ...]) -> App:
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=["GET", "HEAD", "POST", "DELETE"],
        allow_headers=["authorization", "content-type", "idempotency-key", "x-request-id", "range", "if-none-match"],
        expose_headers=["x-request-id", "location", "retry-after", "etag", "content-range", "idempotency-replayed"],
        max_age=3600,
    )


async def _said(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPError | HotFixtureError)
    return problems.of_error(error, visit_of(request.scope).id)


async def _defect(request: Request, _: Exception) -> Response:
    return problems.answer(500, problems.DEFECT, visit_of(request.scope).id)  # `Front` logs it


async def _not_here(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    messages = {404: "there is nothing under this path", 405: "this method is not offered here"}
    message = messages.get(error.status_code, str(error.detail))
    return problems.answer(error.status_code, message, visit_of(request.scope).id, error.headers)


HANDLERS: Mapping[Any, Any] = {
    HTTPException: _not_here, HTTPError: _said, HotFixtureError: _said, Exception: _defect,
}  # fmt: skip
"""How an application answers what a route raises."""
