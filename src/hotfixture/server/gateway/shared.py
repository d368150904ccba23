"""Redis as several daemons share it: asked within a second, and done without where it is away.

Nothing depends on it: what it holds is either in the store as well, or asked for again. An outage is logged once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

import anyio

from hotfixture.errors import InputError, MissingExtraError
from hotfixture.server.gateway.settings import DaemonSettings
from hotfixture.server.gateway.state import State
from hotfixture.server.logs import log

T = TypeVar("T")
_PATIENCE = 1.0
"""Seconds that an answer may take."""
_DOWN = 5.0
"""Seconds without Redis after an error."""


class AwayError(Exception):
    """Redis does not answer now: do without."""


class Shared:
    """One daemon's way to Redis. Safe in any thread; `hear` is for its event loop."""

    def __init__(self, url: str, name: str) -> None:
        """`name` stands before every key and channel: daemons of other stores may use the same Redis."""
        self.name, self._url = name, url
        self._client = _client("redis", url, socket_timeout=_PATIENCE)
        self._away_until = float("-inf")
        self._was_away = False

    @classmethod
    def of(cls, settings: DaemonSettings, state: State) -> Shared | None:
        """As the settings say; None without Redis. InputError or MissingExtraError where it cannot be used."""
        # The braces put all keys into one slot of a cluster.
        return cls(settings.rate_store, f"hfitd:{{{state.id}}}") if settings.rate_store else None

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def key(self, *parts: str) -> str:
        """The whole name of a key or channel."""
        return ":".join((self.name, *parts))

    def ask(self, work: Callable[[Any], T]) -> T:
        """What `work` gets from the client; AwayError where Redis does not answer, or did not a moment ago."""
        if time.monotonic() < self._away_until:
            raise AwayError
        try:
            found = work(self._client)
        except _errors() as error:
            self._away_until = time.monotonic() + _DOWN
            self._note(error)
            raise AwayError from None
        self._note(None)
        return found

    def tell(self, topic: str) -> None:
        """Tell the other daemons that something happened; not at all where Redis is away."""
        try:
            self.ask(lambda client: client.publish(self.key(topic), b""))
        except AwayError:
            return

    async def hear(self, topic: str, heard: Callable[[], None]) -> None:
        """Call `heard` whenever a daemon tells, and whenever something may have been missed; never ends."""
        while True:
            try:
                await self._hear(topic, heard)
            except _errors() as error:
                self._note(error)
            await anyio.sleep(_DOWN)

    async def _hear(self, topic: str, heard: Callable[[], None]) -> None:
        async with _client("redis.asyncio", self._url, socket_keepalive=True) as client, client.pubsub() as channel:
            await channel.subscribe(self.key(topic))
            async for _ in channel.listen():  # the first says that we listen: what was told before is unknown
                heard()

    def _note(self, error: BaseException | None) -> None:
        """Log the beginning and the end of an outage."""
        if error is not None and not self._was_away:
            log().warning("redis is away", error=type(error).__name__)
        elif error is None and self._was_away:
            log().info("redis answers again")
        self._was_away = error is not None


def _client(module: str, url: str, **options: object) -> Any:
    from importlib import import_module

    try:
        redis = import_module(module)
    except ModuleNotFoundError as error:
        raise MissingExtraError("what daemons share in Redis", "redis") from error
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    # Once more, for a connection that broke off while nobody used it.
    again = redis.retry.Retry if module == "redis.asyncio" and hasattr(redis, "retry") else Retry
    try:
        return redis.Redis.from_url(url, socket_connect_timeout=_PATIENCE, retry=again(NoBackoff(), 1), **options)
    except ValueError:
        raise InputError("rate_store: expected a URL such as redis://host:6379/0") from None


def _errors() -> tuple[type[Exception], ...]:
    from redis.exceptions import RedisError

    return RedisError, OSError
