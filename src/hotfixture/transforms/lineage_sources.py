"""What the entries of FROM offer: tables, views, CTEs, subqueries, functions, VALUES, and joins of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlglot import exp
from sqlglot.errors import SqlglotError

from hotfixture.errors import RefusedError, Where
from hotfixture.schema import Schema, Table, TableName
from hotfixture.transforms.dialects import dialect
from hotfixture.transforms.functions import JSON_EACH, ONE_COLUMN, TABLE_COLUMNS
from hotfixture.transforms.guard import KNOWN
from hotfixture.transforms.lineage_expressions import Ctes, Expressions
from hotfixture.transforms.lineage_scope import EMPTY, Field, Flow, Names, Relation, Scope, Visible, ambiguous, union


class Sources(Expressions):
    """Traces FROM clauses; writes the full names of tables into the tree."""

    def __init__(self, schema: Schema, names: Names, views: Mapping[TableName, str], where: Where | None) -> None:
        super().__init__(names, where)
        self.schema = schema
        self.views = views
        self._inside: tuple[TableName, ...] = ()

    def cte(self, node: exp.Table, ctes: Ctes) -> list[Field] | None:
        """The columns of a CTE; None where no CTE has the table's name."""
        raise NotImplementedError

    def sources(self, node: exp.Select, scope: Scope, ctes: Ctes) -> None:
        """Fill a scope from a SELECT's FROM clause."""
        clause = node.args.get("from_")
        first = self._source(clause.this, scope, ctes) if clause else []
        scope.visible = self._joined(node.args.get("joins") or (), first, scope, ctes)
        for lateral in node.args.get("laterals") or ():
            scope.visible = scope.visible + self._source(lateral, scope, ctes)

    # -- joins

    def _joined(self, joins: Iterable[exp.Join], group: list[Visible], scope: Scope, ctes: Ctes) -> list[Visible]:
        """The visible columns of a chain of joins that begins with `group`."""
        outside = scope.visible
        before: list[Visible] = []
        conditions: list[tuple[exp.Expr, list[Visible]]] = []
        for join in joins:
            scope.visible = before + group
            right = self._source(join.this, scope, ctes)
            if _is_comma(join) and self.names.dialect != "sqlite":
                before, group = before + group, right  # a comma binds weaker than JOIN, except in SQLite
            else:
                group = self._merged(join, group, right)
            if join.args.get("on"):
                conditions.append((join.args["on"], before + group))
        for condition, visible in conditions:
            scope.visible = visible
            self.filter([condition], scope, ctes)
        scope.visible = outside
        return before + group

    def _merged(self, join: exp.Join, left: list[Visible], right: list[Visible]) -> list[Visible]:
        """Both sides' columns; those of USING or NATURAL once and first, in SQLite at the left side's place."""
        keys = [self.names.fold(item) for item in join.args.get("using") or ()]
        if str(join.args.get("method") or "").upper() == "NATURAL":
            others = {item.key for item in right if not item.field.hidden}
            keys = [item.key for item in left if item.key in others and not item.field.hidden]
        merged = {}
        for key in keys:
            both = [item for item in left if item.key == key], [item for item in right if item.key == key]
            if [len(side) for side in both] != [1, 1]:
                raise ambiguous(join, self.where)
            merged[key] = _merge(both[0][0], both[1][0], str(join.args.get("side") or "").upper())
            self.filters |= merged[key].field.flow.all
        rest = [item for item in right if item.key not in merged]
        if self.names.dialect == "sqlite":
            return [merged.get(item.key, item) for item in left] + rest
        return [*merged.values(), *(item for item in left if item.key not in merged), *rest]

    # -- entries

    def _source(self, node: exp.Expr, scope: Scope, ctes: Ctes) -> list[Visible]:
        """The visible columns of one entry of FROM; its relations become known to the scope."""
        self.mark(node)
        if _is_group(node):
            own = self._group(node, scope, ctes)
        else:
            own = self._named(node, self._fields(node, scope, ctes), scope)
        return self._joined(node.args.get("joins") or (), own, scope, ctes)

    def _fields(self, node: exp.Expr, scope: Scope, ctes: Ctes) -> list[Field]:
        if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
            return self.cte(node, ctes) or self._table(node)
        if isinstance(node, exp.Lateral) and isinstance(node.this, exp.Query):
            return self.query(node.this, scope, ctes)
        if isinstance(node, exp.Table | exp.Lateral | exp.Unnest):
            return self._function(node, scope, ctes)
        if isinstance(node, exp.Values):
            return self.values(node, Scope(self.names, scope.beyond, scope.beyond), ctes)
        return self.query(node, scope.beyond, ctes)

    def _group(self, node: exp.Expr, scope: Scope, ctes: Ctes) -> list[Visible]:
        """`(a JOIN b …)`: its relations stay known outside, unless it has an alias of its own."""
        inner = Scope(self.names, scope, scope.beyond)
        visible = self._source(node.this, inner, ctes)
        if node.args.get("alias"):
            return self._named(node, [item.field for item in visible if not item.field.hidden], scope)
        scope.relations += inner.relations
        return visible

    def _named(self, node: exp.Expr, fields: list[Field], scope: Scope) -> list[Visible]:
        alias = node.args.get("alias")
        name = alias.this if alias else None
        function = node.this if isinstance(node.this, exp.Anonymous) else None
        if name is None and function:
            name = exp.to_identifier(str(function.this))
        elif name is None:
            name = node.this if isinstance(node.this, exp.Identifier) else exp.to_identifier("")
        if alias:
            fields = self.renamed(fields, alias)
        schema = "" if alias else node.text("db")
        return scope.add(Relation(self.names.fold(name), fields, name.name, schema), name)

    def renamed(self, fields: list[Field], alias: exp.TableAlias) -> list[Field]:
        """The fields under the column names of an alias, as `users AS a(i, c)` gives them."""
        columns = [item.this if isinstance(item, exp.ColumnDef) else item for item in alias.columns]
        if len(columns) > len(fields):
            raise self.refused(alias, f"{len(columns)} column names for {len(fields)} columns")
        named = [item._replace(name=self.names.shown(column)) for item, column in zip(fields, columns, strict=False)]
        return named + fields[len(named) :]

    def values(self, node: exp.Values, scope: Scope, ctes: Ctes) -> list[Field]:
        """The columns of VALUES: each position of all rows together."""
        rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in node.expressions]
        if len({len(row) for row in rows}) != 1:
            raise self.refused(node, "rows of different length")
        flows = [union(self.flow(value, scope, ctes) for value in column) for column in zip(*rows, strict=True)]
        return [Field(f"column{number}", flow) for number, flow in enumerate(flows, 1)]

    def _function(self, node: exp.Expr, scope: Scope, ctes: Ctes) -> list[Field]:
        """The columns of a function in FROM; each is computed from all arguments."""
        call = node if isinstance(node, exp.Unnest) else node.this
        name = "unnest" if isinstance(call, exp.Unnest) else str(call.this).lower()
        flow = union(self.flow(value, scope, ctes) for value in call.expressions).computed()
        columns = JSON_EACH.get(self.names.dialect, ()) if name == "json_each" else TABLE_COLUMNS.get(name, ())
        if not columns and name not in ONE_COLUMN:
            raise self.refused(node, f"cannot tell the columns of {name} in FROM", "Call it in the list of results.")
        alias = node.args.get("alias")
        one = self.names.fold(alias.this) if alias and alias.this else name
        count = len(call.expressions) if name == "unnest" else 1
        fields = [Field(column, flow) for column in columns or [one] * count]
        ordinal = node.args.get("offset")
        if node.args.get("ordinality") or ordinal:
            shown = self.names.shown(ordinal) if isinstance(ordinal, exp.Identifier) else "ordinality"
            fields.append(Field(shown, EMPTY))
        hidden = ("json", "root") if self.names.dialect == "sqlite" else ()
        return fields + [Field(column, flow, hidden=True) for column in hidden]

    # -- tables and views

    def _table(self, node: exp.Table) -> list[Field]:
        table = None if node.args.get("catalog") else self._find(node)
        if table is None:
            raise self.refused(node, f"no table {node.sql()} in the schema", "Only inspected tables can be read.")
        self._write_name(node, table.name)
        if table.name in self.views:
            return self._view(table, node)
        self.tables.add(table.name)
        if table.kind == "view":
            self.opaque.add(table.name)
        fields = [Field(item.name, Flow(frozenset([(table.name, item.name)]))) for item in table.columns]
        return fields + self._hidden(table, fields)

    def _find(self, node: exp.Table) -> Table | None:
        name, schema = self.names.shown(node.this), node.args.get("db")
        if self.names.dialect == "sqlite" and schema and self.names.fold(schema) == "main":
            return self.schema.find(name, "main") or self.schema.find(name)
        return self.schema.find(name, self.names.shown(schema) if schema else "")

    def _write_name(self, node: exp.Table, name: TableName) -> None:
        """The table under its full name: another search path, or a temporary table, cannot change what is read."""
        node.this.set("this", name.name)
        node.this.set("quoted", True)
        if name.schema and not node.args.get("db"):
            node.set("db", exp.to_identifier(name.schema, quoted=True))

    def _hidden(self, table: Table, fields: list[Field]) -> list[Field]:
        """SQLite's names for the row's number, which is the primary key where that is one integer, and of FTS."""
        if self.names.dialect != "sqlite":
            return []
        taken = {self.names.stored(item.name) for item in fields}
        everything = union(item.flow for item in fields).computed()
        key = (
            frozenset((table.name, name) for name in table.primary_key) if len(table.primary_key) == 1 else frozenset()
        )
        hidden = {name: Flow(derived=key) for name in ("rowid", "oid", "_rowid_")}
        if table.kind == "virtual":
            hidden |= {self.names.stored(table.name.name): everything, "rank": everything}
        return [Field(name, flow, hidden=True) for name, flow in hidden.items() if name not in taken]

    def _view(self, table: Table, node: exp.Table) -> list[Field]:
        if table.name in self._inside:
            raise self.refused(node, f"view {table.name} is defined by itself")
        outer, self._inside = self._inside, (*self._inside, table.name)
        try:
            fields = self.query(self._definition(table.name, node), None, {})
        except RefusedError as error:
            hint = "Name the view's columns in the policy."
            raise self.refused(
                node, f"view {table.name} cannot be traced: {error.problems[0].message}", hint
            ) from error
        finally:
            self._inside = outer
        if len(fields) != len(table.columns):
            raise self.refused(node, f"view {table.name}: {len(fields)} columns defined, {len(table.columns)} found")
        return [item._replace(name=column.name) for item, column in zip(fields, table.columns, strict=True)]

    def _definition(self, name: TableName, node: exp.Table) -> exp.Expr:
        try:
            trees = dialect(self.names.dialect).parse(self.views[name])
        except SqlglotError:
            trees = []
        tree = trees[0] if len(trees) == 1 else None
        query = tree.expression if isinstance(tree, exp.Create) else tree
        if not isinstance(query, exp.Query) or any(type(part).__name__ not in KNOWN for part in query.walk()):
            raise self.refused(node, "its definition cannot be read")
        return query


def _is_comma(join: exp.Join) -> bool:
    return not any(join.args.get(key) for key in ("kind", "side", "method", "on", "using"))


def _is_group(node: exp.Expr) -> bool:
    """`(a JOIN b)` and `((SELECT …) x JOIN b)`, not `((SELECT …))`."""
    if not isinstance(node, exp.Subquery):
        return False
    inner = node.this
    return isinstance(inner, exp.Table) or (
        isinstance(inner, exp.Subquery) and bool(inner.args.get("alias") or inner.args.get("joins") or _is_group(inner))
    )


def _merge(left: Visible, right: Visible, side: str) -> Visible:
    flow = left.field.flow | right.field.flow
    either = exp.Anonymous(this="coalesce", expressions=[left.reference.copy(), right.reference.copy()])
    merged = {"RIGHT": right.reference, "FULL": exp.alias_(either, left.field.name, quoted=True)}
    return Visible(left.key, left.field._replace(flow=flow), merged.get(side, left.reference))
