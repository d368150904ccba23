"""A SQL script: a database nobody has loaded yet.

Rows that come table by table, in load order, go straight into the script. Where the order is known only at the end (a
subset finds its tables' rows in turns), they are set aside per table and put together then.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from hotfixture.databases.base import Ddl, Dialect, Load

if TYPE_CHECKING:
    import pyarrow as pa

    from hotfixture.schema import Column, Table, TableName

COPY_BYTES = 1 << 20


@dataclass
class Relation:
    """The rows of one table on their way into a script: a sink of batches in wire form."""

    dialect: Dialect
    table: Table
    columns: tuple[Column, ...]
    file: BinaryIO
    rows: int = 0
    bytes: int = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """Take one batch, its fields in the order of `columns`."""
        if not batch.num_rows:
            return
        if not self.rows:
            self.file.write(self.dialect.rows_begin(self.table, self.columns).encode())
        for piece in self.dialect.rows(self.table, self.columns, batch):
            self.bytes += self.file.write(piece)
        self.rows += batch.num_rows

    def finish(self) -> None:
        """Write what stands after the rows."""
        if self.rows:
            self.file.write(self.dialect.rows_end(self.table, self.columns).encode())


@dataclass
class Script:
    """One script of one dialect. `folder` holds rows that are set aside.

    `begin` may be called before the first relation is asked for; then rows stream into the script, and each table must
    be complete, in load order, before the next is asked for. Called later, it puts together what was set aside.
    """

    dialect: Dialect
    folder: Path
    relations: dict[TableName, Relation] = field(default_factory=dict)
    places: list[tuple[int, int, TableName]] = field(default_factory=list)
    """Where the rows of each table stand in the script: first byte, byte after the last."""
    _out: BinaryIO | None = None
    _streaming: tuple[int, Relation] | None = None
    """The relation that is being streamed, and where it began."""

    def begin(self, out: BinaryIO, load: Load, *, ddl: Ddl | None = None, heading: Sequence[str] = ()) -> None:
        """Write all that stands before the rows: heading as comments, settings, tables created."""
        self._out = out
        out.writelines(f"-- {line}\n".replace("\r", " ").encode() for line in heading)
        out.write(self.dialect.script_begin(load).encode())
        if ddl:
            out.write(ddl.before.encode())

    def relation(self, table: Table, columns: Sequence[Column]) -> Relation:
        """The sink for the rows of `table`; the same for every caller that names it."""
        if table.name not in self.relations:
            self._end_stream()
            file = self._out or self._set_aside()
            relation = self.relations[table.name] = Relation(self.dialect, table, tuple(columns), file)
            if self._out:
                self._streaming = self._out.tell(), relation
        return self.relations[table.name]

    def _set_aside(self) -> BinaryIO:
        return (self.folder / f"{len(self.relations)}.rows").open("w+b", buffering=COPY_BYTES)

    def _end_stream(self) -> None:
        if self._streaming and self._out:
            start, relation = self._streaming
            relation.finish()
            self.places.append((start, self._out.tell(), relation.table.name))
            self._streaming = None

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(relation.rows for relation in self.relations.values())

    def end(self, load: Load, *, ddl: Ddl | None = None) -> None:
        """Write the rows that were set aside, in the order of `load`, and all that stands after the rows."""
        assert self._out
        self._end_stream()
        for table in load.tables:
            relation = self.relations.get(table.name)
            if relation and relation.file is not self._out:
                self._append(self._out, relation)
        if ddl:
            self._out.write(ddl.after.encode())
        self._out.write(self.dialect.script_end(load, rows=self.rows).encode())

    def _append(self, out: BinaryIO, relation: Relation) -> None:
        relation.finish()
        start = out.tell()
        relation.file.seek(0)
        shutil.copyfileobj(relation.file, out, COPY_BYTES)
        self.places.append((start, out.tell(), relation.table.name))

    def close(self) -> None:
        """Remove what was set aside."""
        for relation in self.relations.values():
            if relation.file is not self._out:
                relation.file.close()
                Path(relation.file.name).unlink(missing_ok=True)
