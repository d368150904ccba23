"""Who may ask for what, how often, and when a package that exists is the answer."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from tests.server.gateway.packages.conftest import STAR, Start
from tests.server.gateway.packages.production import POLICY, TEMPLATE, Desk
from tests.server.gateway.served import Served
from tests.servers import rows

from hotfixture.server.gateway.actors import Actor
from hotfixture.server.gateway.packages.builders import Builders
from hotfixture.server.gateway.packages.parts import parts_of
from hotfixture.server.gateway.tables import AUDIT, PACKAGES, REVISIONS, TEMPLATES
from hotfixture.server.gateway.templates import approvals

FILES = """
files:
  - {match: "logs:*.log", text: scrub}
"""
Desks = Callable[[Served, str], Desk]


def refusals(served: Served) -> list[dict[str, object]]:
    """What the audit says of refused requests."""
    with served.gateway.state.read() as connection:
        query = sa.select(AUDIT.c.facts, AUDIT.c.actor, AUDIT.c.subject).where(AUDIT.c.kind == "package.refused")
        return [json.loads(row.facts) | {"who": row.actor, "what": row.subject} for row in connection.execute(query)]


def problem(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["detail"])


def test_who_may_not_see_the_template_finds_none_and_the_audit_says_so(served: Served, desks: Desks) -> None:
    answer = desks(served, "stranger").ask()
    assert answer.status_code == 404
    assert refusals(served)[-1] | {"reasons": []} == {
        "revision": 0, "status": 404, "reasons": [], "who": "stranger", "what": "daily",
    }  # fmt: skip


def test_a_template_that_is_not_there_is_not_found(dev: Desk) -> None:
    for name in ("none", "", "a" * 300, "../daily", "daily\0"):
        assert dev.ask(name).status_code in (400, 404), name
    assert dev.ask(revision=7).status_code == 404
    assert dev.ask(revision=-1).status_code in (400, 404)


def test_wrong_parameters_are_all_named(dev: Desk) -> None:
    answer = dev.ask(parameters={"least": "many", "colour": "red"})
    assert answer.status_code == 422
    assert len(answer.json()["problems"]) == 2
    assert "least" in problem(answer)


@pytest.mark.parametrize(
    "value",
    [{"a": 1}, [1, [2]], "1\0", "\ud83d", 1e400, -1e-400, 10**400, True, None, "'; DROP TABLE people --", [], ""],
)
def test_no_value_of_a_parameter_is_too_strange_to_be_answered(dev: Desk, value: object) -> None:
    body = json.dumps({"template": "daily", "parameters": {"least": value}})
    headers = {"content-type": "application/json"}
    answer = dev.client.post("/api/packages", content=body, headers=headers)
    assert answer.status_code in (202, 400, 422), answer.text
    if answer.status_code == 202:
        dev.until(answer.json()["id"])


def test_numbers_may_be_numbers_or_words(dev: Desk) -> None:
    many = [
        dev.ready(parameters={"sample_rate": rate, "least": least})["rows"] for rate, least in ((0.5, 1), ("0.5", "1"))
    ]
    assert many[0] == many[1]
    assert 100 < many[0] < 400


@pytest.mark.parametrize(
    "body",
    [{"form": "rar"}, {"parameters": [1]}, {"surprise": 1}, {"template": 3}, {"inserts": "yes"}],
    ids=["form", "parameters", "more", "template", "inserts"],
)
def test_a_body_that_means_nothing_is_refused(dev: Desk, body: dict[str, object]) -> None:
    assert dev.client.post("/api/packages", json={"template": "daily", **body}).status_code == 400


def test_too_many_parameters_are_refused(dev: Desk) -> None:
    assert dev.ask(parameters={"least": "9" * 70_000}).status_code == 413


def test_the_same_idempotency_key_gives_the_same_package(dev: Desk) -> None:
    first = dev.ask(key="mine", parameters={"least": 1})
    again = dev.ask(key="mine", parameters={"least": 1})
    assert (first.status_code, first.headers["location"]) == (202, f"/api/packages/{first.json()['id']}")
    assert again.json()["id"] == first.json()["id"]
    assert again.headers["idempotency-replayed"] == "true"
    assert dev.ask(key="mine", parameters={"least": 2}).status_code == 422
    assert dev.ask(key="of mine", parameters={"least": 1}).status_code == 400
    dev.until(first.json()["id"])


def test_the_key_of_one_is_not_the_key_of_another(served: Served, desks: Desks) -> None:
    ids = {desks(served, name).ask(key="ours").json()["id"] for name in ("dev", "other")}
    assert len(ids) == 2


def test_a_provider_that_the_team_is_not_granted_is_refused(start: Start, desks: Desks) -> None:
    served = start()
    own = served.gateway.settings.providers["PROD"]
    served.gateway.settings.providers["PROD"] = replace(own, teams=("marketing",))  # type: ignore[index]
    answer = desks(served, "dev").ask()
    assert answer.status_code == 403
    assert "PROD" in problem(answer)
    assert refusals(served)[-1]["status"] == 403


def test_a_package_made_of_a_provider_that_is_no_longer_granted_is_not_given_out(start: Start, desks: Desks) -> None:
    served = start()
    dev = desks(served, "dev")
    found = dev.ready()
    own = served.gateway.settings.providers["PROD"]
    served.gateway.settings.providers["PROD"] = replace(own, teams=("marketing",))  # type: ignore[index]
    answer = dev.download(found["id"])
    assert (answer.status_code, "PROD" in problem(answer)) == (403, True)
    assert dev.client.head(f"/api/packages/{found['id']}/download").status_code == 403


def test_files_of_a_volume_come_along_where_the_team_is_granted_it(start: Start, desks: Desks) -> None:
    served = start()
    settings = served.gateway.settings
    policy = settings.policy
    assert policy
    policy.write_text(POLICY + FILES, encoding="utf-8")
    (policy.parent / "today.log").write_text("person.7@secret-firm.com logged in\n")
    dev = desks(served, "dev")
    answer = dev.ask("logs")
    assert (answer.status_code, "logs" in problem(answer)) == (403, True)
    volume = settings.volumes["logs"]
    settings.volumes["logs"] = replace(volume, teams=("payments",))  # type: ignore[index]
    # The workers of the daemon know its settings as they are now.
    found = dev.ready("logs", form="zip")
    with zipfile.ZipFile(io.BytesIO(dev.download(found["id"]).content)) as packed:
        (name,) = (name for name in packed.namelist() if name.endswith("today.log"))
        assert b"secret-firm" not in packed.read(name)
        assert b"logged in" in packed.read(name)


def test_rights_that_are_taken_away_while_a_package_waits_end_it(start: Start, desks: Desks) -> None:
    served = start(workers=0)
    package_id = desks(served, "dev").asked()
    with served.gateway.state.change() as connection:
        connection.execute(TEMPLATES.update().values(team="marketing"))
    built(served)
    found = desks(served, "dev").get(package_id)
    assert (found["state"], found["size"]) == ("failed", None)


def test_a_template_that_nobody_approved_makes_no_package(start: Start, desks: Desks) -> None:
    served = start(approval="required")
    answer = desks(served, "dev").ask()
    assert answer.status_code == 409
    assert "nobody has approved" in problem(answer)
    assert refusals(served)[-1]["status"] == 409


CHIEF = Actor("chief", "user", frozenset(["approver"]))


def built(served: Served) -> None:
    """Have what waits built by a crew of this test's own."""
    parts = parts_of(served.gateway)
    crew = Builders(replace(served.gateway.settings, workers=1), parts.shelf, parts.counters)
    crew._round()
    crew._join(60)
    crew._reap()


def test_an_approval_is_looked_at_again_when_the_package_is_built(start: Start, desks: Desks) -> None:
    served = start(approval="required", workers=0)
    dev, gateway = desks(served, "dev"), served.gateway
    approvals.approve(gateway, CHIEF, "daily", 1, digest=sha256(TEMPLATE.encode()).hexdigest())
    first = dev.asked()
    built(served)
    assert dev.get(first)["state"] == "ready"
    second = dev.asked()
    approvals.revoke(gateway, CHIEF, "daily", 1)
    built(served)
    found = dev.get(second)
    assert (found["state"], "took the approval back" in found["problems"][0]["message"]) == ("failed", True)
    assert dev.ask().status_code == 409
    assert [one["status"] for one in refusals(served)] == [409]


def test_a_source_that_changed_since_the_approval_makes_no_package(start: Start, desks: Desks) -> None:
    served = start(approval="required", workers=0)
    dev, gateway = desks(served, "dev"), served.gateway
    policy = gateway.settings.policy
    assert policy
    policy.write_text("default: pass\nrules:\n  - {match: people.email, mask: email}\n", encoding="utf-8")
    approvals.approve(gateway, CHIEF, "star", 1, digest=sha256(STAR.encode()).hexdigest())
    package_id = dev.asked("star")
    rows(gateway.settings.providers["PROD"].url, "ALTER TABLE people ADD COLUMN iban TEXT")
    built(served)
    found = dev.get(package_id)
    assert (found["state"], "iban" in str(found["problems"])) == ("failed", True), found
    assert dev.ask("star").status_code == 409


def test_only_so_many_packages_of_one_user_wait(start: Start, desks: Desks) -> None:
    served = start(workers=0, packages_waiting=3)
    dev = desks(served, "dev")
    for _ in range(3):
        dev.asked()
    answer = dev.ask()
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "10")
    desks(served, "other").asked()


def test_a_full_quota_is_said(start: Start, desks: Desks) -> None:
    served = start(package_quota=30_000)
    dev = desks(served, "dev")
    found = dev.ready()
    assert found["size"] < 30_000
    too_much = dev.until(dev.asked())
    assert (too_much["state"], "quota" in too_much["problems"][0]["message"]) == ("failed", True)
    with served.gateway.state.change() as connection:
        connection.execute(PACKAGES.update().where(PACKAGES.c.id == found["id"]).values(size=30_000))
    assert dev.ask().status_code == 507
    desks(served, "other").asked()
    dev.client.delete(f"/api/packages/{found['id']}")
    dev.until(found["id"], "expired")
    assert dev.ask().status_code == 202


def test_a_full_disk_is_said(start: Start, desks: Desks) -> None:
    served = start(disk=1000)
    deadline = time.monotonic() + 10
    while (answer := desks(served, "dev").ask()).status_code != 507:
        assert time.monotonic() < deadline
    assert "disk" in problem(answer)


def test_a_package_that_is_fresh_enough_is_the_answer(served: Served, dev: Desk, desks: Desks) -> None:
    first = dev.ready("cached")
    answer = desks(served, "other").ask("cached", parameters={"least": "0"})  # the default, said
    again = answer.json()
    assert (answer.status_code, again["state"], again["reused"]) == (200, "ready", first["id"])
    assert again["id"] != first["id"]
    assert (again["sha256"], again["expires"], again["rows"]) == (first["sha256"], first["expires"], 500)
    other = desks(served, "other")
    assert other.download(again["id"]).content == dev.download(first["id"]).content
    dev.client.delete(f"/api/packages/{first['id']}")
    dev.until(first["id"], "expired")
    assert other.download(again["id"]).status_code == 200


def test_metrics_count_what_requests_are_answered_with(start: Start, desks: Desks) -> None:
    served = start()
    desk = desks(served, "dev")
    desk.ready("cached")
    key = {"idempotency-key": "once"}
    for body in ({}, {"fresh": True}):
        assert desk.ask("cached", **body).is_success
    for _ in range(3):
        desk.client.post("/api/packages", json={"template": "daily"}, headers=key).raise_for_status()
    text = served.gateway.metrics.text().decode()
    for answer, count in (("queued", 3), ("reused", 1), ("known", 2)):
        assert f'hfitd_packages_requested_total{{answer="{answer}"}} {count}.0' in text, answer


def test_nothing_else_is(served: Served, dev: Desk, desks: Desks) -> None:
    first = dev.ready("cached", parameters={"least": 7})
    assert dev.ask("daily", parameters={"least": 7}).json()["reused"] is None
    for body in ({"parameters": {"least": 8}}, {"form": "zip"}, {"inserts": True}, {"fresh": True}):
        answer = dev.ask("cached", **({"parameters": {"least": 7}} | body))
        assert (answer.status_code, answer.json()["reused"]) == (202, None), body
    assert desks(served, "stranger").ask("cached", parameters={"least": 7}).status_code == 404
    with served.gateway.state.change() as connection:
        connection.execute(
            PACKAGES.update().where(PACKAGES.c.id == first["id"]).values(started=sa.text("started - 3601"))
        )
    assert dev.ask("cached", parameters={"least": 7}).status_code == 202


def test_a_changed_policy_makes_another_package(start: Start, desks: Desks) -> None:
    served = start()
    dev = desks(served, "dev")
    dev.ready("cached")
    assert dev.ask("cached").status_code == 200
    path = served.gateway.settings.policy
    assert path
    path.write_text(POLICY + "\n# another text\n", encoding="utf-8")
    assert dev.ask("cached").status_code == 202


def test_a_file_that_is_gone_is_no_answer(served: Served, dev: Desk) -> None:
    first = dev.ready("cached", parameters={"least": 90})
    folder: Path = served.gateway.settings.folder / "packages" / first["id"]
    for path in folder.iterdir():
        path.unlink()
    assert dev.ask("cached", parameters={"least": 90}).status_code == 202
    assert dev.download(first["id"]).status_code == 410


def test_a_later_revision_is_what_is_made_and_an_earlier_one_on_demand(start: Start, desks: Desks) -> None:
    served = start()
    dev = desks(served, "dev")
    text = "templateName: daily\nexports:\n  people: {provider: PROD, query: SELECT id FROM people}\n"
    row = {"template": "daily", "number": 2, "digest": sha256(text.encode()).hexdigest(), "text": text}
    with served.gateway.state.change() as connection:
        connection.execute(REVISIONS.insert().values(**row, author="boss", created=0.0, message=""))
        connection.execute(TEMPLATES.update().where(TEMPLATES.c.name == "daily").values(revision=2))
    newer = dev.ready()
    assert (newer["revision"], newer["manifest"]["masks"]) == (2, {})
    assert dev.ready(revision=1)["manifest"]["masks"] == {"people": {"email": "internet.email"}}
