"""Many ask at once: all are answered, and production sees no more than it was promised."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.server.gateway.packages.conftest import SLOW
from tests.server.gateway.packages.production import PEOPLE, TEMPLATE, Desk, people_in, settings_of, settle
from tests.server.gateway.served import Served, serve
from tests.server.serving import kill

from hotfixture.server.gateway import packages
from hotfixture.server.gateway.packages.parts import parts_of
from hotfixture.server.gateway.places import Provider
from hotfixture.server.gateway.tables import MEMBERS, USERS

Desks = Callable[[Served, str], Desk]


class Seen:
    """The most connections that a server had of packages, looked at all the time."""

    def __init__(self, url: str) -> None:
        self._url, self.most, self._ended = url, 0, threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Seen:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        asyncio.run(self._looked())

    async def _looked(self) -> None:
        import asyncpg

        connection = await asyncpg.connect(self._url)
        query = (  # the server's own vacuum has a row there too, and is no connection
            "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
            " AND backend_type <> 'autovacuum worker'"
        )
        while not self._ended.is_set():
            self.most = max(self.most, await connection.fetchval(query))
            await asyncio.sleep(0.005)
        await connection.close()


async def ask_all(url: str, names: list[str]) -> list[tuple[httpx.Response, float]]:
    """Everybody asks at once; each answer and its seconds."""
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False, limits=limits) as client:

        async def one(name: str) -> tuple[httpx.Response, float]:
            begun = time.monotonic()
            headers = {"authorization": f"Bearer {name}"}
            answer = await client.post("/api/packages", json={"template": "daily"}, headers=headers)
            return answer, time.monotonic() - begun

        return await asyncio.gather(*(one(name) for name in names))


@pytest.mark.servers
@pytest.mark.parametrize("many", [24, pytest.param(200, marks=[pytest.mark.soak, pytest.mark.timeout(900)])])
def test_all_who_ask_at_once_are_served_and_production_sees_no_more_connections_than_its_limit(
    tmp_path: Path, postgresql_url: str, many: int
) -> None:
    people_in(postgresql_url, 2000)
    provider = Provider("PROD", postgresql_url, teams=("payments",), connections=2, exports=3)
    settings = settings_of(tmp_path, url=postgresql_url, workers=4, providers={"PROD": provider})
    names = [f"user{number}" for number in range(many)]
    people = {name: replace(PEOPLE["dev"], name=name) for name in names}
    with serve(settings, packages.OPERATIONS, people, packages.lifespan) as served, Seen(postgresql_url) as seen:
        settle(served.gateway.state)
        with served.gateway.state.change() as connection:
            for name in names:
                row = {"name": name, "roles": json.dumps(["developer"]), "created": 0.0}
                connection.execute(USERS.insert().values(**row))
                connection.execute(MEMBERS.insert().values(team="payments", account=name))
        answers = asyncio.run(ask_all(served.url, names))
        assert {answer.status_code for answer, _ in answers} == {202}
        assert max(seconds for _, seconds in answers) < 30
        with ExitStack() as stack:
            for (answer, _), name in zip(answers, names, strict=True):
                desk = Desk(stack.enter_context(served.as_(name)))
                assert desk.until(answer.json()["id"], seconds=600)["state"] == "ready"
    assert 1 <= seen.most <= 2


@pytest.mark.servers
def test_the_packages_of_a_dead_daemon_are_taken_over_by_another_within_a_minute(
    tmp_path: Path, postgresql_url: str
) -> None:
    """Two daemons share a store in PostgreSQL and a folder; the machine of one dies with its workers."""
    store = postgresql_url
    settings = settings_of(tmp_path, rows=600, store=store, workers=1)
    with ExitStack() as stack:
        served = stack.enter_context(serve(settings, packages.OPERATIONS, PEOPLE, packages.lifespan))
        settle(served.gateway.state, [TEMPLATE, SLOW])
        dev = Desk(stack.enter_context(served.as_("dev")))
        ids = [dev.asked("slow") for _ in range(2)]
        while not dev.get(ids[0])["rows"]:
            time.sleep(0.02)
        crew = parts_of(served.gateway).crew
        crew._stopping = True  # it claims nothing any more, and hands nothing back
        if crew._task:
            served_loop: Any = crew._loop
            served_loop.call_soon_threadsafe(crew._task.cancel)
        for _, process, _ in crew._running.values():
            kill(process.pid or 0)
        crew._running.clear()
        begun = time.monotonic()
        other = stack.enter_context(serve(settings, packages.OPERATIONS, PEOPLE, packages.lifespan))
        desk = Desk(stack.enter_context(other.as_("dev")))
        for package_id in ids:
            found = desk.until(package_id)
            assert (found["state"], found["rows"]) == ("ready", 360_000)
        assert time.monotonic() - begun < 60
        assert [desk.get(one)["attempt"] for one in ids] == [2, 1]


def test_metrics_count_packages(served: Served, dev: Desk) -> None:
    found = dev.ready()
    dev.download(found["id"])
    for name in ("hfitd_packages_ended_total", "hfitd_package_rows_total", "hfitd_package_download_bytes_total"):
        deadline = time.monotonic() + 10  # a worker is counted when its process has ended
        while counted(served, name) <= 0:
            assert time.monotonic() < deadline, name
            time.sleep(0.05)


def counted(served: Served, name: str) -> float:
    """The sum of a counter as Prometheus reads it."""
    lines = served.gateway.metrics.text().decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


def test_a_sweep_removes_what_nobody_knows_but_not_what_is_new(served: Served, dev: Desk) -> None:
    found = dev.ready()
    crew = parts_of(served.gateway).crew
    old, new, kept = (crew.folder / name for name in ("orphan", "newborn", found["id"]))
    for place in (old, new):
        place.mkdir()
        (place / "x.sql").write_text("x")
    long_ago = time.time() - 3600
    os.utime(old, (long_ago, long_ago))
    (kept / "before.sql").write_text("of an earlier attempt")
    crew._sweep()
    assert (old.exists(), new.exists()) == (False, True)
    assert len(list(kept.iterdir())) == 1
    assert dev.download(found["id"]).status_code == 200
    (new / "x.sql").unlink()
    new.rmdir()
