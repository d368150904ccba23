"""The audit of seeding: jobs that were asked for, cancelled, fetched."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hotfixture.server.gateway import audit
from hotfixture.server.gateway.actors import Actor
from hotfixture.server.gateway.state import State
from hotfixture.server.visit import Visit
from hotfixture.server.witness import Witness

if TYPE_CHECKING:
    import sqlalchemy as sa


class Auditor(Witness):
    """Writes into the audit who did it."""

    def __init__(self, state: State) -> None:
        self._state = state

    def within(self, connection: sa.Connection, visit: Visit, kind: str, subject: str, **facts: object) -> None:
        """An event in this transaction; where jobs have a database of their own, in one that is committed before it.

        Then an event may stand for a job that a crash in between undid, but no job is without its event.
        """
        if self._state.is_at(connection):
            audit.record(self._state, connection, _actor(visit), kind, subject, **facts)
        else:
            self.note(visit, kind, subject, **facts)

    def note(self, visit: Visit, kind: str, subject: str, **facts: object) -> None:
        """An event in a transaction of its own."""
        audit.note(self._state, _actor(visit), kind, subject, **facts)


def _actor(visit: Visit) -> Actor:
    actor: Actor = visit.actor  # the door lets nobody else to jobs
    return replace(actor, request=visit.id)
