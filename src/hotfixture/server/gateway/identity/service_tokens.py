"""Service tokens: the functions behind `/api/tokens` and `hfitd token`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from secrets import token_hex
from typing import Any

import sqlalchemy as sa

from hotfixture.errors import OptionError, RefusedError, UnknownNameError
from hotfixture.identity import tokens
from hotfixture.server import units
from hotfixture.server.gateway import audit
from hotfixture.server.gateway.actors import Actor
from hotfixture.server.gateway.identity import accounts, members
from hotfixture.server.gateway.identity.changes import changed
from hotfixture.server.gateway.identity.moments import moment
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import MEMBERS, TOKENS
from hotfixture.wire.identity import ServiceTokenAsked, ServiceTokenMade, ServiceTokenTold

ROLES = ("developer", "author")
"""What a token may be: approving and administering are for people."""
LONGEST = 366 * 86_400.0
SEEN = 60.0
"""Seconds between two notes of when a token was last used."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_NAMED = re.compile(r"[a-z0-9._~-]{1,100}")
_GLOB = re.compile(r"[A-Za-z0-9*?_.\[\]!-]{1,200}")
_MOST = 100
_C = TOKENS.c


def account_of(name: str) -> str:
    """The name under which a token acts: no user's name has a colon."""
    return f"token:{name}"


def make(state: State, actor: Actor, asked: ServiceTokenAsked) -> ServiceTokenMade:
    """A new token, which is told this once; only its hash is kept.

    Raises InputError where something asked for cannot be, RefusedError where the name is taken.
    """
    values = _checked(asked)
    joined = members.checked_teams(asked.teams)
    token, now = tokens.make(), state.now()
    values |= {
        "id": token_hex(8), "digest": tokens.digest(token), "made_by": actor.name, "created": now,
        "expires": now + _ttl(asked.ttl),
    }  # fmt: skip
    with state.change() as connection:
        _make_room(connection, asked.name, now)
        connection.execute(TOKENS.insert().values(**values))
        made = members.join(state, connection, account_of(asked.name), joined)
        row = connection.execute(sa.select(TOKENS).where(_C.id == values["id"])).one()
        changed(connection)
        members.made_teams(state, connection, actor, made)
        facts = {"id": values["id"], "expires": values["expires"]}
        facts |= {name: json.loads(str(values[name])) for name in ("roles", "templates", "addresses")}
        audit.record(state, connection, actor, "token.created", asked.name, teams=joined, **facts)
    return ServiceTokenMade(**_facts(row, joined), token=token)


def _make_room(connection: sa.Connection, name: str, now: float) -> None:
    """A name is free again when its token has ended; the old one is then called by name and id."""
    row = connection.execute(sa.select(TOKENS).where(_C.name == name)).first()
    if row is None:
        return
    if row.revoked is None and now < row.expires:
        raise RefusedError(f"there is a service token {name} already: revoke it first, or take another name")
    connection.execute(TOKENS.update().where(_C.id == row.id).values(name=f"{name}~{row.id}"))
    connection.execute(MEMBERS.delete().where(MEMBERS.c.account == account_of(name)))


def _checked(asked: ServiceTokenAsked) -> dict[str, Any]:
    if not _NAME.fullmatch(asked.name):
        raise OptionError("name", asked.name[:80], "lower-case letters, digits, `.`, `-` and `_`")
    roles = accounts.checked_roles(asked.roles, ROLES)
    templates = _listed("templates", asked.templates)
    if not templates or not all(_GLOB.fullmatch(glob) for glob in templates):
        raise OptionError("templates", ", ".join(templates)[:80], "globs of template names such as ci-*")
    networks = [_network(text) for text in _listed("addresses", asked.addresses)]
    return {
        "name": asked.name, "roles": json.dumps(roles), "templates": json.dumps(templates),
        "addresses": json.dumps(networks),
    }  # fmt: skip


def _listed(name: str, values: Iterable[str]) -> list[str]:
    found = list(dict.fromkeys(values))
    if len(found) > _MOST:
        raise OptionError(name, f"{len(found)} values", f"at most {_MOST}")
    return found


def _network(text: str) -> str:
    try:
        return str(ip_network(text.strip()))
    except ValueError:
        raise OptionError("addresses", text[:80], "an address or network such as 192.0.2.0/24") from None


def _ttl(text: str) -> float:
    try:
        found = units.seconds(text)
    except ValueError:
        found = 0.0
    if not 1 <= found <= LONGEST:
        raise OptionError("ttl", text[:80], "a length of time of at most 366d, such as 90d")
    return found


def listed(state: State, *, after: str = "", limit: int = 100) -> list[ServiceTokenTold]:
    """The tokens by name, revoked and expired ones too."""
    query = sa.select(TOKENS).where(_C.name > after).order_by(_C.name).limit(limit)
    with state.read() as connection:
        rows = connection.execute(query).all()
        teams = members.of_accounts(connection, [account_of(row.name) for row in rows])
    return [ServiceTokenTold(**_facts(row, teams.get(account_of(row.name), []))) for row in rows]


def _facts(row: Any, teams: list[str]) -> dict[str, Any]:
    return {
        "id": row.id, "name": row.name, "roles": json.loads(row.roles), "teams": teams,
        "templates": json.loads(row.templates), "addresses": json.loads(row.addresses), "made_by": row.made_by,
        "created": moment(row.created), "expires": moment(row.expires),
        "last_used": None if row.last_used is None else moment(row.last_used),
        "revoked": None if row.revoked is None else moment(row.revoked),
    }  # fmt: skip


def revoke(state: State, actor: Actor, name_or_id: str) -> None:
    """End a token, on every daemon within a second; UnknownNameError where there is none, or it is ended already."""
    if not _NAMED.fullmatch(name_or_id):
        raise UnknownNameError("service token", name_or_id[:80], [])
    named = sa.or_(_C.name == name_or_id, _C.id == name_or_id) & _C.revoked.is_(None)
    with state.change() as connection:
        row = connection.execute(sa.select(_C.id, _C.name).where(named)).first()
        if row is None:
            raise UnknownNameError("service token", name_or_id, [])
        connection.execute(TOKENS.update().where(_C.id == row.id).values(revoked=state.now()))
        connection.execute(MEMBERS.delete().where(MEMBERS.c.account == account_of(row.name)))
        changed(connection)
        audit.record(state, connection, actor, "token.revoked", row.name, id=row.id)


def seen(state: State, token_id: str, now: float) -> None:
    """Note that a token is in use, to the minute."""
    stale = _C.last_used.is_(None) | (_C.last_used < now - SEEN)
    with state.change() as connection:
        connection.execute(TOKENS.update().where(_C.id == token_id, stale).values(last_used=now))


def is_from(address: str, networks: Iterable[str]) -> bool:
    """Whether an address is in one of the networks, or there is none to be in."""
    listed_networks = list(networks)
    if not listed_networks:
        return True
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    plain = getattr(found, "ipv4_mapped", None) or found
    return any(plain in ip_network(network) for network in listed_networks)
