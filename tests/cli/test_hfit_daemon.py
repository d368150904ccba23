"""hfit against a real daemon, a real SSH agent, in processes of its own: every command that a developer types."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.forking import CAN_FORK, stand_ins
from tests.identity import ssh
from tests.server.gateway.daemons import Daemon, set_up
from tests.servers import MariaDB

BIN = Path(sys.executable).parent
EXAMPLES = Path(__file__).parent.parent.parent / "examples" / "ci"
DEV, BOSS = "dev@example.com", "boss@example.com"
TEMPLATES = {
    "daily-dev-scenario": """
templateName: daily-dev-scenario
description: Every customer with orders
exports:
  schema: {type: ddl, provider: SHOP}
  customers: {type: subset, provider: SHOP, root: customers, include: [orders]}
""",
    "my-scenario": """
templateName: my-scenario
description: One customer with orders
parameters:
  customer_id: {type: integer, default: 1}
exports:
  schema: {type: ddl, provider: SHOP}
  customers: {type: subset, provider: SHOP, root: customers, where: "id = ${customer_id}", include: [orders]}
""",
    "incident-2024-1015": """
templateName: incident-2024-1015
parameters:
  start_time: {type: timestamp}
  end_time: {type: timestamp}
exports:
  schema: {type: ddl, provider: SHOP}
  events:
    type: query
    provider: SHOP
    query: SELECT id, at FROM events WHERE at >= ${start_time} AND at < ${end_time}
""",
    "large-dataset": """
templateName: large-dataset
exports:
  schema: {type: ddl, provider: SHOP}
  events: {type: query, provider: SHOP, query: "SELECT id, at FROM events"}
""",
    "test-scenario": """
templateName: test-scenario
exports:
  schema: {type: ddl, provider: SHOP}
  customers: {type: subset, provider: SHOP, root: customers}
""",
    "ci-orders": """
templateName: ci-orders
exports:
  schema: {type: ddl, provider: SHOP}
  orders: {type: subset, provider: SHOP, root: orders}
""",
    "wide": """
templateName: wide
exports:
  customers: {type: query, provider: SHOP, query: "SELECT id, email FROM customers", formats: [csv]}
  logs: {type: files, volume: logs, paths: ["*.log"]}
""",
}
EVENTS = """
CREATE TABLE events (id INTEGER PRIMARY KEY, at TIMESTAMP NOT NULL);
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
INSERT INTO events SELECT i, datetime('2024-10-15 12:00:00', i || ' minutes') FROM n;
"""
POLICY = "\n  - {match: events.at, keep: true}\n"


@dataclass
class Person:
    """Somebody with a home folder, and a daemon to speak to."""

    home: Path
    environment: dict[str, str]

    def run(self, line: str, *, code: int | None = 0, **more: str) -> subprocess.CompletedProcess[str]:
        """A line of a shell, as they type it; its exit code is the last command's."""
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", line], cwd=self.home, env={**self.environment, **more},
            capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert code is None or done.returncode == code, f"{line}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def says(self, line: str, **more: Any) -> str:
        """What a line prints."""
        return self.run(line, **more).stdout

    def json(self, line: str) -> Any:
        """What a line prints as JSON."""
        return json.loads(self.says(line))


@dataclass
class World:
    """A daemon, its approver, and a developer whose key is in an agent."""

    daemon: Daemon
    dev: Person
    boss: Person


def person(folder: Path, extra: Mapping[str, str]) -> Person:
    folder.mkdir()
    path = os.pathsep.join([*([str(stand_ins())] if CAN_FORK else []), str(BIN), "/usr/local/bin", "/usr/bin", "/bin"])
    return Person(folder, {"PATH": path, "HOME": str(folder), "LC_ALL": "C.UTF-8", "TZ": "UTC", **extra})


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Everything configured as the issue's first page tells; every template is there and approved."""
    folder = tmp_path_factory.mktemp("world")
    set_up(folder / "daemon")
    with closing(sqlite3.connect(folder / "daemon" / "shop.db")) as shop:
        shop.executescript(EVENTS)
    policy = folder / "daemon" / "masking.yaml"
    policy.write_text(policy.read_text().replace("\nfiles:", f"{POLICY}files:"))
    daemon = Daemon(folder / "daemon")
    try:
        with ssh.agent() as agent:
            dev, boss = person(folder / "dev", agent), person(folder / "boss", {})
            _enrol(daemon, dev, boss, agent)
            _publish(dev, boss)
            yield World(daemon, dev, boss)
    finally:
        daemon.stop()


def _enrol(daemon: Daemon, dev: Person, boss: Person, agent: dict[str, str]) -> None:
    """The developer's key has a passphrase that only the agent knows; the approver's is a plain file."""
    (dev.home / ".ssh").mkdir(mode=0o700)
    key = ssh.make_key(dev.home / ".ssh" / "id_ed25519", "ed25519")
    ssh.add(agent, key)
    ssh.run("ssh-keygen", "-q", "-p", "-P", "", "-N", "secret words", "-f", str(key))
    config = str(daemon.folder / "hfitd.yaml")
    command = [
        str(BIN / "hfitd"),
        "user",
        "add",
        DEV,
        "--key",
        f"{key}.pub",
        "--role",
        "developer",
        "--team",
        "payments",
    ]
    subprocess.run([*command, "--config", config], check=True, capture_output=True)
    own = daemon.user(BOSS, roles=("approver",))
    dev.run(f"hfit config {daemon.url} {DEV} ~/.ssh/id_ed25519")
    boss.run(f"hfit config {daemon.url} {BOSS} {own}")


def _publish(dev: Person, boss: Person) -> None:
    dev.run("hfit login")
    (dev.home / "templates").mkdir()
    for name, text in TEMPLATES.items():
        (dev.home / "templates" / f"{name}.yaml").write_text(text)
    (dev.home / "team-shared-scenario.yaml").write_text(TEMPLATES["my-scenario"].replace("my-", "team-shared-"))
    pushed = dev.json("hfit pkg-tmpl push templates -m first --json")
    assert [change["done"] for change in pushed["changes"]] == ["created"] * len(TEMPLATES)
    given = {"incident-2024-1015": 'start_time="2024-10-15 14:30:00" end_time="2024-10-15 15:00:00"'}
    for name in TEMPLATES:
        boss.run(f"hfit pkg-tmpl approve {name} {given.get(name, '')} -m 'looked at it'")


@pytest.fixture
def dev(world: World, tmp_path: Path) -> Person:
    """The developer, in a folder of the test's own, with no session and no downloads yet."""
    (tmp_path / "here").mkdir()
    return Person(tmp_path / "here", {**world.dev.environment, "XDG_STATE_HOME": str(tmp_path / "state")})


def rows(database: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


def load(script: Path, database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(script.read_text())


# ---- who one is


def test_the_agent_signs_the_login(dev: Person):
    assert DEV in dev.run("hfit login").stderr
    told = dev.json("hfit whoami --json")
    assert (told["name"], told["roles"], told["teams"]) == (DEV, ["developer"], ["payments"])
    assert dev.says("hfit whoami").startswith(f"{DEV} at http://127.0.0.1:")


def test_a_command_logs_in_by_itself_while_the_key_answers(dev: Person):
    assert dev.json("hfit whoami --json")["name"] == DEV


@pytest.mark.parametrize("first", ["hfit login", "hfit whoami", ":"])
def test_after_a_logout_nobody_is_logged_in_until_a_login(dev: Person, first: str):
    dev.run(first)
    dev.run("hfit logout")
    for command in ("hfit whoami", "hfit pkg-list", "hfit providers"):
        said = dev.run(command, code=3).stderr
        assert ("not logged in" in said, "hfit login" in said) == (True, True), said
    dev.run("hfit login")
    assert dev.json("hfit whoami --json")["name"] == DEV


def test_a_session_that_others_may_read_is_refused_and_can_be_ended(dev: Person):
    dev.run("hfit login")
    (kept,) = Path(dev.environment["XDG_STATE_HOME"]).rglob("sessions/*.json")
    token = json.loads(kept.read_text())["token"]
    kept.chmod(0o644)
    assert "hfit logout" in dev.run("hfit whoami", code=2).stderr
    dev.run("hfit logout")
    dev.run("hfit whoami", code=3)
    dev.run("hfit whoami", HFIT_TOKEN=token, code=3)  # whoever read it has nothing
    dev.run("hfit login; hfit whoami")


def test_without_the_agent_the_passphrase_is_missing_and_that_is_said(dev: Person):
    said = dev.run("hfit whoami", SSH_AUTH_SOCK="", code=3).stderr
    assert "the key has a passphrase" in said
    assert "hfit login" in said
    assert "passphrase" in dev.run("hfit login", SSH_AUTH_SOCK="", code=2).stderr


def test_the_passphrase_is_asked_for_at_a_terminal(world: World, dev: Person):
    if not shutil.which("script"):
        pytest.skip("script is not installed")
    dev.run("hfit logout")
    line = "(sleep 1.5; echo 'secret words') | script -qec 'hfit login' /dev/null"
    said = dev.run(line, SSH_AUTH_SOCK="").stdout
    assert "Passphrase for" in said
    assert "secret words" not in said.replace("secret words\r\n", "", 1)
    assert f"logged in: {DEV}" in said


def test_a_service_token_logs_ci_in(world: World, tmp_path: Path):
    token = subprocess.run(
        [str(BIN / "hfitd"), "token", "create", "--for", "ci", "--templates", "daily-*", "--team", "payments", "--ttl",
         "90d", "--config", str(world.daemon.folder / "hfitd.yaml")], check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    ci = person(tmp_path / "ci", {})
    ci.run(f"hfit config {world.daemon.url}")
    ci.run('hfit login --token "$HFIT_TOKEN"', HFIT_TOKEN=token)
    assert ci.json("hfit whoami --json")["name"] == "token:ci"
    assert "CREATE TABLE" in ci.says("hfit pkg-download daily-dev-scenario")
    assert "my-scenario" in ci.run("hfit pkg-download my-scenario", code=None).stderr
    ci.run("hfit logout")
    ci.run("hfit whoami", code=3)
    bare = {"HFIT_URL": world.daemon.url, "HFIT_TOKEN": token}
    assert "token:ci" in ci.says("hfit whoami", **bare)
    assert "token:ci" in ci.says(f"echo {token} | hfit login --token -; hfit whoami")
    assert (
        "HFIT_TOKEN holds no token" in ci.run("hfit whoami", code=3, **bare | {"HFIT_TOKEN": f"hft_{'0' * 72}"}).stderr
    )
    assert "72 hexadecimal digits" in ci.run("hfit login --token hft_12", code=2).stderr


def test_without_a_home_address_and_token_are_enough(world: World, tmp_path: Path):
    header = world.daemon.token("bare", teams=["payments"])["authorization"]
    given = {"HFIT_URL": world.daemon.url, "HFIT_TOKEN": header.removeprefix("Bearer ")}
    cron = Person(tmp_path, {"PATH": f"{BIN}:/usr/bin:/bin"})
    uid = ["setpriv", "--reuid", "54321", "--clear-groups"] if os.geteuid() == 0 and shutil.which("setpriv") else []
    found = subprocess.run(
        [*uid, sys.executable, "-c", "from hotfixture.cli.hfit import main; main()", "whoami"],
        env={**cron.environment, **given}, capture_output=True, text=True, check=False, timeout=60, cwd="/",
    )  # fmt: skip
    if found.returncode and "hotfixture" in found.stderr and "No module" in found.stderr:
        pytest.skip("the source cannot be read by another user here")
    assert "token:bare" in found.stdout, found.stderr


def test_a_wrong_address_or_nothing_configured_is_said(tmp_path: Path):
    nobody = person(tmp_path / "nobody", {})
    assert "hfit config URL ACCOUNT KEYFILE" in nobody.run("hfit whoami", code=2).stderr
    assert "plain http" in nobody.run("hfit config http://fixtures.example.com a@b.c", code=3).stderr
    assert "does not answer" in nobody.run("hfit whoami", code=1, HFIT_URL="http://127.0.0.1:9", HFIT_TOKEN="t").stderr
    assert "Did you mean HFIT_TOKEN" in nobody.run("hfit run x.yaml", code=2, HFIT_TOKN="t").stderr


def test_what_is_configured_is_shown(world: World, tmp_path: Path):
    other = person(tmp_path / "other", {})
    assert "no daemon" in other.run("hfit config").stderr
    other.run("hfit config https://a.example --profile a; hfit config https://b.example me@b.example --profile b")
    found = other.json("hfit config --json")
    assert (found["default"], sorted(found["profiles"])) == ("a", ["a", "b"])
    assert "me@b.example" in other.says("hfit config")
    assert "cannot be read" in other.run("hfit config https://a.example a@b.c /no/key", code=2).stderr


def test_a_daemon_with_a_certificate_of_its_own_is_believed_where_that_is_said(world: World, tmp_path: Path):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "cert")], check=True, capture_output=True,
    )  # fmt: skip
    (tmp_path / "key").chmod(0o600)
    set_up(tmp_path / "daemon")
    daemon = Daemon(tmp_path / "daemon", "--tls-cert", str(tmp_path / "cert"), "--tls-key", str(tmp_path / "key"))
    try:
        token = daemon.token("ci", teams=["payments"])["authorization"].removeprefix("Bearer ")
        url = daemon.url.replace("http://127.0.0.1", "https://localhost")
        own = person(tmp_path / "own", {"HFIT_TOKEN": token})
        said = own.run("hfit whoami", code=1, HFIT_URL=url).stderr
        assert "certificate" in said
        assert "--ca FILE" in said
        assert "token:ci" in own.says("hfit whoami", HFIT_URL=url, SSL_CERT_FILE=str(tmp_path / "cert"))
        own.run(f"hfit config {url} --ca ../cert")
        assert "token:ci" in own.says("hfit whoami")
        assert own.run(f"hfit whoami --url {url.replace('https', 'http')}", code=1).stdout == ""
    finally:
        daemon.stop()


# ---- templates


def test_a_template_is_created_shown_changed_compared_and_deleted(world: World, dev: Person):
    shutil.copy(world.dev.home / "team-shared-scenario.yaml", dev.home)
    made = dev.run("hfit pkg-tmpl create team-shared-scenario.yaml -m 'for the team'")
    assert "created, revision 1" in made.stderr
    assert "+templateName: team-shared-scenario" in made.stdout
    assert "needs approval" in dev.says("hfit pkg-tmpl list --search team-shared")
    assert (
        dev.says("hfit pkg-tmpl show team-shared-scenario --text")
        == (dev.home / "team-shared-scenario.yaml").read_text()
    )
    (dev.home / "team-shared-scenario.yaml").write_text(
        TEMPLATES["my-scenario"].replace("my-", "team-shared-") + "# x\n"
    )
    assert "+# x" in dev.says("hfit pkg-tmpl update team-shared-scenario.yaml --dry-run")
    assert "revision 2" in dev.run("hfit pkg-tmpl update team-shared-scenario.yaml").stderr
    patched = dev.run("hfit pkg-tmpl patch team-shared-scenario customer_id=2 --description 'Another one' -m two")
    assert "-description: One customer" in patched.stdout
    assert "default: 2" in patched.stdout
    history = dev.json("hfit pkg-tmpl history team-shared-scenario --json")
    assert [(one["number"], one["message"]) for one in history] == [(3, "two"), (2, ""), (1, "for the team")]
    assert "for the team" in dev.says("hfit pkg-tmpl history team-shared-scenario")
    assert "+# x" in dev.says("hfit pkg-tmpl diff team-shared-scenario 1 2")
    assert "default: 2" in dev.says("hfit pkg-tmpl diff team-shared-scenario")
    assert "deleted" in dev.run("hfit pkg-tmpl delete team-shared-scenario").stderr
    assert "template team-shared-scenario" in dev.run("hfit pkg-tmpl show team-shared-scenario", code=2).stderr


def test_show_says_what_a_package_would_be_made_of(dev: Person):
    shown = dev.says("hfit pkg-tmpl show my-scenario")
    assert f"approved by {BOSS}" in shown
    assert "customer_id" in shown
    debug = dev.says("hfit pkg-tmpl show my-scenario --debug")
    assert "from customers where id = 1" in debug
    assert "email: internet.email" in debug
    assert "<- customers.email" in debug
    assert "approved" in debug
    assert "from customers where id = 7" in dev.says("hfit pkg-tmpl show my-scenario customer_id=7")
    assert dev.json("hfit pkg-tmpl show my-scenario --debug --json")["exports"][1]["tables"][0]["table"] == "customers"


def test_an_approver_looks_and_stands_for_it_and_the_author_cannot(world: World, dev: Person):
    (dev.home / "t.yaml").write_text(TEMPLATES["test-scenario"].replace("test-", "judged-"))
    dev.run("hfit pkg-tmpl create t.yaml")
    refused = dev.run("hfit pkg-download judged-scenario", code=3)
    assert (refused.stdout, "needs approval" in refused.stderr) == ("", True)
    dev.run("hfit pkg-tmpl approve judged-scenario", code=3)
    sample = world.boss.says("hfit pkg-tmpl sample judged-scenario")
    assert "customers" in sample
    assert "anna.kern" not in sample
    digest = world.boss.json("hfit pkg-tmpl show judged-scenario --json")["digest"]
    assert "another one" in world.boss.run("hfit pkg-tmpl approve judged-scenario --digest 000", code=3).stderr
    world.boss.run("hfit pkg-tmpl approve judged-scenario --seen 0000", code=3)
    seen = world.boss.json("hfit pkg-tmpl show judged-scenario --debug --json")["seen"]
    assert f"this plan: {seen}" in world.boss.says("hfit pkg-tmpl show judged-scenario --debug")
    bound = f"--digest {digest[:12]} --seen {seen}"
    world.boss.run(f"hfit pkg-tmpl approve judged-scenario {bound} --ttl 1d -m 'looked at it'")
    assert "INSERT" in dev.says("hfit pkg-download judged-scenario")
    world.boss.run("hfit pkg-tmpl revoke judged-scenario -m 'changed my mind'")
    assert f"{BOSS} took the approval back" in dev.run("hfit pkg-download judged-scenario", code=3).stderr


def test_all_problems_of_a_template_come_back_with_their_places(dev: Person):
    (dev.home / "wrong.yaml").write_text(
        "templateName: wrong\nexportz: {}\nexports:\n  a: {type: sbset, provider: SHOP}\n"
    )
    said = dev.run("hfit pkg-tmpl create wrong.yaml", code=2).stderr.splitlines()
    assert len(said) >= 2
    assert any(":2:" in line and "exportz" in line for line in said)
    assert all(line.startswith("hfit: wrong.yaml:") for line in said)  # the file that they have, and no other name
    assert "incident-2024-1015.yaml:" in dev.run("hfit pkg-download incident-2024-1015", code=2).stderr


# ---- packages


def test_a_package_streams_into_a_database(dev: Person):
    done = dev.run("hfit pkg-download daily-dev-scenario | sqlite3 test.db")
    assert "standard output: 5 rows of 2 tables" in done.stderr
    assert rows(dev.home / "test.db", "SELECT count(*) FROM orders") == [(3,)]
    assert not [mail for (mail,) in rows(dev.home / "test.db", "SELECT email FROM customers") if "firm.test" in mail]
    assert sorted(path.name for path in dev.home.iterdir()) == ["test.db"]


def test_parameters_are_given_as_words(dev: Person):
    line = (
        'hfit pkg-download incident-2024-1015 start_time="2024-10-15 14:30:00" end_time="2024-10-15 15:00:00" -o i.sql'
    )
    assert "30 rows" in dev.run(line).stderr
    load(dev.home / "i.sql", dev.home / "i.db")
    assert rows(dev.home / "i.db", "SELECT count(*), min(at) FROM events") == [(30, "2024-10-15 14:30:00")]
    assert "end_time" in dev.run("hfit pkg-download incident-2024-1015 start_time=2024-10-15", code=2).stderr
    assert "NAME=VALUE" in dev.run("hfit pkg-download incident-2024-1015 start_time", code=2).stderr


def test_a_sample_is_a_part(dev: Person):
    dev.run("hfit pkg-download large-dataset sample_rate=0.1 -o part.sql")
    load(dev.home / "part.sql", dev.home / "part.db")
    ((count,),) = rows(dev.home / "part.db", "SELECT count(*) FROM events")
    assert 50 < count < 150


def test_subprocess_run_gets_the_bytes_and_the_exit_code(dev: Person):
    command = [str(BIN / "hfit"), "pkg-download", "daily-dev-scenario"]
    done = subprocess.run(command, env=dev.environment, cwd=dev.home, capture_output=True, check=True, timeout=60)
    assert done.stdout.startswith(b"-- daily-dev-scenario")
    wrong = subprocess.run(
        [*command[:2], "nothing"], env=dev.environment, cwd=dev.home, capture_output=True, check=False
    )
    assert (wrong.returncode, wrong.stdout) == (2, b"")


def test_json_tells_what_was_made_and_the_file_is_beside_it(dev: Person):
    told = dev.json("hfit pkg-download daily-dev-scenario --json")
    path = Path(told["path"])
    assert path == dev.home / "daily-dev-scenario.sql"
    assert path.stat().st_mode & 0o077 == 0
    assert told["state"] == "ready"
    dev.run("hfit pkg-download daily-dev-scenario -o - --json", code=2)


def test_a_place_is_a_file_or_a_folder_and_hfit_data_where_it_is(dev: Person):
    dev.run("hfit pkg-download daily-dev-scenario -o a.sql; hfit pkg-download daily-dev-scenario -o sub/dir/")
    assert (dev.home / "sub" / "dir" / "daily-dev-scenario.sql").read_bytes() == (dev.home / "a.sql").read_bytes()
    dev.run("hfit init; git init -q .; hfit pkg-download daily-dev-scenario --json > told.json")
    dev.run("hfit pkg-download daily-dev-scenario --form zip -o hfit-data/daily.zip")
    assert (dev.home / "hfit-data" / "daily-dev-scenario.sql").exists()
    assert "hfit-data/daily" not in dev.says("git status --porcelain -uall --ignored=no")
    assert "hfit-data/.gitignore" in dev.says("git status --porcelain -uall")
    assert "nothing was changed" in dev.run("hfit init").stderr
    assert dev.json("hfit init --json") == {"folder": "hfit-data", "made": False}
    assert dev.json("hfit logout --json")["done"] in {"logged out", "nobody was logged in"}
    assert dev.json("hfit verify hfit-data/daily.zip --json")["rows"] == 5


def test_an_archive_holds_everything_and_verifies(dev: Person):
    dev.run("hfit pkg-download daily-dev-scenario --form zip -o daily.zip")
    assert "5 rows; loaded, 1 reference holds" in dev.says("hfit pkg-verify daily.zip --load sqlite:///loaded.db")
    damaged = bytearray((dev.home / "daily.zip").read_bytes())
    damaged[len(damaged) // 3] ^= 1
    (dev.home / "daily.zip").write_bytes(damaged)
    dev.run("hfit pkg-verify daily.zip", code=4)


def test_a_script_verifies_against_the_daemon_s_manifest(dev: Person):
    told = dev.json("hfit pkg-download daily-dev-scenario --json")
    assert "1 file as the manifest says, 5 rows" in dev.says("hfit pkg-verify daily-dev-scenario.sql")
    assert dev.json("hfit pkg-verify daily-dev-scenario.sql --load sqlite:///l.db --json")["references"] == 1
    (dev.home / "daily-dev-scenario.sql").rename(dev.home / "other.sql")
    assert "does not know" in dev.run("hfit pkg-verify other.sql", code=2).stderr
    dev.run(f"hfit pkg-verify other.sql --package {told['id']}")
    with (dev.home / "other.sql").open("a") as file:
        file.write("-- one more\n")
    said = dev.run(f"hfit pkg-verify other.sql --package {told['id']}", code=4).stderr
    assert "other.sql" in said
    assert "changed" in said


def test_only_the_script_goes_into_a_pipe_and_the_rest_is_spoken_of(dev: Person):
    done = dev.run("hfit pkg-download wide | cat")
    assert done.stdout.startswith("-- wide")
    assert "left out" in done.stderr
    told = dev.json("hfit pkg-download wide --json")
    assert told["path"].endswith("wide.tar.gz")


def test_files_come_with_the_script_in_an_archive(dev: Person):
    dev.run("hfit pkg-download wide --form tar.gz -o wide.tar.gz && tar xzf wide.tar.gz")
    found = list(dev.home.rglob("app.log"))
    assert found
    assert "anna.kern" not in found[0].read_text()


def test_a_package_can_be_asked_for_and_fetched_later(dev: Person):
    package = dev.says("hfit pkg-download daily-dev-scenario --no-wait").strip()
    until = time.monotonic() + 60
    while dev.json("hfit pkg-list --limit 5 --json")[0]["state"] != "ready" and time.monotonic() < until:
        time.sleep(0.1)
    assert package in dev.says("hfit pkg-list --state ready --template daily-dev-scenario")
    assert "CREATE TABLE" in dev.says(f"hfit pkg-download --package {package}")
    assert package in dev.run(f"hfit pkg-cancel {package}").stderr
    assert dev.run(f"hfit pkg-download --package {package}", code=None).returncode in {1, 3}
    dev.run("hfit pkg-download", code=2)


def test_no_file_is_called_an_archive_that_is_none(dev: Person):
    package = dev.json("hfit pkg-download daily-dev-scenario -o one.sql --json")["id"]
    said = dev.run(f"hfit pkg-download --package {package} -o one.zip --form zip", code=2).stderr
    assert "was made as sql, not as zip" in said
    dev.run(f"hfit pkg-download --package {package} -o one.zip", code=2)
    assert not (dev.home / "one.zip").exists()
    dev.run("hfit pkg-download daily-dev-scenario -o two.zip")
    assert zipfile.is_zipfile(dev.home / "two.zip")
    dev.run(f"hfit pkg-download --package {package} --fresh", code=2)


def test_what_was_refused_leaves_no_file_and_no_entry(dev: Person):
    before = sorted(path.name for path in dev.home.iterdir())
    dev.run("hfit download logs:/nothing.here", code=2)
    assert sorted(path.name for path in dev.home.iterdir()) == before
    places = Path(dev.environment["XDG_STATE_HOME"]).rglob("downloads/*.json")
    assert not any("nothing.here" in place.read_text() for place in places)


def test_what_is_due_is_deleted_by_any_later_run(dev: Person):
    dev.run("hfit pkg-download test-scenario --auto-cleanup 7d > stream.sql")
    path = dev.home / "test-scenario.sql"
    assert path.read_bytes() == (dev.home / "stream.sql").read_bytes()
    assert "test-scenario" in dev.says("hfit cleanup --dry-run")
    assert "nothing is due" in dev.run("hfit cleanup").stderr
    dev.run("hfit pkg-download test-scenario -o soon.sql --auto-cleanup 1s; sleep 1.1")
    passing = dev.run("hfit inspect sqlite:///none.db", code=None)
    assert "soon.sql: deleted" in passing.stderr
    assert not (dev.home / "soon.sql").exists()
    path.write_text("mine now")
    kept = dev.run("hfit cleanup --all", code=3)
    assert "changed since" in kept.stderr
    assert path.read_text() == "mine now"
    path.unlink()
    dev.run("hfit cleanup --all")
    assert dev.json("hfit cleanup --all --dry-run --json") == []
    assert "7d, 12h" in dev.run("hfit pkg-download test-scenario --auto-cleanup soon", code=2).stderr


def test_at_a_terminal_it_becomes_a_file_and_there_are_bars(dev: Person):
    if not shutil.which("script"):
        pytest.skip("script is not installed")
    shown = dev.says("script -qec 'hfit pkg-download daily-dev-scenario' /dev/null", TERM="xterm", COLUMNS="120")
    assert "daily-dev-scenario: " in shown
    assert "daily-dev-scenario.sql: 5 rows of 2 tables" in shown
    assert "INSERT" not in shown
    assert (dev.home / "daily-dev-scenario.sql").read_text().startswith("-- daily-dev-scenario")


def test_the_reader_of_a_pipe_may_leave(dev: Person):
    done = dev.run("hfit pkg-download large-dataset | head -c 10; exit ${PIPESTATUS[0]}", code=None)
    assert done.returncode in {0, 141}
    assert "Traceback" not in done.stderr


def test_a_daemon_that_is_killed_and_started_again_costs_a_wait_and_nothing_else(tmp_path: Path):
    set_up(tmp_path / "daemon", more='approval: "off"')
    with closing(sqlite3.connect(tmp_path / "daemon" / "shop.db")) as shop:
        shop.executescript(EVENTS.replace("999", "200000"))
    policy = tmp_path / "daemon" / "masking.yaml"
    policy.write_text(policy.read_text().replace("\nfiles:", f"{POLICY}files:"))
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = str(free.getsockname()[1])
    daemon = Daemon(tmp_path / "daemon", "--port", port)
    try:
        own = person(tmp_path / "own", {})
        own.run(f"hfit config {daemon.url} {DEV} {daemon.user(DEV)}; hfit login")
        (own.home / "t.yaml").write_text(TEMPLATES["large-dataset"])
        own.run("hfit pkg-tmpl create t.yaml")
        command = [str(BIN / "hfit"), "pkg-download", "large-dataset", "-o", "large.sql"]
        waiting = subprocess.Popen(command, env=own.environment, cwd=own.home, stderr=subprocess.PIPE, text=True)
        until = time.monotonic() + 60
        while not (found := own.json("hfit pkg-list --json")) or found[0]["state"] == "queued":
            assert time.monotonic() < until
        assert found[0]["state"] == "building"
        daemon.kill()
        time.sleep(4)  # longer than a call is repeated by itself
        daemon = Daemon(tmp_path / "daemon", "--port", port)
        said = waiting.communicate(timeout=120)[1]
        assert waiting.returncode == 0, said
        assert "200,001 rows" in said
        assert (own.home / "large.sql").read_text().rstrip().endswith("hotfixture_guard;")
    finally:
        daemon.stop()


@pytest.mark.servers
def test_mysql_takes_it_from_the_pipe(tmp_path: Path, mariadb_server: MariaDB, mariadb_url: str):
    """`hfit pkg-download daily-dev-scenario | mysql test_db`: one database is production, another the test's."""
    from urllib.parse import urlsplit

    from tests.servers import run_script

    columns = "id INT PRIMARY KEY, email VARCHAR(100), name VARCHAR(100), status VARCHAR(9)"
    row = "1, 'anna.kern@firm.test', 'Anna Kern', 'new'"
    run_script(mariadb_url, f"CREATE TABLE customers ({columns}); INSERT INTO customers VALUES ({row});")
    set_up(tmp_path / "daemon")
    settings = tmp_path / "daemon" / "hfitd.yaml"
    provider = '  SHOP: {url: "env:PRODUCTION", teams: [payments]}'
    lines = [provider if line.startswith("  SHOP:") else line for line in settings.read_text().splitlines()]
    settings.write_text("\n".join(lines).replace("rate_limits: {}", "rate_limits: {}\napproval: off"))
    daemon = Daemon(tmp_path / "daemon", environment={"PRODUCTION": mariadb_url})
    target = mariadb_server.fresh_database()
    try:
        key = daemon.user(DEV)
        own = person(tmp_path / "own", {})
        parts = urlsplit(target)
        (own.home / ".my.cnf").write_text(
            f"[client]\nhost={parts.hostname}\nport={parts.port}\nuser={parts.username}\npassword={parts.password}\n"
        )
        own.run(f"hfit config {daemon.url} {DEV} {key}; hfit login")
        (own.home / "t.yaml").write_text(TEMPLATES["test-scenario"].replace("test-scenario", "daily-dev-scenario"))
        own.run("hfit pkg-tmpl create t.yaml")
        own.run(f"hfit pkg-download daily-dev-scenario | mysql {parts.path[1:]}")
        assert own.says(f"mysql -N {parts.path[1:]} -e 'SELECT id FROM customers'").strip() == "1"
    finally:
        daemon.stop()
        mariadb_server.drop(target)


# ---- providers and volumes


def test_what_packages_are_made_of_is_listed(dev: Person):
    assert "SQLite" in dev.says("hfit providers")
    assert dev.json("hfit providers --json")[0]["name"] == "SHOP"
    assert "main" in dev.says("hfit dbs")
    assert "main" in dev.says("hfit dbs SHOP")
    assert "orders" in dev.says("hfit tables SHOP")
    assert "internet.email" in dev.says("hfit tables --columns")
    assert "provider NONE" in dev.run("hfit tables NONE", code=2).stderr


def test_rows_are_masked_and_few(dev: Person):
    shown = dev.run("hfit rows SHOP customers")
    assert "anna.kern" not in shown.stdout
    assert "email" in shown.stderr
    assert len(dev.json("hfit rows events --limit 100 --json")["rows"]) == 100
    dev.run("hfit rows events --limit 101", code=2)


def test_volumes_are_listed_filtered_and_read(dev: Person):
    assert "logs" in dev.says("hfit volumes")
    listed = dev.says("hfit files logs 'name:*.log' 'mtime:7' 'size:>10'")
    assert listed.rstrip().endswith("app.log")
    assert dev.says("hfit files logs 'size:>1024'") == ""
    assert json.loads(dev.says("hfit files logs --json").splitlines()[0])["name"] == "app.log"
    dev.run("hfit download logs:/app.log")
    content = (dev.home / "app.log").read_text()
    assert content.endswith(" logged in\n")
    assert "anna.kern" not in content
    assert dev.says("hfit download logs: sort:mtime:desc -o -") == content
    picked = dev.json("hfit download logs: sort:mtime:desc -o newest.log --auto-cleanup 7d --json")
    assert (picked["source"], picked["bytes"]) == ("logs:/app.log", len(content))
    assert "Did you mean name" in dev.run("hfit files logs nmae:x", code=2).stderr
    for outside in ("logs:/../hfitd.yaml", "logs:/none.log", "none:/app.log"):
        dev.run(f"hfit download {outside}", code=2)


# ---- the examples


def test_the_steps_of_the_workflow_run(world: World, tmp_path: Path):
    """Every `run:` of examples/ci/github-actions.yaml but the installation, with a token as the example makes it."""
    workflow = yaml.safe_load((EXAMPLES / "github-actions.yaml").read_text())
    job = workflow["jobs"]["tests"]
    assert job["env"] == {"HFIT_URL": "https://fixtures.example.com", "HFIT_TOKEN": "${{ secrets.HFIT_TOKEN }}"}
    header = world.daemon.token("github", templates=["ci-*"])["authorization"]
    ci = person(tmp_path / "ci", {"HFIT_URL": world.daemon.url, "HFIT_TOKEN": header.removeprefix("Bearer ")})
    read = "sqlite3.connect('test.db').execute('SELECT * FROM orders')"
    test = f"import sqlite3\n\ndef test_it():\n    assert {read}.fetchall()\n"
    (ci.home / "test_it.py").write_text(test)
    steps = [step["run"] for step in job["steps"] if "run" in step and not step["run"].startswith("pip install")]
    assert len(steps) == 5
    said = [ci.run(step).stdout for step in steps]
    assert "token:github" in said[0]
    assert rows(ci.home / "test.db", "SELECT count(*) FROM orders") == [(3,)]
    assert sorted(path.name for path in (ci.home / "hfit-data").iterdir()) == [".gitignore"]
    ci.run("hfit pkg-download daily-dev-scenario", code=2)


def test_the_lines_of_the_crontab_run(world: World, dev: Person):
    """In the environment that cron gives them, and no more."""
    lines = [line for line in (EXAMPLES / "crontab").read_text().splitlines() if line and not line.startswith("#")]
    given = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z]+=", line))
    jobs = [line.split(None, 5) for line in lines if re.match(r"[\d*]", line)]
    assert len(jobs) == 2
    assert all("%" not in job[5] for job in jobs)  # cron makes it the end of a line
    (dev.home / "key").write_bytes(world.daemon.user("cron@example.com").read_bytes())
    (dev.home / "key").chmod(0o600)
    cron = {"SHELL": given["SHELL"], "PATH": f"{BIN}:{given['PATH']}", "HOME": str(dev.home), "LOGNAME": "dev"}
    own = Person(dev.home, cron)
    own.run(f"hfit config {world.daemon.url} cron@example.com key; hfit login")
    for job in jobs:
        done = subprocess.run([given["SHELL"], "-c", job[5]], env=cron, cwd=dev.home, capture_output=True, check=True)
        assert done.stdout == b""
    found = dev.home / "hfit-data" / "daily-dev-scenario.sql"
    assert found.read_text().startswith("-- daily-dev-scenario")
    assert "daily-dev-scenario" in own.says("hfit cleanup --dry-run")
    own.run("hfit logout; rm key")
    failed = subprocess.run(
        [given["SHELL"], "-c", jobs[0][5]], env=cron, cwd=dev.home, capture_output=True, check=False
    )
    assert b"hfit login" in failed.stdout  # what cron sends by mail


def test_every_command_of_hfit_is_tried_here():
    from hotfixture.cli.hfit import LATER
    from hotfixture.cli.hfit_templates import templates

    text = Path(__file__).read_text()
    commands = {*LATER, *(f"pkg-tmpl {name}" for name in (*templates.commands, *templates.later))}
    elsewhere = {"capture", "completion", "pkg-tmpl"}  # capture: test_hfit_capture.py
    assert [name for name in sorted(commands - elsewhere) if f"hfit {name}" not in text] == []
