"""Leases on the rows of a table of jobs: who works on a row holds one, and who has lost it changes nothing.

A lease is a random word and a time until which it is valid, renewed twice a second. Every change a worker makes names
its lease and changes nothing once another one stands there, so a worker that was taken for dead cannot disturb its
successor. Times are seconds since 1970 by the clock of the database's machine.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa

LEASE = 10.0
"""Seconds without a sign of life after which a job is taken over."""

Told = Literal["go", "cancel", "lost"]


class Living(NamedTuple):
    """What a row says of the files of its job."""

    is_over: bool
    lease: str | None
    file: str | None


@dataclass(frozen=True, slots=True)
class Leases:
    """What is the same of all tables of jobs; each method is part of the caller's transaction."""

    table: sa.Table
    working: tuple[str, ...]
    """The states in which somebody works on a row; the first is that of a row just claimed."""
    finished: str
    """The state of a row whose file can be fetched."""

    @property
    def _c(self) -> Any:
        return self.table.c

    def free(self, now: float) -> sa.ColumnElement[bool]:
        """Rows that wait, or whose worker gave no sign of life.

        A lease that lasts longer than any that is given was written before the clock was set back: who holds it alive
        has renewed it in a moment.
        """
        dead = (self._c.lease_until < now) | (self._c.lease_until > now + 2 * LEASE)
        found: sa.ColumnElement[bool] = (self._c.state == "queued") | (self._c.state.in_(self.working) & dead)
        return found

    def held(self, job_id: str, lease: str | None) -> sa.ColumnElement[bool]:
        """The row, as long as this lease stands there."""
        found: sa.ColumnElement[bool] = (
            (self._c.id == job_id) & (self._c.lease == lease) & self._c.state.in_(self.working)
        )
        return found

    def claim(self, connection: sa.Connection, row: Any, now: float, **values: Any) -> bool:
        """Lease a free row, of which `id` and `attempt` are known; False where another was faster."""
        values |= {"state": self.working[0], "lease": token_hex(16), "lease_until": now + LEASE}
        values |= {"attempt": row.attempt + 1, "begun": now, "updated": now}
        values |= {"started": sa.func.coalesce(self._c.started, now)}
        mine = (self._c.id == row.id) & (self._c.attempt == row.attempt) & self.free(now)
        return self._change(connection, mine, values)

    def beat(self, connection: sa.Connection, job_id: str, lease: str | None, now: float, **values: Any) -> Told:
        """A sign of life; whether to go on, to stop, or that the row is no longer this worker's."""
        values |= {"lease_until": now + LEASE, "updated": now}
        if not self._change(connection, self.held(job_id, lease), values):
            return "lost"
        wanted = connection.execute(sa.select(self._c.cancel).where(self._c.id == job_id)).scalar()
        return "cancel" if wanted else "go"

    def end(self, connection: sa.Connection, job_id: str, lease: str | None, now: float, **values: Any) -> bool:
        """The end of a job; False where it is no longer this worker's."""
        values |= {"ended": now, "updated": now, "lease": None, "lease_until": None}
        return self._change(connection, self.held(job_id, lease), values)

    def hand_back(self, connection: sa.Connection, job_id: str, lease: str | None, *, counted: bool) -> bool:
        """The job waits again; the attempt does not count unless its worker died."""
        attempt = self._c.attempt if counted else self._c.attempt - 1
        values = {"state": "queued", "lease": None, "lease_until": None, "attempt": attempt}
        return self._change(connection, self.held(job_id, lease), values)

    def cancel(self, connection: sa.Connection, job_id: str, now: float) -> bool:
        """Ask for the end of a job: one that waits ends at once (then True), one in work by its worker."""
        waits = (self._c.id == job_id) & (self._c.state == "queued")
        if self._change(connection, waits, {"state": "cancelled", "ended": now, "expires": now, "cancel": True}):
            return True
        self._change(connection, (self._c.id == job_id) & self._c.state.in_(self.working), {"cancel": True})
        return False

    def expire(self, connection: sa.Connection, now: float, most: int = 1000) -> list[Any]:
        """Rows whose file has just expired, as they were; they are marked so."""
        due = (self._c.state == self.finished) & (self._c.expires < now) & self._c.file.is_not(None)
        found = list(connection.execute(sa.select(self.table).where(due).limit(most)).mappings())
        ids = [row["id"] for row in found]
        self._change(connection, self._c.id.in_(ids) & due, {"state": "expired", "file": None})
        return found

    def forget(self, connection: sa.Connection, before: float) -> None:
        """Remove what ended before a time and has no file."""
        kept = (self._c.state == self.finished) & self._c.file.is_not(None)
        over = self._c.state.not_in(("queued", *self.working)) & ~kept & (self._c.ended < before)
        connection.execute(self.table.delete().where(over))

    def living(self, connection: sa.Connection, ids: Iterable[str]) -> dict[str, Living]:
        """What is said of those of the jobs that are known."""
        query = sa.select(self._c.id, self._c.state, self._c.lease, self._c.file).where(self._c.id.in_(list(ids)))
        on = ("queued", *self.working)
        return {row.id: Living(row.state not in on, row.lease, row.file) for row in connection.execute(query)}

    def counts(self, connection: sa.Connection) -> dict[str, int]:
        """Rows by state."""
        query = sa.select(self._c.state, sa.func.count()).group_by(self._c.state)
        return {row[0]: row[1] for row in connection.execute(query)}

    def _change(self, connection: sa.Connection, condition: sa.ColumnElement[bool], values: dict[str, Any]) -> bool:
        return bool(connection.execute(self.table.update().where(condition).values(**values)).rowcount)
