"""What a playback gives in the place of a call: the like of `outcomes.py`, made of the recording."""

from __future__ import annotations

import asyncio
import concurrent.futures
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Mapping
from typing import Any

from hotfixture.capture.playing.playback import Played
from hotfixture.capture.values import restored
from hotfixture.errors import ReplayMissError

Further = Callable[[Any], Any]


def given(played: Played, further: Further) -> Any:
    """What the program gets."""
    manner = played.response.get("manner", "value")
    return _MANNERS[manner](played, further)


def _value(played: Played, further: Further) -> Any:
    played.finish()
    return further(restored(played.response.get("value")))


async def _awaited(played: Played, further: Further) -> Any:
    return _value(played, further)


def _settled(future: Any, played: Played, further: Further) -> Any:
    """A future that has its answer."""
    try:
        future.set_result(_value(played, further))
    except Exception as error:  # noqa: BLE001 - whatever was recorded
        future.set_exception(error)
    return future


def _future(played: Played, further: Further) -> Any:
    return _settled(asyncio.get_running_loop().create_future(), played, further)


def _promise(played: Played, further: Further) -> Any:
    return _settled(concurrent.futures.Future(), played, further)


def _items(played: Played, further: Further) -> Generator[Any, Any, Any]:
    """Items at the recorded pace, and what ended them."""
    for (wait, _), item in zip(played.waits(), played.response.get("items") or (), strict=False):
        if wait:
            time.sleep(wait)
        yield further(restored(item))
    played.finish()
    return restored(played.response.get("returned"))


async def _async_items(played: Played, further: Further) -> AsyncIterator[Any]:
    for (wait, _), item in zip(played.waits(), played.response.get("items") or (), strict=False):
        if wait:
            await asyncio.sleep(wait)
        yield further(restored(item))
    played.finish()


class _Context:
    """A context that was recorded; an exception that its end raised is raised when it is left."""

    def __init__(self, played: Played, further: Further) -> None:
        self._played, self._further = played, further

    def __enter__(self) -> Any:
        response = self._played.response
        if "value" not in response:
            self._played.finish()
        return self._further(restored(response.get("value")))

    def __exit__(self, *error: object) -> bool:
        self._played.finish()
        swallowed = self._played.response.get("swallowed", False)
        if error[0] is not None and not swallowed:
            return False
        if error[0] is None and swallowed:
            raise ReplayMissError("the recorded context ended with an exception within; this one does not")
        return bool(swallowed)


class _AsyncContext(_Context):
    async def __aenter__(self) -> Any:
        return self.__enter__()

    async def __aexit__(self, *error: object) -> bool:
        return self.__exit__(*error)


_MANNERS: Mapping[str, Callable[[Played, Further], Any | Awaitable[Any]]] = {
    "value": _value,
    "awaited": _awaited,
    "future": _future,
    "promise": _promise,
    "items": _items,
    "async_items": _async_items,
    "context": _Context,
    "async_context": _AsyncContext,
}
