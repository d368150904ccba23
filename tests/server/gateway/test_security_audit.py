"""The audit of a running daemon: which deed leaves which event, and how events reach syslog and a webhook."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.server.gateway.daemons import TEMPLATE, Daemon, set_up
from tests.server.gateway.test_authority import new_key
from tests.server.served import SMALL, large

YAML = {"content-type": "application/yaml"}
DEEDS = {
    "a login": ("login.succeeded", {"fingerprint", "session"}),
    "a login that fails": ("login.failed", {"reason", "fingerprint", "wait"}),
    "a token that is none": ("token.refused", {"reason"}),
    "a session renewed": ("session.renewed", {"session"}),
    "a logout": ("session.ended", {"session"}),
    "a user made": ("user.created", {"roles", "teams", "keys"}),
    "a user changed": ("user.changed", {"roles"}),
    "a user disabled": ("user.changed", {"disabled"}),
    "a key added": ("key.added", {"fingerprint", "key_kind"}),
    "a key removed": ("key.removed", {"fingerprint"}),
    "a user removed": ("user.removed", set()),
    "a token made": ("token.created", {"templates", "expires"}),
    "a token revoked": ("token.revoked", {"id"}),
    "a team made": ("team.created", set()),
    "a team joined": ("team.joined", {"account"}),
    "a team left": ("team.left", {"account"}),
    "a team removed": ("team.deleted", set()),
    "a template made": ("template.created", {"revision", "digest"}),
    "a template revised": ("template.revised", {"revision", "digest"}),
    "a template shared": ("template.shared", {"shared"}),
    "a plan looked at": ("template.planned", {"revision", "digest", "reads"}),
    "a sample looked at": ("template.sampled", {"revision", "digest", "most"}),
    "an approval": ("approval.given", {"revision", "digest", "policy"}),
    "an approval refused": ("access.refused", {"method", "reason"}),
    "an approval revoked": ("approval.revoked", {"revision", "digest"}),
    "a template removed": ("template.deleted", {"revision"}),
    "a package asked for": ("package.requested", {"template", "revision", "digest", "parameters", "providers"}),
    "a package begun": ("package.begun", {"template", "attempt"}),
    "a package built": ("package.built", {"tables", "policy", "key", "scanned", "sha256", "size"}),
    "a package refused": ("package.refused", {"reasons", "status"}),
    "a download begun": ("package.download", {"sha256", "first", "end"}),
    "a download ended": ("package.downloaded", {"bytes", "whole"}),
    "a package removed": ("package.removed", set()),
    "a job asked for": ("job.requested", {"rows", "digest", "format", "target", "seed"}),
    "a job ended before it began": ("job.cancelled", {"target"}),
    "a job's end asked for": ("job.cancel", {"target"}),
    "a fetch begun": ("job.download", {"sha256", "size", "range"}),
    "a fetch ended": ("job.downloaded", {"bytes", "whole"}),
    "a preview": ("provider.previewed", {"limit", "policy"}),
    "a provider tried": ("provider.tested", set()),
    "files listed": ("volume.listed", {"filter", "folder"}),
    "a file looked at": ("file.looked_at", {"bytes", "masked"}),
    "a file read": ("file.read", {"bytes", "masked"}),
    "a file sent": ("file.sent", {"bytes", "whole"}),
    "a right that is missing": ("access.refused", {"method", "reason"}),
    "a right that is missing elsewhere": ("access.refused", {"method", "reason"}),
    "the audit exported": ("audit.exported", {"after"}),
    "the audit verified": ("audit.verified", set()),
    "another policy": ("policy.changed", {"before", "after"}),
}
"""What is done, the kind of its event, and facts that stand in it beside who, from where, when, in which request."""
IN_BACKGROUND = {"a package begun", "a package built", "another policy"}
"""What the daemon itself does, in no request."""


class Deeds:
    """Does every deed once, each in a request with an id of its own; `done` is who asked and which request it was."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon
        self.done: dict[str, tuple[str, str]] = {}
        self.dev, self.boss = daemon.somebody("dev@x.test"), daemon.somebody("boss@x.test", roles=["admin"])
        self.approver = daemon.somebody("app@x.test", roles=["approver"])

    def do(self, deed: str, who: str, method: str, path: str, good: int = 0, **options: Any) -> Any:
        """One request."""
        heads = {"dev@x.test": self.dev, "boss@x.test": self.boss, "app@x.test": self.approver}.get(who, {})
        request_id = f"deed-{len(self.done)}"
        headers = {**heads, "x-request-id": request_id, **options.pop("headers", {})}
        answer = self.daemon.client.request(method, path, headers=headers, **options)
        assert answer.status_code == good if good else answer.is_success, (deed, answer.text)
        self.done[deed] = (who, request_id)
        return answer.json() if answer.headers.get("content-type") == "application/json" else answer

    def identity(self) -> None:
        """Logins, users, tokens, teams."""
        host = self.daemon.url.partition("//")[2]
        told = self.daemon.client.post("/auth/challenge", json={"account": "dev@x.test", "host": host}).json()
        wrong = {"challenge": told["challenge"], "signature": "x"}
        self.do("a login that fails", "", "POST", "/auth/session", 401, json=wrong)
        self.do("a token that is none", "", "GET", "/api/whoami", 401, headers={"authorization": "Bearer a.b.c"})
        self.done["a token that is none"] = ("", "")  # nobody is known yet, nor is the request
        second = self.daemon.login("dev@x.test", self.daemon.folder / "dev.key")
        self.do("a session renewed", "dev@x.test", "POST", "/auth/renew", headers=second)
        self.do("a logout", "dev@x.test", "DELETE", "/auth/session", headers=second)
        boss = "boss@x.test"
        made = {"name": "new@x.test", "roles": ["developer"], "keys": [new_key()]}
        self.do("a user made", boss, "POST", "/api/users", json=made)
        self.do("a user changed", boss, "PATCH", "/api/users/new@x.test", json={"roles": ["author"]})
        self.do("a user disabled", boss, "PATCH", "/api/users/new@x.test", json={"disabled": True})
        key = self.do("a key added", boss, "POST", "/api/users/new@x.test/keys", json={"public_key": new_key()})
        self.do("a key removed", boss, "DELETE", f"/api/users/new@x.test/keys/{key['fingerprint']}")
        self.do("a team made", boss, "POST", "/api/teams", json={"name": "night"})
        self.do("a team joined", boss, "PUT", "/api/teams/night/members/new@x.test")
        self.do("a team left", boss, "DELETE", "/api/teams/night/members/new@x.test")
        self.do("a team removed", boss, "DELETE", "/api/teams/night")
        self.do("a user removed", boss, "DELETE", "/api/users/new@x.test")
        self.do("a token made", boss, "POST", "/api/tokens", json={"name": "ci", "templates": ["ci-*"]})
        self.do("a token revoked", boss, "DELETE", "/api/tokens/ci")

    def templates(self) -> None:
        """Templates and approvals."""
        text, dev, app, at = TEMPLATE.format(name="one"), "dev@x.test", "app@x.test", "/api/templates/one"
        self.do("a template made", dev, "POST", "/api/templates", content=text, headers=YAML)
        told = self.do("a template revised", dev, "PUT", at, content=text + "# more\n", headers=YAML)
        self.do("a template shared", "boss@x.test", "PATCH", at, json={"shared": ["*"]})
        self.do("a plan looked at", dev, "POST", f"{at}/plan", json={"parameters": {"customer_id": 1}})
        self.do("a sample looked at", app, "POST", f"{at}/sample", json={"parameters": {"customer_id": 1}})
        digest = {"digest": told["digest"]}
        self.do("an approval refused", dev, "POST", f"{at}/revisions/2/approval", 403, json=digest)
        self.do("an approval", app, "POST", f"{at}/revisions/2/approval", json=digest)

    def packages(self) -> None:
        """A package from its request to its end."""
        dev, asked = "dev@x.test", {"template": "one", "parameters": {"customer_id": 1}}
        made = self.do("a package asked for", dev, "POST", "/api/packages", json=asked)
        at = f"/api/packages/{made['id']}"
        deadline = time.monotonic() + 60
        while (state := self.daemon.client.get(at, headers=self.dev).json())["state"] != "ready":
            assert state["state"] not in ("failed", "cancelled"), state
            assert time.monotonic() < deadline
            time.sleep(0.1)
        self.done["a package begun"] = self.done["a package built"] = ("", "")
        self.do("a download begun", dev, "GET", f"{at}/download")
        self.done["a download ended"] = self.done["a download begun"]
        self.do("a package removed", dev, "DELETE", at)
        self.do("an approval revoked", "app@x.test", "DELETE", "/api/templates/one/revisions/2/approval")
        self.do("a package refused", dev, "POST", "/api/packages", 409, json=asked)
        self.do("a template removed", dev, "DELETE", "/api/templates/one")

    def jobs(self) -> None:
        """Seeding jobs: one in work and one behind it, both ended; one whose file is fetched."""
        dev = "dev@x.test"
        long = self.daemon.client.post("/api/seed", content=large(3_000_000), headers={**self.dev, **YAML}).json()["id"]
        self._until(long, "running")
        made = self.do("a job asked for", dev, "POST", "/api/seed", content=SMALL, headers=YAML)
        self.do("a job ended before it began", dev, "DELETE", f"/api/jobs/{made['id']}", 200)
        self.do("a job's end asked for", dev, "DELETE", f"/api/jobs/{long}", 202)
        done = self.daemon.client.post("/api/seed", content=SMALL, headers={**self.dev, **YAML}).json()["id"]
        self._until(done, "done")
        self.do("a fetch begun", dev, "GET", f"/api/download/{done}")
        self.done["a fetch ended"] = self.done["a fetch begun"]

    def _until(self, job_id: str, state: str) -> None:
        deadline = time.monotonic() + 60
        while (found := self.daemon.client.get(f"/api/jobs/{job_id}", headers=self.dev).json())["state"] != state:
            assert found["state"] in ("queued", "running"), found
            assert time.monotonic() < deadline, found
            time.sleep(0.05)

    def sources(self) -> None:
        """Previews, files, refusals, the audit itself."""
        dev, boss = "dev@x.test", "boss@x.test"
        self.do("a preview", dev, "GET", "/api/providers/SHOP/tables/customers/rows")
        self.do("a provider tried", boss, "POST", "/api/providers/SHOP/test")
        self.do("files listed", dev, "GET", "/api/volumes/logs/files")
        self.do("a file looked at", dev, "HEAD", "/api/volumes/logs/files/app.log")
        self.do("a file read", dev, "GET", "/api/volumes/logs/files/app.log")
        self.done["a file sent"] = self.done["a file read"]
        self.do("a right that is missing", dev, "GET", "/api/users", 403)
        self.do("a right that is missing elsewhere", dev, "GET", "/metrics", 403)
        self.do("the audit exported", boss, "GET", "/api/audit/export")
        self.do("the audit verified", boss, "POST", "/api/audit/verify")
        policy = self.daemon.folder / "masking.yaml"
        policy.write_text(policy.read_text().replace("mask: full_name", "mask: redact"))
        self.daemon.client.get("/api/providers/SHOP/tables", headers=self.dev).raise_for_status()
        self.done["another policy"] = ("", "")
        self.done["a login"] = ("dev@x.test", "")


@pytest.fixture(scope="module")
def deeds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deeds]:
    """A daemon at which everything was done once."""
    folder = tmp_path_factory.mktemp("deeds")
    set_up(folder, more="workers: 1\n")
    daemon = Daemon(folder)
    try:
        made = Deeds(daemon)
        for step in (made.identity, made.templates, made.packages, made.jobs, made.sources):
            step()
        yield made
    finally:
        daemon.stop()


@pytest.fixture(scope="module")
def events(deeds: Deeds) -> list[dict[str, Any]]:
    """The audit, as an administrator exports it."""
    deadline = time.monotonic() + 10
    while True:
        text = deeds.daemon.client.get("/api/audit/export", headers=deeds.boss).text
        found = [json.loads(line) for line in text.splitlines()]
        is_whole = {"package.downloaded", "job.downloaded"} <= {event["kind"] for event in found}
        if is_whole or time.monotonic() > deadline:
            return found


@pytest.mark.parametrize("deed", DEEDS)
def test_every_deed_leaves_its_event(deeds: Deeds, events: list[dict[str, Any]], deed: str) -> None:
    kind, facts = DEEDS[deed]
    who, request_id = deeds.done[deed]
    found = [event for event in events if event["kind"] == kind and (not request_id or event["request"] == request_id)]
    assert found, {event["kind"] for event in events if event["request"] == request_id}
    event = found[-1]
    assert facts <= event["facts"].keys()
    assert event["subject"] or deed in ("a login that fails", "a token that is none")
    assert event["at"].endswith("Z")
    if deed not in IN_BACKGROUND:
        assert event["address"] == "127.0.0.1"
        assert event["actor"] == who


def test_no_event_holds_a_value_of_a_row_or_a_secret(deeds: Deeds, events: list[dict[str, Any]]) -> None:
    text = json.dumps(events)
    for value in ("firm.test", "Anna", "Kern", *(head["authorization"][7:] for head in (deeds.dev, deeds.boss))):
        assert value not in text


def test_what_somebody_is_refused_again_and_again_is_audited_once(deeds: Deeds) -> None:
    at = "/api/users/somebody@x.test"
    for _ in range(20):
        assert deeds.daemon.client.delete(at, headers=deeds.dev).status_code == 403
    query = {"kind": "access.refused", "subject": at}
    assert len(deeds.daemon.client.get("/api/audit", params=query, headers=deeds.boss).json()["items"]) == 1


# ---- sinks


class Hook(HTTPServer):
    """A webhook that can be out of order."""

    allow_reuse_address = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.got: list[dict[str, Any]] = []
        self.broken = False
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def end(self) -> None:
        """Go away."""
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if not self.server.broken:
            self.server.got += body["events"]
        self.send_response(500 if self.server.broken else 204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


def eventually(what: Callable[[], bool]) -> None:
    """Wait until it holds."""
    deadline = time.monotonic() + 20
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def seqs(got: list[dict[str, Any]]) -> list[int]:
    """The numbers of events, each once, in the order in which they came."""
    return list(dict.fromkeys(event["seq"] for event in got))


def test_events_reach_syslog_and_a_webhook_in_order_and_none_is_lost_while_they_are_away(tmp_path: Path) -> None:
    """The webhook is broken, then gone, then there again; then the daemon starts again."""
    hook = Hook()
    port = hook.server_address[1]
    set_up(tmp_path, more="workers: 0\n")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as syslog:
        syslog.bind(("127.0.0.1", 0))
        syslog.settimeout(10)
        flags = ("--audit-syslog", f"udp://127.0.0.1:{syslog.getsockname()[1]}")
        environment = {"HFITD_AUDIT_WEBHOOK": f"http://127.0.0.1:{port}/hook?key=s3cret-of-the-hook"}
        daemon = Daemon(tmp_path, *flags, environment=environment)
        boss = daemon.somebody("boss@x.test", roles=["admin"])

        def team(name: str) -> int:
            daemon.client.post("/api/teams", json={"name": name}, headers=boss).raise_for_status()
            listed = daemon.client.get("/api/audit", params={"subject": name}, headers=boss).json()["items"]
            return int(listed[0]["seq"])

        first = team("a")
        eventually(lambda: first in seqs(hook.got))
        hook.broken = True
        team("b")
        eventually(lambda: any("webhook" in str(line.get("problem")) for line in daemon.lines()))
        hook.end()
        team("c")
        time.sleep(1.2)
        got = hook.got
        hook = Hook(port)
        fourth = team("d")
        eventually(lambda: fourth in seqs(hook.got))
        daemon.stop()
        daemon = Daemon(tmp_path, *flags, environment=environment, log="log2")
        boss = daemon.login("boss@x.test", tmp_path / "boss.key")
        fifth = team("e")
        eventually(lambda: fifth in seqs(hook.got))
        daemon.stop()
        assert seqs(got + hook.got) == list(range(1, fifth + 1))
        assert len(got + hook.got) == fifth  # nothing twice either, where nobody was killed
        messages = []
        while len(messages) < fifth:
            message = syslog.recv(65_536)
            assert message.startswith(b"<86>hfitd: ")  # authpriv.info
            messages.append(json.loads(message.partition(b": ")[2].rstrip(b"\x00")))
        assert seqs(messages) == list(range(1, fifth + 1))
    hook.end()
    for log in ("log", "log2"):
        assert "s3cret-of-the-hook" not in (tmp_path / log).read_text()
