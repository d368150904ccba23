"""COPY text: what is cut can be joined, what is escaped can be unescaped."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.databases import postgresql_text as text

_VALUES = st.lists(st.none() | st.binary(max_size=12).map(lambda b: b.replace(b"\0", b"\\")), max_size=30)


@given(_VALUES)
def test_what_is_escaped_unescapes_to_itself(values: list[bytes | None]) -> None:
    array = pa.array(values, pa.binary())
    wire = text.escape(array)
    assert wire.null_count == 0
    assert not any(b"\t" in field or b"\n" in field or b"\r" in field for field in wire.to_pylist())
    assert text.unescape(wire).to_pylist() == values


@given(st.lists(st.none() | st.binary(max_size=12), max_size=30), st.integers(0, 3))
def test_bytes_as_hex_and_back_are_themselves(values: list[bytes | None], start: int) -> None:
    wire = text.to_hex(pa.array(values, pa.binary())[start:])
    assert wire.to_pylist() == [b"\\N" if v is None else b"\\\\x" + v.hex().encode() for v in values[start:]]
    assert text.unhex(wire).to_pylist() == values[start:]


@given(st.data(), st.integers(1, 4))
def test_lines_that_are_cut_and_joined_are_themselves(data: st.DataObject, width: int) -> None:
    """Single columns, empty values and a byte order mark at the start among them."""
    values = st.sampled_from(
        [b"", b"\\N", b"\xef\xbb\xbf", b"\xef\xbb\xbfx", b"a", b'"', b"\\\\", b"'\x01", b"\xff", b" "]
    )
    table = data.draw(st.lists(st.lists(values, min_size=width, max_size=width), min_size=1, max_size=20))
    piece = b"".join(b"\t".join(row) + b"\n" for row in table)
    names = [f"c{number}" for number in range(width)]
    batch = text.split(piece, names)
    assert [list(row) for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)] == table
    assert bytes(text.join(batch.columns)) == piece
    whole = text.split(piece, ["all"])
    assert whole.num_rows == len(table)
    assert bytes(text.join(whole.columns)) == piece


def test_null_in_arrow_is_null_in_the_lines() -> None:
    assert (
        bytes(text.join([pa.array([b"a", None], pa.binary()), pa.array([None, b""], pa.binary())]))
        == b"a\t\\N\n\\N\t\n"
    )
