"""What one daemon keeps to know people: the seal, the terms of sessions, whom it remembers, and the way to Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address

import anyio
from anyio import to_thread

from hotfixture.errors import HotFixtureError
from hotfixture.identity.challenges import host_of
from hotfixture.server.gateway.gateway import Gateway
from hotfixture.server.gateway.identity import nonces, signing, throttles
from hotfixture.server.gateway.identity.changes import TOPIC
from hotfixture.server.gateway.identity.known import Known
from hotfixture.server.gateway.identity.sessions import Terms
from hotfixture.server.gateway.seals import Seal
from hotfixture.server.gateway.settings import DaemonSettings
from hotfixture.server.gateway.shared import Shared
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import SESSIONS
from hotfixture.server.logs import log

PART = "identity"
EVERY = 600.0
"""Seconds between two looks at what is due: a next signing key, what has expired."""
_REMEMBERED = 86_400.0
"""Seconds that an expired session stays in the store."""


@dataclass(slots=True)
class Keeper:
    """One daemon's part of identity."""

    settings: DaemonSettings
    state: State
    seal: Seal
    terms: Terms
    known: Known
    shared: Shared | None = None

    @classmethod
    def made(cls, settings: DaemonSettings, state: State) -> Keeper:
        """With the first signing key, where there is none; InputError where the seal key cannot be read."""
        seal, terms = Seal.of(settings), terms_of(settings)
        keeper = cls(settings, state, seal, terms, Known(state, seal, terms), Shared.of(settings, state))
        keeper.tend()
        keeper.known.look()
        state.listeners.append(keeper.heard)
        return keeper

    def heard(self, topic: str) -> None:
        """A transaction of this daemon is through: what it changed counts here at once, and where Redis tells it."""
        if topic != TOPIC:
            return
        self.known.forget()
        if self.shared is not None:
            self.shared.tell(TOPIC)

    def tend(self) -> None:
        """The next signing key when it is time; away with what has expired."""
        signing.tend(self.state, self.seal, longest=self.terms.token)
        now = self.state.now()
        with self.state.change() as connection:
            nonces.forget(connection, now)
            connection.execute(SESSIONS.delete().where(SESSIONS.c.expires < now - _REMEMBERED))
            throttles.forget(connection, now)

    def hosts(self, server: tuple[str, int | None] | None) -> frozenset[str]:
        """The names under which clients may know this daemon: of its `url`, without one its own socket's."""
        if self.settings.url:
            return frozenset({host_of(self.settings.url)})
        return _local(self.settings, *(server or ("", None)))


def terms_of(settings: DaemonSettings) -> Terms:
    """How long sessions hold, and for whom their tokens are."""
    audience = host_of(settings.url) if settings.url else "hotfixture"
    return Terms(audience, settings.session, settings.session_longest)


def _local(settings: DaemonSettings, address: str, port: int | None) -> frozenset[str]:
    names = {"localhost", "127.0.0.1", "[::1]", settings.host, address}
    found = {f"[{name}]" if _is_ipv6(name) else name for name in names if name}
    standard = {80, 443, None}
    return frozenset(found if port in standard else ()) | {f"{name}:{port}" for name in found}


def _is_ipv6(name: str) -> bool:
    try:
        return ip_address(name).version == 6
    except ValueError:
        return False


def keeper_of(gateway: Gateway) -> Keeper:
    """The keeper of a running daemon."""
    found: Keeper = gateway.parts[PART]
    return found


@asynccontextmanager
async def lifespan(gateway: Gateway) -> AsyncIterator[None]:
    """The keeper, and beside requests its tending."""
    keeper = await to_thread.run_sync(Keeper.made, gateway.settings, gateway.state)
    gateway.parts[PART] = keeper
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_tending, keeper)
        if keeper.shared is not None:
            tasks.start_soon(keeper.shared.hear, TOPIC, keeper.known.forget)
        try:
            yield
        finally:
            tasks.cancel_scope.cancel()
            if keeper.shared is not None:
                keeper.shared.close()


async def _tending(keeper: Keeper) -> None:
    while True:
        await anyio.sleep(EVERY)
        try:
            await to_thread.run_sync(keeper.tend)
        except HotFixtureError as error:
            log().warning("identity could not be tended", problem=error.problems[0].message)
