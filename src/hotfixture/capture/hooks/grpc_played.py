"""Synchronous gRPC from recordings: in the place of gRPC's core stands what it told when it was recorded.

All of gRPC's own classes stay: errors, futures, iterators and interceptors are the real ones.
"""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from hotfixture.capture import tapes
from hotfixture.capture.hooks.grpc_answers import FAILED, Answer, Question
from hotfixture.errors import CaptureError


def attach(tape: Any, twin: Any, arity: str, asked: dict[str, Any]) -> None:
    """Let an object that makes calls ask the tape."""
    question = Question(tape, arity, asked, twin._request_serializer)
    twin._request_serializer = question
    core = _Core(question)
    twin._channel = core
    if hasattr(twin, "_managed_call"):
        twin._managed_call = core.managed_call


def subscribe(original: Any, _channel: Any, args: Any, kwargs: Any) -> Any:
    """A channel is ready at once while it is played."""
    tape = tapes.current()
    if tape is None or not tape.playing:
        return original(*args, **kwargs)
    grpc: Any = sys.modules["grpc"]
    callback = args[0] if args else kwargs["callback"]
    threading.Thread(target=callback, args=(grpc.ChannelConnectivity.READY,), daemon=True).start()
    return None


class _Core:
    """Stands for a channel of gRPC's core."""

    def __init__(self, question: Question) -> None:
        self._question = question

    def segregated_call(self, *args: Any) -> _Call:
        """A call whose events are asked for."""
        return _Call(self._question, [operations for operations, _ in args[6]], None)

    def managed_call(self, *args: Any) -> _Call:
        """A call whose events are told to a handler."""
        return _Call(self._question, args[6], args[7])


class _Operation(NamedTuple):
    """One finished operation, as gRPC reads it."""

    kind: Any
    data: bytes | None = None
    answer: Answer | None = None

    def type(self) -> Any:
        return self.kind

    def message(self) -> bytes | None:
        return self.data

    def initial_metadata(self) -> Any:
        return _pairs(self.answer.initial_metadata) if self.answer else ()

    def trailing_metadata(self) -> Any:
        return _pairs(self.answer.trailing_metadata) if self.answer else ()

    def code(self) -> Any:
        name = self.answer.code if self.answer else FAILED
        code = sys.modules["grpc"].StatusCode[name]
        return sys.modules["grpc._common"].STATUS_CODE_TO_CYGRPC_STATUS_CODE[code]

    def details(self) -> str:
        return self.answer.details if self.answer else (self.data or b"").decode()

    def error_string(self) -> str:
        return self.answer.debug_error_string if self.answer else self.details()


class _Event(NamedTuple):
    batch_operations: list[_Operation]


def _pairs(metadata: Iterable[tuple[str, str | bytes]]) -> Any:
    return tuple(_core()._Metadatum(name, value) for name, value in metadata)


def _core() -> Any:
    """What gRPC itself speaks to; the program has imported it."""
    return sys.modules["grpc._cython.cygrpc"]


class _Call:
    """Stands for a call of gRPC's core. Its events come in the threads of those who cause them."""

    def __init__(self, question: Question, batches: Any, handler: Callable[[Any], Any] | None) -> None:
        self._kinds = _core().OperationType
        self._question = question
        self._batches = [[one.type() for one in operations] for operations in batches]
        self._events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._handler = handler or self._events.put
        self._queued = handler is None
        self._lock = threading.Lock()
        self._answer: Answer | None = None
        self._reading = False
        self._next = 0
        self._sent = 0
        self._waited = -1
        self._ended = False
        self._streams = not any(self._kinds.receive_message in batch for batch in self._batches)
        if not question.arity.startswith("stream"):
            self._sent = 1
            self._ask()

    def next_event(self) -> Any:
        """The next event; raises what went wrong in another thread."""
        event = self._events.get()
        if isinstance(event, BaseException):
            raise event
        return event

    def operate(self, operations: Iterable[Any], _tag: Any) -> bool:
        """Begin what the program wants; False where the call has ended."""
        if self._ended:
            return False
        for operation in operations:
            kind = operation.type()
            if kind == self._kinds.receive_message:
                self._read()
            else:
                self._send(kind)
        self._go_on()
        return True

    def cancel(self, _code: Any, details: str) -> None:
        """The program ends the call; gRPC tells of it in another thread."""
        if not self._ended:
            self._ended = True
            threading.Thread(target=self._finish, args=(_operation_of(details),), daemon=True).start()

    def _read(self) -> None:
        if self._answer is None and self._question.arity == "stream_stream" and self._question.unasked():
            self._ask()
        answer = self._answer
        if answer is not None and answer.broken_off and self._next >= answer.count:
            answer.exhausted()
        self._reading = True

    def _send(self, kind: Any) -> None:
        self._sent = len(self._question.sent)
        self._handler(_Event([_Operation(kind)]))
        whole = kind == self._kinds.send_close_from_client
        if self._answer is None and (whole or self._question.arity == "stream_stream"):
            try:
                self._ask()
            except Exception as error:  # noqa: BLE001 - in gRPC's thread; the program waits in its own
                self._miss(error)

    def _miss(self, error: Exception) -> None:
        self._ended = True
        if self._queued:
            self._events.put(error)
        else:
            text = str(error) if isinstance(error, CaptureError) else type(error).__name__
            self._finish(_Operation(None, text.encode()))

    def _ask(self) -> None:
        answer = self._question.answer()
        initial = self._kinds.receive_initial_metadata
        alone = [batch for batch in self._batches if initial in batch and len(batch) == 1]
        if alone:
            self._batches.remove(alone[0])
            self._handler(_Event([_Operation(initial, None, answer)]))
        self._answer = answer
        self._go_on()

    def _go_on(self) -> None:
        """Tell all that is due now."""
        while True:
            with self._lock:
                event = self._due()
            if event is None:
                return
            event()

    def _due(self) -> Callable[[], None] | None:
        """What is to be told next; None where nothing is."""
        answer = self._answer
        if answer is None or self._ended:
            return None
        if self._next < answer.count:
            return self._message(answer)
        if answer.broken_off or not self._in_time(answer):
            return None
        self._ended = True
        return lambda: self._finish(_Operation(None, None, answer))

    def _message(self, answer: Answer) -> Callable[[], None] | None:
        if not self._streams:  # it comes with the end
            if not self._in_time(answer):
                return None
            self._ended = True
            return lambda: self._finish(_Operation(None, answer.message(0) if answer.count else None, answer))
        if not self._reading or not answer.due(self._next, self._sent) or self._held(answer):
            return None
        if not self._in_time(answer):
            return None
        data = answer.message(self._next)
        self._next += 1
        self._reading = False
        return lambda: self._handler(_Event([_Operation(self._kinds.receive_message, data)]))

    def _held(self, answer: Answer) -> bool:
        """Whether calls that came before the next message are still to be made; if so, this goes on when they are."""
        left = answer.held(self._next, self._soon)
        if left:
            self._later(left)
        return bool(left)

    def _soon(self) -> None:
        """Go on in another thread: who calls this may hold locks of its own call."""
        self._later(0)

    def _later(self, seconds: float) -> None:
        timer = threading.Timer(seconds, self._go_on)
        timer.daemon = True
        timer.start()

    def _in_time(self, answer: Answer) -> bool:
        """Whether it is time for the next message; if not, this goes on when it is."""
        wait = answer.waits[self._next] if self._next < len(answer.waits) else 0
        if not wait or self._waited == self._next:
            return True
        self._waited = self._next
        self._later(wait)
        return False

    def _finish(self, status: _Operation) -> None:
        """Tell the end, with all that was begun and not told."""
        kinds = self._kinds
        message = status.data if status.answer is not None and not self._streams else None
        if self._reading:
            self._handler(_Event([_Operation(kinds.receive_message)]))
        for batch in self._batches:
            made = {kinds.receive_message: _Operation(kinds.receive_message, message)}
            told = [made.get(kind) or status._replace(kind=kind) for kind in batch]
            self._handler(_Event(told))


def _operation_of(details: Any) -> _Operation:
    text = details.decode() if isinstance(details, bytes) else str(details)
    return _Operation(None, text.encode())
