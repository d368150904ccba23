"""Where the value of an expression came from, and which columns decided about rows on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlglot import exp

from hotfixture.errors import RefusedError, Where
from hotfixture.schema import TableName
from hotfixture.transforms.functions import AGGREGATE_COUNTS
from hotfixture.transforms.guard import located
from hotfixture.transforms.lineage_scope import EMPTY, Field, Flow, Names, Origin, Scope, union

Ctes = Mapping[str, Any]
"""CTEs by name, as `lineage_tracer` keeps them."""

_NAMES_INSIDE = (exp.DataType, exp.Window, exp.Introducer, exp.CharacterSet, exp.Cast, exp.PseudoType)
"""Expressions whose bare identifiers are types, character sets and window names, never columns."""


class Expressions:
    """Traces expressions; `query` is the part that traces the queries inside them."""

    def __init__(self, names: Names, where: Where | None) -> None:
        self.names = names
        self.where = where
        self.filters: set[Origin] = set()
        self.tables: set[TableName] = set()
        self.opaque: set[TableName] = set()
        self._seen: set[int] = set()

    def query(self, node: exp.Expr, parent: Scope | None, ctes: Ctes) -> list[Field]:
        """The result columns of a query."""
        raise NotImplementedError

    def flow(self, node: exp.Expr, scope: Scope, ctes: Ctes) -> Flow:
        """Where the value of an expression came from."""
        if isinstance(node, exp.Column):
            self.mark(node)
            return scope.resolve(node, self.where)
        if isinstance(node, exp.Alias | exp.Paren):
            return self.flow(node.this, scope, ctes)
        if isinstance(node, exp.Exists):
            self.query(node.this, scope, ctes)
            return EMPTY
        if isinstance(node, exp.Query):
            return union(item.flow for item in self.query(node, scope, ctes))
        if isinstance(node, exp.Window | exp.Filter):
            self.filter((value for value in node.iter_expressions() if value is not node.this), scope, ctes)
            return self.flow(node.this, scope, ctes).computed()
        if isinstance(node, exp.Anonymous) and str(node.this).lower() in AGGREGATE_COUNTS:
            self.filter(node.expressions, scope, ctes)
            return EMPTY
        if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Anonymous):
            return self._parts(
                node.expression, scope, ctes
            )  # a call by its full name, whatever built-in it is named as
        if isinstance(node, exp.Collate | exp.Dot):
            self.mark(*node.expression.find_all(exp.Column))  # the name of a collation or of a part
            return self.flow(node.this, scope, ctes).computed()
        return self._parts(node, scope, ctes)

    def _parts(self, node: exp.Expr, scope: Scope, ctes: Ctes) -> Flow:
        flows = []
        for part in node.iter_expressions():
            if not isinstance(part, exp.Identifier):
                flows.append(self.flow(part, scope, ctes))
            elif not isinstance(node, _NAMES_INSIDE):
                raise self.refused(part, f"cannot trace the name {part.name}")
        return union(flows).computed() if flows else EMPTY

    def filter(self, nodes: Iterable[exp.Expr], scope: Scope, ctes: Ctes) -> None:
        """Count the columns of expressions as deciding about rows."""
        for node in nodes:
            if not isinstance(node, exp.Identifier):
                self.filters |= self.flow(node, scope, ctes).all

    def mark(self, *nodes: exp.Expr) -> None:
        """Note columns and tables of the query as accounted for."""
        self._seen.update(map(id, nodes))

    def forgotten(self, tree: exp.Expr) -> exp.Expr | None:
        """A column or table of the query that nobody has accounted for: a place that no rule here looks into."""
        return next((node for node in tree.find_all(exp.Column, exp.Table) if id(node) not in self._seen), None)

    def refused(self, node: exp.Expr, message: str, hint: str = "") -> RefusedError:
        """The error for a part of the query that cannot be traced, with its place."""
        return RefusedError(message, where=located(node, self.where), hint=hint)
