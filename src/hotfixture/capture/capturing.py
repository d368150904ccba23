"""What the capturing clients share: a call on a client's own object, described to a manager while it passes.

Whatever goes wrong with the description is told to the manager's session and never reaches the caller.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import wrapt

from hotfixture.capture.captures import CaptureManager, Recording, Uncaptured, Unrecorded
from hotfixture.capture.costs import Guard
from hotfixture.capture.values import plain

Describe = Callable[[Any], Any]
Manager: TypeAlias = CaptureManager | Uncaptured
Block: TypeAlias = Recording | Unrecorded


class Passing(NamedTuple):
    """How a call is described. `item` describes one piece of a stream; `answer` then gets the list of these."""

    service: str
    operation: str
    request: Any
    answer: Describe
    item: Describe | None = None
    further: Describe = lambda result: result
    """Makes of a returned object what the program gets."""
    guard: Guard | None = None


def passed(manager: Manager, how: Passing, method: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Call it; the result is as it is, awaitable, an iterator or a value, and recorded when it is complete."""
    if manager.guard is not None:
        manager.guard.before(how.service)
        how = how._replace(guard=manager.guard)
    recording = manager.capture_interaction(how.service, how.operation, how.request)
    recording.__enter__()
    try:
        result = method(*args, **kwargs)
    except BaseException as error:
        recording.__exit__(type(error), error, None)
        raise
    recording.leave()
    return _followed(recording, how, result)


def _followed(recording: Block, how: Passing, result: Any) -> Any:
    if inspect.isawaitable(result):
        return _awaited(recording, how, result)
    if how.item is not None and hasattr(type(result), "__anext__"):
        return _AsyncStream(result, recording, how)
    if how.item is not None and hasattr(type(result), "__next__"):
        return _Stream(result, recording, how)
    if how.item is not None and isinstance(result, list | tuple):
        describe = how.item
        _tell(recording, how, lambda: how.answer([describe(one) for one in result]))
        recording.end()
        return type(result)(how.further(one) for one in result) if type(result) in (list, tuple) else result
    _tell(recording, how, lambda: how.answer(result))
    recording.end()
    return how.further(result)


async def _awaited(recording: Block, how: Passing, result: Any) -> Any:
    try:
        found = await result
    except BaseException as error:
        recording.end(error)
        raise
    return _followed(recording, how, found)


def _tell(recording: Block, how: Passing, describe: Callable[[], Any]) -> None:
    """What was answered, to the record and to whoever counts what it costs."""
    try:
        answer = plain(describe())
        recording.call.answer(answer)
        if how.guard is not None:
            how.guard.after(how.service, answer)
    except Exception as error:  # noqa: BLE001 - a recording that fails must not reach the program under test
        recording.call.session.trouble(error)


class _Pieces(wrapt.ObjectProxy[Any]):
    """A stream with its record."""

    def __init__(self, wrapped: Any, recording: Block, how: Passing) -> None:
        super().__init__(wrapped)
        self._self_recording, self._self_how = recording, how
        self._self_pieces: list[Any] = []

    def _self_piece(self, piece: Any) -> Any:
        how, recording = self._self_how, self._self_recording
        try:
            assert how.item is not None
            self._self_pieces.append(how.item(piece))
            recording.call.chunk(b"\0")  # the time; a piece counts as one
        except Exception as error:  # noqa: BLE001 - a recording that fails must not reach the program under test
            recording.call.session.trouble(error)
        return how.further(piece)

    def _self_end(self, error: BaseException | None = None, *, closed: bool = False) -> None:
        recording, how = self._self_recording, self._self_how
        if recording.call.ended:
            return
        _tell(recording, how, lambda: how.answer(self._self_pieces))
        if closed:
            recording.close()
        else:
            recording.end(error)

    def __del__(self) -> None:
        try:
            self._self_end(closed=True)
        except AttributeError:  # the making of it broke off
            return


class _Stream(_Pieces):
    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        try:
            piece = self.__wrapped__.__next__()
        except StopIteration:
            self._self_end()
            raise
        except BaseException as error:
            self._self_end(error)
            raise
        return self._self_piece(piece)

    def close(self) -> None:
        """The program reads no further."""
        try:
            self.__wrapped__.close()
        finally:
            self._self_end(closed=True)


class _AsyncStream(_Pieces):
    def __aiter__(self) -> Any:
        return self

    async def __anext__(self) -> Any:
        try:
            piece = await self.__wrapped__.__anext__()
        except StopAsyncIteration:
            self._self_end()
            raise
        except BaseException as error:
            self._self_end(error)
            raise
        return self._self_piece(piece)

    async def aclose(self) -> None:
        """The program reads no further."""
        try:
            await self.__wrapped__.aclose()
        finally:
            self._self_end(closed=True)
