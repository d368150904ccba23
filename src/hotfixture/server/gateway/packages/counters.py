"""What Prometheus reads of packages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from hotfixture.wire.packages import PackageState

_STATES: tuple[PackageState, ...] = ("queued", "building", "scanned", "ready", "failed", "cancelled", "expired")
_SECONDS = (1, 5, 30, 120, 600, 3600)


class Counters:
    """The counters of one daemon."""

    def __init__(self, registry: CollectorRegistry) -> None:
        of: dict[str, Any] = {"registry": registry, "namespace": "hfitd"}
        self.packages = Gauge("packages", "Packages in the store by state.", ["state"], **of)
        self.ended = Counter("packages_ended", "Packages that ended on this daemon.", ["state"], **of)
        self.requested = Counter(
            "packages_requested",
            "Packages asked for here: queued, reused, known by key.",
            ["answer"],
            **of,
        )
        self.seconds = Histogram("package_seconds", "Time to build a package here.", buckets=_SECONDS, **of)
        self.rows = Counter("package_rows", "Rows in packages built here.", **of)
        self.takeovers = Counter("package_takeovers", "Packages begun again after their worker died.", **of)
        self.downloads = Counter("package_downloads", "Downloads begun here.", **of)
        self.sent = Counter("package_download_bytes", "Bytes of packages sent from here.", **of)
        self.disk = Gauge("package_disk_bytes", "Bytes of all that stands in the folder of packages.", **of)

    def set_packages(self, counts: Mapping[str, int]) -> None:
        """The number of packages in each state."""
        for state in _STATES:
            self.packages.labels(state).set(counts.get(state, 0))
