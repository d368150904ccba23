"""The forms in which `mockcraft generate` writes values: those of `hotfixture.files.values`, and Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from hotfixture.files import values

if TYPE_CHECKING:
    import pyarrow as pa

PARQUET = "parquet"
"""The form that needs Arrow arrays."""


class Told(NamedTuple):
    """What a form is told of the values it writes."""

    name: str
    rows: int
    type: pa.DataType | None
    """Of the values; known for Parquet alone."""
    pretty: bool


def pieces(form: str, batches: Iterator[Any], told: Told) -> Iterator[bytes]:
    """The values in a form that is text, piece by piece: a single one by itself, several as a list."""
    if told.rows == 1:
        batch = next(batches)
        yield values.one(form, told.name, batch[0])
    else:
        yield from values.pieces(form, told.name, batches, pretty=told.pretty)


def write(raw: IO[bytes], form: str, compress: str, batches: Iterator[Any], told: Told) -> None:
    """Write values in any form to a binary stream, compressed if asked for."""
    from hotfixture.plans.seed.files import compressed

    if form == PARQUET:
        _write_parquet(raw, batches, told, compress or "zstd")
        return
    with compressed(raw, compress) as stream:
        for piece in pieces(form, batches, told):  # the writer of zstd knows no writelines
            stream.write(piece)


def _write_parquet(stream: IO[bytes], batches: Iterator[Any], told: Told, compression: str) -> None:
    import pyarrow as pa

    from hotfixture.files.parquet import Parquet

    assert told.type is not None
    fields = list(told.type) if pa.types.is_struct(told.type) else [pa.field(told.name, told.type)]
    schema = pa.schema(fields)
    with Parquet.writer(stream, schema, compression=compression) as writer:
        for array in batches:
            columns = array.flatten() if pa.types.is_struct(told.type) else [array]
            writer.write(pa.RecordBatch.from_arrays(columns, schema=schema))
