"""A package: the folder that a run leaves, what its manifest says, and how it is released whole or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from secrets import token_hex
from tempfile import mkdtemp
from typing import Any

from hotfixture.errors import InputError, PackageError

FORMAT = 1
"""Version of the manifest's own form; a reader of a later one says so instead of guessing."""
MANIFEST = PurePosixPath("METADATA", "manifest.json")
TEMPLATE = PurePosixPath("METADATA", "template.yaml")


@contextmanager
def staging(beside: Path) -> Iterator[Path]:
    """A folder next to `beside`, for what is not finished yet; it is gone at the end, whatever happened."""
    beside.parent.mkdir(parents=True, exist_ok=True)
    folder = beside.with_name(f".{beside.name}.{token_hex(6)}.partial")
    try:
        # Its name is known before it is there: an interrupt finds nothing that would stay.
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a folder, even where an interrupt arrives while it is being removed, or a thread writes its last file."""
    try:
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        for _ in range(5):
            if folder.exists():
                shutil.rmtree(folder, ignore_errors=True)


def check_place(destination: Path, *, folder: bool) -> None:
    """InputError where something stands that a package folder (or a file) must not replace."""
    if not destination.is_dir():
        if folder and destination.exists():
            raise InputError(
                f"{destination} is a file, and a package folder would replace it", hint="Name another place."
            )
        return
    if not folder or (any(destination.iterdir()) and not (destination / MANIFEST).is_file()):
        raise InputError(f"{destination} is a folder, and no package", hint="Name a new place, or empty it first.")


def release(finished: Path, destination: Path) -> None:
    """Move a finished file or package folder to its place, replacing an earlier one of its kind at once.

    InputError where something else stands there: a folder that is no package is never replaced.
    """
    check_place(destination, folder=finished.is_dir())
    if not destination.is_dir():
        finished.replace(destination)
        return
    # Windows replaces no folder: the old package steps aside first, and is removed when the new one stands.
    aside = Path(mkdtemp(prefix=f".{destination.name}.", suffix=".old", dir=destination.absolute().parent))
    destination.replace(aside / "package")
    finished.replace(destination)
    shutil.rmtree(aside, ignore_errors=True)


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Digested(io.BufferedWriter):
    """A file that is written from its beginning to its end, and digested meanwhile: reading it again takes longer."""

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path, "wb"))
        self.name_in_package = path.name
        self._sha = hashlib.sha256()

    def write(self, data: Any) -> int:
        """Write and digest what is given."""
        self._sha.update(data)
        return super().write(data)

    @property
    def digest(self) -> str:
        """SHA-256 of all that was written, in hexadecimal."""
        return self._sha.hexdigest()


def contents(folder: Path, known: Mapping[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """Name, bytes and digest of every file of a package but its manifest, by name; some digests may be known."""
    digests, found = known or {}, {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != str(MANIFEST):
            found[name] = {"bytes": path.stat().st_size, "sha256": digests.get(name) or digest(path)}
    return found


def write_manifest(folder: Path, facts: Mapping[str, Any], digests: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Write what is known of the package, and the digests of all its files; the manifest is returned."""
    manifest = {"format": FORMAT, **facts, "files": contents(folder, digests)}
    path = folder / MANIFEST
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        json.dumps(manifest, indent=2, ensure_ascii=False, default=str) + "\n", encoding="utf-8", newline="\n"
    )
    return manifest


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a package folder; PackageError where there is none that can be read."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        version = manifest["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PackageError(f"{folder} is no package: {MANIFEST} is missing or damaged") from error
    if version != FORMAT:
        hint = "Update hotfixture, or build the package anew."
        raise PackageError(f"{folder} has a manifest of format {version}, this version reads {FORMAT}", hint=hint)
    return dict(manifest)


def check_files(folder: Path, manifest: Mapping[str, Any]) -> list[str]:
    """What is wrong with the files of a package: missing, changed, or not its own. Empty where all is well."""
    stated, found = manifest.get("files", {}), contents(folder)
    wrong = [f"{name}: missing" for name in stated if name not in found]
    wrong += [f"{name}: not in the manifest" for name in found if name not in stated]
    wrong += [f"{name}: changed" for name in stated if name in found and found[name] != stated[name]]
    return sorted(wrong)
