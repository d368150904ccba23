"""PostgreSQL's backup: `pg_dump` in its custom format, `pg_restore` and `psql` back in one transaction.

The dump and the digests see one snapshot, which the reading connection exports. On the way back `pg_restore` spells the
script, with the COMMIT at its end; where that does not come, `psql` ends and the server takes everything back.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import pyarrow as pa

from hotfixture.databases import tools
from hotfixture.databases.backup import Backup, Content, Digest, Opener, Restoring
from hotfixture.databases.sql_backup import SqlBackup
from hotfixture.errors import DatabaseError

if TYPE_CHECKING:
    from hotfixture.databases.base import Database

FILE = "database.pgdump"
_PACKAGE = "PostgreSQL's client programs (package postgresql-client)"
_BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_BARE = ("--no-owner", "--no-privileges")
_CONNECTION = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--set=VERBOSITY=verbose", "--no-password")

# What stands in `public` goes one by one: the schema itself may be another's, and has rights of its own.
_CLEAR = """
DO $$
DECLARE
    statement text;
BEGIN
    FOR statement IN
        SELECT format('DROP EXTENSION IF EXISTS %I CASCADE', extname) FROM pg_extension WHERE extname <> 'plpgsql'
        UNION ALL
        SELECT format('DROP SCHEMA IF EXISTS %I CASCADE', nspname) FROM pg_namespace
        WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')
    LOOP EXECUTE statement; END LOOP;
    FOR statement IN
        SELECT format('DROP %s IF EXISTS public.%I CASCADE', CASE relkind WHEN 'v' THEN 'VIEW'
            WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE'
            WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END, relname)
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c')
            AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid
                AND deptype IN ('a', 'i') AND refclassid = 'pg_class'::regclass
                AND refobjid <> pg_class.oid)
    LOOP EXECUTE statement; END LOOP;
    FOR statement IN
        SELECT format('DROP %s IF EXISTS %s CASCADE', CASE to_jsonb(pg_proc) ->> 'prokind' WHEN 'p' THEN 'PROCEDURE'
            WHEN 'a' THEN 'AGGREGATE' ELSE 'FUNCTION' END, oid::regprocedure)
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    LOOP EXECUTE statement; END LOOP;
    FOR statement IN
        SELECT format('DROP TYPE IF EXISTS public.%I CASCADE', typname) FROM pg_type
        WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd', 'r')
    LOOP EXECUTE statement; END LOOP;
    FOR statement IN
        SELECT format('DROP COLLATION IF EXISTS public.%I', collname) FROM pg_collation
        WHERE collnamespace = 'public'::regnamespace
    LOOP EXECUTE statement; END LOOP;
    PERFORM lo_unlink(oid) FROM pg_largeobject_metadata;
END $$;
"""
_SEQUENCES = (
    "SELECT quote_ident(schemaname), quote_ident(sequencename), coalesce(last_value::text, '') FROM pg_sequences"
)
_LARGE_OBJECTS = "SELECT oid::text, md5(lo_get(oid)) FROM pg_largeobject_metadata"
_LOCALE = """
SELECT pg_encoding_to_char(encoding), datcollate, datctype, coalesce(to_jsonb(d) ->> 'datlocprovider', 'c'),
    coalesce(to_jsonb(d) ->> 'daticulocale', to_jsonb(d) ->> 'datlocale', '')
FROM pg_database d WHERE datname = current_database()
"""


class PostgresqlBackup(SqlBackup):
    """A database of PostgreSQL."""

    engine: ClassVar[str] = "postgresql"
    undoes: ClassVar[bool] = True

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._reader: Database | None = None
        self._snapshot = ""

    def server(self) -> str:
        """PostgreSQL and its version."""
        with self.open() as database:
            return f"PostgreSQL {str(database.fetch('SHOW server_version')[0][0]).partition(' ')[0]}"

    def tool(self) -> str:
        """The version of pg_dump."""
        return f"pg_dump {tools.version(_program('pg_dump'))}"

    @contextmanager
    def held(self) -> Iterator[None]:
        """One snapshot for the digests and for pg_dump."""
        with self.open() as database:
            database.execute(_BEGIN)
            self._snapshot = str(database.fetch("SELECT pg_export_snapshot()")[0][0])
            self._reader = database
            try:
                yield
            finally:
                self._reader, self._snapshot = None, ""

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """The connection whose snapshot is held, or another."""
        if self._reader:
            yield self._reader
            return
        with super().reading() as database:
            yield database

    def contents(self) -> list[Content]:
        """Tables, and what the server keeps beside them: numbers that sequences have come to, large objects."""
        found = super().contents()
        with self.reading() as database:
            if database.version >= (10,):
                found.append(_counted("sequences", database.fetch(_SEQUENCES)))
            found.append(_counted("large objects", database.fetch(_LARGE_OBJECTS)))
        return [content for content in found if content.rows or content.structure]

    def objects(self) -> list[str]:
        """The lines of the script that would make the database without its rows."""
        text = io.BytesIO()
        self._dump(text, "--schema-only", *_BARE)
        lines = text.getvalue().decode("utf-8", "surrogateescape").splitlines()
        # The restrict commands hold a new random word in every dump.
        return sorted(line for line in lines if line and not line.startswith(("--", "\\restrict", "\\unrestrict")))

    def dump(self, folder: Path, opener: Opener) -> None:
        """Everything in the database, large objects included, without roles."""
        with opener(folder / FILE, "wb") as out:
            self._dump(out, "--format=custom", "--compress=0", "--blobs")

    def _dump(self, out: io.BytesIO | object, *options: str) -> None:
        place, environment = connection(self.url)
        shared = [f"--snapshot={self._snapshot}"] if self._snapshot else []
        command = [_program("pg_dump"), "--no-password", *options, *shared, f"--dbname={place}"]
        tools.write_out(command, environment, out, told)  # type: ignore[arg-type]  # whatever an opener gives is a file

    def restore(self, folder: Path, opener: Opener, options: Restoring) -> None:
        """All in one transaction, what was removed before included."""
        place, environment = connection(self.url)
        spell = [_program("pg_restore"), "--single-transaction", "--file=-", *(() if options.owners else _BARE)]
        begin = ["--command=BEGIN", *([f"--command={_CLEAR}"] if options.replace else [])]
        run = [_program("psql"), *_CONNECTION, f"--dbname={place}", *begin, "--file=-", f"--output={os.devnull}"]
        with opener(folder / FILE, "rb") as source:
            tools.read_in([spell, run], environment, source, told)
        options.check(self)

    def clear(self) -> None:
        """Remove all schemas, tables, functions, types, extensions and large objects."""
        with self.open(write=True) as database:
            database.execute(_CLEAR)

    @contextmanager
    def scratch(self) -> Iterator[Backup]:
        """A new database of the same encoding and order of texts."""
        name = tools.scratch_name()
        with self.open(write=True) as database:
            encoding, collate, ctype, provider, locale = map(str, database.fetch(_LOCALE)[0])
            quoted = database.dialect.literal
            icu = f" LOCALE_PROVIDER icu ICU_LOCALE {quoted(locale)}" if provider == "i" else ""
            words = f"ENCODING {quoted(encoding)} LC_COLLATE {quoted(collate)} LC_CTYPE {quoted(ctype)}{icu}"
            database.execute(f"CREATE DATABASE {name} TEMPLATE template0 {words}")
        try:
            yield type(self)(urlsplit(self.url)._replace(path=f"/{name}").geturl())
        finally:
            self._drop(name)

    def _drop(self, name: str) -> None:
        with self.open(write=True) as database:
            with suppress(DatabaseError):  # sessions of programs that were killed
                database.fetch(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
            database.execute(f"DROP DATABASE IF EXISTS {name}")


def _program(name: str) -> str:
    return tools.found([name], _PACKAGE)


def _counted(name: str, rows: list[tuple[object, ...]]) -> Content:
    digest = Digest()
    digest.add(pa.record_batch([pa.array([" ".join(map(str, row)) for row in rows], pa.string())], names=["row"]))
    return Content(name, digest.rows, str(digest))


def connection(url: str) -> tuple[str, dict[str, str]]:
    """A URL for the programs without any password, and the environment that holds it."""
    parts = urlsplit(url)
    account, at, hosts = parts.netloc.rpartition("@")
    user, _, password = account.partition(":")
    query = parse_qsl(parts.query, keep_blank_values=True)
    secrets = {name: value for name, value in query if name in ("password", "sslpassword")}
    rest = urlencode([(name, value) for name, value in query if name not in secrets])
    plain = parts._replace(scheme="postgresql", netloc=f"{user}{at}{hosts}", query=rest).geturl()
    password = unquote(password) or secrets.get("password", "")
    return plain, {"PGAPPNAME": "hotfixture", **({"PGPASSWORD": password} if password else {})}


_SAYS = re.compile(r"(?:ERROR|FATAL|error|detail(?=: server version)):\s+(?:(?P<state>[0-9A-Z]{5}): )?(?P<message>.*)")
_WITH_VALUES = ("22", "23", "P0")
_NAMES = re.compile(r"(TABLE|COLUMN|CONSTRAINT) NAME: +(.*)")


def told(text: str) -> str:
    """What the programs say, less what quotes values: data, constraints, what functions raise by themselves."""
    said = []
    for line in text.splitlines():
        if match := _SAYS.search(line):
            state = match["state"] or ""
            said.append(f"SQLSTATE {state}" if state.startswith(_WITH_VALUES) else match["message"])
        elif match := _NAMES.match(line):
            said.append(f"{match[1].lower()} {match[2]}")
    return "; ".join(said[:4])
