"""One engine a file, reading and writing side by side.

`open_database` finds the engine that a URL names, `open_target` the place where seeding writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotfixture.registry import Registry

if TYPE_CHECKING:
    from hotfixture.databases.backup import Backup
    from hotfixture.databases.base import Database, Dialect
    from hotfixture.databases.target import Target

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

TARGETS: Registry[type[Target]] = Registry(
    "database to seed",
    {
        "mariadb": "hotfixture.databases.sql_target:SqlTarget mysql",
        "mongodb": "hotfixture.databases.mongodb:MongodbTarget mongodb",
        "mysql": "hotfixture.databases.sql_target:SqlTarget mysql",
        "postgres": "hotfixture.databases.sql_target:SqlTarget postgresql",
        "postgresql": "hotfixture.databases.sql_target:SqlTarget postgresql",
        "redis": "hotfixture.databases.redis:RedisTarget redis",
        "rediss": "hotfixture.databases.redis:RedisTarget redis",
        "sqlite": "hotfixture.databases.sql_target:SqlTarget",
    },
    group="hotfixture.targets",
)

BACKUPS: Registry[type[Backup]] = Registry(
    "database to back up",
    {
        "mariadb": "hotfixture.databases.mysql_backup:MysqlBackup mysql",
        "mongodb": "hotfixture.databases.mongodb_backup:MongodbBackup mongodb",
        "mysql": "hotfixture.databases.mysql_backup:MysqlBackup mysql",
        "postgres": "hotfixture.databases.postgresql_backup:PostgresqlBackup postgresql",
        "postgresql": "hotfixture.databases.postgresql_backup:PostgresqlBackup postgresql",
        "redis": "hotfixture.databases.redis_backup:RedisBackup redis",
        "rediss": "hotfixture.databases.redis_backup:RedisBackup redis",
        "sqlite": "hotfixture.databases.sqlite_backup:SqliteBackup",
    },
    group="hotfixture.backups",
)


DIALECTS: Registry[type[Dialect]] = Registry(
    "SQL dialect",
    {
        "mysql": "hotfixture.databases.mysql_dialect:MysqlDialect",
        "postgresql": "hotfixture.databases.postgresql_dialect:PostgresqlDialect",
        "sqlite": "hotfixture.databases.sqlite:SqliteDialect",
    },
)
"""Spelling alone, for scripts: no driver is needed."""


def open_database(url: str, *, write: bool = False, timeout: float | None = None) -> Database:
    """A connection to the database at `url` (`postgresql://…`, `mysql://…`, `sqlite:///file.db`), read-only by default.

    `timeout` bounds each statement, in seconds. Raises UnknownNameError for a scheme no engine has, MissingExtraError
    where its driver is not installed, DatabaseError where it cannot be reached.
    """
    scheme = url.partition(":")[0].partition("+")[0].lower()
    return ENGINES.find(scheme).open(url, write=write, timeout=timeout)


def open_target(url: str) -> Target:
    """A connection that seeds the database at `url`; also `mongodb://…`, `mongodb+srv://…`, `redis://…`, `rediss://…`.

    Raises UnknownNameError for a scheme no engine has, MissingExtraError where its driver is not installed,
    DatabaseError where it cannot be reached.
    """
    scheme = url.partition(":")[0].partition("+")[0].lower()
    return TARGETS.find(scheme).open(url)


def open_backup(url: str) -> Backup:
    """The database at `url`, of any engine, to dump, restore and compare.

    Raises UnknownNameError for a scheme no engine has, MissingExtraError where its driver is not installed,
    DatabaseError where it cannot be reached.
    """
    scheme = url.partition(":")[0].partition("+")[0].lower()
    return BACKUPS.find(scheme)(url)
