"""Where a session hands its frames: to a scribe of its own, or to a writer within the process."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import Protocol

import msgspec

from hotfixture.capture.records import Frame, Interaction
from hotfixture.capture.scribe import FLUSH, LENGTH
from hotfixture.capture.writer import Outcome, Setup, Writer


class Sink(Protocol):
    """Takes frames; `put` may raise, `close` says what became of them."""

    def put(self, frame: Frame) -> Interaction | None:
        """Hand over one frame; the clean interaction where it is written at once."""

    def flush(self) -> None:
        """Come back when all that was handed over is written."""

    def close(self) -> Outcome:
        """End it."""

    def forget(self) -> None:
        """Let go without ending it: this process is a fork, and it belongs to the other."""


class Within:
    """A writer in this process, for sessions whose interactions are looked at while they run."""

    def __init__(self, setup: Setup) -> None:
        self._writer = Writer(setup)
        self._lock = threading.Lock()
        self.written: list[Interaction] = []

    def put(self, frame: Frame) -> Interaction | None:
        with self._lock:
            made = self._writer.write(frame)
            if made is not None:
                self.written.append(made)
            return made

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> Outcome:
        return self._writer.close()

    def forget(self) -> None:
        """The file stays the other's."""


class Scribe:
    """A process of its own, fed through a pipe."""

    def __init__(self, setup: Setup) -> None:
        self._lock = threading.Lock()
        self._encode = msgspec.msgpack.Encoder().encode
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hotfixture.capture.scribe"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, start_new_session=True,
        )  # fmt: skip
        self._put(self._encode(setup))

    def put(self, frame: Frame) -> None:
        self._put(self._encode(frame))

    def _put(self, data: bytes) -> None:
        assert self._process.stdin is not None
        with self._lock:
            left = memoryview(len(data).to_bytes(LENGTH, "little") + data)
            while left:
                left = left[os.write(self._process.stdin.fileno(), left) :]

    def flush(self) -> None:
        assert self._process.stdout is not None
        self._put(FLUSH)
        self._process.stdout.readline()

    def close(self) -> Outcome:
        said, _ = self._process.communicate()
        try:
            return msgspec.json.decode(said.splitlines()[-1], type=Outcome)
        except (IndexError, msgspec.DecodeError):
            return Outcome(problems=["the scribe ended before it had said what it wrote"])

    def forget(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        self._process.returncode = 0  # not this process's child
