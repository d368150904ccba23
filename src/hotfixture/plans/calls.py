"""The documented calls: plan, run, inspect, verify. What the commands do, as Python."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from hotfixture import settings as settings_module
from hotfixture.databases import open_database
from hotfixture.documents import read as read_document
from hotfixture.errors import HotFixtureError, InputError
from hotfixture.files.archives import SUFFIXES, pack, suffix_of
from hotfixture.plans import package
from hotfixture.plans.compile import compile_plan
from hotfixture.plans.parameters import resolve
from hotfixture.plans.plan import PlannedFiles, PlannedQuery, PlannedSubset
from hotfixture.plans.run import Build
from hotfixture.plans.sinks import Progress
from hotfixture.plans.template import from_text
from hotfixture.transforms.masks.keys import MaskingKey
from hotfixture.transforms.policy import Policy
from hotfixture.transforms.scan import Originals

if TYPE_CHECKING:
    from hotfixture.databases.base import Database
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


@dataclass(frozen=True, slots=True)
class _Asked:
    """What `plan` and `run` are both given."""

    template: str | Path
    parameters: Mapping[str, object]
    policy: str | Path | None
    today: date | None


class _Planned(NamedTuple):
    """A plan, and the databases it was made with, each inside the snapshot of that time."""

    plan: Plan
    databases: Mapping[str, Database]
    snapshots: Mapping[str, str]


@contextmanager
def _planned(asked: _Asked, settings: Settings, key: MaskingKey) -> Iterator[_Planned]:
    """The plan, made inside the snapshots that its run will read: preparations see what the exports see."""
    path = Path(asked.template)
    text = _read_text(path)
    parsed = from_text(text, str(path))
    today = asked.today or datetime.now(UTC).date()
    values = resolve(parsed, asked.parameters, today)
    policy = Policy.read(read_document(Path(asked.policy))) if asked.policy else None
    rules = hashlib.sha256(_read_text(Path(asked.policy)).encode()).hexdigest() if asked.policy else ""
    urls = settings.providers
    with ExitStack() as stack:
        wanted = sorted(parsed.providers() & urls.keys())
        databases = {name: stack.enter_context(open_database(urls[name])) for name in wanted}
        snapshots = {name: stack.enter_context(database.snapshot()) for name, database in databases.items()}
        plan = compile_plan(
            parsed, text, databases, values, policy=policy, volumes=settings.volumes, key=key.identifier, today=today
        )
        pinned = settings_module.pinned_time()
        if pinned:
            snapshots = dict.fromkeys(
                snapshots, f"{pinned} (SOURCE_DATE_EPOCH)"
            )  # said, for it is not when it was read
        yield _Planned(replace(plan, policy=rules), databases, snapshots)


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
    masking = _masking_key(settings, key, say)
    with _planned(_Asked(template, parameters or {}, policy, today), settings, masking) as found:
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
    masking = _masking_key(settings, key, say)
    asked = _Asked(template, parameters or {}, policy, today)
    with _planned(asked, settings, masking) as (made, databases, snapshots):
        if planned:
            planned(made)
        place = Path(output) if output else Path(f"{made.template.name}.sql")
        _check_place(place, made, default=output is None)
        with (
            _writing(place),
            package.staging(place.absolute()) as stage,
            Originals(expected=_expected(made)) as originals,
        ):
            folder, aside = stage / "package", stage / "rows"
            folder.mkdir()
            aside.mkdir()
            build = Build(made, databases, snapshots, masking, folder, aside, originals)
            build.volumes, build.inserts = settings.volumes, inserts
            build.progress, build.explain = progress, explain
            manifest = build.run()
            more = _is_more(manifest)
            if more and output and place.suffix == ".sql" and say:
                say("warning: the files beside the script are left out; name a folder to have them: -o FOLDER/")
            return Package(manifest, _deliver(folder, place, default=output is None, more=more))


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


def _expected(made: Plan) -> int:
    """How many originals there may be: sizes the scan's filter."""
    return sum((rows.estimate.rows if rows.estimate else 10_000) * len(rows.masks) for _, _, rows in made) or 1


def _is_more(manifest: Mapping[str, Any]) -> bool:
    """Whether the package holds more than one script and its metadata."""
    return len([name for name in manifest["files"] if not name.startswith("METADATA/")]) > 1


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
