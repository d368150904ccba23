"""What a session tells its writer at the beginning, and what that says at its end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec


class Setup(msgspec.Struct):
    """What a writer needs to know; it holds the key, so it goes through memory and pipes only."""

    folder: str
    prefix: str
    """Of the ids of this process's interactions, and of the name of its journal."""
    session_id: str
    name: str
    timestamp: str
    process: int
    secret: bytes
    rules: dict[str, Any] | str = {}
    """As `sanitising.rules` takes them."""
    labels: dict[str, str] = {}
    environment: dict[str, str] | None = None
    """Of the recorded program, where the writer is another process: it may be older than the session."""

    def __repr__(self) -> str:
        return f"<Setup of session {self.session_id}>"

    @property
    def journal(self) -> Path:
        """Where this process's lines go."""
        return Path(self.folder) / f"{self.process}-{self.prefix}.jsonl"


class Outcome(msgspec.Struct):
    """What became of what was recorded."""

    count: int = 0
    lost: int = 0
    problems: list[str] = []

    def say(self, problem: str) -> None:
        """One more problem, if it is a new one."""
        if problem not in self.problems:
            self.problems = [*self.problems, problem]


def named(error: BaseException) -> str:
    """What may be said of an error: its own text may hold what must not be shown, but for what the system says."""
    said = f": {error.strerror}" if isinstance(error, OSError) and error.strerror else ""
    return f"{type(error).__name__}{said}"
