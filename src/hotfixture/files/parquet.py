"""Parquet, in row groups of fixed size: the same rows give the same bytes however they arrive in batches.

Which columns get a dictionary is decided by the first rows, whose number is fixed as well: a dictionary of values that
hardly repeat is made in vain, thrown away, and made again for the next group.

The bytes hold pyarrow's version and depend on it; they hold no time. Types that Parquet lacks become text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from hotfixture.errors import InputError
from hotfixture.files.formats import Format, Options, Writer
from hotfixture.files.text import to_text

ROW_GROUP = 131_072
LOOKED_AT = 16_384
"""Rows that tell which columns repeat themselves."""
REPEATED = 4
"""How often a value must stand there, on average, for a dictionary."""


class Parquet(Format):
    """Apache Parquet."""

    name = "parquet"
    suffix = ".parquet"
    options: ClassVar[Options] = {"row_group": int}

    @classmethod
    def writer(
        cls, stream: IO[bytes], schema: pa.Schema, *, row_group: int = ROW_GROUP, compression: str = "zstd"
    ) -> ParquetWriter:
        """A writer; `row_group` is the number of rows of each group, `compression` the codec of the pages."""
        return ParquetWriter(stream, schema, row_group=row_group, compression=compression)

    @classmethod
    def read(cls, stream: IO[bytes], schema: pa.Schema | None = None) -> Iterator[pa.RecordBatch]:
        """The rows, cast to `schema` where one is given; the stream must be seekable."""
        try:
            file = pq.ParquetFile(stream)
        except pa.ArrowException as error:
            raise InputError("not Parquet") from error
        for batch in file.iter_batches():
            yield batch if schema is None else batch.cast(schema)


class ParquetWriter(Writer):
    """Writes Parquet, the page checksums on; nothing is written before the first group is whole."""

    def __init__(
        self, stream: IO[bytes], schema: pa.Schema, *, row_group: int = ROW_GROUP, compression: str = "zstd"
    ) -> None:
        self._compression = compression
        self._storable = pa.schema([_storable(field) for field in schema])
        self._size = row_group
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0
        self._stream = stream
        self._opened: pq.ParquetWriter | None = None

    def write(self, batch: pa.RecordBatch) -> None:
        """Append one batch; whole row groups leave at once."""
        columns = [
            column if column.type == field.type else to_text(column)
            for column, field in zip(batch.columns, self._storable, strict=True)
        ]
        self._waiting.append(pa.record_batch(columns, schema=self._storable))
        self._rows += batch.num_rows
        if self._rows >= self._size:
            table = pa.Table.from_batches(self._waiting)
            whole = self._rows - self._rows % self._size
            self._put(table.slice(0, whole))
            self._waiting, self._rows = table.slice(whole).to_batches(), self._rows - whole

    def _put(self, table: pa.Table) -> None:
        # One chunk a column: pages would else end where the batches did.
        self._writer(table).write_table(table.combine_chunks(), row_group_size=self._size)

    def _writer(self, first: pa.Table) -> pq.ParquetWriter:
        if self._opened is None:
            columns = zip(self._storable, first.columns, strict=True)
            names = [path for field, values in columns for path in _repeated(field, values)]
            self._opened = pq.ParquetWriter(
                self._stream,
                self._storable,
                compression=self._compression,
                write_page_checksum=True,
                use_dictionary=names,
            )
        return self._opened

    def close(self) -> None:
        """Write the last group and the footer."""
        rest = pa.Table.from_batches(self._waiting, self._storable)
        if self._rows:
            self._put(rest)
        self._writer(rest).close()


def _storable(field: pa.Field) -> pa.Field:
    """The field, as text where Parquet has no such type."""
    interval = pa.types.is_interval(field.type)
    return field.with_type(pa.large_string()) if interval else field


def _repeated(field: pa.Field, values: pa.ChunkedArray) -> list[str]:
    """The paths of a column's leaves that get a dictionary; those inside lists and structures always do."""
    if pa.types.is_nested(field.type) or isinstance(field.type, pa.BaseExtensionType):
        return list(_leaves(field.name, field.type))
    start = values.slice(0, LOOKED_AT)
    distinct = len(start.unique())
    return [field.name] if distinct * REPEATED <= len(start) or pa.types.is_dictionary(field.type) else []


def _leaves(path: str, kind: pa.DataType) -> Iterator[str]:
    """The paths of all leaves, as the format calls them."""
    if isinstance(kind, pa.BaseExtensionType):
        yield from _leaves(path, kind.storage_type)
    elif pa.types.is_struct(kind):
        for field in kind:
            yield from _leaves(f"{path}.{field.name}", field.type)
    elif pa.types.is_map(kind):
        yield from _leaves(f"{path}.key_value.key", kind.key_type)
        yield from _leaves(f"{path}.key_value.value", kind.item_type)
    elif pa.types.is_nested(kind):
        yield from _leaves(f"{path}.list.element", kind.value_type)
    else:
        yield path
