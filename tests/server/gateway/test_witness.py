"""What is done with seeding jobs stands in the audit, or it is not done."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.server.gateway.daemons import Daemon, set_up
from tests.server.gateway.test_security_unaudited import kept, unwritable
from tests.server.served import SMALL, large

from hotfixture.server.gateway.actors import Actor
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import AUDIT
from hotfixture.server.gateway.witness import Auditor
from hotfixture.server.jobs import Job
from hotfixture.server.store import Conflict, Full, Store
from hotfixture.server.visit import Visit

YAML = {"content-type": "application/yaml"}


def job(name: str, **facts: Any) -> Job:
    """A job that waits."""
    return Job(name, "dev@x.test", "", "digest", "tables: {}", {"target": None}, 5, **facts)


def visit() -> Visit:
    """The request of somebody known."""
    made = Visit({"method": "POST", "path": "/api/seed", "client": ("10.0.0.1", 1)})
    made.actor, made.id = Actor("dev@x.test", "user", frozenset({"developer"}), address="10.0.0.1"), "request-1"
    return made


def kinds(state: State) -> list[str]:
    """The events of the audit."""
    with state.read() as connection:
        return list(connection.execute(sa.select(AUDIT.c.kind).order_by(AUDIT.c.seq)).scalars())


@pytest.fixture(params=["two files", "one file", pytest.param("postgresql", marks=pytest.mark.servers)])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[State, Store]]:
    """The daemon's store and that of jobs, as a daemon opens them."""
    urls = {"two files": "", "one file": f"sqlite:///{tmp_path / 'all.sqlite'}"}
    url = urls.get(request.param) if request.param in urls else request.getfixturevalue("postgresql_url")
    with closing(State(url or "", tmp_path)) as state, closing(Store(url or "", tmp_path)) as store:
        yield state, store


def test_a_job_and_its_event_are_there_together(stores: tuple[State, Store]) -> None:
    state, store = stores
    auditor, who = Auditor(state), visit()
    store.add(job("a"), most_queued=9, written=lambda one: auditor.within(one, who, "job.requested", "a", rows=5))
    with state.read() as connection:
        event = connection.execute(sa.select(AUDIT)).mappings().one()
    named = {name: event[name] for name in ("kind", "actor", "address", "request", "subject", "facts")}
    assert named == {
        "kind": "job.requested", "actor": "dev@x.test", "address": "10.0.0.1", "request": "request-1", "subject": "a",
        "facts": '{"rows": 5}',
    }  # fmt: skip
    assert store.get("a")


def test_a_deed_that_fails_after_its_event_leaves_no_job(
    stores: tuple[State, Store], request: pytest.FixtureRequest
) -> None:
    """And no event either, where one transaction holds both."""
    state, store = stores
    auditor, who = Auditor(state), visit()

    def written(connection: sa.Connection) -> None:
        auditor.within(connection, who, "job.requested", "a")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.add(job("a"), most_queued=9, written=written)
    assert store.get("a") is None
    assert kinds(state) == (["job.requested"] if "two files" in request.node.name else [])
    store.add(job("b"), most_queued=9)
    with pytest.raises(ZeroDivisionError):
        store.cancel("b", at_once=written)
    left = store.get("b")
    assert left
    assert (left.state, left.cancel) == ("queued", False)


def test_what_is_refused_or_known_already_leaves_no_event(stores: tuple[State, Store]) -> None:
    state, store = stores
    auditor, who = Auditor(state), visit()

    def add(made: Job, most: int) -> bool:
        return store.add(
            made, most_queued=most, written=lambda one: auditor.within(one, who, "job.requested", made.id)
        )[1]

    assert add(replace(job("a"), idempotency="k"), 1)
    assert not add(replace(job("b"), idempotency="k"), 1)
    with pytest.raises(Conflict):
        add(replace(job("c"), idempotency="k", digest="another"), 1)
    with pytest.raises(Full):
        add(job("d"), 1)
    assert kinds(state) == ["job.requested"]


def test_the_audit_tells_what_ended_at_once_from_what_a_worker_is_to_end(stores: tuple[State, Store]) -> None:
    state, store = stores
    auditor, who = Auditor(state), visit()

    def cancel(job_id: str) -> None:
        store.cancel(
            job_id,
            at_once=lambda one: auditor.within(one, who, "job.cancelled", job_id),
            later=lambda one: auditor.within(one, who, "job.cancel", job_id),
        )

    store.add(job("a"), most_queued=9)
    claimed = store.claim("server")
    store.add(job("b"), most_queued=9)
    assert claimed
    assert claimed.id == "a"
    cancel("a")
    cancel("b")
    assert kinds(state) == ["job.cancel", "job.cancelled"]


# ---- a daemon


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def daemon(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon that works on one job at a time."""
    url = ""
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql_server")
        url = server.fresh_database(plain=True)
    folder = tmp_path_factory.mktemp("witness")
    set_up(folder, more="workers: 1\n", store=url)
    made = Daemon(folder)
    made.client.headers.update(made.somebody("dev@x.test"))
    yield made
    made.stop()
    if url:
        server.drop(url)


def begun(daemon: Daemon, schema: str) -> str:
    """A new job."""
    answer = daemon.client.post("/api/seed", content=schema, headers=YAML)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def until(daemon: Daemon, job_id: str, *states: str) -> None:
    """Wait for a job's state."""
    deadline = time.monotonic() + 60
    while (state := daemon.client.get(f"/api/jobs/{job_id}").json()["state"]) not in states:
        assert time.monotonic() < deadline, state
        time.sleep(0.05)


def events(daemon: Daemon, job_id: str) -> list[tuple[str, dict[str, Any]]]:
    """Kinds and facts of what the audit says of a job."""
    with closing(daemon.state()) as state, state.read() as connection:
        query = sa.select(AUDIT.c.kind, AUDIT.c.facts).where(AUDIT.c.subject == job_id).order_by(AUDIT.c.seq)
        return [(row.kind, json.loads(row.facts)) for row in connection.execute(query)]


def so_many(daemon: Daemon, job_id: str, number: int) -> list[tuple[str, dict[str, Any]]]:
    """The events of a job, once there are so many."""
    deadline = time.monotonic() + 10
    while len(found := events(daemon, job_id)) < number:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def test_a_file_is_fetched_only_while_that_can_be_audited(daemon: Daemon) -> None:
    job_id = begun(daemon, SMALL)
    until(daemon, job_id, "done")
    path = f"/api/download/{job_id}"
    with unwritable(daemon):
        answers = [daemon.client.get(path, headers=more) for more in ({}, {"range": "bytes=0-3"})]
    assert [answer.status_code for answer in answers] == [503, 503]
    assert all(b"PK" not in answer.content for answer in answers)
    assert [kind for kind, _ in events(daemon, job_id)] == ["job.requested"]
    whole = daemon.client.get(path)
    so_many(daemon, job_id, 3)  # the end is written when the client has its last byte already
    part = daemon.client.get(path, headers={"range": "bytes=0-3"})
    assert (whole.status_code, part.status_code, part.content[:2]) == (200, 206, b"PK")
    known = daemon.client.get(path, headers={"if-none-match": whole.headers["etag"]})
    assert (known.status_code, daemon.client.head(path).status_code) == (304, 200)  # no byte of it: no event
    found = so_many(daemon, job_id, 5)
    size = len(whole.content)
    sha256 = whole.headers["etag"].strip('"')
    assert found[1:] == [
        ("job.download", {"sha256": sha256, "size": size, "range": ""}),
        ("job.downloaded", {"bytes": size, "whole": True}),
        ("job.download", {"sha256": sha256, "size": size, "range": "bytes=0-3"}),
        ("job.downloaded", {"bytes": 4, "whole": False}),
    ]


def test_a_job_in_work_is_stopped_only_while_that_can_be_audited(daemon: Daemon) -> None:
    job_id = begun(daemon, large(3_000_000))
    until(daemon, job_id, "running")
    with unwritable(daemon):
        assert daemon.client.delete(f"/api/jobs/{job_id}").status_code == 503
    assert daemon.client.get(f"/api/jobs/{job_id}").json()["state"] == "running"
    assert daemon.client.delete(f"/api/jobs/{job_id}").status_code == 202
    until(daemon, job_id, "cancelled")
    assert daemon.client.delete(f"/api/jobs/{job_id}").status_code == 200  # it has ended: nothing is done
    assert [kind for kind, _ in events(daemon, job_id)] == ["job.requested", "job.cancel"]


def test_no_job_begins_while_that_cannot_be_audited(daemon: Daemon) -> None:
    before = kept(daemon)
    with unwritable(daemon):
        answer = daemon.client.post("/api/seed", content=SMALL, headers=YAML)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert kept(daemon) == before
