"""What cannot be audited does not happen: every operation, asked while no event can be written, on both stores."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from tests.server.gateway.daemons import Daemon, set_up, settings_of
from tests.server.gateway.test_authority import ASKERS, ROWS, World, body, filled

from hotfixture.identity import private, signatures
from hotfixture.server.engine import open_engine
from hotfixture.server.gateway.tables import META

QUIET = {
    "POST /auth/challenge",
    "GET /api/whoami",
    "GET /.well-known/jwks.json",
    "GET /api/users",
    "GET /api/users/{user}",
    "GET /api/tokens",
    "GET /api/teams",
    "GET /api/teams/{team}",
    "GET /api/templates",
    "GET /api/templates/{template}",
    "GET /api/templates/{template}/revisions",
    "GET /api/templates/{template}/revisions/1",
    "GET /api/templates/{template}/diff",
    "GET /api/packages",
    "GET /api/packages/{package}",
    "GET /api/providers",
    "GET /api/providers/SHOP/databases",
    "GET /api/providers/SHOP/tables",
    "GET /api/volumes",
    "GET /api/audit",
    "GET /api/audit/head",
    "GET /metrics",
    "GET /api/generate/firstname",
    "GET /api/generators",
    "GET /api/generators/firstname",
    "GET /api/jobs",
    "GET /api/jobs/{job}",
    "GET /health",
    "GET /health/ready",
    "GET /ready",
    "GET /openapi.json",
}
"""What is answered without an event: no value of a row and no byte of a file is in it, and nothing is changed but a
challenge, which opens nothing by itself, or a signed head. Values and generators are made of nothing but what is asked;
of jobs who asked for them is told state and progress; health and descriptions are the same for everybody."""
NOT_READY = {
    "GET /api/packages/{package}/download",
    "GET /api/packages/{package}/manifest",
    "GET /api/download/{job}",
}
"""Refused here because nothing is built; that they are not given unaudited either is held by packages/test_downloads.py
and test_witness.py."""
LOUD = [row for row in ROWS if f"{row[0]} {row[1]}" not in QUIET | NOT_READY]
FREE = {"hfitd_challenges", "hfitd_throttles", "hfitd_slots", "hfitd_audit_heads", "hfitd_facts"}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A daemon that builds nothing."""
    url = ""
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql_server")
        url = server.fresh_database(plain=True)
    folder = tmp_path_factory.mktemp("unaudited")
    set_up(folder, more="workers: 0\npackages_waiting: 100000\n", store=url)
    daemon = Daemon(folder)
    yield World(daemon)
    daemon.stop()
    if url:
        server.drop(url)


@contextmanager
def unwritable(daemon: Daemon) -> Iterator[None]:
    """No event can be written: a trigger of the store refuses it, or the daemon's account may not."""
    state = daemon.state()
    forbid = "CREATE TRIGGER full BEFORE INSERT ON hfitd_audit BEGIN SELECT RAISE(ABORT, 'full'); END"
    allow = "DROP TRIGGER full"
    if state.is_shared:
        forbid, allow = "REVOKE INSERT ON hfitd_audit FROM plain", "GRANT INSERT ON hfitd_audit TO plain"
    try:
        with state.change() as connection:
            connection.execute(sa.text(forbid))
        yield
    finally:
        with state.change() as connection:
            connection.execute(sa.text(allow))
        state.close()


def kept(daemon: Daemon) -> dict[str, Any]:
    """All that the store holds, but for what is no deed, and its jobs, which may be in a store of their own."""
    found, state = settings_of(daemon.folder), daemon.state()
    beside = open_engine(found.store, found.folder / "jobs.sqlite")
    try:
        with state.read() as connection, beside.connect() as other:
            rows = {
                table.name: sorted(map(repr, connection.execute(sa.select(table)).all()))
                for table in META.sorted_tables
                if table.name not in FREE
            }
            jobs = other.execute(sa.text("SELECT * FROM mockcraft_jobs ORDER BY id")).all()
            return rows | {"mockcraft_jobs": list(map(repr, jobs))}
    finally:
        state.close()
        beside.dispose()


def asker_of(row: tuple[str, ...]) -> str:
    """Somebody who may do it."""
    wanted = [name for name, letter in zip(ASKERS, row[3], strict=True) if letter == "+"]
    return next((name for name in ("owner", "admin", "approver") if name in wanted), "nobody")


@pytest.mark.parametrize("row", LOUD, ids=[f"{row[0]} {row[1]}" for row in LOUD])
def test_nothing_is_done_or_read_while_the_audit_cannot_be_written(world: World, row: tuple[str, ...]) -> None:
    method, path, good, _ = row
    who = asker_of(row)
    real = filled(world, path)
    options = body(world, method, real)
    headers = {**(world.session(who) if real.startswith("/auth/") else world.asked[who]), **options.pop("headers", {})}
    with unwritable(world.daemon):
        before = kept(world.daemon)  # what a test before this one left to be written is written
        answer = world.daemon.client.request(method, real, headers=headers, **options)
    assert answer.status_code in (500, 503), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert "firm.test" not in answer.text
    assert kept(world.daemon) == before
    if real != "/auth/session" or method != "POST":  # nobody can log in with that one
        again = world.daemon.client.request(method, real, headers=headers, **options)
        assert again.status_code == int(good), again.text  # it was the audit alone that was missing


def test_nobody_logs_in_while_the_audit_cannot_be_written(world: World) -> None:
    daemon = world.daemon
    told = daemon.client.post(
        "/auth/challenge", json={"account": "mate@x.test", "host": daemon.url.partition("//")[2]}
    ).json()
    key = private.read_file(daemon.folder / "mate.key")
    signed = {
        "challenge": told["challenge"],
        "signature": signatures.sign(key, told["text"].encode(), told["namespace"]),
    }
    with unwritable(daemon):
        before = kept(daemon)
        assert daemon.client.post("/auth/session", json=signed).status_code == 503
    assert kept(daemon) == before
    assert daemon.client.post("/auth/session", json=signed).status_code == 201


def test_every_operation_is_either_tried_here_or_known_to_be_quiet() -> None:
    known = {f"{row[0]} {row[1]}" for row in ROWS}
    assert known >= QUIET
    assert {f"{row[0]} {row[1]}" for row in LOUD} | QUIET | NOT_READY == known
