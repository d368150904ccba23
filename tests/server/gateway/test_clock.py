"""Clocks that are set while a daemon runs: nothing becomes valid again, nobody alive is taken for dead, all goes on."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.server.gateway.cluster import HOST, QUICK, SLOW, Cluster, until
from tests.server.gateway.daemons import Daemon

from hotfixture.identity import private, signatures
from hotfixture.server import engine
from hotfixture.server.engine import Clock
from hotfixture.server.gateway.identity import throttles
from hotfixture.server.gateway.packages.package import Package
from hotfixture.server.gateway.packages.shelf import Shelf
from hotfixture.server.gateway.sources import slots
from hotfixture.server.gateway.sources.slots import Slots
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import AUDIT, THROTTLES
from hotfixture.server.rates import Rates

HOUR = 3600.0
SITE = """
import os, time

_real, _path = time.time, os.environ["HOTFIXTURE_TEST_CLOCK"]


def _set():
    try:
        with open(_path) as file:
            return _real() + float(file.read() or 0)
    except (OSError, ValueError):
        return _real()


time.time = _set
"""
"""What every Python process of a test imports first: a clock that is as far off as a file says."""
Set = Callable[[float], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Set:
    """Sets the clock of this process."""
    real = time.time

    def by(seconds: float) -> None:
        monkeypatch.setattr(time, "time", lambda: real() + seconds)

    return by


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A folder for daemons on SQLite, whose clock is the machine's."""
    made = Cluster(tmp_path / "daemon", more="workers: 1\n")
    yield made
    made.stop()


def started(cluster: Cluster) -> tuple[Daemon, Set]:
    """A daemon, and what sets the clock of it and of its workers."""
    site, file = cluster.folder / "site", cluster.folder / "clock"
    site.mkdir()
    (site / "sitecustomize.py").write_text(SITE)
    daemon = cluster.start(PYTHONPATH=str(site), HOTFIXTURE_TEST_CLOCK=str(file))

    def by(seconds: float) -> None:
        file.with_suffix(".new").write_text(str(seconds))
        file.with_suffix(".new").replace(file)

    return daemon, by


def answered(cluster: Cluster, daemon: Daemon, asked: dict[str, str]) -> int:
    """The status of a login with a challenge."""
    key = private.read_file(cluster.keys["dev@example.com"])
    signed = signatures.sign(key, asked["text"].encode(), asked["namespace"])
    body = {"challenge": asked["challenge"], "signature": signed}
    return int(daemon.client.post("/auth/session", json=body).status_code)


def challenge(daemon: Daemon) -> dict[str, str]:
    """A fresh challenge."""
    told: dict[str, str] = daemon.client.post(
        "/auth/challenge", json={"account": "dev@example.com", "host": HOST}
    ).json()
    return told


@pytest.mark.skipif(sys.platform == "win32", reason="replaces a file that others read")
@pytest.mark.parametrize("step", [HOUR + 100, -HOUR])
def test_a_daemon_whose_machine_is_set_goes_on(cluster: Cluster, step: float) -> None:
    daemon, by = started(cluster)
    headers = cluster.login(daemon)
    cluster.templates(daemon, headers, SLOW, QUICK)
    desk = cluster.desk(daemon, headers)
    package_id, used, unused = desk.asked("slow"), challenge(daemon), challenge(daemon)
    assert answered(cluster, daemon, used) == 201
    until(lambda: desk.get(package_id)["rows"])
    by(step)
    until(lambda: daemon.client.get("/api/whoami", headers=headers).status_code == 401)
    assert [answered(cluster, daemon, asked) for asked in (used, unused)] == [401, 401]
    desk = cluster.desk(daemon, cluster.login(daemon))
    cluster.check_file(desk, package_id)
    assert desk.get(package_id)["attempt"] == 1  # nobody took its worker for dead
    assert desk.ready("quick")["rows"] == 80
    by(0.0)
    until(lambda: daemon.client.get("/api/whoami", headers=cluster.login(daemon)).status_code == 200)
    assert answered(cluster, daemon, used) == 401
    assert cluster.check_audit()
    state = daemon.state()
    with state.read() as connection:
        found = list(connection.execute(sa.select(AUDIT.c.seq, AUDIT.c.at).order_by(AUDIT.c.seq)))
    state.close()
    assert [row.seq for row in found] == list(range(1, len(found) + 1))
    assert [row.at for row in found] != sorted(row.at for row in found)  # order is by number alone
    assert not [line for line in daemon.lines() if line.get("level") == "error"]


def test_a_clock_of_ones_own_that_was_set_is_unsettled_for_some_seconds(
    state: State, clock: Set, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = time.time
    assert abs(state.now() - real()) < 5
    assert state.is_settled
    for step in (HOUR, -HOUR, 30.0):
        before = real()
        clock(step)
        if state.is_shared:  # the store's clock was not set, and goes on whatever ours does
            assert abs(state.now() - before) < 5
            assert state.is_settled
            continue
        assert abs(state.now() - before - step) < 5
        assert not state.is_settled
        with monkeypatch.context() as patched:
            later = engine.steady() + 7
            patched.setattr(engine, "steady", lambda later=later: later)
            patched.setattr(time, "time", lambda step=step: real() + step + 7)
            assert state.is_settled


@pytest.mark.parametrize("step", [HOUR, -HOUR])
def test_a_clock_that_is_set_takes_no_package_from_a_worker_that_lives(
    state: State, clock: Set, monkeypatch: pytest.MonkeyPatch, step: float
) -> None:
    shelf = Shelf(state)
    wanted = {"parameters": {}, "form": "auto", "inserts": False, "today": "2026-11-21", "digest": "d", "address": "x"}
    with state.change() as connection:
        shelf.add(connection, Package("1" * 32, "dev", "daily", 1, "d", "asked", "reuse", wanted, ()))
    found = shelf.claim("daemon", {})
    assert found
    real, here = time.time, engine.steady
    clock(step)
    assert shelf.claim("another", {}) is None
    assert shelf.beat(found, {}) == "go"
    if state.is_shared:  # its clock was not set
        return
    monkeypatch.setattr(engine, "steady", lambda: here() + 7)
    monkeypatch.setattr(time, "time", lambda: real() + step + 7)
    assert shelf.claim("another", {}) is None
    assert shelf.beat(found, {}) == "go"
    monkeypatch.setattr(engine, "steady", lambda: here() + 30)
    monkeypatch.setattr(time, "time", lambda: real() + step + 30)
    taken = shelf.claim("another", {})  # now it has been silent for longer than its lease
    assert taken
    assert taken.attempt == 2


def test_a_database_is_asked_again_after_some_seconds(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    state.now()
    asked: list[int] = []
    ask = Clock._ask

    def counted(own: Clock) -> None:
        asked.append(1)
        ask(own)

    monkeypatch.setattr(Clock, "_ask", counted)
    later = engine.steady() + engine._ASKED_EVERY + 1
    assert engine._ASKED_EVERY < engine._SETTLED  # all have noticed a step before anybody acts on it
    monkeypatch.setattr(engine, "steady", lambda: later)
    for _ in range(3):
        state.now()
    assert len(asked) == (1 if state.is_shared else 0)


def test_nobody_waits_for_failures_of_a_time_that_comes_again(state: State) -> None:
    now = time.time()
    with state.change() as connection:
        for _ in range(20):
            throttles.failed(connection, "dev", "192.0.2.1", now)
        assert throttles.wait(connection, "dev", "192.0.2.1", now) > 0
        assert throttles.wait(connection, "dev", "192.0.2.1", now - HOUR) == 0
        throttles.failed(connection, "dev", "192.0.2.1", now - HOUR)
        assert 0 < throttles.wait(connection, "dev", "192.0.2.1", now - HOUR) <= throttles.ACCOUNT.longest
        assert connection.execute(sa.select(sa.func.count()).select_from(THROTTLES)).scalar() == 2


def test_a_slot_of_before_a_clock_was_set_back_is_free_and_one_that_lives_is_not(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, other = Slots(state), Slots(state)
    try:
        assert held.attempt("PROD", 1)
        assert other.attempt("PROD", 1) is None
        now = state.now()
        monkeypatch.setattr(State, "now", lambda _: now - HOUR)
        monkeypatch.setattr(State, "is_settled", False)
        assert other.attempt("PROD", 1) is None  # its holder has some seconds to say that it lives
        monkeypatch.setattr(State, "is_settled", True)
        held.renew()
        assert other.attempt("PROD", 1) is None
        monkeypatch.setattr(State, "now", lambda _: now - 2 * HOUR)
        taken = other.attempt("PROD", 1)
        assert taken
        held.renew()
        assert taken in other._held
        assert slots.LEASE < HOUR
    finally:
        held.close()
        other.close()


def test_requests_are_counted_anew_where_the_clock_was_set_back(clock: Set) -> None:
    async def allowed() -> list[bool]:
        rates = Rates("3/minute", {})
        return [not await rates.refused("who", "seed") for _ in range(4)] + [
            not await _after(clock, rates) for _ in range(4)
        ]

    async def _after(step: Set, rates: Rates) -> int:
        step(-HOUR)
        return await rates.refused("who", "seed")

    assert asyncio.run(allowed()) == [True] * 3 + [False] + [True] * 3 + [False]
