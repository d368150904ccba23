"""One attempt at a job, in a process of its own: it works, gives a sign of life twice a second, stops when told to.

Two threads: one works, the other renews the lease, reads whether the job is cancelled, watches time, disk and the
server that began it. What the first does not notice within some seconds (a server that holds a lock), the watcher ends
together with the process: nothing half-written has a name, and a database undoes what was not stored.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from hotfixture.errors import DatabaseError, HotFixtureError, Problem
from hotfixture.server import logs, outputs
from hotfixture.server.bounds import limit_memory
from hotfixture.server.engine import StoreError
from hotfixture.server.jobs import Outcome
from hotfixture.server.leases import LEASE, Told
from hotfixture.server.logs import log

BEAT = 0.5
"""Seconds between signs of life: the longest that a cancelled job goes on, but for the batch in work."""
_LOOKING = 20
"""How many times as long as looking at the disk takes it is left alone."""

Reason = Literal["", "cancel", "lost", "leave", "timeout", "disk"]


class Stopped(Exception):  # noqa: N818 - not an error: somebody asked for it
    """The job is to stop; the attempt's reason says why."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one attempt may take."""

    timeout: float
    job_disk: int
    disk: int
    """Most that all below `root` may fill."""
    root: Path


class Attempt(ABC):
    """One attempt at a job; `execute` does it and says in the store how it ended."""

    patience: ClassVar[float] = 3.0
    """Seconds that the work has to notice that it is to stop."""

    def __init__(self, job_id: str, folder: Path, limits: Limits) -> None:
        self.job_id, self.folder, self.limits = job_id, folder, limits
        self.rows = 0
        """Rows written so far."""
        self.reason: Reason = ""
        self._told = 0.0
        self._begun = self._heard = time.monotonic()
        self._looked = self._looking = 0.0
        self._ended = threading.Event()

    # ---- what a kind of job says

    @abstractmethod
    def work(self) -> Outcome:
        """Do the job; Stopped where it is told to stop."""

    @abstractmethod
    def beat(self) -> Told:
        """A sign of life with the progress."""

    @abstractmethod
    def finish(self, outcome: Outcome) -> bool:
        """Say how the job ended; False where it is no longer this attempt's."""

    @abstractmethod
    def hand_back(self) -> None:
        """Somebody else goes on with the job."""

    def interrupt(self) -> None:  # noqa: B027 - most work has nothing to wake
        """Called once in the watcher when the work is to stop: wake it where it waits for others."""

    # ---- the work

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
            return self.work()
        except Stopped:
            return self._stopped()
        except StoreError:
            # Nothing is wrong with the job: when its lease has run out, it is begun again.
            log().warning("the store went away in mid-job", job=self.job_id)
            return self._stopped()
        except HotFixtureError as error:
            # Told to stop, whatever broke meanwhile is a consequence of that.
            return self._stopped() if self.reason else self._failed(*error.problems)
        except OSError as error:
            reason = Problem(f"the files cannot be written: {error.strerror}")
            return self._stopped() if self.reason else self._failed(reason)
        except MemoryError:
            return self._failed(Problem("more memory than a job may have"))
        except Exception as error:  # noqa: BLE001 - the last catch of a job: it fails, the log says where
            if self.reason:
                return self._stopped()
            logs.defect("job failed", error, job=self.job_id)
            return self._failed(Problem("an internal error; the server's log says where"))

    def _failed(self, *problems: Problem) -> Outcome:
        return Outcome("failed", self.rows, problems)

    def _stopped(self) -> Outcome | None:
        if self.reason == "cancel":
            return Outcome("cancelled", self.rows)
        if self.reason == "timeout":
            return self._failed(Problem(f"longer than {self.limits.timeout:g} s"))
        if self.reason == "disk":
            return self._failed(Problem("more disk than a job, or all jobs together, may fill"))
        if self.reason == "leave":
            self.hand_back()
            log().info("job handed back", job=self.job_id, rows=self.rows)
        return None

    def _finish(self, outcome: Outcome) -> None:
        if outcome.file is None and self._is_mine():  # whoever reads how it ended finds nothing left of it
            outputs.keep_only(self.folder, None)
        mine = self._said(outcome)
        if mine:
            outputs.keep_only(self.folder, outcome.file)
        seconds = round(time.monotonic() - self._begun, 3)
        log().info("job ended", job=self.job_id, state=outcome.state, rows=self.rows, seconds=seconds, ours=mine)

    def _is_mine(self) -> bool:
        try:
            return self.beat() != "lost"
        except DatabaseError:
            return False

    def _said(self, outcome: Outcome) -> bool:
        """Say how it ended, again and again where the store is away for a moment, as long as the lease may last."""
        until = time.monotonic() + LEASE
        while True:
            try:
                return self.finish(outcome)
            except DatabaseError:
                if time.monotonic() > until:
                    raise
                time.sleep(BEAT)

    def look_at_disk(self, *, every: float = 0.0) -> None:
        """Stop where the bounds of disk are passed; not again before so many seconds are over."""
        begun = time.monotonic()
        if begun - self._looked <= max(every, self._looking if every else 0.0):
            return
        bounds = self.limits
        if outputs.used(self.folder) > bounds.job_disk or outputs.used(bounds.root) > bounds.disk:
            self.stop("disk")
        self._looked = time.monotonic()
        self._looking = _LOOKING * (self._looked - begun)

    def is_to_stop(self) -> bool:
        """Whether the work is to stop."""
        return bool(self.reason)

    def check(self) -> None:
        """Stopped where the work is to stop."""
        self.look_at_disk(every=1)
        if self.reason:
            raise Stopped

    # ---- the watcher

    def stop(self, reason: Reason) -> None:
        """Tell the work to stop; the first reason stands."""
        if not self.reason:
            self._told = time.monotonic()
            self.reason = reason

    def _watch(self) -> None:
        interrupted = False
        while not self._ended.wait(min(BEAT, self.patience) if self.reason else BEAT):
            self._look()
            if not self.reason or self._ended.is_set():
                continue
            if not interrupted:
                interrupted = True
                self.interrupt()
            elif time.monotonic() - self._told > self.patience:
                self._end_hard()

    def _look(self) -> None:
        parent = multiprocessing.parent_process()
        if parent is not None and not parent.is_alive():
            self.stop("leave")
        if time.monotonic() - self._begun > self.limits.timeout:
            self.stop("timeout")
        try:
            told = self.beat()
        except Exception as error:  # noqa: BLE001 - the store is away for a moment; without it the lease runs out
            log().warning("the store of jobs is away", job=self.job_id, error=type(error).__name__)
            if time.monotonic() - self._heard > LEASE:
                self.stop("lost")
            return
        self._heard = time.monotonic()
        if told != "go":
            self.stop("cancel" if told == "cancel" else "lost")

    def _end_hard(self) -> None:
        """The work does not listen: the job's end is said here, and the process goes with all it holds."""
        outcome = self._stopped()
        if outcome:
            self.finish(outcome)
        log().warning("job ended hard", job=self.job_id, reason=self.reason)
        os._exit(1)


def run(attempt: Attempt, said: str, /, **facts: object) -> None:
    """Carry an attempt out as the work of this process: SIGTERM asks it to leave the job to others."""
    signal.signal(signal.SIGTERM, lambda *_: attempt.stop("leave"))
    log().info(said, job=attempt.job_id, **facts)
    attempt.execute()


def settle(log_level: str, log_form: str, memory: int) -> None:
    """Make a fresh process a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which tells us to leave
    logs.configure(log_level, log_form)
    if hasattr(os, "nice"):
        os.nice(5)  # requests are answered first
    limit_memory(memory)
