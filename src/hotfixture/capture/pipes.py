"""The writing end of the pipe to a scribe: the caller writes at once what goes in, and a thread writes the rest.

A caller never waits for the scribe, until more is waiting than `MOST`. Order is kept. Two callers do not wait for each
other for long either: who finds somebody writing leaves its packet with them. That also makes it safe to come in from
a signal handler or a finaliser that interrupts a writer in the same thread.
"""

from __future__ import annotations

import os
import select
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from queue import SimpleQueue

from hotfixture.capture import tapes
from hotfixture.errors import CaptureError

MOST = 256 * 2**20
"""Bytes that may wait in memory; beyond them the caller waits too, as long as the scribe takes any."""
PATIENCE = 20.0
"""Seconds without any progress after which a scribe that takes nothing is given up."""
SIZE = 2**20
"""Of the system's own buffer, where it can be chosen: Linux allows any user that much."""
_PIECES = 64
_OTHERS = 0.002


def enlarge(descriptor: int) -> None:
    """Make the system's buffer of a pipe large, where the system lets us."""
    if sys.platform == "linux":
        import fcntl

        try:
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, SIZE)
        except OSError:
            return  # the administrator's limit for pipes is reached: a smaller one does


class Pipe:
    """Takes packets for a descriptor, that it owns. `broken` says why nothing goes through any more."""

    def __init__(self, descriptor: int) -> None:
        self.broken: OSError | None = None
        self._descriptor = descriptor
        self._waiting: deque[Sequence[bytes | memoryview]] = deque()
        self._rest: Sequence[bytes | memoryview] = ()
        """What is left of a packet that the pipe took in part."""
        self._held = 0
        self._lock = threading.Lock()
        self._writer = 0
        self._calls: SimpleQueue[None] = SimpleQueue()
        """Wakes the thread; safe to be put into by what interrupts a putting."""
        self._thread: threading.Thread | None = None
        self._direct = os.name == "posix"
        if self._direct:
            enlarge(descriptor)
            os.set_blocking(descriptor, False)

    def put(self, packet: Sequence[bytes]) -> None:
        """Hand over a packet; CaptureError where the other end is gone."""
        if self.broken is not None:
            raise CaptureError("the scribe has ended")
        size = sum(map(len, packet))
        self._held += size
        self._waiting.append(packet)
        if self._direct and self._writer != threading.get_ident():
            if self._lock.acquire(timeout=_OTHERS):
                self._write()
            if self._held > MOST:
                self._wait()
        if self._waiting or self._rest:
            self._call()

    def wake(self) -> None:
        """What is in a pipe wakes by itself."""

    def _write(self) -> None:
        """Write what goes in at once; the lock is held, and is let go."""
        self._writer = threading.get_ident()
        try:
            while self._rest or self._waiting:
                packet = self._rest or self._waiting.popleft()
                self._rest = ()
                self._rest = self._sent(packet)
                if self._rest:
                    return
            self._held = 0
        except OSError as error:
            self._break(error)
        finally:
            self._writer = 0
            self._lock.release()

    def _sent(self, packet: Sequence[bytes | memoryview]) -> Sequence[bytes | memoryview]:
        """What the pipe did not take of a packet."""
        if len(packet) > _PIECES:
            packet = (b"".join(packet),)
        try:
            count = os.writev(self._descriptor, packet) if self._direct else os.write(self._descriptor, packet[0])
        except BlockingIOError:
            return packet
        self._held -= count
        left = []
        for piece in packet:
            if count >= len(piece):
                count -= len(piece)
            else:
                left.append(memoryview(piece)[count:])
                count = 0
        return left

    def _break(self, error: OSError) -> None:
        self.broken = error
        self._waiting.clear()
        self._rest = ()
        self._held = 0

    def _call(self) -> None:
        """Let the thread write what is left."""
        if self._thread is None:
            thread = self._thread = threading.Thread(target=self._drain, name="hotfixture-pipe", daemon=True)
            with tapes.paused():
                thread.start()
        self._calls.put(None)

    def _drain(self) -> None:
        while self._descriptor >= 0:
            self._calls.get()
            while (self._waiting or self._rest) and self.broken is None:
                if self._direct:
                    _writable(self._descriptor, 1.0)
                self._lock.acquire()
                self._write()

    def _wait(self) -> None:
        """Wait until less is held; give the scribe up where it takes nothing at all."""
        self._call()
        held, since = self._held, time.perf_counter()
        while self._held > MOST and self.broken is None:
            time.sleep(0.005)
            if self._held < held:
                held, since = self._held, time.perf_counter()
            elif time.perf_counter() - since > PATIENCE:
                self._break(BrokenPipeError("the scribe takes nothing"))

    def drain(self) -> None:
        """Come back when the pipe has taken everything, or is broken."""
        held, since = self._held, time.perf_counter()
        while self._is_waiting() and self.broken is None:
            self._call()
            time.sleep(0.001)
            if self._held < held:
                held, since = self._held, time.perf_counter()
            elif time.perf_counter() - since > 10 * PATIENCE:
                self._break(BrokenPipeError("the scribe takes nothing"))

    def _is_waiting(self) -> bool:
        """Whether anything is left to be written; a packet that is being written just now is in neither place."""
        with self._lock:
            return bool(self._waiting or self._rest)

    def close(self) -> None:
        """Write the rest, and close."""
        self.drain()
        with self._lock:
            self.forget()
        self._calls.put(None)

    def forget(self) -> None:
        """Close without writing; a fork does, whose lock may be held by a thread that it has not got."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def _writable(descriptor: int, seconds: float) -> None:
    """Wait until a pipe takes something, or that long."""
    poll = select.poll()
    try:
        poll.register(descriptor, select.POLLOUT)
        poll.poll(seconds * 1000)
    except (OSError, ValueError):
        return  # closed meanwhile: the write will say so
