"""MySQL's and MariaDB's types as Arrow types: from the catalogue's type text, or from the description of a result."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
from pymysql.constants import FIELD_TYPE

from hotfixture.schema import Column

_INTEGERS = {"tinyint": 8, "smallint": 16, "mediumint": 32, "int": 32, "integer": 32, "bigint": 64}
_BYTES = frozenset(("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "vector"))
_SHAPES = frozenset(("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon"))
_COLLECTIONS = frozenset(("geometrycollection", "geomcollection"))
_BINARY = _BYTES | _SHAPES | _COLLECTIONS
_PLAIN = {
    "bit": pa.uint64(),
    "bool": pa.int8(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us"),
    "double": pa.float64(),
    "float": pa.float32(),
    "real": pa.float64(),
    "time": pa.time64("us"),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "year": pa.uint16(),
}
FAITHFUL = frozenset(
    ["", "binary", "cp850", "cp852", "cp866", "keybcs2", "koi8r", "koi8u", "latin1", "latin2", "latin5", "latin7"]
).union(["macce", "macroman", "ucs2", "utf16", "utf16le", "utf32", "utf8", "utf8mb3", "utf8mb4"])
"""Character sets of which every stored byte survives the way to utf8mb4 and back; tried on all their one- and two-byte
codes. In the others some are undefined there (bytes over 127 in ascii, user-defined characters in gbk) or change (the
backslash of sjis)."""

_NUMBERS = {
    FIELD_TYPE.TINY: "tinyint",
    FIELD_TYPE.SHORT: "smallint",
    FIELD_TYPE.INT24: "mediumint",
    FIELD_TYPE.LONG: "int",
    FIELD_TYPE.LONGLONG: "bigint",
    FIELD_TYPE.FLOAT: "float",
    FIELD_TYPE.DOUBLE: "double",
    FIELD_TYPE.YEAR: "year",
}
_TIMES = {
    FIELD_TYPE.DATE: "date",
    FIELD_TYPE.NEWDATE: "date",
    FIELD_TYPE.TIME: "time",
    FIELD_TYPE.DATETIME: "datetime",
    FIELD_TYPE.TIMESTAMP: "timestamp",
}
_UNSIGNED, _ENUM, _SET, _NOT_NULL = 32, 256, 2048, 1
_BINARY_CHARSET = 63
_MEMBER = re.compile(r"'((?:[^'\\]|''|\\.)*)'", re.DOTALL)


def family(native: str) -> str:
    """The type's bare name: `int` of `int(10) unsigned`."""
    return native.lower().partition("(")[0].partition(" ")[0]


def arrow_of(native: str) -> pa.DataType:
    """The Arrow type of a catalogue's type text; text for whatever has no type of its own there."""
    name = family(native)
    if name in _INTEGERS:
        sign = "u" if " unsigned" in native.lower() else ""
        return pa.type_for_alias(f"{sign}int{_INTEGERS[name]}")
    if name in ("decimal", "numeric"):
        precision, _, scale = native.partition("(")[2].partition(")")[0].partition(",")
        return decimal_of(int(precision or 10), int(scale or 0))
    return pa.binary() if name in _BINARY else _PLAIN.get(name, pa.string())


def decimal_of(precision: int, scale: int) -> pa.DataType:
    """The narrowest Arrow decimal; MySQL has up to 65 digits, of which the first 38 fit into 128 bits."""
    return pa.decimal128(precision, scale) if precision <= 38 else pa.decimal256(precision, scale)


def charset_of(column: Column) -> str:
    """The character set of a text column, which is how its collation's name begins."""
    return column.collation.partition("_")[0]


def choices_of(native: str) -> tuple[str, ...]:
    """The members of `enum('a','b')` or `set(…)`."""
    if family(native) not in ("enum", "set"):
        return ()
    return tuple(member.replace("''", "'").replace("\\\\", "\\") for member in _MEMBER.findall(native))


def described(field: Any) -> Column:
    """The column that a result's field description stands for."""
    native = _native(field)
    return Column(name=field.name, arrow=arrow_of(native), native=native, nullable=not field.flags & _NOT_NULL)


def _native(field: Any) -> str:
    code = field.type_code
    if code in _NUMBERS:
        return _NUMBERS[code] + (" unsigned" if field.flags & _UNSIGNED and code != FIELD_TYPE.YEAR else "")
    if code in _TIMES:
        return f"{_TIMES[code]}({field.scale})" if 0 < field.scale <= 6 else _TIMES[code]
    if code in (FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL):
        # The length counts the sign and the point beside the digits.
        digits = field.length - (field.scale > 0) - (not field.flags & _UNSIGNED)
        return f"decimal({max(1, min(65, digits))},{field.scale})"
    if code == FIELD_TYPE.BIT:
        return f"bit({field.length})"
    return _string(field)


def _string(field: Any) -> str:
    code, binary = field.type_code, field.charsetnr == _BINARY_CHARSET
    if code == FIELD_TYPE.JSON:
        return "json"
    if code == FIELD_TYPE.GEOMETRY:
        return "geometry"
    if field.flags & (_ENUM | _SET):
        return "varchar(255)"
    if code in (FIELD_TYPE.TINY_BLOB, FIELD_TYPE.BLOB, FIELD_TYPE.MEDIUM_BLOB, FIELD_TYPE.LONG_BLOB):
        return "longblob" if binary else "longtext"
    # Text arrives in utf8mb4, of which the description counts four bytes a character.
    return f"varbinary({field.length})" if binary else f"varchar({field.length // 4})"
