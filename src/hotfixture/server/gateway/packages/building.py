"""The process that builds one package: plans, checks the approval, extracts, masks, proves, packs, says it is ready.

The masking key and the providers' credentials are read here, from where the settings say they stand: nothing secret is
in the arguments or the environment that this process is given.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from hotfixture.errors import HotFixtureError, InputError
from hotfixture.files.archives import pack
from hotfixture.plans import orders, package
from hotfixture.plans.orders import Planned
from hotfixture.server import outputs
from hotfixture.server.attempts import Attempt, Limits, run, settle
from hotfixture.server.gateway.gateway import Gateway
from hotfixture.server.gateway.packages import rights
from hotfixture.server.gateway.packages.package import Package
from hotfixture.server.gateway.packages.shelf import Shelf
from hotfixture.server.gateway.places import Provider
from hotfixture.server.gateway.settings import DaemonSettings
from hotfixture.server.gateway.sources.opening import opened
from hotfixture.server.gateway.sources.slots import Slots
from hotfixture.server.gateway.state import State
from hotfixture.server.gateway.templates import approvals, planning
from hotfixture.server.jobs import Outcome
from hotfixture.server.leases import Told
from hotfixture.server.metrics import Metrics

if TYPE_CHECKING:
    from hotfixture.databases.base import Database
    from hotfixture.plans.plan import Plan
    from hotfixture.plans.run import Build

FOLDER = "packages"
"""Below the daemon's folder: one folder a package."""
_PIECE = 1 << 20


class Building(Attempt):
    """One attempt at a package."""

    patience: ClassVar[float] = 0.4

    def __init__(self, wanted: Package, settings: DaemonSettings, state: State) -> None:
        limits = Limits(settings.job_timeout, settings.job_disk, settings.disk, settings.folder)
        super().__init__(wanted.id, settings.folder / FOLDER / wanted.id, limits)
        self._package, self._settings = wanted, settings
        self._gateway = Gateway(settings, state, Metrics())
        self._shelf, self._slots = Shelf(state), Slots(state)
        self._plan: Plan | None = None
        self._build: Build | None = None
        self._open: list[Database] = []

    # ---- the work

    def work(self) -> Outcome:
        """Build it."""
        outputs.remove(self.folder)
        self.folder.mkdir(parents=True, mode=0o700)
        with package.staging(self.folder / str(self._package.lease)) as stage:
            manifest = self._built(stage)
            self.check()
            self._shelf.scanned(self._package)
            path, digest = self._packed(stage / "package", manifest)
            size = path.stat().st_size
            self.look_at_disk()
            self.check()
            self._check_quota(size)
            name = f"{self._package.lease}{path.name[len('file') :]}"
            path.replace(self.folder / name)
        _keep(self.folder)
        return Outcome("ready", self.rows, file=name, size=size, sha256=digest, manifest=manifest)

    def _built(self, stage: Path) -> dict[str, Any]:
        gateway, wanted = self._gateway, self._package
        actor = rights.owner_now(gateway.state, wanted)
        template, revision = rights.revision_of(gateway.state, actor, wanted)
        today = date.fromisoformat(wanted.wanted["today"])
        given = wanted.wanted["parameters"]
        with planning.planned(gateway, actor, template, revision, given, today=today, door=self._door) as made:
            self._plan = made.plan
            approvals.require(gateway, actor, template.name, revision.number, made.plan)
            self.check()
            volumes = rights.volumes(planning.volumes(gateway, actor, template))
            plan = Planned(made.plan, made.databases, made.snapshots, made.key, made.policy.policy, volumes)
            inserts = bool(wanted.wanted["inserts"])
            with orders.building(plan, stage, inserts=inserts, progress=self._progress) as build:
                self._build = build
                return build.run()

    @contextmanager
    def _door(self, provider: Provider) -> Iterator[Database]:
        """A connection, waited for as long as the job may take: nobody sits before the screen for it."""
        self.check()
        longest = self._settings.job_timeout
        with opened(self._gateway.state, provider, slots=self._slots, wait=longest, check=self.check) as database:
            self._open.append(database)
            yield database

    def _packed(self, folder: Path, manifest: Mapping[str, Any]) -> tuple[Path, str]:
        """The one file that is downloaded, and its digest."""
        form = str(self._package.wanted["form"])
        scripts = sorted(folder.glob("*.sql"))
        if form == "auto":
            form = "sql" if len(scripts) == 1 and not orders.is_more(manifest) else "tar.gz"
        path = folder.with_name(f"file.{form}")
        if form != "sql":
            pack(folder, path, root=self._package.template)
            return path, self._digest(path)
        if len(scripts) != 1:
            hint = "Ask for it as tar.gz, tar.zst or zip."
            raise InputError(f"form=sql: the package has {len(scripts)} scripts, not one", hint=hint)
        scripts[0].replace(path)
        return path, str(manifest["files"][scripts[0].name]["sha256"])

    def _digest(self, path: Path) -> str:
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                self.check()
                digest.update(piece)
        return digest.hexdigest()

    def _check_quota(self, size: int) -> None:
        with self._gateway.state.read() as connection:
            held = self._shelf.held(connection, self._package.owner)
        if held + size > self._settings.package_quota:
            hint = "Remove packages that are no longer needed, or ask for less."
            raise HotFixtureError("the package is larger than what is left of its owner's quota", hint=hint)

    def _progress(self, _table: str, _rows: int) -> None:
        self.check()

    # ---- what the watcher says

    def progress(self) -> dict[str, Any]:
        """Rows and bytes of every table so far."""
        written: dict[str, tuple[int, int]] = {}
        for script in list(self._build.scripts.values()) if self._build else ():
            for name, relation in list(script.relations.items()):
                rows, size = written.get(str(name), (0, 0))
                written[str(name)] = rows + relation.rows, size + relation.bytes
        self.rows = sum(rows for rows, _ in written.values())
        return {"tables": _tables(self._plan, written), "warnings": list(self._plan.warnings) if self._plan else []}

    def beat(self) -> Told:
        """A sign of life."""
        return self._shelf.beat(self._package, self.progress())

    def interrupt(self) -> None:
        """End what production does for this package."""
        for database in self._open:
            database.interrupt()

    def finish(self, outcome: Outcome) -> bool:
        """Say how it ended."""
        progress = self.progress()
        if outcome.file and str(self._package.wanted["form"]) == "sql" and orders.is_more(outcome.manifest or {}):
            progress["warnings"].append("the files beside the script are left out; ask for an archive to have them")
        keep = min(self._settings.keep, self._package.wanted.get("keep") or self._settings.keep)
        facts = _facts(outcome) if outcome.manifest else {}
        return self._shelf.finish(self._package, outcome, keep=keep, progress=progress, facts=facts)

    def hand_back(self) -> None:
        """Somebody else goes on with it."""
        self._shelf.hand_back(self._package, counted=False)


def _tables(plan: Plan | None, written: Mapping[str, tuple[int, int]]) -> list[dict[str, Any]]:
    expected: dict[str, int | None] = {}
    for _, _, rows in plan or ():
        name, estimate = str(rows.table.name), rows.estimate.rows if rows.estimate else None
        before = expected.get(name, 0)
        expected[name] = None if estimate is None or before is None else before + estimate
    shown = []
    for name in [*expected, *(name for name in written if name not in expected)]:
        rows_written, size = written.get(name, (0, 0))
        shown.append({"table": name, "rows": rows_written, "bytes": size, "expected": expected.get(name)})
    return shown


def _facts(outcome: Outcome) -> dict[str, Any]:
    """What the audit says of a finished package: numbers, names and digests."""
    manifest = outcome.manifest or {}
    return {
        "tables": [{name: table[name] for name in ("table", "rows", "bytes", "masks")} for table in manifest["tables"]],
        "digest": manifest["template"]["sha256"],
        "policy": manifest["policy"],
        "key": manifest["key"],
        "snapshots": {name: provider["snapshot"] for name, provider in manifest["providers"].items()},
        "scanned": manifest["scan"],
        "size": outcome.size,
        "sha256": outcome.sha256,
    }


def _keep(folder: Path) -> None:
    """What stands in the folder survives a power cut: its files' contents, then their names."""
    for path in folder.iterdir():
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())
    if hasattr(os, "O_DIRECTORY"):
        number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def main(wanted: Package, settings: DaemonSettings) -> None:
    """The whole life of the process."""
    settle(settings.log_level, settings.log_form, settings.job_memory)
    with closing(State(settings.store, settings.folder)) as state:
        run(Building(wanted, settings, state), "package begun", attempt=wanted.attempt, template=wanted.template)
