"""SQLite's backup: pages copied by its backup interface, the file swapped in by the same on the way back."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar
from urllib.parse import quote

from hotfixture.databases.addresses import file_of
from hotfixture.databases.backup import Backup, Opener, Restoring
from hotfixture.databases.sql_backup import SqlBackup
from hotfixture.errors import DatabaseError, InputError, PackageError

FILE = "database.sqlite"
PATIENCE = 30.0
"""Seconds to wait for other programs that hold the file."""
_PIECE = 1 << 20
_PAGES = 16_384
"""Pages copied at a time."""


class SqliteBackup(SqlBackup):
    """A file of SQLite."""

    engine: ClassVar[str] = "sqlite"
    undoes: ClassVar[bool] = True

    @property
    def path(self) -> Path:
        """The database's file."""
        return file_of(self.url)

    def server(self) -> str:
        """The library that the standard module links."""
        return f"SQLite {sqlite3.sqlite_version}"

    def tool(self) -> str:
        """The backup interface has the library's version."""
        return f"sqlite3_backup {sqlite3.sqlite_version}"

    def objects(self) -> list[str]:
        """All statements of the catalogue."""
        with self.open() as database:
            found = database.fetch("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema")
            numbers = database.fetch(
                "SELECT user_version, application_id FROM pragma_user_version, pragma_application_id"
            )
        return sorted(map(repr, [*found, *numbers]))

    def is_empty(self) -> bool:
        """Also where there is no file yet."""
        return not self.path.exists() or not self.path.stat().st_size or super().is_empty()

    def dump(self, folder: Path, opener: Opener) -> None:
        """A whole copy of the file, as of one moment, whoever writes meanwhile."""
        if not self.path.is_file():
            raise InputError(f"no SQLite database at {self.path}")
        with TemporaryDirectory(dir=folder) as aside:
            copy = Path(aside) / FILE
            _copy(self.path, copy)
            with copy.open("rb") as source, opener(folder / FILE, "wb") as out:
                shutil.copyfileobj(source, out, _PIECE)

    def restore(self, folder: Path, opener: Opener, options: Restoring) -> None:
        """Unpacked and checked aside, then copied over in one transaction; what stood there is replaced in any case."""
        with TemporaryDirectory() as aside:
            copy = Path(aside) / FILE
            with opener(folder / FILE, "rb") as source, copy.open("wb") as out:
                shutil.copyfileobj(source, out, _PIECE)
            with _translated(), closing(sqlite3.connect(_uri(copy, "ro"), uri=True)) as connection:
                if connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
                    raise PackageError("SQLite finds the restored file damaged; the target was not touched")
            options.check(type(self)(_url(copy)))
            _copy(copy, self.path)

    def clear(self) -> None:
        """An empty database takes the place of all pages."""
        with _translated(), closing(sqlite3.connect(":memory:")) as empty, closing(_writing(self.path)) as target:
            empty.backup(target, progress=_patience())

    @contextmanager
    def scratch(self) -> Iterator[Backup]:
        """A temporary file."""
        with TemporaryDirectory() as folder:
            yield type(self)(_url(Path(folder) / "scratch.db"))


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        hint = "End the programs that use the file, and try again." if "locked" in str(error) else ""
        raise DatabaseError(f"SQLite: {error}", hint=hint) from None


def _url(path: Path) -> str:
    return f"sqlite:///{quote(str(path))}"


def _uri(path: Path, mode: str) -> str:
    return f"{path.absolute().as_uri()}?mode={mode}"


def _writing(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    return sqlite3.connect(_uri(path, "rwc"), uri=True, timeout=PATIENCE)


def _page(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA page_size").fetchone()[0])


def _patience() -> Callable[[int, int, int], None]:
    """Ends a copy that waits for somebody's lock too long: the standard module would try for ever."""
    end = time.monotonic() + PATIENCE

    def progress(status: int, remaining: int, total: int) -> None:  # noqa: ARG001 - as the module calls it
        nonlocal end
        if status not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            end = time.monotonic() + PATIENCE
        elif time.monotonic() > end:
            raise sqlite3.OperationalError("the database is locked by another program")

    return progress


def _copy(source: Path, target: Path) -> None:
    """The copy of one state, in one transaction of the target: it rolls back when it breaks off."""
    with _translated(), closing(sqlite3.connect(_uri(source, "ro"), uri=True, timeout=PATIENCE)) as origin:
        origin.execute("BEGIN")
        origin.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # the view is taken at the first read
        with closing(_writing(target)) as connection:
            if _page(connection) != _page(origin):
                # A database with a write-ahead log keeps the size of its pages; without one it takes any.
                connection.execute("PRAGMA journal_mode = DELETE")
            origin.backup(connection, pages=_PAGES, progress=_patience())
