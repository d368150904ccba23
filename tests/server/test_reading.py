"""The process that reads schemas: a schema that ends it is the only one to suffer."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest
from tests.server.served import SMALL

from hotfixture.server.reading import Reading


@pytest.fixture
def reading() -> Iterator[Reading]:
    made = Reading(4 << 30)
    yield made
    made.close()


def test_it_counts_the_rows_and_tells_the_problems(reading: Reading) -> None:
    assert reading.rows(SMALL, None) == (2500, [])
    rows, problems = reading.rows("tables: {t: {count: x}}\n", None)
    assert (rows, [problem.where.line for problem in problems if problem.where]) == (0, [1, 1])


def test_a_schema_that_takes_too_long_is_the_problem_and_the_next_is_read(reading: Reading) -> None:
    assert reading.rows(SMALL, None) == (2500, [])
    tables = (f"  t{n}: {{count: 1, columns: {{a: {{type: text, generator: email}}}}}}\n" for n in range(2000))
    reading._seconds = 0.05
    rows, problems = reading.rows("tables:\n" + "".join(tables), None)
    assert (rows, "longer than" in problems[0].message) == (0, True)
    reading._seconds = 30
    assert reading.rows(SMALL, None) == (2500, [])


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL")
def test_a_process_that_dies_is_begun_again(reading: Reading) -> None:
    assert reading.rows(SMALL, None) == (2500, [])
    assert reading._process
    os.kill(reading._process.pid or 0, signal.SIGKILL)
    reading._process.join()
    assert reading.rows(SMALL, None) == (2500, [])


def test_it_may_be_asked_by_many_threads(reading: Reading) -> None:
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(reading.rows(SMALL, None)[0])) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [2500] * 5
