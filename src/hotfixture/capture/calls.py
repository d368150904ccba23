"""One call while it runs, on the caller's side: what is collected in the caller's time is handed over at its end.

Nothing here may change what the program sees: no method raises, and what goes wrong is told to the session.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec

from msgspec import structs

from hotfixture.capture import clocks, failures, tapes
from hotfixture.capture.clocks import CLOCKS
from hotfixture.capture.records import Frame, Kind, Status

if TYPE_CHECKING:
    from hotfixture.capture.session import Session

P = ParamSpec("P")
LARGEST = 64 * 2**20
"""Bytes that are kept of the bodies of one call: a stream may never end."""
_SENT, _RECEIVED = 0, 1
PART = 2**20
"""Bytes after which what was collected is handed over while the call still runs."""


def harmless(method: Callable[P, None]) -> Callable[P, None]:
    """The method of a call; what it raises is told to the session, never to the caller."""

    @wraps(method)
    def quiet(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            method(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - a recording that fails must not reach the program under test
            args[0].session.trouble(error)  # type: ignore[attr-defined]  # the first argument is the call

    return quiet


class Call:
    """One call: `answered` and `chunk` while it runs, then one of `done`, `failed`, `closed`."""

    __slots__ = (
        "__weakref__",
        "_clock",
        "_frame",
        "_handed",
        "_missed",
        "_room",
        "_whole",
        "ended",
        "number",
        "received",
        "request",
        "response",
        "sent",
        "session",
        "times",
    )  # fmt: skip

    def __init__(
        self, session: Session, number: int, *, kind: Kind, service: str, operation: str, request: dict[str, Any]
    ) -> None:
        outer = tapes.parent.get()
        self.session, self.number = session, number
        self.request = request
        self.response: dict[str, Any] = {}
        self.sent: list[bytes] = []
        self.received: list[bytes] = []
        self.times: list[int] = []
        self.ended = False
        """Whether it was handed over; what comes after that is too late."""
        self._handed, self._missed = [0, 0], [0, 0]
        """Bytes of what was sent and of what was received that were handed over in parts, and that are not kept."""
        self._room = min(PART, LARGEST)
        """Bytes that may be collected before anything is to be looked at."""
        self._whole: tuple[Any] | None = None
        parent = outer.number if outer is not None and outer.session is session else None
        self._frame = Frame(
            number, parent, kind, service, operation, request, None, self.sent, self.received, self.times,
            clocks.epoch(), 0, "success", None, threading.current_thread().name, _task(), session.scope, [],
        )  # fmt: skip
        self._clock = CLOCKS.nanoseconds()

    @harmless
    def answered(self, **parts: Any) -> None:
        """Parts of the answer, beside its body: plain values and bytes."""
        self.response.update(parts)

    @harmless
    def answer(self, value: Any) -> None:
        """The whole answer, plain and of any type, in the place of parts. Of several the last counts, even of one that
        comes after the end: sessions that write within the process keep it."""
        if self._whole is not None:
            self.note("answered more than once: the last answer is kept")
        self._whole = (value,)
        if self.ended:
            self._frame.response = value
            self.session.keep(self._frame)

    @property
    def started(self) -> float:
        """Seconds since the epoch, UTC."""
        return self._frame.started

    @harmless
    def asked(self, **parts: Any) -> None:
        """More of the request, that was not known when it began."""
        self.request.update(parts)

    def send(self, data: bytes) -> None:
        """A piece of the request's body."""
        try:
            self._room -= len(data)
            if self._room >= 0 or self._fits(len(data), _SENT):
                self.sent.append(data if type(data) is bytes else bytes(data))
        except Exception as error:  # noqa: BLE001 - as in `harmless`, which would cost as much as this does
            self.session.trouble(error)

    def chunk(self, data: bytes) -> None:
        """A piece of the answer's body, as it reached the program."""
        try:
            self._room -= len(data)
            if self._room >= 0 or self._fits(len(data), _RECEIVED):
                self.times.append((CLOCKS.nanoseconds() - self._clock) // 1000)
                self.received.append(data if type(data) is bytes else bytes(data))
        except Exception as error:  # noqa: BLE001 - as in `harmless`, which would cost as much as this does
            self.session.trouble(error)

    def _fits(self, size: int, side: int) -> bool:
        """Whether a piece is kept, that needs a look. Long bodies are handed over in parts; of endless ones only the
        beginning."""
        if self.ended:
            self._room = 0
            return False
        held = self._held()
        if sum(held) + size > PART and any(held):
            self._hand_over(held)
            held = (0, 0)
        kept = self._handed[side] + held[side]
        if self._missed[side] or kept + size > LARGEST:  # nothing after the first piece that is left out
            self._missed[side] += size
            self._room = 0
            return False
        self._room = 0 if any(self._missed) else min(PART - sum(held), LARGEST - kept) - size
        return True

    def _held(self) -> tuple[int, int]:
        """Bytes of either side that were not handed over yet."""
        return sum(map(len, self.sent)), sum(map(len, self.received))

    def _hand_over(self, held: tuple[int, int]) -> None:
        """What was collected, while the call still runs."""
        taken = {"sent": self.sent.copy(), "received": self.received.copy(), "times": self.times.copy()}
        self.session.part(structs.replace(self._frame, **taken, notes=[]))
        for side, size in enumerate(held):
            self._handed[side] += size
        for pieces in (self.sent, self.received, self.times):
            pieces.clear()

    @harmless
    def note(self, text: str) -> None:
        """Something that a reader of the record should know."""
        self._frame.notes.append(text)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Calls within are children of this one."""
        before = tapes.parent.get()
        tapes.parent.set(self)
        try:
            yield
        finally:
            if tapes.parent.get() is self:  # else it ends in another context than it began in
                tapes.parent.set(before)

    def done(self, **parts: Any) -> None:
        """It ended well."""
        self._end("success", None, parts)

    def failed(self, error: BaseException) -> None:
        """It ended with an exception; a cancellation counts as one of its own."""
        if _is_cancelling(error):
            self._end("cancelled", None, {})
        else:
            self._end("error", error, {})

    def closed(self) -> None:
        """The caller stopped reading before the answer had ended."""
        self._end("closed", None, {})

    def _end(self, status: Status, error: BaseException | None, parts: dict[str, Any]) -> None:
        if self.ended:
            return
        try:
            frame = self._frame
            frame.duration, frame.status = CLOCKS.nanoseconds() - self._clock, status
            self.ended = True
            if parts:
                self.response.update(parts)
            frame.response = self.response or None if self._whole is None else self._whole[0]
            if error is not None:
                frame.failure = failures.describe(error)
            if any(self._missed):
                self._tell_missed()
            self.session.keep(frame)
            self.sent.clear()  # the program may let go of them before it lets go of what holds this
            self.received.clear()
        except Exception as problem:  # noqa: BLE001 - as in `harmless`, which would cost as much as this does
            self.session.trouble(problem)

    def _tell_missed(self) -> None:
        for handed, held, missed in zip(self._handed, self._held(), self._missed, strict=True):
            if missed:
                said = f"the first {handed + held} bytes of a body are kept, {missed} more were left out"
                self._frame.notes.append(said)


def _is_cancelling(error: BaseException) -> bool:
    asyncio: Any = sys.modules.get("asyncio")
    return isinstance(error, GeneratorExit) or (asyncio is not None and isinstance(error, asyncio.CancelledError))


def _task() -> str | None:
    """The name of the task that runs; nothing is imported or raised where none does."""
    asyncio: Any = sys.modules.get("asyncio")
    loop = asyncio._get_running_loop() if asyncio is not None else None
    task = asyncio.current_task(loop) if loop is not None else None
    return task.get_name() if task is not None else None
