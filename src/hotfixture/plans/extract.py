"""Reads a subset from a database: asks what `Subset` wants asked, and streams the rows, each once, to sinks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from hotfixture.databases.base import Keys, Select
from hotfixture.flow import ahead
from hotfixture.schema import Column
from hotfixture.transforms.subset import Orphan, Reason, Request, Subset

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hotfixture.databases.base import Database
    from hotfixture.flow import Sink
    from hotfixture.schema import Reference, Table, TableName
    from hotfixture.transforms.subset_plan import SubsetPlan

THREADED = 1_000
"""Rows of a first batch from which on the rest is read ahead: a thread costs more than a short answer."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """What an extraction has read."""

    rows: Mapping[TableName, int]
    """Per table, in load order; tables that could have had rows and have none stand there with 0."""
    load: tuple[Table, ...]
    """The same tables, parents first."""
    late: tuple[Reference, ...]
    """References that no order of tables can satisfy."""
    orphans: tuple[Orphan, ...]
    """Parents that do not exist in the source."""
    requests: int
    """Queries that were needed."""


def extract(
    database: Database,
    plan: SubsetPlan,
    sink_for: Callable[[Table], Sink],
    *,
    columns: Callable[[Table], Sequence[Column]] | None = None,
    apart: Callable[[Table], Collection[str]] | None = None,
    explain: Callable[[Reason], None] | None = None,
    keys: int | None = None,
) -> Extracted:
    """Read the plan's rows in wire form into the sinks, which are asked for when a table's first rows come.

    A sink's batches hold `columns(table)` (all but generated ones unless told otherwise), in that order; neighbours may
    be fused unless they are keys or named by `apart`. One query asks for at most `keys` keys, or for as many as suit
    the engine. Memory is that of a few batches and of the sets of keys. Call it inside `database.snapshot()`;
    DatabaseError where a query fails.
    """
    subset = Subset(plan, keys=keys or database.keys_at_once, explain=explain)
    readers: dict[TableName, _Reader] = {}
    count = 0
    for request in subset.requests():
        count += 1
        name = request.table.name
        if name not in readers:
            wanted = columns(request.table) if columns else [c for c in request.table.columns if not c.generated]
            named = apart(request.table) if apart else ()
            readers[name] = _Reader(
                database,
                request.table,
                columns=wanted,
                apart=named,
                nulled=plan.nulled.get(name, ()),
                sink_for=sink_for,
            )
        readers[name].answer(subset, request)
    tables = plan.schema.tables
    load = tuple(tables[name] for name in plan.load.tables)
    return Extracted(subset.counts, load, plan.load.late, tuple(subset.orphans), count)


class _Reader:
    """Answers the requests for one table."""

    def __init__(
        self,
        database: Database,
        table: Table,
        *,
        columns: Sequence[Column],
        apart: Collection[str],
        nulled: Collection[str],
        sink_for: Callable[[Table], Sink],
    ) -> None:
        self._database = database
        self._table = table
        self._columns = columns
        self._apart = apart
        self._nulled = nulled
        self._sink_for = sink_for
        self._sink: Sink | None = None

    def answer(self, subset: Subset, request: Request) -> None:
        """Read what the request asks for, tell the subset, and send on what it lets in."""
        extra = [self._column(name) for name in request.columns if name not in {c.name for c in self._columns}]
        read = [*extra, *(self._columns if request.rows else [c for c in self._columns if c.name in request.columns])]
        for batch in self._batches(request, read):
            keys = [self._database.dialect.decode(self._column(name), batch.column(name)) for name in request.columns]
            decoded = _batch(keys, request.columns, batch.num_rows)
            fresh = subset.feed(request, decoded, () if request.order else batch.columns)
            if request.rows and fresh.any():
                self._send(batch if fresh.all() else batch.filter(pa.array(fresh)), len(extra))

    def _batches(self, request: Request, read: Sequence[Column]) -> Iterator[pa.RecordBatch]:
        select = Select(
            request.table,
            tuple(column.name for column in read),
            where=request.where,
            keys=Keys(request.key_columns, request.keys) if request.keys is not None else None,
            order=request.order,
            limit=request.limit,
            per_key=request.per_key,
        )
        apart = {*self._apart, *self._nulled, *request.columns}
        batches = self._database.read(select, read, apart=apart)
        for batch in batches:
            yield batch
            if batch.num_rows >= THREADED:
                yield from ahead(batches, leave=self._database.interrupt)

    def _column(self, name: str) -> Column:
        """A column of the table, its hidden key among them."""
        if name == self._table.hidden_key:
            return Column(name, pa.int64() if "rowid" in name else pa.string(), native=name, nullable=False)
        return self._table.column(name)

    def _send(self, batch: pa.RecordBatch, extra: int) -> None:
        """To the sink, without the columns that were read for their keys only."""
        kept = batch if not extra else batch.select(range(extra, batch.num_columns))
        for name in self._nulled:
            place = kept.schema.get_field_index(name)
            empty = pa.nulls(kept.num_rows, pa.string())
            nulls = self._database.dialect.encode(self._table.column(name), empty)
            kept = kept.set_column(place, name, nulls.cast(kept.schema.field(place).type))
        if self._sink is None:
            self._sink = self._sink_for(self._table)
        self._sink.write(kept)


def _batch(columns: Sequence[pa.Array], names: Sequence[str], rows: int) -> pa.RecordBatch:
    """A batch that knows its number of rows even without columns."""
    if columns:
        return pa.RecordBatch.from_arrays(list(columns), names=list(names))
    return pa.RecordBatch.from_struct_array(pa.array([{}] * rows, pa.struct([])))
