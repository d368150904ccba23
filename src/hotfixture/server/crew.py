"""The workers of one daemon for one kind of job: claims what waits, starts a process for each, sweeps.

What others left is taken over: a job whose worker or daemon died has a lease that runs out, and is claimed like any
other.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from secrets import token_hex
from typing import ClassVar, Generic, Protocol, TypeVar

from anyio import to_thread

from hotfixture.errors import HotFixtureError
from hotfixture.server import logs, outputs
from hotfixture.server.leases import Living
from hotfixture.server.logs import log
from hotfixture.server.settings import ServerSettings

_EVERY = 1.0
_SWEEP = 15.0
_OLD = 60.0
"""Seconds after which a folder that nobody knows is removed."""
_GRACE = 10.0
"""Seconds beyond a job's time after which its process is killed; it should have ended itself."""


class Claimed(Protocol):
    """What a crew must know of a job."""

    @property
    def id(self) -> str:
        """What its folder is called, too."""

    @property
    def attempt(self) -> int:
        """How often it was begun."""


J = TypeVar("J", bound=Claimed)


class Crew(ABC, Generic[J]):
    """The workers of one daemon."""

    keeps_folders: ClassVar[bool] = False
    """Whether the folder of a job that is over and has no file stays, empty, for as long as the job is known."""

    def __init__(self, folder: Path, settings: ServerSettings) -> None:
        """`folder` holds one folder a job."""
        self.folder = folder
        self.name = f"{socket.gethostname()[:60]}:{os.getpid()}:{token_hex(4)}"
        self._workers, self._attempts = settings.workers, settings.job_attempts
        self._timeout, self._shutdown = settings.job_timeout, settings.shutdown
        self.disk = 0
        """Bytes that stood in the server's folder when they were last counted."""
        self._running: dict[str, tuple[J, BaseProcess, float]] = {}
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False
        self._swept = float("-inf")
        self._task: asyncio.Task[None] | None = None

    # ---- what a kind of job says

    @abstractmethod
    def claim(self) -> J | None:
        """A job that waits, now leased to this daemon; None where none may be begun."""

    @abstractmethod
    def process(self, job: J) -> BaseProcess:
        """The process that will work on it, not started; InputError where it cannot be begun at all."""

    @abstractmethod
    def fail(self, job: J, error: HotFixtureError) -> None:
        """It ends here."""

    @abstractmethod
    def hand_back(self, job: J, *, counted: bool) -> bool:
        """It waits again; False where it is over, or another's."""

    @abstractmethod
    def reaped(self, job: J) -> None:
        """Its process has ended: count how."""

    @abstractmethod
    def living(self, ids: Iterable[str]) -> Mapping[str, Living]:
        """What is said of those of the jobs that are known."""

    @abstractmethod
    def sweep(self) -> Iterable[str]:
        """Expire and forget; the jobs whose folders may go. Count what is left afterwards."""

    @abstractmethod
    def counted(self) -> None:
        """Everything was swept: count what is left."""

    def taken_over(self, job: J) -> None:
        """A job is begun again because its worker died."""
        log().warning("job taken over", job=job.id, attempt=job.attempt)

    # ---- the same for all

    def start(self) -> None:
        """Begin to look for jobs."""
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._run(), name=type(self).__name__)

    def wake(self, *, sweep: bool = False) -> None:
        """Look at once: a job was added, or a file may go. From any thread."""
        if sweep:
            self._swept = float("-inf")
        if self._loop:
            self._loop.call_soon_threadsafe(self._wake.set)

    async def stop(self) -> None:
        """Hand running jobs back, and end; workers that do not listen are killed, their leases run out."""
        self._stopping = True
        self.wake()
        if self._task:
            await self._task
        for _, process, _ in self._running.values():
            process.terminate()
        await to_thread.run_sync(self._join, min(self._shutdown, 10.0))
        try:
            await to_thread.run_sync(self._reap)
        except HotFixtureError as error:  # the store is away: leases run out by themselves
            log().error("jobs cannot be handed back", problem=error.problems[0].message)

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
        while len(self._running) < self._workers and not self._stopping:
            job = self.claim()
            if not job:
                break
            self._begin(job)
        if time.monotonic() - self._swept > _SWEEP:
            self._swept = time.monotonic()
            self._sweep()

    def _begin(self, job: J) -> None:
        if job.attempt > 1:
            self.taken_over(job)
        try:
            if job.attempt > self._attempts:
                raise HotFixtureError(f"its worker died {job.attempt - 1} times")
            process = self.process(job)
        except HotFixtureError as error:
            self.fail(job, error)
            log().warning("job failed", job=job.id, problem=error.problems[0].message)
            return
        old = self._running.pop(job.id, None)
        if old:  # it lives without a sign of life: its lease ran out, and the job is ours again
            old[1].kill()
            old[1].join()
        process.start()
        log().info("worker started", job=job.id, pid=process.pid, attempt=job.attempt)
        self._running[job.id] = (job, process, time.monotonic())
        if self._loop:
            self._loop.call_soon_threadsafe(self._notice, process)

    def _notice(self, process: BaseProcess) -> None:
        """Look for the next job as soon as this process has ended, where the loop can wait for that."""
        with suppress(NotImplementedError, OSError, ValueError):
            asyncio.get_running_loop().add_reader(process.sentinel, self._over, process)

    def _over(self, process: BaseProcess) -> None:
        asyncio.get_running_loop().remove_reader(process.sentinel)
        self._wake.set()

    def _reap(self) -> None:
        """Note the workers that have ended; a job whose worker just died waits again at once."""
        for job, process, begun in list(self._running.values()):
            if process.is_alive():
                if time.monotonic() - begun > self._timeout + _GRACE:
                    process.kill()
                continue
            process.join()
            del self._running[job.id]
            if self.hand_back(job, counted=not self._stopping):
                event = "job handed back" if self._stopping else "worker died"
                log().warning(event, job=job.id, exit=process.exitcode)
            self._remove_strays([job.id])  # a worker that is killed once its job is done tidies nothing any more
            self.reaped(job)

    def _sweep(self) -> None:
        """Remove what has expired, and folders of jobs that are over; count what is left."""
        for job_id in self.sweep():
            outputs.remove(self.folder / job_id)
        self._remove_strays([path.name for path in self.folder.iterdir()] if self.folder.exists() else [])
        self.counted()

    def _remove_strays(self, names: list[str]) -> None:
        """Leave nothing in the folders of jobs that are over, but for the file of each that has one."""
        known = self.living(names)
        for name in names:
            found = known.get(name)
            if found is None and not _is_old(self.folder / name):
                continue  # perhaps the store will know it in a moment
            if found is None or (found.is_over and not found.file and not self.keeps_folders):
                outputs.remove(self.folder / name)
            elif found.is_over:
                outputs.keep_only(self.folder / name, found.file)


def _is_old(folder: Path) -> bool:
    try:
        return abs(time.time() - folder.stat().st_mtime) > _OLD
    except OSError:
        return False
