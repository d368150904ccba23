"""Sessions: begun by a login, renewed while the key stands, ended by a logout, a revocation or their longest time."""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_hex
from typing import Any

import sqlalchemy as sa

from hotfixture.server.gateway.identity.changes import changed
from hotfixture.server.gateway.identity.moments import moment
from hotfixture.server.gateway.identity.signing import Ring
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import KEYS, SESSIONS, USERS
from hotfixture.wire.identity import SessionTold

_C = SESSIONS.c


@dataclass(frozen=True, slots=True)
class Terms:
    """How long tokens and sessions hold, and whom they are for: the daemon's own address."""

    audience: str
    token: float
    longest: float


def begin(connection: sa.Connection, account: str, fingerprint: str, now: float, terms: Terms) -> Any:
    """The row of a new session."""
    values = {
        "id": token_hex(16), "account": account, "fingerprint": fingerprint, "begun": now,
        "expires": now + min(terms.token, terms.longest),
    }  # fmt: skip
    connection.execute(SESSIONS.insert().values(**values))
    return connection.execute(sa.select(SESSIONS).where(_C.id == values["id"])).one()


def renew(connection: sa.Connection, session: str, now: float, terms: Terms) -> Any:
    """The row of a session that holds longer now; None where it has ended, or its key or user is gone."""
    stands = (
        sa.select(SESSIONS)
        .join(USERS, USERS.c.name == _C.account)
        .join(KEYS, (KEYS.c.fingerprint == _C.fingerprint) & (KEYS.c.account == _C.account))
        .where(_C.id == session, _C.revoked.is_(None), ~USERS.c.disabled, _C.expires > now)
    )
    row = connection.execute(stands).first()
    if row is None or now >= row.begun + terms.longest:
        return None
    until = min(now + terms.token, row.begun + terms.longest)
    connection.execute(SESSIONS.update().where(_C.id == session, _C.expires < until).values(expires=until))
    return connection.execute(stands).first()


def end(connection: sa.Connection, session: str, now: float) -> bool:
    """Whether the session stood until now; it is over on every daemon within a second."""
    ended = SESSIONS.update().where(_C.id == session, _C.revoked.is_(None)).values(revoked=now)
    changed(connection)
    return bool(connection.execute(ended).rowcount)


def end_all(state: State, connection: sa.Connection, *, account: str, fingerprint: str = "") -> None:
    """All sessions of an account, or of one key of it."""
    mine = (_C.account == account) & _C.revoked.is_(None)
    if fingerprint:
        mine &= _C.fingerprint == fingerprint
    connection.execute(SESSIONS.update().where(mine).values(revoked=state.now()))
    changed(connection)


def told(row: Any, ring: Ring, now: float, terms: Terms) -> SessionTold:
    """A fresh token of a session."""
    # Whole seconds, rounded down at both ends: nothing holds longer than its session, nothing begins in the future.
    issued, expires = int(now), int(row.expires)
    claims = {
        "iss": terms.audience, "aud": terms.audience, "sub": row.account, "sid": row.id, "jti": token_hex(16),
        "iat": issued, "nbf": issued, "exp": expires,
    }  # fmt: skip
    return SessionTold(
        token=ring.sign(claims, now),
        account=row.account,
        expires=moment(expires),
        renewable_until=moment(row.begun + terms.longest),
    )
