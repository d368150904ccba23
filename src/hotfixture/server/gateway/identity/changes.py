"""The mark of who is known: a random word that changes with every user, key, membership, session's end or token.

Daemons remember who a bearer token belongs to for as long as the mark stays the same, and look at it once a second.
Those that share a Redis tell each other to look at once.
"""

from __future__ import annotations

from secrets import token_hex

import sqlalchemy as sa

from hotfixture.server.gateway.state import announce, fact, set_fact

TOPIC = "identity"
_FACT = "identity.mark"


def changed(connection: sa.Connection) -> None:
    """Somebody's rights changed in this transaction: every daemon forgets within a second what it remembered."""
    set_fact(connection, _FACT, token_hex(8))
    announce(connection, TOPIC)


def mark(connection: sa.Connection) -> str:
    """The mark as it stands."""
    return fact(connection, _FACT) or ""
