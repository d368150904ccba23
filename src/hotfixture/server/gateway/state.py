"""The daemon's state: users, templates, packages, audit; one SQLite file, or PostgreSQL for several daemons."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

import sqlalchemy as sa

from hotfixture.errors import InputError
from hotfixture.server.engine import READS, Clock, StoreError, open_engine, spoken
from hotfixture.server.gateway.tables import FACTS, META, VERSION

_WHAT = "the daemon's store"
_LOCK = 774411902
_CHAIN = 774411903
_SAID = "hotfixture_said"


class State:
    """Transactions on the daemon's tables; safe in any thread."""

    def __init__(self, url: str, folder: Path) -> None:
        """`url` is empty for SQLite in `folder`; DatabaseError where it cannot be used, without its password."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self._engine = open_engine(url, folder / "hfitd.sqlite")
        self.is_shared = self._engine.dialect.name != "sqlite"
        """Whether several daemons may use it."""
        self._clock = Clock(self._engine, _WHAT)
        self._reader = self._engine.execution_options(**{READS: True})
        self.listeners: list[Callable[[str], None]] = []
        """Told each topic that a committed transaction announced."""
        self.id = ""
        """A random word that this store alone has."""
        try:
            with self.change() as connection:
                self._prepare(connection)
        except StoreError as error:
            hint = "Check that its server runs, and `store` of the settings (HFITD_STORE)." if self.is_shared else ""
            raise StoreError(error.problems[0].message, hint=hint) from None

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def now(self) -> float:
        """Seconds since 1970 by the store's clock."""
        return self._clock.now()

    @property
    def is_settled(self) -> bool:
        """Whether leases can be judged: not in the seconds after the clock was set."""
        return self._clock.is_settled

    def is_at(self, connection: sa.Connection) -> bool:
        """Whether a connection leads to this store: a transaction of it may then write here as well."""
        return connection.engine.url == self._engine.url

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that only reads. DatabaseError where the store is away."""
        with spoken(_WHAT), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def change(self) -> Iterator[sa.Connection]:
        """A transaction that may write, undone whole where the block raises. DatabaseError where the store is away.

        In SQLite writers take turns; in PostgreSQL rows are locked as they are written (READ COMMITTED).
        """
        said: set[str] = set()
        with spoken(_WHAT), self._engine.begin() as connection:
            yield connection.execution_options(**{_SAID: said})
        for topic in said:
            for listener in self.listeners:
                listener(topic)

    def chain(self, connection: sa.Connection) -> None:
        """Wait until no other transaction appends to the audit; held to the end of this one."""
        if self.is_shared:
            connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_CHAIN})"))

    def _prepare(self, connection: sa.Connection) -> None:
        """The tables, where they are missing; refused where a newer release made them."""
        if self.is_shared:  # two daemons that start at once would both create
            connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        META.create_all(connection)
        found = fact(connection, "version")
        if found is None:
            set_fact(connection, "version", str(VERSION))
        elif found != str(VERSION):
            raise InputError(f"{_WHAT} has version {found}; this release reads version {VERSION}")
        self.id = fact(connection, "id") or token_hex(8)
        set_fact(connection, "id", self.id)


def announce(connection: sa.Connection, topic: str) -> None:
    """Tell the listeners of this store once the transaction is committed, and only then."""
    connection.get_execution_options()[_SAID].add(topic)


def fact(connection: sa.Connection, name: str) -> str | None:
    """A single fact; None where it was never said."""
    return connection.execute(sa.select(FACTS.c.value).where(FACTS.c.name == name)).scalar()


def set_fact(connection: sa.Connection, name: str, value: str) -> None:
    """Say a fact."""
    if not connection.execute(FACTS.update().where(FACTS.c.name == name).values(value=value)).rowcount:
        connection.execute(FACTS.insert().values(name=name, value=value))
