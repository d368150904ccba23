"""Logins: a challenge for anybody who asks, and a session for who signed it with a key of the account.

Whether an account is known shows neither in an answer nor in its time: a challenge is made and kept for every name,
a signature is verified before anybody looks whose key it is, and every refusal has the same words.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import sqlalchemy as sa

from hotfixture.errors import HotFixtureError
from hotfixture.identity import challenges, signatures
from hotfixture.identity.challenges import Challenge
from hotfixture.server.front import neighbourhood
from hotfixture.server.gateway import audit
from hotfixture.server.gateway.actors import Actor
from hotfixture.server.gateway.identity import nonces, sessions, throttles
from hotfixture.server.gateway.identity.nonces import Bounds, Open
from hotfixture.server.gateway.identity.sessions import Terms
from hotfixture.server.gateway.shared import AwayError, Shared
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import KEYS, USERS
from hotfixture.server.problems import HTTPError

PURPOSE = "login"
MOST, MOST_OF_ONE = 50_000, 2_000
"""Challenges that may be open, and of one address (a network in IPv6): more are a flood, not logins."""
REFUSED = (
    "the login was refused: the account or its key is not known, the challenge is used or has expired, "
    "or the signature is wrong"
)


class _Finding(NamedTuple):
    """What an answer to a challenge amounts to; `reason` is for the audit alone, empty where it is right."""

    account: str
    reason: str
    fingerprint: str = ""
    stored: Open | None = None


def challenge(state: State, account: str, host: str, address: str, shared: Shared | None = None) -> Challenge:
    """A fresh challenge for an account, known or not; HTTPError 429 where it or the address must wait."""
    now = state.now()
    made = challenges.make(host, account, now)
    kept = nonces.opened(made, PURPOSE, neighbourhood(address)[:200]), now, Bounds(MOST, MOST_OF_ONE)
    if shared is not None:
        with state.read() as connection:
            _patience(throttles.wait(connection, account, address, now))
        try:
            _check_flood(nonces.share(shared, *kept))
        except AwayError:  # then the store keeps it
            pass
        else:
            return made
    with state.change() as connection:
        _patience(throttles.wait(connection, account, address, now))
        _check_flood(nonces.keep(connection, *kept))
    return made


def _check_flood(crowded: int) -> None:
    if crowded == 1:
        raise HTTPError(429, "too many logins of this address are under way", {"retry-after": "60"})
    if crowded:
        raise HTTPError(503, "too many logins are under way", {"retry-after": "60"})


def _patience(seconds: int) -> None:
    if seconds:
        raise HTTPError(429, "too many logins failed: wait", {"retry-after": str(seconds)})


def login(
    state: State,
    nonce: str,
    signature: str,
    *,
    actor: Actor,
    hosts: Collection[str],
    terms: Terms,
    shared: Shared | None = None,
) -> Any:
    """The row of the new session of whoever signed; `actor` says where from, `hosts` which names this daemon has.

    Raises HTTPError 401 in the same words whatever is wrong, 429 where one must wait. Either is decided in one
    transaction that also uses up the challenge and is audited.
    """
    now = state.now()
    with state.read() as connection:
        stored = nonces.find(connection, shared, nonce)
        _patience(throttles.wait(connection, stored.account if stored else "", actor.address, now))
    found = _signed(stored, nonce, signature, hosts, now)
    with state.change() as connection:
        found = _settled(state, connection, found)
        if found.reason:
            wait = throttles.failed(connection, found.account, actor.address, now)
            facts = {"reason": found.reason, "fingerprint": found.fingerprint, "wait": wait}
            audit.record(state, connection, actor, "login.failed", found.account, **facts)
        else:
            row = _begun(state, connection, found, actor, terms)
    nonces.used(shared, stored)
    if found.reason:
        raise HTTPError(401, REFUSED, {"www-authenticate": "Bearer"})
    return row


def _signed(stored: Open | None, nonce: str, signature: str, hosts: Collection[str], now: float) -> _Finding:
    """Whose signature it is, as far as the store is not needed for it."""
    if stored is None:
        return _Finding("", "no such challenge: never made, used or expired")
    found = _Finding(stored.account, "", stored=stored)
    text = Challenge(stored.host, stored.account, nonce, stored.expires).text
    try:
        key = signatures.verify(signature, text.encode(), challenges.namespace(stored.host))
    except HotFixtureError as error:
        return found._replace(reason=error.problems[0].message[:200])
    found = found._replace(fingerprint=key.fingerprint)
    if not stored.holds(now) or stored.purpose != PURPOSE or stored.host not in hosts:
        return found._replace(reason="the challenge has expired, or is for another purpose or host")
    return found


def _settled(state: State, connection: sa.Connection, found: _Finding) -> _Finding:
    """Use up the challenge, and look whose key signed: the same statements whatever is wrong."""
    used = nonces.use(state, connection, found.stored)
    owner = connection.execute(
        sa.select(KEYS.c.account, USERS.c.disabled)
        .join(USERS, USERS.c.name == KEYS.c.account)
        .where(KEYS.c.fingerprint == found.fingerprint, KEYS.c.account == found.account)
    ).first()
    if found.reason:
        return found
    if not used:
        return found._replace(reason="the challenge was used by another login at the same time")
    if owner is None:
        return found._replace(reason="the key is none of this account's, or there is no such account")
    return found._replace(reason="the account is disabled") if owner.disabled else found


def _begun(state: State, connection: sa.Connection, found: _Finding, actor: Actor, terms: Terms) -> Any:
    now = state.now()
    row = sessions.begin(connection, found.account, found.fingerprint, now, terms)
    connection.execute(KEYS.update().where(KEYS.c.fingerprint == found.fingerprint).values(last_used=now))
    throttles.succeeded(connection, found.account)
    who = Actor(found.account, "user", frozenset(), address=actor.address, request=actor.request)
    facts = {"fingerprint": found.fingerprint, "session": row.id}
    audit.record(state, connection, who, "login.succeeded", found.account, **facts)
    return row
