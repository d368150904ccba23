"""A `Select` as MySQL statements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from hotfixture.databases.mysql_dialect import RAW, MysqlDialect, is_number
from hotfixture.databases.mysql_types import FAITHFUL, charset_of, family

if TYPE_CHECKING:
    import pyarrow as pa

    from hotfixture.databases.base import Keys, Select
    from hotfixture.schema import Column, Table

KEYS = 5_000
"""Keys of one statement. A list of row values reads the index on both servers, alone or composite; MySQL gives up on
the index when the list needs more than 8 MB, some 230 bytes a value."""


def is_single(column: Column) -> bool:
    """A FLOAT, of which the server shows six digits only."""
    return family(column.native) == "float" or (not column.native and str(column.arrow) == "float")


def spelled(column: Column, dialect: MysqlDialect) -> str:
    """The expression that gives a column's value exactly."""
    return _exact(dialect.identifier(column.name), column)


def _exact(name: str, column: Column) -> str:
    narrow = family(column.native) in ("double", "real") and "(" in column.native
    if is_single(column) or narrow:
        # Times one, a FLOAT or DOUBLE(M,D) has all its digits.
        return f"{name} * 1e0"
    charset = charset_of(column)
    if charset in FAITHFUL:
        return name
    # The server writes `?` for a character that Unicode lacks, and some come back as another; those travel as bytes.
    own = f"CONVERT({name} USING {charset})"
    unicode = f"CONVERT({own} USING utf8mb4)"
    same = f"CAST(CONVERT({unicode} USING {charset}) AS BINARY) = CAST({own} AS BINARY)"
    return f"IF({same}, {unicode}, CONCAT(_utf8mb4 0x{RAW.encode().hex()}, HEX({own})))"


def wrapped(query: str, columns: Sequence[Column], dialect: MysqlDialect) -> str:
    """The query itself, or around it what makes its columns exact."""
    if all(_exact("", column) == "" for column in columns):
        return query
    # The columns are given names anew, since a query may name two alike or none at all.
    names = [dialect.identifier(f"c{number}") for number in range(len(columns))]
    values = map(_exact, names, columns)
    return f"WITH wire ({', '.join(names)}) AS ({query}) SELECT {', '.join(values)} FROM wire"


def statements(select: Select, columns: Sequence[Column], dialect: MysqlDialect) -> Iterator[str]:
    """The statements that give the rows one after the other: several where many keys are wanted without a limit."""
    if select.keys is None:
        yield _statement(select, columns, dialect, "")
        return
    size = KEYS if select.limit is None else max(1, len(select.keys.values))
    for start in range(0, len(select.keys.values), size):
        yield _statement(select, columns, dialect, _in_keys(select.table, select.keys, dialect, start, size))


def _statement(select: Select, columns: Sequence[Column], dialect: MysqlDialect, keys: str) -> str:
    quote = dialect.identifier
    conditions = [f"({part})" for part in (select.where, keys) if part]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    order = ", ".join(map(quote, select.order))
    source = f"{dialect.table(select.table.name)}{where}"
    if select.per_key and select.keys:
        source = _numbered(select, dialect, source)
    tail = (f" ORDER BY {order}" if order else "") + (f" LIMIT {select.limit}" if select.limit is not None else "")
    return f"SELECT {', '.join(spelled(column, dialect) for column in columns)} FROM {source}{tail}"


def _numbered(select: Select, dialect: MysqlDialect, source: str) -> str:
    """The rows of `source`, the first `per_key` of each key."""
    assert select.keys
    # Named one by one, since a star leaves out invisible columns.
    names = ", ".join(map(dialect.identifier, dict.fromkeys((*select.columns, *select.order))))
    keys = ", ".join(map(dialect.identifier, select.keys.columns))
    order = ", ".join(map(dialect.identifier, select.order)) or keys
    number = f"row_number() OVER (PARTITION BY {keys} ORDER BY {order}) AS hotfixture_number"
    return f"(SELECT {names}, {number} FROM {source}) AS numbered WHERE hotfixture_number <= {select.per_key}"


def _in_keys(table: Table, keys: Keys, dialect: MysqlDialect, start: int, size: int) -> str:
    part = keys.values.slice(start, size)
    columns = [table.column(name) for name in keys.columns]
    fields = [_literals(column, values, dialect) for column, values in zip(columns, part.columns, strict=True)]
    names = [dialect.identifier(name) for name in keys.columns]
    if len(names) == 1:
        return f"{names[0]} IN ({', '.join(fields[0])})"
    rows = ", ".join(f"({', '.join(row)})" for row in zip(*fields, strict=True))
    return f"({', '.join(names)}) IN ({rows})"


def _literals(column: Column, values: pa.Array, dialect: MysqlDialect) -> list[str]:
    """Literals of the column's own kind: a text beside a number would keep the server from its index."""
    wire = dialect.encode(column, values).to_pylist()
    if is_number(column):
        return [value if _is_plain(value) else dialect.literal(value) for value in wire]
    return [f"0x{value[1:]}" if str(value).startswith(RAW) else dialect.literal(value) for value in wire]


def _is_plain(value: str) -> bool:
    return value.lstrip("-").replace(".", "", 1).isdecimal() and value.isascii()
