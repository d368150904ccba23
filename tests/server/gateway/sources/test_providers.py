"""Providers over HTTP: who sees which, what they hold, and that previews show nothing that is not masked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from tests.server.gateway.daemons import Daemon, set_up

MORE = """
  OTHER: {{url: "sqlite:///{folder}/shop.db", teams: [billing]}}
  GONE: {{url: "postgresql://u:@127.0.0.1:9/x", password: "env:HF_TEST_PASSWORD", teams: ["*"], previews: true}}
"""


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    folder = tmp_path_factory.mktemp("providers")
    set_up(folder)
    with closing(sqlite3.connect(folder / "shop.db")) as shop, shop:
        shop.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT, picture BLOB)")
        shop.execute("INSERT INTO notes VALUES (1, 'x', x'ff')")
        shop.execute("CREATE TABLE repeats (id INTEGER PRIMARY KEY, email TEXT, status TEXT)")
        shop.execute("INSERT INTO repeats VALUES (1, 'w.oberhuber@realmail.com', 'of w.oberhuber@realmail.com')")
    config = folder / "hfitd.yaml"
    config.write_text(config.read_text().replace("volumes:\n", MORE.format(folder=folder).lstrip("\n") + "volumes:\n"))
    policy = folder / "masking.yaml"
    rules = 'rules:\n  - {match: "repeats.email", mask: email}\n'
    policy.write_text(policy.read_text().replace("rules:\n", rules))
    made = Daemon(folder, environment={"HF_TEST_PASSWORD": "hunter2"})
    yield made
    made.stop()


@pytest.fixture(scope="module")
def somebody(daemon: Daemon) -> dict[str, str]:
    return daemon.somebody("dev@example.com")


@pytest.fixture(scope="module")
def admin(daemon: Daemon) -> dict[str, str]:
    return daemon.somebody("root@example.com", roles=["admin"], teams=[])


def audited(daemon: Daemon, kind: str) -> list[str]:
    from hotfixture.server.gateway.tables import AUDIT

    state = daemon.state()
    try:
        with state.read() as connection:
            return [row.subject for row in connection.execute(AUDIT.select().where(AUDIT.c.kind == kind))]
    finally:
        state.close()


def get(daemon: Daemon, path: str, who: dict[str, str], status: int = 200) -> httpx.Response:
    answer = daemon.client.get(path, headers=who)
    assert answer.status_code == status, answer.text
    return answer


def test_somebody_sees_the_providers_granted_to_their_teams(daemon: Daemon, somebody: dict[str, str]):
    found = {one["name"]: one for one in get(daemon, "/api/providers", somebody).json()}
    assert set(found) == {"SHOP", "GONE"}
    shop = found["SHOP"]
    assert (shop["engine"], shop["reachable"], shop["lag"], shop["previews"]) == ("sqlite", True, 0.0, True)
    assert found["GONE"]["reachable"] is False
    assert "hunter2" not in get(daemon, "/api/providers", somebody).text


def test_a_provider_of_others_is_as_one_that_is_not_there(daemon: Daemon, somebody: dict[str, str]):
    for path in ("databases", "tables", "tables/customers/rows"):
        other = get(daemon, f"/api/providers/OTHER/{path}", somebody, 404).json()
        absent = get(daemon, f"/api/providers/ABSENT/{path}", somebody, 404).json()
        assert {**other, "request_id": ""} == {**absent, "request_id": ""}


def test_only_admins_try_a_provider_and_it_is_audited(daemon: Daemon, somebody: dict[str, str], admin: dict[str, str]):
    assert daemon.client.post("/api/providers/SHOP/test", headers=somebody).status_code == 403
    answer = daemon.client.post("/api/providers/SHOP/test", headers=admin)
    assert answer.status_code == 200
    assert answer.json()["read_only"] is True
    assert answer.json()["snapshot"]
    assert "SHOP" in audited(daemon, "provider.tested")
    gone = daemon.client.post("/api/providers/GONE/test", headers=admin).json()
    assert not gone["reachable"]
    assert "hunter2" not in gone["problem"]


def test_databases_and_tables_with_what_the_policy_makes_of_them(daemon: Daemon, somebody: dict[str, str]):
    assert get(daemon, "/api/providers/SHOP/databases", somebody).json() == [
        {"name": "main", "kind": "database", "is_current": True}
    ]
    tables = {table["name"]: table for table in get(daemon, "/api/providers/SHOP/tables", somebody).json()}
    assert set(tables) == {"customers", "orders", "notes", "repeats"}
    columns = {column["name"]: column for column in tables["customers"]["columns"]}
    assert (columns["email"]["fate"], columns["email"]["mask"], columns["email"]["suspected"]) == (
        "masked", "internet.email", "email",
    )  # fmt: skip
    assert columns["id"]["fate"] == "kept"
    assert {column["fate"] for column in tables["notes"]["columns"]} == {"kept", "undecided"}


def test_a_preview_is_masked_and_audited(daemon: Daemon, somebody: dict[str, str]):
    answer = get(daemon, "/api/providers/SHOP/tables/customers/rows?limit=1", somebody).json()
    assert answer["columns"] == ["id", "email", "name", "status"]
    ((number, email, name, status),) = answer["rows"]
    assert (number, status) == ("1", "new")
    assert email.endswith((".example", ".example.com", ".test", ".org", ".com", ".net")) or "@" in email
    assert "anna" not in str(answer).lower()
    assert name != "Anna Kern"
    assert answer["masks"]["email"] == "internet.email"
    assert "SHOP.customers" in audited(daemon, "provider.previewed")


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "1&limit=2"])
def test_a_preview_has_at_most_a_hundred_rows(daemon: Daemon, somebody: dict[str, str], limit: str):
    get(daemon, f"/api/providers/SHOP/tables/customers/rows?limit={limit}", somebody, 400)


def test_a_table_with_an_undecided_column_is_not_shown(daemon: Daemon, somebody: dict[str, str]):
    answer = get(daemon, "/api/providers/SHOP/tables/notes/rows", somebody, 403)
    assert "nobody has decided about notes.body" in answer.text


def test_rows_that_would_show_an_original_are_not_shown(daemon: Daemon, somebody: dict[str, str]):
    answer = get(daemon, "/api/providers/SHOP/tables/repeats/rows", somebody, 403)
    assert "oberhuber" not in answer.text.lower()


def test_previews_must_be_allowed_by_the_provider(daemon: Daemon, admin: dict[str, str]):
    assert "allows no previews" in get(daemon, "/api/providers/OTHER/tables/customers/rows", admin, 403).text


@pytest.mark.parametrize("table", ["absent", "main.absent", "customers;drop", "sqlite_master", "..%2Fcustomers"])
def test_a_table_that_is_not_there_is_not_found(daemon: Daemon, somebody: dict[str, str], table: str):
    get(daemon, f"/api/providers/SHOP/tables/{table}/rows", somebody, 404)


def test_a_provider_that_is_away_is_unavailable_and_says_no_secret(daemon: Daemon, somebody: dict[str, str]):
    answer = get(daemon, "/api/providers/GONE/tables", somebody, 503)
    assert "hunter2" not in answer.text
    assert answer.headers["retry-after"]
    assert "hunter2" not in daemon.log.read_text()


def test_service_tokens_may_read_but_nobody_without_a_login(daemon: Daemon):
    assert daemon.client.get("/api/providers").status_code == 401
    assert daemon.client.get("/api/volumes/logs/files").status_code == 401
