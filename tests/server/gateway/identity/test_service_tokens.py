"""Service tokens: shown once, kept as a hash, held to their templates, addresses and time."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import sqlalchemy as sa
from tests.server.gateway.identity.conftest import Start, fresh_key
from tests.server.gateway.identity.running import Daemon
from tests.server.gateway.identity.test_logins import events

from hotfixture.identity import tokens
from hotfixture.server.gateway.actors import system
from hotfixture.server.gateway.identity import accounts, known, service_tokens
from hotfixture.server.gateway.tables import TOKENS


def made(daemon: Daemon, admin: str, **asked: Any) -> dict[str, Any]:
    """A new token as it is told."""
    answer = daemon.ask("POST", "/api/tokens", admin, json={"name": "ci", **asked})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_token_is_shown_once_and_kept_as_its_hash(daemon: Daemon, admin: str) -> None:
    told = made(daemon, admin, templates=["ci-*"], teams=["payments"], ttl="30d")
    assert tokens.is_whole(told["token"])
    listed = daemon.ask("GET", "/api/tokens", admin)
    assert listed.json()["items"] == [{name: value for name, value in told.items() if name != "token"}]
    for path in daemon.settings.folder.glob("hfitd.sqlite*"):
        assert told["token"][4:68].encode() not in path.read_bytes()
    with daemon.state.read() as connection:
        assert connection.execute(sa.select(TOKENS.c.digest)).scalar() == tokens.digest(told["token"])
    assert daemon.who(told["token"]).json() == {
        "name": "token:ci", "kind": "token", "roles": ["developer"], "teams": ["payments"], "templates": ["ci-*"],
        "expires": told["expires"],
    }  # fmt: skip
    event = events(daemon, "token.created")[0]
    assert (event["actor"], event["subject"], event["facts"]["id"]) == ("root@example.com", "ci", told["id"])
    assert told["token"][4:68] not in json.dumps(events(daemon), default=str)


def test_a_token_holds_ninety_days_unless_told_otherwise(daemon: Daemon, admin: str) -> None:
    told = made(daemon, admin)
    with daemon.state.change() as connection:
        row = connection.execute(sa.select(TOKENS)).one()
        assert row.expires - row.created == 90 * 86_400
        connection.execute(TOKENS.update().values(expires=time.time() + 2))
    assert daemon.who(told["token"]).status_code == 200
    time.sleep(2.05)
    assert daemon.who(told["token"]).status_code == 401  # though it was remembered a moment ago
    assert "expired" in events(daemon, "token.refused")[0]["facts"]["reason"]


def test_a_revoked_token_is_refused_at_once_and_everywhere_within_a_second(two: tuple[Daemon, Daemon]) -> None:
    here, there = two
    key = fresh_key()
    accounts.add_user(here.state, system(), "root@example.com", roles=["admin"], keys=[key.public])
    admin = here.token(key, "root@example.com")
    told = made(here, admin)
    assert [daemon.who(told["token"]).status_code for daemon in two] == [200, 200]
    assert here.ask("DELETE", "/api/tokens/ci", admin).status_code == 204
    assert here.who(told["token"]).status_code == 401
    time.sleep(known.FRESH + 0.05)
    assert there.who(told["token"]).status_code == 401
    assert here.ask("DELETE", "/api/tokens/ci", admin).status_code == 404
    assert here.ask("GET", "/api/tokens", admin).json()["items"][0]["revoked"]


def test_a_name_is_free_again_when_its_token_has_ended(daemon: Daemon, admin: str) -> None:
    """The old token stays ended, and its teams are not the new one's."""
    old = made(daemon, admin, teams=["payments"])
    assert daemon.ask("POST", "/api/tokens", admin, json={"name": "ci"}).status_code == 409
    daemon.ask("DELETE", "/api/tokens/ci", admin)
    new = made(daemon, admin, teams=["risk"])
    assert daemon.who(old["token"]).status_code == 401
    assert daemon.who(new["token"]).json()["teams"] == ["risk"]
    names = [token["name"] for token in daemon.ask("GET", "/api/tokens", admin).json()["items"]]
    assert names == ["ci", f"ci~{old['id']}"]
    with daemon.state.change() as connection:
        connection.execute(TOKENS.update().where(TOKENS.c.id == new["id"]).values(expires=time.time() - 1))
    third = made(daemon, admin)
    assert daemon.who(third["token"]).json()["teams"] == []
    assert daemon.ask("DELETE", f"/api/tokens/{third['id']}", admin).status_code == 204


def test_a_token_of_other_addresses_is_refused(daemon: Daemon, admin: str) -> None:
    far = made(daemon, admin, name="far", addresses=["192.0.2.0/24", "2001:db8::/32"])
    near = made(daemon, admin, name="near", addresses=["192.0.2.7", "127.0.0.0/8"])
    assert far["addresses"] == ["192.0.2.0/24", "2001:db8::/32"]
    assert near["addresses"] == ["192.0.2.7/32", "127.0.0.0/8"]
    assert [daemon.who(told["token"]).status_code for told in (far, near)] == [401, 200]
    assert events(daemon, "token.refused")[0]["subject"] == "token:far"


@pytest.mark.parametrize(
    ("address", "networks", "inside"),
    [
        ("192.0.2.9", [], True),
        ("192.0.2.9", ["192.0.2.0/24"], True),
        ("::ffff:192.0.2.9", ["192.0.2.0/24"], True),
        ("192.0.3.9", ["192.0.2.0/24"], False),
        ("2001:db8::1", ["192.0.2.0/24", "2001:db8::/32"], True),
        ("fe80::1%eth0", ["fe80::/10"], True),
        ("local", ["0.0.0.0/0"], False),
    ],
)
def test_an_address_is_inside_its_networks_alone(address: str, networks: list[str], inside: bool) -> None:
    assert service_tokens.is_from(address, networks) is inside


def test_a_remembered_address_does_not_open_the_door_to_another(daemon: Daemon, admin: str) -> None:
    import anyio

    told = made(daemon, admin, addresses=["127.0.0.1"])
    assert daemon.who(told["token"]).status_code == 200
    find = daemon.keeper.known._look_up
    token = told["token"]
    assert find((b"x", "127.0.0.1"), token) is not None
    assert find((b"x", "192.0.2.1"), token) is None

    async def both() -> list[bool]:
        memory = known.Known(daemon.state, daemon.keeper.seal, daemon.keeper.terms)
        return [await memory.actor(token.encode(), address) is not None for address in ("127.0.0.1", "192.0.2.1")]

    assert anyio.run(both) == [True, False]


def test_the_last_use_is_noted_at_most_once_a_minute(daemon: Daemon, admin: str) -> None:
    told = made(daemon, admin)

    def last() -> float | None:
        with daemon.state.read() as connection:
            found: float | None = connection.execute(sa.select(TOKENS.c.last_used)).scalar()
            return found

    assert last() is None
    daemon.who(told["token"])
    first = last()
    assert first is not None
    assert abs(first - time.time()) < 5
    for _ in range(3):
        daemon.who(told["token"])
        daemon.keeper.known.forget()
    assert last() == first
    with daemon.state.change() as connection:
        connection.execute(TOKENS.update().values(last_used=first - 61))
    daemon.keeper.known._entries.clear()
    daemon.who(told["token"])
    assert last() >= first  # type: ignore[operator]  # it is noted by now


def test_a_token_has_no_session_and_cannot_administer(daemon: Daemon, admin: str) -> None:
    told = made(daemon, admin, roles=["author", "developer"])
    for method, path in (
        ("POST", "/auth/renew"),
        ("DELETE", "/auth/session"),
        ("GET", "/api/users"),
        ("GET", "/api/tokens"),
    ):
        assert daemon.ask(method, path, told["token"]).status_code == 403
    assert daemon.who(told["token"]).status_code == 200


def test_what_a_token_cannot_be_is_refused(daemon: Daemon, admin: str) -> None:
    for asked in (
        {"name": "a b"}, {"name": "Ci"}, {"roles": ["admin"]}, {"roles": ["approver"]}, {"roles": []},
        {"templates": []}, {"templates": ["a b"]}, {"addresses": ["nowhere"]}, {"addresses": ["192.0.2.1/24"]},
        {"ttl": "0"}, {"ttl": "never"}, {"ttl": "1000d"}, {"templates": [f"t{number}" for number in range(101)]},
        {"more": 1}, {"teams": ["A B"]},
    ):  # fmt: skip
        answer = daemon.ask("POST", "/api/tokens", admin, json={"name": "ci", **asked})
        assert answer.status_code == 400, (asked, answer.text)
    assert daemon.ask("GET", "/api/tokens", admin).json() == {"items": [], "next": None}


def test_a_token_of_another_daemon_or_mistyped_is_refused(daemon: Daemon, start: Start) -> None:
    whole = tokens.make()
    for token in (whole, whole[:-1], "hft_", whole[:-1] + ("0" if whole[-1] != "0" else "1")):
        assert daemon.who(token).status_code == 401
    assert len(events(daemon, "token.refused")) == 2
