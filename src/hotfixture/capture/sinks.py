"""Where a session hands its frames: to a scribe of its own, or to a writer within the process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from typing import Any, Protocol

import msgspec

from hotfixture.capture import packets
from hotfixture.capture.handover import Outcome, Setup
from hotfixture.capture.journal import count_lines
from hotfixture.capture.pipes import Pipe
from hotfixture.capture.records import Frame, Interaction
from hotfixture.capture.spools import Spool
from hotfixture.errors import CaptureError

_PATIENCE = 600.0
"""Seconds to wait for a scribe to write all it was given."""
_START = (
    "import sys; sys.path += [p for p in {path} if p not in sys.path];"
    " from hotfixture.capture.scribe import main; main({spool})"
)
"""The scribe finds this package where the program found it, and nothing in the folder that the program runs in."""


class Sink(Protocol):
    """Takes frames; `put` may raise, `close` says what became of them."""

    def put(self, frame: Frame) -> None:
        """Hand over one frame."""

    def part(self, frame: Frame) -> None:
        """Hand over what there is of the bodies of a call that still runs."""

    def flush(self) -> None:
        """Come back when all that was handed over is written."""

    def close(self) -> Outcome:
        """End it."""

    def forget(self) -> None:
        """Let go without ending it: this process is a fork, and it belongs to the other."""


def sink(setup: Setup, *, within: bool) -> Sink:
    """A scribe, or a writer in this process where that was asked for or no process can be started; OSError where
    nothing can be written."""
    if within or getattr(sys, "frozen", False) or not sys.executable:
        return Within(setup)
    try:
        return Scribe(setup)
    except OSError:  # no process to be had: there may be a limit
        return Within(setup)


class Within:
    """A writer in this process, for sessions whose interactions are looked at while they run."""

    def __init__(self, setup: Setup) -> None:
        from hotfixture.capture.writer import Writer  # it brings the sanitiser and all that this needs

        self._writer = Writer(setup)
        self._lock = threading.RLock()
        self.written: list[Interaction] = []

    def put(self, frame: Frame) -> None:
        self.write(frame)

    def write(self, frame: Frame, *, again: bool = False) -> Interaction | None:
        """As `put`, and gives the clean interaction; with `again`, in the place of one that was written before."""
        with self._lock:
            made = self._writer.write(frame, again=again)
            if made is not None:
                self.written.append(made)
            return made

    def clean(self, value: Any) -> Any:
        """A plain value as it would be written."""
        with self._lock:
            return self._writer.clean(value)

    def part(self, frame: Frame) -> None:
        with self._lock:
            self._writer.part(frame)

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> Outcome:
        with self._lock:
            return self._writer.close()

    def forget(self) -> None:
        self._writer.forget()


def _started(*spool: int) -> tuple[subprocess.Popen[bytes], int]:
    """A scribe, and the writing end of its pipe; OSError. It survives what kills the program's group or terminal."""
    path = json.dumps([entry for entry in sys.path if entry])
    process = subprocess.Popen(  # noqa: S603 - this interpreter, and code of this package
        [sys.executable, "-P", "-W", "ignore", "-c", _START.format(path=path, spool="".join(map(str, spool)))],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0,
        start_new_session=True, pass_fds=spool,
    )  # fmt: skip
    assert process.stdin is not None
    wake = os.dup(process.stdin.fileno())
    process.stdin.close()
    process.stdin = None
    return process, wake


class Scribe:
    """A process of its own, fed through a file in memory, or a pipe where there is no such thing."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._asking = threading.Lock()
        self._handed = 0
        self._pipe: Spool | Pipe
        try:
            self._pipe = spool = Spool()
        except OSError:  # another system, or one that forbids it
            self._process, wake = _started()
            self._pipe = Pipe(wake)
        else:
            self._process, wake = _started(spool.file)
            spool.start(wake)
        self._pipe.put(packets.setup(setup))

    def put(self, frame: Frame) -> None:
        self._pipe.put(packets.of_frame(packets.FRAME, frame))
        self._handed += 1

    def part(self, frame: Frame) -> None:
        self._pipe.put(packets.of_frame(packets.PART, frame))

    def flush(self) -> None:
        assert self._process.stdout is not None
        with self._asking, suppress(CaptureError, OSError):  # it has ended: what it wrote stands
            self._pipe.put(packets.packed(packets.FLUSH, b""))
            self._pipe.wake()
            self._process.stdout.readline()

    def close(self) -> Outcome:
        with suppress(CaptureError, OSError):
            self._pipe.put(packets.packed(packets.END, b""))
        self._pipe.close()
        said = self._last_words()
        try:
            outcome = msgspec.json.decode(said.splitlines()[-1], type=Outcome)
        except (IndexError, msgspec.DecodeError):
            return self._died()
        if self._pipe.broken is not None:  # what waited for the scribe was given up
            outcome.lost = max(outcome.lost, self._handed - outcome.count)
        return outcome

    def _last_words(self) -> bytes:
        try:
            said, _ = self._process.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            said, _ = self._process.communicate()
        return said

    def _died(self) -> Outcome:
        """What it had written by then stands; the rest is lost."""
        count = count_lines(self._setup.journal)
        said = f"the scribe ended (status {self._process.returncode}) before it had said what it wrote"
        return Outcome(count, max(self._handed - count, 0), [said])

    def forget(self) -> None:
        self._pipe.forget()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process.returncode = 0  # not this process's child
