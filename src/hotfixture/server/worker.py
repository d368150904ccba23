"""The process that runs one seeding job: makes its rows, gives a sign of life every half second, stops when told to."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from hotfixture.plans.seed.fill import CancelledError
from hotfixture.server import outputs
from hotfixture.server.attempts import Attempt, Limits, Stopped, run, settle
from hotfixture.server.jobs import Job, Outcome
from hotfixture.server.leases import Told
from hotfixture.server.outputs import Listener
from hotfixture.server.store import Store
from hotfixture.server.uploads import plan_of


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a worker needs to know; it arrives through a pipe, so that no URL stands in a process list."""

    store: str = field(repr=False)
    folder: Path
    target: str = field(repr=False)
    timeout: float
    job_disk: int
    memory: int
    disk: int
    keep: float
    log_level: str
    log_form: str


class Run(Attempt):
    """One attempt at a seeding job."""

    def __init__(self, job: Job, bounds: Bounds, store: Store) -> None:
        limits = Limits(bounds.timeout, bounds.job_disk, bounds.disk, bounds.folder)
        super().__init__(job.id, bounds.folder / "jobs" / job.id, limits)
        self.job, self.bounds, self.store = job, bounds, store
        self._before = 0

    def work(self) -> Outcome:
        """Write the files, or fill the database."""
        try:
            return self._written()
        except CancelledError:
            raise Stopped from None

    def _written(self) -> Outcome:
        plan = plan_of(self.job.schema, self.job.wanted["seed"])
        listener = Listener(self._found, self._progress, self.is_to_stop)
        if self.job.wanted["target"]:
            outputs.fill(plan, self.bounds.target, listener)
            return Outcome("done", self.rows)
        files = self.folder / "files"
        outputs.write_files(plan, files, self.job.wanted, listener)
        name = f"{self.job.lease}.zip"
        size, digest = outputs.bundle(files, self.folder / name, self.check)
        self.look_at_disk()
        self.check()
        return Outcome("done", self.rows, file=name, size=size, sha256=digest)

    def _found(self, _table: str, rows: int) -> None:
        self.rows += rows
        self._before += rows

    def _progress(self, _table: str, rows: int) -> None:
        self.rows += rows
        self.look_at_disk(every=0.2)

    def beat(self) -> Told:
        """A sign of life with the rows so far."""
        return self.store.beat(self.job, rows_done=self.rows, rows_before=self._before)

    def finish(self, outcome: Outcome) -> bool:
        """Say how the job ended."""
        return self.store.finish(self.job, outcome, keep=self.bounds.keep)

    def hand_back(self) -> None:
        """Somebody else goes on with it."""
        self.store.hand_back(self.job)


def main(job: Job, bounds: Bounds) -> None:
    """The whole life of the process."""
    settle(bounds.log_level, bounds.log_form, bounds.memory)
    with closing(Store(bounds.store, bounds.folder)) as store:
        run(Run(job, bounds, store), "job begun", attempt=job.attempt, rows=job.rows)
