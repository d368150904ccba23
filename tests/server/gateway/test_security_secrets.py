"""No secret anywhere: a daemon beside a real PostgreSQL works, fails and is attacked; then its traces are searched."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psutil
import pytest
from tests.server.gateway.daemons import Daemon, set_up
from tests.servers import PostgreSQL, rows

PASSWORD = "pw-Marker/7@x:§ 93"
PEOPLE = [
    ("walpurga.markerstein@rowmarker.test", "Walpurga Markerstein"),
    ("otto.zeichen@rowmarker.test", "Otto Zeichen"),
]
ROW_MARKERS = ["rowmarker", "Markerstein", "Zeichen"]
YAML = {"content-type": "application/yaml"}
TEMPLATE = "templateName: {name}\nexports:\n  out: {{provider: SHOP, query: {query}}}\n"
GOOD = "SELECT id, email, name FROM customers"
FAILING = {
    "a cast that quotes the value": "SELECT id, CAST(name AS integer) AS status FROM customers WHERE status = 'new'",
    "a division by zero": "SELECT id / (id - id) AS id FROM customers",
    "a column that is not there": "SELECT id, nothing FROM customers",
    "a condition that quotes the value": "SELECT id FROM customers WHERE CAST(email AS integer) > 0",
}
ATTACKS = {
    "a file of the server": "SELECT pg_read_file('/etc/passwd') AS status",
    "a folder of the server": "SELECT pg_ls_dir('/') AS status",
    "a large object from a file": "SELECT lo_import('/etc/passwd') AS id",
    "a wait": "SELECT id, pg_sleep(30) FROM customers",
    "a wait in a condition": "SELECT id FROM customers WHERE pg_sleep(30) IS NULL",
    "another connection": "SELECT * FROM dblink('dbname=postgres', 'SELECT 1') AS t (id integer)",
    "a query in a text": "SELECT query_to_xml('SELECT * FROM customers', true, true, '') AS status",
    "another's session": "SELECT pg_terminate_backend(1) AS status",
    "a setting": "SELECT set_config('default_transaction_read_only', 'off', false) AS status",
    "the server's settings": "SELECT current_setting('data_directory') AS status",
    "passwords": "SELECT usename, passwd FROM pg_shadow",
    "the server's own tables": "SELECT rolname FROM pg_authid",
    "a sequence": "SELECT nextval('numbers') AS id",
    "two statements": "SELECT id FROM customers; DELETE FROM customers",
    "two statements behind a comment": "SELECT id FROM customers --\n; DROP TABLE customers",
    "a deletion": "DELETE FROM customers RETURNING id",
    "a deletion in a WITH": "WITH gone AS (DELETE FROM customers RETURNING id) SELECT id FROM gone",
    "a new table": "SELECT id INTO copied FROM customers",
    "a lock": "SELECT id FROM customers FOR UPDATE",
    "a program": "COPY customers TO PROGRAM 'cat > /tmp/stolen'",
    "a block of code": "DO $$ BEGIN DELETE FROM customers; END $$",
    "a call": "CALL anything()",
    "a masked value in a condition's error": "SELECT id, CAST(CONCAT(email, '') AS text) AS status FROM customers",
    "a role": "SET ROLE postgres",
    "an end of the transaction": "COMMIT",
}


def markers_of(folder: Path) -> list[str]:
    """What must stand nowhere: the password as it is and in a URL, the keys as text and in base 64, values of rows."""
    found = [PASSWORD, quote(PASSWORD, safe=""), quote(PASSWORD), "Marker/7@x", "Marker%2F7"]
    for name in ("masking.key", "seal.key"):
        text = (folder / "keys" / name).read_text().strip()
        found += [text, base64.b64encode(bytes.fromhex(text)).decode()]
    return found + ROW_MARKERS


class Watch(threading.Thread):
    """Looks at the command lines and environments of the daemon's processes as long as it runs."""

    def __init__(self, pid: int, markers: list[str]) -> None:
        super().__init__(daemon=True)
        self.pid, self.markers = pid, [marker.encode() for marker in markers]
        self.ended = threading.Event()
        self.seen: set[int] = set()
        self.found: list[str] = []

    def run(self) -> None:
        """Look twenty times a second."""
        while not self.ended.wait(0.05):
            try:
                processes = [psutil.Process(self.pid), *psutil.Process(self.pid).children(recursive=True)]
            except psutil.Error:
                continue
            for process in processes:
                self.seen.add(process.pid)
                for what in ("cmdline", "environ"):
                    self._look(Path(f"/proc/{process.pid}/{what}"))

    def _look(self, path: Path) -> None:
        try:
            text = path.read_bytes()
        except OSError:
            return
        self.found += [f"{path.name}: {marker!r}" for marker in self.markers if marker in text]


class Shop:
    """A daemon beside a shop in PostgreSQL; `said` is all that it ever answered."""

    def __init__(self, server: PostgreSQL, folder: Path) -> None:
        self.server, self.folder, self.database = server, folder, server.fresh_database()
        self._fill()
        set_up(folder, more='workers: 2\napproval: "off"\n')
        place = urlsplit(self.database)
        self.secret = folder / "password"
        self.secret.write_text(PASSWORD)
        url = f"postgresql://shopreader@{place.hostname}:{place.port}{place.path}"
        provider = f"  SHOP: {{url: '{url}', password: 'file:{self.secret}', teams: [payments], previews: true}}\n"
        settings = folder / "hfitd.yaml"
        lines = [provider if line.startswith("  SHOP:") else line for line in settings.read_text().splitlines(True)]
        settings.write_text("".join(lines))
        self.daemon = Daemon(folder, anew=True)
        self.said: list[str] = []
        self.ended: dict[str, str] = {}
        self.markers = markers_of(folder)
        self.watch = Watch(self.daemon.process.pid, self.markers)
        self.watch.start()
        self.dev = self.daemon.somebody("dev@x.test")
        self.boss = self.daemon.somebody("boss@x.test", roles=["admin"])
        self.token = self.daemon.token("ci", templates=["*"])
        self.markers += [header["authorization"][7:] for header in (self.dev, self.boss, self.token)]

    def _fill(self) -> None:
        rows(self.database, "DROP ROLE IF EXISTS shopreader")
        rows(self.database, f"CREATE ROLE shopreader LOGIN PASSWORD '{PASSWORD}'")
        rows(
            self.database,
            "CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL, name text, status text)",
        )
        for number, (email, name) in enumerate(PEOPLE, 1):
            rows(self.database, f"INSERT INTO customers VALUES ({number}, '{email}', '{name}', 'new')")
        rows(self.database, "CREATE SEQUENCE numbers")
        rows(self.database, "GRANT SELECT ON customers TO shopreader")
        rows(self.database, "GRANT USAGE ON SEQUENCE numbers TO shopreader")

    def ask(self, method: str, path: str, who: dict[str, str], **options: Any) -> Any:
        """One request; its answer is kept."""
        more = options.pop("headers", {})
        answer = self.daemon.client.request(method, path, headers={**who, **more}, **options)
        self.said.append(answer.text + json.dumps(dict(answer.headers)))
        return answer

    def template(self, name: str, query: str) -> Any:
        """A template of one query."""
        text = TEMPLATE.format(name=name, query=json.dumps(query))
        return self.ask("POST", "/api/templates", self.dev, content=text, headers=YAML)

    def package(self, name: str) -> dict[str, Any]:
        """A package as it ended, or the refusal to make it."""
        answer = self.ask("POST", "/api/packages", self.dev, json={"template": name, "parameters": {}, "fresh": True})
        if answer.status_code >= 400:
            return {"state": "refused", "problems": answer.json()["problems"]}
        deadline = time.monotonic() + 60
        while True:
            told: dict[str, Any] = self.ask("GET", f"/api/packages/{answer.json()['id']}?wait=5", self.dev).json()
            if told["state"] in ("ready", "failed", "cancelled"):
                self.ended[name] = told["state"]
                return told
            assert time.monotonic() < deadline, told

    def close(self) -> None:
        """End everything."""
        self.watch.ended.set()
        self.watch.join(5)
        self.daemon.stop()
        rows(self.server.url, f"ALTER DATABASE {urlsplit(self.database).path[1:]} ALLOW_CONNECTIONS true")
        rows(self.database, "DROP OWNED BY shopreader")
        rows(self.database, "DROP ROLE shopreader")
        self.server.drop(self.database)


pytestmark = pytest.mark.xdist_group("secrets")  # in one process: the last looks at what the others left


@pytest.fixture(scope="module")
def shop(postgresql_server: PostgreSQL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The shop; tests come in the order of this file, the last looks at what the others left."""
    made = Shop(postgresql_server, tmp_path_factory.mktemp("secrets"))
    yield made
    made.close()


def test_a_package_of_it_is_masked(shop: Shop) -> None:
    assert shop.template("good", GOOD).status_code == 201
    told = shop.package("good")
    assert told["state"] == "ready", told
    made = shop.ask("GET", f"/api/packages/{told['id']}/download", shop.dev)
    assert made.status_code == 200
    assert len(made.content) > 100
    assert shop.ask("GET", "/api/providers/SHOP/tables/customers/rows", shop.dev).json()["rows"]
    assert shop.ask("GET", "/api/providers/SHOP/tables", shop.token).status_code in (200, 404)
    assert shop.ask("POST", "/api/providers/SHOP/test", shop.boss).json()["reachable"]


@pytest.mark.parametrize("query", FAILING.values(), ids=FAILING)
def test_a_query_that_fails_says_so_without_the_value_that_made_it_fail(shop: Shop, query: str) -> None:
    name = f"failing-{list(FAILING.values()).index(query)}"
    if shop.template(name, query).status_code == 201:
        shop.ask("POST", f"/api/templates/{name}/plan", shop.dev, json={"parameters": {}})
        assert shop.package(name)["state"] in ("refused", "failed")


@pytest.mark.parametrize("query", ATTACKS.values(), ids=ATTACKS)
def test_a_template_cannot_do_more_than_read_what_the_policy_knows(shop: Shop, query: str) -> None:
    started, name = time.monotonic(), f"attack-{list(ATTACKS.values()).index(query)}"
    made = shop.template(name, query)
    if made.status_code == 201:
        planned = shop.ask("POST", f"/api/templates/{name}/plan", shop.dev, json={"parameters": {}})
        assert 400 <= planned.status_code < 500, planned.text
        assert shop.package(name)["state"] in ("refused", "failed")
    else:
        assert made.status_code in (400, 422), made.text
    assert time.monotonic() - started < 25  # nobody slept for half a minute
    assert rows(shop.database, "SELECT count(*) FROM customers") == [(len(PEOPLE),)]
    assert rows(shop.database, "SELECT is_called FROM numbers") == [(False,)]
    assert rows(shop.database, "SELECT count(*) FROM pg_class WHERE relname = 'copied'") == [(0,)]


def test_a_parameter_is_a_value_whatever_stands_in_it(shop: Shop) -> None:
    text = (
        "templateName: asked\nparameters:\n  status: {type: string}\nexports:\n"
        '  out: {provider: SHOP, query: "SELECT id, status FROM customers WHERE status = ${status}"}\n'
    )
    assert shop.ask("POST", "/api/templates", shop.dev, content=text, headers=YAML).status_code == 201
    for value in ("' OR '1'='1", "new'; DELETE FROM customers; --", "\\'; SELECT pg_sleep(30); --", "$$", "%s"):
        asked = {"template": "asked", "parameters": {"status": value}}
        answer = shop.ask("POST", "/api/packages", shop.dev, json=asked)
        assert answer.status_code in (200, 202, 400, 422), answer.text
    assert rows(shop.database, "SELECT count(*) FROM customers") == [(len(PEOPLE),)]


def test_a_wrong_password_and_a_lost_database_are_said_without_it(shop: Shop) -> None:
    assert shop.template("lost", GOOD).status_code == 201
    rows(shop.database, "ALTER ROLE shopreader PASSWORD 'another'")
    told = shop.package("lost")
    assert told["state"] in ("refused", "failed"), told
    tested = shop.ask("POST", "/api/providers/SHOP/test", shop.boss).json()
    assert not tested["reachable"]
    assert shop.ask("GET", "/api/providers/SHOP/tables/customers/rows", shop.dev).status_code == 503
    name = urlsplit(shop.database).path[1:]
    rows(shop.server.url, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    assert shop.package("lost")["state"] in ("refused", "failed")
    rows(shop.server.url, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    rows(shop.database, f"ALTER ROLE shopreader PASSWORD '{PASSWORD}'")
    told = shop.package("lost")
    assert told["state"] == "ready", told


def test_logins_with_what_is_secret_in_the_wrong_place_leave_no_trace_of_it(shop: Shop) -> None:
    token = shop.token["authorization"][7:]
    shop.daemon.client.get("/api/whoami", params={"token": token})
    shop.daemon.client.get("/api/whoami", headers={"authorization": f"Basic {token}"})
    shop.daemon.client.get("/api/whoami", headers={"authorization": f"Bearer {token}x"})
    shop.daemon.client.post("/auth/session", json={"challenge": token, "signature": token})
    shop.daemon.client.get("/api/volumes/logs/files/no.log", headers=shop.dev)


def test_no_secret_and_no_value_of_a_row_stands_anywhere(shop: Shop) -> None:
    """Log, answers, audit, command lines, environments, every file of the folder but those that hold secrets."""
    assert [name for name, state in shop.ended.items() if name.startswith("failing-") and state == "failed"]
    shop.said.append(shop.ask("GET", "/api/audit/export", shop.boss).text)
    shop.said.append(shop.ask("GET", "/metrics", shop.boss).text)
    assert len(shop.watch.seen) > 2  # the daemon and its workers
    assert shop.watch.found == []
    texts = {"answers": "\n".join(shop.said).encode()}
    allowed = {shop.secret, *(shop.folder / "keys").iterdir(), *shop.folder.glob("*.key")}
    texts |= {str(path): path.read_bytes() for path in shop.folder.rglob("*") if path.is_file() and path not in allowed}
    assert len(texts) > 8
    assert any(path.endswith(".sqlite") for path in texts)
    assert shop.daemon.log.stat().st_size > 1000
    found = [(place, marker) for place, text in texts.items() for marker in shop.markers if marker.encode() in text]
    assert found == []
