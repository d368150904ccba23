"""The routes of templates in this process, asked by whoever a test says; and small databases to plan against."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from hotfixture.server.app import HANDLERS
from hotfixture.server.gateway import templates
from hotfixture.server.gateway.actors import Actor, Role
from hotfixture.server.gateway.gateway import Gateway
from hotfixture.server.gateway.places import Provider
from hotfixture.server.gateway.settings import DaemonSettings
from hotfixture.server.gateway.sources import opening
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import AUDIT, MEMBERS, TEAMS, USERS
from hotfixture.server.gateway.templates import policies
from hotfixture.server.metrics import Metrics
from hotfixture.server.visit import KEY, Visit

SHOP = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, email VARCHAR(80) NOT NULL, status VARCHAR(20));
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id), total INTEGER);
INSERT INTO customers VALUES (1, 'anna.kern@firm.test', 'new'), (2, 'bo.lund@firm.test', 'old');
INSERT INTO orders VALUES (1, 1, 10), (2, 1, 20), (3, 2, 30);
"""
POLICY = """
default: pass
rules:
  - {match: "*.email", mask: email, optional: true}
"""
SUBSET = """\
templateName: {name}
description: Customers with orders
parameters:
  least: {{type: integer, description: the least total, default: 0}}
exports:
  customers:
    type: subset
    provider: SHOP
    root: customers
    include: {{orders: {{where: "total >= ${{least}}"}}}}
"""
QUERY = """\
templateName: {name}
exports:
  mails: {{provider: SHOP, query: "SELECT id, email FROM customers"}}
"""


def who(name: str, *roles: Role, teams: Sequence[str] = ("payments",), **facts: Any) -> Actor:
    """A user of the team `payments`, a developer unless said otherwise."""
    return Actor(name, facts.pop("kind", "user"), frozenset(roles or ("developer",)), frozenset(teams), **facts)


DEV = who("dev@x")
COLLEAGUE = who("colleague@x")
AUTHOR = who("author@x", "author")
APPROVER = who("approver@x", "approver", teams=())
SECOND = who("second@x", "approver", "author")
ADMIN = who("admin@x", "admin", teams=())
STRANGER = who("stranger@x", teams=("logistics",))
CI = who("token:ci", "author", kind="token", templates=("ci-*",))
EVERYBODY = (DEV, COLLEAGUE, AUTHOR, APPROVER, SECOND, ADMIN, STRANGER, CI)


class Acting:
    """A daemon's templates; `as_(actor)` speaks to its routes as somebody."""

    def __init__(self, state: State, folder: Path, **settings: Any) -> None:
        self.folder = folder
        self.policy = folder / "masking.yaml"
        self.policy.write_text(POLICY, encoding="utf-8")
        key = folder / "masking.key"
        key.write_text("".join(f"{byte:02x}" for byte in range(100, 132)), encoding="ascii")
        key.chmod(0o600)
        made = DaemonSettings(data=folder, policy=self.policy, masking_key=key, **settings)
        self.gateway = Gateway(made, state, Metrics())
        self.state = state
        self.actor = DEV
        routes = [operation.route(self.gateway) for operation in templates.OPERATIONS]
        inner = Starlette(routes=routes, exception_handlers=HANDLERS)

        async def app(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                visit = scope[KEY] = Visit(scope)
                visit.actor, visit.owner = self.actor, self.actor.name
            await inner(scope, receive, send)

        self._app = app
        policies.current(self.gateway)
        with state.change() as connection:
            for team in ("payments", "logistics"):
                connection.execute(TEAMS.insert().values(name=team, created=0.0))
            for actor in EVERYBODY:
                connection.execute(USERS.insert().values(name=actor.name, roles="[]", disabled=False, created=0.0))
                for team in actor.teams:
                    connection.execute(MEMBERS.insert().values(team=team, account=actor.name))

    def close(self) -> None:
        """Let go of the providers: what renews their slots ends before the store is closed."""
        opening.doors(self.gateway).slots.close()

    def settings(self, **changed: Any) -> None:
        """Other settings from now on."""
        self.gateway.settings = replace(self.gateway.settings, **changed)

    def provide(self, url: str, name: str = "SHOP", teams: Sequence[str] = ("payments",)) -> None:
        """A provider that is granted to teams."""
        made = Provider(name, url, teams=tuple(teams), wait=5)
        self.settings(providers={**self.gateway.settings.providers, name: made})

    def ask(self, actor: Actor, method: str, path: str, **options: Any) -> httpx.Response:
        """An answer."""
        self.actor = actor
        return asyncio.run(self._asked(method, f"/api/{path}", options))

    async def _asked(self, method: str, path: str, options: Any) -> httpx.Response:
        transport = httpx.ASGITransport(app=self._app)
        async with httpx.AsyncClient(transport=transport, base_url="http://hfitd") as client:
            return await client.request(method, path, **options)

    def send(self, actor: Actor, method: str, path: str, text: str, **options: Any) -> httpx.Response:
        """An answer to a YAML text."""
        headers = {"content-type": "application/yaml", **options.pop("headers", {})}
        return self.ask(actor, method, path, content=text.encode(), headers=headers, **options)

    def create(self, name: str, actor: Actor = DEV, form: str = QUERY) -> dict[str, Any]:
        """A new template."""
        answer = self.send(actor, "POST", "templates?team=payments", form.format(name=name))
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def show(self, name: str, actor: Actor = ADMIN) -> dict[str, Any]:
        """A template, as somebody sees it."""
        answer = self.ask(actor, "GET", f"templates/{name}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def approve(self, name: str, number: int = 1, actor: Actor = APPROVER, **said: Any) -> httpx.Response:
        """The answer to an approval of a revision as it stands."""
        digest = self.ask(ADMIN, "GET", f"templates/{name}/revisions/{number}").json()["digest"]
        return self.ask(actor, "POST", f"templates/{name}/revisions/{number}/approval", json={"digest": digest, **said})

    def approval(self, name: str) -> tuple[str, list[str]]:
        """The state of the newest revision's approval, and the reasons."""
        found = self.show(name)["approval"]
        return found["state"], found["reasons"]

    def audited(self, kind: str = "") -> list[tuple[str, str, str]]:
        """Kind, actor and subject of the events so far, of one kind or all."""
        with self.state.read() as connection:
            rows = connection.execute(AUDIT.select().order_by(AUDIT.c.seq)).all()
        return [(row.kind, row.actor, row.subject) for row in rows if row.kind.startswith(kind)]


@contextmanager
def shop(folder: Path, script: str = SHOP) -> Iterator[sqlite3.Connection]:
    """A SQLite database in a file `shop.db`, made by a script, for more statements."""
    with closing(sqlite3.connect(folder / "shop.db")) as connection:
        connection.executescript(script)
        yield connection
        connection.commit()


def problems(answer: httpx.Response) -> list[str]:
    """The messages of a problem document."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return [problem["message"] for problem in answer.json()["problems"]]
