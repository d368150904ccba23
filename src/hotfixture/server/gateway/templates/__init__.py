"""Teams, templates, their revisions, and who approved them: the routes, and what runs beside requests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from anyio import to_thread

from hotfixture.errors import HotFixtureError
from hotfixture.server.gateway.gateway import Gateway
from hotfixture.server.gateway.operations import Operation
from hotfixture.server.gateway.templates import deciding, policies, routes, teams
from hotfixture.server.logs import log

OPERATIONS: tuple[Operation, ...] = (*teams.OPERATIONS, *routes.OPERATIONS, *deciding.OPERATIONS)
LOOKED = 30.0
"""Seconds between two looks at the policy, while nobody asks for anything that needs it."""


@asynccontextmanager
async def lifespan(gateway: Gateway) -> AsyncIterator[None]:
    """Notice that the policy changed: while no daemon ran, and as long as this one does.

    HotFixtureError where it cannot be used at the start.
    """
    await to_thread.run_sync(policies.current, gateway)
    async with anyio.create_task_group() as group:
        group.start_soon(_watch, gateway)
        yield
        group.cancel_scope.cancel()


async def _watch(gateway: Gateway) -> None:
    while True:
        await anyio.sleep(LOOKED)
        try:
            await to_thread.run_sync(policies.current, gateway)
        except HotFixtureError as error:  # a file half written, a store that is away: requests say so themselves
            log().warning("the policy could not be looked at", problem=error.problems[0].message)
