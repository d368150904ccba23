"""The documented calls: plan, run, inspect, verify. What the commands do, as Python."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotfixture import settings as settings_module
from hotfixture.databases import open_database
from hotfixture.errors import HotFixtureError, InputError
from hotfixture.files.archives import SUFFIXES, pack, suffix_of
from hotfixture.plans import orders, package
from hotfixture.plans.orders import Order, Reach, Text
from hotfixture.plans.plan import PlannedFiles, PlannedQuery, PlannedSubset
from hotfixture.plans.sinks import Progress
from hotfixture.transforms.masks.keys import MaskingKey

if TYPE_CHECKING:
    from hotfixture.plans.plan import Plan
    from hotfixture.settings import Settings
    from hotfixture.transforms.subset import Reason

STREAM = "-"
OTHER_ARCHIVES = frozenset((".tar", ".gz", ".bz2", ".tbz2", ".xz", ".txz", ".zst", ".7z", ".rar", ".lz4"))
"""Suffixes that no folder is meant by."""


@dataclass(frozen=True, slots=True)
class Package:
    """What a run has left."""

    manifest: Mapping[str, Any]
    paths: tuple[Path, ...]
    """Every file or folder that was written, the one to load first."""

    @property
    def rows(self) -> dict[str, int]:
        """Rows by table; tables of one name in two engines count together."""
        found = {(entry["dialect"], entry["table"]): entry["rows"] for entry in self.manifest["tables"]}
        return {name: sum(rows for (_, other), rows in found.items() if other == name) for _, name in found}


def plan(
    template: str | Path,
    *,
    providers: Mapping[str, str] | None = None,
    parameters: Mapping[str, object] | None = None,
    policy: str | Path | None = None,
    volumes: Mapping[str, str] | None = None,
    key: bytes | None = None,
    key_file: Path | None = None,
    today: date | None = None,
    say: Callable[[str], None] | None = None,
) -> Plan:
    """What `run` would do with the same arguments: bound SQL, masks per column, rows and bytes. Extracts nothing.

    `template` and `policy` are paths. `providers` maps the template's provider names to database URLs, `parameters` its
    parameter names to values or to words as on the command line. `today` is the day that relative dates count from.
    `say` is told, in one sentence, of a masking key that had to be made.
    Raises InputError, RefusedError, DatabaseError.
    """
    settings = settings_module.load(providers=providers, volumes=volumes, key_file=key_file)
    reach = _reach(settings, _masking_key(settings, key, say))
    with orders.planned(_order(template, parameters, policy, today), reach) as found:
        return found.plan


def run(
    template: str | Path,
    *,
    providers: Mapping[str, str] | None = None,
    parameters: Mapping[str, object] | None = None,
    policy: str | Path | None = None,
    volumes: Mapping[str, str] | None = None,
    output: str | Path | None = None,
    key: bytes | None = None,
    key_file: Path | None = None,
    today: date | None = None,
    inserts: bool = False,
    progress: Progress | None = None,
    explain: Callable[[Reason], None] | None = None,
    planned: Callable[[Plan], None] | None = None,
    say: Callable[[str], None] | None = None,
) -> Package:
    """Extract, mask, prove and write a package.

    `output` is a folder, a `.sql` file, or an archive (`.tar.gz`, `.tar.zst`, `.zip`); without it `<template>.sql` is
    written here, and the folder `<template>` beside it when there is more than SQL. `volumes` maps the template's
    volume names to folders or buckets. `key` is the masking key (32 bytes or more), `key_file` a file that holds it in
    hexadecimal; without either the one of the environment or of the user. `inserts` writes plain INSERT statements
    where the engine has a quicker form that some clients do not know (COPY). `planned` is shown the plan before it
    runs, `progress` told the rows written per table, `explain` why each row of a subset is there.
    Raises InputError, RefusedError, DatabaseError, LeakError; nothing that looks finished is left behind then.
    """
    settings = settings_module.load(providers=providers, volumes=volumes, key_file=key_file)
    reach = _reach(settings, _masking_key(settings, key, say))
    with orders.planned(_order(template, parameters, policy, today), reach) as made:
        if planned:
            planned(made.plan)
        place = Path(output) if output else Path(f"{made.plan.template.name}.sql")
        _check_place(place, made.plan, default=output is None)
        with (
            _writing(place),
            package.staging(place.absolute()) as stage,
            orders.building(made, stage, inserts=inserts, progress=progress, explain=explain) as build,
        ):
            manifest = build.run()
            more = orders.is_more(manifest)
            if more and output and place.suffix == ".sql" and say:
                say("warning: the files beside the script are left out; name a folder to have them: -o FOLDER/")
            return Package(manifest, _deliver(build.folder, place, default=output is None, more=more))


def _order(
    template: str | Path, parameters: Mapping[str, object] | None, policy: str | Path | None, today: date | None
) -> Order:
    """What the files and arguments of a call ask for."""
    path = Path(template)
    return Order(
        Text(_read_text(path), str(path)),
        parameters or {},
        today or datetime.now(UTC).date(),
        Text(_read_text(Path(policy)), str(policy)) if policy else None,
    )


def _reach(settings: Settings, key: MaskingKey) -> Reach:
    urls = settings.providers
    return Reach(frozenset(urls), lambda name: open_database(urls[name]), key, settings.volumes)


def _check_place(place: Path, made: Plan, *, default: bool) -> None:
    """InputError where the package could not be put there, said before anything is extracted."""
    if not default and place.suffix != ".sql":
        if not suffix_of(place) and place.suffix.lower() in OTHER_ARCHIVES:
            raise InputError(f"{place}: expected a folder, a .sql file, or an archive: {', '.join(SUFFIXES)}")
        package.check_place(place, folder=not suffix_of(place))
        return
    engines = {made.sources[provider].engine for _, provider, _ in made}
    if len(engines) > 1 and not default:
        raise InputError(f"{place}: the package has {len(engines)} scripts", hint="Name a folder: -o FOLDER/")
    package.check_place(place, folder=False)
    formats = any(export.formats for export in made.exports if isinstance(export, PlannedQuery | PlannedSubset))
    if default and (formats or len(engines) > 1 or any(isinstance(export, PlannedFiles) for export in made.exports)):
        package.check_place(place.with_suffix(""), folder=True)


@contextmanager
def _writing(place: Path) -> Iterator[None]:
    """What the system says against writing, as our error."""
    try:
        yield
    except OSError as error:
        raise HotFixtureError(f"{place} cannot be written: {error.strerror or type(error).__name__}") from error


def _masking_key(settings: Settings, key: bytes | None, say: Callable[[str], None] | None) -> MaskingKey:
    return MaskingKey(key if key is not None else settings_module.masking_key(settings, say=say)[0])


def _deliver(folder: Path, place: Path, *, default: bool, more: bool) -> tuple[Path, ...]:
    """Give the finished package its place; the paths that were written."""
    scripts = sorted(folder.glob("*.sql"))
    if not default and place.suffix != ".sql":
        if suffix_of(place):
            pack(folder, place, root=place.name.partition(".")[0])
            return (place,)
        package.release(folder, place)
        return (*(place / script.name for script in scripts), place)
    paths = []
    for script in scripts:
        target = place if len(scripts) == 1 else place.with_name(script.name)
        # The folder that is released below keeps a script of its own.
        own = Path(shutil.copyfile(script, folder.with_name(script.name))) if default and more else script
        package.release(own, target)
        paths.append(target)
    if default and more:
        package.release(folder, place.with_suffix(""))
        paths.append(place.with_suffix(""))
    return tuple(paths)


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 (byte {error.start})") from error
