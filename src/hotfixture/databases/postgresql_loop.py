"""The event loop of one connection, used synchronously from outside.

Whoever calls drives it: a change of threads costs as much as the server needs for a short answer. From the first long
stream on, or where the caller's thread runs a loop of its own, a thread of its own drives it, so that the server's data
is taken in while the caller works.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent import futures
from contextlib import suppress
from threading import Lock, Thread
from typing import Any, TypeVar

T = TypeVar("T")

GRACE = 5
"""Seconds that work which was left by an interrupt has to end in good order."""


class LoopClosedError(Exception):
    """The loop has been closed."""


class WorkCancelledError(Exception):
    """What was waited for has been cancelled."""


class Loop:
    """An event loop: `run` waits for a coroutine from any thread, one call after the other."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._lock = Lock()
        """Held while the caller drives."""
        self._thread: Thread | None = None

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What the coroutine gives; leaving by an exception (an interrupt) cancels it."""
        if _is_async():
            self.background()
        with self._lock:
            if self._loop.is_closed():
                work.close()
                raise LoopClosedError
            if self._thread is None:
                return self._driven(work)
        return self._handed_over(work)

    def _driven(self, work: Coroutine[Any, Any, T]) -> T:
        task = self._loop.create_task(work)
        try:
            return self._loop.run_until_complete(task)
        except asyncio.CancelledError:
            raise WorkCancelledError from None
        except BaseException:
            if not task.done():
                task.cancel()
                self._loop.run_until_complete(asyncio.wait([task], timeout=GRACE))
            raise

    def _handed_over(self, work: Coroutine[Any, Any, T]) -> T:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except futures.CancelledError:
            raise WorkCancelledError from None
        except BaseException:
            future.cancel()
            raise

    def start(self, work: Callable[[asyncio.Future[None]], Coroutine[Any, Any, None]]) -> asyncio.Task[None]:
        """The task of a coroutine that goes on; waits until it sets the future that it is given, or ends."""
        if not _is_async():
            with self._lock:
                if self._thread is None and not self._loop.is_closed():
                    return self._driven_until(work)
        return self.run(_started(work))

    def _driven_until(self, work: Callable[[asyncio.Future[None]], Coroutine[Any, Any, None]]) -> asyncio.Task[None]:
        # No task around the task: each turn of the loop costs a tenth of a short answer.
        begun = self._loop.create_future()
        task = self._loop.create_task(_to_its_end(work, begun))
        try:
            self._loop.run_until_complete(begun)
        except BaseException:
            task.cancel()
            self._loop.run_until_complete(asyncio.wait([task], timeout=GRACE))
            raise
        return task

    def background(self) -> None:
        """From now on a thread drives the loop."""
        with self._lock:
            if self._thread is None and not self._loop.is_closed():
                self._thread = Thread(target=self._loop.run_forever, name="hotfixture-postgresql", daemon=True)
                self._thread.start()

    def interrupt(self) -> None:
        """Cancel all work, from any thread."""
        with suppress(RuntimeError):  # closed meanwhile
            self._loop.call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        for task in asyncio.all_tasks(self._loop):
            task.cancel()

    @property
    def is_closed(self) -> bool:
        """Whether `close` has been called."""
        return self._loop.is_closed()

    def close(self) -> None:
        """End the loop and its thread."""
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        with self._lock:
            if not self._loop.is_closed():
                self._loop.run_until_complete(asyncio.sleep(0))  # what the driver left for the next turn
                self._loop.close()


async def _started(work: Callable[[asyncio.Future[None]], Coroutine[Any, Any, None]]) -> asyncio.Task[None]:
    loop = asyncio.get_running_loop()
    begun = loop.create_future()
    task = loop.create_task(_to_its_end(work, begun))
    try:
        await begun
    except BaseException:
        task.cancel()
        await asyncio.wait([task], timeout=GRACE)
        raise
    return task


async def _to_its_end(
    work: Callable[[asyncio.Future[None]], Coroutine[Any, Any, None]], begun: asyncio.Future[None]
) -> None:
    try:
        await work(begun)
    finally:
        if not begun.done():
            begun.set_result(None)


def _is_async() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
