"""Columns as text and back."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pyarrow as pa
import pytest

from hotfixture.errors import InputError
from hotfixture.files.text import from_text, joined, lines, to_text

MOMENT = datetime(2024, 10, 15, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pa.array([True, None]), ["true", None]),
        (pa.array([Decimal("1.10")]), ["1.10"]),
        (pa.array([b"\x00\xff", b""]), ["00ff", ""]),
        (pa.array([MOMENT]), ["2024-10-15 14:30:00.000000Z"]),
        (pa.array([MOMENT], pa.timestamp("s", "Asia/Tokyo")), ["2024-10-15 14:30:00Z"]),
        (pa.array([[1, None], None]), ["[1,null]", None]),
        (pa.array([{"a": b"\x01", "é": "x"}]), ['{"a":"01","é":"x"}']),
        (pa.array(["b", "a", "b"]).dictionary_encode(), ["b", "a", "b"]),
        (pa.array([None, None]), [None, None]),
        (pa.array([UUID(int=5).bytes], pa.uuid()), ["00000000-0000-0000-0000-000000000005"]),
        (pa.array([1.5, float("inf")]), ["1.5", "inf"]),
    ],
)
def test_every_type_has_one_spelling(values: pa.Array, texts: list):
    found = to_text(values)
    assert found.to_pylist() == texts
    assert found.type == pa.large_string()


@pytest.mark.parametrize(
    "kind", [pa.int8(), pa.date32(), pa.binary(), pa.list_(pa.int64()), pa.time64("us"), pa.duration("s"), pa.bool_()]
)
def test_a_text_that_is_no_value_is_an_input_error(kind: pa.DataType):
    with pytest.raises(InputError, match="no value of the type"):
        from_text(pa.array(["zzz"], pa.large_string()), kind)


def test_rows_are_joined_without_copying_also_from_a_slice():
    column = pa.array(["a", "b", "c"], pa.large_string())
    rows = lines([column, column], ",")
    assert joined(rows).to_pybytes() == b"a,a\nb,b\nc,c\n"
    assert joined(rows[1:]).to_pybytes() == b"b,b\nc,c\n"
    assert joined(rows[:0]).to_pybytes() == b""
