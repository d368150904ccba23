"""Names of tables that seeding creates, as an engine keeps them: none is cut, and no two of them fall together.

PostgreSQL cuts a name after 63 bytes without a word (https://www.postgresql.org/docs/current/limits.html), MySQL
refuses one of more than 64 characters (https://dev.mysql.com/doc/refman/8.4/en/identifier-length.html). A name that
the schema gives is refused; one that is made here (of a key, a reference, a check) is made shorter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from hotfixture.errors import InputError, Problem

if TYPE_CHECKING:
    from hotfixture.schema import Table


class Limit(NamedTuple):
    """How long a name may be."""

    most: int
    unit: str
    cut: Callable[[str], str]
    """As much of a name as there is room for."""


LIMITS: Mapping[str, Limit] = {
    "postgresql": Limit(63, "bytes", lambda name: name.encode()[:63].decode(errors="ignore")),
    "mysql": Limit(64, "characters", lambda name: name[:64]),
}
"""SQLite has no limit."""
_DIGITS = 8


def named(tables: Sequence[Table], engine: str) -> list[Table]:
    """The tables, their keys, references and checks under names that fit and are all different.

    Raises InputError with every table and column whose own name does not fit, and with the one it would be taken for.
    """
    if problems := [problem for table in tables for problem in _long(table, tables, engine)]:
        raise InputError.of(problems)
    taken = {(table.name.schema, table.name.name) for table in tables}

    def fitted(table: Table, name: str) -> str:
        found = _fitted(name, engine)
        if (table.name.schema, found) in taken:
            found = _fitted(name, engine, f"{table.name}: {name}")
        taken.add((table.name.schema, found))
        return found

    return [
        replace(
            table,
            uniques=tuple(replace(one, name=fitted(table, one.name)) for one in table.uniques),
            references=tuple(replace(one, name=fitted(table, one.name)) for one in table.references),
            checks=tuple(replace(one, name=fitted(table, one.name)) for one in table.checks),
        )
        for table in tables
    ]


def _fitted(name: str, engine: str, apart: str = "") -> str:
    """The name where it fits, else its beginning and a digest; also with a digest of what keeps it `apart`."""
    limit = LIMITS.get(engine)
    if not apart and (limit is None or limit.cut(name) == name):
        return name
    digest = blake2b((apart or name).encode(), digest_size=_DIGITS // 2).hexdigest()
    while limit and limit.cut(f"{name}_{digest}") != f"{name}_{digest}":
        name = name[:-1]
    return f"{name}_{digest}"


def _long(table: Table, tables: Sequence[Table], engine: str) -> Iterator[Problem]:
    limit = LIMITS.get(engine)
    if limit is None:
        return
    places = [("schema", table.name.schema, [one.name.schema for one in tables])]
    places += [("table", table.name.name, [one.name.name for one in tables])]
    names = [column.name for column in table.columns]
    places += [(f"column of {table.name.name[:40]}", name, names) for name in names]
    for what, name, beside in places:
        if limit.cut(name) != name:
            yield Problem(_said(what, name, limit, beside), hint="Give it a shorter name.")


def _said(what: str, name: str, limit: Limit, beside: Sequence[str]) -> str:
    size = len(name.encode()) if limit.unit == "bytes" else len(name)
    other = next((one for one in beside if one != name and limit.cut(one) == limit.cut(name)), "")
    alike = f"; cut to that it is the same as {other!r}" if other else ""
    return f"{what} {name!r}: a name of {size} {limit.unit}, and the database keeps {limit.most}{alike}"
