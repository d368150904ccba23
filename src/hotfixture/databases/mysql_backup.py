"""MySQL's and MariaDB's backup: their own dump program, their own client back.

Each statement of a restore takes effect at once, since DDL of these servers ends transactions: a restore that fails
leaves a database that is not whole.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, ClassVar
from urllib.parse import urlsplit

from hotfixture.databases import tools
from hotfixture.databases.backup import Backup, Opener, Restoring
from hotfixture.databases.mysql_connection import arguments, without_values
from hotfixture.databases.sql_backup import SqlBackup
from hotfixture.errors import InputError

FILE = "database.sql"
_PACKAGE = "the client programs of MariaDB or MySQL (package mariadb-client or mysql-client)"
_DUMP = ("--routines", "--triggers", "--events", "--hex-blob", "--default-character-set=utf8mb4", "--no-tablespaces")
_ROWS = ("--single-transaction", "--quick", "--skip-dump-date")
# Names of one kind each, and how they are removed; what hangs on a table goes with it.
_STANDING = {
    "EVENT": "SELECT event_name FROM information_schema.events WHERE event_schema = database()",
    "VIEW": "SELECT table_name FROM information_schema.views WHERE table_schema = database()",
    "SEQUENCE": "SELECT table_name FROM information_schema.tables "
    "WHERE table_schema = database() AND table_type = 'SEQUENCE'",
    "TABLE": "SELECT table_name FROM information_schema.tables WHERE table_schema = database() "
    "AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')",
    "PROCEDURE": "SELECT routine_name FROM information_schema.routines "
    "WHERE routine_schema = database() AND routine_type = 'PROCEDURE'",
    "FUNCTION": "SELECT routine_name FROM information_schema.routines "
    "WHERE routine_schema = database() AND routine_type = 'FUNCTION'",
}


class MysqlBackup(SqlBackup):
    """A database of MySQL or MariaDB."""

    engine: ClassVar[str] = "mysql"
    undoes: ClassVar[bool] = False

    def tool(self) -> str:
        """Name and version of the dump program."""
        path = self._dumper()
        return f"{Path(path).stem} {tools.version(path)}"

    def _dumper(self) -> str:
        return self._program("mariadb-dump", "mysqldump")

    def _program(self, mariadb: str, mysql: str) -> str:
        """That of the server's own make, where both are installed."""
        names = [mariadb, mysql] if self.server().startswith("MariaDB") else [mysql, mariadb]
        return tools.found(names, _PACKAGE)

    def objects(self) -> list[str]:
        """The lines of the script that would make the database without its rows."""
        text = io.BytesIO()
        self._dump(text, "--no-data", "--skip-comments", *_DUMP)
        lines = text.getvalue().decode("utf-8", "surrogateescape").splitlines()
        return sorted(re.sub(r"AUTO_INCREMENT=\d+ ?", "", line) for line in lines)

    def dump(self, folder: Path, opener: Opener) -> None:
        """Tables, views, routines, triggers and events; rows as of one moment, where the tables are transactional."""
        with opener(folder / FILE, "wb") as out:
            self._dump(out, *_DUMP, *_ROWS)

    def _dump(self, out: IO[bytes], *options: str) -> None:
        path = self._dumper()
        own = [] if _is_mariadb(path) else ["--set-gtid-purged=OFF", "--column-statistics=0"]
        with options_file(self.url, mariadb=_is_mariadb(path)) as file:
            command = [path, f"--defaults-file={file}", *options, *own, "--", self.database]
            tools.write_out(command, {}, out, told)

    def restore(self, folder: Path, opener: Opener, options: Restoring) -> None:
        """Statement by statement; the dump program has written them so that references hold at the end."""
        if options.replace:
            self.clear()
        path = self._program("mariadb", "mysql")
        with options_file(self.url, mariadb=_is_mariadb(path)) as file, opener(folder / FILE, "rb") as source:
            command = [path, f"--defaults-file={file}", "--batch", "--default-character-set=utf8mb4"]
            command += ["--binary-mode", f"--database={self.database}"]
            tools.read_in([command], {}, source, told)
        options.check(self)

    def clear(self) -> None:
        """Remove all tables, views, sequences, routines and events."""
        with self.open(write=True) as database:
            database.execute("SET SESSION foreign_key_checks = 0")
            for kind, query in _STANDING.items():
                for (name,) in database.fetch(query):
                    database.execute(f"DROP {kind} IF EXISTS {database.dialect.identifier(str(name))}")

    @contextmanager
    def scratch(self) -> Iterator[Backup]:
        """A new database of the same character set and collation."""
        name = tools.scratch_name()
        with self.open(write=True) as database:
            charset, collation = database.fetch("SELECT @@character_set_database, @@collation_database")[0]
            database.execute(f"CREATE DATABASE {name} CHARACTER SET {charset} COLLATE {collation}")
        try:
            yield type(self)(urlsplit(self.url)._replace(path=f"/{name}").geturl())
        finally:
            with self.open(write=True) as database:
                database.execute(f"DROP DATABASE IF EXISTS {name}")


def _is_mariadb(path: str) -> bool:
    return "MariaDB" in tools.version(path)


@contextmanager
def options_file(url: str, *, mariadb: bool) -> Iterator[Path]:
    """A file for this account alone that tells the programs where to connect and the password; removed afterwards."""
    with TemporaryDirectory(prefix="hotfixture-") as folder:
        file = Path(folder) / "client.cnf"
        file.touch(mode=0o600)
        file.write_text("[client]\n" + "".join(f"{line}\n" for line in _options(url, mariadb=mariadb)), "utf-8")
        yield file


def _options(url: str, *, mariadb: bool) -> Iterator[str]:
    given = arguments(url)
    places = {"host": given["host"], "port": given["port"], "user": given["user"]}
    if "unix_socket" in given:
        places = {"socket": given["unix_socket"], "user": given["user"]}
    for name, value in {**places, "password": given["password"].decode()}.items():
        yield f"{name}={_quoted(str(value))}"
    if "unix_socket" not in given:
        yield "protocol=tcp"
    for name in ("ssl_ca", "ssl_cert", "ssl_key"):
        if name in given:
            yield f"{name.replace('_', '-')}={_quoted(given[name])}"
    yield _mariadb_tls(given) if mariadb else f"ssl-mode={_mysql_mode(given)}"


def _mariadb_tls(given: dict[str, object]) -> str:
    if given.get("ssl_disabled"):
        return "skip-ssl"
    if given.get("ssl_verify_cert"):
        return "ssl-verify-server-cert"
    return "ssl\nskip-ssl-verify-server-cert" if "ssl" in given else "skip-ssl-verify-server-cert"


def _mysql_mode(given: dict[str, object]) -> str:
    if given.get("ssl_verify_cert"):
        return "VERIFY_IDENTITY" if given.get("ssl_verify_identity") else "VERIFY_CA"
    return "DISABLED" if given.get("ssl_disabled") else "REQUIRED" if "ssl" in given else "PREFERRED"


def _quoted(value: str) -> str:
    """As option files quote: https://dev.mysql.com/doc/refman/8.0/en/option-files.html."""
    if re.search(r"[\x00-\x1f]", value):
        raise InputError("the URL holds a control character, which the programs of the server cannot be told")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


_SAYS = (
    re.compile(r"ERROR (?P<number>\d+)(?: \(\w+\))?(?: at line \d+)?(?: in file: '.*')?: (?P<message>.*)"),
    re.compile(r"Got error: (?P<number>\d+): (?P<message>.*)"),
    re.compile(r"Couldn't execute '.*': (?P<message>.*) \((?P<number>\d+)\)"),
)


def told(text: str) -> str:
    """What the programs say, less what quotes values."""
    found = (pattern.search(line) for line in text.splitlines() for pattern in _SAYS)
    said = [f"({one['number']}) {without_values(int(one['number']), one['message'])}" for one in found if one]
    return "; ".join(said[:4])
