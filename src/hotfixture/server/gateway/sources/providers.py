"""The routes of providers: what they are, what they hold, masked previews of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
from anyio import to_thread

from hotfixture.server.gateway import access, audit
from hotfixture.server.gateway.operations import Ask, Operation
from hotfixture.server.gateway.sources import previews, tables, trying
from hotfixture.server.gateway.sources.opening import asked, doors, remembered, slot
from hotfixture.server.gateway.templates import planning, policies
from hotfixture.server.problems import HTTPError
from hotfixture.wire.sources import DatabaseTold, ProviderTested, ProviderTold, RowsAsked, RowsTold, TableTold

if TYPE_CHECKING:
    from hotfixture.databases.base import Database
    from hotfixture.schema import Schema
    from hotfixture.server.gateway.places import Provider

_STATE = 15.0
"""Seconds for which what a provider said of itself is said again without asking it."""
_SCHEMA = 30.0
_TAGS = ("providers",)


def provider_of(ask: Ask, action: str = "provider.read") -> Provider:
    """The provider that the path names, if the actor may see it: HTTPError 404 otherwise, as for one that is not there.

    403 where it may only be seen.
    """
    found = ask.gateway.settings.providers.get(ask.path["name"])
    if found is None:
        raise HTTPError(404, access.NOT_HERE)
    access.check(ask.actor, action, shared=found.teams)
    return found


async def _list(ask: Ask) -> list[ProviderTold]:
    known = ask.gateway.settings.providers
    visible = [one for _, one in sorted(known.items()) if access.sees(ask.actor, shared=one.teams)]
    found: dict[str, ProviderTold] = {}

    async def look(provider: Provider) -> None:
        found[provider.name] = await remembered(ask.gateway, provider, "state", _STATE, lambda: _told(ask, provider))

    async with anyio.create_task_group() as tasks:
        for provider in visible:
            tasks.start_soon(look, provider)
    return [found[provider.name] for provider in visible]


async def _told(ask: Ask, provider: Provider) -> ProviderTold:
    try:
        async with slot(ask.gateway, provider):
            return await to_thread.run_sync(trying.told, provider, limiter=doors(ask.gateway).threads)
    except HTTPError:
        return ProviderTold(name=provider.name, reachable=True, previews=provider.previews, problem="it is busy")


async def _test(ask: Ask) -> ProviderTested:
    provider = provider_of(ask, "provider.test")
    await _noted(ask, "provider.tested", provider.name)
    async with slot(ask.gateway, provider):
        return await to_thread.run_sync(trying.test_provider, provider, limiter=doors(ask.gateway).threads)


async def _databases(ask: Ask) -> list[DatabaseTold]:
    provider = provider_of(ask)

    async def find() -> list[DatabaseTold]:
        return await asked(ask.gateway, provider, tables.databases, fresh=False)

    return await remembered(ask.gateway, provider, "databases", _SCHEMA, find)


async def _schema(ask: Ask, provider: Provider) -> Schema:
    """The provider's tables, as they were a moment ago: a column added since is not asked for."""

    async def find() -> Schema:
        return await asked(ask.gateway, provider, lambda database: database.inspect(), fresh=False)

    return await remembered(ask.gateway, provider, "schema", _SCHEMA, find)


async def _tables(ask: Ask) -> list[TableTold]:
    provider = provider_of(ask)
    schema = await _schema(ask, provider)

    def told() -> list[TableTold]:
        return tables.told(policies.current(ask.gateway).policy, provider.name, schema)

    return await to_thread.run_sync(told, limiter=doors(ask.gateway).threads)


async def _rows(ask: Ask) -> RowsTold:
    provider = provider_of(ask, "provider.preview")
    if not provider.previews:
        raise HTTPError(403, f"{provider.name} allows no previews")
    schema = await _schema(ask, provider)
    table = previews.find(schema, ask.path["table"])
    if table is None:
        raise HTTPError(404, access.NOT_HERE)

    def look(database: Database) -> RowsTold:
        policy, key = policies.current(ask.gateway), planning.masking_key(ask.gateway)
        subject, limit = f"{provider.name}.{table.name}", ask.query.limit
        audit.note(ask.gateway.state, ask.actor, "provider.previewed", subject, limit=limit, policy=policy.digest)
        return previews.rows(database, previews.Preview(provider.name, schema, table, policy.policy, key, limit))

    return await asked(ask.gateway, provider, look)


async def _noted(ask: Ask, kind: str, subject: str) -> None:
    await to_thread.run_sync(audit.note, ask.gateway.state, ask.actor, kind, subject)


OPERATIONS = (
    Operation(
        method="GET", path="/api/providers", summary="The providers that the caller's teams may read.",
        action="provider.read", answer=_list, returns=list[ProviderTold], tags=_TAGS,
        notes=f"What each said of itself less than {_STATE:g} seconds ago is said again.",
    ),
    Operation(
        method="POST", path="/api/providers/{name}/test", summary="Try a provider.", action="provider.test",
        answer=_test, returns=ProviderTested, tags=_TAGS,
        notes="Reachable, read-only, a consistent snapshot, version, how far behind.",
    ),
    Operation(
        method="GET", path="/api/providers/{name}/databases", summary="The databases and schemas of a provider.",
        action="provider.read", answer=_databases, returns=list[DatabaseTold], tags=_TAGS,
    ),
    Operation(
        method="GET", path="/api/providers/{name}/tables", summary="The tables of a provider.",
        action="provider.read", answer=_tables, returns=list[TableTold], tags=_TAGS,
        notes="With their columns, and what the policy makes of each.",
    ),
    Operation(
        method="GET", path="/api/providers/{name}/tables/{table}/rows", summary="Some rows of a table, masked.",
        action="provider.preview", answer=_rows, query=RowsAsked, returns=RowsTold, tags=_TAGS,
        notes="Only where the provider allows previews and the policy decides about every column.",
    ),
)  # fmt: skip
