"""One engine a file, reading and writing side by side; `open_database` finds the engine that a URL names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotfixture.registry import Registry

if TYPE_CHECKING:
    from hotfixture.databases.base import Database

ENGINES: Registry[type[Database]] = Registry(
    "database engine",
    {
        "mariadb": "hotfixture.databases.mysql:MysqlDatabase mysql",
        "mysql": "hotfixture.databases.mysql:MysqlDatabase mysql",
        "postgres": "hotfixture.databases.postgresql:PostgresqlDatabase postgresql",
        "postgresql": "hotfixture.databases.postgresql:PostgresqlDatabase postgresql",
        "sqlite": "hotfixture.databases.sqlite:SqliteDatabase",
    },
    group="hotfixture.databases",
)


def open_database(url: str, *, write: bool = False, timeout: float | None = None) -> Database:
    """A connection to the database at `url` (`postgresql://…`, `mysql://…`, `sqlite:///file.db`), read-only by default.

    `timeout` bounds each statement, in seconds. Raises UnknownNameError for a scheme no engine has, MissingExtraError
    where its driver is not installed, DatabaseError where it cannot be reached.
    """
    scheme = url.partition(":")[0].partition("+")[0].lower()
    return ENGINES.find(scheme).open(url, write=write, timeout=timeout)
