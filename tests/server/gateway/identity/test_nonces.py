"""Daemons that share a Redis: challenges are honoured once, changes known at once, and all goes on where it is away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
import sqlalchemy as sa
from tests.document_servers import Redis
from tests.server.gateway.identity.conftest import DaemonPair, Start, fresh_key
from tests.server.gateway.identity.running import Daemon
from tests.server.gateway.identity.test_logins import signed

from hotfixture.identity.challenges import make
from hotfixture.identity.private import PrivateKey
from hotfixture.server.gateway.actors import system
from hotfixture.server.gateway.identity import accounts, known, logins, nonces
from hotfixture.server.gateway.identity.nonces import Bounds
from hotfixture.server.gateway.tables import CHALLENGES, SESSIONS

DEV, HOST = "dev@example.com", "fixtures.example.com"
pytestmark = pytest.mark.servers


@pytest.fixture
def pair(start: Start, redis_url: str) -> DaemonPair:
    """Two daemons on one store that share a Redis."""
    url = f"https://{HOST}"
    return start(rate_store=redis_url, url=url), start(rate_store=redis_url, url=url)


@pytest.fixture
def dev(pair: DaemonPair) -> PrivateKey:
    """The key of a developer."""
    key = fresh_key()
    accounts.add_user(pair[0].state, system(), DEV, keys=[key.public])
    return key


@pytest.fixture
def mortal() -> Iterator[Redis]:
    """A Redis of the test's own, which it may stop."""
    server = Redis.start()
    yield server
    server.stop()


def rows(daemon: Daemon, table: sa.Table) -> int:
    with daemon.state.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() or 0


def test_an_open_challenge_costs_the_store_nothing_and_any_daemon_takes_its_answer(
    pair: DaemonPair, dev: PrivateKey
) -> None:
    first, second = pair
    asked = first.challenge(DEV, HOST)
    assert rows(first, CHALLENGES) == 0
    assert asked["challenge"] not in str(_keys(first))
    assert second.answer(asked, signed(asked, dev)).status_code == 201
    assert [daemon.answer(asked, signed(asked, dev)).status_code for daemon in pair] == [401, 401]
    assert rows(first, SESSIONS) == 1
    assert not [key for key in _keys(first) if b"challenge" in key]


def _keys(daemon: Daemon) -> list[bytes]:
    shared = daemon.keeper.shared
    assert shared
    found: list[bytes] = shared.ask(lambda client: client.keys("*"))
    return found


def test_a_challenge_answered_twenty_times_at_once_gives_one_session(pair: DaemonPair, dev: PrivateKey) -> None:
    asked = pair[0].challenge(DEV, HOST)
    signature = signed(asked, dev)
    with ThreadPoolExecutor(20) as pool:
        statuses = sorted(pool.map(lambda _: pair[0].answer(asked, signature).status_code, range(20)))
    assert statuses[0] == 201
    assert set(statuses[1:]) <= {401, 429}
    assert rows(pair[0], SESSIONS) == 1


def test_a_used_challenge_stays_used_although_redis_has_it_again(pair: DaemonPair, dev: PrivateKey) -> None:
    """A Redis that starts from an older copy of its memory knows what was answered since as open."""
    daemon = pair[0]
    shared = daemon.keeper.shared
    assert shared
    asked = daemon.challenge(DEV, HOST)
    key = shared.key("challenge", nonces.digest_of(asked["challenge"]))
    copy = shared.ask(lambda client: client.get(key))
    assert copy
    assert daemon.answer(asked, signed(asked, dev)).status_code == 201
    for _ in range(2):
        shared.ask(lambda client: client.set(key, copy, px=60_000))
        assert daemon.answer(asked, signed(asked, dev)).status_code == 401
    assert rows(daemon, SESSIONS) == 1


def test_a_failed_answer_uses_a_challenge_up(pair: DaemonPair, dev: PrivateKey) -> None:
    asked = pair[0].challenge(DEV, HOST)
    assert pair[0].answer(asked, signed(asked, fresh_key())).status_code == 401
    assert pair[0].answer(asked, signed(asked, dev)).status_code == 401


def test_the_bounds_of_open_challenges_hold_over_all_daemons(pair: DaemonPair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logins, "MOST_OF_ONE", 4)

    def ask(daemon: Daemon) -> int:
        return daemon.client.post("/auth/challenge", json={"account": DEV, "host": HOST}).status_code

    assert [ask(pair[turn % 2]) for turn in range(6)] == [200] * 4 + [429] * 2
    shared = pair[0].keeper.shared
    assert shared
    now = pair[0].state.now()
    other = nonces.opened(make("h", "a", now), "login", "192.0.2.1")
    assert nonces.share(shared, other, now, Bounds(4, 4)) == 2
    assert nonces.share(shared, other, now, Bounds(5, 4)) == 0
    assert nonces.share(shared, other, now + 301, Bounds(1, 1)) == 0  # the others have expired by then
    assert nonces.share(shared, other, now - 7200, Bounds(1, 1)) == 0  # or a clock was put back


def test_without_redis_the_store_keeps_challenges_and_each_is_honoured_once(start: Start, mortal: Redis) -> None:
    daemon, key = start(rate_store=mortal.url), fresh_key()
    accounts.add_user(daemon.state, system(), DEV, keys=[key.public])
    lost = daemon.challenge(DEV)
    mortal.stop()
    kept = daemon.challenge(DEV)
    assert rows(daemon, CHALLENGES) == 1
    assert daemon.answer(lost, signed(lost, key)).status_code == 401
    answer = daemon.answer(kept, signed(kept, key))
    assert answer.status_code == 201
    assert daemon.answer(kept, signed(kept, key)).status_code == 401
    assert daemon.who(answer.json()["token"]).status_code == 200
    accounts.change_user(daemon.state, system(), DEV, disabled=True)  # telling nobody does not hinder it
    assert daemon.who(answer.json()["token"]).status_code == 401


@pytest.mark.parametrize("deed", ["disable", "logout"])
def test_what_one_daemon_changes_the_other_knows_without_looking(
    pair: DaemonPair, dev: PrivateKey, monkeypatch: pytest.MonkeyPatch, deed: str
) -> None:
    first, second = pair
    asked = first.challenge(DEV, HOST)
    token = first.answer(asked, signed(asked, dev)).json()["token"]
    assert second.who(token).status_code == 200
    monkeypatch.setattr(known, "FRESH", 3600.0)  # nobody looks by itself
    monkeypatch.setattr(known, "KEPT", 3600.0)
    second.who(token)
    if deed == "disable":
        accounts.change_user(first.state, system(), DEV, disabled=True)
    else:
        assert first.ask("DELETE", "/auth/session", token).status_code == 204
    deadline = time.monotonic() + 30
    while second.who(token).status_code != 401:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_is_undone_is_not_told(pair: DaemonPair, dev: PrivateKey) -> None:
    from hotfixture.server.gateway.identity.changes import changed

    heard: list[str] = []
    pair[0].state.listeners.append(heard.append)
    with suppress(ZeroDivisionError), pair[0].state.change() as connection:
        changed(connection)
        raise ZeroDivisionError
    assert heard == []
    with pair[0].state.change() as connection:
        changed(connection)
        assert heard == []
    assert heard == ["identity"]
