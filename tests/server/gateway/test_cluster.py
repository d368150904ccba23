"""Two daemons are one: over one PostgreSQL store, one data folder and one Redis, whatever of it dies."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.document_servers import Redis
from tests.server.gateway.cluster import QUICK, SHORT, SLOW, Cluster, begin_again, halt, until, workers
from tests.server.gateway.daemons import BIN
from tests.server.serving import kill
from tests.servers import MissingServerError, PostgreSQL

from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import AUDIT, SESSIONS, SLOTS

pytestmark = [pytest.mark.servers, pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")]
Make = Callable[..., Cluster]


@pytest.fixture(scope="module")
def pair(
    tmp_path_factory: pytest.TempPathFactory, postgresql_server: PostgreSQL, redis_server: Redis
) -> Iterator[Cluster]:
    """Two daemons, for what kills neither."""
    store, redis = postgresql_server.fresh_database(), redis_server.fresh_database()
    made = Cluster(tmp_path_factory.mktemp("pair"), store=store, redis=redis, more="workers: 1\n")
    path = made.folder / "hfitd.yaml"
    path.write_text(path.read_text().replace("rate_limits: {}", "rate_limits: {generators: 30/day}"))
    try:
        first = made.start()
        made.start()
        made.templates(first, made.login(first), SLOW, QUICK)
        yield made
    finally:
        made.stop()
    postgresql_server.drop(store)


@pytest.fixture
def make(tmp_path: Path, postgresql_url: str) -> Iterator[Make]:
    """Makes the cluster of a test that kills."""
    made: list[Cluster] = []

    def one(store: str = postgresql_url, **more: Any) -> Cluster:
        made.append(Cluster(tmp_path, store=store, **more))
        return made[-1]

    yield one
    for cluster in made:
        cluster.stop()


@pytest.fixture
def mortal() -> Iterator[Callable[[Any], Any]]:
    """Starts servers that a test may stop."""
    running: list[Any] = []

    def start(engine: Any) -> Any:
        try:
            running.append(engine.start())
        except MissingServerError as error:
            pytest.skip(str(error))
        return running[-1]

    yield start
    for server in running:
        server.stop()


def who(daemon: Any, headers: dict[str, str]) -> int:
    """The status of `GET /api/whoami`."""
    return int(daemon.client.get("/api/whoami", headers=headers).status_code)


# ---- two that live


def test_a_session_of_one_is_a_session_of_the_other(pair: Cluster) -> None:
    first, second = pair.daemons
    headers = pair.login(first)
    assert [who(first, headers), who(second, headers)] == [200, 200]
    renewed = second.client.post("/auth/renew", headers=headers)
    assert renewed.status_code == 200
    assert who(first, {"authorization": f"Bearer {renewed.json()['token']}"}) == 200


@pytest.mark.parametrize("deed", ["logout", "disabled", "token", "command"])
def test_what_one_revokes_the_other_refuses(pair: Cluster, deed: str) -> None:
    first, second = pair.daemons
    admin = pair.login(first, "root@example.com", roles=["admin"])
    if deed == "token":
        headers = first.token(f"ci-{deed}", teams=["payments"])
    else:
        headers = pair.login(first, f"{deed}@example.com")
    assert who(second, headers) == 200
    if deed == "logout":
        assert first.client.delete("/auth/session", headers=headers).status_code == 204
    elif deed == "disabled":
        answer = first.client.patch("/api/users/disabled@example.com", headers=admin, json={"disabled": True})
        assert answer.status_code == 200
    elif deed == "token":
        assert first.client.delete("/api/tokens/ci-token", headers=admin).status_code == 204
    else:
        pair.command("user", "remove", "command@example.com")
    until(lambda: who(second, headers) == 401)
    assert who(first, headers) == 401


def test_a_challenge_of_one_is_answered_at_the_other_and_once(pair: Cluster) -> None:
    from hotfixture.identity import private, signatures

    first, second = pair.daemons
    pair.login(first, "many@example.com")
    asked = first.client.post(
        "/auth/challenge", json={"account": "many@example.com", "host": "fixtures.example.com"}
    ).json()
    key = private.read_file(pair.keys["many@example.com"])
    body = {
        "challenge": asked["challenge"],
        "signature": signatures.sign(key, asked["text"].encode(), asked["namespace"]),
    }
    with ThreadPoolExecutor(8) as pool:
        daemons = [first, second] * 4
        statuses = list(pool.map(lambda daemon: daemon.client.post("/auth/session", json=body).status_code, daemons))
    assert statuses.count(201) == 1
    assert set(statuses) <= {201, 401, 429}


def test_packages_asked_at_one_are_built_anywhere_and_downloaded_at_the_other(pair: Cluster) -> None:
    headers = pair.login(pair.daemons[0])
    here, there = (pair.desk(daemon, headers) for daemon in pair.daemons)
    asked = [here.asked("quick", parameters={"least": least}) for least in range(8)]
    for least, package_id in enumerate(asked):
        pair.check_file(there, package_id, 81 - max(least, 1))
    built = [daemon for daemon in pair.daemons for package_id in asked if workers(daemon, package_id)]
    assert len(built) == len(asked)  # each by one of them, once


def test_both_append_to_one_chain_under_load(pair: Cluster) -> None:
    headers = pair.login(pair.daemons[0])
    before = pair.check_audit()

    def deed(number: int) -> int:
        client = pair.daemons[number % 2].client
        return int(client.post("/auth/renew", headers=headers).status_code)

    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(deed, range(120)))
    assert set(statuses) == {200}
    assert pair.check_audit() == before + 120


def test_a_limit_of_requests_is_one_for_both(pair: Cluster) -> None:
    headers = pair.login(pair.daemons[0])
    asked = [pair.daemons[turn % 2].client.get("/api/generators/uuid", headers=headers) for turn in range(34)]
    assert [answer.status_code for answer in asked] == [200] * 30 + [429] * 4


def test_a_new_signing_key_made_at_one_ends_no_session_unless_it_shall(pair: Cluster) -> None:
    first, second = pair.daemons
    of_first, of_second = pair.login(first), pair.login(second)
    pair.command("key", "rotate")
    for daemon in pair.daemons:
        until(lambda daemon=daemon: len(daemon.client.get("/.well-known/jwks.json").json()["keys"]) >= 2)  # type: ignore[misc]  # mypy does not infer the default
        assert [who(daemon, of_first), who(daemon, of_second)] == [200, 200]
    pair.command("key", "rotate", "--at-once")
    for daemon in pair.daemons:
        until(lambda daemon=daemon: who(daemon, of_first) == who(daemon, of_second) == 401)  # type: ignore[misc]  # as above
    assert who(second, pair.login(first)) == 200
    assert who(first, pair.login(second)) == 200


# ---- what dies


def test_a_dead_daemons_package_is_taken_over_within_a_minute(make: Make, redis_url: str) -> None:
    cluster = make(redis=redis_url, more="workers: 1\n")
    first = cluster.start()
    headers = cluster.login(first)
    cluster.templates(first, headers, SLOW)
    package_id = cluster.desk(first, headers).asked("slow")
    until(lambda: workers(first, package_id))
    second = cluster.start()
    desk = cluster.desk(second, headers)
    until(lambda: desk.get(package_id)["rows"])
    first.kill()
    assert all(kill(pid) for pid in workers(first, package_id))
    begun = time.monotonic()
    until(lambda: desk.get(package_id)["attempt"] == 2, desk.get, package_id)
    assert time.monotonic() - begun < 60
    cluster.check_file(desk, package_id)
    assert cluster.check_audit()
    state = second.state()
    with state.read() as connection:
        kinds = list(
            connection.execute(
                sa.select(AUDIT.c.kind).where(AUDIT.c.subject == package_id).order_by(AUDIT.c.seq)
            ).scalars()
        )
    state.close()
    assert [kind for kind in kinds if kind in ("package.begun", "package.built")] == [
        "package.begun", "package.begun", "package.built",
    ]  # fmt: skip


def test_without_redis_everything_goes_on(make: Make, mortal: Callable[[Any], Any]) -> None:
    redis = mortal(Redis)
    cluster = make(redis=redis.url, more="workers: 1\n")
    daemons = cluster.start(), cluster.start()
    headers = cluster.login(daemons[0])
    cluster.templates(daemons[0], headers, SLOW, QUICK)
    desk = cluster.desk(daemons[1], headers)
    package_id = desk.asked("slow")
    until(lambda: desk.get(package_id)["rows"])
    halt(redis)
    again = cluster.login(daemons[1])  # its challenge stands in the store now
    assert [who(daemon, again) for daemon in daemons] == [200, 200]
    assert daemons[0].client.delete("/auth/session", headers=again).status_code == 204
    until(lambda: who(daemons[1], again) == 401)  # by looking, within a second
    assert cluster.desk(daemons[0], headers).ready("quick")
    cluster.check_file(desk, package_id)
    for daemon in daemons:
        ready = daemon.client.get("/ready")
        assert (ready.status_code, "traceback" in str(daemon.lines()).lower()) == (200, False)
        said = [line for line in daemon.lines() if line.get("event") == "redis is away"]
        assert len(said) == 1  # once, however often it is missed
    begin_again(redis)
    until(lambda: len(open_challenges(redis, cluster, daemons[0])) > 0)
    assert cluster.check_audit()


def open_challenges(redis: Redis, cluster: Cluster, daemon: Any) -> list[bytes]:
    """What Redis holds after somebody asked for a challenge."""
    daemon.client.post("/auth/challenge", json={"account": "dev@example.com", "host": "fixtures.example.com"})
    with redis.client() as client:
        return list(client.scan_iter("hfitd:*:challenge:*"))


def test_while_the_store_is_away_requests_are_refused_and_nothing_is_lost(
    make: Make, mortal: Callable[[Any], Any]
) -> None:
    server = mortal(PostgreSQL)
    cluster = make(store=server.fresh_database(), more="workers: 1\n")
    daemons = cluster.start(), cluster.start()
    headers = cluster.login(daemons[0])
    cluster.templates(daemons[0], headers, SLOW, QUICK)
    desk = cluster.desk(daemons[0], headers)
    package_id, done = desk.asked("slow"), desk.ready("quick")["id"]
    until(lambda: desk.get(package_id)["rows"])
    halt(server)
    for daemon in daemons:
        until(lambda daemon=daemon: who(daemon, headers) == 503)  # type: ignore[misc]  # whom it knows it knows for a second
        for path in ("/api/whoami", f"/api/packages/{package_id}", f"/api/packages/{done}/download", "/api/templates"):
            answer = daemon.client.get(path, headers=headers)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5"), (path, answer.text)
        answer = daemon.client.post("/api/packages", json={"template": "quick"}, headers=headers)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert daemon.client.get("/ready").status_code == 503
        assert daemon.client.get("/health").status_code == 200
        assert "s3cret" not in answer.text
    begin_again(server)
    for daemon in daemons:
        until(lambda daemon=daemon: who(daemon, headers) == 200)  # type: ignore[misc]  # mypy does not infer the default
    cluster.check_file(desk, package_id)
    assert cluster.desk(daemons[1], headers).ready("quick")["rows"] == 80
    assert desk.download(done).status_code == 200
    assert cluster.check_audit()
    assert not [line for daemon in daemons for line in daemon.lines() if "s3cret" in str(line)]


def test_workers_of_their_own_build_for_a_daemon_that_has_none(make: Make) -> None:
    cluster = make(more="workers: 0\n")
    daemon = cluster.start()
    headers = cluster.login(daemon)
    cluster.templates(daemon, headers, QUICK)
    desk = cluster.desk(daemon, headers)
    asked = [desk.asked("quick", parameters={"least": least}) for least in range(4)]
    command = [BIN / "hfitd", "worker", "--config", cluster.folder / "hfitd.yaml"]
    refused = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (refused.returncode, "workers" in refused.stderr) == (2, True)
    worker = subprocess.Popen(command, env={**os.environ, "HFITD_WORKERS": "2"}, stderr=subprocess.DEVNULL)
    try:
        for least, package_id in enumerate(asked):
            cluster.check_file(desk, package_id, 81 - max(least, 1))
        assert not any(workers(daemon, package_id) for package_id in asked)
    finally:
        worker.terminate()
        assert worker.wait(30) == 0
    assert cluster.check_audit()


def died(cluster: Cluster, number: int, chance: random.Random) -> None:
    """Something of a cluster dies: a worker, a daemon, or a daemon with its workers; a dead daemon is replaced."""
    daemon = cluster.daemons[number]
    pids = [line["pid"] for line in daemon.lines() if line.get("event") == "worker started"]
    what = chance.choice(["worker", "daemon", "machine"])
    if what != "worker":
        daemon.kill()
    if what != "daemon":
        for pid in pids[-2:]:
            kill(pid)
    if what != "worker":
        cluster.daemons[number] = cluster.start()
        cluster.daemons.pop()


@pytest.mark.soak
@pytest.mark.timeout(1500)
def test_ten_packages_survive_twenty_deaths_at_any_moment(make: Make, redis_url: str) -> None:
    cluster = make(redis=redis_url, more="workers: 2\njob_attempts: 200\n")
    chance = random.Random(20)
    for _ in range(2):
        cluster.start()
    headers = cluster.login(cluster.daemons[0])
    cluster.templates(cluster.daemons[0], headers, SHORT)
    asked = []
    for turn in range(20):
        if turn % 2 == 0:
            desk = cluster.desk(cluster.daemons[chance.randrange(2)], headers)
            asked.append(desk.asked("short", parameters={"most": 20 + turn}))
        time.sleep(chance.uniform(0.0, 2.5))
        died(cluster, chance.randrange(2), chance)
    desk = cluster.desk(cluster.daemons[0], headers)
    for turn, package_id in enumerate(asked):
        cluster.check_file(desk, package_id, 80 * 80 * (20 + 2 * turn))
    assert cluster.check_audit()
    state = cluster.daemons[0].state()
    begun = 0
    with state.read() as connection:
        for package_id in asked:
            kinds = list(connection.execute(sa.select(AUDIT.c.kind).where(AUDIT.c.subject == package_id)).scalars())
            assert kinds.count("package.built") == 1
            begun += kinds.count("package.begun")
    assert begun > len(asked)  # some were hit
    folders = cluster.folder / "data" / "packages"
    until(lambda: sorted(path.name for path in folders.iterdir()) == sorted(asked), lambda: list(folders.iterdir()))
    until(lambda: not leaked(state))
    state.close()


def leaked(state: State) -> int:
    """Slots of providers that somebody still holds."""
    with state.read() as connection:
        held = sa.select(sa.func.count()).select_from(SLOTS).where(SLOTS.c.until > state.now())
        return connection.execute(held).scalar() or 0


def test_one_session_is_one_row_however_many_daemons_it_meets(pair: Cluster) -> None:
    headers = pair.login(pair.daemons[1], "once@example.com")
    for daemon in pair.daemons * 3:
        assert who(daemon, headers) == 200
    state = pair.daemons[0].state()
    with state.read() as connection:
        mine = sa.select(sa.func.count()).select_from(SESSIONS).where(SESSIONS.c.account == "once@example.com")
        assert connection.execute(mine).scalar() == 1
    state.close()
