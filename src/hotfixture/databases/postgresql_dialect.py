"""How PostgreSQL spells identifiers, literals, rows and scripts: as COPY blocks, or as INSERTs for other clients."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc

from hotfixture.databases import postgresql_text as text
from hotfixture.databases import postgresql_types as types
from hotfixture.databases.base import Dialect, Load, Select
from hotfixture.errors import DatabaseError, UnsupportedError

if TYPE_CHECKING:
    from hotfixture.schema import Column, Reference, Table, TableName

STOP = "\\set ON_ERROR_STOP on\n"
"""For psql, which would otherwise go on after an error, take the rows of a refused COPY for statements, and exit 0."""

_SETTINGS = """\
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SET DateStyle = 'ISO, YMD';
SET IntervalStyle = 'postgres';
SET TimeZone = 'UTC';
SET xmloption = content;
SET lc_monetary = 'C';
SET client_min_messages = warning;
"""
_NEXTVAL = re.compile(r"nextval\('((?:[^']|'')+)'::regclass\)")
_ROWS = 500
"""Rows of one INSERT: more gain nothing, and each statement is one line break for a client to breathe."""


SHORT = 100
"""Keys up to which a list is planned in half the time of a join; before PostgreSQL 14 a scan would walk longer ones."""

LISTED = frozenset({"smallint", "integer", "bigint", "text", "character varying", "uuid"})
"""Types of keys that are asked for by a list; domains have no arrays before PostgreSQL 11."""


class PostgresqlDialect(Dialect):
    """PostgreSQL's spelling; with `inserts`, scripts hold INSERT statements instead of COPY blocks."""

    name: ClassVar[str] = "postgresql"
    sqlglot: ClassVar[str] = "postgres"
    separator: ClassVar[str] = "\t"

    def __init__(self, *, inserts: bool = False) -> None:
        self.inserts = inserts

    def portable(self) -> PostgresqlDialect:
        """Scripts of INSERT statements."""
        return PostgresqlDialect(inserts=True)

    def identifier(self, name: str) -> str:
        """The name in double quotes, always: whether a bare name is a keyword differs between versions."""
        return '"' + name.replace('"', '""') + '"'

    def literal(self, value: object) -> str:
        """The value as a typed literal; DatabaseError for text with a NUL, which PostgreSQL cannot hold."""
        if value is None:
            return "NULL"
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, int):
            return str(value)
        if isinstance(value, (bytes, bytearray, memoryview)):
            return f"'\\x{bytes(value).hex()}'::bytea"
        return self._quoted(str(value)) + _cast(value)

    def _quoted(self, value: str) -> str:
        if "\0" in value:
            raise DatabaseError("PostgreSQL text cannot hold the character U+0000")
        return "'" + value.replace("'", "''") + "'"

    def decode(self, column: Column, wire: pa.Array) -> pa.Array:
        """COPY text to text, or to binary for bytea; `\\N` to null."""
        return types.decode(column, wire)

    def encode(self, column: Column, values: pa.Array) -> pa.Array:
        """Values to COPY text; nulls to `\\N`."""
        return types.encode(column, values)

    def typed(self, column: Column, wire: pa.Array) -> pa.Array:
        """COPY text to the column's Arrow type."""
        return types.typed(column, wire)

    # ---- scripts

    def script_begin(self, load: Load) -> str:
        """Settings, BEGIN, and the references that hold at the end only put off to it."""
        return (
            ("" if self.inserts else STOP) + _SETTINGS + "BEGIN;\n" + "".join(self._defer(late) for late in _held(load))
        )

    def _defer(self, late: Reference) -> str:
        if late.deferrable:
            return f"SET CONSTRAINTS {self._constraint(late)} DEFERRED;\n"
        return self._alter(late) + " DEFERRABLE INITIALLY DEFERRED;\n"

    def _constraint(self, late: Reference) -> str:
        return ".".join(self.identifier(part) for part in (late.table.schema, late.name) if part)

    def _alter(self, late: Reference) -> str:
        return f"ALTER TABLE {self.table(late.table)} ALTER CONSTRAINT {self.identifier(late.name)}"

    def script_end(self, load: Load, *, rows: int) -> str:  # noqa: ARG002 - the same end for any number of rows
        """Late references checked and set back, sequences moved behind the highest value, COMMIT."""
        held = _held(load)
        checked = "SET CONSTRAINTS ALL IMMEDIATE;\n" if held else ""
        back = "".join(self._alter(late) + " NOT DEFERRABLE;\n" for late in held if not late.deferrable)
        return checked + back + "".join(self.sequences(load.tables)) + "COMMIT;\n"

    def sequences(self, tables: Sequence[Table]) -> Iterator[str]:
        """Statements that set the sequences of the tables past their largest values."""
        users: dict[str, list[tuple[TableName, str]]] = {}
        for table in tables:
            for column in table.columns:
                named = _NEXTVAL.search(column.default or "")
                if named:
                    users.setdefault(f"'{named[1]}'", []).append((table.name, column.name))
                elif column.identity:
                    of = f"{self._quoted(self.table(table.name))}, {self._quoted(column.name)}"
                    users.setdefault(f"pg_catalog.pg_get_serial_sequence({of})", []).append((table.name, column.name))
        for sequence, columns in users.items():
            yield self._setval(sequence, columns)

    def _setval(self, sequence: str, columns: Sequence[tuple[TableName, str]]) -> str:
        """Moves the sequence to the last value of all its columns, where that lies inside its bounds."""
        values = " UNION ALL ".join(
            f"SELECT {self.identifier(c)}::bigint AS v FROM {self.table(t)}" for t, c in columns
        )
        return (
            f"SELECT pg_catalog.setval(s, v) FROM (SELECT s, p.minimum_value AS low, p.maximum_value AS high,\n"
            f"  (SELECT CASE WHEN p.increment < 0 THEN min(v) ELSE max(v) END FROM ({values}) AS used) AS v\n"
            f"  FROM (SELECT {sequence}::regclass AS s) AS named, pg_catalog.pg_sequence_parameters(s) AS p) AS last\n"
            f"  WHERE v BETWEEN low AND high;\n"
        )

    def rows_begin(self, table: Table, columns: Sequence[Column]) -> str:
        """The COPY statement; nothing in the form with INSERTs."""
        return "" if self.inserts else f"COPY {self.table(table.name)}{self._names(columns)} FROM stdin;\n"

    def rows_end(self, table: Table, columns: Sequence[Column]) -> str:  # noqa: ARG002 - the same end for every table
        """The end of the COPY block; nothing in the form with INSERTs."""
        return "" if self.inserts else "\\.\n"

    def _names(self, columns: Sequence[Column]) -> str:
        return " (" + ", ".join(self.identifier(column.name) for column in columns) + ")" if columns else ""

    def rows(self, table: Table, columns: Sequence[Column], batch: pa.RecordBatch) -> Iterator[bytes | pa.Buffer]:
        """COPY lines, or INSERT statements of some hundred rows each."""
        if not self.inserts:
            yield text.join(batch.columns)
        elif batch.num_rows:
            yield self._inserted(table, columns, batch)

    def _inserted(self, table: Table, columns: Sequence[Column], batch: pa.RecordBatch) -> bytes | pa.Buffer:
        if batch.num_columns < len(columns):  # neighbours arrived as one field
            batch = text.split(bytes(text.join(batch.columns)), [column.name for column in columns])
        literals = [_literals(column, field) for column, field in zip(columns, batch.columns, strict=True)]
        tuples = pc.binary_join_element_wise(b"(", _joined(literals, b","), b")", b"")
        places = [*range(0, len(tuples), _ROWS), len(tuples)]
        grouped = pc.binary_join(pa.ListArray.from_arrays(pa.array(places, pa.int32()), tuples), b",\n")
        always = any(column.identity == "always" for column in columns)
        override = " OVERRIDING SYSTEM VALUE" if always else ""
        head = f"INSERT INTO {self.table(table.name)}{self._names(columns)}{override} VALUES\n".encode()
        return text.data_of(pc.binary_join_element_wise(head, grouped, b";\n", b""))

    # ---- queries

    def select(self, select: Select) -> str:
        """The rows of one table, as one SELECT."""
        table = select.table
        # ONLY: a table that others inherit from gives its own rows; theirs are theirs. Partitions are one with theirs.
        source = f"{'ONLY ' if table.kind == 'table' else ''}{self.table(table.name)}"
        conditions = [f"({select.where})"] if select.where else []
        if select.keys:
            conditions.append(self._among(table, select.keys.columns, select.keys.values.columns))
        condition = " WHERE " + " AND ".join(conditions) if conditions else ""
        order = f" ORDER BY {self._list(select.order)}" if select.order else ""
        limit = "" if select.limit is None else f" LIMIT {int(select.limit)}"
        if select.keys and select.per_key is not None:
            wanted = tuple(dict.fromkeys((*select.columns, *select.order)))
            rank = f"row_number() OVER (PARTITION BY {self._list(select.keys.columns)}{order}) AS hotfixture_rank"
            source = f"(SELECT {self._list(wanted)}, {rank} FROM {source}{condition}) AS ranked"
            condition = f" WHERE hotfixture_rank <= {int(select.per_key)}"
        return f"SELECT {self._list(select.columns)} FROM {source}{condition}{order}{limit}"

    def orphans(self, reference: Reference) -> str:
        """A count of the rows whose key, wholly not null, is no row's of the target."""
        if reference.path:
            raise UnsupportedError(f"orphans of a reference inside JSON are not counted: {reference}")
        kind = "::text" if reference.virtual else ""  # a declared reference may join an integer and its text
        child = [f"c.{self.identifier(name)}" for name in reference.columns]
        pairs = zip(reference.target_columns, child, strict=True)
        same = " AND ".join(f"p.{self.identifier(name)}{kind} = {mine}{kind}" for name, mine in pairs)
        known = [f"{mine} IS NOT NULL" for mine in child]
        if reference.when:
            known.append(f"c.{self.identifier(reference.when[0])} = {self._quoted(reference.when[1])}")
        missing = f"NOT EXISTS (SELECT FROM {self.table(reference.target)} AS p WHERE {same})"
        return f"SELECT count(*) FROM {self.table(reference.table)} AS c WHERE {' AND '.join([*known, missing])}"

    def _list(self, names: Sequence[str]) -> str:
        return ", ".join(map(self.identifier, names))

    def _among(self, table: Table, names: Sequence[str], values: Sequence[pa.Array]) -> str:
        """The rows whose columns equal one of the keys, each compared as its own type so that indexes serve."""
        if names == (table.hidden_key,):
            return f"{self._list(names)} = ANY ({self._quoted(types.array_text(values[0]))}::tid[])"
        columns = [table.column(name) for name in names]
        kind = types.without_modifier(columns[0].native)
        if len(columns) == 1 and len(values[0]) <= SHORT and kind in LISTED:
            return f"{self._list(names)} = ANY ({self._quoted(types.array_text(values[0]))}::{kind}[])"
        arrays = ", ".join(f"{self._quoted(types.array_text(array))}::text[]" for array in values)
        aliases = [f"k{number}" for number in range(len(names))]
        casts = ", ".join(
            f"CAST({alias} AS {types.without_modifier(column.native)})"
            for alias, column in zip(aliases, columns, strict=True)
        )
        keys = f"SELECT {casts} FROM unnest({arrays}) AS wanted({', '.join(aliases)})"
        return f"({self._list(names)}) IN ({keys})"


def _held(load: Load) -> list[Reference]:
    """The late references that the target enforces from the first row on."""
    return [] if load.creates else [late for late in load.late if not late.virtual]


def _cast(value: object) -> str:
    if isinstance(value, datetime):
        return "::timestamptz" if value.tzinfo else "::timestamp"
    kinds = {float: "::float8", Decimal: "::numeric", date: "::date", time: "::time", UUID: "::uuid"}
    return kinds.get(type(value), "")


def _joined(parts: Sequence[pa.Array], between: bytes) -> pa.Array:
    return parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, between)


def _literals(column: Column, wire: pa.Array) -> pa.Array:
    """Wire fields as literals without a type of their own: the column's input function reads them, NULL among them."""
    if pa.types.is_integer(column.arrow):
        return pc.if_else(pc.equal(wire, text.NULL), b"NULL", wire)
    values = pc.replace_substring(text.unescape(wire), b"'", b"''")
    return pc.fill_null(pc.binary_join_element_wise(b"'", values, b"'", b""), b"NULL")
