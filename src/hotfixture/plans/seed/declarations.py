"""What a seed schema says, checked for itself: tables, columns, references; nothing is resolved between them yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hotfixture.errors import Where

if TYPE_CHECKING:
    from hotfixture.documents import Node
    from hotfixture.plans.seed.columns import Kind


@dataclass(frozen=True, slots=True)
class Nulls:
    """How often a column is null, and which columns are null in the same rows."""

    share: float = 0.0
    group: str = ""
    """Columns of one group are null together; empty for a column of its own."""


@dataclass(frozen=True, slots=True)
class ColumnDeclaration:
    """One column (a field of a document, too)."""

    name: str
    where: Where
    kind: Kind
    """How its values come to be, as its keys say."""
    fields: Mapping[str, Node]
    """The keys that the kind reads."""
    type: str = ""
    """The declared type's text; empty where the kind decides."""
    type_where: Where | None = None
    primary_key: bool = False
    unique: bool = False
    nulls: Nulls = Nulls()
    nullable: bool | None = None
    """None: nullable where some values are null."""
    seed_key: str = ""
    """What its draws hang on, so that the column may be renamed; its name where the schema says no other."""
    group: str = ""
    """Columns of one group describe one person or one place."""
    hidden: bool = False
    """Made for others to compute with, written nowhere."""
    description: str = ""
    longest: int | None = None
    """Most characters of its texts, as a check of the table has it."""


@dataclass(frozen=True, slots=True)
class ReferenceDeclaration:
    """Columns that hold the key of a row elsewhere."""

    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    """Empty for the target's primary key."""
    where: Where
    options: Mapping[str, Any] = field(default_factory=dict)
    """How a parent is picked: `distribution`, `exponent`, `null`, `roots`, `branching`, `one_to_one`."""
    name: str = ""


@dataclass(frozen=True, slots=True)
class PartialDeclaration:
    """Columns that are unique among some rows only, or with null equal to null."""

    columns: tuple[str, ...]
    place: Where
    where: str = ""
    """The condition, as SQL; empty for all rows."""
    nulls_distinct: bool = True
    name: str = ""


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows a table has: a number, or so many for each row of another."""

    where: Where
    count: int | None = None
    per: str = ""
    low: int = 0
    high: int = 0
    distribution: str = "uniform"
    exponent: float = 1.0
    mean: float | None = None


@dataclass(frozen=True, slots=True)
class TableDeclaration:
    """One table, or one collection of documents."""

    name: str
    where: Where
    size: Size
    columns: Mapping[str, ColumnDeclaration]
    references: tuple[ReferenceDeclaration, ...] = ()
    uniques: tuple[tuple[tuple[str, ...], Where], ...] = ()
    checks: tuple[tuple[str, Where], ...] = ()
    primary_key: tuple[str, ...] = ()
    seed_key: str = ""
    schema: str = ""
    document: bool = False
    existing: bool = False
    """Already filled: its rows are read from the target, none are made."""
    storage: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What an engine needs to know of how rows are stored, by its name (`redis`, `mongodb`)."""
    stored: Mapping[str, Where] = field(default_factory=dict)
    """Where that is said."""
    description: str = ""
    check_names: Mapping[str, str] = field(default_factory=dict)
    """What the schema calls a check, by its text; the others are numbered."""
    partials: tuple[PartialDeclaration, ...] = ()
    """Uniques that are not over all rows, or not as SQL's usual ones with nulls."""


@dataclass(frozen=True, slots=True)
class SchemaDeclaration:
    """A whole seed schema."""

    source: str
    tables: Mapping[str, TableDeclaration]
    generators: Mapping[str, Node] = field(default_factory=dict)
    """Generators that the schema itself defines, by name."""
    seed: int = 0
    locale: str = ""
    name: str = ""
    description: str = ""
