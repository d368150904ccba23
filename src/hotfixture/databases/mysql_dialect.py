"""How MySQL and MariaDB are spelled. Wire form is the value itself: text as UTF-8, binary types as bytes, NULL as null.

Quoting waits until a batch becomes script text. Arrow's kernels do it in 0.6 s for 1 M rows of 11 columns, beside a
server that needs 1.3 s to send them; `QUOTE()` in the server costs that server 0.7 s more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hotfixture.databases.base import Dialect, Load
from hotfixture.databases.mysql_connection import SQL_MODE
from hotfixture.databases.mysql_types import FAITHFUL, charset_of, family
from hotfixture.errors import DatabaseError, UnsupportedError

if TYPE_CHECKING:
    from hotfixture.schema import Column, Table

STATEMENT = 1 << 20
"""Bytes of one INSERT: as mysqldump's, and far below the smallest usual max_allowed_packet of 16 MB."""

# Escaped beside the quote and the escape character: what clients, editors and line-splitting readers stumble over.
_ESCAPES = {"\\": "\\\\", "'": "\\'", "\0": "\\0", "\n": "\\n", "\r": "\\r", "\x1a": "\\Z"}
_TABLE = str.maketrans(_ESCAPES)
RAW = "\U0010fffe"
"""Begins a text whose characters Unicode lacks; its bytes follow in hexadecimal digits. No text may hold this code."""
_RAW = f"^{RAW}([0-9A-F]{{2}})*$"

_BETWEEN = "),\n("
_DIGITS = b"0123456789+-.eE"
_NUMBER = r"^[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$"
_RELAXED = "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES';\n"
_STRICT = f"SET sql_mode = '{SQL_MODE}';\n"

_SAVED = ("time_zone", "sql_mode", "foreign_key_checks", "autocommit")
# unique_checks stays on: off, MySQL may let duplicates pass unseen, and MariaDB's bulk insert took longer, not less.
_BEGIN = f"""SET NAMES utf8mb4;
{"".join(f"SET @hotfixture_{name} = @@{name};{chr(10)}" for name in _SAVED)}SET time_zone = '+00:00';
SET sql_mode = '{SQL_MODE}';
SET foreign_key_checks = 0;
SET autocommit = 0;
"""
_END = f"COMMIT;\n{''.join(f'SET {name} = @hotfixture_{name};{chr(10)}' for name in reversed(_SAVED))}"


class MysqlDialect(Dialect):
    """Spells MySQL 8 and MariaDB 10.6, whatever the sql_mode of the server that reads it."""

    name = "mysql"
    sqlglot = "mysql"
    separator = ","

    def identifier(self, name: str) -> str:
        escaped = name.replace("`", "``")
        return f"`{escaped}`"

    def literal(self, value: object) -> str:
        match value:
            case None:
                return "NULL"
            case bool() | int():
                return str(int(value))
            case float() if isfinite(value):
                return repr(value) if "e" in repr(value) else f"{value!r}e0"
            case float():
                raise DatabaseError("MySQL has no infinite number and no NaN")
            case Decimal():
                return f"{value:f}"
            case bytes():
                return f"0x{value.hex()}" if value else "''"
            case datetime() | date() | time() | timedelta():
                return f"'{_moment(value)}'"
            case _:
                return f"'{str(value).translate(_TABLE)}'"

    def decode(self, column: Column, wire: pa.Array) -> pa.Array:  # noqa: ARG002 - wire form is the value itself
        return wire

    def encode(self, column: Column, values: pa.Array) -> pa.Array:
        if pa.types.is_dictionary(values.type):
            values = values.dictionary_decode()
        try:
            return _plain(values).cast(pa.binary() if pa.types.is_binary(column.arrow) else pa.string())
        except pa.ArrowInvalid as error:
            message = f"column {column.name!r}: the bytes given for {column.native or 'text'} are no UTF-8 text"
            raise DatabaseError(message) from error

    def typed(self, column: Column, wire: pa.Array) -> pa.Array:
        try:
            if pa.types.is_timestamp(column.arrow) and column.arrow.tz:
                return pc.assume_timezone(wire.cast(pa.timestamp("us")), "UTC").cast(column.arrow)
            if pa.types.is_time(column.arrow):
                # Arrow reads no times of day by themselves.
                moment = pc.binary_join_element_wise("1970-01-01", wire, " ").cast(pa.timestamp("us"))
                return moment.cast(column.arrow)
            return wire.cast(column.arrow)
        except pa.ArrowInvalid as error:
            message = f"column {column.name!r} ({column.native}) holds values that no {column.arrow} can be"
            hint = (
                "Zero and partial dates, and times beyond a day, have no place there: export SQL, or cast the column."
            )
            raise DatabaseError(message, hint=hint) from error

    def script_begin(self, load: Load) -> str:  # noqa: ARG002 - with checks off, any order of tables and rows loads
        return _BEGIN

    def script_end(self, load: Load, *, rows: int) -> str:  # noqa: ARG002 - AUTO_INCREMENT follows the rows by itself
        return _END

    def rows(self, table: Table, columns: Sequence[Column], batch: pa.RecordBatch) -> Iterator[bytes | pa.Buffer]:
        if not batch.num_rows:
            return
        check_names((table.name.name, *(column.name for column in columns)))
        names = ",".join(self.identifier(column.name) for column in columns)
        head = f"INSERT INTO {self.table(table.name)} ({names}) VALUES\n(".encode()
        fields = [_literals(column, values) for column, values in zip(columns, batch.columns, strict=True)]
        # The server keeps a value that is no member of its enum as an empty text, and takes it back only when lenient.
        relaxed = any(map(_no_member, columns, batch.columns))
        if relaxed:
            yield _RELAXED.encode()
        for text in _joined(fields):
            yield head
            yield text
            yield b");\n"
        if relaxed:
            yield _STRICT.encode()


def check_names(names: Iterable[str]) -> None:
    """UnsupportedError for a name with a line break: a script is read line by line, and a name has no escapes."""
    for name in names:
        if "\n" in name or "\r" in name:
            raise UnsupportedError(f"the name {name!r} holds a line break, which no script can carry")


def _moment(value: date | time | datetime | timedelta) -> str:
    if isinstance(value, timedelta):
        seconds = abs(value)
        minutes, second = divmod(seconds.days * 86_400 + seconds.seconds, 60)
        sign = "-" if value < timedelta() else ""
        return f"{sign}{minutes // 60:02}:{minutes % 60:02}:{second:02}.{seconds.microseconds:06}"
    if isinstance(value, datetime) and value.utcoffset() is not None:
        value = (value - (value.utcoffset() or timedelta())).replace(tzinfo=None)
    return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()


def _plain(values: pa.Array) -> pa.Array:
    """Values whose cast to text is what MySQL reads."""
    kind = values.type
    if pa.types.is_boolean(kind):
        return values.cast(pa.int8())
    if pa.types.is_timestamp(kind):
        return pc.cast(values, pa.timestamp("us", tz=kind.tz), safe=False).cast(pa.timestamp("us"))
    if pa.types.is_floating(kind) and not pc.all(pc.is_finite(values)).as_py() and values.null_count < len(values):
        raise DatabaseError("MySQL has no infinite number and no NaN")
    return values


def is_number(column: Column) -> bool:
    """Its literals need no quotes (and those of BIT may have none)."""
    kind = column.arrow
    return bool(
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_boolean(kind)
    )


def _literals(column: Column, values: pa.Array) -> pa.Array:
    """The SQL literals of a column in wire form."""
    if pa.types.is_binary(values.type) or pa.types.is_large_binary(values.type):
        spelled = _hexadecimal(values)
    elif is_number(column):
        spelled = _numbers(column, values)
    else:
        spelled = _quoted(values)
        if charset_of(column) not in FAITHFUL and RAW.encode() in _bytes(values):
            raw = pc.binary_join_element_wise("0x", pc.utf8_slice_codeunits(values, 1), "")
            spelled = pc.if_else(pc.match_substring_regex(values, _RAW), raw, spelled)
    return pc.fill_null(spelled, "NULL") if spelled.null_count else spelled


def _bytes(values: pa.Array) -> bytes:
    """The bytes of a text or binary array, one value behind the other."""
    buffer, width = values.buffers()[2], 4 if values.type in (pa.string(), pa.binary()) else 8
    if buffer is None or not len(values):
        return b""
    offsets = np.frombuffer(values.buffers()[1], f"<i{width}")[values.offset : values.offset + len(values) + 1]
    return bytes(memoryview(buffer)[int(offsets[0]) : int(offsets[-1])])


def _quoted(values: pa.Array) -> pa.Array:
    found = _bytes(values)
    for character, escape in _ESCAPES.items():
        # Looking first costs next to nothing; most columns hold none of them.
        if character.encode() in found:
            values = pc.replace_substring(values, character, escape)
    return pc.binary_join_element_wise("'", values, "'", "")


def _numbers(column: Column, values: pa.Array) -> pa.Array:
    """Numbers as they came; whatever is none is quoted, for the server to judge, and never runs as SQL."""
    found = _bytes(values)
    if found.translate(None, _DIGITS) or b"--" in found:
        values = pc.if_else(pc.match_substring_regex(values, _NUMBER), values, _quoted(values))
    if pa.types.is_floating(column.arrow) and b"-0" in found:
        # `-0` is an integer to the server, which has no sign at zero.
        values = pc.if_else(pc.equal(values, "-0"), "-0e0", values)
    return values


def _hexadecimal(values: pa.Array) -> pa.Array:
    digits = _bytes(values).hex().encode()
    lengths = pc.fill_null(pc.binary_length(values), 0).to_numpy(zero_copy_only=False).astype(np.int64) * 2
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    mask = pc.is_valid(values).to_numpy(zero_copy_only=False)
    text = pa.Array.from_buffers(pa.large_string(), len(values), [None, pa.py_buffer(offsets), pa.py_buffer(digits)])
    spelled = pc.binary_join_element_wise(pa.scalar("0x", pa.large_string()), text, pa.scalar("", pa.large_string()))
    spelled = pc.if_else(pa.array(lengths == 0), "''", spelled)
    return pc.if_else(pa.array(mask), spelled, pa.scalar(None, pa.large_string()))


def _no_member(column: Column, values: pa.Array) -> bool:
    if family(column.native) != "enum" or "" in column.choices:
        return False
    return bool(pc.any(pc.equal(values, "")).as_py())


def _joined(fields: Sequence[pa.Array]) -> Iterator[pa.Buffer]:
    """The rows, fields joined by commas, in statements of about a megabyte."""
    kind = pa.large_string() if any(pa.types.is_large_string(field.type) for field in fields) else pa.string()
    rows = pc.binary_join_element_wise(*(field.cast(kind) for field in fields), pa.scalar(",", kind))
    ends = np.cumsum(pc.binary_length(rows).to_numpy() + len(_BETWEEN))
    start = 0
    while start < len(rows):
        done = int(ends[start - 1]) if start else 0
        end = max(start + 1, int(np.searchsorted(ends, done + STATEMENT, side="right")))
        part = rows.slice(start, end - start)
        listed = pa.LargeListArray.from_arrays(pa.array([0, len(part)], pa.int64()), part)
        yield pc.binary_join(listed, pa.scalar(_BETWEEN, kind))[0].as_buffer()
        start = end
