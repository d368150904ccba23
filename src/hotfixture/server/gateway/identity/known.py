"""Who a bearer token belongs to, remembered: most requests cost one hash and one look into a dictionary.

What is remembered holds while the mark of the store stays the same, which is looked at at most once a second, and
after every change that was made here. Where the store cannot be asked, nobody is believed.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

import sqlalchemy as sa
from anyio import CapacityLimiter, Lock, to_thread

from hotfixture.errors import DatabaseError
from hotfixture.identity import tokens
from hotfixture.server.engine import STEP
from hotfixture.server.gateway import audit
from hotfixture.server.gateway.actors import Actor
from hotfixture.server.gateway.identity import members, service_tokens, signing
from hotfixture.server.gateway.identity.changes import mark
from hotfixture.server.gateway.identity.sessions import Terms
from hotfixture.server.gateway.identity.signing import Ring
from hotfixture.server.gateway.seals import Seal
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import SESSIONS, TOKENS, USERS
from hotfixture.server.logs import log

FRESH = 1.0
"""Seconds after which the mark is looked at again."""
KEPT = 30.0
"""Seconds after which even what did not change is looked up anew."""
MOST = 20_000
_AGAIN = 60.0
"""Seconds in which the same refusal of the same address is audited once."""


@dataclass(frozen=True, slots=True)
class _Entry:
    actor: Actor
    until: float
    noted: float = 0.0
    """When the use of a service token is to be noted again; 0 for sessions."""


class _Refusal(NamedTuple):
    """Why a bearer token is not believed: for the audit, not for who sent it."""

    reason: str
    subject: str = ""


class Known:
    """The memory of one daemon. Safe for its event loop and its threads."""

    def __init__(self, state: State, seal: Seal, terms: Terms) -> None:
        self._state, self._seal, self._terms = state, seal, terms
        self._ring = Ring()
        self._entries: dict[tuple[bytes, str], _Entry] = {}
        self._ends: dict[bytes, float] = {}
        """When each session's token has lasted its time, by the clock that nobody sets."""
        self._refusals: dict[tuple[str, str], float] = {}
        self._mark = "none yet"
        self._changes = 0
        self._checked = self._skew = float("-inf")
        self._away_until = float("-inf")
        self._lock = Lock()
        # Threads of its own: whoever waits for a provider must not keep others from being known.
        self._threads = CapacityLimiter(8)

    def now(self) -> float:
        """Seconds since 1970 by the store's clock, without asking it."""
        return time.monotonic() + self._skew

    def forget(self) -> None:
        """Something was changed here: the next request looks at the store first."""
        self._changes += 1
        self._checked = float("-inf")

    def ring(self) -> Ring:
        """The signing keys, at most a second old; asks the store where nobody has for that long."""
        if time.monotonic() - self._checked > FRESH:
            self.look()
        return self._ring

    async def actor(self, token: bytes, address: str) -> Actor | None:
        """Who this is; None where the token is not believed. DatabaseError where the store cannot be asked."""
        if time.monotonic() - self._checked > FRESH:
            await self._refresh()
        key = sha256(token).digest(), address
        entry, now = self._entries.get(key), self.now()
        if entry is None or now >= entry.until:
            entry = await to_thread.run_sync(self._look_up, key, token.decode("latin-1"), limiter=self._threads)
        if entry is not None and entry.noted and now >= entry.noted:
            await to_thread.run_sync(self._note, key, entry, now, limiter=self._threads)
        return entry.actor if entry else None

    async def _refresh(self) -> None:
        async with self._lock:
            now = time.monotonic()
            if now < self._away_until:  # whoever waited here would only wait again, each in turn
                raise DatabaseError("the daemon's store cannot be used")
            if now - self._checked > FRESH:
                try:
                    await to_thread.run_sync(self.look, limiter=self._threads)
                except DatabaseError:
                    self._away_until = time.monotonic() + FRESH
                    raise

    def look(self) -> None:
        """Compare the mark; forget all, and read the signing keys, where it is another one."""
        changes, at = self._changes, time.monotonic()
        skew = self._state.now() - at
        is_set = abs(skew - self._skew) > STEP
        with self._state.read() as connection:
            found = mark(connection)
            if found != self._mark or at - self._checked > KEPT or is_set:
                self._ring = signing.opened(connection, self._seal)
                self._entries = {}
                self._mark = found
        self._skew = skew
        if changes == self._changes:  # else something changed here while the store was read
            self._checked = at

    def _look_up(self, key: tuple[bytes, str], token: str) -> _Entry | None:
        """Ask the store, and remember the answer unless it may be older than a change."""
        entries, now = self._entries, self.now()
        found = (
            self._service_token(token, key[1], now)
            if token.startswith(tokens.PREFIX)
            else self._session(token, key[1], now)
        )
        if isinstance(found, _Refusal):
            self._refused(found, key[1])
            return None
        if len(entries) >= MOST:
            entries.clear()
        entries[key] = found  # into those of the mark under which it was read
        return found

    def _session(self, token: str, address: str, now: float) -> _Entry | _Refusal:
        if not self._ring.knows(token):  # perhaps a key that another daemon has just made
            self.look()
        claims = self._ring.read(token, now, audience=self._terms.audience)
        if claims is None or self._has_lasted(token, claims["exp"] - now):
            return _Refusal("no token of this daemon's that holds now")
        query = sa.select(SESSIONS.c.revoked, USERS.c.name, USERS.c.roles, USERS.c.disabled).join(
            USERS, USERS.c.name == SESSIONS.c.account
        )
        with self._state.read() as connection:
            row = connection.execute(query.where(SESSIONS.c.id == claims["sid"])).first()
            if row is None or row.revoked is not None or row.disabled or row.name != claims["sub"]:
                return _Refusal("the session has ended", claims["sub"])
            teams = members.of_accounts(connection, [row.name]).get(row.name, [])
        actor = Actor(
            row.name, "user", frozenset(json.loads(row.roles)), frozenset(teams), address, claims["sid"],
            expires=claims["exp"],
        )  # fmt: skip
        return _Entry(actor, min(claims["exp"], now + KEPT))

    def _has_lasted(self, token: str, left: float) -> bool:
        """Whether a token's time, as it was when it was first seen, is over: no clock set back gives of it again."""
        now = time.monotonic()
        if len(self._ends) >= MOST:
            self._ends.clear()
        return now >= self._ends.setdefault(sha256(token.encode()).digest(), now + left)

    def _service_token(self, token: str, address: str, now: float) -> _Entry | _Refusal:
        if not tokens.is_whole(token):
            return _Refusal("no service token of any daemon's")
        with self._state.read() as connection:
            row = connection.execute(sa.select(TOKENS).where(TOKENS.c.digest == tokens.digest(token))).first()
            if row is None:
                return _Refusal("no service token of this daemon's")
            account = service_tokens.account_of(row.name)
            teams = members.of_accounts(connection, [account]).get(account, [])
        if row.revoked is not None or now >= row.expires:
            return _Refusal("the service token is revoked or has expired", account)
        if not service_tokens.is_from(address, json.loads(row.addresses)):
            return _Refusal("the service token may not come from this address", account)
        actor = Actor(
            account, "token", frozenset(json.loads(row.roles)), frozenset(teams), address, row.id,
            tuple(json.loads(row.templates)), row.expires,
        )  # fmt: skip
        noted = (row.last_used or 0.0) + service_tokens.SEEN
        return _Entry(actor, min(row.expires, now + KEPT), max(noted, 1.0))

    def _note(self, key: tuple[bytes, str], entry: _Entry, now: float) -> None:
        service_tokens.seen(self._state, entry.actor.session, now)
        if self._entries.get(key) is entry:
            self._entries[key] = _Entry(entry.actor, entry.until, now + service_tokens.SEEN)

    def _refused(self, refusal: _Refusal, address: str) -> None:
        """Audit a refusal, once a minute for each address and reason: nobody fills the audit by sending noise."""
        now = time.monotonic()
        if self._refusals.get((address, refusal.reason), float("-inf")) > now - _AGAIN:
            return
        if len(self._refusals) >= MOST:
            self._refusals = {key: at for key, at in self._refusals.copy().items() if at > now - _AGAIN}
        if len(self._refusals) >= MOST:
            log().warning("too many addresses are refused to audit each")
            return
        self._refusals[address, refusal.reason] = now
        who = Actor("", "user", frozenset(), address=address)
        audit.note(self._state, who, "token.refused", refusal.subject, reason=refusal.reason)


def bearer(authorization: bytes) -> bytes:
    """The token of an `Authorization` header; empty where there is none of a size that can be one."""
    scheme, _, token = authorization.partition(b" ")
    token = token.strip()
    return token if scheme.lower() == b"bearer" and len(token) <= signing.LONGEST else b""
