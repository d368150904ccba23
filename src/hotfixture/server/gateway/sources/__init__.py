"""Providers and volumes: what is there, masked previews, listings and downloads; opening them within limits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread

from hotfixture.server.gateway.gateway import Gateway
from hotfixture.server.gateway.operations import Operation
from hotfixture.server.gateway.sources.files import OPERATIONS as OF_VOLUMES
from hotfixture.server.gateway.sources.opening import doors
from hotfixture.server.gateway.sources.providers import OPERATIONS as OF_PROVIDERS

OPERATIONS: tuple[Operation, ...] = (*OF_PROVIDERS, *OF_VOLUMES)


@asynccontextmanager
async def lifespan(gateway: Gateway) -> AsyncIterator[None]:
    """Renew the slots of this daemon while it runs."""
    own = doors(gateway)
    try:
        yield
    finally:
        await to_thread.run_sync(own.slots.close)
