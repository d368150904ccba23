"""Scribes at work, and those that wait for their program's next session: to start one takes a third of a second."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress

from hotfixture.capture.pipes import Pipe
from hotfixture.capture.spools import Spool
from hotfixture.errors import CaptureError

PATIENCE = 600.0
"""Seconds to wait for a scribe to write all it was given."""
_MOST = 2
"""Scribes that are kept while no session wants them."""
_START = (
    "import sys; sys.path += [p for p in {path} if p not in sys.path];"
    " from hotfixture.capture.scribe import main; main({spool})"
)
"""The scribe finds this package where the program found it, and nothing in the folder that the program runs in."""
_idle: list[Channel] = []
_lock = threading.Lock()


class Channel:
    """A scribe and the roads to and from it."""

    def __init__(self) -> None:
        """OSError where no process can be started."""
        self.pipe: Spool | Pipe
        try:
            self.pipe = spool = Spool()
        except OSError:  # another system, or one that forbids it
            self.process, wake = _started()
            self.pipe = Pipe(wake)
            return
        try:
            self.process, wake = _started(spool.file)
        except OSError:
            spool.forget()
            raise
        spool.start(wake)

    def tell(self, packet: Sequence[bytes]) -> None:
        """Hand over a packet that is answered, at once; where the scribe is gone, `pipe.broken` says so."""
        with suppress(CaptureError, OSError):
            self.pipe.put(packet)
            self.pipe.wake()

    def answer(self) -> bytes:
        """The next line it says; nothing where it has ended. One that says nothing for very long is ended."""
        said = self.process.stdout
        assert said is not None
        if os.name == "posix":
            poll = select.poll()
            poll.register(said, select.POLLIN | select.POLLHUP)
            if not poll.poll(PATIENCE * 1000):
                self.process.kill()
        return said.readline()

    def end(self) -> None:
        """Let it write what it has, and wait for its end."""
        self.pipe.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.communicate(timeout=PATIENCE)

    def forget(self) -> None:
        """Let go of it: this process is a fork, and it belongs to the other."""
        self.pipe.forget()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process.returncode = 0  # not this process's child


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


def take() -> Channel:
    """A scribe that has no session: one that waits, or a new one (OSError)."""
    while True:
        with _lock:
            channel = _idle.pop() if _idle else None
        if channel is None:
            return Channel()
        if channel.process.poll() is None and channel.pipe.broken is None:
            return channel
        channel.end()


def give_back(channel: Channel) -> None:
    """It has said what became of its session: it may wait for the next."""
    with _lock:
        if len(_idle) < _MOST:
            _idle.append(channel)
            return
    channel.end()


def dismiss() -> None:
    """End those that wait."""
    while _idle:
        _idle.pop().end()


def forget() -> None:
    """Let go of those that wait: this process is a fork, and has a lock that nobody may ever open."""
    global _lock  # noqa: PLW0603 - one process has one such lock
    _lock = threading.Lock()
    while _idle:
        _idle.pop().forget()
