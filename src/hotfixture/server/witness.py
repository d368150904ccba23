"""Who writes down what is done with jobs: a daemon's audit does, a server of MockCraft has nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotfixture.server.visit import Visit

if TYPE_CHECKING:
    import sqlalchemy as sa


class Witness:
    """Writes nothing down."""

    def within(self, connection: sa.Connection, visit: Visit, kind: str, subject: str, **facts: object) -> None:
        """Write down a deed that is done in this transaction of the store of jobs, last of all that is done in it.

        What is raised here undoes the deed.
        """

    def note(self, visit: Visit, kind: str, subject: str, **facts: object) -> None:
        """Write down an access before it happens; where this raises, it does not."""
