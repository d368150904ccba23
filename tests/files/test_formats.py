"""What holds for every format: rows come back as they were, and the same rows give the same bytes."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotfixture.errors import InputError, UnknownNameError
from hotfixture.files.formats import FORMATS

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
AWKWARD = ["", '"', ",", "\n", "\r\n", " a", "a ", "=1+1", "'", "null", "\\N", "\x00", "a\x1fb", "\\", "𝄞"]
WIDE = st.integers(-(2**63), 2**63 - 1)
UTC_TIMES = st.integers(-(2**52), 2**52).map(lambda micros: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(0, 0, micros))
TYPES: list[tuple[pa.DataType, st.SearchStrategy]] = [
    (pa.int64(), WIDE),
    (pa.uint64(), st.integers(0, 2**64 - 1)),
    (pa.int16(), st.integers(-(2**15), 2**15 - 1)),
    (pa.float64(), st.floats(allow_nan=False)),
    (pa.bool_(), st.booleans()),
    (pa.decimal128(38, 10), st.decimals(-(10**27), 10**27, places=10)),
    (pa.large_string(), TEXTS),
    (pa.string(), st.sampled_from(AWKWARD)),
    (pa.binary(), st.binary(max_size=20)),
    (pa.date32(), st.dates(date(1, 1, 1))),
    (pa.timestamp("us"), st.datetimes()),
    (pa.timestamp("us", "UTC"), UTC_TIMES),
    (pa.timestamp("us", "Europe/Berlin"), UTC_TIMES),
    (pa.time64("us"), st.times()),
    (pa.list_(pa.int64()), st.lists(st.none() | WIDE, max_size=3)),
    (pa.struct([("x", pa.string())]), st.fixed_dictionaries({"x": st.none() | TEXTS})),
]


@st.composite
def batches(draw) -> list[pa.RecordBatch]:
    columns = draw(st.lists(st.sampled_from(TYPES), min_size=1, max_size=4))
    name = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
    names = draw(st.lists(name, min_size=len(columns), max_size=len(columns), unique=True))
    schema = pa.schema([pa.field(name, kind) for name, (kind, _) in zip(names, columns, strict=True)])
    found = []
    for size in draw(st.lists(st.integers(0, 5), min_size=1, max_size=3)):
        arrays = [
            pa.array(draw(st.lists(st.none() | values, min_size=size, max_size=size)), kind) for kind, values in columns
        ]
        found.append(pa.record_batch(arrays, schema=schema))
    return found


def written(name: str, found: list[pa.RecordBatch], **options) -> bytes:
    stream = io.BytesIO()
    with FORMATS.find(name).writer(stream, found[0].schema, **options) as writer:
        for batch in found:
            writer.write(batch)
    return stream.getvalue()


def table(name: str, data: bytes, schema: pa.Schema | None) -> pa.Table:
    return pa.Table.from_batches(FORMATS.find(name).read(io.BytesIO(data), schema), schema)


@pytest.mark.parametrize("name", list(FORMATS))
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=150, deadline=None)
@given(found=batches())
def test_every_row_comes_back_as_it_was(name: str, found: list[pa.RecordBatch]):
    back = table(name, written(name, found), found[0].schema)
    assert back.to_pylist() == pa.Table.from_batches(found).to_pylist()
    assert back.schema.equals(found[0].schema)


@pytest.mark.parametrize("name", list(FORMATS))
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60, deadline=None)
@given(found=batches())
def test_the_bytes_do_not_depend_on_how_rows_are_batched(name: str, found: list[pa.RecordBatch]):
    whole = pa.Table.from_batches(found).combine_chunks()
    single = [whole.slice(row, 1).to_batches()[0] for row in range(len(whole))] or found
    assert written(name, found) == written(name, single)


@pytest.mark.parametrize("name", list(FORMATS))
def test_a_file_without_rows_is_a_file(name: str):
    schema = pa.schema([("a", pa.int64())])
    assert table(name, written(name, [pa.RecordBatch.from_pylist([], schema)]), schema).num_rows == 0


@pytest.mark.parametrize("name", list(FORMATS))
def test_durations_times_and_intervals_are_written_without_loss(name: str):
    arrays = [
        pa.array([timedelta(days=1, microseconds=5)], pa.duration("us")),
        pa.array([time(1, 2, 3)], pa.time32("s")),
        pa.array([pa.MonthDayNano([1, 2, 3])], pa.month_day_nano_interval()),
        pa.array(["a"]).dictionary_encode(),
    ]
    data = written(name, [pa.record_batch(arrays, names=["d", "t", "i", "e"])])
    row = table(name, data, None).to_pylist()[0]
    assert str(row["i"]) == "MonthDayNano(months=1, days=2, nanoseconds=3)"
    assert str(row["t"]).startswith("01:02:03")
    assert row["e"] == "a"


@pytest.mark.parametrize("name", ["csv", "json", "ndjson"])
def test_without_a_schema_every_column_is_text(name: str):
    """`007` and `1.10` keep their digits."""
    batch = pa.record_batch({"a": ["007", None], "b": pa.array([Decimal("1.10"), None])})
    assert table(name, written(name, [batch]), None).to_pylist() == [{"a": "007", "b": "1.10"}, {"a": None, "b": None}]


@pytest.mark.parametrize("name", ["csv", "json", "ndjson"])
def test_two_columns_of_one_name_are_refused(name: str):
    schema = pa.schema([("id", pa.int64()), ("id", pa.int64())])
    with pytest.raises(InputError, match="two columns are named id"):
        FORMATS.find(name).writer(io.BytesIO(), schema)


def test_a_wrong_format_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="parquet"):
        FORMATS.find("parqet")
