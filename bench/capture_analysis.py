"""Analysing recorded sessions: megabytes per second, and the memory it takes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

import msgspec

from bench.measure import FULL, WORK, Figure, Ours, Scale

MEGABYTES = 500
"""Of journals, as the figure to reach has it; a fifth without --full."""
SPEED, MEMORY = 50, 300
JOURNALS = 4


def analysis(scale: Scale) -> Iterator[Figure]:
    """One session of several processes, in a process of its own each time."""
    megabytes = MEGABYTES if scale.rows >= FULL.rows else MEGABYTES // 5
    for name, size in (("bodies of 1 KB", 1_000), ("bodies of 10 KB", 10_000)):
        folder = WORK / f"captures {size}"
        written, count = record(folder / "capture_20261121_000000_1", megabytes, size)
        ours = Ours(kind="analyse", folder=str(folder))
        seconds = sorted(ours() for _ in range(scale.runs))[scale.runs // 2]
        rmtree(folder)
        rate = written / 1e6 / seconds
        what = f"analyse {written / 1e6:.0f} MB of journals, {name}"
        note = f"{count:,} interactions"
        yield Figure(what, rate, None, "MB", value=rate, kind="MB", target=SPEED, more=True, note=f"a second; {note}")
        yield Figure(
            f"{what}: memory", ours.peak, None, "MB", value=ours.peak, kind="MB", target=MEMORY, peak=ours.peak
        )


def record(folder: Path, megabytes: int, size: int) -> tuple[int, int]:
    """Journals as sessions of tests have them: bytes and interactions that were written."""
    folder.mkdir(parents=True)
    source = random.Random(7)
    filling = "".join(source.choices("abcdefghijklmnop qrstu", k=200_000))
    written = count = 0
    for number in range(JOURNALS):
        prefix = f"{number:08x}"
        header = {"type": "header", "version": 1, "session_id": "1", "name": "", "timestamp": "", "process": number}
        with (folder / f"{number}-{prefix}.jsonl").open("wb") as file:
            file.write(msgspec.json.encode({**header, "tool": "bench"}) + b"\n")
            while written < megabytes * 1e6 * (number + 1) / JOURNALS:
                count += 1
                line = msgspec.json.encode(_interaction(source, prefix, count, filling, size)) + b"\n"
                file.write(line)
                written += len(line)
    return written, count


def _interaction(source: random.Random, prefix: str, number: int, filling: str, size: int) -> dict[str, object]:
    service, thing = f"api{source.randrange(5)}.example", source.randrange(1000)
    at, length = source.randrange(100_000), int(source.expovariate(1 / size))
    failed = source.random() < 0.01
    answer = {
        "status": source.choice((200, 200, 200, 201, 404, 503)), "reason": "", "version": "1.1",
        "headers": [["Content-Type", "application/json"], ["Date", "Sat, 21 Nov 2026 00:00:00 GMT"]],
        "body": {"text": f'{{"id":{thing},"text":"{filling[at : at + length]}"}}'}, "trailers": [],
    }  # fmt: skip
    return {
        "id": f"{prefix}-{number}", "timestamp": "2026-11-21T00:00:00+00:00", "service": service,
        "operation": f"GET /things{thing % 40}/{{id}}",
        "request": {
            "method": "GET", "url": f"https://{service}/things{thing % 40}/{thing}?page={number % 7}", "body": None,
            "headers": [["Accept", "*/*"], ["User-Agent", "bench"], ["Authorization", "Bearer surrogate"]],
        },
        "start_time": 1.7e9 + number / 1000, "duration_ms": source.lognormvariate(2, 1),
        "status": "error" if failed else "success", "response": None if failed else answer,
        "error": "no" if failed else None, "error_type": "ConnectError" if failed else None, "kind": "http",
        "number": number, "parent": None, "process": 1, "thread": "MainThread", "task": None,
        "scope": f"test_{number // 50}", "failure": None, "chunks": [[5, length]], "notes": [],
    }  # fmt: skip
