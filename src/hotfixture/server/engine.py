"""The daemon's own databases: SQLite in its folder, or PostgreSQL where several daemons share one."""

from __future__ import annotations

import struct
import time
from contextlib import closing
from pathlib import Path
from threading import Lock
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from hotfixture.errors import DatabaseError, InputError, MissingExtraError

_ASKED_EVERY = 5.0
"""Seconds between two questions for the database's time."""
STEP = 1.0
"""Seconds by which a clock that is only slewed never moves at once."""
_SETTLED = 6.0
"""Seconds after a step in which everybody alive has noticed it, and renewed their leases."""
_AWAY = (InterfaceError, OperationalError)
READS = "hotfixture_reads"
"""The execution option of a transaction that only reads: in SQLite it does not wait for a writer."""


class StoreError(DatabaseError):
    """The store is away or busy: what was asked of it may succeed later."""


class spoken:  # noqa: N801 - a context manager, used like a function
    """Errors of the database as ours, without statements, values or URLs."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, SQLAlchemyError | OSError | struct.error):  # the latter of a connection that broke off
            name = type(getattr(error, "orig", None) or error).__name__
            kind = DatabaseError if isinstance(error, SQLAlchemyError) and not isinstance(error, _AWAY) else StoreError
            raise kind(f"{self._what} cannot be used ({name})") from None


def steady() -> float:
    """Seconds by a clock that nobody sets; it goes on while the machine sleeps, where the system has such a clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Clock:
    """The time by the database's clock: daemons whose own clocks differ agree on it.

    Between two questions a steady clock goes on, so that one's own may be set. SQLite has no other clock than one's
    own; where that is set, `is_settled` is false for some seconds.
    """

    def __init__(self, engine: sa.Engine, what: str) -> None:
        self._engine, self._what = engine, what
        self._ahead: float | None = None
        """How far the time is ahead of the steady clock."""
        self._asked = self._stepped = float("-inf")
        self._asking = Lock()

    def now(self) -> float:
        """Seconds since 1970."""
        here = steady()
        if self._engine.dialect.name == "sqlite":
            self._note(time.time() - here, here)
        elif here - self._asked > _ASKED_EVERY:
            self._ask()
        return here + (self._ahead or 0.0)

    @property
    def is_settled(self) -> bool:
        """Whether the clock was not set a moment ago: who lives has given a sign of life by the new time."""
        self.now()
        return steady() - self._stepped > _SETTLED

    def _note(self, ahead: float, here: float) -> None:
        if self._ahead is not None and abs(ahead - self._ahead) > STEP:
            self._stepped = here
        self._ahead = ahead

    def _ask(self) -> None:
        """Ask the database, one thread at a time: who asks may hold a connection, and there are only so many."""
        if not self._asking.acquire(blocking=self._ahead is None):
            return
        try:
            with spoken(self._what), self._engine.connect() as connection:
                there = connection.execute(sa.text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one()
                here = steady()
            self._note(float(there) - here, here)
            self._asked = here
        finally:
            self._asking.release()


def open_engine(url: str, path: Path) -> sa.Engine:
    """The engine of a URL; without one SQLite in the file `path`. InputError where the URL is none that can be used."""
    if not url:
        return _sqlite(path)
    try:
        parsed = sa.make_url(url)
    except SQLAlchemyError:
        raise InputError("store: expected a URL such as postgresql://user@host/database") from None
    if parsed.drivername == "sqlite" and parsed.database:
        return _sqlite(Path(parsed.database))
    if parsed.drivername not in ("postgresql", "postgres"):
        raise InputError("store: expected a postgresql:// or sqlite:/// URL")
    try:
        engine = sa.create_engine(parsed.set(drivername="postgresql+pg8000"), pool_pre_ping=True, pool_size=5)
    except ModuleNotFoundError as error:
        raise MissingExtraError("a store in PostgreSQL", "server") from error
    sa.event.listen(engine, "connect", _make_durable)
    return engine


def _make_durable(connection: Any, _: object) -> None:
    # What was answered must not be gone after a crash, whatever the server does for others.
    with closing(connection.cursor()) as cursor:
        cursor.execute(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        )
    connection.commit()


def _sqlite(path: Path) -> sa.Engine:
    # Without a pool: a connection costs less than keeping it apart by thread, and none outlives its transaction.
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=NullPool, connect_args={"timeout": 20})
    sa.event.listen(engine, "connect", _tune)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _tune(connection: Any, _: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=20000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: sa.Connection) -> None:
    # At once for writing: a transaction that reads first and writes later would fail where another wrote in between.
    reads = connection.get_execution_options().get(READS)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
