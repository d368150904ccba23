"""What the routes of packages share while the daemon runs."""

from __future__ import annotations

from dataclasses import dataclass

from hotfixture.server.gateway.gateway import Gateway
from hotfixture.server.gateway.packages.builders import Builders
from hotfixture.server.gateway.packages.counters import Counters
from hotfixture.server.gateway.packages.shelf import Shelf
from hotfixture.server.gateway.packages.watching import Watch

_NAME = "packages"


@dataclass(frozen=True, slots=True)
class Parts:
    """One of each."""

    shelf: Shelf
    crew: Builders
    watch: Watch
    counters: Counters


def parts_of(gateway: Gateway) -> Parts:
    """Those of a daemon; made once, started by the lifespan."""
    found: Parts | None = gateway.parts.get(_NAME)
    if found is None:
        shelf, counters = Shelf(gateway.state), Counters(gateway.metrics.registry)
        found = Parts(shelf, Builders(gateway.settings, shelf, counters), Watch(shelf), counters)
        gateway.parts[_NAME] = found
    return found
