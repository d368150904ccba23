"""Users and their keys: the functions behind `/api/users` and `hfitd user`. Each change is one audited transaction."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from hotfixture.errors import InputError, OptionError, RefusedError, UnknownNameError
from hotfixture.identity import keys as public_keys
from hotfixture.identity.challenges import account_of
from hotfixture.identity.keys import PublicKey
from hotfixture.server.gateway import audit
from hotfixture.server.gateway.actors import ROLES, Actor
from hotfixture.server.gateway.identity import members, sessions
from hotfixture.server.gateway.identity.changes import changed
from hotfixture.server.gateway.identity.moments import moment
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import KEYS, MEMBERS, USERS
from hotfixture.wire.identity import KeyTold, UserTold

MOST_KEYS = 20
"""Keys of one user."""


def users(state: State, *, after: str = "", limit: int = 100) -> list[UserTold]:
    """Users by name."""
    query = sa.select(USERS).where(USERS.c.name > after).order_by(USERS.c.name).limit(limit)
    with state.read() as connection:
        rows = connection.execute(query).all()
        names = [row.name for row in rows]
        teams = members.of_accounts(connection, names)
        held = connection.execute(sa.select(KEYS).where(KEYS.c.account.in_(names)).order_by(KEYS.c.added)).all()
    return [_told(row, teams.get(row.name, []), [key for key in held if key.account == row.name]) for row in rows]


def user(state: State, name: str) -> UserTold:
    """One user; UnknownNameError where there is none."""
    name = _written(name)
    with state.read() as connection:
        row = connection.execute(sa.select(USERS).where(USERS.c.name == name)).first()
        if row is None:
            raise _unknown(name)
        teams = members.of_accounts(connection, [name]).get(name, [])
        held = connection.execute(sa.select(KEYS).where(KEYS.c.account == name).order_by(KEYS.c.added)).all()
    return _told(row, teams, held)


def _told(row: Any, teams: list[str], held: Sequence[Any]) -> UserTold:
    return UserTold(
        name=row.name, roles=json.loads(row.roles), teams=teams, disabled=bool(row.disabled),
        created=moment(row.created), keys=[_key_told(key) for key in held],
    )  # fmt: skip


def _key_told(row: Any) -> KeyTold:
    key = public_keys.read(row.public)
    return KeyTold(
        fingerprint=row.fingerprint, kind=key.title, public_key=row.public, comment=row.comment,
        added=moment(row.added), last_used=None if row.last_used is None else moment(row.last_used),
    )  # fmt: skip


def add_user(
    state: State,
    actor: Actor,
    name: str,
    *,
    roles: Iterable[str] = ("developer",),
    teams: Iterable[str] = (),
    keys: Iterable[PublicKey] = (),
) -> str:
    """The name as it is kept: in lower case. Teams that are not there are made.

    Raises InputError where the name, a role, a team or a key cannot be taken, RefusedError where user or key is known.
    """
    account, sorted_roles, listed = account_of(name), checked_roles(roles), list(keys)
    joined = members.checked_teams(teams)
    with state.change() as connection:
        if connection.execute(sa.select(USERS.c.name).where(USERS.c.name == account)).first():
            raise RefusedError(f"there is a user {account} already")
        values = {"name": account, "roles": json.dumps(sorted_roles), "created": state.now()}
        connection.execute(USERS.insert().values(**values))
        made = members.join(state, connection, account, joined)
        for key in listed:
            _insert_key(state, connection, account, key)
        changed(connection)
        members.made_teams(state, connection, actor, made)
        facts = {"roles": sorted_roles, "teams": joined, "keys": [key.fingerprint for key in listed]}
        audit.record(state, connection, actor, "user.created", account, **facts)
    return account


def change_user(
    state: State, actor: Actor, name: str, *, roles: Iterable[str] | None = None, disabled: bool | None = None
) -> None:
    """Other roles, or disabled; None stays as it is. UnknownNameError where there is no such user.

    RefusedError where administrators would shut themselves out.
    """
    name = _written(name)
    facts: dict[str, Any] = {}
    if roles is not None:
        facts["roles"] = checked_roles(roles)
    if disabled is not None:
        facts["disabled"] = disabled
    if not facts:
        return
    if name == actor.name and (disabled or (roles is not None and "admin" not in facts["roles"])):
        raise RefusedError("nobody takes away their own administration: let another administrator do it")
    values = facts | ({"roles": json.dumps(facts["roles"])} if "roles" in facts else {})
    with state.change() as connection:
        if not connection.execute(USERS.update().where(USERS.c.name == name).values(**values)).rowcount:
            raise _unknown(name)
        if disabled:
            sessions.end_all(state, connection, account=name)
        changed(connection)
        audit.record(state, connection, actor, "user.changed", name, **facts)


def remove_user(state: State, actor: Actor, name: str) -> None:
    """Away with a user, the keys, memberships and sessions; at once. UnknownNameError where there is none.

    What the user wrote stays under the name: somebody who is given the same name again finds it.
    """
    name = _written(name)
    if name == actor.name:
        raise RefusedError("nobody removes themselves: let another administrator do it")
    with state.change() as connection:
        if not connection.execute(USERS.delete().where(USERS.c.name == name)).rowcount:
            raise _unknown(name)
        connection.execute(KEYS.delete().where(KEYS.c.account == name))
        connection.execute(MEMBERS.delete().where(MEMBERS.c.account == name))
        sessions.end_all(state, connection, account=name)
        changed(connection)
        audit.record(state, connection, actor, "user.removed", name)


def add_key(state: State, actor: Actor, name: str, key: PublicKey) -> KeyTold:
    """One more key of a user; UnknownNameError where there is none, RefusedError where the key is somebody's."""
    name = _written(name)
    with state.change() as connection:
        if not connection.execute(sa.select(USERS.c.name).where(USERS.c.name == name)).first():
            raise _unknown(name)
        _insert_key(state, connection, name, key)
        audit.record(state, connection, actor, "key.added", name, fingerprint=key.fingerprint, key_kind=key.title)
        row = connection.execute(sa.select(KEYS).where(KEYS.c.fingerprint == key.fingerprint)).first()
    return _key_told(row)


def _insert_key(state: State, connection: sa.Connection, account: str, key: PublicKey) -> None:
    mine = KEYS.c.account == account
    if (connection.execute(sa.select(sa.func.count()).select_from(KEYS).where(mine)).scalar() or 0) >= MOST_KEYS:
        raise InputError(f"a user has at most {MOST_KEYS} keys")
    if connection.execute(sa.select(KEYS.c.account).where(KEYS.c.fingerprint == key.fingerprint)).first():
        raise RefusedError(f"the key {key.fingerprint} is somebody's already: one key is one user's")
    values = {"fingerprint": key.fingerprint, "account": account, "public": key.line, "comment": key.comment}
    connection.execute(KEYS.insert().values(**values, added=state.now()))


def remove_key(state: State, actor: Actor, name: str, fingerprint: str) -> None:
    """Away with a key and the sessions that it began, at once; UnknownNameError where the user has no such key."""
    name = _written(name)
    if not public_keys.FINGERPRINT.fullmatch(fingerprint):
        raise UnknownNameError("key", fingerprint[:80], [])
    with state.change() as connection:
        mine = (KEYS.c.account == name) & (KEYS.c.fingerprint == fingerprint)
        if not connection.execute(KEYS.delete().where(mine)).rowcount:
            raise UnknownNameError("key", fingerprint, [])
        sessions.end_all(state, connection, account=name, fingerprint=fingerprint)
        changed(connection)
        audit.record(state, connection, actor, "key.removed", name, fingerprint=fingerprint)


def checked_roles(roles: Iterable[str], allowed: Collection[str] = ROLES) -> list[str]:
    """The roles, each once; OptionError where one is none of those allowed, or there is none."""
    found = sorted(set(roles))
    wrong = [role for role in found if role not in allowed]
    if wrong or not found:
        raise OptionError("roles", ", ".join(found), f"some of {', '.join(allowed)}")
    return found


def _written(name: str) -> str:
    """A name as it is kept; UnknownNameError where it can be nobody's."""
    try:
        return account_of(name)
    except InputError:
        raise _unknown(name[:80]) from None


def _unknown(name: str) -> UnknownNameError:
    return UnknownNameError("user", name, [])
