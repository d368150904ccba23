"""How things are measured: side by side, in turns, medians of several runs; peak memory in a process of its own."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / ".bench"
"""Where the last results are kept."""
WORK = RESULTS / str(os.getpid())
"""Where this run keeps its data: two may run at once."""


@dataclass(frozen=True)
class Scale:
    """How much work a run of the bench does."""

    rows: int = 300_000
    """Of the table that is exported."""
    customers: int = 100_000
    """Of the shop that slices are cut from; ten order lines each."""
    many: int = 20_000
    """Customers in the large slice."""
    values: int = 1_000_000
    """Of each generator."""
    runs: int = 3
    starts: int = 20


FULL = Scale(rows=1_000_000, customers=1_000_000, many=100_000, values=5_000_000, runs=5)
"""The sizes of the figures to reach."""


@dataclass(frozen=True)
class Figure:
    """One row of the table."""

    work: str
    ours: float
    peer: float | None
    unit: Literal["s", "ms", "/s", "MB"]
    against: str = ""
    """What the peer is."""
    value: float = 0
    """What is held against the target: a ratio, a difference, or our own figure."""
    kind: Literal["×", "ms more", "/s", "ms", "MB"] = "×"
    target: float | None = None
    peak: float | None = None
    """MB that our process held at most."""
    note: str = ""
    more: bool = False
    """Whether more is better, as it is of rates."""

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None where there is none."""
        if self.target is None:
            return None
        return self.value >= self.target if self.more or self.unit == "/s" else self.value <= self.target

    def cells(self) -> list[str]:
        """The row's texts."""
        bound = "≥" if self.more or self.unit == "/s" else "≤"
        target = "" if self.target is None else f"{bound} {_number(self.target)} {self.kind}"
        mark = {True: "yes", False: "NO", None: ""}[self.met]
        peer = "" if self.peer is None else f"{_number(self.peer)} {self.unit} ({self.against})"
        peak = "" if self.peak is None else f"{self.peak:.0f}"
        value = f"{_number(self.value)} {self.kind}"
        return [self.work, f"{_number(self.ours)} {self.unit}", peer, value, target, mark, peak, self.note]


HEADINGS = ["work", "ours", "peer", "compared", "target", "met", "peak MB", "note"]


def ratio(
    work: str,
    ours: float,
    peer: float,
    unit: Literal["s", "ms", "/s", "MB"],
    *,
    against: str,
    target: float | None = None,
    peak: float | None = None,
    note: str = "",
) -> Figure:
    """Ours over the peer's: of times and sizes the less the better, of rates the more."""
    return Figure(work, ours, peer, unit, against, ours / peer, "×", target, peak, note)


def table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table."""
    rows = [HEADINGS, ["---"] * len(HEADINGS), *(figure.cells() for figure in figures)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def write(figures: Sequence[Figure], path: Path, **facts: object) -> None:
    """The figures and the facts of the run as JSON."""
    rows = [{**asdict(figure), "met": figure.met} for figure in figures]
    path.write_text(json.dumps({**facts, "figures": rows}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _number(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def medians(works: Mapping[str, Callable[[], float]], runs: int) -> dict[str, float]:
    """The middle of each work's figures; the works take turns, so that a noisy minute meets all of them."""
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(runs):
        for name, work in works.items():
            found[name].append(work())
    return {name: statistics.median(values) for name, values in found.items()}


def command(*words: object, **options: Any) -> float:
    """Seconds that a command takes, which must succeed."""
    return timed(lambda: subprocess.run([str(word) for word in words], check=True, **options))


class Ours:
    """One of our calls, run in a fresh process each time (see `bench.child`); remembers its peak memory."""

    def __init__(self, **task: Any) -> None:
        self._task = json.dumps(task)
        self.peak = 0.0
        self.whole: list[float] = []
        self.rows = 0

    def __call__(self) -> float:
        """Seconds of the call itself, after the imports."""
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "bench.child", self._task], check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        self.whole.append(time.perf_counter() - start)
        answer = json.loads(done.stdout)
        self.peak, self.rows = max(self.peak, answer["peak"]), answer["rows"]
        return float(answer["seconds"])


def peak() -> float:
    """MB that this process has held at most since it began; what the parent held before is not counted."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
