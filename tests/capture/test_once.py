"""What is done once in a process is done by whoever comes first."""

from __future__ import annotations

import threading

from hotfixture.capture.once import once


def test_of_many_threads_that_come_together_one_does_the_work() -> None:
    done: list[int] = []
    together = threading.Barrier(16)

    @once
    def work() -> None:
        done.append(threading.get_ident())

    def come() -> None:
        together.wait()
        work()

    threads = [threading.Thread(target=come) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work()
    assert len(done) == 1


def test_work_that_asks_for_itself_again_does_not_wait_for_itself() -> None:
    done: list[str] = []

    @once
    def work() -> None:
        done.append("begun")
        work()

    work()
    assert done == ["begun"]
