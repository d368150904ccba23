"""What data looks like: tables, columns as Arrow fields, keys, references. No I/O, no engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import pyarrow as pa

Kind = Literal["table", "partitioned", "partition", "view", "virtual"]
"""`partitioned` holds no rows of its own; `partition` is read through its parent; `virtual` is a module's (FTS)."""


class TableName(NamedTuple):
    """A table's full name as the engine's catalogue spells it; `schema` is empty where the engine has none."""

    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its Arrow type, and what the engine says of it."""

    name: str
    arrow: pa.DataType
    native: str = ""
    """The engine's own type text, complete: `character varying(20)`, `int unsigned`, `numeric(10,2)[]`."""
    nullable: bool = True
    length: int | None = None
    """Largest number of characters (bytes for binary types) that fit; None where there is no limit."""
    generated: bool = False
    """The engine computes it; a script leaves it out."""
    identity: Literal["", "always", "default"] = ""
    """Numbered by the engine: `always` refuses given values, `default` (serial, AUTO_INCREMENT) takes them."""
    default: str | None = None
    """The default's SQL text."""
    collation: str = ""
    ignores_case: bool = False
    """Values that differ in case only are equal to the engine."""
    choices: tuple[str, ...] = ()
    """The members of an enum or set type."""
    comment: str = ""
    points_at: str = ""
    """What the values are numbers of that stands in no table and does not travel with the rows (`large objects`)."""


@dataclass(frozen=True, slots=True)
class Unique:
    """A unique index or constraint: over columns, or over expressions (`lower(email)`), perhaps partial."""

    name: str
    columns: tuple[str, ...]
    """Every column that takes part, those inside expressions included."""
    expression: str = ""
    where: str = ""
    nulls_distinct: bool = True


@dataclass(frozen=True, slots=True)
class Check:
    """A check constraint and its SQL text."""

    name: str
    expression: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key, declared by the engine's catalogue or by a template (`virtual`)."""

    name: str
    table: TableName
    columns: tuple[str, ...]
    target: TableName
    target_columns: tuple[str, ...]
    deferrable: bool = False
    enforced: bool = True
    """False where rows may break it (NOT VALID, loaded with checks off): a dangling key is then data, not an error."""
    virtual: bool = False
    when: tuple[str, str] | None = None
    """Polymorphic: (type column, type value) under which this reference holds."""
    path: str = ""
    """The key stands inside the JSON of the one column, at this JSON path (`$.user.id`, `$.items[*].sku`)."""

    def __str__(self) -> str:
        return f"{self.table}({', '.join(self.columns)}) → {self.target}({', '.join(self.target_columns)})"


@dataclass(frozen=True, slots=True)
class Table:
    """One table with everything that decides whether rows fit into it."""

    name: TableName
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    uniques: tuple[Unique, ...] = ()
    references: tuple[Reference, ...] = ()
    """Those that leave this table."""
    checks: tuple[Check, ...] = ()
    kind: Kind = "table"
    rows: int = 0
    """The engine's estimate."""
    bytes: int = 0
    """The engine's estimate."""
    comment: str = ""
    hidden_key: str = ""
    """A row identity beside the columns (`rowid`, `ctid`), for tables without a key; empty where there is none."""
    definition: str = field(default="", repr=False)
    """The query of a view, as the catalogue has it; empty where the catalogue does not show it."""
    storage: tuple[tuple[str, str], ...] = ()
    """How an engine without SQL lays the rows out, as names and values of its own (`kind`, `key`, `expire` …)."""

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def identity(self) -> tuple[str, ...]:
        """Columns that tell rows apart: the primary key, else a unique over non-null columns, else nothing."""
        if self.primary_key:
            return self.primary_key
        for unique in self.uniques:
            plain = unique.columns and not unique.expression and not unique.where
            if plain and all(not self.column(name).nullable for name in unique.columns):
                return unique.columns
        return ()


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables of one database, and how they refer to each other."""

    tables: Mapping[TableName, Table]
    default_schema: str = ""
    """Where an unqualified name is looked for first."""
    search_path: tuple[str, ...] = field(default=())
    home: str = ""
    """The database's own name, where its tables are named without it but a query may say it (MySQL)."""
    folds_case: bool = False
    """Names compare without case (MySQL columns, SQLite)."""

    def __iter__(self) -> Iterator[Table]:
        return iter(self.tables.values())

    def find(self, name: str, schema: str = "") -> Table | None:
        """The table that `name` (or `schema.name`) means, by the engine's rules of search; None where there is none."""
        own = bool(schema) and self._same(schema, self.home)
        for candidate in (schema,) if schema and not own else (self.default_schema, *self.search_path):
            table = self.tables.get(TableName(candidate, name)) or self._folded(candidate, name)
            if table:
                return table
        return None

    def _same(self, one: str, other: str) -> bool:
        return one == other or (self.folds_case and one.lower() == other.lower())

    def _folded(self, schema: str, name: str) -> Table | None:
        if not self.folds_case:
            return None
        wanted = (schema.lower(), name.lower())
        return next((t for n, t in self.tables.items() if (n.schema.lower(), n.name.lower()) == wanted), None)

    def references(self) -> Iterator[Reference]:
        """Every reference of every table."""
        for table in self:
            yield from table.references

    def referring(self, target: TableName) -> list[Reference]:
        """The references that point at `target`."""
        return [reference for reference in self.references() if reference.target == target]

    def with_references(self, extra: Iterable[Reference]) -> Schema:
        """This schema with virtual references added to their tables."""
        from dataclasses import replace

        tables = dict(self.tables)
        for reference in extra:
            table = tables[reference.table]
            tables[reference.table] = replace(table, references=(*table.references, reference))
        return replace(self, tables=tables)
