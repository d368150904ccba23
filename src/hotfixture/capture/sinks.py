"""Where a session hands its frames: to a scribe of its own, or to a writer within the process."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Protocol

import msgspec

from hotfixture.capture import channels, environment, packets
from hotfixture.capture.handover import Outcome, Setup
from hotfixture.capture.journal import count_lines
from hotfixture.capture.records import Frame, Interaction


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
    made: Scribe | Within | None = None
    if not (within or getattr(sys, "frozen", False) or not sys.executable):
        with suppress(OSError):  # no process to be had: there may be a limit
            made = Scribe(setup)
    made = made or Within(setup)
    environment.watch(made)
    return made


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

    def environment(self, changed: Mapping[str, str]) -> None:
        with self._lock:
            self._writer.environment(changed)

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> Outcome:
        environment.leave(self)
        with self._lock:
            return self._writer.close()

    def forget(self) -> None:
        environment.leave(self)
        self._writer.forget()


class Scribe:
    """A process of its own, fed through a file in memory, or a pipe where there is no such thing."""

    def __init__(self, setup: Setup) -> None:
        """OSError where no process can be started."""
        self._setup = setup
        self._asking = threading.Lock()
        self._handed = 0
        self._channel = channels.take()
        told = msgspec.structs.replace(setup, environment=environment.spelled(os.environ))
        self._channel.pipe.put(packets.setup(told))

    def put(self, frame: Frame) -> None:
        self._channel.pipe.put(packets.of_frame(packets.FRAME, frame))
        self._handed += 1

    def part(self, frame: Frame) -> None:
        self._channel.pipe.put(packets.of_frame(packets.PART, frame))

    def environment(self, changed: Mapping[str, str]) -> None:
        self._channel.pipe.put(packets.environment(changed))

    def flush(self) -> None:
        with self._asking:
            self._channel.tell(packets.packed(packets.FLUSH, b""))
            if self._channel.pipe.broken is None:
                self._channel.answer()

    def close(self) -> Outcome:
        environment.leave(self)
        with self._asking:
            channel = self._channel
            channel.pipe.drain()
            channel.tell(packets.packed(packets.END, b""))
            broken = channel.pipe.broken is not None
            if broken:  # it has ended, or it was given up: then it says what it has when its pipe ends
                channel.pipe.close()
            said = channel.answer()
        try:
            outcome = msgspec.json.decode(said, type=Outcome)
        except msgspec.DecodeError:
            channel.end()
            return self._died()
        if broken:
            channel.end()
            outcome.lost = max(outcome.lost, self._handed - outcome.count)
        else:
            channels.give_back(channel)
        return outcome

    def _died(self) -> Outcome:
        """What it had written by then stands; the rest is lost."""
        count = count_lines(self._setup.journal)
        status = self._channel.process.returncode
        said = f"the scribe ended (status {status}) before it had said what it wrote"
        return Outcome(count, max(self._handed - count, 0), [said])

    def forget(self) -> None:
        environment.leave(self)
        self._channel.forget()
