"""Referential closure without I/O: says which rows to read next, is told their keys, until nothing is missing.

First the roots and what hangs below them as far as it is included; then, for all of these, their parents, the parents'
parents, and so on. A row that comes as a parent brings its own parents but not its children: a product that one order
line needs does not bring all lines ever sold. The result is therefore one set, whatever the order of the roots.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa

from hotfixture.prf import subkey
from hotfixture.transforms.backlog import Backlog
from hotfixture.transforms.keyset import hashed
from hotfixture.transforms.subset_plan import identity
from hotfixture.transforms.subset_rows import Group, TableRows, Upward, asked_by, complete, fitting, key_set

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotfixture.schema import Reference, Table, TableName
    from hotfixture.transforms.subset_plan import Relation, Start, SubsetPlan

T = TypeVar("T")

KEYS = 10_000
"""Keys that one request asks for."""


class Reason(NamedTuple):
    """Why a row is there; the first of its reasons, in the order of reading."""

    table: TableName
    identity: tuple[str, ...]
    kind: str
    """`root`, `child of`, `parent of` or `whole table`."""
    reference: Reference | None = None
    other: tuple[str, ...] = ()
    """The identity of the row that brought it (for a child: the key it refers to)."""

    def __str__(self) -> str:
        row = f"{self.table}({', '.join(self.identity)})"
        if self.reference is None:
            return f"{row}: {self.kind}"
        other = self.reference.target if self.kind == "child of" else self.reference.table
        return f"{row}: {self.kind} {other}({', '.join(self.other)}) via {', '.join(self.reference.columns)}"


@dataclass(frozen=True, slots=True)
class Orphan:
    """Keys that references hold and no row has; where the engine enforces them, something hides rows (row security)."""

    references: tuple[Reference, ...]
    keys: int
    enforced: bool


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """Rows to read now: those of `table` under `where` whose `key_columns` equal a row of `keys`, if there are any."""

    table: Table
    columns: tuple[str, ...]
    """The columns to decode and hand back, the hidden key among them where the table has no other."""
    where: str = ""
    key_columns: tuple[str, ...] = ()
    keys: pa.RecordBatch | None = None
    order: tuple[str, ...] = ()
    limit: int | None = None
    per_key: int | None = None
    rows: bool = True
    """False where only the keys are wanted, to draw a sample."""
    relation: Relation | None = None
    group: Group | None = None
    start: Start | None = None
    level: int = 0
    """Steps down a self reference so far."""
    by: Mapping[tuple[str, ...], tuple[Reference, tuple[str, ...]]] = field(default_factory=dict)
    """Who asked for each key; only where reasons are wanted."""


class Downward:
    """A relation with the keys of rows whose children are still to be asked for, by steps down a self reference."""

    def __init__(self, relation: Relation, target: Table) -> None:
        self.relation = relation
        reference = relation.reference
        depth = relation.include.depth if reference.table == reference.target else None
        self._levels = [Backlog() for _ in range(depth or 1)]
        self._deepens = depth is not None
        unique = {frozenset(u.columns) for u in target.uniques if not u.expression and not u.where}
        known = frozenset(reference.target_columns) in unique | {frozenset(target.primary_key)}
        self._asked = None if known else key_set([target.column(name) for name in reference.target_columns])

    def __bool__(self) -> bool:
        return any(self._levels)

    def put(self, rows: pa.RecordBatch, level: int) -> None:
        """These rows' children are wanted, unless they stand `depth` steps down already."""
        if level >= len(self._levels):
            return
        columns = complete([rows.column(name) for name in self.relation.reference.target_columns])
        keys = pa.RecordBatch.from_arrays(columns, names=list(self.relation.reference.columns))
        if self._asked is not None:
            keys = keys.filter(pa.array(self._asked.add_new(keys.columns)))
        self._levels[level].put(keys)

    def level_after(self, request: Request) -> int:
        """How far down the rows stand that this request has brought, for this relation."""
        return request.level + 1 if self._deepens and request.relation is self.relation else 0

    def pieces(self, rows: int) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Levels and keys, at most `rows` at a time."""
        for level, backlog in enumerate(self._levels):
            for piece in backlog.pieces(rows):
                yield level, piece


class Subset:
    """Says what to read (`requests`), is told what came (`feed`), and knows when nothing is missing."""

    def __init__(self, plan: SubsetPlan, *, keys: int = KEYS, explain: Callable[[Reason], None] | None = None) -> None:
        self._plan = plan
        self._keys = keys
        self._explain = explain
        self._sampled: dict[int, Backlog] = {}
        self._drawn: dict[int, int] = {}
        self._answered = 0
        self._left = {r.reference.table: r.include.limit for r in plan.relations if r.include.limit is not None}
        tables = plan.schema.tables
        self._rows = {name: TableRows(tables[name], identity(tables[name])) for name in plan.load.tables}
        self._downward = [Downward(relation, tables[relation.reference.target]) for relation in plan.relations]
        for name, references in plan.parents.items():
            self._rows[name].upward = [self._upward(name, reference) for reference in references]
        self._columns = {name: self._needed(name) for name in plan.load.tables}

    def _upward(self, name: TableName, reference: Reference) -> Upward:
        group = self._rows[reference.target].group(reference.target_columns)
        group.references.append(reference)
        own = dict(zip(reference.target_columns, reference.columns, strict=True))
        named = self._rows[name].identity if self._explain else None
        return Upward(reference, group, tuple(own[column] for column in group.columns), named)

    def _needed(self, name: TableName) -> tuple[str, ...]:
        """The columns of a table that must be decoded."""
        state = self._rows[name]
        needed = [*state.identity]
        for link in state.upward:
            needed += [*link.columns, *(link.reference.when or ())[:1]]
        for group in state.groups.values():
            needed += group.columns
        for downward in self._downward:
            if downward.relation.reference.target == name:
                needed += downward.relation.reference.target_columns
        return tuple(dict.fromkeys(needed))

    @property
    def counts(self) -> dict[TableName, int]:
        """Rows per table so far, in load order."""
        return {name: rows.count for name, rows in self._rows.items()}

    @property
    def orphans(self) -> list[Orphan]:
        """Parents that were asked for and do not exist."""
        groups = (group for rows in self._rows.values() for group in rows.groups.values())
        return [Orphan(tuple(g.references), g.missing, g.enforced) for g in groups if g.missing]

    def columns(self, name: TableName) -> tuple[str, ...]:
        """The columns of a table that `feed` wants decoded."""
        return self._columns[name]

    def requests(self) -> Iterator[Request]:
        """What to read, one after the other; every answer must have been fed before the next request is taken."""
        for request in self._requests():
            self._answered = 0
            yield request
            self._rows[request.table.name].settle()
            if request.group is not None and request.keys is not None:
                request.group.missing += max(0, request.keys.num_rows - self._answered)

    def _requests(self) -> Iterator[Request]:
        for number, start in enumerate(self._plan.starts):
            yield from self._from_root(number, start)
        for ring in _rings(self._downward, lambda d: self._plan.rank[d.relation.reference.target]):
            while any(ring):
                for downward in ring:
                    yield from self._down(downward)
        for name, where in self._plan.whole.items():
            yield self._request(name, where=where)
        groups = [group for rows in self._rows.values() for group in rows.groups.values()]
        for wanted in _rings(groups, lambda group: -self._plan.rank[group.table.name]):
            while any(wanted):
                for group in wanted:
                    yield from self._up(group)

    def _request(self, name: TableName, **options: Any) -> Request:
        rows = self._rows[name]
        return Request(rows.table, self._columns[name], order=rows.identity, **options)

    def _from_root(self, number: int, start: Start) -> Iterator[Request]:
        root = start.root
        if root.sample_rate is None:
            yield self._request(start.table, where=root.where, limit=root.limit, start=start)
            return
        chosen = self._sampled[number] = Backlog()
        rows = self._rows[start.table]
        yield Request(rows.table, rows.identity, where=root.where, order=rows.identity, rows=False, start=start)
        for piece in chosen.pieces(self._keys):
            yield self._request(start.table, start=start, key_columns=rows.identity, keys=piece)

    def _down(self, downward: Downward) -> Iterator[Request]:
        relation = downward.relation
        reference, include = relation.reference, relation.include
        child = self._rows[reference.table]
        for level, piece in downward.pieces(self._keys):
            left = self._left.get(reference.table)
            keys = fitting(child.table, reference.columns, piece) if reference.virtual else piece
            if left == 0 or not keys.num_rows:
                continue
            if reference.when:
                keys = keys.append_column(reference.when[0], pa.repeat(reference.when[1], keys.num_rows))
            # Rows that are there already may stand among the first ones, hence as many more.
            limit = None if left is None else left + child.count
            yield self._request(
                reference.table,
                where=include.where,
                key_columns=tuple(keys.schema.names),
                keys=keys,
                limit=limit,
                per_key=include.per_parent,
                relation=relation,
                level=level,
            )

    def _up(self, group: Group) -> Iterator[Request]:
        for piece in group.pieces(self._keys):
            keys = piece.select(list(group.columns))
            by = asked_by(piece, group)
            yield self._request(group.table.name, key_columns=group.columns, keys=keys, group=group, by=by)

    def feed(self, request: Request, keys: pa.RecordBatch, rows: Sequence[pa.Array] = ()) -> NDArray[np.bool_]:
        """Take the decoded key columns of rows that were read; True for those that belong into the result now.

        `rows` are all columns in wire form: they tell rows apart where the table has no key (`request.order` is empty).
        """
        name = request.table.name
        if not request.rows:
            return self._sample(request, keys)
        state = self._rows[name]
        left = self._left.get(name) if request.relation else None
        fresh = state.let_in(keys, rows, most=left)
        if left is not None:
            self._left[name] = left - int(np.count_nonzero(fresh))
        self._answered += keys.num_rows
        new = keys if fresh.all() else keys.filter(pa.array(fresh))
        if new.num_rows:
            self._follow(request, state, new)
        return fresh

    def _follow(self, request: Request, state: TableRows, new: pa.RecordBatch) -> None:
        """Put down what new rows make necessary: children of roots and children, parents of all."""
        for group in state.groups.values():
            group.note(new)
        if request.start or request.relation:
            for downward in self._downward:
                if downward.relation.reference.target == state.table.name:
                    downward.put(new, downward.level_after(request))
        for link in state.upward:
            link.want(new)
        if self._explain:
            for reason in _reasons(request, state, new):
                self._explain(reason)

    def _sample(self, request: Request, keys: pa.RecordBatch) -> NDArray[np.bool_]:
        """Draw from the keys by a hash of each: the same rows for the same seed, whatever else is in the table."""
        assert request.start is not None
        root = request.start.root
        number = self._plan.starts.index(request.start)
        secret = subkey(self._plan.seed.to_bytes(16, "little", signed=True), f"sample {request.table.name}")
        drawn = hashed(keys.columns, secret=secret)[0] <= np.uint64(int((root.sample_rate or 0) * (2**64 - 2**12)))
        if root.limit is not None:
            drawn[np.flatnonzero(drawn)[root.limit - self._drawn.get(number, 0) :]] = False
        self._drawn[number] = self._drawn.get(number, 0) + int(np.count_nonzero(drawn))
        self._sampled[number].put(keys.filter(pa.array(drawn)))
        return drawn


def _rings(things: Iterable[T], rank: Callable[[T], int]) -> list[list[T]]:
    """The things by rank: one ring holds what belongs to tables that refer to each other."""
    ordered = sorted(things, key=rank)
    return [list(ring) for _, ring in groupby(ordered, key=rank)]


def _reasons(request: Request, state: TableRows, new: pa.RecordBatch) -> Iterator[Reason]:
    names = state.identity or tuple(new.schema.names)
    for row in new.to_pylist():
        own = tuple(str(row[name]) for name in names)
        if request.relation:
            reference = request.relation.reference
            yield Reason(state.table.name, own, "child of", reference, tuple(str(row[c]) for c in reference.columns))
        elif request.group is not None:
            key = tuple(row[column] for column in request.group.columns)
            reference, other = request.by.get(key, (request.group.references[0], ()))
            yield Reason(state.table.name, own, "parent of", reference, other)
        else:
            yield Reason(state.table.name, own, "root" if request.start else "whole table")
