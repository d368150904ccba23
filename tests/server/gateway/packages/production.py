"""What packages are made of in these tests: users, a team, templates, and a small production database."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from tests.servers import rows as fetched

from hotfixture.server.gateway.actors import Actor
from hotfixture.server.gateway.places import Place, Provider
from hotfixture.server.gateway.settings import DaemonSettings
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import MEMBERS, REVISIONS, TEAMS, TEMPLATES, USERS
from hotfixture.wire.packages import ENDED

POLICY = """
default: deny
rules:
  - {match: people.email, mask: email}
  - {match: ["*.id", "*.amount", "*.person_id"], keep: numbers that say nothing}
"""
TEMPLATE = """
templateName: daily
parameters:
  least: {type: integer, default: 0}
exports:
  people: {provider: PROD, query: "SELECT id, email FROM people WHERE id >= ${least}"}
"""
PEOPLE = {
    name: Actor(name, "user", frozenset([role]), frozenset(["payments"]))
    for name, role in (("dev", "developer"), ("other", "developer"), ("boss", "admin"))
} | {"stranger": Actor("stranger", "user", frozenset(["developer"]), frozenset(["marketing"]))}


def shop(path: Path, rows: int) -> None:
    """A production database in SQLite, with so many people."""
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT NOT NULL)")
        many = ((number, f"person.{number}@secret-firm.com") for number in range(1, rows + 1))
        connection.executemany("INSERT INTO people VALUES (?, ?)", many)
    connection.close()


def people_in(url: str, many: int) -> None:
    made = f"INSERT INTO people SELECT n, 'person.' || n || '@secret-firm.com' FROM generate_series(1, {many}) n"
    fetched(url, f"CREATE TABLE people (id integer PRIMARY KEY, email text NOT NULL); {made};")


def settings_of(folder: Path, *, rows: int = 500, url: str = "", **more: Any) -> DaemonSettings:
    """The settings of a daemon that stands beside a shop in SQLite, or the database at `url`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "masking.yaml").write_text(POLICY, encoding="utf-8")
    key = folder / "masking.key"
    key.touch(0o600)
    key.write_text(hashlib.sha256(b"a key of these tests").hexdigest())
    if not url and not (folder / "prod.db").exists():
        shop(folder / "prod.db", rows)
    provider = Provider("PROD", url or f"sqlite:///{folder / 'prod.db'}", teams=("payments",))
    given: dict[str, Any] = {"approval": "off", "data": folder / "data", "providers": {"PROD": provider}}
    given |= {"volumes": {"logs": Place("logs", str(folder), teams=("marketing",))}}
    return DaemonSettings(policy=folder / "masking.yaml", masking_key=key, **(given | more))


def settle(state: State, templates: Mapping[str, str] | Sequence[str] = (TEMPLATE,)) -> None:
    """Users, their team, and templates of it."""
    now = state.now()
    texts = templates.values() if isinstance(templates, Mapping) else templates
    with state.change() as connection:
        for team in ("payments", "marketing"):
            connection.execute(TEAMS.insert().values(name=team, created=now))
        for person in PEOPLE.values():
            row = {"name": person.name, "roles": json.dumps(sorted(person.roles)), "created": now}
            connection.execute(USERS.insert().values(**row))
            for team in person.teams:
                connection.execute(MEMBERS.insert().values(team=team, account=person.name))
        for text in texts:
            name = next(line.split(": ")[1] for line in text.splitlines() if line.startswith("templateName"))
            row = {"name": name, "team": "payments", "owner": "boss", "revision": 1, "created": now, "updated": now}
            connection.execute(TEMPLATES.insert().values(**row))
            digest = hashlib.sha256(text.encode()).hexdigest()
            made = {"template": name, "number": 1, "digest": digest, "text": text, "author": "boss", "created": now}
            connection.execute(REVISIONS.insert().values(**made, message=""))


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody who asks for packages."""

    client: httpx.Client

    def ask(self, template: str = "daily", *, key: str = "", **body: Any) -> httpx.Response:
        """POST /api/packages."""
        headers = {"idempotency-key": key} if key else {}
        return self.client.post("/api/packages", json={"template": template, **body}, headers=headers)

    def asked(self, template: str = "daily", **body: Any) -> str:
        """The id of a package that was asked for."""
        answer = self.ask(template, **body)
        assert answer.status_code in (200, 202), answer.text
        return str(answer.json()["id"])

    def get(self, package_id: str, **query: Any) -> dict[str, Any]:
        """GET /api/packages/{id}."""
        answer = self.client.get(f"/api/packages/{package_id}", params=query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def until(self, package_id: str, *states: str, seconds: float = 60) -> dict[str, Any]:
        """The package once it is in one of the states (default: at its end)."""
        deadline = time.monotonic() + seconds
        while (found := self.get(package_id))["state"] not in (states or ENDED):
            over = time.monotonic() > deadline or (found["state"] in ENDED and "expired" not in states)
            assert not over, found
            time.sleep(0.03)
        return found

    def ready(self, template: str = "daily", **body: Any) -> dict[str, Any]:
        """A package that was asked for and is ready."""
        found = self.until(self.asked(template, **body))
        assert found["state"] == "ready", found
        return found

    def download(self, package_id: str, **headers: str) -> httpx.Response:
        """GET its file."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(f"/api/packages/{package_id}/download", headers=sent)
