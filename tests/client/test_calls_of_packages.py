"""Waiting for a package: its progress is told, its end is its end, and a daemon may be restarted meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from tests.client.daemon import Daemon, problem

from hotfixture.client import Client
from hotfixture.client import calls_of_packages as calls
from hotfixture.errors import DatabaseError, HotFixtureError, InputError, RefusedError, Where
from hotfixture.wire.packages import PackageTold

TOLD = {
    "id": "p1", "state": "queued", "cancelling": False, "owner": "dev", "template": "daily", "revision": 1,
    "digest": "d", "parameters": {}, "form": "auto", "inserts": False, "created": "2026-01-01T00:00:00Z",
    "started": None, "ended": None, "expires": None, "attempt": 0, "rows": 0, "bytes": 0, "expected": None,
    "tables": [], "problems": [], "warnings": [], "size": None, "sha256": None, "file": None, "download": None,
    "reused": None, "version": "v0",
}  # fmt: skip


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hotfixture.client.retries._growing", lambda _: 0.0)
    monkeypatch.setattr("hotfixture.client.retries.PATIENT_PAUSE", 0.0)


def going(daemon: Daemon, *answers: dict[str, Any] | Response) -> None:
    """A daemon whose package gets on as the answers say; the last one is repeated."""
    left = list(answers)

    def show(request: Request) -> Response:
        found = left.pop(0) if len(left) > 1 else left[0]
        return found if isinstance(found, Response) else JSONResponse({**TOLD, **found})

    daemon.answers |= {"POST /api/packages": JSONResponse(TOLD, 202), "GET /api/packages/p1": show}


def made(client: Client, **more: Any) -> PackageTold:
    return client.carry(calls.made(calls.request("daily", {"a": 1}), client.credentials, **more))


def test_it_waits_until_the_package_is_ready_and_tells_each_step(daemon: Daemon, client: Client):
    going(daemon, {"state": "building", "version": "v1", "rows": 5}, {"state": "ready", "version": "v2", "rows": 9})
    seen: list[tuple[str, int]] = []
    assert made(client, watch=lambda told: seen.append((told.state, told.rows))).state == "ready"
    assert seen == [("queued", 0), ("building", 5), ("ready", 9)]
    assert [request.url.query for request in daemon.seen[1:]] == ["wait=25.0&seen=v0", "wait=25.0&seen=v1"]


def test_asking_again_after_a_broken_answer_asks_for_the_same_package(daemon: Daemon, client: Client):
    going(daemon, {"state": "ready"})
    left = [problem(503, "busy", retry_after="0")]
    daemon.answers["POST /api/packages"] = lambda _: left.pop() if left else JSONResponse(TOLD, 202)
    made(client)
    keys = [request.headers["idempotency-key"] for request in daemon.seen[:2]]
    assert len(set(keys)) == 1
    made(client)
    assert daemon.seen[-2].headers["idempotency-key"] != keys[0]


def test_a_daemon_that_is_away_for_a_while_is_waited_for(daemon: Daemon, client: Client):
    away = [problem(503, "busy", retry_after="0") for _ in range(30)]
    going(daemon, {"state": "building"}, *away, {"state": "ready"})
    assert made(client).state == "ready"


def test_one_that_stays_away_is_given_up(daemon: Daemon, client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("hotfixture.client.retries.PATIENCE", 0.05)
    going(daemon, problem(503, "gone", retry_after="0"))
    with pytest.raises(DatabaseError, match="gone"):
        made(client)


def test_a_refusal_in_between_is_not_waited_for(daemon: Daemon, client: Client):
    going(daemon, {"state": "building"}, problem(403, "no longer yours"))
    with pytest.raises(RefusedError, match="no longer yours"):
        made(client)


def test_a_package_that_failed_says_all_that_is_wrong(daemon: Daemon, client: Client):
    wrong = [{"message": "one", "source": "t.yaml", "line": 2, "column": 1, "hint": "mend it"}, {"message": "two"}]
    going(daemon, {"state": "failed", "problems": wrong})
    with pytest.raises(HotFixtureError) as caught:
        made(client)
    assert [str(one) for one in caught.value.problems] == ["two", "t.yaml:2:1: one\n  mend it"]
    assert caught.value.problems[1].where == Where("t.yaml", 2, 1)


@pytest.mark.parametrize("state", ["cancelled", "expired"])
def test_a_package_without_a_file_is_an_error(daemon: Daemon, client: Client, state: str):
    going(daemon, {"state": state})
    with pytest.raises(HotFixtureError, match=f"is {state}"):
        made(client)


def test_a_template_that_is_not_there_is_named(daemon: Daemon, client: Client):
    with pytest.raises(InputError, match="template daily: there is no such thing"):
        made(client)
