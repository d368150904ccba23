"""A connection to MySQL or MariaDB: what a URL may say, which server answered, and errors without row values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import pymysql
from pymysql.constants import CLIENT, COMMAND
from pymysql.protocol import FieldDescriptorPacket

from hotfixture.databases.addresses import REACH
from hotfixture.errors import DatabaseError, InputError, UnknownNameError, UnsupportedError

SQL_MODE = "STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES"
"""What a value is, is kept (zero, partial and impossible dates, key 0); what does not fit is an error, never cut."""

_OPTIONS = ("charset", "connect_timeout", "socket", "ssl", "ssl_ca", "ssl_cert", "ssl_key", "ssl_mode")
_SSL_MODES: dict[str, dict[str, Any]] = {
    "disabled": {"ssl_disabled": True},
    "preferred": {},
    "required": {"ssl": {"verify_mode": False}},
    "verify_ca": {"ssl_verify_cert": True},
    "verify_identity": {"ssl_verify_cert": True, "ssl_verify_identity": True},
}
_TRUTHS = {"1": "required", "true": "required", "yes": "required", "0": "disabled", "false": "disabled"}


@dataclass(frozen=True, slots=True)
class Flavour:
    """What the two servers spell differently."""

    name: str
    oldest: tuple[int, ...]
    timeout: str
    """Sets the longest time of a statement, in `{ms}` or `{s}`."""
    quoted_defaults: bool
    """The catalogue gives a column's default as SQL text."""
    session: tuple[str, ...] = ()


MYSQL = Flavour(
    name="MySQL",
    oldest=(8, 0, 16),
    timeout="SET SESSION max_execution_time = {ms}",
    quoted_defaults=False,
    # Row counts of the catalogue are a day old otherwise.
    session=("SET SESSION information_schema_stats_expiry = 0 /*!80300 , explain_json_format_version = 1 */",),
)
MARIADB = Flavour(name="MariaDB", oldest=(10, 6), timeout="SET SESSION max_statement_time = {s}", quoted_defaults=True)


def arguments(url: str) -> dict[str, Any]:
    """What PyMySQL is given for `mysql://user:password@host:port/database?ssl_mode=…`; InputError for a wrong URL."""
    parts = urlsplit(url)
    options = _options(parts)
    if not parts.path.strip("/"):
        raise InputError("the URL names no database", hint="Write mysql://user@host:3306/database.")
    given: dict[str, Any] = {
        "host": parts.hostname or "localhost",
        "port": _port(parts),
        "user": unquote(parts.username or ""),
        # The driver would encode text as Latin-1.
        "password": unquote(parts.password or "").encode(),
        "database": unquote(parts.path[1:]),
        "charset": "utf8mb4",
        "autocommit": True,
        "local_infile": False,
        "program_name": "hotfixture",
        "connect_timeout": int(options.get("connect_timeout", 10)),
        **_tls(options),
    }
    return {**given, "unix_socket": options["socket"]} if "socket" in options else given


def _port(parts: SplitResult) -> int:
    try:
        return parts.port or 3306
    except ValueError as error:
        raise InputError("the URL's port is no number between 1 and 65535") from error


def _options(parts: SplitResult) -> dict[str, str]:
    options = {name.lower().replace("-", "_"): value for name, value in parse_qsl(parts.query)}
    for name in options:
        if name not in _OPTIONS:
            raise UnknownNameError("option of a MySQL URL", name, _OPTIONS)
    if not options.get("connect_timeout", "10").isdigit():
        raise InputError("connect_timeout of the URL is no number of seconds")
    # Every character set of the server has a place in utf8mb4, so rows are asked for in that one.
    if options.get("charset", "utf8mb4").lower() != "utf8mb4":
        raise InputError(f"charset={options['charset']}: expected utf8mb4, into which the server converts all others")
    return options


def _tls(options: dict[str, str]) -> dict[str, Any]:
    files: dict[str, Any] = {name: options[name] for name in ("ssl_ca", "ssl_cert", "ssl_key") if name in options}
    said = options.get("ssl_mode") or options.get("ssl")
    mode = _TRUTHS.get(said.lower(), said.lower().replace("-", "_")) if said else "verify_ca" if files else "preferred"
    if mode not in _SSL_MODES:
        raise UnknownNameError("ssl_mode", mode, tuple(_SSL_MODES))
    return {**_SSL_MODES[mode], **files}


def connect(url: str, *, write: bool, timeout: float | None) -> tuple[Any, Flavour, tuple[int, ...]]:
    """An open connection, which server it is, and its version; read-only unless `write`."""
    # Able to send rows when asked, yet `local_infile` stays off: the driver itself never opens a file for the server.
    flags = CLIENT.LOCAL_FILES if write else 0
    with translated():
        connection = pymysql.connect(**arguments(url), client_flag=flags)
    try:
        flavour, version = recognised(connection.get_server_info())
        for statement in _session(flavour, write=write, timeout=timeout):
            run(connection, statement)
    except BaseException:
        connection.close()
        raise
    return connection, flavour, version


def recognised(text: str) -> tuple[Flavour, tuple[int, ...]]:
    """The server behind a version text: `8.0.36`, `5.5.5-10.11.6-MariaDB-log`; UnsupportedError for one too old."""
    flavour = MARIADB if "mariadb" in text.lower() else MYSQL
    # MariaDB puts 5.5.5- before its own number, for clients that cannot read two digits.
    numbers = re.match(r"(?:5\.5\.5-)?(\d+)\.(\d+)\.(\d+)", text)
    version = tuple(int(part) for part in numbers.groups()) if numbers else (0,)
    if version < flavour.oldest:
        oldest = ".".join(map(str, flavour.oldest))
        raise UnsupportedError(f"the server is {flavour.name} {text}; expected {oldest} or newer")
    return flavour, version


def _session(flavour: Flavour, *, write: bool, timeout: float | None) -> Iterator[str]:
    yield f"SET SESSION sql_mode = '{SQL_MODE}', time_zone = '+00:00', sql_quote_show_create = 1"
    yield from flavour.session
    if timeout:
        yield flavour.timeout.format(ms=max(1, int(timeout * 1000)), s=timeout)
    yield "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"
    if not write:
        yield "SET SESSION TRANSACTION READ ONLY"


def run(connection: Any, statement: str | bytes) -> None:
    """One statement that gives no rows."""
    with translated():
        free(connection).query(statement)


def free(connection: Any) -> Any:
    """The connection, if it is not in the middle of a result: one connection has one conversation."""
    if connection._result is not None and connection._result.unbuffered_active:
        message = (
            "a result of this connection is still being read; read it to its end, or close it, before the next query"
        )
        raise DatabaseError(message)
    return connection


def prepared(connection: Any, query: str) -> list[Any]:
    """The descriptions of the columns that a query gives; the server parses and resolves it and runs nothing."""
    with translated():
        free(connection)._execute_command(COMMAND.COM_STMT_PREPARE, query)
        answer = connection._read_packet()
        answer.advance(1)
        statement, columns, parameters = answer.read_uint32(), answer.read_uint16(), answer.read_uint16()
        for _ in range(parameters + bool(parameters)):
            connection._read_packet()
        fields = [connection._read_packet(FieldDescriptorPacket) for _ in range(columns)]
        if columns:
            connection._read_packet()
        connection._execute_command(COMMAND.COM_STMT_CLOSE, statement.to_bytes(4, "little"))
        return fields


@contextmanager
def translated() -> Iterator[None]:
    """The driver's errors as DatabaseError, without values and credentials."""
    try:
        yield
    except pymysql.err.MySQLError as error:
        raise _error(error) from None
    except RuntimeError as error:
        if "LOAD_LOCAL" not in str(error):
            raise
        raise DatabaseError("the statement makes the server ask for a file of this machine: none is sent") from None


def _error(error: pymysql.err.MySQLError) -> DatabaseError:
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    text = str(error.args[1]) if len(error.args) > 1 else str(error)
    return DatabaseError(f"the server says ({number}): {without_values(number, text)}", hint=_HINTS.get(number, ""))


_HINTS = {
    1045: "Check the user and password of the URL.",
    1049: "Check the database name of the URL.",
    1062: "Two rows have one value in a unique key; check what the column's mask does to uniqueness.",
    1153: "Raise max_allowed_packet on the server; a row's statement must fit into it.",
    1792: "The connection was opened for reading only.",
    1969: "Raise the statement timeout, or ask for fewer rows.",
    3024: "Raise the statement timeout, or ask for fewer rows.",
    2006: "Raise max_allowed_packet on the server if a row's statement may be larger than it.",
    2013: "Raise max_allowed_packet on the server if a row's statement may be larger than it.",
    2003: REACH,
}
_KEY = re.compile(r" for key '((?:[^']|'')*)'$")
_SAYS = r"\b(entry|value:?|near|from|argument|string:?) ['\"].*['\"]"
# A value may hold any quote or word; what follows the last of these is the server's, as far as it can be told.
_VALUE_FOR = re.compile(rf"{_SAYS}(?= for (?:column|function|key) )", re.DOTALL)
_VALUE = re.compile(rf"{_SAYS}(?= for | at | in |$)", re.DOTALL)


def without_values(number: int, text: str) -> str:
    """A server's message without what stood in a row or a query: values, not names, are cut out."""
    if number == 1062:
        key = _KEY.search(text)
        return f"duplicate entry for key {key[1]!r}" if key else "duplicate entry"
    if number == 1045:
        return "access denied"
    pattern = _VALUE_FOR if _VALUE_FOR.search(text) else _VALUE
    return pattern.sub(r"\1 …", text)
