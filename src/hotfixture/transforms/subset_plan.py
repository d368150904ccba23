"""What a subset follows, worked out before anything is read: roots, children as included, parents always."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from hotfixture.errors import InputError, Problem
from hotfixture.transforms.graph import LoadOrder, below, closure, components, load_order, targets

if TYPE_CHECKING:
    from hotfixture.schema import Reference, Schema, Table, TableName

SET_NULL = "set null"
EVERY = "*"


@dataclass(frozen=True, slots=True)
class Root:
    """Rows to begin with: those of `table` under `where`, of these a sample, of these the first `limit` by identity."""

    table: str
    where: str = ""
    """A condition that has passed the guard."""
    limit: int | None = None
    sample_rate: float | None = None
    """Share of the rows, chosen by a hash of their identity keyed by the subset's seed."""


@dataclass(frozen=True, slots=True)
class Include:
    """How a table's rows come along as children of rows that are roots or children themselves."""

    where: str = ""
    """A condition that has passed the guard; it filters children, never rows that come as parents."""
    limit: int | None = None
    """At most so many rows of the table as children, whatever references they come along."""
    per_parent: int | None = None
    """At most so many rows for each parent row along each reference: the first by identity, any where there is none."""
    via: tuple[str, ...] = ()
    """References to follow (`orders.customer_id`, `customer_id`, a constraint's name); all where empty."""
    depth: int | None = None
    """At most so many steps down a self reference."""
    all: bool = False
    """The whole table (under `where`), as a lookup table: its rows bring parents, not children."""


@dataclass(frozen=True, slots=True)
class SubsetSpec:
    """What a template says of a subset; tables by their names, `schema.table` where that is needed."""

    roots: tuple[Root, ...]
    include: Mapping[str, Include] = field(default_factory=dict)
    """By table; `*` stands for every table below the roots that is not named itself."""
    exclude: Mapping[str, str] = field(default_factory=dict)
    """Tables to leave out; `set null` for those whose referring columns shall become NULL."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Start:
    """A root whose table has been found."""

    table: TableName
    root: Root


@dataclass(frozen=True, slots=True)
class Relation:
    """A reference to follow downwards, from rows of its target to rows of its table."""

    reference: Reference
    include: Include


@dataclass(frozen=True, slots=True)
class SubsetPlan:
    """Everything that `Subset` needs to decide what to read; made by `plan_subset`."""

    schema: Schema
    starts: tuple[Start, ...]
    """In an order of their own, so that the template's order changes nothing."""
    relations: tuple[Relation, ...]
    """Parents first."""
    whole: Mapping[TableName, str]
    """Tables taken whole, each under its condition."""
    parents: Mapping[TableName, tuple[Reference, ...]]
    """The references that each table's rows follow upwards."""
    nulled: Mapping[TableName, tuple[str, ...]]
    """Columns that become NULL because what they refer to is excluded."""
    load: LoadOrder
    """All tables that may get rows, in load order."""
    rank: Mapping[TableName, int]
    """The number of each table's component, parents first."""
    seed: int = 0


def plan_subset(schema: Schema, spec: SubsetSpec) -> SubsetPlan:
    """The plan of a subset; InputError with all problems at once where the spec does not fit the schema."""
    problems: list[Problem] = []
    schema = _with_rows(schema)
    names = _Names(schema, problems)
    starts = tuple(Start(table.name, root) for root in spec.roots if (table := names.find(root.table, "root")))
    excluded = {t.name: rule for name, rule in spec.exclude.items() if (t := names.find(name, "exclude"))}
    named = {t.name: how for name, how in spec.include.items() if name != EVERY and (t := names.find(name, "include"))}
    if problems:
        raise InputError.of(problems)
    rank = {table: number for number, members in enumerate(components(schema)) for table in members}
    include = dict.fromkeys(sorted(_below(schema, spec, starts, excluded)), spec.include.get(EVERY, Include())) | named
    relations = _relations(schema, starts, include, rank, problems)
    whole = {table: how.where for table, how in include.items() if how.all}
    problems += _clashes(schema, starts, include, excluded)
    edges = targets(set(schema.tables) - set(excluded), schema.references())
    reach = closure({start.table for start in starts} | {r.reference.table for r in relations} | set(whole), edges)
    nulled = _nulled(schema, reach, excluded, problems)
    if problems:
        raise InputError.of(problems)
    return SubsetPlan(
        schema=schema,
        starts=tuple(sorted(set(starts), key=_place)),
        relations=relations,
        whole={table: whole[table] for table in sorted(whole)},
        parents={table: _parents(schema.tables[table], reach) for table in sorted(reach)},
        nulled=nulled,
        load=load_order(schema, reach),
        rank=rank,
        seed=spec.seed,
    )


def _with_rows(schema: Schema) -> Schema:
    """The schema without views, and without partitions: their rows come through their parent.

    A partition stays that another table refers to by its own name.
    """
    told = {r.target for table in schema if table.kind != "partition" for r in table.references}
    kept = {t.name: t for t in schema if t.kind != "view" and (t.kind != "partition" or t.name in told)}
    return replace(schema, tables=kept)


def _place(start: Start) -> tuple[object, ...]:
    root = start.root
    return (start.table, root.where, root.limit or 0, root.sample_rate or 0.0)


class _Names:
    """Finds tables by the names that a template uses."""

    def __init__(self, schema: Schema, problems: list[Problem]) -> None:
        self._schema = schema
        self._problems = problems

    def find(self, name: str, said_in: str) -> Table | None:
        """The table, or None and a problem that names the nearest ones."""
        before, _, after = name.rpartition(".")
        table = self._schema.find(name) or (self._schema.find(after, before) if before else None)
        if table is None:
            hint = _nearest(name, (str(known) for known in self._schema.tables))
            self._problems.append(Problem(f"{said_in}: no table {name!r}", hint=hint))
        return table


def _nearest(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    names = list(known)
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    return f"Did you mean {' or '.join(near)}?" if near else f"Tables: {', '.join(sorted(names)[:10])}"


def _below(
    schema: Schema, spec: SubsetSpec, starts: Sequence[Start], excluded: Collection[TableName]
) -> set[TableName]:
    """What `*` stands for: every table below the roots, as far as no excluded table stands between."""
    if EVERY not in spec.include:
        return set()
    usable = [r for r in schema.references() if not r.path and r.table not in excluded]
    found = closure({start.table for start in starts}, below(usable))
    return {reference.table for reference in usable if reference.target in found}


def _relations(
    schema: Schema,
    starts: Iterable[Start],
    include: Mapping[TableName, Include],
    rank: Mapping[TableName, int],
    problems: list[Problem],
) -> tuple[Relation, ...]:
    """The references that lead from rows of roots and included tables down to included tables."""
    children = {table: how for table, how in include.items() if not how.all}
    usable = [r for table in children for r in _chosen(schema.tables[table], children[table], problems)]
    reached = closure({start.table for start in starts}, below(usable))
    found = [Relation(r, children[r.table]) for r in usable if r.target in reached]
    led_to = {relation.reference.table for relation in found}
    problems += [_unreached(schema.tables[table], schema, reached) for table in children if table not in led_to]
    problems += _odd_depths(children, found)
    return tuple(sorted(found, key=lambda relation: _rank(relation.reference, rank)))


def _rank(reference: Reference, rank: Mapping[TableName, int]) -> tuple[object, ...]:
    return (
        rank[reference.target],
        reference.target,
        reference.table,
        reference.columns,
        reference.name,
        reference.when or (),
    )


def _chosen(table: Table, include: Include, problems: list[Problem]) -> list[Reference]:
    """The table's references that children may come along."""
    usable = [reference for reference in table.references if not reference.path]
    if not include.via:
        return usable
    chosen = []
    for said in include.via:
        found = [reference for reference in usable if _is_called(reference, said)]
        chosen += [reference for reference in found if reference not in chosen]
        if not found:
            hint = f"Its references: {'; '.join(map(str, usable)) or 'none'}"
            problems.append(Problem(f"include.{table.name}: via {said!r} is no reference of the table", hint=hint))
    return chosen


def _is_called(reference: Reference, said: str) -> bool:
    """`customer_id`, `orders.customer_id`, `(a, b)` or the constraint's name."""
    own = said
    for prefix in (f"{reference.table}.", f"{reference.table.name}."):
        own = own.removeprefix(prefix)
    columns = tuple(part.strip() for part in own.strip("()").split(","))
    return said == reference.name or columns == reference.columns


def _unreached(table: Table, schema: Schema, reached: Collection[TableName]) -> Problem:
    """An included table that no followed reference leads to, and what could be meant."""
    known = ", ".join(str(name) for name in sorted(reached))
    message = f"include.{table.name}: no reference leads from it to {known}"
    if any(r.target == table.name for name in reached for r in schema.tables[name].references):
        return Problem(
            message, hint=f"Its rows come as parents by themselves; for all of them: {table.name}: {{all: true}}"
        )
    inside = [reference for reference in table.references if reference.path and reference.target in reached]
    if inside:
        said = f"{inside[0]} stands inside JSON, which brings parents, never children"
        hint = f"For all its rows: {table.name}: {{all: true}}; for some of them make {table.name} a root too."
        return Problem(f"include.{table.name}: {said}", hint=hint)
    between = sorted({str(r.target) for r in table.references if not r.path} - {str(table.name)})
    first = f"It refers to {', '.join(between)}: include one of them; or declare" if between else "Declare"
    return Problem(message, hint=f"{first} a reference under `references:`.")


def _odd_depths(include: Mapping[TableName, Include], relations: Sequence[Relation]) -> Iterator[Problem]:
    own = {relation.reference.table for relation in relations if relation.reference.table == relation.reference.target}
    for table, how in include.items():
        if how.depth is not None and table not in own:
            yield Problem(f"include.{table}: depth counts steps down a self reference, and the table has none")


def _clashes(
    schema: Schema, starts: Iterable[Start], include: Mapping[TableName, Include], exclude: Mapping[TableName, str]
) -> Iterator[Problem]:
    """Settings that contradict each other or mean nothing."""
    for table, rule in exclude.items():
        if rule not in ("", SET_NULL):
            yield Problem(f"exclude.{table}: expected nothing or {SET_NULL!r}, found {rule!r}")
    for table in {start.table for start in starts} | set(include):
        if table in exclude:
            yield Problem(f"exclude.{table}: the table is also a root or included")
    for table, how in include.items():
        if how.all and (how.via or (how.limit, how.per_parent, how.depth) != (None, None, None)):
            yield Problem(f"include.{table}: `all` takes the whole table, only `where` goes with it")
        yield from _below_one(f"include.{table}", limit=how.limit, per_parent=how.per_parent, depth=how.depth)
    for start in starts:
        yield from _below_one(f"root {start.table}", limit=start.root.limit)
        rate = start.root.sample_rate
        if rate is not None and not 0 < rate <= 1:
            yield Problem(f"root {start.table}: sample_rate={rate}: expected more than 0, at most 1")
        if rate is not None and not identity(schema.tables[start.table]):
            yield Problem(f"root {start.table}: a sample needs a key, and the table has none")


def _below_one(place: str, **options: int | None) -> Iterator[Problem]:
    for name, value in options.items():
        if value is not None and value < 1:
            yield Problem(f"{place}: {name}={value}: expected at least 1")


def identity(table: Table) -> tuple[str, ...]:
    """Columns that tell the rows apart: a key no column of which may be NULL, else the hidden key, else nothing."""
    columns = table.identity
    if columns and not any(table.column(name).nullable for name in columns):
        return columns
    whole = [u.columns for u in table.uniques if u.columns and not u.expression and not u.where]
    sure = [names for names in whole if not any(table.column(name).nullable for name in names)]
    return sure[0] if sure else (table.hidden_key,) if table.hidden_key else ()


def _parents(table: Table, reach: Collection[TableName]) -> tuple[Reference, ...]:
    return tuple(
        sorted((r for r in table.references if r.target in reach), key=lambda r: (r.columns, r.target, r.name))
    )


def _nulled(
    schema: Schema, reach: Iterable[TableName], excluded: Mapping[TableName, str], problems: list[Problem]
) -> dict[TableName, tuple[str, ...]]:
    """The columns that become NULL, per table; a problem for each reference to an excluded table that cannot."""
    nulled: dict[TableName, tuple[str, ...]] = {}
    for reference in (r for table in sorted(reach) for r in schema.tables[table].references):
        if reference.target not in excluded or reference.virtual:
            continue  # an excluded parent of a virtual reference is simply not there
        columns = _nullable(schema.tables[reference.table], reference)
        if columns and excluded[reference.target] == SET_NULL:
            nulled[reference.table] = tuple(dict.fromkeys((*nulled.get(reference.table, ()), *columns)))
            continue
        hint = f"exclude: {{{reference.target}: {SET_NULL}}} empties {', '.join(columns)}" if columns else ""
        why = "" if columns else ", and its columns cannot be NULL"
        problems.append(Problem(f"exclude.{reference.target}: {reference} needs it{why}", hint=hint))
    return nulled


def _nullable(table: Table, reference: Reference) -> tuple[str, ...]:
    """Columns whose NULL lifts the reference (MATCH SIMPLE), those that serve no other reference if there are such."""
    free = [name for name in reference.columns if table.column(name).nullable and name not in table.primary_key]
    others = {name for r in table.references if r != reference for name in r.columns}
    return tuple(name for name in free if name not in others) or tuple(free[:1])
