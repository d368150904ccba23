"""gRPC with asyncio from recordings: in the place of gRPC's core stands what it told when it was recorded."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType
from typing import Any

import wrapt

from hotfixture.capture import tapes
from hotfixture.capture.hooks.grpc_answers import FAILED, Answer, Question
from hotfixture.errors import CaptureError


def attach(tape: Any, given: dict[str, Any], arity: str, asked: dict[str, Any]) -> None:
    """Let a call that is made with these arguments ask the tape."""
    question = Question(tape, arity, asked, given["request_serializer"])
    given["request_serializer"] = question
    given["channel"] = _Core(question)


def install(module: ModuleType) -> None:
    """Patch `grpc.aio._channel`: a channel is ready at once while it is played."""
    wrapt.wrap_function_wrapper(module, "Channel.get_state", _get_state)
    wrapt.wrap_function_wrapper(module, "Channel.wait_for_state_change", _wait_for_state_change)


def _get_state(original: Any, _channel: Any, args: Any, kwargs: Any) -> Any:
    tape = tapes.current()
    if tape is None or not tape.playing:
        return original(*args, **kwargs)
    return sys.modules["grpc"].ChannelConnectivity.READY


async def _wait_for_state_change(original: Any, channel: Any, args: Any, kwargs: Any) -> None:
    tape = tapes.current()
    if tape is None or not tape.playing:
        await original(*args, **kwargs)
    elif channel.get_state() == (args[0] if args else kwargs["last_observed_state"]):
        await asyncio.Event().wait()  # it never changes


class _Core:
    """Stands for a channel of gRPC's core."""

    def __init__(self, question: Question) -> None:
        self._question = question

    def call(self, _method: bytes, deadline: float | None, *_others: Any) -> _Call:
        """A call that is not begun yet."""
        return _Call(self._question, deadline)


class _Call:
    """Stands for a call of gRPC's core."""

    def __init__(self, question: Question, deadline: float | None) -> None:
        self._question, self._deadline = question, deadline
        self._loop = asyncio.get_running_loop()
        self._answer: Answer | None = None
        self._failure: Exception | None = None
        self._asked = asyncio.Event()
        self._ended = asyncio.Event()
        self._moved = asyncio.Event()
        """Something was sent, or the call has ended: it is looked again whether the next message is due."""
        self._next = 0
        self._cancelled_here = False
        self._callbacks: list[Callable[[], None]] = []
        self._initial_metadata: Any = None
        self._status: Any = None

    # What gRPC's own classes ask of a call.

    def done(self) -> bool:
        return self._status is not None

    def cancelled(self) -> bool:
        return self.done() and self._name() == "CANCELLED"

    def is_ok(self) -> bool:
        return self.done() and self._name() == "OK"

    def is_locally_cancelled(self) -> bool:
        return self._cancelled_here

    def time_remaining(self) -> float | None:
        return None if self._deadline is None else max(0.0, self._deadline - time.time())

    def add_done_callback(self, callback: Callable[[], None]) -> None:
        if self.done():
            callback()
        else:
            self._callbacks.append(callback)

    def cancel(self, details: str) -> None:
        self._cancelled_here = True
        self._end("CANCELLED", details)

    def set_internal_error(self, details: str) -> None:
        self._end("INTERNAL", details)

    async def status(self) -> Any:
        await self._ended.wait()
        return self._status

    async def initial_metadata(self) -> Any:
        await self._asked.wait()
        return self._initial_metadata

    async def unary_unary(self, _request: bytes, _metadata: Any, _context: Any) -> bytes | None:
        self._ask()
        return await self._only()

    async def initiate_unary_stream(self, _request: bytes, _metadata: Any, _context: Any) -> None:
        self._ask()

    async def stream_unary(self, _metadata: Any, sent: Callable[[], None], _context: Any) -> bytes | None:
        sent()
        await self._asked.wait()
        if self._failure is not None:
            raise self._failure
        return await self._only()

    async def initiate_stream_stream(self, _metadata: Any, sent: Callable[[], None], _context: Any) -> None:
        sent()

    async def send_serialized_message(self, _message: bytes) -> None:
        if self._question.arity == "stream_stream":
            self._ask_quietly()
        self._moved.set()

    async def send_receive_close(self) -> None:
        self._ask_quietly()

    async def receive_serialized_message(self) -> Any:
        end = sys.modules["grpc._cython.cygrpc"].EOF
        if self._answer is None and self._question.arity == "stream_stream" and self._question.unasked():
            self._ask_quietly()
        await self._asked.wait()
        if self._failure is not None:
            raise self._failure
        answer = self._answer
        if answer is None or self.done() or not await self._come(answer):
            return end
        data = answer.message(self._next)
        self._next += 1
        if self._next == answer.count and not answer.broken_off:
            await self._finish(answer)
        return data

    # How it goes on.

    def _ask(self) -> None:
        if self._answer is None:
            try:
                self._answer = self._question.answer()
            except Exception as error:
                self._end(FAILED, str(error) if isinstance(error, CaptureError) else type(error).__name__)
                raise
            self._initial_metadata = self._answer.initial_metadata
            self._asked.set()

    def _ask_quietly(self) -> None:
        """A miss is raised where the answer is read: what raises while a request is sent is lost in gRPC."""
        try:
            self._ask()
        except Exception as error:  # noqa: BLE001 - raised where the answer is read
            self._failure = error

    async def _only(self) -> bytes | None:
        """The one message of the answer; None where it failed."""
        answer = self._answer
        if answer is None:  # cancelled before it was asked
            return None
        if answer.broken_off:
            await self._stall(answer)
            return None
        await self._wait(answer)
        await self._finish(answer)
        return answer.message(0) if answer.count else None

    async def _come(self, answer: Answer) -> bool:
        """Whether there is another message, when it is time for it."""
        if self._next >= answer.count:
            await (self._stall(answer) if answer.broken_off else self._finish(answer))
            return False
        while not self.done():
            self._moved.clear()
            left = answer.held(self._next, self._soon)
            if not left and answer.due(self._next, len(self._question.sent)):
                break
            with suppress(TimeoutError):
                await asyncio.wait_for(self._moved.wait(), left or None)
        await self._wait(answer)
        return not self.done()

    def _soon(self) -> None:
        """Look again; called from any thread."""
        self._loop.call_soon_threadsafe(self._moved.set)

    async def _wait(self, answer: Answer) -> None:
        wait = answer.waits[self._next] if self._next < len(answer.waits) else 0
        if wait:
            await asyncio.sleep(wait)

    async def _stall(self, answer: Answer) -> None:
        """The program had broken off here; ReplayMissError where it had not waited for more."""
        answer.exhausted()
        await self._ended.wait()

    async def _finish(self, answer: Answer) -> None:
        self._end(answer.code, answer.details, answer)

    def _end(self, code: str, details: str, answer: Answer | None = None) -> None:
        if self.done():
            return
        number = sys.modules["grpc"].StatusCode[code].value[0]
        status = sys.modules["grpc._cython.cygrpc"].AioRpcStatus
        trailing = answer.trailing_metadata if answer else ()
        self._status = status(number, details, trailing, answer.debug_error_string if answer else "")
        if self._initial_metadata is None:
            self._initial_metadata = ()
        for event in (self._asked, self._ended, self._moved):
            event.set()
        callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def _name(self) -> str:
        return str(sys.modules["grpc._common"].CYGRPC_STATUS_CODE_TO_STATUS_CODE[self._status.code()].name)
