"""The crew that builds packages: fair between owners, within what each provider may bear."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from multiprocessing.process import BaseProcess

from hotfixture.errors import HotFixtureError
from hotfixture.server import outputs, processes
from hotfixture.server.crew import Crew
from hotfixture.server.gateway.packages import building
from hotfixture.server.gateway.packages.counters import Counters
from hotfixture.server.gateway.packages.package import Package
from hotfixture.server.gateway.packages.shelf import Shelf
from hotfixture.server.gateway.settings import DaemonSettings
from hotfixture.server.jobs import Outcome
from hotfixture.server.leases import Living
from hotfixture.wire.packages import ENDED


class Builders(Crew[Package]):
    """The workers of one daemon that build packages."""

    def __init__(self, settings: DaemonSettings, shelf: Shelf, counters: Counters) -> None:
        super().__init__(settings.folder / building.FOLDER, settings)
        self._settings, self._shelf, self._counters = settings, shelf, counters
        processes.prepare(building.__name__)
        self._exports = {name: provider.exports for name, provider in settings.providers.items()}

    def start(self) -> None:
        """Begin to look for packages."""
        if self._settings.workers:
            processes.warm()
        super().start()

    def claim(self) -> Package | None:
        """The package to build next."""
        return self._shelf.claim(self.name, self._exports)

    def process(self, job: Package) -> BaseProcess:
        """The process that builds it."""
        return processes.process(building.main, (job, self._settings), name=f"package-{job.id}")

    def taken_over(self, job: Package) -> None:
        """Counted as such."""
        self._counters.takeovers.inc()
        super().taken_over(job)

    def fail(self, job: Package, error: HotFixtureError) -> None:
        """It ends here."""
        self._shelf.finish(job, Outcome("failed", 0, error.problems))

    def hand_back(self, job: Package, *, counted: bool) -> bool:
        """It waits again."""
        return self._shelf.hand_back(job, counted=counted)

    def reaped(self, job: Package) -> None:
        """Count how it ended, if it did."""
        found = self._shelf.get(job.id)
        if found and found.state in ENDED:
            self._counters.ended.labels(found.state).inc()
            self._counters.rows.inc(sum(table["rows"] for table in found.progress.get("tables", ())))
            if found.ended and job.begun:
                self._counters.seconds.observe(max(0.0, found.ended - job.begun))

    def living(self, ids: Iterable[str]) -> Mapping[str, Living]:
        """What the store says of them."""
        return self._shelf.living(ids)

    def sweep(self) -> Iterable[str]:
        """Expire and forget."""
        return self._shelf.expire(self._settings.keep_records)

    def counted(self) -> None:
        """Packages by state, and what all of them hold."""
        self._counters.set_packages(self._shelf.counts())
        self._counters.disk.set(outputs.used(self.folder))
        self.disk = outputs.used(self._settings.folder)
