"""The routes of users, their keys, and service tokens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from msgspec import UNSET

from hotfixture.errors import RefusedError, UnknownNameError
from hotfixture.identity import keys as public_keys
from hotfixture.server.gateway.access import NOT_HERE
from hotfixture.server.gateway.identity import accounts, service_tokens
from hotfixture.server.gateway.identity.keeper import keeper_of
from hotfixture.server.gateway.operations import Ask, Operation
from hotfixture.server.problems import HTTPError
from hotfixture.wire import Page, Paging
from hotfixture.wire.identity import (
    KeyAsked,
    KeyTold,
    ServiceTokenAsked,
    ServiceTokenMade,
    ServiceTokenTold,
    UserAsked,
    UserChanged,
    UserTold,
)

MOST = 1000


@contextmanager
def _answered(ask: Ask) -> Iterator[None]:
    """What is not there answers 404, what contradicts 409; what was changed counts here at once."""
    try:
        yield
    except UnknownNameError:
        raise HTTPError(404, NOT_HERE) from None
    except RefusedError as error:
        raise HTTPError(409, error.problems) from None
    finally:
        keeper_of(ask.gateway).known.forget()


def _part(query: Paging) -> dict[str, Any]:
    if not 1 <= query.limit <= MOST:
        raise HTTPError(400, f"limit: expected 1 … {MOST}")
    if len(query.after) > 200 or not query.after.isprintable():
        raise HTTPError(400, "after: expected what `next` said")
    return {"after": query.after, "limit": query.limit}


def _users(ask: Ask) -> Page[UserTold]:
    found = accounts.users(ask.gateway.state, **_part(ask.query))
    return Page(items=found, next=found[-1].name if len(found) == ask.query.limit else None)


def _user(ask: Ask) -> UserTold:
    try:
        return accounts.user(ask.gateway.state, ask.path["name"])
    except UnknownNameError:
        raise HTTPError(404, NOT_HERE) from None


def _user_added(ask: Ask) -> UserTold:
    body: UserAsked = ask.body
    keys = [public_keys.read(text, f"keys[{number}]") for number, text in enumerate(body.keys)]
    with _answered(ask):
        name = accounts.add_user(ask.gateway.state, ask.actor, body.name, roles=body.roles, teams=body.teams, keys=keys)
    return accounts.user(ask.gateway.state, name)


def _user_changed(ask: Ask) -> UserTold:
    body: UserChanged = ask.body
    with _answered(ask):
        accounts.change_user(
            ask.gateway.state,
            ask.actor,
            ask.path["name"],
            roles=None if body.roles is UNSET else body.roles,
            disabled=None if body.disabled is UNSET else body.disabled,
        )
    return _user(ask)


def _user_removed(ask: Ask) -> None:
    with _answered(ask):
        accounts.remove_user(ask.gateway.state, ask.actor, ask.path["name"])


def _key_added(ask: Ask) -> KeyTold:
    key = public_keys.read(ask.body.public_key, "public_key")
    with _answered(ask):
        return accounts.add_key(ask.gateway.state, ask.actor, ask.path["name"], key)


def _key_removed(ask: Ask) -> None:
    with _answered(ask):
        accounts.remove_key(ask.gateway.state, ask.actor, ask.path["name"], ask.path["fingerprint"])


def _tokens(ask: Ask) -> Page[ServiceTokenTold]:
    found = service_tokens.listed(ask.gateway.state, **_part(ask.query))
    return Page(items=found, next=found[-1].name if len(found) == ask.query.limit else None)


def _token_made(ask: Ask) -> ServiceTokenMade:
    with _answered(ask):
        return service_tokens.make(ask.gateway.state, ask.actor, ask.body)


def _token_revoked(ask: Ask) -> None:
    with _answered(ask):
        service_tokens.revoke(ask.gateway.state, ask.actor, ask.path["name"])


_USERS: Any = ("users",)
_TOKENS: Any = ("service tokens",)
_USER = {
    "name": "dev@example.com", "roles": ["developer"], "teams": ["payments"], "keys": ["ssh-ed25519 AAAA… dev"],
}  # fmt: skip
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET", path="/api/users", summary="Users by name", action="user.manage", answer=_users, query=Paging,
        returns=Page[UserTold], tags=_USERS,
    ),
    Operation(
        method="POST", path="/api/users", summary="A new user", action="user.manage", answer=_user_added,
        body=UserAsked, body_example=_USER, returns=UserTold, status=201, problems=(409,), tags=_USERS,
        notes="Teams that are not there are made.",
    ),
    Operation(
        method="GET", path="/api/users/{name}", summary="One user with keys", action="user.manage", answer=_user,
        returns=UserTold, tags=_USERS,
    ),
    Operation(
        method="PATCH", path="/api/users/{name}", summary="Other roles; disable or enable", action="user.manage",
        answer=_user_changed, body=UserChanged, body_example={"roles": ["developer", "approver"]}, returns=UserTold,
        problems=(409,), tags=_USERS, notes="Who is disabled is logged out at once. Nobody shuts themselves out.",
    ),
    Operation(
        method="DELETE", path="/api/users/{name}", summary="Remove a user with keys and sessions, at once",
        action="user.manage", answer=_user_removed, status=204, problems=(409,), tags=_USERS,
    ),
    Operation(
        method="POST", path="/api/users/{name}/keys", summary="One more public key of a user", action="user.manage",
        answer=_key_added, body=KeyAsked, body_example={"public_key": "ssh-ed25519 AAAA… laptop"}, returns=KeyTold,
        status=201, problems=(409,), tags=_USERS,
    ),
    Operation(
        method="DELETE", path="/api/users/{name}/keys/{fingerprint:path}",
        summary="Remove a key and end its sessions, at once", action="user.manage", answer=_key_removed, status=204,
        tags=_USERS,
    ),
    Operation(
        method="GET", path="/api/tokens", summary="Service tokens by name", action="token.manage", answer=_tokens,
        query=Paging, returns=Page[ServiceTokenTold], tags=_TOKENS,
    ),
    Operation(
        method="POST", path="/api/tokens", summary="A new service token, shown this once", action="token.manage",
        answer=_token_made, body=ServiceTokenAsked, body_example={"name": "ci", "templates": ["ci-*"], "ttl": "90d"},
        returns=ServiceTokenMade, status=201, problems=(409,), tags=_TOKENS,
    ),
    Operation(
        method="DELETE", path="/api/tokens/{name}", summary="Revoke a service token by name or id, at once",
        action="token.manage", answer=_token_revoked, status=204, tags=_TOKENS,
    ),
)  # fmt: skip
