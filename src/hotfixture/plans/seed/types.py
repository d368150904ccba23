"""The types a seed schema may name, and the Arrow type, length and engine-neutral spelling of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pyarrow as pa

_WRITTEN = re.compile(r"\s*([a-z_][a-z0-9_ ]*?)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*(\[\])?\s*", re.IGNORECASE)
_SPACES = re.compile(r"[\s_]+")


@dataclass(frozen=True, slots=True)
class DeclaredType:
    """A type as the schema names it."""

    name: str
    """The canonical word: `integer`, `text`, …"""
    arrow: pa.DataType
    length: int | None = None


NAMES: Mapping[str, Callable[[], pa.DataType]] = {
    "smallint": pa.int16,
    "integer": pa.int32,
    "bigint": pa.int64,
    "unsigned": pa.uint32,
    "bigint unsigned": pa.uint64,
    "float": pa.float32,
    "double": pa.float64,
    "decimal": lambda: pa.decimal128(18, 2),
    "boolean": pa.bool_,
    "text": pa.string,
    "date": pa.date32,
    "time": lambda: pa.time64("us"),
    "timestamp": lambda: pa.timestamp("us"),
    "timestamp with time zone": lambda: pa.timestamp("us", "UTC"),
    "interval": lambda: pa.duration("us"),
    "uuid": pa.string,
    "json": pa.string,
    "binary": pa.binary,
    "objectid": pa.string,
}

OTHER_NAMES: Mapping[str, str] = {
    "int": "integer", "int4": "integer", "int32": "integer", "mediumint": "integer", "serial": "integer",
    "int2": "smallint", "int16": "smallint", "tinyint": "smallint", "short": "smallint",
    "int8": "bigint", "int64": "bigint", "long": "bigint", "bigserial": "bigint",
    "tinyint unsigned": "smallint", "smallint unsigned": "integer", "mediumint unsigned": "integer", "year": "smallint",
    "int unsigned": "unsigned", "uint32": "unsigned", "uint64": "bigint unsigned",
    "real": "float", "float4": "float", "float32": "float", "number": "double", "float8": "double",
    "float64": "double", "double precision": "double",
    "numeric": "decimal", "money": "decimal", "decimal128": "decimal",
    "bool": "boolean",
    "string": "text", "varchar": "text", "character varying": "text", "char": "text", "character": "text",
    "nvarchar": "text", "clob": "text", "longtext": "text", "mediumtext": "text", "citext": "text", "enum": "text",
    "datetime": "timestamp", "timestamp without time zone": "timestamp", "timestamptz": "timestamp with time zone",
    "duration": "interval", "guid": "uuid", "jsonb": "json",
    "bytes": "binary", "blob": "binary", "bytea": "binary", "varbinary": "binary", "object id": "objectid",
}  # fmt: skip


def declared_type(text: str) -> DeclaredType:
    """The type that `varchar(20)`, `numeric(10,2)`, `text[]` name; KeyError for a word that names none."""
    found = _WRITTEN.fullmatch(text)
    if not found:
        raise KeyError(text)
    word = _SPACES.sub(" ", found[1].lower())
    name = OTHER_NAMES.get(word, word)
    arrow, length = NAMES[name](), None
    if found[2] and name == "decimal":
        arrow = pa.decimal128(min(max(int(found[2]), 1), 38), int(found[3] or 0))
    elif found[2] and name in ("text", "binary"):
        length = int(found[2])
    return DeclaredType(name, pa.list_(arrow) if found[4] else arrow, length)


def known_words() -> list[str]:
    """Every word that names a type."""
    return sorted({*NAMES, *OTHER_NAMES})
