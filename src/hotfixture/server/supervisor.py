"""The crew of seeding jobs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from multiprocessing.process import BaseProcess

from hotfixture.errors import HotFixtureError
from hotfixture.server import outputs, processes, worker
from hotfixture.server.crew import Crew
from hotfixture.server.jobs import ENDED, Job, Outcome
from hotfixture.server.leases import Living
from hotfixture.server.metrics import Metrics
from hotfixture.server.settings import ServerSettings
from hotfixture.server.store import Store


class Supervisor(Crew[Job]):
    """The seeding jobs of one server."""

    keeps_folders = True

    def __init__(self, settings: ServerSettings, store: Store, metrics: Metrics) -> None:
        super().__init__(settings.folder / "jobs", settings)
        self._settings, self._store, self._metrics = settings, store, metrics
        processes.prepare(worker.__name__)

    def claim(self) -> Job | None:
        """The oldest job that waits."""
        return self._store.claim(self.name)

    def process(self, job: Job) -> BaseProcess:
        """The process that makes its rows."""
        target = str(job.wanted["target"] or "")
        if target and target not in self._settings.seed_targets:
            raise HotFixtureError(f"the target {target!r} is not known to this server")
        bounds = self._bounds(self._settings.seed_targets[target] if target else "")
        return processes.process(worker.main, (job, bounds), name=f"job-{job.id}")

    def _bounds(self, target: str) -> worker.Bounds:
        s = self._settings
        return worker.Bounds(
            s.store, s.folder, target, s.job_timeout, s.job_disk, s.job_memory, s.disk, s.keep, s.log_level, s.log_form
        )

    def taken_over(self, job: Job) -> None:
        """Counted as such."""
        self._metrics.takeovers.inc()
        super().taken_over(job)

    def fail(self, job: Job, error: HotFixtureError) -> None:
        """It ends here."""
        self._store.finish(job, Outcome("failed", job.rows_done, error.problems), keep=self._settings.keep)

    def hand_back(self, job: Job, *, counted: bool) -> bool:
        """It waits again."""
        return self._store.hand_back(job, counted=counted)

    def reaped(self, job: Job) -> None:
        """Count how it ended, if it did."""
        found = self._store.get(job.id)
        if found and found.state in ENDED:
            self._metrics.jobs_ended.labels(found.state).inc()
            self._metrics.job_rows.inc(found.rows_done)

    def living(self, ids: Iterable[str]) -> Mapping[str, Living]:
        """What the store says of them."""
        return self._store.living(ids)

    def sweep(self) -> Iterable[str]:
        """Expire and forget."""
        now = self._store.now()
        expired = [job.id for job in self._store.expire(now)]
        self._store.forget(now - self._settings.keep_records)
        return expired

    def counted(self) -> None:
        """Jobs by state, and what all of them hold."""
        self._metrics.set_jobs(self._store.counts())
        self.disk = outputs.used(self._settings.folder)
        self._metrics.disk.set(self.disk)
