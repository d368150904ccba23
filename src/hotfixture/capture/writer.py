"""What makes lines of frames: sanitise, append, count. It runs in the scribe, or within the program where it must."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hotfixture import __version__
from hotfixture.capture import wire
from hotfixture.capture.handover import Outcome, Setup, named
from hotfixture.capture.held import opened
from hotfixture.capture.journal import Journal
from hotfixture.capture.records import Frame, Header, Interaction, Trailer
from hotfixture.capture.rewriting import rewrite
from hotfixture.capture.sanitising.interactions import interaction_of
from hotfixture.capture.sanitising.rules import load
from hotfixture.capture.sanitising.sanitiser import Sanitiser
from hotfixture.errors import CaptureError
from hotfixture.transforms.masks.keys import MaskingKey


class Writer:
    """Writes one process's journal of one session; nothing it does raises but its making (OSError)."""

    def __init__(self, setup: Setup) -> None:
        key = MaskingKey(setup.secret)
        self._prefix = setup.prefix
        self._process = setup.process
        self._outcome = Outcome()
        self._written: set[int] = set()
        self._parts: dict[int, list[Frame]] = {}
        """Bodies that came before the end of their calls."""
        self._sanitiser = Sanitiser(key, load(setup.rules, setup.environment))
        self._journal = Journal(setup.journal, Header(
            session_id=setup.session_id, name=self._sanitiser.text(setup.name), timestamp=setup.timestamp,
            process=setup.process, tool=__version__, key=key.identifier, labels=self._sanitiser.value(setup.labels),
        ))  # fmt: skip
        self._path = Path(setup.journal)
        self._known: int | None = None
        """How many secrets were known when the first line stood there."""

    def part(self, frame: Frame) -> None:
        """A part of the bodies of a call that still runs."""
        self._parts.setdefault(frame.number, []).append(frame)

    def write(self, frame: Frame, *, again: bool = False) -> Interaction | None:
        """The clean interaction, that stands on the disk now; None where it could not be written. With `again` it takes
        the place of one that was written already."""
        try:
            _join(frame, self._parts.pop(frame.number, []))
            if frame.kind == "call":
                frame.request, frame.response = opened(frame.request), opened(frame.response)
            elif wire.WIRE in frame.request:
                wire.opened(frame)
            made = interaction_of(frame, self._sanitiser, process=self._process, prefix=self._prefix)
            self._journal.append(made)
            if self._known is None:
                self._known = self._sanitiser.learned
        except Exception as error:  # noqa: BLE001 - said at the end; the next record may go through
            self.lose(error)
            return None
        self._outcome.count += not again and frame.number not in self._written
        self._written.add(frame.number)
        return made

    def environment(self, changed: Mapping[str, str]) -> None:
        """Variables that were set since the session began."""
        self._sanitiser.environment(changed)

    def clean(self, value: Any) -> Any:
        """A plain value as it would be written."""
        return self._sanitiser.value(value)

    def lose(self, error: Exception) -> None:
        """One call that could not be recorded."""
        self._outcome.lost += 1
        self._outcome.say(named(error))

    def forget(self) -> None:
        """Let go of the journal: it is another process's."""
        self._journal.forget()

    def close(self, *, closed: bool = True) -> Outcome:
        """The end of the journal, and what became of what was given. Not `closed` where the program went away."""
        for *parts, last in list(self._parts.values()):
            self._parts[last.number] = parts
            last.status = "closed"
            last.notes.append("the program ended before this call did")
            self.write(last)
        outcome = self._outcome
        try:
            trailer = Trailer(count=outcome.count, lost=outcome.lost, problems=outcome.problems, closed=closed)
            self._journal.close(trailer, self._clean_again)
        except (OSError, CaptureError) as error:
            outcome.say(named(error))
        return outcome

    def _clean_again(self) -> None:
        """Take out what was learned to be secret after it stood there."""
        if self._known is not None and self._sanitiser.learned > self._known:
            rewrite(self._path, self._sanitiser.retroactive)


def _join(frame: Frame, parts: list[Frame]) -> None:
    """Put the bodies of the parts before those of the frame."""
    if parts:
        frame.sent = [piece for part in [*parts, frame] for piece in part.sent]
        frame.received = [piece for part in [*parts, frame] for piece in part.received]
        frame.times = [moment for part in [*parts, frame] for moment in part.times]
