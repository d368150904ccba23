"""What a daemon remembers of people: fast, never older than a second, nothing without the store."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import anyio
import pytest
from tests.server.gateway.identity.conftest import fresh_key
from tests.server.gateway.identity.running import Daemon
from tests.server.gateway.identity.test_logins import DEV

from hotfixture.errors import DatabaseError
from hotfixture.identity.private import PrivateKey
from hotfixture.server.gateway.actors import system
from hotfixture.server.gateway.identity import accounts, known
from hotfixture.server.gateway.identity.known import Known, bearer
from hotfixture.server.gateway.tables import USERS
from hotfixture.server.gateway.templates import teams


def test_a_remembered_token_costs_microseconds_and_no_query(daemon: Daemon, dev: PrivateKey) -> None:
    token = daemon.token(dev, DEV).encode()

    async def spent() -> float:
        memory = Known(daemon.state, daemon.keeper.seal, daemon.keeper.terms)
        await memory.actor(token, "127.0.0.1")
        asked, look, find = [], memory.look, memory._look_up
        memory.look = lambda: asked.append("look") or look()  # type: ignore[method-assign,func-returns-value]  # counted
        memory._look_up = lambda *key: asked.append("find") or find(*key)  # type: ignore[method-assign,func-returns-value]  # counted
        begun = time.perf_counter()
        for _ in range(2000):
            assert await memory.actor(token, "127.0.0.1") is not None
        took = time.perf_counter() - begun
        assert len(asked) <= 1 + took / known.FRESH
        return took / 2000

    assert anyio.run(spent) < 0.0005


def test_without_the_store_nobody_is_believed_and_nobody_waits(
    daemon: Daemon, dev: PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = daemon.token(dev, DEV)
    assert daemon.who(token).status_code == 200
    tried = []

    def away() -> None:
        tried.append(time.sleep(0.2))
        raise DatabaseError("the daemon's store cannot be used")

    with monkeypatch.context() as patched:
        patched.setattr(daemon.keeper.known, "look", away)
        patched.setattr(known, "FRESH", 60.0)
        daemon.keeper.known.forget()
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda _: daemon.who(token), range(20)))
        assert {answer.status_code for answer in answers} == {503}
        assert answers[0].headers["retry-after"]
        assert len(tried) == 1
        daemon.keeper.known._away_until = time.monotonic()
    assert daemon.who(token).status_code == 200


def test_what_changed_counts_within_a_second_and_without_a_word_of_it_in_half_a_minute(
    daemon: Daemon, dev: PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = daemon.token(dev, DEV)
    assert daemon.who(token).json()["teams"] == ["payments"]
    with daemon.state.change() as connection:
        teams.join(daemon.state, connection, system(), "risk", DEV)
    time.sleep(known.FRESH + 0.05)
    assert daemon.who(token).json()["teams"] == ["payments", "risk"]
    with daemon.state.change() as connection:
        teams.leave(daemon.state, connection, system(), "risk", DEV)
    time.sleep(known.FRESH + 0.05)
    assert daemon.who(token).json()["teams"] == ["payments"]
    with daemon.state.change() as connection:
        connection.execute(USERS.delete().where(USERS.c.name == DEV))
    time.sleep(known.FRESH + 0.05)
    assert daemon.who(token).status_code == 200
    real = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: real() + known.KEPT)
    assert daemon.who(token).status_code == 401


def test_a_change_in_the_middle_of_a_look_is_not_lost(daemon: Daemon, dev: PrivateKey) -> None:
    memory = daemon.keeper.known
    real = memory._state.now

    def changes() -> float:
        memory.forget()
        return real()

    memory._state.now = changes  # type: ignore[method-assign]  # a change just after the store was read
    memory.look()
    memory._state.now = real  # type: ignore[method-assign]  # as it was
    assert memory._checked == float("-inf")
    begun = time.monotonic()
    memory.look()
    assert memory._checked >= begun


def test_the_memory_is_bounded(daemon: Daemon, dev: PrivateKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MOST", 3)
    for _ in range(5):
        assert daemon.who(daemon.token(dev, DEV)).status_code == 200
        assert len(daemon.keeper.known._entries) <= 3


def test_a_hundred_users_at_once_are_each_who_they_are(daemon: Daemon) -> None:
    people = {f"user{number}": fresh_key() for number in range(20)}
    for name, key in people.items():
        accounts.add_user(daemon.state, system(), name, keys=[key.public])
    tokens = {name: daemon.token(key, name) for name, key in people.items()}
    with ThreadPoolExecutor(16) as pool:
        asked = [*people] * 10
        found = list(pool.map(lambda name: daemon.who(tokens[name]).json()["name"], asked))
    assert found == asked


def test_a_bearer_is_what_stands_behind_the_word() -> None:
    assert bearer(b"Bearer abc") == b"abc"
    assert bearer(b"bearer  abc ") == b"abc"
    for header in (b"", b"Bearer", b"Basic abc", b"abc", b"Bearer " + b"x" * 5000):
        assert bearer(header) == b""
