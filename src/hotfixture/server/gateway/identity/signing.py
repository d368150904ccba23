"""The keys that sign sessions' tokens: Ed25519, sealed in the store, shared by all daemons, replaced in good time.

A next key is published before it signs anything, so that whoever verifies tokens has fetched it by then; an old one
stays published until the last token that it signed has expired.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

import jwt
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hotfixture.errors import HotFixtureError
from hotfixture.server.gateway import audit
from hotfixture.server.gateway.actors import Actor, system
from hotfixture.server.gateway.identity.changes import changed
from hotfixture.server.gateway.seals import Seal
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import SIGNING_KEYS
from hotfixture.wire.identity import SigningKeysTold, SigningKeyTold

ALGORITHM = "EdDSA"
USED = 30 * 86_400.0
"""Seconds that a key signs."""
EARLY = 86_400.0
"""Seconds that the next key is published before it signs."""
SHORTEST_EARLY = 600.0
"""As `EARLY`, where somebody rotates by hand: a JWKS client asks again after some minutes."""
SLACK = 60.0
LEEWAY = 5
"""Seconds that a token may begin in the future: another daemon's idea of the store's clock is not quite the same."""
LONGEST = 4096
"""Bytes of a token."""
_PURPOSE = "signing key"
_LOCK = 774411904
_CLAIMS = ["exp", "nbf", "iat", "iss", "aud", "sub", "jti", "sid"]
_C = SIGNING_KEYS.c


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key, opened; `until` is when its tokens are no longer believed, None while that is open."""

    id: str
    private: Ed25519PrivateKey
    public: Ed25519PublicKey
    since: float
    until: float | None

    def told(self) -> SigningKeyTold:
        """The public half as a JSON Web Key."""
        x = base64.urlsafe_b64encode(self.public.public_bytes_raw()).decode().rstrip("=")
        return SigningKeyTold(kty="OKP", crv="Ed25519", x=x, kid=self.id, alg=ALGORITHM, use="sig")


class Ring:
    """The keys as they stood in the store at one time."""

    def __init__(self, keys: Iterable[SigningKey] = ()) -> None:
        self._keys: Mapping[str, SigningKey] = {key.id: key for key in keys}

    def knows(self, token: str) -> bool:
        """Whether the token names a key of these."""
        try:
            return jwt.get_unverified_header(token).get("kid") in self._keys
        except jwt.InvalidTokenError:
            return True  # it is none at all: no newer key would help

    def sign(self, claims: Mapping[str, Any], now: float) -> str:
        """The token of these claims; HotFixtureError where no key is in use."""
        keys = sorted(self._keys.values(), key=lambda key: (key.since, key.id))
        if not keys:
            raise HotFixtureError("there is no signing key")
        # After a clock was put back none may be in use yet: then it is the first.
        used = [key for key in keys if key.since <= now] or keys[:1]
        return jwt.encode(dict(claims), used[-1].private, ALGORITHM, headers={"kid": used[-1].id})

    def read(self, token: str, now: float, *, audience: str) -> Mapping[str, Any] | None:
        """The claims of a token that one of these keys signed, that is for this audience and holds now; else None."""
        if len(token) > LONGEST:
            return None
        try:
            key = self._keys.get(jwt.get_unverified_header(token).get("kid", ""))
            if key is None or not (key.until is None or now < key.until):
                return None
            # Times are compared below, by the store's clock: daemons whose own clocks differ agree on it.
            options: Any = {"require": _CLAIMS, "verify_exp": False, "verify_nbf": False, "verify_iat": False}
            claims = jwt.decode(token, key.public, [ALGORITHM], options, audience=audience, issuer=audience)
        except (jwt.InvalidTokenError, TypeError):
            return None
        times = claims["nbf"], claims["exp"]
        whole = all(isinstance(time, int) for time in times) and all(
            isinstance(claims[name], str) for name in ("sub", "sid")
        )
        return claims if whole and claims["nbf"] - LEEWAY <= now < claims["exp"] else None

    def told(self, now: float) -> SigningKeysTold:
        """The public halves of all that are or will be needed."""
        needed = [key for key in self._keys.values() if key.until is None or now < key.until]
        return SigningKeysTold(keys=[key.told() for key in sorted(needed, key=lambda key: key.since)])


def opened(connection: sa.Connection, seal: Seal) -> Ring:
    """The keys of the store; HotFixtureError where they were sealed by another seal key."""
    return Ring(_opened(row, seal) for row in connection.execute(sa.select(SIGNING_KEYS)))


def _opened(row: Any, seal: Seal) -> SigningKey:
    private = Ed25519PrivateKey.from_private_bytes(seal.open(row.sealed, purpose=f"{_PURPOSE} {row.id}"))
    return SigningKey(row.id, private, private.public_key(), row.active_from, row.retired)


def tend(state: State, seal: Seal, *, longest: float, now: float | None = None) -> None:
    """The first key where there is none, the next one when it is time, and away with those that nobody needs.

    `longest` are the seconds that a token holds. Any daemon may do it at any time, several at once too.
    """
    now = state.now() if now is None else now
    with state.change() as connection:
        _lock(state, connection)
        rows = connection.execute(sa.select(_C.id, _C.active_from, _C.retired)).all()
        last = max((row.active_from for row in rows if row.retired is None), default=None)
        if last is None:
            _add(state, connection, seal, system(), since=now, longest=longest)
        elif now >= last + USED - EARLY:
            _add(state, connection, seal, system(), since=max(now + EARLY, last + USED), longest=longest)
        for row in rows:
            if row.retired is not None and row.retired <= now:
                connection.execute(SIGNING_KEYS.delete().where(_C.id == row.id))


def rotate(
    state: State, seal: Seal, actor: Actor, *, longest: float, early: float = SHORTEST_EARLY, at_once: bool = False
) -> str:
    """The id of a new key, which signs after `early` seconds (at least ten minutes).

    `at_once` is for a key that somebody has seen: the new one signs now, and what the old ones signed is worth nothing
    any more, so that everybody logs in again.
    """
    now = state.now()
    since = now if at_once else now + max(early, SHORTEST_EARLY)
    with state.change() as connection:
        _lock(state, connection)
        if at_once:
            connection.execute(SIGNING_KEYS.delete())
        return _add(state, connection, seal, actor, since=since, longest=longest)


def _lock(state: State, connection: sa.Connection) -> None:
    """Two daemons must not both make the next key."""
    if state.is_shared:
        connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_LOCK})"))


def _add(state: State, connection: sa.Connection, seal: Seal, actor: Actor, *, since: float, longest: float) -> str:
    private, name = Ed25519PrivateKey.generate(), token_hex(8)
    # What signed until now is needed until its last token has expired.
    connection.execute(SIGNING_KEYS.update().where(_C.retired.is_(None)).values(retired=since + longest + SLACK))
    connection.execute(
        SIGNING_KEYS.insert().values(
            id=name,
            sealed=seal.seal(private.private_bytes_raw(), purpose=f"{_PURPOSE} {name}"),
            public=base64.b64encode(private.public_key().public_bytes_raw()).decode(),
            active_from=since,
            created=state.now(),
        )
    )
    changed(connection)
    audit.record(state, connection, actor, "signing-key.created", name, active_from=since)
    return name
