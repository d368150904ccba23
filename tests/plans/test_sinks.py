"""Where rows go: transforms that choose, files that stay inside the package."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.databases.sqlite import SqliteDialect
from hotfixture.files.formats import FileFormat
from hotfixture.files.names import check_path
from hotfixture.plans.sinks import Files, Once, Sample, _file_name
from hotfixture.schema import Column

DIALECT = SqliteDialect()
ID = Column("id", pa.int64())
NAME = Column("name", pa.string())


def batch(*ids: int) -> pa.RecordBatch:
    return pa.record_batch({"id": [str(i) for i in ids], "name": [f"'n{i}'" for i in ids]})


def test_a_row_passes_once_whatever_batch_it_comes_in() -> None:
    once = Once(DIALECT, [ID])
    passed = [once(one).column("id").to_pylist() for one in (batch(1, 2, 1), batch(2, 3), batch(3))]
    assert passed == [["1", "2"], ["3"], []]


def test_a_sample_keeps_the_same_rows_however_they_are_cut_and_ordered() -> None:
    sample = Sample(DIALECT, [ID], 0.25)
    whole = sample(batch(*range(4000))).column("id").to_pylist()
    pieces = [
        i for first in range(3600, -1, -400) for i in sample(batch(*range(first, first + 400))).column(0).to_pylist()
    ]
    assert sorted(pieces) == sorted(whole)
    assert 850 < len(whole) < 1150
    smaller = Sample(DIALECT, [ID], 0.1)(batch(*range(4000))).column("id").to_pylist()
    assert set(smaller) < set(whole)


def test_everything_is_a_sample_of_one_and_nulls_are_values_too() -> None:
    some = pa.record_batch({"id": ["NULL", "1"], "name": ["NULL", "''"]})
    assert Sample(DIALECT, [ID, NAME], 1.0)(some).num_rows == 2


@given(st.text(min_size=1))
def test_a_table_s_name_becomes_a_file_that_stays_inside_its_folder(name: str) -> None:
    path = PurePosixPath(f"{_file_name(name)}.csv")
    assert path.name == str(path)
    check_path(str(path))


@given(st.text(min_size=1, max_size=5, alphabet="a./\\%:\n "), st.text(min_size=1, max_size=5, alphabet="a./\\%:\n "))
def test_two_tables_never_share_a_file(one: str, other: str) -> None:
    assert (_file_name(one) == _file_name(other)) == (one == other)


def test_a_plain_name_stays_as_it_is() -> None:
    assert [_file_name(name) for name in ("orders", "public.orders", "Kunden-2", "größe")] == [
        "orders", "public.orders", "Kunden-2", "größe",
    ]  # fmt: skip


def test_rows_of_one_table_from_two_exports_go_into_one_file(tmp_path: Path) -> None:
    files = Files(tmp_path)
    for ids in ((1,), (2, 3)):
        files.sink("../t", FileFormat("ndjson"), DIALECT, [ID, NAME]).write(batch(*ids))
    files.close()
    (path,) = tmp_path.iterdir()
    assert len(path.read_text().splitlines()) == 3


@pytest.mark.parametrize("form", ["csv", "json", "ndjson", "parquet"])
def test_a_file_without_rows_is_a_whole_file(tmp_path: Path, form: str) -> None:
    files = Files(tmp_path)
    files.sink("t", FileFormat(form), DIALECT, [ID, NAME])
    files.close()
    assert (tmp_path / f"t.{form}").stat().st_size >= (0 if form == "ndjson" else 2)
