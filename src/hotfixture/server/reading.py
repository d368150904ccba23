"""Uploaded schemas are read in a process beside the server: a schema that takes too long or too much ends it alone."""

from __future__ import annotations

import multiprocessing
import signal
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from threading import Lock

from hotfixture.errors import HotFixtureError, Problem
from hotfixture.server import bounds, uploads

SECONDS = 30.0
Answer = tuple[int, list[Problem]]
"""Rows of the plan, and what is wrong with the schema."""


class Reading:
    """The process that reads; started on first use, and again where a schema has ended it."""

    def __init__(self, memory: int, seconds: float = SECONDS) -> None:
        self._memory, self._seconds = memory, seconds
        self._lock = Lock()
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None

    def rows(self, text: str, seed: int | None) -> Answer:
        """What reading gives: a schema that ends the process is itself the problem."""
        with self._lock:
            pipe = self._ready()
            try:
                pipe.send((text, seed))
                if pipe.poll(self._seconds):
                    answer: Answer = pipe.recv()
                    return answer
            except (EOFError, OSError):
                pass
            self.close()
            return 0, [Problem(f"reading it takes longer than {self._seconds:g} s, or more memory than a job may have")]

    def close(self) -> None:
        """End the process."""
        if self._process:
            self._process.kill()
            self._process.join()
        if self._pipe:
            self._pipe.close()
        self._process = self._pipe = None

    def _ready(self) -> Connection:
        if self._process and self._process.is_alive() and self._pipe:
            return self._pipe
        self.close()
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._memory), name="reading", daemon=True)
        self._process.start()
        theirs.close()
        return self._pipe


def _serve(pipe: Connection, memory: int) -> None:
    """Read schemas until the other end goes away."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    bounds.limit_memory(memory)
    while True:
        try:
            text, seed = pipe.recv()
        except (EOFError, OSError):
            return
        pipe.send(_answer(text, seed))


def _answer(text: str, seed: int | None) -> Answer:
    try:
        return uploads.plan_of(text, seed).rows, []
    except HotFixtureError as error:
        return 0, list(error.problems)
    except (MemoryError, RecursionError):
        return 0, [Problem("reading it takes more memory than a job may have")]
