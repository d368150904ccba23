"""What a plan reads of each provider, so that an approval can be bound to it, and how that has changed since.

A query reads the columns that its lineage names, in what it selects and in what it filters by; a subset every column
of every table it may reach. So a new column concerns a query with `*`, and not one that names its columns.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, TypeAlias

from hotfixture.errors import RefusedError
from hotfixture.plans.plan import PlannedDdl, PlannedQuery, PlannedSubset
from hotfixture.plans.template import holes
from hotfixture.plans.values import PARTS, DateRange

if TYPE_CHECKING:
    from sqlglot import exp

    from hotfixture.plans.plan import Plan
    from hotfixture.schema import Schema, Table, TableName
    from hotfixture.transforms.lineage import Lineage
    from hotfixture.transforms.policy import Policy

Tables: TypeAlias = dict[str, dict[str, str]]
"""Of one provider: the engine's type of every column that is read, by table."""
Reads: TypeAlias = dict[str, Tables]
"""By provider."""
DEFINITION = "(definition)"
"""Stands among the columns of a view: the digest of its query."""


def reads(plan: Plan, policy: Policy) -> Reads:
    """What the plan reads, by provider, table and column."""
    reader = _Reader(plan, policy)
    reader.look()
    return {name: dict(sorted(tables.items())) for name, tables in sorted(reader.found.items())}


def digest(tables: Tables) -> str:
    """SHA-256 of what is read of one provider."""
    return sha256(json.dumps(tables, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def seen(plan: Plan, found: Reads) -> str:
    """A digest of all that an approval is bound to: text, policy, what is read."""
    return sha256(json.dumps([plan.digest, plan.policy, found], sort_keys=True).encode()).hexdigest()


def differences(approved: Reads, now: Reads) -> list[str]:
    """What is another than it was, a sentence each; nothing where all is the same."""
    named = len(approved.keys() | now.keys()) > 1
    found: list[str] = []
    for provider in sorted(approved.keys() | now.keys()):
        before, after = approved.get(provider, {}), now.get(provider, {})
        if digest(before) != digest(after):
            prefix = f"{provider}: " if named else ""
            found += (f"{prefix}{sentence}" for sentence in _changes(before, after))
    return found


def _changes(before: Tables, after: Tables) -> Iterator[str]:
    for table in sorted(before.keys() | after.keys()):
        if table not in before:
            yield f"table {table} is new in what it reads"
        elif table not in after:
            yield f"table {table} is no longer in what it reads"
        else:
            yield from _columns(table, before[table], after[table])


def _columns(table: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) == after.get(name):
            continue
        if name == DEFINITION:
            yield f"the definition of the view {table} changed"
        elif name not in before:
            yield f"column {table}.{name} is new in what it reads"
        elif name not in after:
            yield f"column {table}.{name} is no longer in what it reads"
        else:
            yield f"column {table}.{name} is now {after[name]}; it was {before[name]}"


class _Reader:
    def __init__(self, plan: Plan, policy: Policy) -> None:
        self._plan = plan
        self._policy = policy
        self.found: Reads = {name: {} for name in plan.sources}

    def look(self) -> None:
        for preparation in self._plan.template.prepare:
            self._traced(preparation.provider.value, self._bound(preparation.provider.value, preparation.query))
        for export in self._plan.exports:
            match export:
                case PlannedQuery():
                    self._traced(export.provider, export.sql)
                case PlannedSubset():
                    self._subset(export)
                case PlannedDdl():
                    self._ddl(export)

    def _subset(self, export: PlannedSubset) -> None:
        for name, rows in export.tables.items():
            for column in rows.read:
                self._note(export.provider, name, column.name)
        conditions = {(start.table, start.root.where) for start in export.subset.starts}
        conditions |= {(r.reference.table, r.include.where) for r in export.subset.relations}
        conditions |= set(export.subset.whole.items())
        for name, where in sorted(conditions):
            if where:
                self._condition(export.provider, name, where)

    def _condition(self, provider: str, table: TableName, where: str) -> None:
        from hotfixture.transforms.bind import bind_condition

        self._traced(provider, bind_condition(where, table, {}, self._plan.sources[provider].engine))

    def _ddl(self, export: PlannedDdl) -> None:
        schema = self._plan.sources[export.provider].schema
        fills = any(provider == export.provider for _, provider, _ in self._plan)
        every = () if fills or export.tables else (table.name for table in schema if table.kind != "view")
        for name in (*export.tables, *every):
            for column in schema.tables[name].columns:
                self._note(export.provider, name, column.name)

    def _bound(self, provider: str, query: object) -> exp.Expr:
        """A preparation's query, bound as when it ran; what another one prepares is a list of nothing here."""
        from hotfixture.documents import Text
        from hotfixture.transforms.bind import bind

        assert isinstance(query, Text)
        values: dict[str, object] = {f"{name}.{part}" if part else name: None for name, part, _ in holes(query)}
        values |= self._plan.parameters
        for name, value in self._plan.parameters.items():
            if isinstance(value, DateRange):
                values |= {f"{name}.{part}": getattr(value, part) for part in PARTS}
        values |= {preparation.name: [None] for preparation in self._plan.template.prepare}
        return bind(query.value, values, self._plan.sources[provider].engine)

    def _traced(self, provider: str, query: str | exp.Expr) -> None:
        schema = self._plan.sources[provider].schema
        lineage = lineage_of(query, schema, self._plan.sources[provider].engine, self._policy)
        for output in lineage.columns:
            for table, column in output.origins:
                self._note(provider, table, column)
        for table, column in lineage.filters:
            self._note(provider, table, column)
        for name in (*lineage.tables, *lineage.views):
            self.found[provider].setdefault(str(name), {})
        for view in views_in(query, schema, self._plan.sources[provider].engine):
            columns = self.found[provider].setdefault(str(view.name), {})
            columns[DEFINITION] = sha256(view.definition.encode()).hexdigest()[:16]

    def _note(self, provider: str, table: TableName, column: str) -> None:
        known = self._plan.sources[provider].schema.tables[table]
        native = next((c.native for c in known.columns if c.name == column), "")
        self.found[provider].setdefault(str(table), {})[column] = native


def lineage_of(query: str | exp.Expr, schema: Schema, engine: str, policy: Policy) -> Lineage:
    """Where a planned query's columns come from, through views down to tables where the views can be traced."""
    from hotfixture.transforms.lineage import trace

    views = {table.name: table.definition for table in schema if table.definition}
    try:
        return trace(query, schema, engine, views=views, allow=policy.functions)
    except RefusedError:  # a view that the policy decides about as it stands need not be traceable
        return trace(query, schema, engine, allow=policy.functions)


def views_in(query: str | exp.Expr, schema: Schema, engine: str) -> list[Table]:
    """The views that a query names."""
    from sqlglot import exp

    from hotfixture.transforms.guard import parse

    tree = parse(query, engine) if isinstance(query, str) else query
    found = (schema.find(table.name, table.db) for table in tree.find_all(exp.Table))
    return [table for table in found if table is not None and table.definition]
