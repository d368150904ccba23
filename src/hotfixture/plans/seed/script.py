"""A table of a plan as a SQL script: CREATE TABLE and INSERT statements that every client of the engine reads."""

from __future__ import annotations

from collections.abc import Collection
from typing import IO

import pyarrow as pa

from hotfixture.databases import DIALECTS
from hotfixture.databases.seeded_names import named
from hotfixture.databases.seeded_types import create_table, is_array, partial_indexes
from hotfixture.files.formats import Writer
from hotfixture.plans.seed.fill import flat
from hotfixture.schema import Table, TableName


class SqlWriter(Writer):
    """Writes one table."""

    def __init__(
        self, stream: IO[bytes], table: Table, dialect: str, *, creates: bool, before: Collection[TableName] = ()
    ) -> None:
        self._stream = stream
        self._table = table
        self._dialect = DIALECTS.find(dialect)().portable()
        self._arrays = {column.name for column in table.columns if is_array(self._dialect.name, column)}
        if creates:
            # A reference to a table that comes later cannot stand here; `before` names those that come earlier.
            (table,) = named([table], dialect)
            early = [one for one in table.references if one.target in before or one.target == table.name]
            for statement in (create_table(self._dialect, table, early), *partial_indexes(self._dialect, table)):
                stream.write(f"{statement};\n".encode())

    def write(self, batch: pa.RecordBatch) -> None:
        """Append one batch."""
        plain = flat(batch, self._arrays)
        columns = [self._table.column(name) for name in plain.schema.names]
        wire = [self._dialect.encode(column, values) for column, values in zip(columns, plain.columns, strict=True)]
        for piece in self._dialect.rows(
            self._table, columns, pa.RecordBatch.from_arrays(wire, names=plain.schema.names)
        ):
            self._stream.write(piece)

    def close(self) -> None:
        """Nothing is outstanding."""
