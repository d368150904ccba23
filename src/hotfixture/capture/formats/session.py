"""Our own sessions: a folder of journals, or the contract's one-file form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from hotfixture.capture import journal, one_file
from hotfixture.capture.records import Interaction
from hotfixture.capture.sanitising.sanitiser import Sanitiser
from hotfixture.errors import InputError, Where


class _Session:
    """Reads sessions of every form, and writes the one-file form."""

    def recognised(self, path: Path, head: str) -> bool:
        """By the session's id, which comes first; a journal by its header."""
        return path.suffix in (".json", ".jsonl") and '"session_id"' in head

    def read(self, path: Path, sanitiser: Sanitiser) -> Iterator[Interaction]:  # noqa: ARG002 - they were cleaned when they were recorded
        """The interactions in their order."""
        yield from journal.read(journal.session(path))

    def write(self, interactions: Iterable[Interaction], path: Path) -> list[str]:
        """One file, as a session that ended has it beside its folder."""
        found = list(interactions)
        first = found[0] if found else None
        facts = {"session_id": str(int((first.start_time if first else 0) * 1000)),
                 "timestamp": first.timestamp if first else "1970-01-01T00:00:00+00:00",
                 "total_interactions": len(found)}  # fmt: skip
        try:
            one_file.write(path, facts, found)
        except OSError as error:
            raise InputError(f"cannot be written: {error.strerror}", where=Where(str(path))) from None
        return []


SESSION = _Session()
