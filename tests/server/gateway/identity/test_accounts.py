"""Users and their keys, over HTTP and by the functions behind it."""

from __future__ import annotations

import pytest
from tests.server.gateway.identity.conftest import fresh_key
from tests.server.gateway.identity.running import Daemon
from tests.server.gateway.identity.test_logins import DEV, events

from hotfixture.errors import InputError, OptionError, RefusedError, UnknownNameError
from hotfixture.identity.private import PrivateKey
from hotfixture.server.gateway.actors import system
from hotfixture.server.gateway.identity import accounts
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import TEAMS


def test_a_user_is_made_with_roles_teams_and_keys_and_logs_in(daemon: Daemon, admin: str) -> None:
    key = fresh_key()
    body = {"name": "New@Example.com", "roles": ["author"], "teams": ["payments"], "keys": [key.public.line + " mine"]}
    answer = daemon.ask("POST", "/api/users", admin, json=body)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["name"], told["roles"], told["teams"]) == ("new@example.com", ["author"], ["payments"])
    assert told["keys"][0] | {"added": ""} == {
        "fingerprint": key.public.fingerprint, "kind": "Ed25519", "public_key": key.public.line + " mine",
        "comment": "mine", "added": "", "last_used": None,
    }  # fmt: skip
    assert daemon.who(daemon.token(key, "new@example.com")).json()["teams"] == ["payments"]
    kinds = [(event["kind"], event["actor"]) for event in events(daemon)]
    assert kinds[-3:-1] == [("team.created", "root@example.com"), ("user.created", "root@example.com")]
    assert daemon.ask("GET", "/api/users/new@example.com", admin).json()["name"] == "new@example.com"


def test_a_user_has_several_keys_each_of_which_logs_in_until_it_is_removed(
    daemon: Daemon, dev: PrivateKey, admin: str
) -> None:
    laptop = fresh_key()
    path = f"/api/users/{DEV}/keys"
    assert daemon.ask("POST", path, admin, json={"public_key": laptop.public.line}).status_code == 201
    tokens = [daemon.token(key, DEV) for key in (dev, laptop)]
    assert daemon.ask("DELETE", f"{path}/{laptop.public.fingerprint}", admin).status_code == 204
    assert [daemon.who(token).status_code for token in tokens] == [200, 401]
    assert [daemon.log_in(key, DEV).status_code for key in (dev, laptop)] == [201, 401]
    assert daemon.ask("DELETE", f"{path}/{laptop.public.fingerprint}", admin).status_code == 404
    audited = [(event["kind"], event["facts"]["fingerprint"]) for event in events(daemon, "key.")]
    assert audited == [("key.added", laptop.public.fingerprint), ("key.removed", laptop.public.fingerprint)]


def test_what_is_not_there_or_contradicts_is_said(daemon: Daemon, dev: PrivateKey, admin: str) -> None:
    line, root = dev.public.line, "/api/users/root@example.com"
    for method, path, body, status in (
        ("GET", "/api/users/nobody", None, 404),
        ("PATCH", "/api/users/nobody", {"roles": ["admin"]}, 404),
        ("PATCH", "/api/users/nobody", {}, 404),
        ("DELETE", "/api/users/nobody", None, 404),
        ("POST", "/api/users/nobody/keys", {"public_key": fresh_key().public.line}, 404),
        ("POST", "/api/users", {"name": DEV}, 409),
        ("POST", "/api/users", {"name": "twin", "keys": [line]}, 409),
        ("POST", f"{root}/keys", {"public_key": line}, 409),
        ("PATCH", root, {"roles": ["developer"]}, 409),
        ("PATCH", root, {"disabled": True}, 409),
        ("DELETE", root, None, 409),
        ("POST", "/api/users", {"name": "a b"}, 400),
        ("POST", "/api/users", {"name": "x", "roles": ["king"]}, 400),
        ("POST", "/api/users", {"name": "x", "roles": []}, 400),
        ("POST", "/api/users", {"name": "x", "teams": ["a b"]}, 400),
        ("POST", "/api/users", {"name": "x", "keys": ["ssh-dss AAAAB3NzaC1kc3M="]}, 400),
        ("POST", f"/api/users/{DEV}/keys", {"public_key": "noise"}, 400),
        ("GET", "/api/users?limit=0", None, 400),
        ("GET", "/api/users?after=%00", None, 400),
        ("GET", "/api/tokens?after=%00", None, 400),
        ("GET", "/api/users/%00", None, 404),
        ("DELETE", "/api/users/%00", None, 404),
        ("DELETE", f"/api/users/{DEV}/keys/%00", None, 404),
        ("DELETE", f"/api/users/{DEV}/keys/SHA256:%00", None, 404),
        ("DELETE", "/api/tokens/%00", None, 404),
        ("PATCH", root.upper().replace("/API/USERS", "/api/users"), {"disabled": True}, 409),
    ):
        answer = daemon.ask(method, path, admin, json=body) if body is not None else daemon.ask(method, path, admin)
        assert answer.status_code == status, (method, path, body, answer.text)
    assert [user.name for user in accounts.users(daemon.state)] == [DEV, "root@example.com"]  # nothing half-made


def test_users_come_in_pages(daemon: Daemon, admin: str) -> None:
    for number in range(5):
        accounts.add_user(daemon.state, system(), f"user{number}")
    names, after = [], ""
    while after is not None:
        page = daemon.ask("GET", "/api/users", admin, params={"limit": 2, "after": after}).json()
        names += [user["name"] for user in page["items"]]
        after = page["next"]
    assert names == ["root@example.com", *(f"user{number}" for number in range(5))]


@pytest.mark.parametrize("role", ["developer", "author", "approver"])
def test_only_administrators_see_or_change_users_and_tokens(daemon: Daemon, role: str) -> None:
    key = fresh_key()
    accounts.add_user(daemon.state, system(), "me@example.com", roles=[role], keys=[key.public])
    token = daemon.token(key, "me@example.com")
    for method, path, body in (
        ("GET", "/api/users", None), ("GET", "/api/users/me@example.com", None), ("POST", "/api/users", {"name": "x"}),
        ("PATCH", "/api/users/me@example.com", {"roles": ["admin"]}), ("DELETE", "/api/users/me@example.com", None),
        ("POST", "/api/users/me@example.com/keys", {"public_key": fresh_key().public.line}),
        ("DELETE", f"/api/users/me@example.com/keys/{key.public.fingerprint}", None),
        ("GET", "/api/tokens", None), ("POST", "/api/tokens", {"name": "x"}), ("DELETE", "/api/tokens/x", None),
    ):  # fmt: skip
        assert daemon.ask(method, path, token, json=body).status_code == 403
        assert daemon.client.request(method, path, json=body).status_code == 401
    assert daemon.who(token).json()["roles"] == [role]


def test_the_functions_refuse_what_cannot_be(state: State) -> None:
    key = fresh_key().public
    accounts.add_user(state, system(), DEV, keys=[key])
    for error, said, deed in (
        (RefusedError, "already", lambda: accounts.add_user(state, system(), DEV.upper())),
        (RefusedError, "somebody's already", lambda: accounts.add_user(state, system(), "twin", keys=[key])),
        (UnknownNameError, "unknown user", lambda: accounts.remove_user(state, system(), "nobody")),
        (UnknownNameError, "unknown user", lambda: accounts.add_key(state, system(), "nobody", fresh_key().public)),
        (UnknownNameError, "unknown key", lambda: accounts.remove_key(state, system(), DEV, "SHA256:x")),
        (OptionError, "expected some of", lambda: accounts.change_user(state, system(), DEV, roles=["king"])),
    ):  # fmt: skip
        with pytest.raises(error, match=said):
            deed()
    for _ in range(accounts.MOST_KEYS - 1):
        accounts.add_key(state, system(), DEV, fresh_key().public)
    with pytest.raises(InputError, match="at most 20 keys"):
        accounts.add_key(state, system(), DEV, fresh_key().public)


def test_a_team_that_is_there_is_joined_and_others_are_made(state: State) -> None:
    with state.change() as connection:
        connection.execute(TEAMS.insert().values(name="payments", created=0.0))
    accounts.add_user(state, system(), DEV, teams=["risk", "payments", "risk"])
    assert accounts.user(state, DEV).teams == ["payments", "risk"]


def test_a_removed_user_leaves_neither_key_nor_membership(state: State) -> None:
    key = fresh_key().public
    accounts.add_user(state, system(), DEV, teams=["payments"], keys=[key])
    accounts.remove_user(state, system(), DEV)
    accounts.add_user(state, system(), DEV)
    again = accounts.user(state, DEV)
    assert (again.teams, again.keys) == ([], [])
    accounts.add_key(state, system(), DEV, key)


def test_odd_names_are_nobodys_on_every_store(two: tuple[Daemon, Daemon]) -> None:
    here, boss = two[0], fresh_key()
    accounts.add_user(here.state, system(), "root@example.com", roles=["admin"], keys=[boss.public])
    token = here.token(boss, "root@example.com")
    for odd in ("%00", "a%00b", "%ff", "%F0%9F%92%A9", "x" * 500, "%2e%2e", "'%20or%201=1"):
        for method, path in (
            ("GET", f"/api/users/{odd}"), ("DELETE", f"/api/users/{odd}"), ("DELETE", f"/api/tokens/{odd}"),
            ("DELETE", f"/api/users/root@example.com/keys/{odd}"),
        ):  # fmt: skip
            assert here.ask(method, path, token).status_code == 404, (method, path)
        assert here.ask("GET", f"/api/users?after={odd}", token).status_code in {200, 400}
    assert here.ask("POST", "/auth/challenge", "x", json={"account": "a\0", "host": here.host}).status_code == 400
    wrong = {"challenge": "a\0", "signature": "\0"}
    assert here.ask("POST", "/auth/session", "x", json=wrong).status_code == 401
    key = {"public_key": fresh_key().public.line + " me\0"}
    answer = here.ask("POST", "/api/users/root@example.com/keys", token, json=key)
    assert (answer.status_code, answer.json()["comment"]) == (201, "me")
