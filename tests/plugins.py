"""What a reader's pytest has not: the plugins that this suite needs for itself, which take a second to begin."""

from __future__ import annotations

from importlib.metadata import entry_points

KEPT = ("hotfixture", "timeout")
"""Ours, and the one that the settings of this project speak of."""
ALONE = " ".join(f"-p no:{one.name}" for one in entry_points(group="pytest11") if one.name not in KEPT)
"""Options of a run of pytest that begins no other."""
