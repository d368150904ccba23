"""Where jobs are kept: one table in SQLite, or in PostgreSQL for several servers.

Who works on a job holds a lease. Times are seconds since 1970 by the clock of the database's machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from hotfixture.errors import InputError, Problem
from hotfixture.server.engine import Clock, open_engine, spoken
from hotfixture.server.jobs import Job, Outcome, State
from hotfixture.server.leases import Leases, Living, Told
from hotfixture.server.problems import described

VERSION = 1
_WHAT = "the store of jobs"

_META = sa.MetaData()
_FACTS = sa.Table(
    "mockcraft_facts",
    _META,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", sa.String(200), nullable=False),
)
_JOBS = sa.Table(
    "mockcraft_jobs",
    _META,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("owner", sa.String(100), nullable=False, server_default=""),
    sa.Column("idempotency", sa.String(200)),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("schema_text", sa.Text, nullable=False),
    sa.Column("wanted", sa.Text, nullable=False),
    sa.Column("created", sa.Double, nullable=False, index=True),
    sa.Column("begun", sa.Double),
    sa.Column("started", sa.Double),
    sa.Column("updated", sa.Double),
    sa.Column("ended", sa.Double),
    sa.Column("expires", sa.Double),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("rows_done", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("rows_before", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),
    sa.Column("lease", sa.String(64)),
    sa.Column("lease_until", sa.Double),
    sa.Column("server", sa.String(100)),
    sa.Column("cancel", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("problems", sa.Text, nullable=False, server_default="[]"),
    sa.Column("file", sa.String(200)),
    sa.Column("size", sa.BigInteger),
    sa.Column("sha256", sa.String(64)),
    sa.UniqueConstraint("owner", "idempotency"),
)
_C = _JOBS.c
Written = Callable[[sa.Connection], None]
"""Writes down, in the transaction of a deed, that it is done; what it raises undoes the deed."""
_LEASES = Leases(_JOBS, working=("running",), finished="done")


class Conflict(Exception):  # noqa: N818 - it is an answer, not an error
    """The idempotency key stands for another request."""


class Full(Exception):  # noqa: N818 - as above
    """As many jobs wait as may."""


class Store:
    """The jobs; every method is one transaction, and safe in any thread."""

    def __init__(self, url: str, folder: Path) -> None:
        """`url` is empty for SQLite in `folder`; DatabaseError where it cannot be used, without its password."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._engine = open_engine(url, folder / "jobs.sqlite")
        self._is_sqlite = self._engine.dialect.name == "sqlite"
        self._clock = Clock(self._engine, _WHAT)
        with spoken(_WHAT):
            self._prepare()

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def _prepare(self) -> None:
        """The tables, where they are missing; refused where a newer release made them."""
        with self._engine.begin() as connection:
            if not self._is_sqlite:  # two servers that start at once would both create
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(774411901)"))
            _META.create_all(connection)
            found = connection.execute(sa.select(_FACTS.c.value).where(_FACTS.c.name == "version")).scalar()
            if found is None:
                connection.execute(_FACTS.insert().values(name="version", value=str(VERSION)))
            elif found != str(VERSION):
                raise InputError(f"the store of jobs has version {found}; this release reads version {VERSION}")

    def now(self) -> float:
        """The time by the database's clock: servers whose own clocks differ agree on it."""
        return self._clock.now()

    # ---- what routes ask

    def add(self, job: Job, *, most_queued: int, written: Written | None = None) -> tuple[Job, bool]:
        """The job as it stands in the store, and whether it is new: the same idempotency key gives the same job.

        `written` is called where it is new. Raises Conflict where the key stands for another request, Full where too
        many jobs wait.
        """
        with spoken(_WHAT):
            known = self._same(job)
            if known:
                return known, False
            if self.counts().get("queued", 0) >= most_queued:
                raise Full
            try:
                with self._engine.begin() as connection:
                    connection.execute(_JOBS.insert().values(**_row(job, self.now())))
                    if written:
                        written(connection)
            except IntegrityError:  # another request with this key was faster
                known = self._same(job)
                if not known:
                    raise
                return known, False
        return self.get(job.id) or job, True

    def _same(self, job: Job) -> Job | None:
        if not job.idempotency:
            return None
        found = self._one((_C.owner == job.owner) & (_C.idempotency == job.idempotency))
        if found and found.digest != job.digest:
            raise Conflict
        return found

    def get(self, job_id: str) -> Job | None:
        """One job."""
        return self._one(_C.id == job_id)

    def _one(self, condition: sa.ColumnElement[bool]) -> Job | None:
        with spoken(_WHAT), self._engine.connect() as connection:
            row = connection.execute(sa.select(_JOBS).where(condition)).mappings().first()
        return _job(row) if row else None

    def listed(self, owner: str, *, most: int, before: float | None = None) -> list[Job]:
        """The newest jobs of an owner."""
        query = sa.select(_JOBS).where(_C.owner == owner).order_by(_C.created.desc(), _C.id).limit(most)
        if before is not None:
            query = query.where(_C.created < before)
        with spoken(_WHAT), self._engine.connect() as connection:
            return [_job(row) for row in connection.execute(query).mappings()]

    def counts(self) -> dict[str, int]:
        """Jobs by state."""
        with spoken(_WHAT), self._engine.connect() as connection:
            return _LEASES.counts(connection)

    def cancel(self, job_id: str, *, at_once: Written | None = None, later: Written | None = None) -> Job | None:
        """Ask for the end of a job: one that waits is cancelled `at_once`, one that runs `later`, by its worker."""
        with spoken(_WHAT), self._engine.begin() as connection:
            written = at_once if _LEASES.cancel(connection, job_id, self.now()) else later
            if written:
                written(connection)
        return self.get(job_id)

    def downloaded(self, job_id: str) -> None:
        """The file was fetched whole and is to be removed: it expires now."""
        self._change(_C.id == job_id, expires=self.now())

    # ---- what servers do

    def claim(self, server: str) -> Job | None:
        """The oldest job that waits, or whose worker gave no sign of life, now leased to `server`; None where none."""
        if not self._clock.is_settled:
            return None
        now = self.now()
        query = sa.select(_C.id, _C.attempt).where(_LEASES.free(now)).order_by(_C.created, _C.id).limit(1)
        with spoken(_WHAT), self._engine.begin() as connection:
            found = connection.execute(query).first()
            fresh = {"server": server, "rows_done": 0, "rows_before": 0}
            if not found or not _LEASES.claim(connection, found, now, **fresh):
                return None
        return self.get(found.id)

    def expire(self, now: float) -> list[Job]:
        """Jobs whose file has just expired, marked so."""
        with spoken(_WHAT), self._engine.begin() as connection:
            return [_job(row) for row in _LEASES.expire(connection, now)]

    def forget(self, before: float) -> None:
        """Remove what ended before a time."""
        with spoken(_WHAT), self._engine.begin() as connection:
            _LEASES.forget(connection, before)

    def living(self, ids: Iterable[str]) -> dict[str, Living]:
        """What is said of those of the jobs that are known."""
        with spoken(_WHAT), self._engine.connect() as connection:
            return _LEASES.living(connection, ids)

    # ---- what the holder of a lease does

    def beat(self, job: Job, *, rows_done: int, rows_before: int) -> Told:
        """A sign of life with the progress: `go`, `cancel`, or `lost` where the job is no longer this worker's."""
        done = {"rows_done": rows_done, "rows_before": rows_before}
        with spoken(_WHAT), self._engine.begin() as connection:
            return _LEASES.beat(connection, job.id, job.lease, self.now(), **done)

    def finish(self, job: Job, outcome: Outcome, *, keep: float) -> bool:
        """The end of a job; False where it is no longer this worker's."""
        now = self.now()
        with spoken(_WHAT), self._engine.begin() as connection:
            return _LEASES.end(
                connection, job.id, job.lease, now,
                state=outcome.state, expires=now + keep, rows_done=outcome.rows_done,
                problems=_problems(outcome.problems), file=outcome.file, size=outcome.size, sha256=outcome.sha256,
            )  # fmt: skip

    def hand_back(self, job: Job, *, counted: bool = False) -> bool:
        """The job waits again; the attempt does not count unless its worker died."""
        with spoken(_WHAT), self._engine.begin() as connection:
            return _LEASES.hand_back(connection, job.id, job.lease, counted=counted)

    def _change(self, condition: sa.ColumnElement[bool], **values: Any) -> bool:
        with spoken(_WHAT), self._engine.begin() as connection:
            return bool(connection.execute(_JOBS.update().where(condition).values(**values)).rowcount)


def _row(job: Job, now: float) -> dict[str, Any]:
    return {
        "id": job.id, "state": "queued", "owner": job.owner, "idempotency": job.idempotency or None,
        "digest": job.digest, "schema_text": job.schema, "wanted": json.dumps(job.wanted), "created": now,
        "rows": job.rows,
    }  # fmt: skip


def _job(row: Any) -> Job:
    state: State = row["state"]
    return Job(
        row["id"], row["owner"], row["idempotency"] or "", row["digest"], row["schema_text"], json.loads(row["wanted"]),
        row["rows"], state, row["created"], row["begun"], row["started"], row["updated"], row["ended"], row["expires"],
        row["rows_done"], row["rows_before"], row["attempt"], row["lease"], bool(row["cancel"]),
        json.loads(row["problems"]), row["file"], row["size"], row["sha256"],
    )  # fmt: skip


def _problems(problems: Iterable[Problem]) -> str:
    return json.dumps([described(problem) for problem in problems], ensure_ascii=False)
