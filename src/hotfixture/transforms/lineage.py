"""Traces each output column of a query to the columns of base tables that it came from.

A resolver of our own over the parsed tree: every name must lead to a column of the schema, through aliases, `*`,
CTEs, subqueries, joins, unions and views; what stays unresolved is refused. The traced query is returned with every
`*` written out and every table under its full name, so that the server returns exactly the columns traced here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlglot import exp

from hotfixture.errors import RefusedError, Where
from hotfixture.schema import Schema, TableName
from hotfixture.transforms.dialects import whole
from hotfixture.transforms.guard import confirm, examine, parse
from hotfixture.transforms.lineage_scope import NOTHING, Origin
from hotfixture.transforms.lineage_tracer import Tracer

__all__ = ["Lineage", "Origin", "Output", "trace"]


@dataclass(frozen=True, slots=True)
class Output:
    """One column of the result."""

    name: str
    """Empty where only the server knows it (an expression without alias)."""
    copies: frozenset[Origin] = NOTHING
    """Columns whose values stand here as they are; several for a union or a merged join column."""
    derived_from: frozenset[Origin] = NOTHING
    """Columns that an expression here was computed from."""

    @property
    def origins(self) -> frozenset[Origin]:
        """Every column that this one carries something of."""
        return self.copies | self.derived_from

    @property
    def is_plain_copy(self) -> bool:
        """Nothing but values as they stand in base tables; constants of a union count as nothing."""
        return bool(self.copies) and not self.derived_from


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where everything in a query's result came from."""

    columns: tuple[Output, ...]
    filters: frozenset[Origin]
    """Columns that decide which rows appear, how they are grouped, ordered or counted: the second channel."""
    tables: frozenset[TableName]
    views: frozenset[TableName]
    """Views read as if they were tables, because no definition was given."""
    query: exp.Expr
    """What will run: `*` written out, tables under their full names."""
    sql: str
    """The text to send, of the same query."""


def trace(
    sql: str | exp.Expr,
    schema: Schema,
    dialect: str,
    *,
    allow: Collection[str] = (),
    views: Mapping[TableName, str] | None = None,
    where: Where | None = None,
) -> Lineage:
    """The lineage of a query, after the same examination as by `guard.check`.

    `sql` is a text, or a tree of `bind.bind` or `guard.parse`. `allow` names functions that the administrator vouches
    for. `views` gives definitions (SQL text, as the engine's catalogue has it) of views that are traced to their
    tables; a view without one is a table of its own, named in `Lineage.views`. RefusedError where the guard refuses
    the query or a name stays unresolved.
    """
    query = parse(sql, dialect, where=where) if isinstance(sql, str) else sql.copy()
    examine(query, dialect, allow=allow, where=where)
    tracer = Tracer(schema, dialect, views or {}, where)
    try:
        fields = tracer.query(query, None, {})
    except RecursionError:
        raise RefusedError("the query is nested too deeply", where=whole(where)) from None
    forgotten = tracer.forgotten(query)
    if forgotten is not None:
        raise tracer.refused(forgotten, f"cannot trace {forgotten.sql()} in this place")
    text, query = confirm(query, dialect, where=where)
    columns = tuple(Output(item.name, item.flow.copies, item.flow.derived) for item in fields)
    return Lineage(columns, frozenset(tracer.filters), frozenset(tracer.tables), frozenset(tracer.opaque), query, text)
