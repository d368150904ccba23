"""Estimates: near the truth in size, independent of the number of rows in memory."""

from __future__ import annotations

from tests.plans.seed.test_plan import SHOP

from hotfixture.plans.seed import read
from hotfixture.plans.seed.estimate import estimates, memory


def test_the_size_of_a_table_is_estimated_within_a_fifth() -> None:
    plan = read(SHOP.replace("count: 3000", "count: 60000"))
    for one in estimates(plan):
        table = plan.table(one.table)
        assert one.rows == table.count
        assert 0.8 < one.bytes / table.batch(0, table.count).nbytes < 1.25
        assert one.seconds > 0


def test_memory_does_not_grow_with_the_rows() -> None:
    small, large = (memory(read(SHOP.replace("count: 3000", f"count: {rows}"))) for rows in (30_000, 30_000_000))
    assert 0.8 < small / large < 1.25


def test_a_table_without_rows_takes_nothing() -> None:
    found = estimates(read("tables:\n  - {name: none, count: 0, columns: [{name: id, primary_key: true}]}\n"))
    assert [(one.rows, one.bytes, one.seconds) for one in found] == [(0, 0, 0.0)]
