"""Calls of threads, pools and tasks land in the session of whoever set them going, each on its own record."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import dummy
from multiprocessing.pool import ThreadPool
from pathlib import Path

import pytest
from tests.capture.recordings import call, names

from hotfixture.capture import journal, tapes
from hotfixture.capture.session import capture


def in_threads(count: int, work: object) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_sixty_four_threads_keep_every_call_on_its_own_record(sessions: Path) -> None:
    """case 2: 64 threads, 500 calls each, interleaved."""

    def work(number: int) -> None:
        tape = tapes.current()
        for step in range(0, 500, 2):
            name = f"{number}-{step}"
            outer = tape.begin("call", "svc", "outer", {"name": name})  # type: ignore[union-attr]
            with outer.inside():
                call(f"{name} inner")
            outer.done(name=name)

    with capture() as session:
        in_threads(64, work)
    outcome = session.close()
    assert (outcome.count, outcome.lost, outcome.problems) == (32_000, 0, [])
    found = list(journal.read(session.folder))
    assert len(found) == len({one.id for one in found}) == 32_000
    assert set(names(found).values()) == {1}
    by_id = {one.id: one for one in found}
    for one in found:
        if one.parent:
            assert one.request["name"] == f"{by_id[one.parent].request['name']} inner"


def test_a_thousand_tasks_of_which_half_are_cancelled(sessions: Path) -> None:
    """case 3: the status says so, the duration is set, and the pieces that came are kept."""

    async def stream(number: int) -> None:
        tape = tapes.current()
        one = tape.begin("http", "svc", "GET /", {"method": "GET", "url": f"http://a/{number}", "headers": []})  # type: ignore[union-attr]
        try:
            one.answered(status=200, headers=[])
            one.chunk(b"first")
            await asyncio.sleep(0.01)
            if number % 2:
                await asyncio.sleep(600)
            one.chunk(b"last")
        except BaseException as error:
            one.failed(error)
            raise
        one.done()

    async def main() -> None:
        tasks = [asyncio.create_task(stream(number), name=f"task {number}") for number in range(1000)]
        await asyncio.wait(tasks[::2])
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert sum(isinstance(one, asyncio.CancelledError) for one in results) == 500

    with capture() as session:
        asyncio.run(main())
    assert session.close().count == 1000
    for one in journal.read(session.folder):
        number = int(one.request["url"].rpartition("/")[2])
        assert one.task == f"task {number}"
        assert one.duration_ms is not None
        assert one.duration_ms >= 10
        assert one.status == ("cancelled" if number % 2 else "success")
        assert [size for _, size in one.chunks] == ([5] if number % 2 else [5, 4])
        assert one.response["body"]["text"] == ("first" if number % 2 else "firstlast")


def test_three_tasks_with_three_sessions_see_nothing_of_each_other(sessions: Path) -> None:
    """case 5: no foreign interaction, through sleeps, executors and child tasks."""

    async def child(name: str) -> None:
        await asyncio.sleep(0.001)
        call(name)

    async def one(name: str, barrier: asyncio.Barrier) -> Path:
        with capture(name) as session:
            for _ in range(20):
                await barrier.wait()
                call(name)
                await asyncio.gather(child(name), asyncio.to_thread(call, name))
                await asyncio.get_running_loop().run_in_executor(None, call, name)
        return session.folder

    async def main() -> list[Path]:
        barrier = asyncio.Barrier(3)
        return await asyncio.gather(*(one(name, barrier) for name in "abc"))

    folders = asyncio.run(main())
    assert [names(journal.read(folder)) for folder in folders] == [{name: 80} for name in "abc"]


def test_a_pool_started_before_the_session_carries_the_tape_of_whoever_submits(sessions: Path) -> None:
    """case 5: the threads are older than the session, and serve two of them and nobody."""
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(call, ["nobody"] * 4))
        with capture("a") as first:
            list(pool.map(call, ["a"] * 10))
            with capture("b") as second:
                pool.submit(call, "b").result()
            assert pool.submit(tapes.current).result() is first
        list(pool.map(call, ["nobody"] * 4))
        assert pool.submit(tapes.current).result() is None
    assert names(journal.read(first.folder)) == {"a": 10}
    assert names(journal.read(second.folder)) == {"b": 1}


def test_a_pool_started_within_a_session_does_not_keep_it(sessions: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        with capture("a") as first:
            pool.submit(call, "a").result()
            running = threading.Thread(target=lambda: (done.wait(), call("late")))
            done = threading.Event()
            running.start()
        with capture("b") as second:
            pool.submit(call, "b").result()
            done.set()
            running.join()
        pool.submit(call, "nobody").result()
    assert names(journal.read(first.folder)) == {"a": 1}
    assert names(journal.read(second.folder)) == {"b": 1}


@pytest.mark.parametrize("threads", ["own", "all"])
def test_a_thread_from_before_is_recorded_where_asked_and_told_else(
    sessions: Path, capsys: pytest.CaptureFixture[str], threads: str
) -> None:
    """case 5: the explicit option, or the report."""
    begin, ended = threading.Event(), threading.Event()

    def work() -> None:
        begin.wait()
        call("old thread")
        ended.set()

    thread = threading.Thread(target=work)
    thread.start()
    with capture(threads=threads) as session:  # type: ignore[arg-type]
        call("own")
        begin.set()
        ended.wait()
    thread.join()
    assert tapes.current() is None
    said = capsys.readouterr().err
    if threads == "all":
        assert names(journal.read(session.folder)) == {"own": 1, "old thread": 1}
        assert said == ""
    else:
        assert names(journal.read(session.folder)) == {"own": 1}
        assert session.elsewhere == 1
        assert 'seen 1 times in threads that it does not cover; capture(threads="all") records them' in said


def test_timers_and_threads_of_threads_go_along(sessions: Path) -> None:
    class Own(threading.Thread):
        def run(self) -> None:
            timer = threading.Timer(0.01, call, ["timer"])
            timer.start()
            timer.join()
            in_threads(2, lambda _: call("deep"))

    with capture() as session:
        thread = Own()
        thread.start()
        thread.join()
    assert names(journal.read(session.folder)) == {"timer": 1, "deep": 2}


def test_a_call_in_a_thread_is_a_child_of_the_call_that_started_it(sessions: Path) -> None:
    with capture() as session:
        outer = session.begin("call", "svc", "outer", {"name": "outer"})
        with outer.inside():
            in_threads(1, lambda _: call("inner"))
        outer.done(name="outer")
    found = {one.request["name"]: one for one in session.interactions}
    assert found["inner"].parent == found["outer"].id
    assert found["inner"].thread != found["outer"].thread


def test_a_session_of_all_threads_within_another_gives_it_back(sessions: Path) -> None:
    """The one around it has the threads again."""
    steps = [threading.Event() for _ in range(4)]

    def work() -> None:
        for number in (0, 2):
            steps[number].wait()
            call(f"step {number}")
            steps[number + 1].set()

    thread = threading.Thread(target=work)
    thread.start()
    with capture(threads="all") as outer:
        with capture(threads="all") as inner:
            steps[0].set()
            steps[1].wait()
        steps[2].set()
        steps[3].wait()
    thread.join()
    assert names(journal.read(inner.folder)) == {"step 0": 1}
    assert names(journal.read(outer.folder)) == {"step 2": 1}


def test_pools_of_threads_of_multiprocessing_work_for_whoever_feeds_them(sessions: Path) -> None:
    """case 5: by every road into them; also what pulls their items, and what is called with their results."""
    told: list[object] = []

    def items(name: str) -> Iterator[str]:
        call(f"{name} pulled")
        yield name

    def feed(pool: ThreadPool, name: str) -> None:
        pool.apply(call, (name,))
        pool.apply_async(func=call, args=(name,), callback=lambda _: call(name)).wait()
        pool.map(call, [name] * 2)
        pool.starmap(call, [(name,)])
        list(pool.imap(call, items(name)))
        list(pool.imap_unordered(func=call, iterable=[name], chunksize=2))
        failing = pool.map_async(len, [0], error_callback=lambda _: (call(name), told.append(name)))
        failing.wait()

    with ThreadPool(2, call, ("nobody",)) as pool:
        feed(pool, "nobody")
        with capture("a") as first:
            feed(pool, "a")
            with capture("b") as second, dummy.Pool(1, initializer=call, initargs=("begins",)) as other:
                other.apply(call, ("b",))
                dummy_process = dummy.Process(target=call, args=("b",))
                dummy_process.start()
                dummy_process.join()
        feed(pool, "nobody")
    assert told == ["nobody", "a", "nobody"]
    assert names(journal.read(first.folder)) == {"a": 9, "a pulled": 1}
    assert names(journal.read(second.folder)) == {"b": 2, "begins": 1}


def test_a_call_of_a_pool_is_a_child_of_the_call_that_fed_it(sessions: Path) -> None:
    with capture() as session, ThreadPool(1) as pool:
        outer = session.begin("call", "svc", "outer", {"name": "outer"})
        with outer.inside():
            pool.apply(call, ("inner",))
        outer.done(name="outer")
    found = {one.request["name"]: one for one in session.interactions}
    assert found["inner"].parent == found["outer"].id


def test_what_begins_a_pool_and_what_follows_its_results_is_recorded(sessions: Path) -> None:
    with capture() as session, ThreadPoolExecutor(1, initializer=call, initargs=("begins",)) as pool:
        gate = threading.Event()
        future = pool.submit(gate.wait)
        future.add_done_callback(lambda _: call("follows"))
        gate.set()
    assert names(journal.read(session.folder)) == {"begins": 1, "follows": 1}
