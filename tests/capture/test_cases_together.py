"""One session, one order: calls of all kinds of libraries beside each other, recorded and played as one (issue 5)."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import grpc
import httpx
import httpx2
import pytest
import requests
import tenacity
import urllib3
from tests.capture.hooks.greetings import Running
from tests.capture.hooks.server import Server
from tests.test_pytest_plugin import XDIST, Project

from hotfixture.capture import capture, replay, wrap
from hotfixture.capture.records import Interaction
from hotfixture.errors import ReplayMissError


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of HTTP of this test's own."""
    made = Server()
    yield made
    made.close()


@pytest.fixture
def greeter(tmp_path: Path) -> Iterator[Running]:
    """A server of gRPC."""
    (tmp_path / "compiled").mkdir()
    made = Running(tmp_path / "compiled")
    yield made
    made.stop()


class Billing:
    """Any object; what it is asked for it asks another for."""

    def __init__(self, url: str) -> None:
        self.url = url

    def charge(self, amount: int) -> dict[str, Any]:
        with requests.Session() as session:
            session.trust_env = False
            return {"charged": amount, "said": session.get(f"{self.url}/counter/billing").text}


async def asynchronous(url: str, greeter: Running) -> list[Any]:
    async def by_httpx() -> str:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(f"{url}/counter/httpx-async")).text

    async def by_aiohttp() -> str:
        async with aiohttp.ClientSession() as session, session.get(f"{url}/counter/aiohttp") as response:
            return await response.text()

    async def by_grpc() -> str:
        async with grpc.aio.insecure_channel(greeter.target) as channel:
            return str((await greeter.stub(channel).Greet(greeter.ask("Ann"))).text)

    return [*await asyncio.gather(*(asyncio.create_task(one(), name=one.__name__)
                                    for one in (by_httpx, by_aiohttp, by_grpc)))]  # fmt: skip


def in_a_thread(url: str) -> list[str]:
    seen: list[str] = []
    with urllib3.PoolManager() as pool:
        thread = threading.Thread(
            target=lambda: seen.append(pool.request("GET", f"{url}/counter/thread").data.decode()), name="another"
        )
        thread.start()
        thread.join()
    return seen


def program(url: str, greeter: Running, database: str) -> list[Any]:
    """One call after another, by every kind of library."""
    seen: list[Any] = []
    with requests.Session() as session:
        session.trust_env = False
        seen.append(session.get(f"{url}/counter/requests").text)
    seen.append(httpx.get(f"{url}/counter/httpx", trust_env=False).text)
    with httpx2.Client(trust_env=False) as client:
        seen.append(client.get(f"{url}/counter/httpx2").text)
    with grpc.insecure_channel(greeter.target) as channel:
        seen.append(greeter.stub(channel).Greet(greeter.ask("Bob")).text)
    connection = sqlite3.connect(database)
    seen.append(connection.execute("SELECT name FROM orders WHERE id = ?", (1,)).fetchall())
    connection.close()
    seen.append(wrap(Billing(url), service="billing").charge(5))
    seen += asyncio.run(asynchronous(url, greeter))
    seen += in_a_thread(url)
    return seen


def test_calls_of_every_library_stand_in_one_order_and_are_played_as_one(
    server: Server, greeter: Running, tmp_path: Path
) -> None:
    database = str(tmp_path / "orders.db")
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER, name TEXT)")
        connection.execute("INSERT INTO orders VALUES (1, 'first')")
    connection.close()
    with capture("together", directory=tmp_path / "sessions") as session:
        seen = program(server.url, greeter, database)
    assert session.close().problems == []
    kept = session.interactions
    one_order(kept)
    assert [one.operation for one in kept[:4]] == [
        "GET /counter/requests", "GET /counter/httpx", "GET /counter/httpx2", kept[3].operation]  # fmt: skip
    assert kept[3].kind == "grpc"
    kinds = [one.kind for one in kept]
    assert {kind: kinds.count(kind) for kind in sorted(set(kinds))} == {
        "call": 1, "grpc": 2, "http": 7, "sql": kinds.count("sql")}  # fmt: skip
    assert "sql" in kinds
    outer = next(one for one in kept if one.kind == "call")
    assert [one.operation for one in kept if one.parent == outer.id] == ["GET /counter/billing"]
    assert {one.task for one in kept if one.task} == {"by_httpx", "by_aiohttp", "by_grpc"}
    assert [one.operation for one in kept if one.thread == "another"] == ["GET /counter/thread"]
    assert {one.scope for one in kept} == {"together"}
    server.close()
    greeter.stop()
    Path(database).unlink()
    with replay(session.folder):
        assert program(server.url, greeter, database) == seen


def one_order(kept: list[Interaction]) -> None:
    """Ids, numbers and times as an order wants them."""
    assert len({one.id for one in kept}) == len(kept)
    assert [one.number for one in kept] == sorted({one.number for one in kept})
    assert [one.start_time for one in kept] == sorted(one.start_time for one in kept)
    assert all(one.duration_ms is not None and one.duration_ms > 0 for one in kept)
    assert all(one.timestamp.endswith("+00:00") for one in kept)


def test_attempts_that_tenacity_makes_are_recorded_each_and_played_as_often(server: Server, tmp_path: Path) -> None:
    """Case 24: two answers that were busy, and the third; one attempt more is a miss."""
    attempts = []

    @tenacity.retry(
        retry=tenacity.retry_if_result(lambda answer: answer.status_code == 503),
        stop=tenacity.stop_after_attempt(5), wait=tenacity.wait_none(),
    )  # fmt: skip
    def ask() -> requests.Response:
        attempts.append(1)
        with requests.Session() as session:
            session.trust_env = False
            return session.get(f"{server.url}/flaky/2/tenacity", timeout=5)

    with capture("retried", directory=tmp_path) as session:
        assert ask().text == "3"
    assert [one.response["status"] for one in session.interactions] == [503, 503, 200]
    server.close()
    attempts.clear()
    with replay(session.folder, allow=["misses"]):
        assert ask().text == "3"
        assert len(attempts) == 3
        with pytest.raises(ReplayMissError, match="more often"):
            ask()


@pytest.mark.parametrize("client", ["requests", "httpx", "aiohttp"])
def test_an_answer_is_read_as_json_as_often_as_the_program_likes(client: str, server: Server, tmp_path: Path) -> None:
    """Case 9: `Response.json` twice, after `text` and `content`."""

    async def by_aiohttp() -> list[Any]:
        async with aiohttp.ClientSession() as session, session.get(f"{server.url}/counter/json") as response:
            return [
                await response.json(content_type=None),
                await response.json(content_type=None),
                await response.text(),
            ]

    def ask() -> list[Any]:
        if client == "aiohttp":
            return asyncio.run(by_aiohttp())
        response: Any = requests.get(f"{server.url}/counter/json", timeout=5) if client == "requests" else httpx.get(
            f"{server.url}/counter/json")  # fmt: skip
        return [response.json(), response.json(), response.text, response.json(), response.content.decode()]

    with capture("json", directory=tmp_path) as session:
        seen = ask()
    assert set(map(str, seen)) == {"1"}
    with replay(session.folder):
        assert ask() == seen


MANY = """
import os
import pytest
import urllib.request

@pytest.mark.parametrize("n", range(160))
def test_many(n):
    for part in "ab":
        with urllib.request.urlopen(os.environ["SERVICE"] + f"/echo/{n}/{part}") as answer:
            answer.read()
"""


@pytest.mark.soak
def test_eight_workers_lose_nothing_and_write_over_nothing(server: Server, tmp_path: Path) -> None:
    """Case 21: 8 workers of xdist, 320 calls; every one is kept once, and all are played by another number of them."""
    pytest.importorskip("xdist")
    project = Project(tmp_path)
    project.write(MANY)
    done = project.run("capture", "-n", "8", plugins=XDIST, SERVICE=server.url)
    assert done.returncode == 0, done.stdout + done.stderr
    kept = [json.loads(line) for path in project.captures.rglob("*.jsonl") for line in path.read_text().splitlines()]
    asked = [one["request"]["url"].partition("/echo/")[2] for one in kept if "request" in one]
    assert sorted(asked) == sorted(f"{number}/{part}" for number in range(160) for part in "ab")
    assert len({one["id"] for one in kept if "id" in one}) == 320
    assert len(project.sessions()) == 8
    server.close()
    played = project.run("replay", "-n", "2", plugins=XDIST, SERVICE=server.url)
    assert played.returncode == 0, played.stdout + played.stderr
    assert sum(map(int, re.findall(r"(\d+) played", played.stdout))) == 320
