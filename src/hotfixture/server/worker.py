"""The process that runs one job: makes its rows, gives a sign of life every second, stops when told to.

Two threads: this one writes, the other renews the lease, reads whether the job is cancelled, watches time, disk and
the server that began it. What the writer does not notice within some seconds (a server that holds a lock), the
watcher ends together with the process: nothing half-written has a name, and a database undoes what was not stored.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from hotfixture.errors import HotFixtureError, Problem
from hotfixture.plans.seed.fill import CancelledError
from hotfixture.server import logs, outputs
from hotfixture.server.bounds import limit_memory
from hotfixture.server.jobs import Job, Outcome
from hotfixture.server.logs import log
from hotfixture.server.outputs import Listener
from hotfixture.server.store import LEASE, Store
from hotfixture.server.uploads import plan_of

BEAT = 0.5
"""Seconds between signs of life: the longest that a cancelled job goes on, but for the batch in work."""
_PATIENCE = 3.0
"""Seconds the writer has to notice that it is to stop."""

Reason = Literal["", "cancel", "lost", "leave", "timeout", "disk"]


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


class Stopped(Exception):  # noqa: N818 - not an error: somebody asked for it
    """The job is to stop; the run's reason says why."""


class Run:
    """One attempt at a job."""

    def __init__(self, job: Job, bounds: Bounds, store: Store) -> None:
        self.job, self.bounds, self.store = job, bounds, store
        self.reason: Reason = ""
        self._told = 0.0
        self._rows = 0
        self._before = 0
        self._begun = self._heard = time.monotonic()
        self._looked = 0.0
        self._ended = threading.Event()
        self._folder = bounds.folder / "jobs" / job.id

    # ---- the writer

    def execute(self) -> None:
        """Do the job, and say in the store how it ended."""
        watcher = threading.Thread(target=self._watch, name="watcher", daemon=True)
        watcher.start()
        try:
            outcome = self._attempt()
        finally:
            self._ended.set()
        if outcome:
            self._finish(outcome)

    def _attempt(self) -> Outcome | None:
        """How it ended; None where it goes on elsewhere."""
        try:
            return self._written()
        except (CancelledError, Stopped):
            return self._stopped()
        except HotFixtureError as error:
            # Told to stop, whatever broke meanwhile is a consequence of that.
            return self._stopped() if self.reason else Outcome("failed", self._rows, error.problems)
        except OSError as error:
            reason = Problem(f"the files cannot be written: {error.strerror}")
            return self._stopped() if self.reason else Outcome("failed", self._rows, [reason])
        except MemoryError:
            return Outcome("failed", self._rows, [Problem("more memory than a job may have")])
        except Exception as error:  # noqa: BLE001 - the last catch of a job: it fails, the log says where
            logs.defect("job failed", error, job=self.job.id)
            return Outcome("failed", self._rows, [Problem("an internal error; the server's log says where")])

    def _written(self) -> Outcome:
        plan = plan_of(self.job.schema, self.job.wanted["seed"])
        listener = Listener(self._found, self._progress, self._to_stop)
        if self.job.wanted["target"]:
            outputs.fill(plan, self.bounds.target, listener)
            return Outcome("done", self._rows)
        files = self._folder / "files"
        outputs.write_files(plan, files, self.job.wanted, listener)
        name = f"{self.job.lease}.zip"
        size, digest = outputs.bundle(files, self._folder / name, self._check)
        self._look_at_disk()
        self._check()
        return Outcome("done", self._rows, file=name, size=size, sha256=digest)

    def _stopped(self) -> Outcome | None:
        if self.reason == "cancel":
            return Outcome("cancelled", self._rows)
        if self.reason == "timeout":
            return Outcome("failed", self._rows, [Problem(f"longer than {self.bounds.timeout:g} s")])
        if self.reason == "disk":
            return Outcome("failed", self._rows, [Problem("more disk than a job, or all jobs together, may fill")])
        if self.reason == "leave":
            self.store.hand_back(self.job)
            log().info("job handed back", job=self.job.id, rows=self._rows)
        return None

    def _finish(self, outcome: Outcome) -> None:
        mine = self.store.finish(self.job, outcome, keep=self.bounds.keep)
        if mine:
            outputs.keep_only(self._folder, outcome.file)
        seconds = round(time.monotonic() - self._begun, 3)
        log().info("job ended", job=self.job.id, state=outcome.state, rows=self._rows, seconds=seconds, ours=mine)

    def _found(self, _table: str, rows: int) -> None:
        self._rows += rows
        self._before += rows

    def _progress(self, _table: str, rows: int) -> None:
        self._rows += rows
        if time.monotonic() - self._looked > 0.2:
            self._look_at_disk()

    def _look_at_disk(self) -> None:
        self._looked = time.monotonic()
        if outputs.used(self._folder) > self.bounds.job_disk or outputs.used(self.bounds.folder) > self.bounds.disk:
            self.stop("disk")

    def _to_stop(self) -> bool:
        return bool(self.reason)

    def _check(self) -> None:
        if time.monotonic() - self._looked > 1:
            self._look_at_disk()
        if self.reason:
            raise Stopped

    # ---- the watcher

    def stop(self, reason: Reason) -> None:
        """Tell the writer to stop; the first reason stands."""
        if not self.reason:
            self._told = time.monotonic()
            self.reason = reason

    def _watch(self) -> None:
        while not self._ended.wait(BEAT):
            self._look()
            if self.reason and time.monotonic() - self._told > _PATIENCE and not self._ended.is_set():
                self._end_hard()

    def _look(self) -> None:
        parent = multiprocessing.parent_process()
        if parent is not None and not parent.is_alive():
            self.stop("leave")
        if time.monotonic() - self._begun > self.bounds.timeout:
            self.stop("timeout")
        try:
            told = self.store.beat(self.job, rows_done=self._rows, rows_before=self._before)
        except Exception as error:  # noqa: BLE001 - the store is away for a moment; without it the lease runs out
            log().warning("the store of jobs is away", job=self.job.id, error=type(error).__name__)
            if time.monotonic() - self._heard > LEASE:
                self.stop("lost")
            return
        self._heard = time.monotonic()
        if told != "go":
            self.stop("cancel" if told == "cancel" else "lost")

    def _end_hard(self) -> None:
        """The writer does not listen: the job's end is said here, and the process goes with all it holds."""
        outcome = self._stopped()
        if outcome:
            self.store.finish(self.job, outcome, keep=self.bounds.keep)
        log().warning("job ended hard", job=self.job.id, reason=self.reason)
        os._exit(1)


def main(job: Job, bounds: Bounds) -> None:
    """The whole life of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which tells us to leave
    logs.configure(bounds.log_level, bounds.log_form)
    if hasattr(os, "nice"):
        os.nice(5)  # requests are answered first
    limit_memory(bounds.memory)
    store = Store(bounds.store, bounds.folder)
    run = Run(job, bounds, store)
    signal.signal(signal.SIGTERM, lambda *_: run.stop("leave"))
    log().info("job begun", job=job.id, attempt=job.attempt, rows=job.rows)
    run.execute()
    store.close()
