"""What may come of a call, passed on while it is recorded: values, awaitables, iterators item by item, contexts.

Each has a *manner*, which is kept in the answer, so that a playback gives the like: `value`, `self`, `awaited`,
`future` (of asyncio), `promise` (of concurrent.futures), `items`, `async_items`, `context`, `async_context`.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import wrapt

from hotfixture.capture import tapes
from hotfixture.capture.calls import Call
from hotfixture.capture.held import held

Further = Callable[[Any], Any]
"""Makes of a returned object what the program gets: the object itself, or a wrapped one."""
_CONTEXTS: tuple[type, ...] = (contextlib._GeneratorContextManager,)
_ASYNC_CONTEXTS: tuple[type, ...] = (contextlib._AsyncGeneratorContextManager,)


def passed(call: Call, result: Any, further: Further) -> Any:
    """The result for the program; its record ends with it, or later when it is something that goes on."""
    if asyncio.isfuture(result) or isinstance(result, concurrent.futures.Future):
        call.answered(manner="future" if asyncio.isfuture(result) else "promise")
        result.add_done_callback(lambda future: _settled(call, future))
        return result
    if inspect.isawaitable(result):
        call.answered(manner="awaited")
        return _Awaited(result, call, further)
    if isinstance(result, _CONTEXTS):
        call.answered(manner="context")
        return _Context(result, call, further)
    if isinstance(result, _ASYNC_CONTEXTS):
        call.answered(manner="async_context")
        return _AsyncContext(result, call, further)
    if hasattr(type(result), "__anext__"):
        call.answered(manner="async_items")
        return _AsyncItems(result, call, further)
    if hasattr(type(result), "__next__"):
        call.answered(manner="items")
        return _Items(result, call, further)
    call.done(manner="value", value=held(result))
    return further(result)


def _settled(call: Call, future: Any) -> None:
    """A future has its answer. It is the program's own object: what it gives is not wrapped."""
    if future.cancelled():
        call.failed(asyncio.CancelledError())
    elif (error := future.exception()) is not None:
        call.failed(error)
    else:
        call.done(value=held(future.result()))


class _Recorded(wrapt.ObjectProxy[Any]):
    """Something that goes on after the call came back, with the record of the call."""

    def __init__(self, wrapped: Any, call: Call, further: Further) -> None:
        super().__init__(wrapped)
        self._self_call = call
        self._self_further = further
        self._self_items: list[Any] = []

    def _self_item(self, item: Any) -> Any:
        """One more item went by."""
        call = self._self_call
        if not self._self_items:
            call.answered(items=self._self_items)
        self._self_items.append(held(item))
        call.chunk(b"\0")  # the time; an item counts as one
        return self._self_further(item)

    def __del__(self) -> None:
        with contextlib.suppress(AttributeError):  # the making of it broke off
            self._self_call.closed()


class _Awaited(_Recorded):
    """An awaitable, recorded when it is awaited; tasks may be made of it too."""

    _self_running: Any = None

    async def _self_run(self) -> Any:
        call = self._self_call
        try:
            with call.inside():
                result = await self.__wrapped__
        except BaseException as error:
            call.failed(error)
            raise
        call.done(value=held(result))
        return self._self_further(result)

    def __await__(self) -> Any:
        return self._self_run().__await__()

    def _self_started(self) -> Any:
        if self._self_running is None:
            self._self_running = self._self_run()
        return self._self_running

    def send(self, value: Any) -> Any:
        """As of a coroutine: a task drives it."""
        return self._self_started().send(value)

    def throw(self, *error: Any) -> Any:
        """As of a coroutine: a task is cancelled."""
        return self._self_started().throw(*error)

    def close(self) -> None:
        """As of a coroutine."""
        if self._self_running is not None:
            self._self_running.close()
        self.__wrapped__.close()


class _Items(_Recorded):
    """An iterator or generator, recorded item by item."""

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return self._self_step(self.__wrapped__.__next__)

    def send(self, value: Any) -> Any:
        """As of a generator."""
        return self._self_step(lambda: self.__wrapped__.send(value))

    def throw(self, *error: Any) -> Any:
        """As of a generator."""
        return self._self_step(lambda: self.__wrapped__.throw(*error))

    def close(self) -> None:
        """As of a generator; the program reads no further."""
        try:
            self.__wrapped__.close()
        finally:
            self._self_call.closed()

    def _self_step(self, step: Callable[[], Any]) -> Any:
        call = self._self_call
        try:
            with call.inside():
                item = step()
        except StopIteration as end:
            call.done(**({} if end.value is None else {"returned": held(end.value)}))
            raise
        except BaseException as error:
            call.failed(error)
            raise
        return self._self_item(item)


class _AsyncItems(_Recorded):
    """An asynchronous iterator or generator, recorded item by item."""

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    async def __anext__(self) -> Any:
        return await self._self_step(self.__wrapped__.__anext__())

    async def asend(self, value: Any) -> Any:
        """As of a generator."""
        return await self._self_step(self.__wrapped__.asend(value))

    async def athrow(self, *error: Any) -> Any:
        """As of a generator."""
        return await self._self_step(self.__wrapped__.athrow(*error))

    async def aclose(self) -> None:
        """As of a generator; the program reads no further."""
        try:
            await self.__wrapped__.aclose()
        finally:
            self._self_call.closed()

    async def _self_step(self, step: Awaitable[Any]) -> Any:
        call = self._self_call
        try:
            with call.inside():
                item = await step
        except StopAsyncIteration:
            call.done()
            raise
        except BaseException as error:
            call.failed(error)
            raise
        return self._self_item(item)


class _Context(_Recorded):
    """A context manager: its record ends when the program leaves it."""

    def __call__(self, function: Callable[..., Any]) -> Any:
        """As of a decorator, which makes contexts of its own: these are not recorded."""
        return self.__wrapped__(function)

    def __enter__(self) -> Any:
        call = self._self_call
        self._self_token = tapes.parent.set(call)
        try:
            value = self.__wrapped__.__enter__()
        except BaseException as error:
            tapes.parent.reset(self._self_token)
            call.failed(error)
            raise
        call.answered(value=held(value))
        return self._self_further(value)

    def __exit__(self, *error: Any) -> Any:
        call = self._self_call
        tapes.parent.reset(self._self_token)
        try:
            swallowed = self.__wrapped__.__exit__(*error)
        except BaseException as raised:
            call.failed(raised)
            raise
        call.done(swallowed=bool(swallowed))
        return swallowed


class _AsyncContext(_Recorded):
    """As `_Context`, asynchronous."""

    def __call__(self, function: Callable[..., Any]) -> Any:
        """As of a decorator."""
        return self.__wrapped__(function)

    async def __aenter__(self) -> Any:
        call = self._self_call
        self._self_token = tapes.parent.set(call)
        try:
            value = await self.__wrapped__.__aenter__()
        except BaseException as error:
            tapes.parent.reset(self._self_token)
            call.failed(error)
            raise
        call.answered(value=held(value))
        return self._self_further(value)

    async def __aexit__(self, *error: Any) -> Any:
        call = self._self_call
        tapes.parent.reset(self._self_token)
        try:
            swallowed = await self.__wrapped__.__aexit__(*error)
        except BaseException as raised:
            call.failed(raised)
            raise
        call.done(swallowed=bool(swallowed))
        return swallowed
