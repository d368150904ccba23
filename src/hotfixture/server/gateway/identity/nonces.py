"""Open challenges: in Redis where daemons share one, else in the store; each is answered once, wherever it was made.

Making one costs the store nothing then, however many are asked for. That one was used the store says, in the
transaction of the login: Redis may lose what it was told last, and a used challenge must not come back with it.
"""

from __future__ import annotations

import json
from contextlib import suppress
from hashlib import sha256
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hotfixture.identity.challenges import LIFETIME, Challenge
from hotfixture.server.gateway.shared import AwayError, Shared
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import CHALLENGES

USED = "used"
"""The purpose of a row that says that a challenge of Redis was answered."""
SLACK = 60.0
"""Seconds that clocks may differ before a challenge counts as one that cannot have been made yet."""
_REMEMBERED = 86_400.0
_C = CHALLENGES.c
_COLUMNS = _C.digest, _C.account, _C.host, _C.purpose, _C.address, _C.expires
_KEEP = """
for _, key in ipairs({KEYS[2], KEYS[3]}) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', ARGV[3])
  redis.call('ZREMRANGEBYSCORE', key, ARGV[4], '+inf')
end
if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[7]) then return 1 end
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[6]) then return 2 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[5])
for _, key in ipairs({KEYS[2], KEYS[3]}) do
  redis.call('ZADD', key, ARGV[2], KEYS[1])
  redis.call('PEXPIRE', key, ARGV[5])
end
return 0
"""
"""Keeps a challenge unless too many are open, of its address (1) or of all (2)."""


class Bounds(NamedTuple):
    """Challenges that may be open: of all, and of one address."""

    all: int
    one: int


class Open(NamedTuple):
    """An open challenge as it is kept; its nonce only as a digest."""

    digest: str
    account: str
    host: str
    purpose: str
    address: str
    expires: float
    is_shared: bool = False
    """Whether Redis holds it."""

    def holds(self, now: float) -> bool:
        """Whether it may be answered: neither expired nor, after a clock was put back, from another time."""
        return now < self.expires <= now + LIFETIME + SLACK


def opened(made: Challenge, purpose: str, place: str) -> Open:
    """A fresh challenge for an address, as it will be kept."""
    return Open(digest_of(made.nonce), made.account, made.host, purpose, place, made.expires)


def digest_of(nonce: str) -> str:
    """Under which a challenge is kept."""
    return sha256(nonce.encode()).hexdigest()


def share(shared: Shared, fresh: Open, now: float, bounds: Bounds) -> int:
    """Keep a challenge in Redis: 0; 1 where its address has too many, 2 where all have. AwayError."""
    keys = _key(shared, fresh.digest), shared.key("open"), shared.key("open", fresh.address)
    lasts = int((LIFETIME + SLACK) * 1000)
    given = json.dumps(fresh[1:6]), fresh.expires, now, now + LIFETIME + SLACK, lasts, bounds.all, bounds.one
    return int(shared.ask(lambda client: client.eval(_KEEP, len(keys), *keys, *given)))


def keep(connection: sa.Connection, fresh: Open, now: float, bounds: Bounds) -> int:
    """As `share`, in the store; what has expired goes."""
    forget(connection, now)
    count = sa.select(sa.func.count()).select_from(CHALLENGES).where(_C.purpose != USED)
    if (connection.execute(count.where(_C.address == fresh.address)).scalar() or 0) >= bounds.one:
        return 1
    if (connection.execute(count).scalar() or 0) >= bounds.all:
        return 2
    connection.execute(CHALLENGES.insert().values(**_row(fresh)))
    return 0


def forget(connection: sa.Connection, now: float) -> None:
    """Away with what can no longer be answered; that one was used is remembered for a day."""
    late = (_C.expires < now) | (_C.expires > now + LIFETIME + SLACK)
    gone = (late & (_C.purpose != USED)) | (_C.expires < now - _REMEMBERED)
    connection.execute(CHALLENGES.delete().where(gone))


def find(connection: sa.Connection, shared: Shared | None, nonce: str) -> Open | None:
    """The challenge that somebody answers; None where there is none."""
    digest = digest_of(nonce)
    if shared is not None:
        with suppress(AwayError):
            text = shared.ask(lambda client: client.get(_key(shared, digest)))
            if text is not None:
                return Open(digest, *json.loads(text))._replace(is_shared=True)
    row = connection.execute(sa.select(*_COLUMNS).where(_C.digest == digest)).first()
    return Open(*row) if row else None


def use(state: State, connection: sa.Connection, found: Open | None) -> bool:
    """Whether it was open until now, in the transaction that uses it up."""
    if found is None or not found.is_shared:
        mine = (_C.digest == (found.digest if found else "")) & (_C.purpose != USED)
        return bool(connection.execute(CHALLENGES.delete().where(mine)).rowcount)
    kind = postgresql if state.is_shared else sqlite
    values = _row(found) | {"purpose": USED}
    return bool(connection.execute(kind.insert(CHALLENGES).values(**values).on_conflict_do_nothing()).rowcount)


def used(shared: Shared | None, found: Open | None) -> None:
    """The transaction is through: Redis need not hold it any longer."""
    if shared is None or found is None or not found.is_shared:
        return
    key = _key(shared, found.digest)
    lists = shared.key("open"), shared.key("open", found.address)

    def away(client: Any) -> None:
        with client.pipeline(transaction=False) as line:
            line.delete(key)
            for name in lists:
                line.zrem(name, key)
            line.execute()

    with suppress(AwayError):
        shared.ask(away)


def _row(found: Open) -> dict[str, Any]:
    return {column.name: getattr(found, column.name) for column in _COLUMNS}


def _key(shared: Shared, digest: str) -> str:
    return shared.key("challenge", digest)
