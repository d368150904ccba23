"""What is handed to a scribe where the system has anonymous files in memory (Linux): a caller appends, and never waits.

The file is nobody's but the two processes' and on no disk; when the recorded program is killed, all that it had
appended is still there for the scribe. One system call appends a packet as a whole, so that threads need no lock, and
neither do signal handlers and finalisers that interrupt an appending. The scribe looks for more by itself, for to be
woken costs the caller ten times what appending does; a pipe beside the file wakes it where somebody waits, and the end
of the pipe says that the program is gone.

Packets that are large go through a ring at the beginning of the file, and what is appended says where they lie.

The first eight bytes say how far the scribe has come. It gives memory back behind itself, and takes some ahead: a
system that must find pages for 200 KB while the caller waits takes four times as long as to fill them.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from queue import SimpleQueue

from hotfixture.capture import packets, rings
from hotfixture.capture.pipes import MOST, PATIENCE
from hotfixture.capture.rings import Ring, Taken
from hotfixture.errors import CaptureError

_PIECES, _PAGE = 512, 4096
_FRONT = rings.FRONT + rings.SIZE
"""Bytes before what is appended; the first eight say how far the scribe has come."""
_COUNTER = 8
_SMALL = 16_384
"""Bytes that are appended: the ring would not be quicker."""
_LOOK = 2**20
"""Bytes after which a caller wakes the scribe, and looks how far it is behind."""
_OFTEN, _SELDOM, _SOON = 0.005, 0.05, 1.0
"""Seconds between the looks of the scribe: while something comes, and when nothing has come for that long."""
_BEHIND, _AHEAD = 2**20, 3 * 2**20
"""Bytes that the scribe gives back at once, and takes in advance."""
_ONCE = 2**18
"""Bytes that the scribe reads at once, where there are so many."""
_HELD = 64 * 2**20
"""Bytes that the scribe takes out before it has worked through what came before."""
TURN = 0.001
"""Seconds after which the scribe's cleaning lets its taking out go on."""
_KEEP_SIZE, _PUNCH_HOLE = 1, 2


class Spool:
    """Takes packets for a scribe. `broken` says why nothing goes through any more."""

    def __init__(self) -> None:
        """OSError where there are no files in memory."""
        if not hasattr(os, "memfd_create"):
            raise OSError("no files in memory")
        import fcntl

        self.broken: OSError | None = None
        self.file = os.memfd_create("hotfixture")
        os.ftruncate(self.file, _FRONT)
        os.pwrite(self.file, _FRONT.to_bytes(_COUNTER, "little"), 0)
        fcntl.fcntl(self.file, fcntl.F_SETFL, os.O_APPEND)
        self._ring: Ring | None = None
        with suppress(OSError):  # then all is appended
            self._ring = Ring(self.file)
        self._filling = threading.Lock()
        """Nobody waits for it."""
        self._wake = -1
        self._unseen = 0

    def start(self, wake: int) -> None:
        """Begin: the writing end of the pipe that wakes the scribe belongs to this now."""
        os.set_blocking(wake, False)
        self._wake = wake

    def put(self, packet: Sequence[bytes]) -> None:
        """Hand over a packet; CaptureError where the other end is gone."""
        if self.broken is not None:
            raise CaptureError("the scribe has ended")
        size = sum(map(len, packet))
        try:
            if size < _SMALL or self._ring is None or not self._filling.acquire(blocking=False):
                self._append(packet, size)
            else:
                self._place(packet, size, self._ring)
        except (OSError, ValueError) as error:
            self.broken = error if isinstance(error, OSError) else BrokenPipeError("it was closed meanwhile")
            raise

    def _place(self, packet: Sequence[bytes], size: int, ring: Ring) -> None:
        """Put it into the ring and append where it lies, or all of it if there is no room; and let go of the lock."""
        try:
            at = ring.put(packet, size)
            if at is None:
                self._append(packet, size)
            else:
                place = packets.away(at, size)
                self._append((place,), len(place))
        finally:
            self._filling.release()
        if at is not None and (at + size) // rings.SOME != at // rings.SOME:
            self.wake()

    def _append(self, packet: Sequence[bytes], size: int) -> None:
        if len(packet) > _PIECES:
            packet = (b"".join(packet),)
        if os.writev(self.file, packet) != size:
            raise OSError(28, "No memory left for what is recorded")
        self._unseen += size
        if self._unseen > _LOOK:
            self._unseen = 0
            self.wake()
            self._wait()

    def wake(self) -> None:
        """Have the scribe look now; CaptureError where it is gone."""
        try:
            with suppress(BlockingIOError):  # it has been woken thousands of times already
                os.write(self._wake, b".")
        except OSError as error:
            self.broken = error
            raise CaptureError("the scribe has ended") from error

    def behind(self) -> int:
        """Bytes that the scribe has not read yet."""
        return os.fstat(self.file).st_size - int.from_bytes(os.pread(self.file, _COUNTER, 0), "little")

    def _wait(self) -> None:
        """Wait while too much is held; give the scribe up where it takes nothing at all."""
        held, since = self.behind(), time.perf_counter()
        while held > MOST:
            time.sleep(0.005)
            now = self.behind()
            if now < held:
                since = time.perf_counter()
            elif time.perf_counter() - since > PATIENCE:
                self.broken = BrokenPipeError("the scribe takes nothing")
                return
            held = now

    def drain(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """No more packets."""
        self.forget()

    def forget(self) -> None:
        """Close; in a fork, the other's stays open."""
        if self._ring is not None:
            self._ring.close()
        for descriptor in (self.file, self._wake):
            if descriptor >= 0:
                os.close(descriptor)
        self.file = self._wake = -1


class Reader:
    """The scribe's side: reads like a file that waits for more."""

    def __init__(self, file: int, wake: int) -> None:
        self._file = os.open(f"/proc/self/fd/{file}", os.O_RDWR)  # its own: the other's appends wherever it writes
        os.close(file)
        self._wake = wake
        self._at = self._given = _FRONT
        self._taken = 0
        self._buffer, self._used = b"", 0
        self.taken = Taken(self._file).taken
        self._ended = False
        self._idle, self._seen = 0.0, 0
        self._poll = select.poll()
        self._poll.register(wake, select.POLLIN | select.POLLHUP)
        self._allocate = _allocator()
        self._provided()

    def read(self, size: int) -> bytes:
        """So many bytes; less where the program has ended before it had written them."""
        if len(self._buffer) - self._used < size:
            self._fill(size)
        data = self._buffer[self._used : self._used + size]
        self._used += len(data)
        self._at += len(data)
        if self._at - self._given > _BEHIND:
            self._release()
        return data

    def _fill(self, size: int) -> None:
        """Read all there is, for each look at the file may cost a wait for who works meanwhile."""
        while (end := self._provided()) - self._at < size and not self._ended:
            self._sleep()
        size = max(size, min(end - self._at, _ONCE))
        data = bytearray()
        while len(data) < size and (piece := os.pread(self._file, size - len(data), self._at + len(data))):
            data += piece
        self._buffer, self._used = bytes(data), 0

    def _sleep(self) -> None:
        """Until something may have come, or the pipe ends."""
        self._idle = 0.0 if self._at != self._seen else self._idle + _OFTEN
        self._seen = self._at
        if self._poll.poll(1000 * (_OFTEN if self._idle < _SOON else _SELDOM)):
            self._ended = not os.read(self._wake, 65_536)

    def _provided(self) -> int:
        """How far the file goes; memory is ready behind that."""
        end = os.fstat(self._file).st_size
        if end + _AHEAD // 2 > self._taken and not self._ended:
            self._allocate(self._file, _KEEP_SIZE, end, _AHEAD)
            self._taken = end + _AHEAD
        return end

    def _release(self) -> None:
        """Give back what was read, and say so."""
        first, after = self._given & -_PAGE, self._at & -_PAGE
        self._allocate(self._file, _KEEP_SIZE | _PUNCH_HOLE, first, after - first)
        self._given = self._at
        os.pwrite(self._file, self._at.to_bytes(_COUNTER, "little"), 0)


def ahead(reader: Reader) -> Iterator[packets.Packet]:
    """The packets of a reader. A thread takes them out as they come, so that what takes long to clean does not keep
    its place in the ring."""
    waiting: SimpleQueue[packets.Packet | None] = SimpleQueue()
    taken = done = 0

    def take() -> None:
        nonlocal taken
        try:
            for packet in packets.read(reader):
                waiting.put(packet)
                taken += len(packet.rest)
                while taken - done > _HELD:
                    time.sleep(_OFTEN)
        finally:
            waiting.put(None)

    threading.Thread(target=take, name="hotfixture-reader", daemon=True).start()
    while (packet := waiting.get()) is not None:
        yield packet
        done += len(packet.rest)


def _allocator() -> Callable[[int, int, int, int], object]:
    """`fallocate` of the C library: Python has only the one that makes files longer. What it fails at is memory saved
    or time saved, and no more."""
    import ctypes

    try:
        found = ctypes.CDLL(None).fallocate
    except (OSError, AttributeError):
        return lambda *_: None
    found.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_long, ctypes.c_long]
    return found
