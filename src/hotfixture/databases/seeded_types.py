"""How each SQL engine spells the types of tables that seeding creates, and the statements that create them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

if TYPE_CHECKING:
    from hotfixture.databases.base import Dialect
    from hotfixture.schema import Column, Reference, Table, Unique


class Spelling(NamedTuple):
    """The type words of one engine."""

    boolean: str
    integers: Mapping[str, str]
    float: str
    double: str
    decimal: str
    text: str
    varchar: str
    key_text: str
    """A text that stands in a key, where the engine indexes no text without a length."""
    uuid: str
    json: str
    binary: str
    time: str
    timestamp: str
    zoned: str
    interval: str


SPELLINGS: Mapping[str, Spelling] = {
    "postgresql": Spelling(
        "boolean",
        {"int8": "smallint", "int16": "smallint", "int32": "integer", "int64": "bigint",
         "uint8": "smallint", "uint16": "integer", "uint32": "bigint", "uint64": "numeric(20)"},
        "real", "double precision", "numeric({},{})", "text", "varchar({})", "text", "uuid", "jsonb", "bytea",
        "time", "timestamp", "timestamptz", "interval",
    ),
    "mysql": Spelling(
        "boolean",
        {"int8": "tinyint", "int16": "smallint", "int32": "int", "int64": "bigint",
         "uint8": "tinyint unsigned", "uint16": "smallint unsigned", "uint32": "int unsigned",
         "uint64": "bigint unsigned"},
        "float", "double", "decimal({},{})", "longtext", "varchar({})", "varchar(255)", "char(36)", "json", "longblob",
        "time(6)", "datetime(6)", "datetime(6)", "varchar(64)",
    ),
    "sqlite": Spelling(
        "BOOLEAN",
        dict.fromkeys(("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"), "INTEGER"),
        "REAL", "REAL", "DECIMAL({},{})", "TEXT", "VARCHAR({})", "TEXT", "TEXT", "TEXT", "BLOB",
        "TIME", "TIMESTAMP", "TIMESTAMP", "TEXT",
    ),
}  # fmt: skip

_TESTS: Sequence[tuple[Callable[[pa.DataType], bool], str]] = (
    (pa.types.is_boolean, "boolean"), (pa.types.is_float32, "float"), (pa.types.is_floating, "double"),
    (pa.types.is_binary, "binary"), (pa.types.is_large_binary, "binary"), (pa.types.is_fixed_size_binary, "binary"),
    (pa.types.is_time, "time"), (pa.types.is_duration, "interval"), (pa.types.is_nested, "json"),
)  # fmt: skip


def is_array(engine: str, column: Column) -> bool:
    """Whether the column was asked for as an array (`text[]`), and its engine has some: its lists are no JSON then."""
    plain = pa.types.is_list(column.arrow) and not pa.types.is_nested(column.arrow.value_type)
    return engine == "postgresql" and plain and column.native.strip().endswith("[]")


def type_of(dialect: Dialect, column: Column, *, keyed: bool) -> str:
    """The engine's type for a column of a plan; `keyed` where it stands in a key or a unique."""
    words, arrow = SPELLINGS[dialect.name], column.arrow
    written = column.native.lower().partition("(")[0].strip()
    if is_array(dialect.name, column):
        item = replace(column, arrow=arrow.value_type, native=column.native.strip()[:-2])
        return f"{type_of(dialect, item, keyed=False)}[]"
    if written in ("uuid", "guid"):
        return words.uuid
    if written in ("json", "jsonb"):
        return words.json
    if str(arrow) in words.integers:
        return words.integers[str(arrow)]
    if pa.types.is_decimal(arrow):
        return words.decimal.format(arrow.precision, arrow.scale)
    if pa.types.is_date(arrow):
        return "date"
    if pa.types.is_timestamp(arrow):
        return words.zoned if arrow.tz else words.timestamp
    for test, field in _TESTS:
        if test(arrow):
            return str(getattr(words, field))
    if column.length:
        return words.varchar.format(column.length)
    return words.key_text if keyed else words.text


def create_table(dialect: Dialect, table: Table, references: Sequence[Reference]) -> str:
    """CREATE TABLE with the keys, uniques, checks, and those references that may stand there from the start."""
    quote = dialect.identifier
    keyed = {name for unique in table.uniques for name in unique.columns} | set(table.primary_key)
    keyed |= {name for reference in table.references for name in reference.columns}
    numbered = _numbered(table)
    lines = [
        f"{quote(column.name)} {type_of(dialect, column, keyed=column.name in keyed)}"
        f"{'' if column.nullable else ' NOT NULL'}{_NUMBERED[dialect.name] if column.name == numbered else ''}"
        for column in table.columns
    ]
    if table.primary_key:
        lines.append(f"PRIMARY KEY ({', '.join(map(quote, table.primary_key))})")
    whole = [one for one in enforced(dialect.name, table) if not one.where]
    lines += [
        f"CONSTRAINT {quote(one.name)} UNIQUE{_alike(one)} ({', '.join(map(quote, one.columns))})" for one in whole
    ]
    lines += [f"CONSTRAINT {quote(one.name)} CHECK ({one.expression})" for one in table.checks]
    lines += [reference_clause(dialect, one) for one in references]
    return f"CREATE TABLE {dialect.table(table.name)} (\n  " + ",\n  ".join(lines) + "\n)"


def enforced(engine: str, table: Table) -> list[Unique]:
    """The uniques that the engine can have: MySQL has none over some rows, PostgreSQL alone takes null for equal."""
    partial, equal = engine != "mysql", engine == "postgresql"
    return [one for one in table.uniques if (partial or not one.where) and (equal or one.nulls_distinct)]


def partial_indexes(dialect: Dialect, table: Table) -> list[str]:
    """CREATE UNIQUE INDEX statements of the uniques over some rows, which stand behind the table."""
    quote = dialect.identifier
    return [
        f"CREATE UNIQUE INDEX {quote(one.name)} ON {dialect.table(table.name)} "
        f"({', '.join(map(quote, one.columns))}){_alike(one)} WHERE {one.where}"
        for one in enforced(dialect.name, table)
        if one.where
    ]


def _alike(unique: Unique) -> str:
    return "" if unique.nulls_distinct else " NULLS NOT DISTINCT"


_NUMBERED = {"postgresql": " GENERATED BY DEFAULT AS IDENTITY", "mysql": " AUTO_INCREMENT", "sqlite": ""}
"""What has the engine number rows that come without a key; SQLite does so for every such column."""


def _numbered(table: Table) -> str:
    """The one whole number that is the key, and points nowhere; empty where there is none."""
    key = table.primary_key
    pointing = {name for reference in table.references for name in reference.columns}
    if len(key) != 1 or key[0] in pointing:
        return ""
    kind = table.column(key[0]).arrow
    return key[0] if pa.types.is_signed_integer(kind) or kind == pa.uint32() else ""


def reference_clause(dialect: Dialect, reference: Reference) -> str:
    """CONSTRAINT … FOREIGN KEY … REFERENCES …; a deferrable one waits for the end of its transaction."""
    quote = dialect.identifier
    columns, targets = (", ".join(map(quote, names)) for names in (reference.columns, reference.target_columns))
    target = dialect.table(reference.target)
    waits = " DEFERRABLE INITIALLY DEFERRED" if reference.deferrable and dialect.name != "mysql" else ""
    return f"CONSTRAINT {quote(reference.name)} FOREIGN KEY ({columns}) REFERENCES {target} ({targets}){waits}"
