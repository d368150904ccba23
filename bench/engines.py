"""The engines that the bench exports from and loads into: the table of people, its own dump, its own client."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.servers import MariaDB, MissingServerError, PostgreSQL, Server, mysql_options, rows, run_script

from bench.measure import WORK, timed

FIRST = ("Anna", "Bert", "Carla", "Dieter", "Emma", "Fritz", "Gerda", "Hans")
LAST = ("Schmidt", "Miller", "Garcia", "Rossi", "Silva", "Tanaka")


__all__ = ["Engine", "MissingServerError", "engine"]


class Engine(ABC):
    """One engine with a database that people are read from."""

    name: str
    dump_name: str
    client_name: str
    url: str
    build: str
    """SQL that makes the table of people: 11 mixed columns, `{rows}` rows."""

    @abstractmethod
    def run(self, sql: str) -> None:
        """Run statements in the database of people."""

    @abstractmethod
    def dump(self, file: Path) -> float:
        """Seconds that the engine's own dump of the rows takes."""

    @abstractmethod
    def load(self, file: Path) -> float:
        """Seconds that the engine's own client takes to load a script into the emptied table."""

    def people(self, count: int) -> None:
        """Build the table."""
        self.run(self.build.format(rows=count))


class OfServer(Engine):
    """An engine behind a server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.url = server.fresh_database()
        self.target = ""

    def run(self, sql: str) -> None:
        run_script(self.url, sql)

    def load(self, file: Path) -> float:
        """Into a table of the same definition in another database."""
        if not self.target:
            self.target = self.server.fresh_database()
            run_script(self.target, self.build.partition(";")[0] + ";")
        rows(self.target, "TRUNCATE TABLE people")
        return timed(lambda: self._load(file))

    @abstractmethod
    def _load(self, file: Path) -> None: ...


class OnPostgreSQL(OfServer):
    """PostgreSQL, pg_dump, psql."""

    name, dump_name, client_name = "PostgreSQL", "pg_dump", "psql"
    build = f"""CREATE TABLE people (id bigint PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL,
    email text NOT NULL, phone text, city text, amount numeric(10,2), created_at timestamptz, active boolean, note text,
    score double precision);
INSERT INTO people SELECT i, (ARRAY{list(FIRST)!r})[1 + i % 8] || (i % 977),
    (ARRAY{list(LAST)!r})[1 + i % 6] || (i % 1993), 'user' || i || '@corp' || (i % 50) || '.com',
    '+49 30 ' || (10000000 + i), 'City ' || (i % 1000), (i % 100000) / 100.0,
    timestamptz '2024-01-01' + i * interval '7 seconds', i % 2 = 0, 'some note text of medium length, with a few words '
    || md5(i::text), sqrt(i) FROM generate_series(1, {{rows}}) i;
VACUUM ANALYZE people;"""

    def dump(self, file: Path) -> float:
        words = ["pg_dump", "--data-only", "--table=people", f"--file={file}", self.url]
        return timed(lambda: subprocess.run(words, check=True))

    def _load(self, file: Path) -> None:
        words = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(file), self.target]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


class OnMariaDB(OfServer):
    """MariaDB, mariadb-dump, mariadb."""

    name, dump_name, client_name = "MariaDB", "mariadb-dump", "mariadb"
    build = f"""CREATE TABLE people (id bigint PRIMARY KEY, first_name varchar(60) NOT NULL,
    last_name varchar(60) NOT NULL, email varchar(120) NOT NULL, phone varchar(40), city varchar(60),
    amount decimal(10,2), created_at datetime, active boolean, note text, score double);
SET max_recursive_iterations = 100000000;
INSERT INTO people WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {{rows}})
    SELECT i, CONCAT(ELT(1 + i % 8, {repr(FIRST)[1:-1]}), i % 977),
    CONCAT(ELT(1 + i % 6, {repr(LAST)[1:-1]}), i % 1993), CONCAT('user', i, '@corp', i % 50, '.com'),
    CONCAT('+49 30 ', 10000000 + i), CONCAT('City ', i % 1000),
    (i % 100000) / 100, '2024-01-01' + INTERVAL i * 7 SECOND, i % 2 = 0,
    CONCAT('some note text of medium length, with a few words ', MD5(i)), SQRT(i) FROM n;
ANALYZE TABLE people;"""

    def _words(self, program: str, url: str) -> list[str]:
        options = mysql_options(url)
        os.environ["MYSQL_PWD"] = options["password"]
        place = [f"--host={options['host']}", f"--port={options['port']}", f"--user={options['user']}"]
        found = shutil.which(program) or program.replace("mariadb-dump", "mysqldump").replace("mariadb", "mysql")
        return [found, "--no-defaults", *place, "--default-character-set=utf8mb4", options["database"]]

    def dump(self, file: Path) -> float:
        words = [*self._words("mariadb-dump", self.url), "--single-transaction", "--no-create-info"]
        return timed(lambda: subprocess.run([*words, f"--result-file={file}", "people"], check=True))

    def _load(self, file: Path) -> None:
        with file.open("rb") as script:
            subprocess.run(self._words("mariadb", self.target), check=True, stdin=script, stdout=subprocess.DEVNULL)


class OnSQLite(Engine):
    """SQLite, its shell's .dump, its shell."""

    name, dump_name, client_name = "SQLite", "sqlite3 .dump", "sqlite3"
    build = f"""CREATE TABLE people (id INTEGER PRIMARY KEY, first_name TEXT NOT NULL, last_name TEXT NOT NULL,
    email TEXT NOT NULL, phone TEXT, city TEXT, amount NUMERIC, created_at TEXT, active BOOLEAN, note TEXT, score REAL);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {{rows}})
    INSERT INTO people SELECT i, json_extract('{json.dumps(FIRST)}', '$[' || (i % 8) || ']') || (i % 977),
    json_extract('{json.dumps(LAST)}', '$[' || (i % 6) || ']') || (i % 1993),
    'user' || i || '@corp' || (i % 50) || '.com', '+49 30 ' || (10000000 + i), 'City ' || (i % 1000),
    (i % 100000) / 100.0, datetime(1704067200 + i * 7, 'unixepoch'), i % 2 = 0,
    'some note text of medium length, with a few words ' || printf('%016x%016x', i * 2654435761, i * 40503),
    sqrt(i) FROM n;
ANALYZE;"""

    def __init__(self) -> None:
        self._file = WORK / "people.db"
        self._file.unlink(missing_ok=True)
        self.url = f"sqlite:///{self._file}"

    def run(self, sql: str) -> None:
        with closing(sqlite3.connect(self._file)) as connection:
            connection.executescript(sql)

    def dump(self, file: Path) -> float:
        with file.open("wb") as script:
            words = ["sqlite3", str(self._file), ".dump people"]
            return timed(lambda: subprocess.run(words, check=True, stdout=script))

    def load(self, file: Path) -> float:
        target = WORK / "load.db"
        target.unlink(missing_ok=True)
        with file.open("rb") as script:
            creates = b"CREATE TABLE" in script.read(1000)
        if not creates:  # only the shell's own dump has the definition in it
            self._create(target)
        with file.open("rb") as script:
            words = ["sqlite3", "-bail", "-batch", str(target)]
            return timed(lambda: subprocess.run(words, check=True, stdin=script, stdout=subprocess.DEVNULL))

    def _create(self, target: Path) -> None:
        with closing(sqlite3.connect(target)) as connection:
            connection.execute(self.build.partition(";")[0])


ENGINES = {"postgresql": OnPostgreSQL, "mariadb": OnMariaDB, "sqlite": OnSQLite}


@contextmanager
def engine(name: str) -> Iterator[Engine]:
    """The engine, its private server running."""
    if name == "sqlite":
        yield OnSQLite()
        return
    server = (PostgreSQL if name == "postgresql" else MariaDB).start()
    try:
        yield ENGINES[name](server)  # type: ignore[arg-type]  # SQLite is answered above
    finally:
        server.stop()
