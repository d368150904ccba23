"""A session's folder: one append-only journal for each process, and blobs beside them.

::

    capture_20261121_161500_1795277700123/
        4711-1f3a.jsonl    header, one interaction a line, trailer (of a process that ended properly)
        blobs/<sha256>     bodies that are too large for a line
    capture_20261121_161500_1795277700123.json    the same in the contract's one-file form
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from hotfixture.capture.records import Header, Interaction, Trailer

JOURNALS = "*.jsonl"


def create(directory: Path, started: float) -> tuple[Path, str]:
    """A new folder for a session and its id: milliseconds since the epoch, the next that is free."""
    directory.mkdir(parents=True, exist_ok=True)
    stamp = datetime.fromtimestamp(started, UTC).strftime("%Y%m%d_%H%M%S")
    number = int(started * 1000)
    while True:
        folder = directory / f"capture_{stamp}_{number}"
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            number += 1
        else:
            return folder, str(number)


class Journal:
    """Appends to one journal: each line is one write, so that a killed process tears at most its last."""

    def __init__(self, path: Path, header: Header) -> None:
        self.count = 0
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._line(header)

    def append(self, interaction: Interaction) -> None:
        """One more interaction; OSError where the disk says no."""
        self._line(interaction)
        self.count += 1

    def close(self, trailer: Trailer) -> None:
        """The end: no more lines."""
        self._line(trailer)
        os.close(self._file)

    def _line(self, value: msgspec.Struct) -> None:
        os.write(self._file, msgspec.json.encode(value) + b"\n")


def read(folder: Path) -> Iterator[Interaction]:
    """Every interaction of a session, journal by journal; a torn last line is left out."""
    decode = msgspec.json.Decoder(Interaction).decode
    for path in sorted(folder.glob(JOURNALS)):
        with path.open("rb") as lines:
            for line in lines:
                if line.startswith(b'{"id"') and line.endswith(b"\n"):
                    yield decode(line)
