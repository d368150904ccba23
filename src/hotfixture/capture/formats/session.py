"""Our own sessions: a folder of journals, or the contract's one-file form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from hotfixture.capture import journal
from hotfixture.capture.formats import whole
from hotfixture.capture.records import Interaction
from hotfixture.capture.sanitising.sanitiser import Sanitiser


class _Session:
    """Reads sessions of every form, and writes the one-file form."""

    def recognised(self, path: Path, head: str) -> bool:
        """By the session's id, which comes first; a journal by its header."""
        return path.suffix in (".json", ".jsonl") and '"session_id"' in head

    def read(self, path: Path, sanitiser: Sanitiser) -> Iterator[Interaction]:  # noqa: ARG002 - they were cleaned when they were recorded
        """The interactions in their order."""
        yield from journal.read(path)

    def write(self, interactions: Iterable[Interaction], path: Path) -> list[str]:
        """One file, with one interaction a line, so that it can be read as a stream."""
        found = list(interactions)
        first = found[0] if found else None
        head = {"session_id": str(int((first.start_time if first else 0) * 1000)),
                "timestamp": first.timestamp if first else "1970-01-01T00:00:00+00:00",
                "total_interactions": len(found)}  # fmt: skip
        lines = b",\n".join(msgspec.json.encode(one) for one in found)
        whole(path, msgspec.json.encode(head)[:-1] + b',"interactions":[\n' + lines + b"\n]}\n")
        return []


SESSION = _Session()
