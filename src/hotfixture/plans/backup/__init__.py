"""Backups of a database, each proved by restoring it beside the original, and their way back.

::

    made = backup("postgresql://…/shop", "backups/monday")
    restore("postgresql://…/copy", "backups/monday")
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from hotfixture.databases import open_backup
from hotfixture.databases.backup import Restoring, differences, digest_of
from hotfixture.errors import DatabaseError, InputError, PackageError, RefusedError, Where
from hotfixture.files.archives import aside
from hotfixture.files.compressed import best, opener
from hotfixture.plans.backup import manifest as manifests
from hotfixture.plans.backup.manifest import Manifest
from hotfixture.plans.seed.production import refuse_production
from hotfixture.settings import pinned_time

if TYPE_CHECKING:
    from hotfixture.databases.backup import Backup

_SHOWN = 5
_OTHER = "Give the URL of an empty database to restore into with --scratch, or leave the proof out with --no-verify."


def backup(url: str, path: str | Path, *, verify: bool = True, scratch: str = "") -> Manifest:
    """Write the database at `url` into the new folder `path`; the manifest says what it holds.

    With `verify` the backup is restored into a scratch database on the same server, or into the empty one at
    `scratch`, and compared; a folder appears only if it is equal. PackageError says what differs, InputError that
    `path` stands already, DatabaseError what a server refused, HotFixtureError which program is missing.
    """
    folder = Path(path)
    if "://" in str(path):
        raise InputError(
            f"{path}: a backup is a folder of this machine", hint="Make it here, then copy the folder there."
        )
    if folder.exists():
        raise InputError("exists already; a backup is a new folder", where=Where(str(folder)))
    created = pinned_time() or datetime.now(UTC).isoformat(timespec="seconds")
    with open_backup(url) as source, aside(folder) as beside:
        beside.mkdir(mode=0o700)
        made = _dumped(source, beside, created)
        if verify:
            _prove(source, made, beside, scratch)
            made = dataclasses.replace(made, verified=True)
        made.write(beside)
    return made


def _dumped(source: Backup, folder: Path, created: str) -> Manifest:
    kind, tool = best(), source.tool()
    with source.held():
        contents, objects = source.contents(), _objects(source)
        source.dump(folder, opener(kind))
    files = {
        path.relative_to(folder).as_posix(): manifests.file_of(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    return Manifest(
        engine=source.engine,
        database=source.database,
        server=source.server(),
        tool=tool,
        created=created,
        compression=kind,
        tables=tuple(contents),
        objects=objects,
        files=files,
    )


def _objects(source: Backup) -> str:
    lines = source.objects()
    return digest_of("\n".join(lines)) if lines else ""


def _prove(source: Backup, made: Manifest, folder: Path, scratch: str) -> None:
    """PackageError where the backup, restored beside the original, is not equal to it."""
    wrong: list[str] = []
    with _scratch(source, scratch) as copy:
        copy.restore(folder, opener(made.compression), Restoring(lambda found: wrong.extend(_wrong(made, found))))
    if not wrong:
        return
    if list(differences(made.tables, source.contents())):
        hint = "Back up while nobody writes, or leave the proof out with --no-verify."
        raise DatabaseError("the database was written to while it was backed up; nothing was kept", hint=hint)
    raise PackageError(f"the backup does not restore to what was backed up: {_listed(wrong)}")


@contextmanager
def _scratch(source: Backup, url: str) -> Iterator[Backup]:
    """An empty database to restore into, emptied or gone afterwards."""
    if not url:
        with ExitStack() as stack:
            try:
                copy = stack.enter_context(source.scratch())
            except DatabaseError as error:
                raise type(error)(error.problems[0].message, hint=_OTHER) from None
            yield copy
        return
    with open_backup(url) as copy:
        if copy.engine != source.engine:
            raise InputError(f"the scratch database is {copy.engine}; expected {source.engine}")
        if url == source.url or not copy.is_empty():
            raise RefusedError("the scratch database is not empty", hint="Name one that may be filled and emptied.")
        try:
            yield copy
        finally:
            copy.clear()


def _wrong(made: Manifest, copy: Backup) -> list[str]:
    """What differs; besides rows only where the same server and tool spell it."""
    same = copy.server() == made.server
    wrong = list(differences(made.tables, copy.contents(), structure=same))
    if same and copy.tool() == made.tool and _objects(copy) != made.objects and not wrong:
        wrong.append("an index, view, function, trigger or other object is not the same")
    return wrong


def _listed(wrong: list[str]) -> str:
    more = f"; and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
    return "; ".join(wrong[:_SHOWN]) + more


def restore(
    url: str, path: str | Path, *, replace: bool = False, production: str = "", owners: bool = False
) -> Manifest:
    """Write the backup in the folder `path` into the database at `url`, compare, and return the backup's manifest.

    The files' checksums come first. A database that is not empty is refused unless it may be replaced, one that looks
    like production unless `production` names it. With `owners` objects keep owners and rights (PostgreSQL; the roles
    must exist). PackageError where a file is damaged or the result differs. A restore that fails leaves PostgreSQL and
    SQLite as they were; the others cannot undo.
    """
    folder = Path(path)
    made = manifests.read(folder)
    refuse_production(url, production)
    manifests.check_files(made, folder)
    with open_backup(url) as target:
        if target.engine != made.engine:
            raise InputError(f"the backup is of {made.engine}, the database {target.engine}")
        if not replace and not target.is_empty():
            hint = "Restore into an empty database, or say --replace: what stands there is then removed."
            raise RefusedError(f"the database {target.database} is not empty; nothing was written", hint=hint)
        with _told_of_ruins(target):
            options = Restoring(lambda found: _check(made, found, folder), replace=replace, owners=owners)
            target.restore(folder, opener(made.compression), options)
    return made


def _check(made: Manifest, found: Backup, folder: Path) -> None:
    wrong = _wrong(made, found)
    if wrong:
        raise PackageError(f"the restored database differs from the backup: {_listed(wrong)}", where=Where(str(folder)))


@contextmanager
def _told_of_ruins(target: Backup) -> Iterator[None]:
    """An error of a restore that cannot be undone says so."""
    try:
        yield
    except (DatabaseError, PackageError) as error:
        if target.undoes:
            raise
        hint = "The database holds a part of the backup now: this engine cannot undo it. Restore again with --replace."
        raise type(error)(error.problems[0].message, where=error.problems[0].where, hint=hint) from None


def before_seeding(url: str, folder: str | Path) -> Path | None:
    """A backup of the database at `url` in a new folder inside `folder`, named by database and time.

    None where there is nothing yet: an empty database, or a file of SQLite that does not exist.
    """
    with open_backup(url) as source:
        if source.is_empty():
            return None
        name = re.sub(r"[^\w-]", "_", source.database)
    now = datetime.fromisoformat(pinned_time() or datetime.now(UTC).isoformat())
    place = Path(folder) / f"{name}-{now:%Y%m%dT%H%M%S%fZ}"
    backup(url, place)
    return place
