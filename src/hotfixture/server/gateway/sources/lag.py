"""How far a database is behind the one it copies."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hotfixture.errors import DatabaseError

if TYPE_CHECKING:
    from hotfixture.databases.base import Database

_POSTGRESQL = """
SELECT pg_is_in_recovery(), CASE
  WHEN NOT pg_is_in_recovery() THEN 0
  WHEN {received} = {replayed} AND EXISTS (SELECT 1 FROM pg_stat_wal_receiver) THEN 0
  ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())
END"""
# A replica that is connected and has replayed all it received is not behind, however long ago the last transaction was;
# one that receives nothing any more may be
# (https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-RECOVERY-CONTROL).
_OLD = {"received": "pg_last_xlog_receive_location()", "replayed": "pg_last_xlog_replay_location()"}
_NEW = {"received": "pg_last_wal_receive_lsn()", "replayed": "pg_last_wal_replay_lsn()"}
_BEHIND = ("seconds_behind_source", "seconds_behind_master")
"""What `SHOW REPLICA STATUS` calls it: the number of the column differs from release to release."""


class Replica(NamedTuple):
    """What a database says of itself."""

    is_replica: bool | None
    """None where it does not say."""
    lag: float | None
    """Seconds; 0 for one that copies no other, None where it does not say."""


def replica(database: Database) -> Replica:
    """Whether it is a replica, and how far behind."""
    if database.dialect.name == "postgresql":
        text = _POSTGRESQL.format(**(_OLD if database.version < (10,) else _NEW))
        row = database.fetch(text)[0]
        return Replica(bool(row[0]), None if row[1] is None else float(str(row[1])))
    if database.dialect.name == "mysql":
        return _mysql(database)
    return Replica(False, 0.0)


def lag_of(database: Database) -> float | None:
    """Seconds behind; None where it does not say."""
    return replica(database).lag


def _mysql(database: Database) -> Replica:
    renamed = database.server == "MySQL" and database.version >= (8, 0, 22)
    query = "SHOW REPLICA STATUS" if renamed else "SHOW SLAVE STATUS"
    try:
        rows = database.fetch(query)
        names = [column.name.lower() for column in database.describe(query)] if rows else []
    except DatabaseError:
        return Replica(None, None)  # the account may not ask
    if not rows:
        return Replica(False, 0.0)
    at = next(number for number, name in enumerate(names) if name in _BEHIND)
    behind = [row[at] for row in rows]
    return Replica(True, None if None in behind else max(float(str(seconds)) for seconds in behind))
