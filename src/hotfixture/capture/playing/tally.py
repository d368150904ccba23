"""What became of a playback: what was played, and everything that makes a run fail."""

from __future__ import annotations

from dataclasses import dataclass, field

FAILING = ("misses", "unplayed", "repeated", "bypassed")
"""Each fails a run unless it is allowed by name."""


@dataclass
class Tally:
    """Counts and short descriptions, never bodies."""

    played: int = 0
    misses: list[str] = field(default_factory=list)
    """What was asked and never recorded."""
    unplayed: list[str] = field(default_factory=list)
    """What was recorded and never asked."""
    repeated: list[str] = field(default_factory=list)
    """What was asked more often than it was recorded, and answered again since that was allowed."""
    bypassed: list[str] = field(default_factory=list)
    """What went to the network, or was stopped on its way there, past the playback."""
    processes: list[str] = field(default_factory=list)
    """Programs that were started: their network cannot be closed from here."""
    unplayable: list[str] = field(default_factory=list)
    """Recordings that are descriptions only, each with the reason why nothing can be answered from it."""

    def problems(self, allow: frozenset[str] = frozenset()) -> list[str]:
        """A line for each sort of thing that went wrong; none where the run is good."""
        return [
            f"{len(found)} {name}: {_some(found)}"
            for name in FAILING
            if name not in allow and (found := getattr(self, name))
        ]

    def __str__(self) -> str:
        counts = [f"{len(getattr(self, name))} {name}" for name in FAILING if getattr(self, name)]
        if self.processes:
            counts.append(f"{len(self.processes)} programs started, whose network was open: {_some(self.processes)}")
        if self.unplayable:
            counts.append(f"{len(self.unplayable)} recordings cannot be played: {'; '.join(self.unplayable)}")
        return ", ".join([f"{self.played} played", *counts])


def _some(found: list[str], most: int = 5) -> str:
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return "; ".join(found[:most]) + more
