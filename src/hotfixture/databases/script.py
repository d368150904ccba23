"""A SQL script: a database nobody has loaded yet. Rows are set aside per table, then put together in load order."""

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
    """The rows of one table on their way into a script: a sink that sets them aside as script text."""

    dialect: Dialect
    table: Table
    columns: tuple[Column, ...]
    file: BinaryIO
    rows: int = 0
    bytes: int = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """Take one batch in wire form, fields in the order of `columns`."""
        if not batch.num_rows:
            return
        for piece in self.dialect.rows(self.table, self.columns, batch):
            self.bytes += self.file.write(piece)
        self.rows += batch.num_rows


@dataclass
class Script:
    """One script of one dialect. `folder` holds the rows until `write` puts them together."""

    dialect: Dialect
    folder: Path
    relations: dict[TableName, Relation] = field(default_factory=dict)
    places: list[tuple[int, int, TableName]] = field(default_factory=list)
    """Where the rows of each table stand in the script that was written: first byte, byte after the last."""

    def relation(self, table: Table, columns: Sequence[Column]) -> Relation:
        """The sink for the rows of `table`; the same for every caller that names it."""
        if table.name not in self.relations:
            path = self.folder / f"{len(self.relations)}.rows"
            # Rows leave again only through `write`, which reads the file from its start.
            file = path.open("w+b", buffering=COPY_BYTES)
            self.relations[table.name] = Relation(self.dialect, table, tuple(columns), file)
        return self.relations[table.name]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(relation.rows for relation in self.relations.values())

    def write(self, out: BinaryIO, load: Load, *, ddl: Ddl | None = None, heading: Sequence[str] = ()) -> None:
        """The whole script: heading as comments, tables created, rows in the order of `load`, everything checked."""
        out.writelines(f"-- {line}\n".replace("\r", " ").encode() for line in heading)
        out.write(self.dialect.script_begin(load).encode())
        if ddl:
            out.write(ddl.before.encode())
        for table in load.tables:
            if relation := self.relations.get(table.name):
                start = out.tell()
                _append(out, relation)
                self.places.append((start, out.tell(), table.name))
        if ddl:
            out.write(ddl.after.encode())
        out.write(self.dialect.script_end(load, rows=self.rows).encode())

    def close(self) -> None:
        """Remove what was set aside."""
        for relation in self.relations.values():
            relation.file.close()
            Path(relation.file.name).unlink(missing_ok=True)


def _append(out: BinaryIO, relation: Relation) -> None:
    if not relation.rows:
        return
    out.write(relation.dialect.rows_begin(relation.table, relation.columns).encode())
    relation.file.seek(0)
    shutil.copyfileobj(relation.file, out, COPY_BYTES)
    out.write(relation.dialect.rows_end(relation.table, relation.columns).encode())
