"""What MySQL's and MariaDB's catalogues say of one database: a handful of queries, however many tables there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from hotfixture.databases.mysql_connection import MARIADB, Flavour
from hotfixture.databases.mysql_types import arrow_of, choices_of, family
from hotfixture.schema import Check, Column, Kind, Reference, Schema, Table, TableName, Unique

Row = tuple[Any, ...]
Fetch = Callable[[str], list[tuple[object, ...]]]

_TABLES = """SELECT TABLE_NAME, TABLE_TYPE, TABLE_ROWS, DATA_LENGTH, TABLE_COMMENT, VIEW_DEFINITION
FROM information_schema.TABLES LEFT JOIN information_schema.VIEWS USING (TABLE_SCHEMA, TABLE_NAME)
WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME"""

_COLUMNS = """SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, CHARACTER_MAXIMUM_LENGTH, EXTRA, COLUMN_DEFAULT,
COLLATION_NAME, COLUMN_COMMENT, CHARACTER_OCTET_LENGTH
FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, ORDINAL_POSITION"""

_KEYS = """SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME, SUB_PART, {expression}
FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND NON_UNIQUE = 0
ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX"""

_REFERENCES = """SELECT TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME,
NULLIF(REFERENCED_TABLE_SCHEMA, DATABASE()), REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME
FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME IS NOT NULL
ORDER BY TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION"""

_MARIADB_CHECKS = """SELECT TABLE_NAME, CONSTRAINT_NAME, CHECK_CLAUSE
FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE()
ORDER BY TABLE_NAME, CONSTRAINT_NAME"""

_MYSQL_CHECKS = """SELECT t.TABLE_NAME, c.CONSTRAINT_NAME, c.CHECK_CLAUSE
FROM information_schema.CHECK_CONSTRAINTS c JOIN information_schema.TABLE_CONSTRAINTS t
ON t.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA AND t.CONSTRAINT_NAME = c.CONSTRAINT_NAME AND t.CONSTRAINT_TYPE = 'CHECK'
WHERE c.CONSTRAINT_SCHEMA = DATABASE() AND t.ENFORCED = 'YES' ORDER BY t.TABLE_NAME, c.CONSTRAINT_NAME"""

_KINDS: dict[str, Kind] = {"BASE TABLE": "table", "SYSTEM VERSIONED": "table", "VIEW": "view"}
"""A MariaDB sequence is no table; a partition is none either, and its table is read as one."""


@dataclass(slots=True)
class _Parts:
    """What was found of one table, before it is put together."""

    columns: list[Column] = field(default_factory=list)
    keys: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    references: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    checks: list[Check] = field(default_factory=list)


def inspect(fetch: Fetch, flavour: Flavour) -> Schema:
    """The tables and views of the connection's database, under names without a schema.

    A table of another database appears only as the target of a reference, under its database's name.
    """
    parts: dict[str, _Parts] = defaultdict(_Parts)
    mariadb = flavour is MARIADB
    for name, *row in _rows(fetch, _COLUMNS):
        parts[name].columns.append(_column(row, flavour))
    for name, key, *row in _rows(fetch, _KEYS.format(expression="NULL" if mariadb else "EXPRESSION")):
        parts[name].keys[key].append(tuple(row))
    for name, constraint, *row in _rows(fetch, _REFERENCES):
        parts[name].references[constraint].append(tuple(row))
    for name, constraint, clause in _rows(fetch, _MARIADB_CHECKS if mariadb else _MYSQL_CHECKS):
        text = clause if mariadb else clause.replace("\\'", "'")
        parts[name].checks.append(Check(constraint, text))
    found = [_table(row, parts[row[0]]) for row in _rows(fetch, _TABLES) if row[1] in _KINDS]
    ((home,),) = _rows(fetch, "SELECT DATABASE()")
    return Schema({table.name: table for table in found}, folds_case=True, home=home or "")


def _rows(fetch: Fetch, query: str) -> Iterable[Row]:
    return fetch(query)


def _column(row: list[Any], flavour: Flavour) -> Column:
    name, native, nullable, length, extra, default, collation, comment, octets = row
    arrow, notes = arrow_of(native), (extra or "").upper()
    return Column(
        name=name,
        arrow=arrow,
        native=native,
        nullable=nullable == "YES",
        length=_length(native, length, octets),
        # "VIRTUAL GENERATED", in MariaDB also the row times of versioned tables; a generated default is something else.
        generated="GENERATED" in notes.replace("DEFAULT_GENERATED", ""),
        identity="default" if "AUTO_INCREMENT" in notes else "",
        default=_quoted_default(default) if flavour.quoted_defaults else _default(default, native, notes),
        collation=collation or "",
        ignores_case=(collation or "").endswith("_ci"),
        choices=choices_of(native),
        comment=comment or "",
    )


def _length(native: str, characters: int | None, octets: int | None) -> int | None:
    """Characters that fit; the text types are bounded by bytes, so that the number is what fits at four bytes each."""
    name = family(native)
    if characters is None or name in ("enum", "set", "longtext", "longblob", "json"):
        return None
    return int(octets or characters) // 4 if name in ("tinytext", "text", "mediumtext") else int(characters)


def _quoted_default(default: str | None) -> str | None:
    """MariaDB's catalogue gives SQL text, and says NULL where nothing was declared of a column that may be null."""
    return None if default == "NULL" else default


def _default(default: str | None, native: str, notes: str) -> str | None:
    """MySQL's catalogue gives a literal default bare, and an expression as SQL."""
    if default is None:
        return None
    if "DEFAULT_GENERATED" in notes:
        return default if default.upper().startswith("CURRENT_TIMESTAMP") else f"({default})"
    numeric = family(native) in {
        "tinyint",
        "smallint",
        "mediumint",
        "int",
        "bigint",
        "decimal",
        "float",
        "double",
        "bit",
    }
    escaped = default.replace("\\", "\\\\").replace("'", "''")
    return default if numeric else f"'{escaped}'"


def _table(row: Row, parts: _Parts) -> Table:
    name, kind, rows, size, comment, definition = row
    primary = tuple(key[0] for key in parts.keys.get("PRIMARY", ()))
    return Table(
        name=TableName("", name),
        columns=tuple(parts.columns),
        primary_key=primary,
        uniques=tuple(_unique(key, fields) for key, fields in parts.keys.items() if key != "PRIMARY"),
        references=tuple(_reference(name, key, fields) for key, fields in parts.references.items()),
        checks=tuple(parts.checks),
        kind=_KINDS[kind],
        rows=int(rows or 0),
        bytes=int(size or 0),
        comment="" if kind == "VIEW" else comment or "",
        definition=definition or "",
    )


def _unique(name: str, fields: list[Row]) -> Unique:
    """A unique key; over prefixes or expressions it is one over an expression."""
    columns = tuple(column for column, _, _ in fields if column)
    if all(column and prefix is None for column, prefix, _ in fields):
        return Unique(name, columns)
    spelled = [
        expression or (f"left(`{column}`, {prefix})" if prefix else f"`{column}`")
        for column, prefix, expression in fields
    ]
    inside = tuple(part for _, _, expression in fields if expression for part in expression.split("`")[1::2])
    return Unique(name, tuple(dict.fromkeys((*columns, *inside))), expression=", ".join(spelled))


def _reference(table: str, name: str, fields: list[Row]) -> Reference:
    schema, target = fields[0][1] or "", fields[0][2]
    columns, targets = tuple(row[0] for row in fields), tuple(row[3] for row in fields)
    return Reference(name, TableName("", table), columns, TableName(schema, target), targets)
