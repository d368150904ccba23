"""The audit: an append-only chain of events, each holding the hash of the one before.

`record` runs inside the transaction of the deed: where the event cannot be written, the deed is undone with it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from hotfixture.server.gateway.actors import Actor
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.tables import AUDIT

FIRST = "0" * 64
"""What stands in place of a previous hash in the first event."""
_PARTS = ("seq", "at", "kind", "actor", "actor_kind", "address", "request", "subject", "facts", "previous")


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it stands in the chain."""

    seq: int
    at: float
    kind: str
    actor: str
    actor_kind: str
    address: str
    request: str
    subject: str
    facts: Mapping[str, Any]
    previous: str
    hash: str


def digest_of(values: Mapping[str, Any]) -> str:
    """The hash of an event: SHA-256 of its parts as a JSON list in the order of the columns; `facts` as its text."""
    parts = [values[name] if name != "at" else repr(float(values[name])) for name in _PARTS]
    return sha256(json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def record(state: State, connection: sa.Connection, actor: Actor, kind: str, subject: str, **facts: object) -> None:
    """Append an event in this transaction: do it last, for the chain is locked until the transaction ends.

    `kind` is a dotted name (`package.requested`); `facts` holds names, numbers and digests, never values of rows.
    """
    state.chain(connection)
    last = connection.execute(sa.select(AUDIT.c.seq, AUDIT.c.hash).order_by(AUDIT.c.seq.desc()).limit(1)).first()
    values = {
        "seq": last.seq + 1 if last else 1,
        "at": state.now(),
        "kind": kind,
        "actor": actor.name[:200],
        "actor_kind": actor.kind,
        "address": actor.address[:200],
        "request": actor.request[:200],
        "subject": subject[:500],
        "facts": json.dumps(facts, ensure_ascii=False, sort_keys=True, default=str),
        "previous": last.hash if last else FIRST,
    }
    connection.execute(AUDIT.insert().values(**values, hash=digest_of(values)))


def note(state: State, actor: Actor, kind: str, subject: str, **facts: object) -> None:
    """Append an event in a transaction of its own: before an access, so that none happens unrecorded."""
    with state.change() as connection:
        record(state, connection, actor, kind, subject, **facts)
