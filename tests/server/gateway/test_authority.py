"""Who may do what: every operation, asked by everybody, about something that is theirs or not, as one table.

The letters say what each asker is answered: `+` the status of the row, `u` 401, `x` 403, `h` 404 as for what is not
there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.server.gateway.daemons import TEMPLATE, Daemon, set_up

from hotfixture.server import app as mockcraft
from hotfixture.server.gateway import access, app, openapi
from hotfixture.server.gateway.settings import DaemonSettings
from hotfixture.server.metrics import Metrics
from hotfixture.server.rates import Rates
from hotfixture.server.seeding import Seeding
from hotfixture.server.store import Store
from hotfixture.server.supervisor import Supervisor

ASKERS = ("nobody", "stranger", "mate", "owner", "author", "approver", "admin", "token", "stray")
"""The owner of the things below, a mate and an author of the team, a stranger of another one, an approver and an admin
of none (they see everything, masked; what is written belongs to a team); two service tokens without a team, one of them
bound to the template's name, the other to other names."""

#    method   path                                              ok   nobody … stray
TABLE = """
     POST     /auth/challenge                                   200  +++++++++
     POST     /auth/session                                     200  uuuuuuuuu
     POST     /auth/renew                                       200  u++++++xx
     DELETE   /auth/session                                     204  u++++++xx
     GET      /api/whoami                                       200  u++++++++
     GET      /.well-known/jwks.json                            200  +++++++++
     GET      /api/users                                        200  uxxxxx+xx
     POST     /api/users                                        201  uxxxxx+xx
     GET      /api/users/{user}                                 200  uxxxxx+xx
     PATCH    /api/users/{user}                                 200  uxxxxx+xx
     DELETE   /api/users/{user}                                 204  uxxxxx+xx
     POST     /api/users/{user}/keys                            201  uxxxxx+xx
     DELETE   /api/users/{user}/keys/{fingerprint}              204  uxxxxx+xx
     GET      /api/tokens                                       200  uxxxxx+xx
     POST     /api/tokens                                       201  uxxxxx+xx
     DELETE   /api/tokens/{token}                               204  uxxxxx+xx
     GET      /api/teams                                        200  uxxxxx+xx
     POST     /api/teams                                        201  uxxxxx+xx
     GET      /api/teams/{team}                                 200  uxxxxx+xx
     DELETE   /api/teams/{team}                                 204  uxxxxx+xx
     PUT      /api/teams/{team}/members/{user}                  200  uxxxxx+xx
     DELETE   /api/teams/payments/members/{user}                204  uxxxxx+xx
     GET      /api/templates                                    200  u++++++++
     POST     /api/templates                                    201  u++++xxxx
     POST     /api/templates/push                               200  u++++xxxx
     GET      /api/templates/{template}                         200  uh++++++h
     PUT      /api/templates/{template}                         200  uhx++x+xh
     PATCH    /api/templates/{template}                         200  uhx++x+xh
     DELETE   /api/templates/{template}                         204  uhx++x+xh
     GET      /api/templates/{template}/revisions               200  uh++++++h
     GET      /api/templates/{template}/revisions/1             200  uh++++++h
     GET      /api/templates/{template}/diff                    200  uh++++++h
     POST     /api/templates/{template}/plan                    200  uh++++++h
     POST     /api/templates/{template}/sample                  200  uxxxx++xx
     POST     /api/templates/{template}/revisions/1/approval    201  uxxxx++xx
     DELETE   /api/templates/{approved}/revisions/1/approval    204  uxxxx++xx
     POST     /api/packages                                     202  uh+++x++h
     GET      /api/packages                                     200  u++++++++
     GET      /api/packages/{package}                           200  uhh+hh+hh
     DELETE   /api/packages/{package}                           200  uhh+hh+hh
     GET      /api/packages/{package}/download                  409  uhh+hh+hh
     GET      /api/packages/{package}/manifest                  409  uhh+hh+hh
     GET      /api/providers                                    200  u++++++++
     POST     /api/providers/SHOP/test                          200  uxxxxx+xx
     GET      /api/providers/SHOP/databases                     200  uh+++++hh
     GET      /api/providers/SHOP/tables                        200  uh+++++hh
     GET      /api/providers/SHOP/tables/customers/rows         200  uh+++++hh
     GET      /api/volumes                                      200  u++++++++
     GET      /api/volumes/logs/files                           200  uh+++++hh
     GET      /api/volumes/logs/files/app.log                   200  uh+++++hh
     GET      /api/audit                                        200  uxxxxx+xx
     GET      /api/audit/export                                 200  uxxxxx+xx
     GET      /api/audit/head                                   200  uxxxxx+xx
     POST     /api/audit/verify                                 200  uxxxxx+xx
     GET      /metrics                                          200  uxxxxx+xx
     GET      /api/generate/firstname                           200  u++++++++
     GET      /api/generators                                   200  u++++++++
     GET      /api/generators/firstname                         200  u++++++++
     POST     /api/seed                                         202  u++++++++
     GET      /api/jobs                                         200  u++++++++
     GET      /api/jobs/{job}                                   200  uhh+hhhhh
     DELETE   /api/jobs/{job}                                   200  uhh+hhhhh
     GET      /api/download/{job}                               409  uhh+hhhhh
     GET      /health                                           200  +++++++++
     GET      /health/ready                                     200  +++++++++
     GET      /ready                                            200  +++++++++
     GET      /openapi.json                                     200  +++++++++
"""
pytestmark = pytest.mark.xdist_group("authority")  # one daemon for all of them
ROWS = [tuple(line.split()) for line in TABLE.strip().splitlines()]
YAML = {"content-type": "application/yaml"}
SCHEMA = "tables: {t: {count: 1, columns: {id: integer}}}"


class World:
    """The daemon, its askers, and fresh things for every question."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon
        self._number = count(1)
        person, none = daemon.somebody, ()
        self.headers: dict[str, Callable[[], dict[str, str]]] = {}
        made = {
            "nobody": {},
            "stranger": person("stranger@x.test", teams=["other"]),
            "mate": person("mate@x.test"),
            "owner": person("owner@x.test"),
            "author": person("author@x.test", roles=["author"]),
            "approver": person("approver@x.test", roles=["approver"], teams=none),
            "admin": person("admin@x.test", roles=["admin"], teams=none),
            "token": daemon.token("ours", templates=["ours-*"]),
            "stray": daemon.token("stray", templates=["theirs-*"]),
        }
        self.asked = made
        self._key = daemon.folder / "owner.key"

    def name(self) -> str:
        """A name that nobody had."""
        return f"ours-{next(self._number)}"

    def must(self, method: str, path: str, who: str, **options: Any) -> Any:
        """The JSON of an answer that must be good."""
        answer = self.daemon.client.request(
            method, path, **{**options, "headers": {**self.asked[who], **options.get("headers", {})}}
        )
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def template(self, *, approved: bool = False) -> str:
        """A template of the owner's, in the team `payments`."""
        name = self.name()
        text = TEMPLATE.format(name=name)
        told = self.must("POST", "/api/templates?team=payments", "owner", content=text, headers=YAML)
        if approved:
            path = f"/api/templates/{name}/revisions/1/approval"
            self.must("POST", path, "approver", json={"digest": told["digest"]})
        return name

    def package(self) -> str:
        """A package of the owner's that waits: this daemon builds none."""
        asked = {"template": self.template(approved=True), "parameters": {"customer_id": 1}}
        made: str = self.must("POST", "/api/packages", "owner", json=asked)["id"]
        return made

    def job(self, who: str = "owner") -> str:
        """A seeding job that waits."""
        made: str = self.must("POST", "/api/seed", who, content=SCHEMA, headers=YAML)["id"]
        return made

    def user(self) -> tuple[str, str]:
        """A user and the fingerprint of the key."""
        name = f"u{next(self._number)}@x.test"
        self.daemon.user(name)
        return name, self.must("GET", f"/api/users/{name}", "admin")["keys"][0]["fingerprint"]

    def token(self) -> str:
        """A service token's name."""
        name = self.name()
        self.daemon.token(name)
        return name

    def team(self) -> str:
        """A team without members."""
        name = f"t{next(self._number)}"
        self.must("POST", "/api/teams", "admin", json={"name": name})
        return name

    def session(self, who: str) -> dict[str, str]:
        """A session that may end: a new one for people, the token for tokens."""
        if who in ("nobody", "token", "stray"):
            return self.asked[who]
        return self.daemon.login(f"{who}@x.test", self.daemon.folder / f"{who}.key")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One daemon that builds nothing, so that packages stay as they are asked for."""
    folder = tmp_path_factory.mktemp("authority")
    set_up(folder, more="workers: 0\npackages_waiting: 100000\nmax_queued: 100000\napproval_ttl: 1d\n")
    daemon = Daemon(folder)
    yield World(daemon)
    daemon.stop()


def filled(world: World, path: str) -> str:
    """The path with fresh things in its holes."""
    if "{user}" in path:
        name, fingerprint = world.user()
        path = path.replace("{user}", name).replace("{fingerprint}", fingerprint)
    makers = {"template": world.template, "package": world.package, "token": world.token, "team": world.team}
    makers["job"] = world.job
    makers["approved"] = lambda: world.template(approved=True)
    for hole, make in makers.items():
        if f"{{{hole}}}" in path:
            path = path.replace(f"{{{hole}}}", make())
    return path


def body(world: World, method: str, path: str) -> dict[str, Any]:
    """A body that the operation would take."""
    text = {"content": TEMPLATE.format(name=path.rpartition("/")[2]) + "# changed\n", "headers": YAML}
    given: dict[str, Any] = {"customer_id": 1}
    fixed: dict[tuple[str, str], Any] = {
        ("POST", "/auth/challenge"): {"account": "mate@x.test", "host": world.daemon.url.partition("//")[2]},
        ("POST", "/auth/session"): {"challenge": "0" * 64, "signature": "x"},
        ("POST", "/api/users"): {"name": f"{world.name()}@x.test"},
        ("POST", "/api/tokens"): {"name": world.name()},
        ("POST", "/api/teams"): {"name": world.name()},
    }
    if (method, path) in fixed:
        return {"json": fixed[method, path]}
    if path == "/api/templates":
        return {"content": TEMPLATE.format(name=world.name()), "headers": YAML} if method == "POST" else {}
    if path == "/api/seed":
        return {"content": SCHEMA, "headers": YAML}
    if path == "/api/templates/push":
        return {"json": {"files": [{"path": "a.yaml", "text": TEMPLATE.format(name=world.name())}]}}
    if path.endswith("/keys"):
        return {"json": {"public_key": new_key()}}
    if method == "PATCH":
        return {"json": {"roles": ["author"]} if "/users/" in path else {"description": "another"}}
    if path.endswith(("/plan", "/sample")):
        return {"json": {"parameters": given}}
    if path == "/api/packages" and method == "POST":
        return {"json": {"template": world.template(approved=True), "parameters": given}}
    if path.endswith("/approval") and method == "POST":
        name = path.split("/")[3]
        return {"json": {"digest": world.must("GET", f"/api/templates/{name}", "owner")["digest"]}}
    return text if method == "PUT" and path.startswith("/api/templates/") else {}


def new_key() -> str:
    """A public key that nobody has."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    public = Ed25519PrivateKey.generate().public_key()
    form = (serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return public.public_bytes(*form).decode()


@pytest.mark.parametrize(("method", "path", "good", "who"), ROWS, ids=[f"{row[0]} {row[1]}" for row in ROWS])
def test_each_asker_gets_what_the_table_says(world: World, method: str, path: str, good: str, who: str) -> None:
    found = ""
    told = []
    for asker in ASKERS:
        real = filled(world, path)
        options = body(world, method, real)
        ends = real.startswith("/auth/") and method == "DELETE"
        mine = world.session(asker) if ends or real == "/auth/renew" else world.asked[asker]
        answer = world.daemon.client.request(
            method, real, **{**options, "headers": {**mine, **options.get("headers", {})}}
        )
        letters = {int(good): "+", 401: "u", 403: "x", 404: "h"}
        found += letters.get(answer.status_code, "?")
        told.append(f"{asker}: {answer.status_code} {answer.text[:200]}")
    assert found == who, "\n".join(told)


def test_the_table_holds_every_operation(world: World) -> None:
    paths = world.daemon.client.get("/openapi.json").json()["paths"]
    described = {(method.upper(), "/".join(_plain(path))) for path in paths for method in paths[path]}
    assert described >= {(one.method, "/".join(_plain(one.path))) for one in app.operations()}
    assert described == {(method, "/".join(_plain(path))) for method, path, _, _ in ROWS}


def test_every_route_is_described(tmp_path: Path) -> None:
    """What the daemon serves beside its operations too: a route that nobody described would stand in no table."""
    made = DaemonSettings(data=tmp_path)
    store, metrics = Store("", tmp_path), Metrics()
    try:
        seeding = Seeding(made, store, Supervisor(made, store, metrics))
        rates = Rates(made.rate_limit, made.rate_limits, made.rate_store)
        beside = mockcraft.operations(metrics, store, rates, description={})
        served = {
            (method, route.path)
            for route in (*mockcraft.routes(made, store, seeding), *beside)
            for method in route.methods or ()
            if method != "HEAD"
        }
    finally:
        store.close()
    paths = openapi.document(made, ())["paths"]
    described = {(method.upper(), path) for path in paths for method in paths[path]}
    assert described == {*served, ("GET", "/api/generate/{type}")}  # which is answered before the routes


def test_no_role_has_an_action_that_nothing_asks_for() -> None:
    folder = Path(access.__file__).parent
    asking = "".join(path.read_text("utf-8") for path in folder.rglob("*.py") if path.name != "access.py")
    beside = {access.mockcrafts(path) for path in openapi.document(DaemonSettings(), ())["paths"]}
    actions = set().union(*access.ACTIONS.values()) - beside
    assert [one for one in sorted(actions) if f'"{one}"' not in asking] == []


def _plain(path: str) -> list[str]:
    """The path with one sign for whatever stands in a hole."""
    fixed = {"payments", "1", "SHOP", "customers", "logs", "app.log", "firstname"}
    return ["*" if part.startswith("{") or part in fixed else part for part in path.split("/")]


def test_what_is_hidden_answers_exactly_as_what_is_not_there(world: World) -> None:
    template, package, job = world.template(), world.package(), world.job()
    pairs = [
        (f"/api/templates/{template}", "/api/templates/ours-nothing"),
        (f"/api/packages/{package}", f"/api/packages/{'0' * 32}"),
        (f"/api/jobs/{job}", f"/api/jobs/{'0' * 32}"),
        (f"/api/download/{job}", f"/api/download/{'0' * 32}"),
    ]
    for pair in pairs:
        asked = [world.daemon.client.get(path, headers=world.asked["stranger"]) for path in pair]
        plain = [(answer.status_code, {**answer.json(), "request_id": ""}) for answer in asked]
        assert plain[0] == plain[1], pair


def test_what_needs_a_name_is_kept_by_no_cache_that_others_share(world: World) -> None:
    """RFC 9111, section 3.5: `public` lets a proxy give to nobody what somebody was given."""
    closed = [path for method, path, _, who in ROWS if method == "GET" and "{" not in path and who.startswith("u")]
    for path in (*closed, "/api/generate/firstname?seed=1"):
        answer = world.daemon.client.get(path, headers=world.asked["admin"])
        kept = answer.headers.get("cache-control", "")
        assert "no-store" in kept or "private" in kept, (path, kept)


def test_a_job_is_its_asker_s_alone_whatever_the_role(world: World) -> None:
    people = [asker for asker in ASKERS if asker != "nobody"]
    key = {"idempotency-key": "the-same", **YAML}
    jobs = {who: world.must("POST", "/api/seed", who, content=SCHEMA, headers=key)["id"] for who in people}
    assert len(set(jobs.values())) == len(people)  # a key is the asker's own as well
    for who in people:
        listed = {job["id"] for job in world.must("GET", "/api/jobs?limit=100", who)["jobs"]}
        assert listed & set(jobs.values()) == {jobs[who]}
        for asker in people:
            method = "GET" if asker == who else "DELETE"
            answer = world.daemon.client.request(method, f"/api/jobs/{jobs[who]}", headers=world.asked[asker])
            assert answer.status_code == (200 if asker == who else 404), (asker, who)
            assert asker == who or world.must("GET", f"/api/jobs/{jobs[who]}", who)["state"] == "queued"


def test_below_a_proxy_s_path_the_same_is_allowed_and_no_more(tmp_path: Path) -> None:
    set_up(tmp_path, more="workers: 0\nroot_path: /fixtures\n")
    daemon = Daemon(tmp_path)
    try:
        asked = {"nobody": {}, "owner": daemon.somebody("owner@x.test"), "token": daemon.token("ours")}
        asked["admin"] = daemon.somebody("admin@x.test", roles=["admin"], teams=())
        for method, path, good, letters in ROWS:
            if "{" in path or method != "GET":
                continue
            for who, headers in asked.items():
                found = daemon.client.get(path, headers=headers).status_code
                letter = letters[ASKERS.index(who)]
                assert found == {"+": int(good), "u": 401, "x": 403, "h": 404}[letter], (path, who)
    finally:
        daemon.stop()
