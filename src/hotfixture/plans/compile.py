"""From a template and its parameters to a finished plan: everything looked up, guarded, traced, decided, checked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from hotfixture.documents import Text, place
from hotfixture.errors import HotFixtureError, InputError, Problem, RefusedError, UnknownNameError, Where
from hotfixture.plans.columns import (
    check_condition,
    check_views,
    conflicts,
    misfits,
    passing,
    query_columns,
    table_columns,
    traceable_views,
)
from hotfixture.plans.exports import DdlExport, FilesExport, QueryExport, SubsetExport
from hotfixture.plans.paths import expand_path
from hotfixture.plans.plan import (
    Plan,
    PlannedDdl,
    PlannedExport,
    PlannedFiles,
    PlannedQuery,
    PlannedRows,
    PlannedSubset,
    Source,
)
from hotfixture.plans.values import DateRange
from hotfixture.schema import Reference, Table, TableName
from hotfixture.transforms.bind import bind, bind_condition
from hotfixture.transforms.decisions import Decisions, decide
from hotfixture.transforms.dialects import regenerate
from hotfixture.transforms.guard import parse
from hotfixture.transforms.lineage import Lineage, trace
from hotfixture.transforms.policy import Policy
from hotfixture.transforms.subset_plan import EVERY, Include, Root, SubsetPlan, SubsetSpec, plan_subset

if TYPE_CHECKING:
    from sqlglot import exp

    from hotfixture.databases.base import Database
    from hotfixture.plans.references import VirtualReference
    from hotfixture.plans.template import Preparation, Template
    from hotfixture.plans.values import DateRange
from hotfixture.schema import Column, Schema

A = TypeVar("A")
T = TypeVar("T")


@dataclass
class Compiler:
    """One template on its way to a plan. Collects the problems of all its parts before it gives up."""

    template: Template
    databases: Mapping[str, Database]
    values: dict[str, object]
    policy: Policy
    volumes: Collection[str] = ()
    decisions: Decisions = field(init=False)
    sources: dict[str, Source] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    refused: bool = False

    def exports(self) -> tuple[PlannedExport, ...]:
        """Every export, planned; InputError or RefusedError with all problems of all of them."""
        if not self.template.exports:
            self.problems.append(Problem("the template exports nothing", self.template.where, "Name an export."))
        self._sources()
        self._give_up_if_wrong()
        schemas = {name: source.schema for name, source in self.sources.items()}
        # Without usable decisions the queries are still looked at, so that all problems are said at once.
        made = self._try(lambda masks: decide(self.policy, schemas, masks), self.template.masks)
        self.decisions = made or decide(Policy(), schemas, {})
        known = len(self.problems)
        for preparation in self.template.prepare:
            self.values[preparation.name] = self._try(self._prepared, preparation)
        if len(self.problems) > known:
            self._give_up_if_wrong()  # the exports would only say that a value is missing
        planned = [self._try(self._export, export) for export in self.template.exports.values()]
        self._give_up_if_wrong()
        return tuple(export for export in planned if export)

    def examined(self, plan: Plan) -> list[Problem]:
        """What is doubtful about the masks; InputError where values cannot fit their tables."""
        doubtful: list[Problem] = []
        self.problems += conflicts(plan)
        for _, provider, rows in plan:
            errors, warnings = misfits(rows, self.databases[provider].dialect.sqlglot)
            self.problems += errors
            doubtful += warnings
        self._give_up_if_wrong()
        return doubtful

    def _try(self, action: Callable[[A], T], argument: A) -> T | None:
        """The action's result; None where it fails, its problems kept for the end."""
        try:
            return action(argument)
        except (InputError, RefusedError) as error:
            self.problems += error.problems
            self.refused = self.refused or isinstance(error, RefusedError)
            return None

    def _give_up_if_wrong(self) -> None:
        if self.problems:
            raise (RefusedError if self.refused else InputError).of(dict.fromkeys(self.problems))

    def _sources(self) -> None:
        """Inspect every provider that the template names."""
        named: dict[str, Where] = {}
        for part in (*self.template.prepare, *self.template.exports.values()):
            if not isinstance(part, FilesExport):
                named.setdefault(part.provider.value, part.provider.where)
            elif (volume := part.volume.value) not in self.volumes:
                hint = f"Give it: --volume {volume}=FOLDER"
                self.problems.append(Problem(f"no place is given for volume {volume!r}", part.volume.where, hint))
        for name, where in named.items():
            if name not in self.databases:
                hint = f"Give it: --provider {name}=postgresql://…"
                self.problems += UnknownNameError(
                    "provider", name, list(self.databases), where=where, hint=hint
                ).problems
                continue
            database = self.databases[name]
            schema = self._with_virtual(name, database.inspect())
            version = ".".join(map(str, database.version))
            self.sources[name] = Source(database.dialect.name, database.server, version, schema)

    def _with_virtual(self, provider: str, schema: Schema) -> Schema:
        own = [reference for reference in self.template.references if reference.provider in ("", provider)]
        found = [self._try(partial(_virtual, schema), reference) for reference in own]
        return schema.with_references([reference for reference in found if reference])

    def _prepared(self, preparation: Preparation) -> list[object]:
        """The first column of a preparation's rows."""
        provider = preparation.provider.value
        sql = self._traced(provider, preparation.query)[0]
        return [_plain(row[0]) for row in self.databases[provider].fetch(sql)]

    def _export(self, export: QueryExport | SubsetExport | DdlExport | FilesExport) -> PlannedExport | None:
        match export:
            case QueryExport():
                return self._query(export)
            case SubsetExport():
                return self._subset(export)
            case DdlExport():
                return self._ddl(export)
            case FilesExport():
                patterns = [pattern for path in export.paths for pattern in expand_path(path, self.values)]
                return PlannedFiles(export.name, export.volume.value, tuple(patterns), export.filter)

    def _traced(self, provider: str, query: Text, limit: int | None = None) -> tuple[str, Lineage]:
        """The SQL to send, and where each of its columns comes from."""
        source = self.sources[provider]
        with placed(query):
            lineage = self._trace(provider, bind(query.value, self.values, source.engine))
        sql = lineage.sql if limit is None else regenerate(_limited(lineage.query, limit), source.engine)
        return sql, lineage

    def _trace(self, provider: str, tree: exp.Expr) -> Lineage:
        """The lineage of a bound query, through views down to tables."""
        source = self.sources[provider]
        views = traceable_views(self.decisions, provider, source.schema)
        lineage = trace(tree, source.schema, source.engine, views=views, allow=self.policy.functions)
        check_views(self.decisions, provider, source.schema, lineage)
        return lineage

    def _query(self, export: QueryExport) -> PlannedQuery:
        provider, database = export.provider.value, self.databases[export.provider.value]
        schema = self.sources[provider].schema
        sql, lineage = self._traced(provider, export.query, self._row_limit())
        columns = _described(database.describe(sql), lineage, schema)
        target = _target(export.table, schema, columns)
        with placed(export.query):
            planned = query_columns(self.decisions, provider, columns, lineage)
        computed = {column.name for column in target.columns if column.generated}
        stored = tuple(column for column in planned if column.column.name not in computed)
        if stored != planned:
            sql = _only(sql, [column.column.name for column in stored], self.sources[provider].engine)
        rows = PlannedRows(target, stored, database.estimate(sql))
        return PlannedQuery(export.name, provider, sql, rows, export.formats, self._sample_rate())

    def _subset(self, export: SubsetExport) -> PlannedSubset | None:
        provider, database = export.provider.value, self.databases[export.provider.value]
        schema = self.sources[provider].schema
        plan = self._subset_plan(export, schema)
        decided = partial(table_columns, self.decisions, provider)
        found = {name: self._try(decided, schema.tables[name]) for name in plan.load.tables}
        tables = {
            name: PlannedRows(schema.tables[name], columns) for name, columns in found.items() if columns is not None
        }
        if len(tables) < len(found):
            return None  # why is among the problems
        starts = {start.table: start.root.where for start in plan.starts}
        for name, where in starts.items():
            tables[name] = replace(tables[name], estimate=self._estimate(database, tables[name], where))
        return PlannedSubset(export.name, provider, plan, tables, export.formats)

    def _estimate(self, database: Database, rows: PlannedRows, where: str) -> Any:
        from hotfixture.databases.base import Select

        return database.estimate(Select(rows.table, tuple(column.name for column in rows.read), where=where))

    def _sample_rate(self) -> float | None:
        rate = self.values.get("sample_rate")
        return float(rate) if isinstance(rate, Decimal | int) else None

    def _subset_plan(self, export: SubsetExport, schema: Schema) -> SubsetPlan:
        provider = export.provider.value
        rate, limit = self._sample_rate(), self._row_limit()
        roots = tuple(
            Root(
                root.table.value,
                self._condition(provider, root.table, root.condition),
                limit=_least(root.limit, limit),
                sample_rate=rate,
            )
            for root in export.roots
        )
        include = {
            child.table.value: Include(
                self._condition(provider, child.table, child.condition),
                limit=child.limit if child.all else _least(child.limit, limit if child.table.value != EVERY else None),
                per_parent=child.per_parent,
                via=child.via,
                depth=export.depth,
                all=child.all,
            )
            for child in export.include
        }
        spec = SubsetSpec(roots, include, {text.value: "" for text in export.exclude})
        try:
            return plan_subset(schema, spec)
        except InputError as error:
            raise InputError.of(p._replace(where=p.where or export.where) for p in error.problems) from None

    def _condition(self, provider: str, table: Text, condition: Text | None) -> str:
        """A condition over one table, guarded as the query that it will be part of."""
        if condition is None:
            return ""
        source = self.sources[provider]
        found = _find(source.schema, table.value)
        if found is None:
            return ""  # the unknown table is said by the subset's own plan
        with placed(condition):
            tree = bind_condition(condition.value, found.name, self.values, source.engine, Where("query", 1, 1))
            check_condition(self.decisions, provider, self._trace(provider, tree))
            return regenerate(tree.args["where"].this, source.engine)

    def _ddl(self, export: DdlExport) -> PlannedDdl:
        asked = self.values.get("include_indexes")
        indexes = export.include_indexes if export.include_indexes is not None else asked is not False
        schema = self.sources[export.provider.value].schema
        tables = tuple(name for pattern in export.tables for name in _matching(schema, pattern))
        return PlannedDdl(export.name, export.provider.value, export.option, indexes, tables)

    def _row_limit(self) -> int | None:
        limit = self.values.get("row_limit")
        return limit if isinstance(limit, int) else None


def compile_plan(
    template: Template,
    text: str,
    databases: Mapping[str, Database],
    values: Mapping[str, object],
    *,
    policy: Policy | None,
    volumes: Collection[str],
    key: str,
    today: date,
) -> Plan:
    """The finished plan. `values` are the resolved parameters, `key` the masking key's identifier.

    Reads catalogues and runs the template's preparations, nothing else. Raises InputError and RefusedError with all
    problems of the template at their places, DatabaseError where a provider does not answer.
    """
    # A range is no list: it stands in SQL by its parts alone, `${period.start}` and `${period.end}`.
    bound = {name: value for name, value in values.items() if not isinstance(value, DateRange)}
    compiler = Compiler(template, databases, bound, policy or Policy(), volumes)
    exports = compiler.exports()
    digest = hashlib.sha256(text.encode()).hexdigest()
    shown = {name: value for name, value in values.items() if value is not None and "." not in name}
    plan = Plan(template, text, digest, shown, compiler.sources, exports, key, today)
    doubtful = compiler.examined(plan)
    warnings = [*compiler.decisions.warnings, *doubtful, *passing(plan)]
    return replace(plan, warnings=tuple(dict.fromkeys(map(str, warnings))))


@contextmanager
def placed(text: Text) -> Iterator[None]:
    """Problems inside SQL said at their place in the template."""
    try:
        yield
    except (InputError, RefusedError) as error:
        problems = [p._replace(where=_in_file(text, p.where)) for p in error.problems]
        raise (RefusedError if isinstance(error, RefusedError) else InputError).of(problems) from None
    except HotFixtureError as error:
        error.problems = tuple(p._replace(where=p.where or text.where) for p in error.problems)
        raise


def _in_file(text: Text, where: Where | None) -> Where:
    if where is None or where.source != "query":
        return where or text.where
    return place(text, where.line, where.column) if where.line else text.where


def _find(schema: Schema, name: str) -> Table | None:
    before, _, after = name.rpartition(".")
    return schema.find(name) or (schema.find(after, before) if before else None)


def _virtual(schema: Schema, said: VirtualReference) -> Reference:
    """The reference that a template declares, in the schema's own names."""
    table, target = _find(schema, said.table), _find(schema, said.target)
    if table is None or target is None:
        missing = said.table if table is None else said.target
        raise UnknownNameError("table", missing, [str(name) for name in schema.tables], where=said.where)
    columns = said.target_columns or target.primary_key
    for owner, names in ((table, said.columns), (target, columns)):
        known = [column.name for column in owner.columns]
        for name in names:
            if name not in known:
                raise UnknownNameError(f"column of {owner.name}", name, known, where=said.where)
    if len(columns) != len(said.columns):
        raise InputError(f"{said}: expected {len(said.columns)} target columns, found {len(columns)}", where=said.where)
    return Reference(
        f"{said}", table.name, said.columns, target.name, columns, virtual=True, when=said.when, path=said.path,
        enforced=False,
    )  # fmt: skip


def _target(name: str, schema: Schema, columns: tuple[Column, ...]) -> Table:
    """The table that a query's rows are loaded into: the source's own of that name, else one of the query's columns."""
    own = _find(schema, name)
    if own and {column.name for column in columns} <= {column.name for column in own.columns}:
        return own
    before, _, after = name.rpartition(".")
    return Table(TableName(before, after), columns)


def _described(columns: tuple[Column, ...], lineage: Lineage, schema: Schema) -> tuple[Column, ...]:
    """The query's columns: what copies one column of a table is of that column's type."""
    found = []
    for column, output in zip(columns, lineage.columns, strict=True):
        if not output.is_plain_copy or len(output.copies) != 1:
            found.append(column)
            continue
        table, name = next(iter(output.copies))
        origin = schema.tables[table].column(name)
        found.append(replace(origin, name=column.name, generated=False, identity=""))
    return tuple(found)


def _limited(tree: exp.Expr, limit: int) -> exp.Expr:
    """The query with at most `limit` rows."""
    from sqlglot import exp

    stated = tree.args.get("limit")
    if stated is not None and isinstance(stated.expression, exp.Literal) and int(stated.expression.this) <= limit:
        return tree
    return tree.limit(limit)  # type: ignore[attr-defined,no-any-return]  # every query has it


def _only(sql: str, names: Sequence[str], dialect: str) -> str:
    """The query with these of its columns only: the others are computed by the table that it is loaded into."""
    from sqlglot import exp

    columns = (exp.column(name, quoted=True) for name in names)
    return regenerate(exp.select(*columns).from_(exp.Subquery(this=parse(sql, dialect), alias="query")), dialect)


def _least(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _matching(schema: Schema, pattern: Text) -> list[TableName]:
    from fnmatch import fnmatchcase

    found = [n for n in schema.tables if fnmatchcase(str(n), pattern.value) or fnmatchcase(n.name, pattern.value)]
    if not found:
        raise UnknownNameError("table", pattern.value, [str(name) for name in schema.tables], where=pattern.where)
    return found


def _plain(value: object) -> object:
    """A value of a database as one that can be bound."""
    known = (int, str, bool, Decimal, float, date, datetime, type(None))
    return value if isinstance(value, known) else str(value)
