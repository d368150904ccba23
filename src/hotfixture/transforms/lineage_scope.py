"""What a name means inside one SELECT: relations, their fields, and where each value came from.

Names follow each engine's rules: PostgreSQL folds unquoted names to lower case and cuts them at 63 bytes, MySQL and
SQLite compare without case. A name that could mean two things is refused, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlglot import exp

from hotfixture.errors import RefusedError, Where
from hotfixture.schema import TableName
from hotfixture.transforms.guard import located

Origin = tuple[TableName, str]
"""A column of a base table, as the catalogue spells both."""

_SYSTEM_COLUMNS = {
    "mariadb": frozenset({"_rowid"}),
    "mysql": frozenset({"_rowid"}),
    "postgresql": frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid"}),
}

NOTHING: frozenset[Origin] = frozenset()


class Flow(NamedTuple):
    """Where a value came from: copied as it was, or computed from."""

    copies: frozenset[Origin] = NOTHING
    derived: frozenset[Origin] = NOTHING

    def __or__(self, other: object) -> Flow:
        assert isinstance(other, Flow)
        return Flow(self.copies | other.copies, self.derived | other.derived)

    @property
    def all(self) -> frozenset[Origin]:
        """Every origin, in whichever way."""
        return self.copies | self.derived

    def computed(self) -> Flow:
        """The flow of an expression over this value."""
        return Flow(NOTHING, self.all)


EMPTY = Flow()


def union(flows: Iterable[Flow]) -> Flow:
    """All origins of several flows, each as it was."""
    copies: set[Origin] = set()
    derived: set[Origin] = set()
    for flow in flows:
        copies |= flow.copies
        derived |= flow.derived
    return Flow(frozenset(copies), frozenset(derived)) if copies or derived else EMPTY


class Field(NamedTuple):
    """One column of a relation or a result; the name is empty where only the server knows it."""

    name: str
    flow: Flow
    hidden: bool = False
    """Found by its name, but not part of `*` (rowid)."""


class Relation(NamedTuple):
    """What one entry of FROM offers under its alias."""

    alias: str
    fields: list[Field]
    written: str = ""
    """The alias as written: whether MySQL compares aliases by case depends on the server's file system."""
    schema: str = ""
    """Of a base table without alias: `schema.table.column` may name it."""

    def flow(self) -> Flow:
        """The flow of a whole row."""
        return union(item.flow for item in self.fields).computed()


class Visible(NamedTuple):
    """A column that an unqualified name finds, and what `*` writes for it."""

    key: str
    field: Field
    reference: exp.Expr


@dataclass(slots=True)
class Scope:
    """The names of one SELECT; `parent` holds those of the query around it, `beyond` what subqueries in FROM see."""

    names: Names
    parent: Scope | None = None
    beyond: Scope | None = None
    relations: list[Relation] = field(default_factory=list)
    visible: list[Visible] = field(default_factory=list)
    results: dict[str, Flow] = field(default_factory=dict)
    """The result columns, which MySQL and SQLite let other clauses and inner queries see."""
    lenient: bool = False
    """In a clause where a name may also mean a result column: both meanings count."""

    def add(self, relation: Relation, alias: exp.Identifier) -> list[Visible]:
        """Make a relation known; returns the columns that an unqualified name may now find."""
        self.relations.append(relation)
        return [Visible(self.names.stored(item.name), item, reference(alias, item.name)) for item in relation.fields]

    def resolve(self, column: exp.Column, where: Where | None) -> Flow:
        """The flow of a column reference; RefusedError where it cannot be resolved."""
        qualified = column.args.get("table") is not None
        if self.names.is_system(column):
            raise unresolved(column, where)
        for scope in self.outwards():
            found = scope._qualified(column, where) if qualified else scope._plain(column, where)
            if found is not None:
                return found
        # PostgreSQL takes a name for a whole row only where no query around has a column of that name.
        for scope in self.outwards() if self.names.whole_rows and not qualified else ():
            rows = [item.flow() for item in scope.relations if item.alias == self.names.fold(column.this)]
            if rows:
                return union(rows)
        raise unresolved(column, where)

    def outwards(self) -> Iterator[Scope]:
        """This scope and those around it."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def _qualified(self, column: exp.Column, where: Where | None) -> Flow | None:
        relation = self.relation(column, where)
        if relation is None:
            return None
        if isinstance(column.this, exp.Star):
            return relation.flow()
        wanted = self.names.fold(column.this)
        found = [item.flow for item in relation.fields if self.names.stored(item.name) == wanted]
        if len(found) == 1:
            return found[0]
        raise unresolved(column, where) if not found else ambiguous(column, where)

    def relation(self, column: exp.Column, where: Where | None) -> Relation | None:
        """The relation that the qualifier of a column names, in this scope alone."""
        wanted = self.names.fold(column.args["table"])
        schema = self.names.fold(column.args["db"]) if column.args.get("db") else ""
        found = [item for item in self.relations if item.alias == wanted]
        found = [item for item in found if not schema or self.names.stored(item.schema) == schema]
        if len(found) > 1 or (found and self.names.exact_aliases and found[0].written != column.table):
            raise ambiguous(column, where)
        return found[0] if found else None

    def _plain(self, column: exp.Column, where: Where | None) -> Flow | None:
        wanted = self.names.fold(column.this)
        found = [item.field.flow for item in self.visible if item.key == wanted]
        if len(found) > 1:
            raise ambiguous(column, where)
        if self.lenient and wanted in self.results:
            found.append(self.results[wanted])
        if found:
            return union(found)
        if wanted in self.results and self.names.sees_results:
            # MySQL looks a name up among the result columns before it looks outside.
            raise ambiguous(column, where)
        if self.names.folds_accents and not all(key.isascii() for key in (wanted, *(v.key for v in self.visible))):
            raise ambiguous(column, where)
        return None


@dataclass(frozen=True, slots=True)
class Names:
    """How one engine compares names."""

    dialect: str

    @property
    def whole_rows(self) -> bool:
        """A relation's alias alone means its whole row."""
        return self.dialect == "postgresql"

    @property
    def folds_accents(self) -> bool:
        """MySQL compares names by a collation that we do not imitate: names outside ASCII are not looked up outside."""
        return self.dialect in ("mysql", "mariadb")

    @property
    def sees_results(self) -> bool:
        """Inner queries see the result columns of the query around them."""
        return self.dialect != "postgresql"

    def is_system(self, column: exp.Column) -> bool:
        """A column that no catalogue lists and every table has."""
        return not isinstance(column.this, exp.Star) and self.fold(column.this) in _SYSTEM_COLUMNS.get(self.dialect, ())

    @property
    def exact_aliases(self) -> bool:
        """Aliases that differ in case only may be one or two, as the server's file system has it: refused."""
        return self.dialect in ("mysql", "mariadb")

    def fold(self, identifier: exp.Expr) -> str:
        """The key of a name as written."""
        name = identifier.name
        if self.dialect != "postgresql":
            return self.stored(name)
        name = name if identifier.args.get("quoted") else name.lower()
        return name if len(name) < 16 else name.encode()[:63].decode(errors="ignore")

    def shown(self, identifier: exp.Expr) -> str:
        """A written name as the engine keeps it: folded in PostgreSQL, as it stands elsewhere."""
        return self.fold(identifier) if self.dialect == "postgresql" else str(identifier.name)

    def stored(self, name: str) -> str:
        """The key of a name as the catalogue spells it."""
        if self.dialect == "sqlite" and not name.isascii():
            return "".join(letter.lower() if letter.isascii() else letter for letter in name)
        return name if self.dialect == "postgresql" else name.lower()


def reference(alias: exp.Identifier, name: str) -> exp.Column:
    """`alias."name"`."""
    return exp.Column(this=exp.to_identifier(name, quoted=True), table=alias.copy())


def unresolved(node: exp.Expr, where: Where | None) -> RefusedError:
    """The error for a name that no table of the schema explains."""
    hint = "Write the table's name or alias before the column; row identities (ctid, rowid) are not columns."
    return RefusedError(f"cannot tell where {node.sql()} comes from", where=located(node, where), hint=hint)


def ambiguous(node: exp.Expr, where: Where | None) -> RefusedError:
    """The error for a name that could mean two columns."""
    hint = "Write the table's name or alias before the column, and give every result its own name."
    return RefusedError(f"{node.sql()} could mean several columns", where=located(node, where), hint=hint)
