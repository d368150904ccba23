"""How long somebody waits after logins that failed: counted per account and per address, in the store.

The first failures are free, then the wait doubles. The wait of an account stays short: nobody's failures may lock
somebody else out, and a key cannot be guessed anyway. The wait of an address grows to a quarter of an hour.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import sqlalchemy as sa

from hotfixture.server.front import neighbourhood
from hotfixture.server.gateway.tables import THROTTLES

FORGOTTEN = 3600.0
"""Seconds without a failure after which one begins anew."""
_SLACK = 60.0
_C = THROTTLES.c


class Rule(NamedTuple):
    """Failures that cost nothing, and the longest wait in seconds."""

    free: int
    longest: float

    def wait(self, failures: int) -> float:
        """Seconds to wait after so many failures."""
        over = failures - self.free
        return min(self.longest, 2.0 ** min(over, 60)) if over > 0 else 0.0


ACCOUNT, ADDRESS = Rule(5, 30.0), Rule(20, 900.0)


def wait(connection: sa.Connection, account: str, address: str, now: float) -> int:
    """Whole seconds until a login may be tried; 0 where it may be now. An address is its network in IPv6."""
    keys = [key for key, _ in _keys(account, address)]
    # A failure of the future is one of before the clock was set back: nobody waits for that time to come again.
    query = sa.select(sa.func.max(_C.until)).where(_C.key.in_(keys), _C.updated <= now + _SLACK)
    until = connection.execute(query).scalar()
    return max(0, math.ceil((until or 0.0) - now))


def failed(connection: sa.Connection, account: str, address: str, now: float) -> float:
    """Count a failure; the seconds to wait."""
    return max(_count(connection, key, rule, now) for key, rule in _keys(account, address))


def succeeded(connection: sa.Connection, account: str) -> None:
    """The account's owner has come: its failures were somebody else's, or are over. Those of the address stay."""
    connection.execute(THROTTLES.delete().where(_C.key == f"account {account}"))


def forget(connection: sa.Connection, now: float) -> None:
    """Away with what is long past."""
    connection.execute(THROTTLES.delete().where(_C.updated < now - FORGOTTEN))


def _keys(account: str, address: str) -> list[tuple[str, Rule]]:
    keys = [(f"address {neighbourhood(address)}"[:200], ADDRESS)]
    return [*keys, (f"account {account}"[:200], ACCOUNT)] if account else keys


def _count(connection: sa.Connection, key: str, rule: Rule, now: float) -> float:
    row = connection.execute(sa.select(THROTTLES).where(_C.key == key).with_for_update()).first()
    fresh = row is not None and row.updated >= now - FORGOTTEN
    failures = row.failures + 1 if row is not None and fresh else 1
    values = {"failures": failures, "until": now + rule.wait(failures), "updated": now}
    if row is None:
        _insert(connection, {"key": key, **values})
    else:
        connection.execute(THROTTLES.update().where(_C.key == key).values(**values))
    return rule.wait(failures)


def _insert(connection: sa.Connection, values: dict[str, object]) -> None:
    """The first failure; where another daemon counts one at the same moment, that one is enough."""
    if connection.dialect.name == "sqlite":
        connection.execute(THROTTLES.insert().values(**values))
        return
    from sqlalchemy.dialects.postgresql import insert

    connection.execute(insert(THROTTLES).values(**values).on_conflict_do_nothing())
