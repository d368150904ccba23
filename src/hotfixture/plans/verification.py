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

    Raises PackageError with everything that is wrong: files missing, changed or foreign, row counts that differ, rows
    that refer to nothing. What a failing script has loaded is rolled back.
    """
    place = Path(path)
    if not place.exists():
        raise InputError(f"{place} does not exist")
    with _opened(place) as folder:
        manifest = package.read_manifest(folder)
        _raise(package.check_files(folder, manifest), place)
        references = _load(folder, manifest, load, place) if load else 0
        rows = sum(table["rows"] for table in manifest["tables"])
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
        script = _script(folder, database.dialect.name)
        before = database.inspect()
        expected = _expected(manifest)
        _raise(
            [f"table {name} of the target is not empty" for name in expected if _count(database, before, name)], place
        )
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
    before, _, after = name.rpartition(".")
    table = schema.find(after, before)
    if table is None:
        return 0
    return int(str(database.fetch(f"SELECT count(*) FROM {database.dialect.table(table.name)}")[0][0]))


def _script(folder: Path, dialect: str) -> Path:
    scripts = sorted(folder.glob("*.sql"))
    named = [script for script in scripts if script.name.endswith(f".{dialect}.sql")]
    if not scripts or (len(scripts) > 1 and not named):
        raise PackageError(f"the package holds no script for {dialect}")
    return named[0] if named else scripts[0]
