"""What PostgreSQL and its driver raise, as a DatabaseError that carries neither credentials nor row values."""

from __future__ import annotations

import re
from typing import Any

import asyncpg

from hotfixture.databases.addresses import REACH
from hotfixture.errors import DatabaseError, UnsupportedError

FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)

_PLACE = re.compile(r"COPY (?P<table>.*), line (?P<line>\d+)(?:, column (?P<column>[^:]*))?")
_WITH_VALUES = ("22", "23", "P0")
"""Classes of SQLSTATE whose messages quote values: data, constraints, what functions raise by themselves."""
_HINTS = {
    "42501": "The account lacks a right: grant it, or use another account.",
    "25006": "The connection is read-only.",
    "57014": "Raise the statement timeout, or ask for fewer rows.",
    "28P01": "Check user and password of the URL.",
    "3D000": "Check the database name of the URL.",
}


def told(error: BaseException) -> DatabaseError:
    """The DatabaseError that says what the server said, less the values; UnsupportedError for what it cannot do."""
    if not isinstance(error, asyncpg.PostgresError):
        return DatabaseError(f"PostgreSQL: {_plain(error)}", hint=REACH if isinstance(error, OSError) else "")
    state = str(getattr(error, "sqlstate", "") or "")
    kind = UnsupportedError if state.startswith("0A") else DatabaseError
    return kind(f"PostgreSQL: {_said(error, state)}{_where(error)} [{state}]", hint=_hint(error, state))


def _plain(error: BaseException) -> str:
    if isinstance(error, TimeoutError) and not str(error):
        return "the server did not answer in time"
    return re.sub(r"\[Errno -?\d+\] ", "", str(error)) or type(error).__name__


def _said(error: Any, state: str) -> str:
    message = str(getattr(error, "message", None) or error)
    if not state.startswith(_WITH_VALUES):
        return message
    return re.sub("(?<!^)([A-Z])", r" \1", type(error).__name__.removesuffix("Error")).lower()


def _where(error: Any) -> str:
    fields = (("table", "table_name"), ("column", "column_name"), ("constraint", "constraint_name"))
    parts = [f"{kind} {getattr(error, field)}" for kind, field in fields if getattr(error, field, None)]
    place = _PLACE.match(getattr(error, "context", None) or "")
    if place:
        column = f", column {place['column']}" if place["column"] else ""
        parts.append(f"COPY {place['table']}, line {place['line']}{column}")
    return f" ({'; '.join(parts)})" if parts else ""


def _hint(error: Any, state: str) -> str:
    if "row-level security" in str(getattr(error, "message", "")):
        return "A row-level security policy would hide rows: use the table's owner or a role with BYPASSRLS."
    return _HINTS.get(state, "")
