"""What becomes of a session at its end or after its program has died: journals ended, the one-file form written."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from hotfixture.capture import journal, one_file
from hotfixture.capture.handover import Outcome
from hotfixture.capture.records import Trailer

PATIENCE = 30.0
"""Seconds to wait for the scribes of processes that have ended."""


@dataclass(frozen=True)
class Recovered:
    """A session that was finished after its program had died."""

    folder: Path
    count: int
    torn: int
    """Bytes of a record that was being written, now taken away."""


def file_of(folder: Path) -> Path:
    """Where the one-file form of a session stands."""
    return folder.with_name(folder.name + ".json")


def save(folder: Path, target: Path | None = None) -> Path:
    """Write the one-file form of a session; beside its folder where nothing else was said."""
    target = target or file_of(folder)
    first = next(iter(journal.headers(folder)), None)
    told = journal.outcome_of(folder)
    facts = {
        "session_id": first.session_id if first else folder.name.rpartition("_")[2],
        "timestamp": first.timestamp if first else "",
        "total_interactions": told["count"],
        "name": first.name if first else "",
        "labels": first.labels if first else {},
        "tool": first.tool if first else "",
        "key": first.key if first else None,
        "lost": told["lost"],
        "problems": told["problems"],
    }
    one_file.write(target, facts, journal.read(folder))
    return target


def is_written(path: Path) -> bool:
    """Whether some process holds a journal open for writing; never where the system has no locks."""
    if os.name != "posix":
        return False
    import fcntl

    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def is_alive(process: int) -> bool:
    """Whether a process of this machine runs; one that only waits to be reaped does not."""
    if os.name != "posix":  # where asking like this would end it
        return process == os.getpid()
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return True


def process_of(path: Path) -> int:
    """The process whose journal this is."""
    number = path.name.partition("-")[0]
    return int(number) if number.isdigit() else 0


def is_final(path: Path) -> bool:
    """Whether a journal has its last line, and its scribe is through with it."""
    return journal.trailer(path) is not None and not is_written(path)


def settle(folder: Path) -> None:
    """Wait until the journals of other processes that have ended are written to their ends."""
    until = time.perf_counter() + PATIENCE
    for path in sorted(folder.glob(journal.JOURNALS)):
        while not is_final(path) and time.perf_counter() < until:
            if is_alive(process_of(path)) or (path.stat().st_size and not is_written(path)):
                break  # it goes on, or its scribe is gone too
            time.sleep(0.01)


def merged(folder: Path, own: Outcome) -> Outcome:
    """What became of the records of all processes of a session, those that still run as far as they are; `own` is
    what this process's scribe said."""
    settle(folder)
    told = Outcome(**journal.outcome_of(folder))
    ours = [path for path in folder.glob(journal.JOURNALS) if process_of(path) == os.getpid()]
    written = sum(end.lost for end in map(journal.trailer, ours) if end is not None)
    told.lost += max(own.lost - written, 0)  # what the scribe itself never knew of
    for said in own.problems:
        told.say(said)
    return told


def recover(folder: Path) -> Recovered | None:
    """End the journals that nobody writes any more, take half a record away, and write the one-file form; None where
    nothing is amiss or the session still runs."""
    broken = [path for path in sorted(folder.glob(journal.JOURNALS)) if journal.trailer(path) is None]
    whole = not broken and file_of(folder).exists()
    if whole or any(is_written(path) or (is_alive(process_of(path)) and not path.stat().st_size) for path in broken):
        return None
    torn = sum(_end(path) for path in broken)
    save(folder)
    return Recovered(folder, journal.outcome_of(folder)["count"], torn)


def _end(path: Path) -> int:
    """Append the trailer that is missing; gives the bytes that were torn. What has not even a header goes."""
    end = 0
    for _, offset, line in journal.lines(path):
        end = offset + len(line)
    torn = path.stat().st_size - end
    if not end:
        path.unlink()
        return torn
    trailer = Trailer(count=journal.count_lines(path), closed=False)
    with path.open("r+b") as file:
        file.truncate(end)
        file.seek(end)
        file.write(msgspec.json.encode(trailer) + b"\n")
    return torn
