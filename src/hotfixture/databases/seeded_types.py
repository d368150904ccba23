"""How each SQL engine spells the types of tables that seeding creates, and the statements that create them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

if TYPE_CHECKING:
    from hotfixture.databases.base import Dialect
    from hotfixture.schema import Column, Reference, Table


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


def type_of(dialect: Dialect, column: Column, *, keyed: bool) -> str:
    """The engine's type for a column of a plan; `keyed` where it stands in a key or a unique."""
    words, arrow = SPELLINGS[dialect.name], column.arrow
    written = column.native.lower().partition("(")[0].strip()
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
    lines = [
        f"{quote(column.name)} {type_of(dialect, column, keyed=column.name in keyed)}"
        f"{'' if column.nullable else ' NOT NULL'}"
        for column in table.columns
    ]
    if table.primary_key:
        lines.append(f"PRIMARY KEY ({', '.join(map(quote, table.primary_key))})")
    lines += [f"CONSTRAINT {quote(one.name)} UNIQUE ({', '.join(map(quote, one.columns))})" for one in table.uniques]
    lines += [f"CONSTRAINT {quote(one.name)} CHECK ({one.expression})" for one in table.checks]
    lines += [reference_clause(dialect, one) for one in references]
    return f"CREATE TABLE {dialect.table(table.name)} (\n  " + ",\n  ".join(lines) + "\n)"


def reference_clause(dialect: Dialect, reference: Reference) -> str:
    """CONSTRAINT … FOREIGN KEY … REFERENCES …"""
    quote = dialect.identifier
    columns, targets = (", ".join(map(quote, names)) for names in (reference.columns, reference.target_columns))
    target = dialect.table(reference.target)
    return f"CONSTRAINT {quote(reference.name)} FOREIGN KEY ({columns}) REFERENCES {target} ({targets})"
