"""The daemon's parts, which its routes and workers share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hotfixture.server.gateway.settings import DaemonSettings
from hotfixture.server.gateway.state import State
from hotfixture.server.metrics import Metrics


@dataclass(slots=True)
class Gateway:
    """What stands as long as the daemon runs."""

    settings: DaemonSettings
    state: State
    metrics: Metrics
    parts: dict[str, Any] = field(default_factory=dict)
    """What a module of routes keeps for itself, by the module's name."""
