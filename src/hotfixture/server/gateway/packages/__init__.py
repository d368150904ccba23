"""Packages: asked for, built in processes of their own, looked at, cancelled, downloaded."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
from anyio import to_thread
from starlette.responses import Response

from hotfixture.errors import InputError
from hotfixture.server import logs
from hotfixture.server.gateway.gateway import Gateway
from hotfixture.server.gateway.operations import Ask, Operation
from hotfixture.server.gateway.packages import downloads, requests, rights
from hotfixture.server.gateway.packages.package import Package, told
from hotfixture.server.gateway.packages.parts import parts_of
from hotfixture.server.gateway.settings import DaemonSettings
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import PACKAGES
from hotfixture.server.metrics import Metrics
from hotfixture.server.problems import HTTPError
from hotfixture.server.visit import LEAVING, root_of
from hotfixture.wire import Page
from hotfixture.wire.packages import ENDED, PackageAsked, PackageQuery, PackagesQuery, PackageTold

LONGEST_WAIT = 30.0
MOST = 1000
_ID = re.compile(r"[0-9a-f]{32}")


@asynccontextmanager
async def lifespan(gateway: Gateway) -> AsyncIterator[None]:
    """The crew that builds, as long as the daemon serves."""
    crew = parts_of(gateway).crew
    crew.start()
    try:
        yield
    finally:
        await crew.stop()


def work(settings: DaemonSettings) -> None:
    """Build packages, and serve nothing, until SIGTERM or SIGINT; running packages are handed back then.

    InputError where the settings leave it nothing to do.
    """
    if not settings.workers:
        raise InputError("workers: 0, and a worker builds nothing then", hint="Set HFITD_WORKERS=2 for this worker.")
    logs.configure(settings.log_level, settings.log_form)
    logs.report_to(settings.sentry_dsn)
    gateway = Gateway(settings, State(settings.store, settings.folder), Metrics())
    try:
        asyncio.run(_worked(gateway))
    finally:
        gateway.state.close()


async def _worked(gateway: Gateway) -> None:
    told_to_stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
    async with lifespan(gateway):
        logs.log().info("working", data=str(gateway.settings.folder))
        await told_to_stop.wait()


async def _found(ask: Ask) -> Package:
    """The package that a path names; HTTPError 404 where there is none for who asks."""
    package_id = ask.path["id"]
    shelf = parts_of(ask.gateway).shelf
    known = await to_thread.run_sync(shelf.get, package_id) if _ID.fullmatch(package_id) else None
    return rights.check_own(ask.actor, known)


async def _one(ask: Ask) -> PackageTold:
    query: PackageQuery = ask.query
    if not 0 <= query.wait <= LONGEST_WAIT:
        raise HTTPError(400, f"wait: expected 0 … {LONGEST_WAIT:g} seconds")
    package = await _found(ask)
    seen = query.seen or package.version
    if query.wait and seen == package.version and package.state not in ENDED:
        watch = parts_of(ask.gateway).watch
        # Who waits must not take the room of those who only ask.
        is_crowded = watch.waiting >= ask.gateway.settings.max_concurrent // 2
        event = asyncio.Event()
        ask.request.scope[LEAVING] = event.set
        await watch.change(package.id, seen, min(query.wait, 1.0) if is_crowded else query.wait, event)
        package = await _found(ask)
    return await _whole(ask, package)


async def _whole(ask: Ask, package: Package) -> PackageTold:
    root = root_of(ask.request.scope)
    shelf = parts_of(ask.gateway).shelf
    manifest = await to_thread.run_sync(shelf.manifest, package.id) if package.state == "ready" else None
    return told(package, root=root, manifest=manifest)


def _listed(ask: Ask) -> Page[PackageTold]:
    query: PackagesQuery = ask.query
    if not 1 <= query.limit <= MOST:
        raise HTTPError(400, f"limit: expected 1 … {MOST}")
    owner = query.owner or ask.actor.name
    if owner != ask.actor.name and (ask.actor.kind == "token" or "admin" not in ask.actor.roles):
        raise HTTPError(403, "only an administrator lists packages of others")
    wanted: list[sa.ColumnElement[bool]] = [sa.true() if owner == "*" else PACKAGES.c.owner == owner]
    wanted += [PACKAGES.c.state == query.state] if query.state else []
    wanted += [PACKAGES.c.template == query.template] if query.template else []
    shelf = parts_of(ask.gateway).shelf
    found = shelf.listed(sa.and_(*wanted), most=query.limit, after=query.after)
    root = root_of(ask.request.scope)
    items = [told(package, root=root) for package in found]
    return Page(items=items, next=items[-1].id if len(items) == query.limit else None)


async def _cancelled(ask: Ask) -> PackageTold:
    package = await _found(ask)
    parts = parts_of(ask.gateway)
    if package.state in ("queued", "building", "scanned", "ready"):
        await to_thread.run_sync(parts.shelf.cancel, ask.actor, package)
        parts.crew.wake(sweep=package.state == "ready")
    return told(await _found(ask), root=root_of(ask.request.scope))


async def _manifest(ask: Ask) -> Response:
    package = await _found(ask)
    found = await to_thread.run_sync(parts_of(ask.gateway).shelf.manifest, package.id)
    if not found:
        raise HTTPError(409, f"the package is {package.state}; it has no manifest")
    return downloads.as_json(found)


async def _downloaded(ask: Ask) -> Response:
    return await downloads.answer(ask, await _found(ask))


_TAGS: Any = ("packages",)
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="POST", path="/api/packages", summary="Ask for a package of a template", action="package.request",
        answer=requests.request, body=PackageAsked, returns=PackageTold, status=202, problems=(409, 422, 507),
        body_example={"template": "daily-dev-scenario", "parameters": {"sample_rate": "0.1"}}, tags=_TAGS,
        notes="An `Idempotency-Key` makes it safe to ask again. 200 where a package that exists is the answer: that of "
        "the same key, or one of the same revision and parameters that is fresh enough by the template's `cache`.",
    ),
    Operation(
        method="GET", path="/api/packages", summary="Packages, the newest first", action="package.read",
        answer=_listed, query=PackagesQuery, returns=Page[PackageTold], tags=_TAGS,
    ),
    Operation(
        method="GET", path="/api/packages/{id}", summary="One package: its state, progress, problems",
        action="package.read", answer=_one, query=PackageQuery, returns=PackageTold, tags=_TAGS,
        notes="With `wait`, the answer comes when state or progress change, or the time is over.",
    ),
    Operation(
        method="DELETE", path="/api/packages/{id}", summary="Cancel a package, or remove one that is ready",
        action="package.cancel", answer=_cancelled, returns=PackageTold, tags=_TAGS,
        notes="What production does for it ends within a second.",
    ),
    Operation(
        method="GET", path="/api/packages/{id}/download", summary="The file of a package, whole or in ranges",
        action="package.read", answer=_downloaded, media="application/octet-stream", problems=(409, 410, 416),
        tags=_TAGS,
    ),
    Operation(
        method="GET", path="/api/packages/{id}/manifest", summary="The manifest of a package that was ready",
        action="package.read", answer=_manifest, media="application/json", problems=(409,), tags=_TAGS,
    ),
)  # fmt: skip
