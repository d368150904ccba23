"""Processes that fill one table of a database side by side, part by part, each with a connection of its own."""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from threading import Thread
from time import sleep
from typing import TYPE_CHECKING

from hotfixture.databases import open_target
from hotfixture.errors import HotFixtureError
from hotfixture.plans.seed import SeedPlan, compiled
from hotfixture.plans.seed.fill import CancelledError, Filling, late_columns
from hotfixture.plans.seed.growth import bound
from hotfixture.plans.seed.spans import Span

if TYPE_CHECKING:
    from hotfixture.databases.target import Target
    from hotfixture.plans.seed.plan import TablePlan


@dataclass(frozen=True, slots=True)
class Task:
    """One part of a table, and all that is needed to store it."""

    text: str
    origin: str
    seed: int
    url: str
    table: str
    span: Span
    batch_size: int


def work(task: Task) -> int:
    """Store the rows of a part; how many there were."""
    target, plan = _opened(task.url, task.text, task.origin, task.seed)
    table = plan.table(task.table)
    Filling(plan, target, task.batch_size).span(table, task.span, late_columns(plan).get(task.table, ()))
    return task.span.last - task.span.first


@lru_cache(maxsize=1)
def _opened(url: str, text: str, origin: str, seed: int) -> tuple[Target, SeedPlan]:
    target = open_target(url)
    atexit.register(target.close)
    return target, bound(compiled(text, origin, seed), target)


def _with(parent: int) -> None:
    """End when the process that asked has ended: what nobody waits for shall not go on storing rows."""

    def watch() -> None:
        while os.getppid() == parent:
            sleep(0.2)
        os._exit(1)

    Thread(target=watch, daemon=True).start()


@dataclass(slots=True)
class Crew:
    """So many processes; started for the first table that has several parts."""

    plan: SeedPlan
    url: str
    workers: int
    batch_size: int
    cancelled: Callable[[], bool]
    pool: ProcessPoolExecutor | None = None

    def __call__(self, table: TablePlan, spans: Sequence[Span]) -> Iterator[int]:
        """The rows of each part, as soon as it is stored."""
        if self.pool is None:
            self.pool = ProcessPoolExecutor(
                self.workers, get_context("spawn"), initializer=_with, initargs=(os.getpid(),)
            )
        plan = self.plan
        tasks = [
            Task(plan.text, plan.declaration.source, plan.seed, self.url, table.name, one, self.batch_size)
            for one in spans
        ]
        waiting = {self.pool.submit(work, task) for task in tasks}
        try:
            while waiting:
                done, waiting = wait(waiting, timeout=0.5, return_when=FIRST_COMPLETED)
                if self.cancelled():
                    raise CancelledError(f"cancelled in {table.name}", hint="Run it again to go on.")
                yield from (future.result() for future in done)
        except BrokenProcessPool:
            raise HotFixtureError("a worker process has died", hint="Run it again to go on.") from None

    def close(self) -> None:
        """Parts that are under way are finished, others are not begun."""
        if self.pool:
            self.pool.shutdown(cancel_futures=True)
