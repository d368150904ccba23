"""What the SQL engines' backups share: contents by reading tables, objects by the engine's own statements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hotfixture.databases.backup import Backup, Content
from hotfixture.databases.sql_contents import contents

if TYPE_CHECKING:
    from hotfixture.databases.base import Database


class SqlBackup(Backup):
    """A SQL database; each question opens a connection of its own, so that none answers from before a restore."""

    def open(self, *, write: bool = False) -> Database:
        """A connection to the database."""
        from hotfixture.databases import open_database

        return open_database(self.url, write=write)

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """A connection that sees one state of the database."""
        with self.open() as database, database.snapshot():
            yield database

    def server(self) -> str:
        """Name and version of the server."""
        with self.open() as database:
            return f"{database.server} {'.'.join(map(str, database.version))}"

    def contents(self) -> list[Content]:
        """What every table holds."""
        with self.reading() as database:
            return list(contents(database))

    def is_empty(self) -> bool:
        """Whether no table and no view stands in the database."""
        with self.open() as database:
            return not database.inspect().tables
