"""Verifies a package: its files against the manifest, and its script by loading it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from hotfixture.databases import open_database
from hotfixture.errors import DatabaseError, InputError, PackageError, Problem
from hotfixture.plans import package

if TYPE_CHECKING:
    from hotfixture.databases.base import Database
    from hotfixture.schema import Schema


@dataclass(frozen=True, slots=True)
class Verified:
    """A package that is whole."""

    manifest: Mapping[str, Any]
    files: int
    rows: int
    references: int = 0
    """Those that were checked after loading."""


def verify(path: str | Path, *, load: str | None = None) -> Verified:
    """Check a package (folder or archive); with `load` also load it into the empty database at that URL and check that.

    Raises InputError where there is no package, or tables of the database at `load` have rows; PackageError with
    everything that is wrong: files missing, changed or foreign, row counts that differ, rows that refer to nothing.
    What a failing script has loaded is rolled back.
    """
    place = Path(path)
    if not place.exists():
        raise InputError(f"{place} does not exist")
    if place.suffix == ".sql" and place.is_file():
        hint = "Verify the folder or archive that the package was written to (-o FOLDER/)."
        raise InputError(f"{place} is a script alone: it has no manifest to verify it by", hint=hint)
    with _opened(place) as folder:
        manifest = package.read_manifest(folder)
        _raise(package.check_files(folder, manifest), place)
        references = _load(folder, manifest, load, place) if load else 0
        rows = sum(_expected(manifest).values())
        return Verified(manifest, len(manifest["files"]), rows, references)


@contextmanager
def _opened(place: Path) -> Iterator[Path]:
    """The package's folder; an archive is unpacked for as long as it is looked at."""
    if place.is_dir():
        yield place
        return
    from hotfixture.files.archives import unpack

    with TemporaryDirectory(prefix="hotfixture-") as folder:
        opened = Path(folder, "package")
        unpack(place, opened)
        inner = [path for path in opened.iterdir() if path.is_dir()]
        yield inner[0] if len(inner) == 1 and not (opened / package.MANIFEST).is_file() else opened


def _raise(wrong: list[str], place: Path) -> None:
    if wrong:
        raise PackageError.of(Problem(f"{place}: {message}") for message in wrong)


def _load(folder: Path, manifest: Mapping[str, Any], url: str, place: Path) -> int:
    with open_database(url, write=True) as database:
        script = _script(folder, manifest, database.dialect.name)
        before = database.inspect()
        expected = _expected(manifest)
        filled = [name for name in expected if _count(database, before, name)]
        if filled:
            message = f"the database to load into is not empty: {', '.join(filled)}"
            raise InputError(message, hint="Give --load an empty database; nothing was changed.")
        try:
            database.load(script)
        except DatabaseError as error:
            hint = "A package without a `ddl` export loads into a database that has the tables."
            raise PackageError(f"{place}: the script does not load: {error}", hint=hint) from error
    with open_database(url) as database:
        schema = database.inspect()
        wrong = [
            f"table {name}: {found} rows loaded, {rows} in the manifest"
            for name, rows in expected.items()
            if (found := _count(database, schema, name)) != rows
        ]
        loaded = [r for table in schema if str(table.name) in expected for r in table.references]
        wrong += [
            f"{reference}: {count} rows refer to nothing"
            for reference in loaded
            if (count := database.orphans(reference))
        ]
        _raise(wrong, place)
        return len(loaded)


def _expected(manifest: Mapping[str, Any]) -> dict[str, int]:
    """Rows by table; several exports may fill one."""
    expected: dict[str, int] = {}
    for table in manifest["tables"]:
        expected[table["table"]] = max(expected.get(table["table"], 0), table["rows"])
    return expected


def _count(database: Database, schema: Schema, name: str) -> int:
    table = next((table for table in schema if str(table.name) == name), None)
    if table is None:
        return 0
    return int(str(database.fetch(f"SELECT count(*) FROM {database.dialect.table(table.name)}")[0][0]))


def _script(folder: Path, manifest: Mapping[str, Any], dialect: str) -> Path:
    """The package's script for a dialect; InputError where it has one for others only."""
    scripts = sorted(folder.glob("*.sql"))
    written = list(manifest["load_order"])
    if dialect not in written:
        raise InputError(
            f"the package holds a script for {' and '.join(written) or 'no database'}, not for {dialect}",
            hint="Give --load a database of that engine.",
        )
    named = [script for script in scripts if len(written) == 1 or script.name.endswith(f".{dialect}.sql")]
    if not named:
        raise PackageError(f"the package's script for {dialect} is missing")
    return named[0]
