"""How many requests one address may send to one endpoint: counted in memory, or in Redis for several servers."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

from limits import RateLimitItem, aio, parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from hotfixture.errors import InputError, MissingExtraError
from hotfixture.server.kinds import ENDPOINTS
from hotfixture.server.logs import log

_DOWN = 5.0
"""Seconds without Redis after an error; in that time this server counts alone."""
_LOT = 64
_ADDRESSES = 100_000


class Rates:
    """The limits by endpoint; `refused` says how long to wait.

    Of a generous limit, permits are taken from the counters a hundredth at a time and used up here: most requests
    then cost a look into a dictionary, and no way to Redis. Never more than the limit is allowed; an address that
    stops in between leaves at most that hundredth unused.
    """

    def __init__(self, default: str, others: Mapping[str, str], url: str = "") -> None:
        self._items = {name: _item(others.get(name, default)) for name in ENDPOINTS}
        self._memory = FixedWindowRateLimiter(MemoryStorage())
        self._pool = _pool(url) if url else None
        self._shared = _shared(self._pool, url) if url else None
        self._down_until = 0.0
        self._was_down = False
        self._latest = time.time()
        self._lots: dict[tuple[str, str], list[float]] = {}

    @property
    def shared_is_down(self) -> bool:
        """Whether the shared counters could not be reached a moment ago."""
        return time.monotonic() < self._down_until

    async def close(self) -> None:
        """Give the connections back."""
        if self._pool:
            await self._pool.aclose()

    def limit(self, endpoint: str) -> str:
        """The limit of an endpoint, for people."""
        return str(self._items[endpoint] or "unlimited")

    def free(self, who: str, endpoint: str) -> bool:
        """Whether one more request is allowed without asking the counters."""
        lot = self._lots.get((who, endpoint))
        if lot is not None and lot[0] > 0 and lot[1] > time.time():
            lot[0] -= 1
            return True
        return self._items[endpoint] is None

    async def refused(self, who: str, endpoint: str) -> int:
        """0 where one more request is allowed by the counters, else seconds to wait."""
        item = self._items[endpoint]
        if item is None:
            return 0
        self._look_at_clock()
        lot = max(1, min(item.amount // 100, _LOT))
        for cost in dict.fromkeys((lot, 1)):
            allowed, reset = await self._hit(item, who, endpoint, cost)
            if allowed:
                self._keep(who, endpoint, cost - 1, reset)
                return 0
        return max(1, math.ceil(reset - time.time()))

    def _look_at_clock(self) -> None:
        """Count anew where the clock was set back: windows would end as much later as that."""
        now = time.time()
        if now < self._latest - 1:
            self._memory.storage.reset()
            self._lots.clear()
        self._latest = now

    def _keep(self, who: str, endpoint: str, permits: int, reset: float) -> None:
        if len(self._lots) >= _ADDRESSES:
            self._lots.clear()
        if permits:
            self._lots[who, endpoint] = [permits, reset]

    async def _hit(self, item: RateLimitItem, who: str, endpoint: str, cost: int) -> tuple[bool, float]:
        if self._shared is not None and not self.shared_is_down:
            try:
                allowed = await self._shared.hit(item, who, endpoint, cost=cost)
                reset = (await self._shared.get_window_stats(item, who, endpoint)).reset_time
                self._was_down = False
                return allowed, reset
            except Exception as error:  # noqa: BLE001 - whatever ails Redis, requests are answered and counted here
                self._down_until = time.monotonic() + _DOWN
                if not self._was_down:  # an outage is logged once
                    log().warning("rate store unreachable", error=type(error).__name__)
                self._was_down = True
        allowed = self._memory.hit(item, who, endpoint, cost=cost)
        return allowed, self._memory.get_window_stats(item, who, endpoint).reset_time


def _item(text: str) -> RateLimitItem | None:
    return parse(text) if text else None


def _shared(pool: Any, url: str) -> Any:
    from limits.aio.strategies import FixedWindowRateLimiter as Shared

    storage = aio.storage.RedisStorage(
        f"async+{url}", implementation="redispy", key_prefix="mockcraft:rates", connection_pool=pool
    )
    return Shared(storage)


def _pool(url: str) -> Any:
    try:
        from redis.asyncio import ConnectionPool
    except ModuleNotFoundError as error:
        raise MissingExtraError("counting requests in Redis", "redis") from error
    try:
        return ConnectionPool.from_url(url, socket_timeout=1, socket_connect_timeout=1)
    except ValueError:
        raise InputError("rate_store: expected a URL such as redis://host:6379/0") from None
