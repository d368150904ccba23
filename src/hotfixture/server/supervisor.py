"""Runs jobs beside the requests: claims what waits, starts a process for each, takes over what others left, sweeps."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import socket
import time
from contextlib import suppress
from multiprocessing.context import SpawnProcess
from pathlib import Path
from secrets import token_hex

from anyio import to_thread

from hotfixture.errors import HotFixtureError, Problem
from hotfixture.server import logs, outputs, worker
from hotfixture.server.jobs import Job, Outcome
from hotfixture.server.logs import log
from hotfixture.server.metrics import Metrics
from hotfixture.server.settings import ServerSettings
from hotfixture.server.store import Store

_EVERY = 1.0
_SWEEP = 15.0
_GRACE = 10.0
"""Seconds beyond a job's time after which its process is killed; it should have ended itself."""


class Supervisor:
    """The jobs of one server."""

    def __init__(self, settings: ServerSettings, store: Store, metrics: Metrics) -> None:
        self._settings, self._store, self._metrics = settings, store, metrics
        self._name = f"{socket.gethostname()[:60]}:{os.getpid()}:{token_hex(4)}"
        self._running: dict[str, tuple[Job, SpawnProcess, float]] = {}
        self._wake = asyncio.Event()
        self._stopping = False
        self._swept = float("-inf")
        self._task: asyncio.Task[None] | None = None

    @property
    def disk(self) -> int:
        """Bytes that all jobs held when they were last counted."""
        return self._disk

    _disk = 0

    def start(self) -> None:
        """Begin to look for jobs."""
        self._task = asyncio.create_task(self._run(), name="supervisor")

    def wake(self, *, sweep: bool = False) -> None:
        """Look at once: a job was added, or a file may go."""
        if sweep:
            self._swept = float("-inf")
        self._wake.set()

    async def stop(self) -> None:
        """Hand running jobs back, and end; workers that do not listen are killed, their leases run out."""
        self._stopping = True
        self.wake()
        if self._task:
            await self._task
        for _, process, _ in self._running.values():
            process.terminate()
        await to_thread.run_sync(self._join, min(self._settings.shutdown, 10.0))
        await to_thread.run_sync(self._reap)

    def _join(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        for _, process, _ in self._running.values():
            process.join(max(0.0, deadline - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join(1)

    async def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                await to_thread.run_sync(self._round)
            except HotFixtureError as error:
                log().error("jobs cannot be looked after", problem=error.problems[0].message)
            except Exception as error:  # noqa: BLE001 - the loop must live as long as the server
                logs.defect("jobs cannot be looked after", error)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _EVERY)

    def _round(self) -> None:
        self._reap()
        while len(self._running) < self._settings.workers and not self._stopping:
            job = self._store.claim(self._name)
            if not job:
                break
            self._begin(job)
        if time.monotonic() - self._swept > _SWEEP:
            self._sweep()
            self._swept = time.monotonic()

    def _begin(self, job: Job) -> None:
        if job.attempt > 1:
            self._metrics.takeovers.inc()
            log().warning("job taken over", job=job.id, attempt=job.attempt)
        if job.attempt > self._settings.job_attempts:
            self._fail(job, f"its worker died {job.attempt - 1} times")
            return
        target = str(job.wanted["target"] or "")
        if target and target not in self._settings.seed_targets:
            self._fail(job, f"the target {target!r} is not known to this server")
            return
        bounds = self._bounds(self._settings.seed_targets[target] if target else "")
        process = multiprocessing.get_context("spawn").Process(
            target=worker.main, args=(job, bounds), name=f"job-{job.id}", daemon=True
        )
        old = self._running.pop(job.id, None)
        if old:  # it lives without a sign of life: its lease ran out, and the job is ours again
            old[1].kill()
            old[1].join()
        process.start()
        log().info("worker started", job=job.id, pid=process.pid, attempt=job.attempt)
        self._running[job.id] = (job, process, time.monotonic())

    def _bounds(self, target: str) -> worker.Bounds:
        s = self._settings
        return worker.Bounds(
            s.store, s.folder, target, s.job_timeout, s.job_disk, s.job_memory, s.disk, s.keep, s.log_level, s.log_form
        )

    def _fail(self, job: Job, message: str) -> None:
        self._store.finish(job, Outcome("failed", job.rows_done, [Problem(message)]), keep=self._settings.keep)
        log().warning("job failed", job=job.id, problem=message)

    def _reap(self) -> None:
        """Note the workers that have ended; a job whose worker just died waits again at once."""
        for job, process, begun in list(self._running.values()):
            if process.is_alive():
                if time.monotonic() - begun > self._settings.job_timeout + _GRACE:
                    process.kill()
                continue
            process.join()
            del self._running[job.id]
            if self._store.hand_back(job, counted=not self._stopping):
                event = "job handed back" if self._stopping else "worker died"
                log().warning(event, job=job.id, exit=process.exitcode)
            self._remove_strays([job.id])  # a worker that is killed once its job is done tidies nothing any more
            self._count(job)

    def _count(self, job: Job) -> None:
        found = self._store.get(job.id)
        if found and found.state not in ("queued", "running"):
            self._metrics.jobs_ended.labels(found.state).inc()
            self._metrics.job_rows.inc(found.rows_done)

    def _sweep(self) -> None:
        """Remove what has expired, and folders of jobs that are over; count what is left."""
        now = self._store.now()
        for job in self._store.expire(now):
            outputs.remove(self._folder(job.id))
        self._store.forget(now - self._settings.keep_records)
        root = self._settings.folder / "jobs"
        self._remove_strays([path.name for path in root.iterdir()] if root.exists() else [])
        self._metrics.set_jobs(self._store.counts())
        self._disk = outputs.used(self._settings.folder)
        self._metrics.disk.set(self._disk)

    def _remove_strays(self, names: list[str]) -> None:
        """Leave nothing in the folders of jobs that are over, but for the file of each that has one."""
        known = self._store.living(names)
        for name in names:
            state, _, file = known.get(name, ("", None, None))
            if state not in ("queued", "running"):
                outputs.keep_only(self._folder(name), file)

    def _folder(self, job_id: str) -> Path:
        return self._settings.folder / "jobs" / job_id
