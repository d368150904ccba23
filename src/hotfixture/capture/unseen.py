"""What goes past a recording: programs that are started, and connections of libraries that no hook knows.

Python itself tells of both (audit events). They are counted by what they are and said at the end of the session, so
that nobody takes a recording for the whole that is none. What C and Rust libraries do in themselves is not told.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from hotfixture.capture import tapes
from hotfixture.capture.once import once

STARTING = frozenset({"subprocess.Popen", "os.posix_spawn", "os.system", "os.exec", "os.startfile", "pty.spawn"})
KNOWN = frozenset({
    "aiohappyeyeballs", "aiohttp", "grpc", "http", "httpcore", "httpcore2", "psycopg", "pymysql", "urllib3",
})  # fmt: skip
"""Packages whose connections hooks record, or that open them for those."""
_PLUMBING = frozenset(
    {"_socket", "anyio", "asyncio", "concurrent", "contextlib", "selectors", "socket", "ssl", "threading", "trio"}
)
"""Packages that open connections for others."""
_ASKING = frozenset({"ctypes", "platform", "uuid"})
"""Modules of Python that ask programs about the machine (`ldconfig`, `uname`): nothing of them is to be recorded."""
_STREAM = 1
"""What `socket` calls SOCK_STREAM."""
recorded: ContextVar[bool] = ContextVar("hotfixture_recorded", default=False)
"""Whether a recorded call runs here: its connection may be opened by a task of its own, which has nothing of it but
this."""


class Unseen:
    """Counts of one session."""

    def __init__(self) -> None:
        self.programs: Counter[str] = Counter()
        """By their names."""
        self.connections: Counter[str] = Counter()
        """By the package that opened them, and where to."""
        self.websockets: Counter[str] = Counter()
        """Of clients that are recorded else, by where to."""

    def taken(self) -> list[str]:
        """As `told`, for one who says it in the place of others."""
        said = self.told()
        for found in (self.programs, self.connections, self.websockets):
            found.clear()
        return said

    def told(self) -> list[str]:
        """A line for each sort; none where nothing went past."""
        sorts = (
            ("programs started", self.programs),
            ("connections of what no hook records", self.connections),
            ("websockets", self.websockets),
        )
        return [f"{sum(found.values())} {sort}: {_some(found)}" for sort, found in sorts if found]


def _some(found: Counter[str], most: int = 5) -> str:
    named = [f"{name} ({count})" if count > 1 else name for name, count in found.most_common(most)]
    return ", ".join(named) + (f" and {len(found) - most} more" if len(found) > most else "")


@once
def watch() -> None:
    """Listen from now on; such a listener cannot be taken away again. A second time does nothing."""
    with suppress(Exception):  # somebody else's listener may forbid ours: then nothing is counted
        sys.addaudithook(_listen)


def _listen(event: str, args: tuple[Any, ...]) -> None:
    if event != "socket.connect" and event not in STARTING:
        return
    tape: Any = tapes.peek()
    if tape is None or tape.playing:
        return
    try:
        if event == "socket.connect":
            _connecting(tape.unseen, *args[:2])
        elif _ASKING.isdisjoint(_packages()):
            tape.unseen.programs[_program(args)] += 1
    except Exception as error:  # noqa: BLE001 - the program under test must not see it
        tape.trouble(error)


def _program(args: tuple[Any, ...]) -> str:
    """The name of what is started, without its arguments: they may hold anything."""
    first = args[0] or (args[1][0] if len(args) > 1 and args[1] else "")
    words = os.fsdecode(first).split() if isinstance(first, str | bytes | os.PathLike) else []
    return Path(words[0]).name if words else "a program"


def _connecting(unseen: Unseen, sock: Any, address: Any) -> None:
    if sock.type != _STREAM or recorded.get():
        return
    names = list(_packages())
    if not KNOWN.intersection(names):
        opener = next((name for name in names if name not in _PLUMBING), "the program")
        unseen.connections[f"{opener} to {_place(address)}"] += 1


def _packages() -> Iterator[str]:
    """The packages whose code runs, the innermost first."""
    frame = sys._getframe(1)  # an audit event does not say who caused it
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name != __name__:
            yield name.partition(".")[0]
        frame = frame.f_back  # type: ignore[assignment]  # None at the outermost


def _place(address: Any) -> str:
    if isinstance(address, tuple):
        return f"{address[0]}:{address[1]}"
    return f"unix:{os.fsdecode(address)}"
