"""MySQL's and MariaDB's own bulk road, LOAD DATA LOCAL: its rows come from memory, whatever file the server asks for.

The form is the statement's own (tab, line feed, backslash, `\\N`), which is that of PostgreSQL's COPY but for the
characters that are escaped. With LOCAL the server skips a row that it refuses and bends a value that does not fit, each
with a warning: a load with any is taken back, and the rows go the strict road of INSERT.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pymysql.constants import COMMAND
from pymysql.err import MySQLError
from pymysql.protocol import OKPacketWrapper

from hotfixture.databases.mysql_connection import free, run, translated
from hotfixture.databases.mysql_types import FAITHFUL, charset_of, family
from hotfixture.databases.postgresql_text import data_of, join

if TYPE_CHECKING:
    from hotfixture.databases.base import Dialect
    from hotfixture.schema import Column, Table

FEWEST = 500
"""Rows below which one INSERT is as quick."""
ROWS = 8_192
"""Rows sent at once: the next ones are spelled while the server stores them."""
PACKET = 1 << 20
"""Bytes of a packet: far below the smallest usual max_allowed_packet."""

REFUSALS = frozenset((1148, 2068, 3948, 3950, 4166))
"""Errors of a server (or an account) that takes no rows from its client's side."""
_ESCAPES = {b"\\": b"\\\\", b"\t": b"\\t", b"\n": b"\\n", b"\r": b"\\r", b"\0": b"\\0"}
_BACKSLASH, _BLANK = ord("\\"), ord(" ")
_NEEDED = "[\\\\\t\n\r\\x00]"
_BITS = frozenset(("bit", "enum", "geometry", "point", "linestring", "polygon", "multipoint", "multilinestring"))
_OTHER = _BITS | {"multipolygon", "geometrycollection", "geomcollection", "vector"}
"""Types that read a field of a load otherwise than a literal (an enum: for the values that are no members)."""


class RefusedLoadError(Exception):
    """The server takes no LOAD DATA LOCAL; nothing was stored."""


def suits(columns: Sequence[Column], rows: int) -> bool:
    """Whether these columns may be loaded so, each value exactly as a literal would have been."""
    texts = (column for column in columns if column.collation)
    faithful = all(charset_of(column) in FAITHFUL for column in texts)
    return rows >= FEWEST and faithful and not any(family(column.native) in _OTHER for column in columns)


def load(connection: Any, dialect: Dialect, table: Table, batch: pa.RecordBatch) -> bool:
    """Store a batch (wire form) inside the open transaction; False where the server minded a row, and none is stored.

    Raises RefusedLoadError where the server takes no rows so at all, DatabaseError for other failures.
    """
    run(connection, "SAVEPOINT hotfixture_load")
    statement = _statement(dialect, table, batch)
    with translated():
        try:
            answer = _sent(free(connection), statement, _pieces(batch))
        except MySQLError as error:
            if error.args and error.args[0] in REFUSALS:
                raise RefusedLoadError from None
            raise
    whole = answer.affected_rows == batch.num_rows and not answer.warning_count
    run(connection, "RELEASE SAVEPOINT hotfixture_load" if whole else "ROLLBACK TO SAVEPOINT hotfixture_load")
    return bool(whole)


def _statement(dialect: Dialect, table: Table, batch: pa.RecordBatch) -> str:
    """Bytes travel as hexadecimal digits, since the load's character set holds for all its fields."""
    places, sets = [], []
    for number, field in enumerate(batch.schema):
        quoted = dialect.identifier(field.name)
        if _is_binary(field.type):
            places.append(f"@hotfixture_{number}")
            sets.append(f"{quoted} = UNHEX(@hotfixture_{number})")
        else:
            places.append(quoted)
    ending = f" SET {', '.join(sets)}" if sets else ""
    return (
        f"LOAD DATA LOCAL INFILE 'rows' INTO TABLE {dialect.table(table.name)} CHARACTER SET utf8mb4"
        f" FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' ({', '.join(places)}){ending}"
    )


def _pieces(batch: pa.RecordBatch) -> Iterator[memoryview]:
    for start in range(0, batch.num_rows, ROWS):
        lines = memoryview(join([_field(column) for column in batch.slice(start, ROWS).columns]))
        for first in range(0, len(lines), PACKET):
            yield lines[first : first + PACKET]


def _field(values: pa.Array) -> pa.Array:
    """The values as fields of a load; nulls stay nulls."""
    if _is_binary(values.type):
        return pa.array([None if value is None else value.hex().encode() for value in values.to_pylist()], pa.binary())
    values = values.cast(pa.binary())
    data = np.frombuffer(data_of(values), np.uint8)
    # Two quick passes, where the pattern takes ten; most columns hold nothing that is escaped.
    if not len(data) or not (data.min() < _BLANK or (data == _BACKSLASH).any()):
        return values
    marked = pc.fill_null(pc.match_substring_regex(values, _NEEDED), fill_value=False)
    found = values.filter(marked)
    for character, escape in _ESCAPES.items():
        found = pc.replace_substring(found, character, escape)
    return pc.replace_with_mask(values, marked, found)


def _is_binary(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _sent(connection: Any, statement: str, pieces: Iterator[memoryview]) -> Any:
    """The server's answer to the statement and its rows. The name that the server asks for is never looked at."""
    connection._execute_command(COMMAND.COM_QUERY, statement.encode())
    connection._read_packet()  # the server asks for the rows, or says why not
    try:
        for piece in pieces:
            connection.write_packet(bytes(piece))
    finally:
        connection.write_packet(b"")
        answer = connection._read_packet()
    return OKPacketWrapper(answer)
