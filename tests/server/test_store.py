"""The store of jobs on both of its databases: leases, takeovers, keys, and what a lost lease cannot do."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
import sqlalchemy as sa

from hotfixture.errors import DatabaseError, InputError, Problem
from hotfixture.server.jobs import Job, Outcome
from hotfixture.server.store import Conflict, Full, Store


def job(**facts: Any) -> Job:
    """A job as it is asked for."""
    told = {"owner": "", "idempotency": "", "digest": "d", "schema": "x", "wanted": {"target": None}, "rows": 10}
    return Job(token_hex(16), **{**told, **facts})


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    url = request.getfixturevalue("postgresql_url") if request.param == "postgresql" else ""
    made = Store(url, tmp_path)
    yield made
    made.close()


def silent(store: Store, found: Job) -> None:
    """The worker of a job gives no sign of life any more."""
    with store._engine.begin() as connection:
        connection.execute(sa.text("UPDATE mockcraft_jobs SET lease_until = 0 WHERE id = :id"), {"id": found.id})


def test_jobs_are_claimed_in_the_order_they_came_and_each_once(store: Store) -> None:
    ids = [store.add(job(), most_queued=9)[0].id for _ in range(3)]
    claimed = [store.claim("a") for _ in range(4)]
    assert [found and found.id for found in claimed] == [*ids, None]


def test_many_servers_claim_each_job_once(store: Store) -> None:
    ids = {store.add(job(), most_queued=99)[0].id for _ in range(30)}
    found: list[str] = []

    def claim(name: str) -> None:
        while True:
            claimed = store.claim(name)
            if claimed:
                found.append(claimed.id)
            elif store.counts().get("queued", 0) == 0:
                return

    threads = [threading.Thread(target=claim, args=(str(number),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(ids)


def test_a_silent_worker_s_job_is_taken_over_and_the_worker_can_do_nothing_more(store: Store) -> None:
    store.add(job(), most_queued=9)
    first = store.claim("a")
    assert first
    assert store.claim("b") is None
    silent(store, first)
    second = store.claim("b")
    assert second
    assert (second.id, second.attempt) == (first.id, 2)
    assert store.beat(first, rows_done=9, rows_before=0) == "lost"
    assert not store.finish(first, Outcome("failed", 9), keep=1)
    assert not store.hand_back(first)
    assert store.finish(second, Outcome("done", 10, file="f", size=1, sha256="s"), keep=60)
    ended = store.get(first.id)
    assert ended
    assert (ended.state, ended.rows_done, ended.file) == ("done", 10, "f")


def test_a_job_handed_back_waits_again_and_its_attempt_does_not_count(store: Store) -> None:
    store.add(job(), most_queued=9)
    for counted, attempt in ((False, 1), (True, 1), (False, 2)):
        found = store.claim("a")
        assert found
        assert found.attempt == attempt
        assert store.hand_back(found, counted=counted)


def test_the_progress_and_the_problems_are_what_the_worker_said(store: Store) -> None:
    store.add(job(), most_queued=9)
    found = store.claim("a")
    assert found
    assert store.beat(found, rows_done=7, rows_before=2) == "go"
    shown = store.get(found.id)
    assert shown
    assert (shown.rows_done, shown.rows_before) == (7, 2)
    store.finish(found, Outcome("failed", 7, [Problem("broken", hint="mend it")]), keep=1)
    shown = store.get(found.id)
    assert shown
    assert shown.problems == [{"message": "broken", "hint": "mend it"}]


def test_whether_a_job_is_cancelled_is_told_to_its_worker(store: Store) -> None:
    waiting, running = (store.add(job(), most_queued=9)[0] for _ in range(2))
    store.cancel(waiting.id)
    found = store.claim("a")
    assert found
    assert found.id == running.id
    store.cancel(running.id)
    assert store.beat(found, rows_done=0, rows_before=0) == "cancel"
    assert store.counts() == {"cancelled": 1, "running": 1}


def test_a_key_gives_its_job_again_to_its_owner_alone(store: Store) -> None:
    first, new = store.add(job(idempotency="k", owner="ann"), most_queued=9)
    assert new
    assert store.add(job(idempotency="k", owner="ann"), most_queued=9) == (first, False)
    assert store.add(job(idempotency="k", owner="bob"), most_queued=9)[1]
    with pytest.raises(Conflict):
        store.add(job(idempotency="k", owner="ann", digest="e"), most_queued=9)


def test_requests_with_one_key_at_the_same_time_make_one_job(store: Store) -> None:
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(store.add(job(idempotency="k"), most_queued=99)[0].id))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(found), len(set(found))) == (8, 1)


def test_no_more_wait_than_may(store: Store) -> None:
    store.add(job(), most_queued=1)
    with pytest.raises(Full):
        store.add(job(), most_queued=1)


def test_what_has_expired_is_told_once_and_forgotten_in_the_end(store: Store) -> None:
    store.add(job(), most_queued=9)
    found = store.claim("a")
    assert found
    store.finish(found, Outcome("done", 10, file="f"), keep=0)
    time.sleep(0.01)
    assert [one.id for one in store.expire(store.now())] == [found.id]
    assert store.expire(store.now()) == []
    store.forget(store.now())
    assert store.get(found.id) is None


def test_the_store_outlives_its_process(tmp_path: Path) -> None:
    added = Store("", tmp_path).add(job(), most_queued=9)[0]
    assert Store("", tmp_path).get(added.id) == added


def test_a_store_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    made = Store("", tmp_path)
    with made._engine.begin() as connection:
        connection.execute(sa.text("UPDATE mockcraft_facts SET value = '99'"))
    with pytest.raises(InputError, match="version 99"):
        Store("", tmp_path)


def test_a_store_that_cannot_be_reached_is_an_error_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError) as error:
        Store("postgresql://u:hunter2@127.0.0.1:1/x", tmp_path)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("url", ["mysql://h/x", "nonsense"])
def test_a_store_of_another_kind_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(InputError, match="store: expected"):
        Store(url, tmp_path)
