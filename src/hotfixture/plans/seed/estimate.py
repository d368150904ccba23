"""What a plan will take: bytes and time of each table, measured on a few of its rows; and memory."""

from __future__ import annotations

from dataclasses import dataclass
from time import thread_time

from hotfixture.plans.seed.plan import BATCH, PIECE, SeedPlan, TablePlan

HELD = 4
"""Batches in memory at once: one being made, one waiting, one being written, and its text."""
BASE = 120 << 20
"""Bytes of the process itself with its libraries."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one table will take."""

    table: str
    rows: int
    bytes: int
    """Of the values in memory form, which a CSV file comes near."""
    seconds: float
    """To make them, one thread; what a database takes to store them comes on top."""


def estimates(plan: SeedPlan) -> list[Estimate]:
    """An estimate for each table that is made, from rows in the middle of it."""
    return [_estimate(table) for table in plan.made]


def memory(plan: SeedPlan, *, batch_size: int = BATCH) -> int:
    """Bytes that a run will hold at most, about: it does not grow with the number of rows."""
    widest = max((one.bytes / max(one.rows, 1) for one in estimates(plan)), default=0.0)
    return BASE + int(widest * batch_size * HELD)


def _estimate(table: TablePlan) -> Estimate:
    rows = min(table.count, PIECE)
    first = (table.count - rows) // 2
    if not rows:
        return Estimate(table.name, 0, 0, 0.0)
    table.batch(first, min(rows, 16))  # imports and pools are not what a row costs
    times = []
    for _ in range(3):
        start = thread_time()  # whatever else the machine does is no part of it
        batch = table.batch(first, rows)
        times.append(thread_time() - start)
    seconds = min(times)
    return Estimate(table.name, table.count, batch.nbytes * table.count // rows, seconds * table.count / rows)
