"""Rate limits that several servers share through a real Redis."""

from __future__ import annotations

import asyncio

import pytest
from tests.server.conftest import Serve

from hotfixture.server.rates import Rates


@pytest.mark.servers
def test_two_servers_allow_together_what_the_limit_says(serve: Serve, redis_url: str) -> None:
    flags = ("--rate-limit", "90/hour")
    servers = [serve(*flags, MOCKCRAFT_RATE_STORE=redis_url) for _ in range(2)]
    statuses = [servers[turn % 2].get("/api/generators/uuid").status_code for turn in range(100)]
    assert statuses.count(200) == 90
    assert statuses[90:] == [429] * 10


@pytest.mark.servers
@pytest.mark.parametrize("amount", [5, 250, 1000])
def test_servers_never_allow_more_than_the_limit_together(redis_url: str, amount: int) -> None:
    """Permits that one server took and did not use are missing, never the other way round."""

    async def allowed() -> tuple[int, int]:
        shared = [Rates(f"{amount}/hour", {}, redis_url) for _ in range(3)]
        count = 0
        for turn in range(3 * amount):
            rates = shared[turn % 3]
            count += rates.free("who", "seed") or not await rates.refused("who", "seed")
        strangers = sum(rates.free("other", "seed") for rates in shared)
        for rates in shared:
            await rates.close()
        return count, strangers

    count, strangers = asyncio.run(allowed())
    assert amount - 3 * amount // 100 <= count <= amount
    assert strangers == 0


def test_without_redis_requests_are_counted_here_and_readiness_says_so(serve: Serve) -> None:
    server = serve("--rate-limit", "5/hour", MOCKCRAFT_RATE_STORE="redis://:s3cret@127.0.0.1:1/0")
    assert [server.get("/api/generators/uuid").status_code for _ in range(7)] == [200] * 5 + [429] * 2
    assert server.get("/health/ready").json() == {"status": "ok", "store": "ok", "rate_store": "away"}
    assert "s3cret" not in server.log.read_text()
