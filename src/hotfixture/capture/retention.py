"""The sessions of a directory: what there is of each, and which go when they are old or too many bytes."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hotfixture.capture import journal, one_file, recovery
from hotfixture.errors import CaptureError

_NAME = re.compile(r"capture_(\d{8}_\d{6})_(\d+)(\.json)?")


@dataclass(frozen=True)
class Kept:
    """A session that is kept: its folder, its one-file form, or both."""

    id: str
    name: str
    path: Path
    """To be read: the folder where there is one."""
    started: float
    """Seconds since 1970."""
    count: int
    bytes: int
    """Of everything of it."""
    processes: int
    state: str
    """`complete`, `running`, or `broken`: its program died, and `recover` finishes it."""


def paths(directory: Path) -> list[Path]:
    """The sessions of a directory, the oldest first: of each its folder, or its file where that is all there is."""
    found: dict[str, Path] = {}
    if not directory.is_dir():
        return []
    for path in sorted(directory.iterdir()):
        match = _NAME.fullmatch(path.name)
        if match and not path.is_symlink() and path.is_dir() != bool(match[3]):
            stem = path.name.removesuffix(".json")
            if stem not in found or path.is_dir():
                found[stem] = path
    return [found[stem] for stem in sorted(found, key=lambda stem: (stem.split("_")[1:3], int(stem.split("_")[3])))]


def sessions(directory: Path) -> list[Kept]:
    """What is known of each session of a directory, the oldest first; what cannot be read counts nothing."""
    return [_kept(path) for path in paths(directory)]


def _kept(path: Path) -> Kept:
    stamp, number = _NAME.fullmatch(path.name).group(1, 2)  # type: ignore[union-attr]  # `paths` gives no others
    started = datetime.strptime(stamp, "%Y%m%d_%H%M%S").replace(tzinfo=UTC).timestamp()
    size = sum(one.stat().st_size for one in _files(path))
    if not path.is_dir():
        count, name = _told(path)
        return Kept(number, name, path, started, count, size, 1, "complete")
    journals = sorted(path.glob(journal.JOURNALS))
    try:
        names = [one.name for one in journal.headers(path)]
        count = int(journal.outcome_of(path)["count"])
    except CaptureError:
        names, count = [], 0
    return Kept(number, names[0] if names else "", path, started, count, size, len(journals), _state(journals))


def _told(path: Path) -> tuple[int, str]:
    try:
        facts = one_file.facts(path)
        return int(facts.get("total_interactions") or 0), str(facts.get("name") or "")
    except (CaptureError, OSError, ValueError, TypeError):
        return 0, ""


def _state(journals: list[Path]) -> str:
    open_ones = [path for path in journals if journal.trailer(path) is None]
    if not open_ones:
        return "complete"
    running = any(recovery.is_written(path) or recovery.is_alive(recovery.process_of(path)) for path in open_ones)
    return "running" if running else "broken"


def _files(path: Path) -> Iterator[Path]:
    """Every file of a session, its one-file form too; links are not followed."""
    if path.is_dir():
        yield from (one for one in path.rglob("*") if one.is_file() and not one.is_symlink())
        path = recovery.file_of(path)
    if path.is_file():
        yield path


def cleanup(directory: Path, *, days: float | None = None, bytes: int | None = None) -> list[Kept]:  # noqa: A002 - the word of the option
    """Remove the sessions older than `days`, then the oldest until the rest has at most so many `bytes`; gives those
    that are gone. A session that runs is never touched."""
    kept = [one for one in sessions(directory) if one.state != "running"]
    gone = [] if days is None else [one for one in kept if one.started < time.time() - days * 86_400]
    rest = [one for one in kept if one not in gone]
    if bytes is not None:
        total = sum(one.bytes for one in rest)
        for one in rest:
            if total <= bytes:
                break
            gone.append(one)
            total -= one.bytes
    for one in gone:
        remove(one.path)
    return gone


def remove(path: Path) -> None:
    """Remove a session: its folder and its one-file form. OSError."""
    if path.is_dir():
        shutil.rmtree(path)
        path = recovery.file_of(path)
    path.unlink(missing_ok=True)
