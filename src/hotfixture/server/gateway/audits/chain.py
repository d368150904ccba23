"""Reading the audit chain: pages of events, and the proof that none was changed, removed, added or reordered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from hotfixture.errors import HotFixtureError
from hotfixture.server.gateway.audit import FIRST, digest_of
from hotfixture.server.gateway.audits.heads import Head, HeadKey, kept
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import AUDIT, HEADS
from hotfixture.wire.audit import AuditEvent, AuditVerdict

MOST_PROBLEMS = 100
_AT_ONCE = 1000


def events(state: State, *, after: int = 0, condition: sa.ColumnElement[bool] | None = None) -> Iterator[AuditEvent]:
    """The events behind a place, in their order; read in pieces, so that nobody is kept waiting."""
    while True:
        rows = _rows(state, after, _AT_ONCE, condition)
        yield from map(said, rows)
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1]["seq"]


def page(state: State, *, after: int, limit: int, condition: sa.ColumnElement[bool] | None) -> list[AuditEvent]:
    """At most `limit` events behind a place."""
    return [said(row) for row in _rows(state, after, limit, condition)]


def _rows(state: State, after: int, limit: int, condition: sa.ColumnElement[bool] | None = None) -> list[Any]:
    query = sa.select(AUDIT).where(AUDIT.c.seq > after).order_by(AUDIT.c.seq).limit(limit)
    if condition is not None:
        query = query.where(condition)
    with state.read() as connection:
        return list(connection.execute(query).mappings())


def said(row: Any) -> AuditEvent:
    """An event as the API says it."""
    values = dict(row) | {"at": moment(row["at"]), "facts": _facts(row["facts"])}
    return AuditEvent(**values)


def moment(seconds: float) -> str:
    """ISO 8601 in UTC, to the microsecond."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _facts(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {"damaged": True}
    return found if isinstance(found, dict) else {"damaged": True}


@dataclass
class _Check:
    """One walk along the chain."""

    heads: dict[int, Head]
    key: HeadKey
    problems: list[str] = field(default_factory=list)
    seq: int = 0
    previous: str = FIRST
    signed: int = 0

    def step(self, row: Any) -> None:
        """Check one event against the one before, and the head that was signed there."""
        seq = row["seq"]
        if seq != self.seq + 1:
            self._say(
                f"events {self.seq + 1} to {seq - 1} are missing" if seq > self.seq + 1 else f"event {seq}: order"
            )
        if row["previous"] != self.previous:
            self._say(f"event {seq}: does not follow the event before it")
        if digest_of(row) != row["hash"]:
            self._say(f"event {seq}: was changed")
        head = self.heads.get(seq)
        if head is not None:
            self.signed += 1
            self.head(head, row["hash"])
        self.seq, self.previous = seq, row["hash"]

    def head(self, head: Head, digest: str) -> None:
        """Check a head against the event that it was signed at."""
        if not self.key.holds(head):
            self._say(f"head {head.seq}: its signature does not hold")
        elif head.hash != digest:
            self._say(f"event {head.seq}: differs from what was signed")

    def _say(self, problem: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)

    def end(self, extra: Head | None) -> None:
        """Heads behind the last event: events were cut off."""
        behind = [seq for seq in self.heads if seq > self.seq]
        if extra is not None and extra.seq > self.seq and self.key.holds(extra):
            behind.append(extra.seq)
        if behind:
            self._say(f"events {self.seq + 1} to {max(behind)} were signed and are missing")


def verify(state: State, key: HeadKey, *, heads: list[Head] | None = None) -> AuditVerdict:
    """Walk the whole chain: every hash, every link, every signed head, those of the file and `heads` (exported) too."""
    known = {head.seq: head for head in _heads(state)}
    problems: list[str] = []
    outside = list(heads or [])
    try:
        own = kept(state.folder)
        outside += [own] if own else []
    except HotFixtureError as error:
        problems.append(error.problems[0].message)
    check = _Check(known, key, problems)
    after = 0
    while rows := _rows(state, after, _AT_ONCE):
        for row in rows:
            check.step(row)
            for head in outside:
                if head.seq == row["seq"]:
                    check.head(head, row["hash"])
        after = rows[-1]["seq"]
    check.end(max(outside, key=lambda head: head.seq, default=None))
    return AuditVerdict(
        whole=not check.problems, events=_count(state), heads=check.signed, last=check.seq, problems=check.problems
    )


def _heads(state: State) -> list[Head]:
    with state.read() as connection:
        rows = connection.execute(sa.select(HEADS)).mappings()
        return [Head(row["seq"], row["hash"], row["at"], row["key"], row["signature"]) for row in rows]


def _count(state: State) -> int:
    with state.read() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(AUDIT)).scalar() or 0)
