"""What a job is: a seeding run that was asked for over HTTP, its states and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from hotfixture.errors import Problem

State = Literal["queued", "running", "done", "failed", "cancelled", "expired"]
ENDED: tuple[State, ...] = ("done", "failed", "cancelled", "expired")
STATES: tuple[State, ...] = ("queued", "running", *ENDED)


@dataclass(frozen=True, slots=True)
class Job:
    """One job as it stands in the store; times are seconds since 1970."""

    id: str
    owner: str
    idempotency: str
    digest: str
    """Of the whole request: what an idempotency key is bound to."""
    schema: str
    """The YAML text."""
    wanted: Mapping[str, Any]
    """`format`, `compress`, `shards`, `seed`, `target`."""
    rows: int
    state: State = "queued"
    created: float = 0.0
    begun: float | None = None
    """When the present attempt began."""
    started: float | None = None
    """When the first attempt began."""
    updated: float | None = None
    ended: float | None = None
    expires: float | None = None
    rows_done: int = 0
    rows_before: int = 0
    """Of `rows_done`, those that earlier attempts had written."""
    attempt: int = 0
    lease: str | None = None
    cancel: bool = False
    problems: Sequence[Mapping[str, Any]] = ()
    file: str | None = None
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended."""

    state: State | Literal["ready"]
    rows_done: int
    problems: Sequence[Problem] = field(default_factory=tuple)
    file: str | None = None
    size: int | None = None
    sha256: str | None = None
    manifest: Mapping[str, Any] | None = None
    """Of a package."""


def described(job: Job, root: str = "") -> dict[str, Any]:
    """A job as the API shows it."""
    shown: dict[str, Any] = {
        "id": job.id,
        "state": "cancelling" if job.cancel and job.state == "running" else job.state,
        "created": _moment(job.created),
        "started": _moment(job.started),
        "ended": _moment(job.ended),
        "expires": _moment(job.expires) if job.file else None,
        "rows": job.rows,
        "rows_done": job.rows_done,
        "progress": 1.0
        if job.state in ("done", "expired") or not job.rows
        else min(1.0, round(job.rows_done / job.rows, 4)),
        "rows_per_second": _rate(job),
        "remaining_seconds": _remaining(job),
        "attempt": job.attempt,
        "format": job.wanted.get("format"),
        "target": job.wanted.get("target"),
        "seed": job.wanted.get("seed"),
        "problems": list(job.problems),
        "size": job.size,
        "sha256": job.sha256,
        "download": f"{root}/api/download/{job.id}" if job.state == "done" and job.file else None,
    }
    return shown


def _moment(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _rate(job: Job) -> int | None:
    """Rows a second in the present attempt."""
    end = job.ended or job.updated
    if not job.begun or not end or end <= job.begun:
        return None
    return round((job.rows_done - job.rows_before) / (end - job.begun))


def _remaining(job: Job) -> int | None:
    rate = _rate(job)
    return round((job.rows - job.rows_done) / rate) if rate and job.state == "running" else None
