"""Tries a provider: reachable, read-only, a consistent snapshot, version, how far behind."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

from hotfixture.errors import DatabaseError, HotFixtureError
from hotfixture.server.gateway.sources.lag import replica
from hotfixture.server.gateway.sources.opening import connected
from hotfixture.wire.sources import ProviderTested, ProviderTold

if TYPE_CHECKING:
    from hotfixture.databases.base import Database
    from hotfixture.server.gateway.places import Provider

_READ_ONLY = {
    "PostgreSQL": "SELECT current_setting('transaction_read_only') = 'on'",
    "MySQL": "SELECT @@session.transaction_read_only",
    "MariaDB": "SELECT @@session.tx_read_only",
    "SQLite": "SELECT 1",  # the file itself is opened for reading only
}
_WRITES = {
    "PostgreSQL": (
        "SELECT rolsuper OR EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
        " AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE'))"
        " FROM pg_roles WHERE rolname = current_user"
    ),
    "MySQL": (
        "SELECT count(*) FROM (SELECT PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES UNION ALL"
        " SELECT PRIVILEGE_TYPE FROM information_schema.SCHEMA_PRIVILEGES UNION ALL"
        " SELECT PRIVILEGE_TYPE FROM information_schema.TABLE_PRIVILEGES) p"
        " WHERE PRIVILEGE_TYPE IN ('INSERT', 'UPDATE', 'DELETE', 'DROP', 'ALTER', 'CREATE')"
    ),
}
_WRITES["MariaDB"] = _WRITES["MySQL"]


def test_provider(provider: Provider) -> ProviderTested:
    """What a provider is found to be; where it cannot be reached, `problem` says why."""
    started = monotonic()
    facts: dict[str, Any] = {}
    try:
        with connected(provider, fresh=False) as database:
            facts = facts_of(database)
            facts |= _safety(database)
        problem = _stale(provider, facts)
    except HotFixtureError as error:
        problem = str(error)
    return ProviderTested(
        name=provider.name, reachable="engine" in facts, previews=provider.previews, problem=problem,
        seconds=round(monotonic() - started, 3), warnings=_warnings(facts), **facts,
    )  # fmt: skip


test_provider.__test__ = False  # type: ignore[attr-defined]  # no test, whatever pytest reads into its name


def told(provider: Provider) -> ProviderTold:
    """A provider as those see it who may read it: why it cannot be reached is not theirs to know."""
    try:
        with connected(provider, fresh=False) as database:
            facts = facts_of(database)
    except HotFixtureError:
        facts, problem = {}, "it cannot be reached"
    else:
        problem = _stale(provider, facts)
    return ProviderTold(
        name=provider.name, reachable="engine" in facts, previews=provider.previews, problem=problem, **facts
    )


def facts_of(database: Database) -> dict[str, Any]:
    """Engine, version and lag."""
    behind = replica(database)
    return {
        "engine": database.dialect.name,
        "server": database.server,
        "version": ".".join(map(str, database.version)),
        "is_replica": behind.is_replica,
        "lag": behind.lag,
    }


def _safety(database: Database) -> dict[str, Any]:
    with database.snapshot() as moment:
        read_only = str(database.fetch(_READ_ONLY[database.server])[0][0]).lower() in ("1", "on", "true")
        tables = len(database.inspect().tables)
    return {"snapshot": moment, "read_only": read_only, "tables": tables, "account_writes": _writes(database)}


def _writes(database: Database) -> bool | None:
    """Whether the account may write anywhere; None where nobody can tell."""
    query = _WRITES.get(database.server)
    try:
        return bool(database.fetch(query)[0][0]) if query else None
    except DatabaseError:
        return None


def _stale(provider: Provider, facts: dict[str, Any]) -> str:
    if provider.max_lag is None:
        return ""
    if facts["lag"] is None:
        return "it does not say how far it is behind, and a limit is set"
    behind = facts["lag"] > provider.max_lag
    return f"it is {facts['lag']:.0f} seconds behind; the limit is {provider.max_lag:g}" if behind else ""


def _warnings(facts: dict[str, Any]) -> list[str]:
    found = []
    if facts.get("read_only") is False:
        found.append("the server does not say that the session is read-only")
    if facts.get("account_writes"):
        found.append("the account may write: give the daemon one that may only read")
    if facts.get("is_replica") is False and facts.get("engine") != "sqlite":
        found.append("it is no replica: packages will read the primary database")
    return found
