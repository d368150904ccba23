"""Private database servers that the suite starts itself, in temporary folders, on free loopback ports.

`PostgreSQL` and `MariaDB` are used alike: `start()` returns a running server, `fresh_database()` the URL of an empty
database in it, `drop(url)` removes it, `stop()` ends the server and removes its folder. A URL in the environment
(HOTFIXTURE_TEST_POSTGRESQL_URL, HOTFIXTURE_TEST_MYSQL_URL) stands for a server that somebody else started.

Two accounts: `tester` may everything (so that a query that reads files would really read them), `plain` owns its
database and has no other right. Nothing here is durable: fsync is off.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar
from urllib.parse import unquote, urlsplit

PASSWORD = "s3cret"
_START_SECONDS = 30


class MissingServerError(Exception):
    """No server program on this machine; names the program and where it was looked for."""


class Server:
    """One running server; the engines below say how to start it and how to make databases in it."""

    variable: ClassVar[str]
    """The environment variable that points at another server."""
    account: ClassVar[str]
    """The system account to drop to when running as root."""

    def __init__(self, url: str, folder: Path | None = None, process: subprocess.Popen[bytes] | None = None) -> None:
        self.url = url
        self._folder = folder
        self._process = process
        self._numbers = count(1)

    @classmethod
    def start(cls) -> Self:
        """A running server: the environment's, else a new one; MissingServerError where there is no program for it."""
        if os.environ.get(cls.variable):
            return cls(os.environ[cls.variable])
        folder = Path(tempfile.mkdtemp(prefix=f"hotfixture-{cls.__name__.lower()}-"))
        try:
            return cls._start_in(folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    @classmethod
    def _start_in(cls, folder: Path) -> Self:
        raise NotImplementedError

    def ping(self) -> None:
        """Any error while the server does not answer yet."""
        rows(self.url, "SELECT 1")

    def fresh_database(self, *, plain: bool = False) -> str:
        """The URL of a new, empty database; with `plain`, for the account that owns it and has no other right."""
        raise NotImplementedError

    def drop(self, url: str) -> None:
        """Remove the database of `url`."""
        raise NotImplementedError

    def _name(self) -> str:
        return f"t{os.getpid()}_{next(self._numbers)}"

    def _at(self, database: str, *, plain: bool = False) -> str:
        parts = urlsplit(self.url)
        netloc = f"plain:{PASSWORD}@{parts.hostname}:{parts.port}" if plain else parts.netloc
        return parts._replace(netloc=netloc, path=f"/{database}").geturl()

    def stop(self) -> None:
        """End the server and remove its folder; a server of the environment stays."""
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)


class PostgreSQL(Server):
    """PostgreSQL 9.6 or newer."""

    variable = "HOTFIXTURE_TEST_POSTGRESQL_URL"
    account = "postgres"

    @classmethod
    def _start_in(cls, folder: Path) -> Self:
        initdb, postgres = cls._program("initdb"), cls._program("postgres")
        drop = _drop_to(cls.account, folder)
        secret = folder / "password"
        secret.write_text(PASSWORD)
        _own(secret, drop)
        command = [initdb, "-D", folder / "data", "-U", "tester", "--auth=scram-sha-256", f"--pwfile={secret}"]
        _run([*command, "-E", "UTF8", "--locale=C", "--no-sync"], drop)
        options = [
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={folder}",
            "fsync=off",
            "full_page_writes=off",
        ]
        options += ["synchronous_commit=off", "max_connections=60", "max_wal_size=256MB", "timezone=UTC"]

        def launch(port: int) -> Self:  # type: ignore[type-var]  # Self of the class, no argument carries it
            arguments = [postgres, "-D", folder / "data", "-p", str(port)]
            arguments += [part for option in options for part in ("-c", option)]
            url = f"postgresql://tester:{PASSWORD}@127.0.0.1:{port}/postgres"
            return cls(url, folder, _launch(arguments, folder, drop, signal="INT"))

        server = _ready(launch, folder)
        rows(server.url, f"CREATE ROLE plain LOGIN PASSWORD '{PASSWORD}' NOSUPERUSER")
        return server

    @staticmethod
    def _program(name: str) -> str:
        places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
        found = str(places[-1]) if places else shutil.which(name)
        if not found:
            raise MissingServerError(f"no {name} in /usr/lib/postgresql/*/bin or on the PATH (package: postgresql)")
        return found

    def fresh_database(self, *, plain: bool = False) -> str:
        """The URL of a new, empty database, in some 10 ms."""
        name = self._name()
        version = int(rows(self.url, "SHOW server_version_num")[0][0])
        strategy = " STRATEGY file_copy" if version >= 150000 else ""
        owner = " OWNER plain" if plain else ""
        rows(self.url, f"CREATE DATABASE {name} TEMPLATE template0{strategy}{owner}")
        return self._at(name, plain=plain)

    def drop(self, url: str) -> None:
        """Remove the database of `url`, and end the sessions that are still in it."""
        name = urlsplit(url).path[1:]
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
        rows(self.url, f"{ended}'{name}'")
        rows(self.url, f"DROP DATABASE IF EXISTS {name}")

    def stop(self) -> None:
        """End the server at once, without a checkpoint, and remove its folder."""
        if self._process:
            self._process.send_signal(3)  # SIGQUIT: immediate shutdown, nothing here is worth a checkpoint
        super().stop()


class MariaDB(Server):
    """MariaDB 10.6 or newer; by the environment also MySQL 8."""

    variable = "HOTFIXTURE_TEST_MYSQL_URL"
    account = "mysql"

    @classmethod
    def _start_in(cls, folder: Path) -> Self:
        install, mariadbd = cls._program("mariadb-install-db"), cls._program("mariadbd")
        drop = _drop_to(cls.account, folder)
        data = folder / "data"
        options = [f"--datadir={data}", "--skip-log-bin", "--innodb-log-file-size=16M", "--innodb-buffer-pool-size=64M"]
        options += ["--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", f"--tmpdir={folder}"]
        _run([install, "--no-defaults", "--skip-test-db", "--auth-root-authentication-method=normal", *options], drop)
        start = folder / "accounts.sql"
        start.write_text(
            f"CREATE USER tester@'%' IDENTIFIED BY '{PASSWORD}';\n"
            "GRANT ALL ON *.* TO tester@'%' WITH GRANT OPTION;\n"
            f"CREATE USER plain@'%' IDENTIFIED BY '{PASSWORD}';\n"  # an init file has one statement a line
        )
        start.chmod(0o644)
        options += ["--skip-name-resolve", "--bind-address=127.0.0.1", f"--socket={folder}/s", f"--pid-file={folder}/p"]
        options += [f"--init-file={start}", "--max-connections=60", "--character-set-server=utf8mb4"]
        options += ["--default-time-zone=+00:00", "--performance-schema=off", "--max-allowed-packet=64M"]

        def launch(port: int) -> Self:  # type: ignore[type-var]  # Self of the class, no argument carries it
            arguments = [mariadbd, "--no-defaults", *options, f"--port={port}"]
            url = f"mysql://tester:{PASSWORD}@127.0.0.1:{port}/mysql"
            return cls(url, folder, _launch(arguments, folder, drop, signal="KILL"))

        return _ready(launch, folder)

    @staticmethod
    def _program(name: str) -> str:
        found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
        if not found:
            raise MissingServerError(f"no {name} on the PATH or in /usr/sbin (package: mariadb-server)")
        return found

    def fresh_database(self, *, plain: bool = False) -> str:
        """The URL of a new, empty database (a schema, as MySQL calls it), in some 5 ms."""
        name = self._name()
        rows(self.url, f"CREATE DATABASE {name}")
        if plain:
            rows(self.url, f"GRANT ALL ON {name}.* TO plain@'%'")
        return self._at(name, plain=plain)

    def drop(self, url: str) -> None:
        """Remove the database of `url`."""
        rows(self.url, f"DROP DATABASE IF EXISTS {urlsplit(url).path[1:]}")

    def stop(self) -> None:
        """End the server at once and remove its folder."""
        if self._process:
            self._process.kill()
        super().stop()


S = TypeVar("S", bound=Server)


def _drop_to(account: str, folder: Path) -> dict[str, Any]:
    """What makes a process run as an unprivileged account that owns `folder`; nothing where we are not root."""
    if sys.platform == "win32" or os.getuid() != 0:
        return {}
    import pwd

    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get(account) or names["nobody"]
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _own(path: Path, drop: dict[str, Any]) -> None:
    if drop:
        os.chown(path, drop["user"], drop["group"])


def _run(command: Sequence[object], drop: dict[str, Any]) -> None:
    done = subprocess.run(list(map(str, command)), check=False, capture_output=True, text=True, cwd="/", **drop)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stdout[-2000:]}\n{done.stderr[-2000:]}")


def _launch(command: Sequence[object], folder: Path, drop: dict[str, Any], *, signal: str) -> subprocess.Popen[bytes]:
    """The running process; on Linux it receives `signal` when the test process dies, so that none is left behind."""
    tether = ["setpriv", "--pdeathsig", signal, "--"] if sys.platform == "linux" and shutil.which("setpriv") else []
    with (folder / "log").open("ab") as log:
        parts = [*tether, *(str(part) for part in command)]
        return subprocess.Popen(parts, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", **drop)


def _free_port(highest: int) -> int:
    """A port that nobody listens on now."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port <= highest:
            return port


def _ready(launch: Callable[[int], S], folder: Path, highest: int = 65_535) -> S:
    """The server once it answers; another port where somebody took ours in between."""
    for _ in range(3):
        server = launch(_free_port(highest))
        deadline = time.monotonic() + _START_SECONDS
        process = server._process
        assert process
        while process.poll() is None and time.monotonic() < deadline:
            try:
                server.ping()
            except Exception:  # noqa: BLE001 - each driver has its own tree, and not yet ready has many faces
                time.sleep(0.02)
            else:
                return server
        process.kill()
        process.wait()
    raise RuntimeError(f"the server did not start: {(folder / 'log').read_text(errors='replace')[-3000:]}")


def rows(url: str, sql: str) -> list[tuple[Any, ...]]:
    """What one statement returns, through the engine's own driver; several statements only where they return nothing.

    SQLite: `sqlite:///absolute/path`.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        import sqlite3
        from contextlib import closing

        with closing(sqlite3.connect(parts.path)) as connection, connection:
            return connection.execute(sql).fetchall()
    return asyncio.run(_postgresql_rows(url, sql)) if parts.scheme == "postgresql" else _mysql_rows(url, sql)


async def _postgresql_rows(url: str, sql: str) -> list[tuple[Any, ...]]:
    import asyncpg

    connection = await asyncpg.connect(url, timeout=10)
    try:
        if ";" in sql.rstrip().rstrip(";"):
            await connection.execute(sql)
            return []
        return [tuple(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


def _mysql_rows(url: str, sql: str) -> list[tuple[Any, ...]]:
    import pymysql

    # Whatever the server can hold may be written here, impossible dates and key 0 included.
    mode = "ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO"
    connection = pymysql.connect(**mysql_options(url), autocommit=True, charset="utf8mb4", sql_mode=mode)
    with connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def mysql_options(url: str) -> dict[str, Any]:
    """Host, port, user, password and database of a `mysql://` URL, as drivers name them."""
    parts = urlsplit(url)
    password = unquote(parts.password or "")
    where = {"host": parts.hostname, "port": parts.port or 3306, "user": parts.username, "password": password}
    return {**where, "database": parts.path[1:]}


def run_script(url: str, script: str | bytes) -> str:
    """What the engine's own command line client prints for a script; an error of the client is a RuntimeError."""
    parts = urlsplit(url)
    environment = dict(os.environ)
    if parts.scheme == "postgresql":
        command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-", url]
    elif parts.scheme == "sqlite":
        command = ["sqlite3", "-bail", "-batch", parts.path]
    else:
        options = mysql_options(url)
        environment["MYSQL_PWD"] = options["password"]
        client = shutil.which("mariadb") or "mysql"
        command = [client, "--no-defaults", "--batch", "--skip-column-names", "--default-character-set=utf8mb4"]
        command += [
            f"--host={options['host']}",
            f"--port={options['port']}",
            f"--user={options['user']}",
            options["database"],
        ]
    text = script.encode() if isinstance(script, str) else script
    done = subprocess.run(command, input=text, check=False, capture_output=True, env=environment)
    if done.returncode:
        raise RuntimeError(f"{command[0]} refused the script: {done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout.decode(errors="replace")
