"""What makes lines of frames: sanitise, append, count. It runs in the scribe, or within the program where it must."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec

from hotfixture import __version__
from hotfixture.capture.journal import Journal
from hotfixture.capture.records import Frame, Header, Interaction, Trailer
from hotfixture.capture.sanitising.interactions import interaction_of
from hotfixture.capture.sanitising.sanitiser import Sanitiser
from hotfixture.transforms.masks.keys import MaskingKey


class Setup(msgspec.Struct):
    """What a writer needs to know; it holds the key, so it goes through memory and pipes only."""

    folder: str
    session_id: str
    name: str
    timestamp: str
    process: int
    secret: bytes
    rules: dict[str, Any] = {}
    labels: dict[str, str] = {}
    prefix: str = ""
    """Of this process's ids; made up where none is given."""

    def __repr__(self) -> str:
        return f"<Setup of session {self.session_id}>"


class Outcome(msgspec.Struct):
    """What a writer says at its end."""

    count: int = 0
    lost: int = 0
    problems: list[str] = []


class Writer:
    """Writes one process's journal of one session; nothing it does raises but its making."""

    def __init__(self, setup: Setup) -> None:
        key = MaskingKey(setup.secret)
        self._prefix = setup.prefix or uuid4().hex[:8]
        self._process = setup.process
        self._sanitiser = Sanitiser(key, setup.rules)
        self._outcome = Outcome()
        path = Path(setup.folder) / f"{setup.process}-{self._prefix}.jsonl"
        self._journal = Journal(path, Header(
            session_id=setup.session_id, name=setup.name, timestamp=setup.timestamp, process=setup.process,
            tool=__version__, key=key.identifier, labels=setup.labels,
        ))  # fmt: skip

    def write(self, frame: Frame) -> Interaction | None:
        """The clean interaction, that stands on the disk now; None where it could not be written."""
        try:
            made = interaction_of(frame, self._sanitiser, process=self._process, prefix=self._prefix)
            self._journal.append(made)
        except Exception as error:  # noqa: BLE001 - said at the end; the next record may go through
            self.lose(error)
            return None
        self._outcome.count += 1
        return made

    def lose(self, error: Exception) -> None:
        """One call that could not be recorded; the error's own text may hold what must not be shown."""
        self._outcome.lost += 1
        said = f"{type(error).__name__}: {error.strerror}" if isinstance(error, OSError) else type(error).__name__
        if said not in self._outcome.problems:
            self._outcome.problems.append(said)

    def close(self) -> Outcome:
        """The end of the journal, and what became of what was given."""
        try:
            outcome = self._outcome
            self._journal.close(Trailer(count=outcome.count, lost=outcome.lost, problems=outcome.problems))
        except OSError as error:
            self.lose(error)
        return self._outcome
