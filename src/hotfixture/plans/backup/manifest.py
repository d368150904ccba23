"""`backup.json`: what a backup holds, who made it with what, and whether it was restored and compared."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hotfixture.databases.backup import Content
from hotfixture.errors import HotFixtureError, InputError, PackageError, Where
from hotfixture.files.compressed import SUFFIXES
from hotfixture.files.names import check_path

NAME = "backup.json"
FORMAT = 1
_LONGEST = 1 << 28
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that `backup.json` says; one of another format is refused."""

    engine: str
    database: str
    server: str
    """Name and version."""
    tool: str
    """Name and version."""
    created: str
    """ISO 8601, UTC."""
    compression: str
    tables: tuple[Content, ...]
    objects: str
    """A digest of everything besides rows, as this server and tool spell it; empty where the engine has none."""
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Name below the folder to `bytes` and `sha256`."""
    verified: bool = False
    """Restored into a scratch database and found equal."""
    format: int = FORMAT

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(table.rows for table in self.tables)

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        found = dataclasses.asdict(self)
        return {"format": found.pop("format"), **found}

    def write(self, folder: Path) -> None:
        """Write `backup.json`."""
        text = json.dumps(self.plain(), ensure_ascii=False, indent=2) + "\n"
        (folder / NAME).write_text(text, encoding="utf-8", newline="\n")


def read(folder: Path) -> Manifest:
    """The manifest of a backup; InputError where the folder is none, PackageError where it is damaged."""
    path = folder / NAME
    where = Where(str(path))
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(_LONGEST))
    except OSError as error:
        hint = f"A backup is a folder with a file {NAME}."
        raise InputError(f"cannot be read: {error.strerror}", where=where, hint=hint) from None
    except ValueError:
        raise PackageError("not JSON: the backup is damaged", where=where) from None
    version = found.get("format") if isinstance(found, dict) else None
    if version != FORMAT:
        hint = "A newer release of this program can read newer backups."
        raise PackageError(f"expected format {FORMAT}, found {version!r}", where=where, hint=hint)
    try:
        return _checked(Manifest(**{**found, "tables": tuple(Content(**table) for table in found["tables"])}))
    except (TypeError, KeyError, AttributeError, InputError):
        raise PackageError("not the manifest of a backup, or damaged", where=where) from None


def _checked(manifest: Manifest) -> Manifest:
    """Nothing that a manifest says leads out of its folder."""
    for name, file in manifest.files.items():
        check_path(name)
        if not isinstance(file["bytes"], int) or not isinstance(file["sha256"], str):
            raise TypeError(name)
    if manifest.compression not in SUFFIXES:
        raise KeyError(manifest.compression)
    return manifest


def file_of(path: Path) -> dict[str, Any]:
    """Size and checksum of a file."""
    checksum = hashlib.sha256()
    size = 0
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                checksum.update(piece)
                size += len(piece)
    except OSError as error:
        raise HotFixtureError(f"cannot be read: {error.strerror}", where=Where(str(path))) from None
    return {"bytes": size, "sha256": checksum.hexdigest()}


def check_files(manifest: Manifest, folder: Path) -> None:
    """PackageError that names every file which is missing or not as it was written, and every one too many."""
    problems = []
    for name, expected in manifest.files.items():
        path = folder / name
        if not path.is_file():
            problems.append(f"{name} is missing")
        elif file_of(path) != expected:
            problems.append(f"{name} is not as it was written")
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    problems += [f"{name} does not belong to it" for name in sorted(there - {NAME, *manifest.files})]
    if problems:
        hint = "Nothing was restored. Take another copy of the backup."
        raise PackageError(f"the backup is damaged: {'; '.join(problems)}", where=Where(str(folder)), hint=hint)
