"""Providers are opened within their limits: connections, statements, staleness; credentials never show."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Timer
from typing import Any

import anyio
import pytest

from hotfixture.databases import open_database
from hotfixture.errors import DatabaseError, HotFixtureError
from hotfixture.server.gateway.gateway import Gateway
from hotfixture.server.gateway.places import Provider
from hotfixture.server.gateway.settings import DaemonSettings
from hotfixture.server.gateway.sources import lag, opening
from hotfixture.server.gateway.sources.opening import asked, connected, doors, opened, remembered
from hotfixture.server.gateway.sources.slots import Slots
from hotfixture.server.gateway.sources.trying import test_provider as tried
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import SLOTS
from hotfixture.server.metrics import Metrics
from hotfixture.server.problems import HTTPError

ENGINES = ["postgresql", "mariadb", "sqlite"]


@pytest.fixture
def gateway(state: State, tmp_path: Path) -> Iterator[Gateway]:
    made = Gateway(DaemonSettings(data=tmp_path), state, Metrics())
    yield made
    doors(made).slots.close()


@pytest.fixture(params=ENGINES)
def provider(request: pytest.FixtureRequest) -> Provider:
    url = request.getfixturevalue(f"{request.param}_url")
    with open_database(url, write=True) as database:
        database.execute("CREATE TABLE people (id integer PRIMARY KEY, email varchar(100))")
    return Provider("PROD", url, connections=2, wait=0.3)


def test_a_connection_reads_and_cannot_write(state: State, provider: Provider):
    with opened(state, provider) as database:
        assert database.fetch("SELECT count(*) FROM people") == [(0,)]
        with pytest.raises(DatabaseError):
            database.execute("INSERT INTO people VALUES (1, 'a')")


def test_no_more_connections_are_open_than_the_provider_allows(state: State, provider: Provider):
    with opened(state, provider), opened(state, provider):
        third = opened(state, provider)
        with pytest.raises(DatabaseError, match="all 2 connections to PROD were in use"):
            third.__enter__()
    with opened(state, provider):
        pass


def test_a_statement_ends_at_its_limit(postgresql_url: str, state: State):
    provider = Provider("PROD", postgresql_url, statement_timeout=0.3)
    started = time.monotonic()
    with opened(state, provider) as database, pytest.raises(DatabaseError):
        database.fetch("SELECT pg_sleep(20)")
    assert time.monotonic() - started < 10


def test_a_lost_slot_ends_what_its_connection_does(state: State, postgresql_url: str):
    """A machine that slept wakes up, and somebody else has a connection in its place."""
    slots = Slots(state)
    provider = Provider("PROD", postgresql_url, connections=1)
    with opened(state, provider, slots=slots) as database:
        with state.change() as connection:
            connection.execute(SLOTS.update().values(holder="somebody else"))
        timer = Timer(0.5, slots.renew)
        timer.start()
        started = time.monotonic()
        with pytest.raises(DatabaseError):
            database.fetch("SELECT pg_sleep(30)")
        timer.join()
    assert time.monotonic() - started < 15
    slots.close()


def test_requests_wait_in_turn_and_then_are_told_to_come_again(gateway: Gateway, provider: Provider):
    begun: list[int] = []
    most = 0
    running = 0

    async def one(number: int, seconds: float, patient: Provider) -> None:
        def work(_: Any) -> None:
            nonlocal running, most
            begun.append(number)
            running += 1
            most = max(most, running)
            time.sleep(seconds)
            running -= 1

        await asked(gateway, patient, work)

    async def crowd() -> None:
        async with anyio.create_task_group() as tasks:
            for number in range(8):
                tasks.start_soon(one, number, 0.05, replace(provider, wait=30))

    async def impatient() -> None:
        async with anyio.create_task_group() as tasks:
            for number in range(2):
                tasks.start_soon(one, number, 1.5, replace(provider, wait=30))
            while len(begun) < 10:  # both have their connections
                await anyio.sleep(0.01)
            with pytest.raises(HTTPError, match="all 2 connections") as caught:
                await one(9, 0, provider)
            assert caught.value.status == 503
            assert int(caught.value.headers["retry-after"]) > 0

    anyio.run(crowd)
    assert sorted(begun) == list(range(8))
    assert most <= 2
    gateway.parts.clear()
    anyio.run(impatient)
    assert 9 not in begun


def test_a_request_that_is_given_up_gives_its_slot_back(gateway: Gateway, provider: Provider):
    async def all_of_it() -> None:
        with anyio.move_on_after(0.2):
            await asked(gateway, provider, lambda _: time.sleep(0.4))
        slots = doors(gateway).slots
        assert slots.attempt("PROD", 2) is not None
        assert slots.attempt("PROD", 2) is not None

    anyio.run(all_of_it)


def test_an_answer_is_remembered_for_a_while(gateway: Gateway):
    calls = 0

    async def find() -> int:
        nonlocal calls
        calls += 1
        return calls

    async def ask() -> None:
        provider = Provider("P", "sqlite://")
        assert [await remembered(gateway, provider, "x", 60, find) for _ in range(3)] == [1, 1, 1]
        assert await remembered(gateway, provider, "y", 0, find) == 2
        await anyio.sleep(0.01)
        assert await remembered(gateway, provider, "y", 0, find) == 3

    anyio.run(ask)


def test_a_database_that_copies_no_other_is_not_behind(provider: Provider):
    with connected(replace(provider, max_lag=1.0)) as database:
        assert lag.replica(database) == (False, 0.0)


@pytest.mark.parametrize(("found", "problem"), [(None, "does not say"), (9.0, "is 9 seconds behind")])
def test_a_replica_too_far_behind_is_refused(
    found: float | None, problem: str, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
):
    told: Callable[[Any], float | None] = lambda _: found  # noqa: E731 - it stands for a replica
    monkeypatch.setattr(opening, "lag_of", told)
    with open_database(sqlite_url, write=True) as database:
        database.execute("CREATE TABLE t (a integer)")
    with pytest.raises(DatabaseError, match=problem), connected(Provider("PROD", sqlite_url, max_lag=5.0)):
        pass
    with connected(Provider("PROD", sqlite_url)):  # no limit is set
        pass


def test_what_is_wrong_with_credentials_is_not_said_to_who_asks(state: State):
    provider = Provider("PROD", "env:NO_SUCH_VARIABLE_HERE")
    with pytest.raises(HotFixtureError, match="its log says why") as caught, opened(state, provider):
        pass
    assert "NO_SUCH" not in str(caught.value)


def test_a_provider_that_is_tried_says_what_it_is(provider: Provider):
    found = tried(provider)
    assert found.reachable
    assert found.read_only
    assert found.snapshot
    assert found.tables == 1
    assert found.version
    assert (found.is_replica, found.lag) == (False, 0.0)
    if found.engine == "sqlite":
        assert found.account_writes is None
    else:
        assert found.account_writes
        assert any("may write" in warning for warning in found.warnings)
        assert any("no replica" in warning for warning in found.warnings)


def test_an_account_that_may_only_read_raises_no_warning(postgresql_url: str):
    with open_database(postgresql_url, write=True) as database:
        database.execute("CREATE TABLE people (id integer)")
        database.execute("DROP ROLE IF EXISTS only_reads")
        database.execute("CREATE ROLE only_reads LOGIN PASSWORD 'only'")
        database.execute("GRANT SELECT ON people TO only_reads")
    host = postgresql_url.rpartition("@")[2]
    found = tried(Provider("PROD", f"postgresql://only_reads:only@{host}"))
    with open_database(postgresql_url, write=True) as database:
        database.execute("DROP OWNED BY only_reads")
        database.execute("DROP ROLE only_reads")
    assert found.account_writes is False
    assert not any("may write" in warning for warning in found.warnings)


def test_a_provider_that_cannot_be_reached_says_so_without_its_password():
    found = tried(Provider("PROD", "postgresql://u:hunter2@127.0.0.1:9/x"))
    assert not found.reachable
    assert found.problem
    assert "hunter2" not in found.problem
