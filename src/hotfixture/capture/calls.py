"""One call while it runs, on the caller's side: what is collected in the caller's time is handed over at its end.

Nothing here may change what the program sees: no method raises, and what goes wrong is told to the session.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec

from hotfixture.capture import clocks, failures, tapes
from hotfixture.capture.records import Frame, Kind, Status

if TYPE_CHECKING:
    from hotfixture.capture.session import Session

P = ParamSpec("P")


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
    """One call: `answered` and `chunk` while it runs, then one of `done`, `failed`, `cancelled`, `closed`."""

    __slots__ = (
        "_clock",
        "_ended",
        "_frame",
        "_whole",
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
        self._ended = False
        self._whole: tuple[Any] | None = None
        parent = outer.number if outer is not None and outer.session is session else None
        self._frame = Frame(
            number, parent, kind, service, operation, request, None, self.sent, self.received, self.times,
            clocks.epoch(), 0, "success", None, threading.current_thread().name, _task(), session.scope, [],
        )  # fmt: skip
        self._clock = clocks.nanoseconds()

    @harmless
    def answered(self, **parts: Any) -> None:
        """Parts of the answer, beside its body: plain values and bytes."""
        self.response.update(parts)

    @harmless
    def answer(self, value: Any) -> None:
        """The whole answer, plain and of any type, in the place of parts; of several the last counts, even of one that
        comes after the end."""
        if self._whole is not None:
            self.note("answered more than once: the last answer is kept")
        self._whole = (value,)
        if self._ended:
            self._frame.response = value
            self.session.keep(self._frame)

    @harmless
    def asked(self, **parts: Any) -> None:
        """More of the request, that was not known when it began."""
        self.request.update(parts)

    @harmless
    def send(self, data: bytes) -> None:
        """A piece of the request's body."""
        self.sent.append(bytes(data))

    @harmless
    def chunk(self, data: bytes) -> None:
        """A piece of the answer's body, as it reached the program."""
        self.times.append((clocks.nanoseconds() - self._clock) // 1000)
        self.received.append(bytes(data))

    @harmless
    def note(self, text: str) -> None:
        """Something that a reader of the record should know."""
        self._frame.notes.append(text)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Calls within are children of this one."""
        token = tapes.parent.set(self)
        try:
            yield
        finally:
            tapes.parent.reset(token)

    def done(self, **parts: Any) -> None:
        """It ended well."""
        self._end("success", None, parts)

    def failed(self, error: BaseException) -> None:
        """It ended with an exception; a cancellation counts as one of its own."""
        if isinstance(error, asyncio.CancelledError | GeneratorExit):
            self._end("cancelled", None, {})
        else:
            self._end("error", error, {})

    def closed(self) -> None:
        """The caller stopped reading before the answer had ended."""
        self._end("closed", None, {})

    @property
    def started(self) -> float:
        """Seconds since the epoch, UTC."""
        return self._frame.started

    @property
    def ended(self) -> bool:
        """Whether it was handed over; what comes after that is too late."""
        return self._ended

    @harmless
    def _end(self, status: Status, error: BaseException | None, parts: dict[str, Any]) -> None:
        if self._ended:
            return
        duration = clocks.nanoseconds() - self._clock
        self._ended = True
        frame = self._frame
        frame.duration, frame.status = duration, status
        self.response.update(parts)
        frame.response = self.response or None if self._whole is None else self._whole[0]
        frame.failure = failures.describe(error) if error is not None else None
        self.session.keep(frame)


def _task() -> str | None:
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no loop runs in this thread
        return None
    return task.get_name() if task is not None else None
