"""What SQLite's catalogue says of its tables."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import pyarrow as pa

from hotfixture.errors import DatabaseError
from hotfixture.schema import Check, Column, Kind, Reference, Schema, Table, TableName, Unique

if TYPE_CHECKING:
    from hotfixture.databases.base import Dialect

Fetch = Callable[[str], list[tuple[object, ...]]]

_TABLES = """
SELECT l.name, l.type, l.wr, l.strict, s.sql FROM pragma_table_list l
JOIN sqlite_schema s ON s.name = l.name AND s.type IN ('table', 'view')
WHERE l.schema = 'main' AND l.type <> 'shadow' AND l.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY l.name
"""
_COLUMNS = """
SELECT t.name, c.name, c.type, c."notnull", c.dflt_value, c.pk, c.hidden
FROM pragma_table_list t, pragma_table_xinfo(t.name, 'main') c
WHERE t.schema = 'main' AND c.hidden <> 1 ORDER BY t.name, c.cid
"""
_REFERENCES = """
SELECT t.name, f.id, f.seq, f."table", f."from", f."to"
FROM pragma_table_list t, pragma_foreign_key_list(t.name, 'main') f
WHERE t.schema = 'main' ORDER BY t.name, f.id, f.seq
"""
_INDEXES = """
SELECT t.name, i.name, i.origin, i.partial, x.cid, x.name, x.coll, s.sql
FROM pragma_table_list t, pragma_index_list(t.name, 'main') i, pragma_index_xinfo(i.name, 'main') x
LEFT JOIN sqlite_schema s ON s.name = i.name AND s.type = 'index'
WHERE t.schema = 'main' AND i."unique" AND x.key ORDER BY t.name, i.name, x.seqno
"""


def inspect(fetch: Fetch, dialect: Dialect) -> Schema:
    """The tables of the main database; virtual tables by their visible columns, shadow tables left out."""
    columns = _grouped(_columns(fetch, dialect))
    references = _grouped(fetch(_REFERENCES))
    indexes = _grouped(fetch(_INDEXES))
    keys = {name: _primary_key(rows) for name, rows in columns.items()}
    tables = {}
    for name, kind, without_rowid, strict, sql in fetch(_TABLES):
        table = str(name)
        rows = columns.get(table, [])
        if not rows:
            continue
        keyed_apart = any(row[2] == "pk" for row in indexes.get(table, []))  # INTEGER PRIMARY KEY DESC is no alias
        alias = _rowid_alias(rows) if not without_rowid and not keyed_apart else ""
        hidden = "" if without_rowid or kind == "view" else _hidden_key([str(row[1]) for row in rows])
        count = "" if kind != "table" else f"max({hidden}) - min({hidden}) + 1.0" if hidden else "count(*)"
        estimate, size = _size(
            fetch, dialect.identifier(table), count, [dialect.identifier(str(row[1])) for row in rows]
        )
        tables[TableName("", table)] = Table(
            name=TableName("", table),
            columns=tuple(_column(row, alias, bool(strict or without_rowid)) for row in rows),
            primary_key=keys.get(table, ()),
            uniques=_uniques(indexes.get(table, [])),
            references=_references(table, references.get(table, []), keys),
            checks=_checks(str(sql)),
            kind=_kind(str(kind)),
            rows=estimate,
            bytes=size,
            hidden_key=hidden,
            definition=str(sql) if kind == "view" else "",
        )
    return Schema(tables, folds_case=True)


def _columns(fetch: Fetch, dialect: Dialect) -> list[tuple[object, ...]]:
    """The columns of all tables; without those that cannot be looked at: a view over nothing, a module not here."""
    try:
        return fetch(_COLUMNS)
    except DatabaseError:
        found: list[tuple[object, ...]] = []
        for row in fetch("SELECT name FROM pragma_table_list WHERE schema = 'main'"):
            with suppress(DatabaseError):
                found += fetch(_COLUMNS.replace("= 'main'", f"= 'main' AND t.name = {dialect.literal(row[0])}", 1))
        return found


def _grouped(rows: list[tuple[object, ...]]) -> dict[str, list[tuple[object, ...]]]:
    groups: dict[str, list[tuple[object, ...]]] = {}
    for row in rows:
        groups.setdefault(str(row[0]), []).append(row)
    return groups


def _kind(kind: str) -> Kind:
    return "view" if kind == "view" else "virtual" if kind == "virtual" else "table"


def _primary_key(rows: list[tuple[object, ...]]) -> tuple[str, ...]:
    parts = [(int(str(row[5])), str(row[1])) for row in rows if row[5]]
    return tuple(name for _, name in sorted(parts))


def _hidden_key(columns: list[str]) -> str:
    """A name of the row's number that no column has taken; empty where all are taken."""
    taken = {column.lower() for column in columns}
    return next((name for name in ("rowid", "_rowid_", "oid") if name not in taken), "")


def _rowid_alias(rows: list[tuple[object, ...]]) -> str:
    """The one column that is the row's number: the only part of the key, declared exactly INTEGER."""
    keys = [row for row in rows if row[5]]
    return str(keys[0][1]) if len(keys) == 1 and str(keys[0][2]).upper() == "INTEGER" else ""


def _column(row: tuple[object, ...], alias: str, keys_are_not_null: bool) -> Column:
    _, name, native, not_null, default, key, hidden = row
    # Outside STRICT and WITHOUT ROWID tables a primary key column takes NULL, unless it is the row's number.
    fixed = bool(not_null) or name == alias or bool(key and keys_are_not_null)
    return Column(
        name=str(name),
        arrow=arrow_type(str(native)),
        native=str(native),
        nullable=not fixed,
        generated=hidden in (2, 3),
        identity="default" if name == alias else "",
        default=None if default is None else str(default),
    )


def arrow_type(native: str) -> pa.DataType:
    """The Arrow type of a declared type, by SQLite's rules of affinity (https://sqlite.org/datatype3.html, 3.1)."""
    text = native.upper()
    if "INT" in text or "BOOL" in text:
        return pa.int64()
    if any(part in text for part in ("CHAR", "CLOB", "TEXT", "DATE", "TIME", "JSON", "UUID")):
        return pa.string()
    if "BLOB" in text:
        return pa.binary()
    if any(part in text for part in ("REAL", "FLOA", "DOUB")):
        return pa.float64()
    exact = re.search(r"\((\d+)\s*(?:,\s*(\d+))?\)", text)
    if exact and 0 < int(exact[1]) <= 38:
        return pa.decimal128(int(exact[1]), int(exact[2] or 0))
    return pa.float64() if text else pa.string()


def _references(table: str, rows: list[tuple[object, ...]], keys: dict[str, tuple[str, ...]]) -> tuple[Reference, ...]:
    spelled = {name.lower(): name for name in keys}
    groups: dict[int, list[tuple[object, ...]]] = {}
    for row in rows:
        groups.setdefault(int(str(row[1])), []).append(row)
    found = []
    for number, parts in sorted(groups.items()):
        target = spelled.get(str(parts[0][3]).lower(), str(parts[0][3]))
        named = tuple(str(part[5]) for part in parts if part[5] is not None)
        found.append(
            Reference(
                name=f"fk_{table}_{number}",
                table=TableName("", table),
                columns=tuple(str(part[4]) for part in parts),
                target=TableName("", target),
                target_columns=named or keys.get(target, ()),
                deferrable=True,
                enforced=False,  # only where every writer switched foreign keys on
            )
        )
    return tuple(found)


def _uniques(rows: list[tuple[object, ...]]) -> tuple[Unique, ...]:
    groups: dict[str, list[tuple[object, ...]]] = {}
    for row in rows:
        groups.setdefault(str(row[1]), []).append(row)
    return tuple(_unique(name, parts) for name, parts in groups.items() if parts[0][2] != "pk")


def _unique(name: str, parts: list[tuple[object, ...]]) -> Unique:
    sql = str(parts[0][7] or "")
    where = re.search(r"\bWHERE\b(.*)$", sql, re.IGNORECASE | re.DOTALL) if parts[0][3] else None
    folded = [part for part in parts if part[5] is None or str(part[6]).upper() != "BINARY"]
    listed = re.search(r"\bON\b[^(]*\((.*?)\)\s*(?:\bWHERE\b.*)?$", sql, re.IGNORECASE | re.DOTALL)
    return Unique(
        name=name,
        columns=tuple(str(part[5]) for part in parts if part[5] is not None),
        expression=(listed[1] if listed else "collated") if folded else "",
        where=where[1].strip() if where else "",
    )


def _checks(sql: str) -> tuple[Check, ...]:
    if "check" not in sql.lower():
        return ()
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    plain = re.sub(r"\)\s*(?:WITHOUT\s+ROWID|STRICT|,|\s)+$", ")", sql, flags=re.IGNORECASE)  # unknown to the parser
    try:
        tree = sqlglot.parse_one(plain, dialect="sqlite")
    except SqlglotError:
        return ()
    found = tree.find_all(exp.CheckColumnConstraint, exp.Check)
    return tuple(Check(f"check_{number}", node.this.sql("sqlite")) for number, node in enumerate(found))


def _size(fetch: Fetch, table: str, count: str, columns: list[str]) -> tuple[int, int]:
    """Rows and bytes: the span of the row numbers stands for the count, the first rows' mean length for the size.

    Numbers may be far apart (made from a clock); there are never more rows than two bytes of the file for each.
    """
    if not count or not columns:
        return 0, 0
    pages = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    found = f"SELECT min(coalesce({count}, 0), ({pages}) / 2) FROM {table}"
    rows = int(float(str(fetch(found)[0][0])))
    length = "+".join(f"coalesce(length({column}), 4) + 1" for column in columns)
    mean = fetch(f"SELECT avg({length}) FROM (SELECT * FROM {table} LIMIT 64)")[0][0]
    return rows, int(rows * float(str(mean or 0)))
