"""The event loop of a PostgreSQL connection."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import get_ident
from time import sleep

import pytest

from hotfixture.databases.postgresql_loop import Loop, LoopClosedError, WorkCancelledError


@pytest.fixture
def loop() -> Iterator[Loop]:
    made = Loop()
    yield made
    made.close()


async def _place() -> int:
    return get_ident()


def test_short_work_runs_in_the_thread_that_asks(loop: Loop) -> None:
    assert loop.run(_place()) == get_ident()


def test_behind_the_scenes_another_thread_runs_it_even_while_nobody_waits(loop: Loop) -> None:
    done: list[int] = []

    async def begin() -> None:
        asyncio.get_running_loop().call_soon(done.append, get_ident())

    loop.background()
    assert loop.run(_place()) != get_ident()
    loop.run(begin())
    for _ in range(100):
        if not done:
            sleep(0.01)
    assert done != [get_ident()]
    assert len(done) == 1


def test_a_caller_that_runs_a_loop_of_its_own_is_answered(loop: Loop) -> None:
    async def caller() -> int:
        return loop.run(_place())

    assert asyncio.run(caller()) != get_ident()


def test_several_threads_are_answered_one_after_the_other(loop: Loop) -> None:
    running = []

    async def work(number: int) -> int:
        running.append(number)
        await asyncio.sleep(0.001)
        assert running.pop() == number
        return number

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda number: loop.run(work(number)), range(50))) == list(range(50))


@pytest.mark.parametrize("behind", [False, True])
def test_an_error_is_raised_where_the_work_was_asked_for(loop: Loop, behind: bool) -> None:
    async def fail() -> None:
        raise ValueError("this one")

    async def cancelled() -> None:
        raise asyncio.CancelledError

    if behind:
        loop.background()
    with pytest.raises(ValueError, match="this one"):
        loop.run(fail())
    with pytest.raises(WorkCancelledError):
        loop.run(cancelled())


def test_an_interrupt_cancels_the_work_and_the_loop_goes_on(loop: Loop) -> None:
    ended = []

    def interrupt() -> None:
        raise KeyboardInterrupt

    async def work() -> None:
        asyncio.get_running_loop().call_soon(interrupt)
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(True)

    with pytest.raises(KeyboardInterrupt):
        loop.run(work())
    assert ended == [True]
    assert loop.run(_place()) == get_ident()


@pytest.mark.parametrize("behind", [False, True])
def test_a_closed_loop_refuses_work(behind: bool) -> None:
    made = Loop()
    if behind:
        made.background()
    made.close()
    assert made.is_closed
    with pytest.raises(LoopClosedError):
        made.run(_place())


@pytest.mark.parametrize("behind", [False, True])
def test_work_that_goes_on_is_waited_for_until_it_says_so_or_ends(loop: Loop, behind: bool) -> None:
    if behind:
        loop.background()

    async def long(begun: asyncio.Future[None]) -> None:
        begun.set_result(None)
        await asyncio.sleep(0.01)

    async def short(_begun: asyncio.Future[None]) -> None:
        await asyncio.sleep(0)

    task = loop.start(long)
    assert not task.done()
    loop.run(_ended(task))
    assert task.done()
    done = loop.start(short)
    loop.run(_ended(done))
    assert done.exception() is None


async def _ended(task: asyncio.Task[None]) -> None:
    await asyncio.wait([task])
