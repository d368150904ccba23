"""Which recordings a playback is made of, and what is known to differ in them from run to run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from hotfixture.capture import journal, retention
from hotfixture.capture.playing import kept, known
from hotfixture.capture.playing.kept import Kept, Recorded
from hotfixture.capture.playing.matching import Noise
from hotfixture.capture.records import Interaction
from hotfixture.errors import CaptureError

LATEST = "latest"
KNOWN_NOISE: Noise = known.NOISE
"""Fields that well-known services are sent anew each time, by operation."""


def interactions(source: str | Path | Iterable[Any], directory: Path) -> Iterator[Recorded]:
    """The interactions of a session, of several, or those that are given; CaptureError where there are none."""
    if isinstance(source, str | Path):
        yield from kept.read(journal.session(find(source, directory)))
        return
    for one in source:
        if isinstance(one, Interaction | Kept):
            yield one
        else:
            yield from kept.read(journal.session(find(one, directory)))


def find(wanted: str | Path, directory: Path) -> Path:
    """The session of that path, id, name, or the latest of the directory; CaptureError names where it was sought."""
    if (path := Path(wanted)).exists():
        return path
    text = str(wanted)
    found = [one for one in retention.paths(directory) if text == LATEST or text in (_id(one), one.name)]
    if not found:
        raise CaptureError(
            f"no recording {text!r} in {directory}",
            hint="Record one: TEST_MODE=capture, or `with capture(...)`; `hfit capture list` shows what is there.",
        )
    return found[-1]


def _id(path: Path) -> str:
    return path.stem.rpartition("_")[2]
