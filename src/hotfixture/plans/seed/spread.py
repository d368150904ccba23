"""A plan's files written by several processes: of this machine, or of a dask cluster.

A task is the schema's text and one file's range of rows, so a worker needs nothing but this package. A worker that dies
leaves no file, and its task runs again elsewhere: files are written aside and renamed.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

from hotfixture.errors import HotFixtureError, MissingExtraError
from hotfixture.files.volumes import open_volume
from hotfixture.plans.seed import compiled
from hotfixture.plans.seed.files import Filing, Shard, shards, write_shard
from hotfixture.plans.seed.fill import CancelledError, Progress
from hotfixture.plans.seed.plan import SeedPlan

ATTEMPTS = 3
"""Pools that may die before the run is given up."""


@dataclass(frozen=True, slots=True)
class Task:
    """One file, and all that is needed to write it."""

    text: str
    origin: str
    seed: int
    shard: Shard
    filing: Filing
    place: str


def work(task: Task) -> Task:
    """Write the task's file; the task, as the sign that it is done."""
    plan = _plan(task.text, task.origin, task.seed)
    volume = open_volume(task.place, create=True)
    volume.sweep(task.shard.name)
    with volume.write(task.shard.name) as stream:
        write_shard(plan, task.shard, task.filing, stream)
    return task


@lru_cache(maxsize=4)
def _plan(text: str, origin: str, seed: int) -> SeedPlan:
    return compiled(text, origin, seed)


def spread(
    plan: SeedPlan,
    place: str | Path,
    filing: Filing,
    *,
    workers: int = 2,
    dask: str = "",
    progress: Progress = lambda _table, _rows: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[str]:
    """Write every table of the plan with `workers` processes, or those of the cluster at `dask`; the files' names.

    The place must be one that every worker reaches. The bytes hang on the shards alone, not on who writes them.
    """
    wanted = shards(plan, filing)
    # The largest first: whoever is done early finds a small one left, and nobody waits long for the last.
    ordered = sorted(wanted, key=lambda one: one.first - one.end)
    tasks = [Task(plan.text, plan.declaration.source, plan.seed, one, filing, str(place)) for one in ordered]
    for task in _on_dask(tasks, dask, cancelled) if dask else _on_this_machine(tasks, workers, cancelled):
        progress(task.shard.table, task.shard.end - task.shard.first)
    return [shard.name for shard in wanted]


def _on_this_machine(tasks: Sequence[Task], workers: int, cancelled: Callable[[], bool]) -> Iterator[Task]:
    """The tasks as they are done; those of a pool that died run in another."""
    left = dict.fromkeys(tasks)
    for _ in range(ATTEMPTS):
        try:
            with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_follow) as pool:
                for task in _done([pool.submit(work, task) for task in left], cancelled):
                    del left[task]
                    yield task
        except BrokenProcessPool:
            continue
        return
    raise HotFixtureError("worker processes die again and again", hint="Is there enough memory? Try fewer workers.")


def _follow() -> None:
    """A worker leaves interrupts to the process that asked, which gets them too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _done(futures: Sequence[Future[Task]], cancelled: Callable[[], bool]) -> Iterator[Task]:
    waiting = set(futures)
    try:
        while waiting:
            done, waiting = wait(waiting, timeout=0.5, return_when=FIRST_COMPLETED)
            if cancelled():
                raise CancelledError("cancelled; files that were not finished are not there")
            for future in done:
                yield future.result()
    finally:
        for future in waiting:  # whoever is interrupted waits for the files in work alone
            future.cancel()


def _on_dask(tasks: Sequence[Task], address: str, cancelled: Callable[[], bool]) -> Iterator[Task]:
    """The tasks as they are done on a cluster, which runs those of a dead worker again."""
    try:
        from distributed import Client, as_completed
    except ModuleNotFoundError as error:
        raise MissingExtraError("--dask", "dask") from error
    try:
        client = Client(address, timeout="5s", set_as_default=False)  # type: ignore[no-untyped-call]  # as below
    except (OSError, TimeoutError) as error:
        raise HotFixtureError(f"no dask scheduler answers at {address}") from error
    with client, client.as_current():
        futures = client.map(work, tasks, pure=False)
        for future in as_completed(futures):  # type: ignore[no-untyped-call]  # dask has no types here
            if cancelled():
                client.cancel(futures)  # type: ignore[no-untyped-call]  # as above
                raise CancelledError("cancelled; files that were not finished are not there")
            yield future.result()
