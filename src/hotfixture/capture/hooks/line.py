"""A socket that goes nowhere: what is sent into it is a question, and what comes out of it is the recorded answer."""

from __future__ import annotations

import io
import os
import time
import weakref
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from hotfixture.capture.hooks import http
from hotfixture.errors import CaptureError

OWN: dict[str, Callable[[Exception, Any, list[str]], Exception]] = {}
"""By library: makes a recorded exception, with the notes of its call, one of the connection that asks now."""


@cache
def _nothing() -> int:
    """A descriptor at whose end all is read: who polls it takes the connection for one that the other side closed."""
    return os.open(os.devnull, os.O_RDWR)


class Line:
    """What connections of http.client use of a socket. Without a question it is an idle connection."""

    def __init__(self, question: http.Question | None = None, connection: Any = None) -> None:
        self._question = question
        self._connection = None if connection is None else weakref.ref(connection)
        self._answer: Iterator[tuple[float, bytes]] | None = None
        self._miss: CaptureError | None = None
        self._timeout: float | None = None

    def sendall(self, data: Any, _flags: int = 0) -> None:
        """Take a piece of the question; TypeError where it is not bytes, as of a socket."""
        piece = bytes(memoryview(data))
        if self._question is None:
            return
        self._question.message.feed(piece)
        if self._question.message.ended and self._answer is None:
            self._ask()

    def send(self, data: Any, _flags: int = 0) -> int:
        """The same; all of it is taken."""
        self.sendall(data)
        return len(data)

    def ask(self) -> None:
        """The answer is to be read now: ReplayMissError where there is none."""
        if self._answer is None:
            self._ask()
        if self._miss is not None:
            raise self._miss

    def _ask(self) -> None:
        """All is sent: find the answer. What was recorded as the failure of the call is raised when it was then."""
        assert self._question is not None
        try:
            self._answer = self._question.answer(self._question.play())
        except CaptureError as miss:
            self._miss, self._answer = miss, iter(())
        except Exception as recorded:  # noqa: BLE001 - whatever was recorded comes from the line, as it did
            notes = self._question.notes
            error = self._own(recorded, notes)
            if http.UNSENT in notes or http.UNCONNECTED in notes:
                self._answer = iter(())
                raise error  # noqa: B904 - it carries the cause that it was recorded with
            self._answer = _broken(error)

    def _own(self, error: Exception, notes: list[str]) -> Exception:
        connection = None if self._connection is None else self._connection()
        own = OWN.get(type(connection).__module__.partition(".")[0])
        return error if own is None else own(error, connection, notes)

    def makefile(self, _mode: str = "r", buffering: int | None = None, **_: Any) -> Any:
        """The file of the answer."""
        raw = _Raw(self._answer if self._answer is not None else self._early())
        return raw if buffering == 0 else io.BufferedReader(raw)

    def settimeout(self, value: float | None) -> None:
        """Kept, and of no effect: what was recorded came in time."""
        self._timeout = value

    def gettimeout(self) -> float | None:
        """What was set."""
        return self._timeout

    def fileno(self) -> int:
        """Something that may be polled."""
        return _nothing()

    def getpeercert(self, binary_form: bool = False) -> Any:
        """No certificate was recorded."""
        return b"" if binary_form else {}

    def getpeername(self) -> tuple[str, int]:
        """No address was recorded."""
        return ("", 0)

    getsockname = getpeername

    def setsockopt(self, *_: Any) -> None:
        """Of no effect."""

    def shutdown(self, how: int) -> None:
        """Of no effect."""

    def close(self) -> None:
        """Nothing is open."""

    def _early(self) -> Iterator[tuple[float, bytes]]:
        """What is there before all is sent: leave to go on, where it was asked for."""
        asked = self._question.message.header("expect") if self._question is not None else None
        if (asked or "").lower() == "100-continue":
            yield 0.0, http.CONTINUE


def _broken(error: Exception) -> Iterator[tuple[float, bytes]]:
    """An answer that fails when it is read."""
    yield from ()
    raise error


class _Raw(io.RawIOBase):
    """The bytes of an answer, each piece when its time has come."""

    def __init__(self, answer: Iterator[tuple[float, bytes]]) -> None:
        self._answer = answer
        self._piece = memoryview(b"")

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return _nothing()

    def readinto(self, target: Any) -> int:
        if not self._piece:
            wait, piece = next(self._answer, (0.0, b""))
            if wait:
                time.sleep(wait)
            self._piece = memoryview(piece)
        size = min(len(target), len(self._piece))
        target[:size] = self._piece[:size]
        self._piece = self._piece[size:]
        return size
