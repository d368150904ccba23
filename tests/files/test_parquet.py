"""Parquet: row groups of fixed size, the same bytes every time."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hotfixture.errors import InputError
from hotfixture.files.parquet import Parquet

TABLE = pa.table({"a": range(2500), "b": [f"x{n % 7}" for n in range(2500)]})


def written(size: int) -> bytes:
    stream = io.BytesIO()
    with Parquet.writer(stream, TABLE.schema, row_group=1000) as writer:
        for batch in TABLE.to_batches(size):
            writer.write(batch)
    return stream.getvalue()


@pytest.mark.parametrize("size", [1, 333, 1000, 2500])
def test_row_groups_have_the_size_asked_for_whatever_the_batches(size: int):
    data = written(size)
    metadata = pq.ParquetFile(io.BytesIO(data)).metadata
    assert [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)] == [1000, 1000, 500]
    assert data == written(700)


def test_what_is_not_parquet_is_an_input_error():
    with pytest.raises(InputError, match="not Parquet"):
        list(Parquet.read(io.BytesIO(b"PAR1 no")))


def test_only_columns_that_repeat_themselves_have_dictionaries():
    """In every group as in the first, which may differ: inside lists and structures there always is one."""
    size = 1000
    table = pa.table(
        {
            "own": [*range(size), *[7] * size],
            "few": [f"{number % 9}" for number in range(2 * size)],
            "inner": [{"a": number, "b": [number]} for number in range(2 * size)],
        }
    )
    stream = io.BytesIO()
    with Parquet.writer(stream, table.schema, row_group=size) as writer:
        for batch in table.to_batches(max_chunksize=300):
            writer.write(batch)
    assert pq.read_table(stream) == table
    for number in range(2):
        columns = pq.read_metadata(stream).row_group(number).to_dict()["columns"]
        found = {column["path_in_schema"]: column["has_dictionary_page"] for column in columns}
        assert found == {"own": False, "few": True, "inner.a": True, "inner.b.list.element": True}
