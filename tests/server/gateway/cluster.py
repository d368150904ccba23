"""Several real daemons over one PostgreSQL store, one data folder and one Redis, under one name."""

from __future__ import annotations

import hashlib
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
from tests.document_servers import Redis
from tests.server.gateway.daemons import BIN, Daemon, set_up
from tests.server.gateway.packages.production import Desk
from tests.servers import PostgreSQL, Server, _drop_to

HOST = "fixtures.example.com"
PEOPLE = 80
SLOW = """
templateName: slow
exports:
  customers: {provider: SHOP, query: "SELECT a.id, a.email FROM customers a, customers b, customers c"}
"""
SHORT = """
templateName: short
parameters:
  most: {type: integer, default: 20}
exports:
  customers:
    provider: SHOP
    query: "SELECT a.id, a.email FROM customers a, customers b, customers c WHERE c.id <= ${most}"
"""
QUICK = """
templateName: quick
parameters:
  least: {type: integer, default: 0}
exports:
  customers: {provider: SHOP, query: "SELECT id, email FROM customers WHERE id >= ${least}"}
"""


class Cluster:
    """The daemons of a folder, and who asks them."""

    def __init__(self, folder: Path, *, store: str = "", redis: str = "", more: str = "") -> None:
        self.folder = folder
        shared = f"rate_store: {redis}\n" if redis else ""
        set_up(folder, store=store, more=f"approval: 'off'\nurl: https://{HOST}\nbehind_proxy: true\n{shared}{more}")
        with sqlite3.connect(folder / "shop.db") as shop:
            people = [(number, f"a.{number}@secret-firm.com", "Anna Kern", "new") for number in range(3, PEOPLE + 1)]
            shop.executemany("INSERT INTO customers VALUES (?, ?, ?, ?)", people)
        shop.close()
        self.daemons: list[Daemon] = []
        self.keys: dict[str, Path] = {}
        self._clients: list[httpx.Client] = []

    def start(self, *flags: str, **environment: str) -> Daemon:
        """One more daemon."""
        made = Daemon(self.folder, *flags, environment=environment, log=f"log{len(self.daemons)}")
        self.daemons.append(made)
        return made

    def stop(self) -> None:
        """End all that still run."""
        for client in self._clients:
            client.close()
        for daemon in self.daemons:
            daemon.stop()

    def login(self, daemon: Daemon, name: str = "dev@example.com", **facts: Any) -> dict[str, str]:
        """The header of somebody's new session at a daemon; who is not known yet becomes a user."""
        if name not in self.keys:
            self.keys[name] = daemon.user(name, **facts)
        return daemon.login(name, self.keys[name], host=HOST)

    def desk(self, daemon: Daemon, headers: Mapping[str, str]) -> Desk:
        """Somebody at a daemon."""
        self._clients.append(httpx.Client(base_url=daemon.url, headers=dict(headers), timeout=60, trust_env=False))
        return Desk(self._clients[-1])

    def templates(self, daemon: Daemon, headers: Mapping[str, str], *texts: str) -> None:
        """Templates of the team."""
        for text in texts:
            sent = {**headers, "content-type": "application/yaml"}
            answer = daemon.client.post("/api/templates", content=text, headers=sent)
            assert answer.status_code in (200, 201), answer.text

    def command(self, *words: str) -> str:
        """What `hfitd WORDS` of this folder says; it must succeed."""
        command = [str(BIN / "hfitd"), *words, "--config", str(self.folder / "hfitd.yaml")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def check_audit(self) -> int:
        """The events of the audit, which is whole."""
        said = self.command("audit", "verify")
        assert said.startswith("whole: "), said
        return int(said.split()[1].replace(",", ""))

    def files(self, package_id: str) -> list[Path]:
        """What stands in the folder of a package."""
        return list((self.folder / "data" / "packages" / package_id).iterdir())

    def check_file(self, desk: Desk, package_id: str, rows: int = PEOPLE**3) -> None:
        """The package is ready with all rows, in one file, without an original."""
        found = desk.until(package_id, seconds=240)
        assert (found["state"], found["rows"]) == ("ready", rows), found
        content = desk.download(package_id).content
        assert hashlib.sha256(content).hexdigest() == found["sha256"]
        assert b"secret-firm" not in content
        until(lambda: len(self.files(package_id)) == 1, self.files, package_id)


def until(happened: Callable[[], object], *said: Any, seconds: float = 60) -> None:
    """Return once something has happened; `said` tells what is the matter where it does not."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, said[0](*said[1:]) if said else "it did not happen"
        time.sleep(0.03)


def workers(daemon: Daemon, package_id: str) -> list[int]:
    """The process ids of the workers that a daemon began for a package."""
    return [
        line["pid"] for line in daemon.lines() if line.get("event") == "worker started" and line["job"] == package_id
    ]


def begin_again(server: PostgreSQL | Redis) -> None:
    """Start a server of ours that was halted, on its port, with what it had."""
    process, folder = server._process, server._folder
    assert process
    assert folder
    with (folder / "log").open("ab") as log:
        options: dict[str, Any] = _drop_to(server.account, folder)
        null = subprocess.DEVNULL
        server._process = subprocess.Popen(process.args, stdin=null, stdout=log, stderr=log, cwd="/", **options)
    until(lambda: _answers(server))


def halt(server: Server) -> None:
    """End a server of ours at once; its folder stays."""
    assert server._process
    server._process.send_signal(signal.SIGQUIT if isinstance(server, PostgreSQL) else signal.SIGKILL)
    server._process.wait(30)


def _answers(server: Server) -> bool:
    try:
        server.ping()
    except Exception:  # noqa: BLE001 - not yet ready has many faces
        return False
    return True
