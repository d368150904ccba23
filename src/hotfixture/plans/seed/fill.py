"""A plan into a live database: tables, rows in batches with their marks, references of rings, sequences.

A run that breaks off goes on where its marks stand; a run that has finished adds nothing when it is repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from hotfixture.databases.rings import spans
from hotfixture.errors import HotFixtureError, InputError
from hotfixture.files.text import to_text
from hotfixture.flow import ahead
from hotfixture.plans.seed.plan import BATCH, SeedPlan, TablePlan

if TYPE_CHECKING:
    from hotfixture.databases.target import Target

LEAVING = "# leaving"
"""The mark that says that the rows are being removed."""

Progress = Callable[[str, int], None]
"""Called with a table's name and the number of its rows that have just been stored."""


class CancelledError(HotFixtureError):
    """Somebody asked for the run to stop; what is stored stays, and the next run goes on from there."""


@dataclass(slots=True)
class Filled:
    """What a run has done."""

    rows: dict[str, int] = field(default_factory=dict)
    """Rows stored by this run, by table."""
    resumed: dict[str, int] = field(default_factory=dict)
    """Rows that were there from a run before, by table."""


@dataclass(slots=True)
class Filling:
    """One run of a plan into a target."""

    plan: SeedPlan
    target: Target
    batch_size: int = BATCH
    progress: Progress = lambda _table, _rows: None
    cancelled: Callable[[], bool] = lambda: False
    done: Filled = field(default_factory=Filled)

    def run(self) -> Filled:
        """Everything from the marks on."""
        with self.target.alone(self.plan.digest):
            return self._run()

    def _run(self) -> Filled:
        marks = self.target.marks(self.plan.digest)
        if LEAVING in marks:
            raise InputError("removing the rows of this schema was begun and broke off", hint="Run unseed to its end.")
        late = late_columns(self.plan) if self.target.enforces else {}
        for group in rings(self.plan):
            alone = len(group) == 1 or not self.target.enforces
            with nullcontext() if alone else self.target.together():
                for table in group:
                    self._rows(table, marks, late.get(table.name, ()))
        for table in self.plan.made:
            if table.name in late:
                self._late(table, marks, late[table.name])
        self.target.finish([table.table for table in self.plan.made])
        return self.done

    def _rows(self, table: TablePlan, marks: Mapping[str, int], late: tuple[str, ...]) -> None:
        first = marks.get(str(table.table.name), 0)
        self.done.resumed[table.name] = min(first, table.count)
        self.done.rows[table.name] = 0
        for start, batch in self._batches(table, first):
            self.target.put(self.plan.digest, table.table, nulled(batch, late), first=start)
            self.done.rows[table.name] += batch.num_rows
            self.progress(table.name, batch.num_rows)

    def _late(self, table: TablePlan, marks: Mapping[str, int], columns: tuple[str, ...]) -> None:
        from hotfixture.databases.target import late

        keys = self.target.identity(table.table)
        for start, batch in self._batches(table, marks.get(late(table.table), 0)):
            self.target.fill(self.plan.digest, table.table, batch.select([*keys, *columns]), first=start)

    def _batches(self, table: TablePlan, first: int) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Row number and rows of each batch, made by another thread while the one before is stored."""
        starts = range(first, table.count, self.batch_size)
        made = ((start, self._stored(table, start)) for start in starts)
        for start, batch in ahead(made, depth=1):
            if self.cancelled():
                raise CancelledError(f"cancelled at row {start:,} of {table.name}", hint="Run it again to go on.")
            yield start, batch

    def _stored(self, table: TablePlan, start: int) -> pa.RecordBatch:
        batch = table.batch(start, min(self.batch_size, table.count - start))
        return flat(batch, self.target.arrays(table.table)) if self.target.enforces else batch


def flat(batch: pa.RecordBatch, arrays: Container[str] = ()) -> pa.RecordBatch:
    """The batch with structures and lists as JSON text, for engines whose columns hold single values.

    Lists of single values stay as they are in the columns named by `arrays`.
    """
    if not any(pa.types.is_nested(column.type) for column in batch.columns):
        return batch
    columns = [
        to_text(column).cast(pa.string()) if _is_document(field.type, listed=field.name in arrays) else column
        for field, column in zip(batch.schema, batch.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _is_document(kind: pa.DataType, *, listed: bool) -> bool:
    plain = listed and pa.types.is_list(kind) and not pa.types.is_nested(kind.value_type)
    return bool(pa.types.is_nested(kind) and not plain)


def nulled(batch: pa.RecordBatch, columns: tuple[str, ...]) -> pa.RecordBatch:
    """The batch with nulls in these columns."""
    for name in columns:
        field = batch.schema.field(name)
        batch = batch.set_column(batch.schema.get_field_index(name), field, pa.nulls(batch.num_rows, field.type))
    return batch


def late_columns(plan: SeedPlan) -> dict[str, tuple[str, ...]]:
    """By table the columns whose references close a ring of tables: they are filled when all rows are there."""
    place = {table.table.name: number for number, table in enumerate(plan.tables)}
    found: dict[str, tuple[str, ...]] = {}
    for table in plan.tables:
        rings = [one for one in table.table.references if place.get(one.target, -1) > place[table.table.name]]
        columns = tuple(dict.fromkeys(name for one in rings for name in one.columns if _empty(table, name)))
        if columns:
            found[table.name] = columns
    return found


def rings(plan: SeedPlan) -> list[tuple[TablePlan, ...]]:
    """The tables that are made, in their order: those of a ring without nulls together, every other by itself."""
    made = plan.made
    return [made[first : last + 1] for first, last in spans([table.table for table in made])]


def _empty(table: TablePlan, column: str) -> bool:
    return table.table.column(column).nullable
