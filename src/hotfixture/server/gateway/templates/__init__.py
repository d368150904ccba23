"""Teams, templates, their revisions, and who approved them: the routes, and what runs beside requests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread

from hotfixture.server.gateway.gateway import Gateway
from hotfixture.server.gateway.operations import Operation
from hotfixture.server.gateway.templates import deciding, policies, routes, teams

OPERATIONS: tuple[Operation, ...] = (*teams.OPERATIONS, *routes.OPERATIONS, *deciding.OPERATIONS)


@asynccontextmanager
async def lifespan(gateway: Gateway) -> AsyncIterator[None]:
    """Notice at the start whether the policy changed while no daemon ran."""
    await to_thread.run_sync(policies.current, gateway)
    yield
