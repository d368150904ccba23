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
from hotfixture.plans.seed.spans import PART, Span, coming, parts

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
    warnings: list[str] = field(default_factory=list)
    """Checks and uniques that could not be evaluated or proven before the rows were written."""


@dataclass(slots=True)
class Filling:
    """One run of a plan into a target."""

    plan: SeedPlan
    target: Target
    batch_size: int = BATCH
    progress: Progress = lambda _table, _rows: None
    cancelled: Callable[[], bool] = lambda: False
    crew: Callable[[TablePlan, list[Span]], Iterator[int]] | None = None
    """Stores the parts of a table side by side, and gives the rows of each that is done."""
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
        spans = parts(table, marks) if self._may_part(table) else coming(table, marks)
        missing = sum(span.last - span.first for span in spans)
        self.done.resumed[table.name] = table.count - missing
        self.done.rows[table.name] = 0
        if not any(span.mark for span in spans):
            for span in spans:
                self.span(table, span, late)
            return
        self._in_parts(table, spans, late)

    def _may_part(self, table: TablePlan) -> bool:
        """Whether parts of the table may come in any order: none of its rows hangs on another that is not stored."""
        ring = next(len(group) > 1 for group in rings(self.plan) if table in group)
        itself = any(one.target == table.table.name for one in table.table.references)
        return self.crew is not None and table.count > PART and not ring and not itself

    def _in_parts(self, table: TablePlan, spans: list[Span], late: tuple[str, ...]) -> None:
        with self.target.together():
            for span in spans:
                self.target.note(self.plan.digest, span.mark, span.first)
        if self.crew and self._may_part(table):
            for rows in self.crew(table, spans):
                self._stored_so_far(table, rows)
        else:
            for span in spans:
                self.span(table, span, late)
        self.target.note(self.plan.digest, str(table.table.name), table.count)

    def span(self, table: TablePlan, span: Span, late: tuple[str, ...]) -> None:
        """Store the rows of a span, batch by batch."""
        for start, batch in self._batches(table, span.first, span.last):
            rows, digest = nulled(batch, late), self.plan.digest
            if span.mark:
                self.target.put_part(digest, table.table, rows, first=start, mark=span.mark)
            else:
                self.target.put(digest, table.table, rows, first=start)
            self._stored_so_far(table, batch.num_rows)

    def _stored_so_far(self, table: TablePlan, rows: int) -> None:
        self.done.rows[table.name] = self.done.rows.get(table.name, 0) + rows
        self.progress(table.name, rows)

    def _late(self, table: TablePlan, marks: Mapping[str, int], columns: tuple[str, ...]) -> None:
        from hotfixture.databases.target import late

        keys = self.target.identity(table.table)
        for start, batch in self._batches(table, marks.get(late(table.table), 0), table.count):
            self.target.fill(self.plan.digest, table.table, batch.select([*keys, *columns]), first=start)

    def _batches(self, table: TablePlan, first: int, last: int) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Row number and rows of each batch, made by another thread while the one before is stored."""
        starts = range(first, last, self.batch_size)
        made = ((start, self._stored(table, start, last)) for start in starts)
        for start, batch in ahead(made, depth=1):
            if self.cancelled():
                raise CancelledError(f"cancelled at row {start:,} of {table.name}", hint="Run it again to go on.")
            yield start, batch

    def _stored(self, table: TablePlan, start: int, last: int) -> pa.RecordBatch:
        batch = table.batch(start, min(self.batch_size, last - start))
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
