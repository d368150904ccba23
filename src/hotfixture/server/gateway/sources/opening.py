"""Opens providers within their limits: read-only, so many connections, no statement too long, no stale replica."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

import anyio
from anyio import CapacityLimiter, Semaphore, to_thread

from hotfixture.databases import open_database
from hotfixture.errors import DatabaseError, HotFixtureError, InputError
from hotfixture.server.gateway.sources.lag import lag_of
from hotfixture.server.gateway.sources.slots import Slot, Slots, busy, pause
from hotfixture.server.logs import log
from hotfixture.server.problems import HTTPError

if TYPE_CHECKING:
    from hotfixture.databases.base import Database
    from hotfixture.server.gateway.gateway import Gateway
    from hotfixture.server.gateway.places import Provider
    from hotfixture.server.gateway.state import State

T = TypeVar("T")
_PART = "sources"
_AGAIN = "5"
"""Seconds after which a client may ask again, as `Retry-After` says it."""
_THREADS = 200
"""Requests that may talk to providers and volumes at once; their connections are far fewer."""


@dataclass(slots=True)
class Doors:
    """What a daemon keeps for its providers."""

    slots: Slots
    threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_THREADS))
    queues: dict[str, Semaphore] = field(default_factory=dict)
    """Who waits inside this daemon waits in turn; the store is only asked by as many as may get something."""
    known: dict[tuple[str, str], tuple[float, Any]] = field(default_factory=dict)
    """What was found out of late, and until when it counts."""

    def queue(self, provider: Provider) -> Semaphore:
        """The queue of a provider."""
        return self.queues.setdefault(provider.name, Semaphore(provider.connections))


def doors(gateway: Gateway) -> Doors:
    """The daemon's own."""
    found = gateway.parts.get(_PART)
    if not isinstance(found, Doors):
        gateway.parts[_PART] = found = Doors(Slots(gateway.state))
    return found


@contextmanager
def opened(
    state: State, provider: Provider, *, slots: Slots | None = None, wait: float | None = None,
    check: Callable[[], object] = lambda: None,
) -> Iterator[Database]:  # fmt: skip
    """A connection to a provider, for workers and commands: it waits for a free slot in its thread.

    `wait` is the provider's own unless given; `check` is called while it waits and may raise to stop. Give `slots`
    where a process opens often. DatabaseError where none is free, the provider cannot be reached, or is too far behind.
    """
    own = slots or Slots(state)
    longest = provider.wait if wait is None else wait
    try:
        with (
            own.reserved(provider.name, provider.connections, wait=longest, check=check) as slot,
            connected(provider, slot) as found,
        ):
            yield found
    finally:
        if slots is None:
            own.close()


@contextmanager
def connected(provider: Provider, slot: Slot | None = None, *, fresh: bool = True) -> Iterator[Database]:
    """A connection by somebody who has a slot; with `fresh`, DatabaseError where the replica is too far behind.

    What it does for its user ends when the slot is lost: somebody else may have a connection in its place.
    """
    with open_database(url_of(provider), timeout=provider.statement_timeout) as database:
        if slot is not None:
            slot.lost_by(database.interrupt)
        if fresh:
            require_fresh(provider, database)
        try:
            yield database
        finally:
            if slot is not None:
                slot.lost_by(None)


def url_of(provider: Provider) -> str:
    """The provider's URL with its password; what is wrong with it is said to the log, not to who asks."""
    try:
        return provider.resolved()
    except InputError as error:
        log().error("a provider cannot be used", provider=provider.name, problems=[str(p) for p in error.problems])
        raise HotFixtureError(f"the provider {provider.name} of this daemon cannot be used; its log says why") from None


def require_fresh(provider: Provider, database: Database) -> None:
    """DatabaseError where a limit is set and the replica is further behind, or does not say how far."""
    if provider.max_lag is None:
        return
    lag = lag_of(database)
    if lag is None:
        hint = "The replica must run, and the account be allowed to ask (REPLICATION CLIENT)."
        raise DatabaseError(
            f"{provider.name} does not say how far it is behind; its limit is {provider.max_lag:g} s", hint=hint
        )
    if lag > provider.max_lag:
        raise DatabaseError(f"{provider.name} is {lag:.0f} seconds behind; its limit is {provider.max_lag:g}")


@asynccontextmanager
async def slot(gateway: Gateway, provider: Provider) -> AsyncIterator[Slot]:
    """A slot for a request, waited for without a thread; HTTPError 503 with `Retry-After` where none becomes free."""
    own = doors(gateway)
    queue, found = own.queue(provider), None
    with anyio.move_on_after(provider.wait) as scope:
        await queue.acquire()
    if scope.cancelled_caught:
        raise _busy(provider)
    try:
        with anyio.move_on_after(provider.wait):
            found = await _attempts(own, provider)
        if found is None:
            raise _busy(provider)
        yield found
    finally:
        queue.release()
        if found is not None:
            with anyio.CancelScope(shield=True):
                await to_thread.run_sync(own.slots.give_back, found, limiter=own.threads)


async def _attempts(own: Doors, provider: Provider) -> Slot:
    while True:
        with anyio.CancelScope(shield=True):  # a slot that was taken must not be forgotten
            found = await to_thread.run_sync(
                own.slots.attempt, provider.name, provider.connections, limiter=own.threads
            )
        if found is not None:
            return found
        await anyio.sleep(pause())


async def asked(gateway: Gateway, provider: Provider, work: Callable[[Database], T], *, fresh: bool = True) -> T:
    """What `work` makes of a connection; both within the provider's limits."""

    def connect(own: Slot) -> T:
        with connected(provider, own, fresh=fresh) as database:
            return work(database)

    async with slot(gateway, provider) as found:
        return await to_thread.run_sync(connect, found, limiter=doors(gateway).threads)


async def remembered(
    gateway: Gateway, provider: Provider, what: str, seconds: float, find: Callable[[], Awaitable[T]]
) -> T:
    """What `find` gives, or gave for the same less than so many seconds ago."""
    known, asked_for = doors(gateway).known, (provider.name, what)
    until, found = known.get(asked_for, (0.0, None))
    if until < time.monotonic():
        found = await find()
        known[asked_for] = (time.monotonic() + seconds, found)
    return cast("T", found)


def _busy(provider: Provider) -> HTTPError:
    said = busy(provider.name, provider.connections, provider.wait)
    return HTTPError(503, said, {"retry-after": _AGAIN})
