"""Walks queries: WITH, set operations, SELECT lists and the clauses around them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from hotfixture.errors import Where
from hotfixture.schema import Schema, TableName
from hotfixture.transforms.lineage_scope import EMPTY, Field, Names, Scope, ambiguous, reference, union, unresolved
from hotfixture.transforms.lineage_sources import Sources

_RESULT_CLAUSES = ("having", "group", "order", "limit", "offset", "distinct")
"""Clauses in which a name may also mean a result column."""


@dataclass(slots=True, eq=False)
class Cte:
    """A common table expression: traced when it is first used, to a fixpoint where it uses itself."""

    node: exp.CTE
    ctes: Mapping[str, Cte]
    parent: Scope | None
    fields: list[Field] = field(default_factory=list)
    """What is known so far."""
    done: bool = False
    recursive: bool = False


class Tracer(Sources):
    """One trace; collects filters, tables and opaque views on the way. Writes out `*` in place."""

    def __init__(self, schema: Schema, dialect: str, views: Mapping[TableName, str], where: Where | None) -> None:
        super().__init__(schema, Names(dialect), views, where)
        self._open: list[Cte] = []

    def query(self, node: exp.Expr, parent: Scope | None, ctes: Mapping[str, Cte]) -> list[Field]:
        """The result columns of a SELECT, a set operation, VALUES, or one of them in parentheses."""
        outside, ctes = ctes, self._with(node, parent, ctes)
        fields = self._body(node, parent, ctes)
        for name, cte in ctes.items() if ctes is not outside else ():
            if cte is not outside.get(name) and not cte.done and cte not in self._open:
                self._fixpoint(cte)  # used by nobody, but sent all the same
        return fields

    def _body(self, node: exp.Expr, parent: Scope | None, ctes: Mapping[str, Cte]) -> list[Field]:
        if isinstance(node, exp.Select):
            return self._select(node, parent, ctes)
        if isinstance(node, exp.Values):
            return self.values(node, Scope(self.names, parent, parent), ctes)
        if isinstance(node, exp.SetOperation):
            fields = self._set_operation(node, parent, ctes)
        elif isinstance(node, exp.Subquery) and not node.args.get("joins"):
            fields = self.query(node.this, parent, ctes)
        else:
            raise self.refused(node, f"cannot trace {type(node).__name__}")
        self._result_clauses(node, fields, parent, ctes)
        return fields

    # -- WITH

    def _with(self, node: exp.Expr, parent: Scope | None, ctes: Mapping[str, Cte]) -> Mapping[str, Cte]:
        clause = node.args.get("with_")
        if not clause:
            return ctes
        # SQLite takes every WITH as recursive, and then each CTE sees itself and all others.
        together = bool(clause.args.get("recursive")) or self.names.dialect == "sqlite"
        known = dict(ctes)
        for cte in clause.expressions:
            seen = known if together else dict(known)
            known[self.names.fold(cte.args["alias"].this)] = Cte(cte, seen, parent)
        return known

    def cte(self, node: exp.Table, ctes: Mapping[str, Cte]) -> list[Field] | None:
        """The columns of the CTE that a table name means; None where it means no CTE."""
        cte = None if node.args.get("db") else ctes.get(self.names.fold(node.this))
        if cte is None:
            return None
        if self.names.exact_aliases and cte.node.alias != node.name:
            raise ambiguous(node, self.where)
        if cte in self._open:
            if cte is not self._open[-1] or not cte.fields:
                raise self.refused(node, f"cannot trace the recursion through {node.name}")
            cte.recursive = True
        elif not cte.done:
            self._fixpoint(cte)
        return cte.fields

    def _fixpoint(self, cte: Cte) -> None:
        self._open.append(cte)
        while not cte.done:
            fields = self.renamed(self.query(cte.node.this, cte.parent, cte.ctes), cte.node.args["alias"])
            cte.done = not cte.recursive or fields == cte.fields
            cte.fields = fields
        self._open.pop()

    # -- set operations

    def _set_operation(self, node: exp.SetOperation, parent: Scope | None, ctes: Mapping[str, Cte]) -> list[Field]:
        left = self.query(node.left, parent, ctes)
        if self._open and self._open[-1].node.this is node and not self._open[-1].fields:
            self._open[-1].fields = self.renamed(left, self._open[-1].node.args["alias"])
        right = self.query(node.right, parent, ctes)
        if len(left) != len(right):
            raise self.refused(node, f"{len(left)} columns on one side and {len(right)} on the other")
        return [Field(one.name, one.flow | other.flow) for one, other in zip(left, right, strict=True)]

    def _result_clauses(
        self, node: exp.Expr, fields: list[Field], parent: Scope | None, ctes: Mapping[str, Cte]
    ) -> None:
        """ORDER BY behind a set operation or parentheses: it sees result columns, all of which then count."""
        if node.args.get("order"):
            self.filters |= union(item.flow for item in fields).all
        for key in ("order", "limit", "offset"):
            for part in node.args[key].find_all(exp.Query, exp.Column) if node.args.get(key) else ():
                if isinstance(part, exp.Query):
                    self.filters |= union(item.flow for item in self.query(part, parent, ctes)).all
                else:
                    self.mark(part)

    # -- SELECT

    def _select(self, node: exp.Select, parent: Scope | None, ctes: Mapping[str, Cte]) -> list[Field]:
        scope = Scope(self.names, parent, parent)
        aliases = [self.names.fold(item.args["alias"]) for item in node.selects if isinstance(item, exp.Alias)]
        if self.names.sees_results:
            scope.results = dict.fromkeys(aliases, EMPTY)
        self.sources(node, scope, ctes)
        fields = self._projections(node, scope, ctes)
        where = node.args.get("where")
        if where and self.names.dialect != "sqlite":
            self.filter([where], scope, ctes)
        scope.lenient = True
        scope.results = {self.names.stored(item.name): item.flow for item in fields if item.name}
        if where and self.names.dialect == "sqlite":
            self.filter([where], scope, ctes)
        for key in _RESULT_CLAUSES:
            if node.args.get(key):
                self._by_position(node.args[key], fields)
                self.filter([node.args[key]], scope, ctes)
        self.filter(node.args.get("windows") or (), scope, ctes)
        return fields

    def _by_position(self, clause: exp.Expr, fields: list[Field]) -> None:
        """`ORDER BY 2`, `GROUP BY 1`."""
        if not isinstance(clause, exp.Order | exp.Group):
            return
        for literal in clause.find_all(exp.Literal):
            text = str(literal.this)
            if not literal.is_string and text.isdigit() and 0 < int(text) <= len(fields):
                self.filters |= fields[int(text) - 1].flow.all

    def _projections(self, node: exp.Select, scope: Scope, ctes: Mapping[str, Cte]) -> list[Field]:
        fields: list[Field] = []
        written: list[exp.Expr] = []
        for item in node.selects:
            if _is_star(item):
                for name, value in self._star(item, scope):
                    self.mark(*value.find_all(exp.Column))
                    written.append(value)
                    fields.append(name)
            else:
                written.append(item)
                fields.append(Field(self._result_name(item), self.flow(item, scope, ctes)))
        node.set("expressions", written)
        return fields

    def _star(self, item: exp.Expr, scope: Scope) -> Iterator[tuple[Field, exp.Expr]]:
        """The columns that `*` or `alias.*` stands for, each with what is written for it."""
        if isinstance(item, exp.Column):
            relation = scope.relation(item, self.where)
            if relation is None:
                raise unresolved(item, self.where)
            table = item.args["table"]
            columns: list[tuple[Field, exp.Expr]] = [
                (one, reference(table, one.name)) for one in relation.fields if not one.hidden
            ]
        else:
            columns = [(one.field, one.reference.copy()) for one in scope.visible if not one.field.hidden]
        names = [value.sql() for _, value in columns]
        if not columns or not all(one.name for one, _ in columns) or len(set(names)) < len(names):
            hint = "Give every result column of the inner query its own alias."
            raise self.refused(item, f"cannot write out {item.sql()}", hint)
        yield from columns

    def _result_name(self, item: exp.Expr) -> str:
        if isinstance(item, exp.Alias):
            return self.names.shown(item.args["alias"])
        if isinstance(item, exp.Column):
            return self.names.shown(item.this)
        if self.names.dialect != "postgresql":
            return ""
        if isinstance(item, exp.Anonymous):
            return str(item.this).lower()
        return self._result_name(item.this) if isinstance(item, exp.Cast | exp.Paren | exp.Window | exp.Filter) else ""


def _is_star(item: exp.Expr) -> bool:
    return isinstance(item, exp.Star) or (isinstance(item, exp.Column) and isinstance(item.this, exp.Star))
