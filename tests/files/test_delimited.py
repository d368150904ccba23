"""CSV: null and empty differ, formulas can be disarmed, other readers agree."""

from __future__ import annotations

import csv
import io

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotfixture.errors import InputError
from hotfixture.files.delimited import Csv


def written(columns: dict, **options) -> str:
    batch = pa.record_batch(columns)
    stream = io.BytesIO()
    with Csv.writer(stream, batch.schema, **options) as writer:
        writer.write(batch)
    return stream.getvalue().decode()


def test_null_is_nothing_and_empty_is_quoted():
    assert written({"a": [None, "", "x"], "b": [1, None, 2]}) == 'a,b\n,1\n"",\nx,2\n'


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(*[st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)] * 2),
        min_size=1,
    )
)
def test_the_standard_library_reads_the_same_texts(rows: list[tuple[str, str]]):
    text = written({"a": [row[0] for row in rows], "b,\n": [row[1] for row in rows]})
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["a", "b,\n"], *(list(row) for row in rows)]


def _spelled(text: str | None) -> str:
    """One value as RFC 4180 wants it, by the rule and value by value."""
    if text is None:
        return ""
    special = (
        any(mark in text for mark in '",\r\n') or (text[:1] + text[-1:]).strip(" \t\n\r\f") != text[:1] + text[-1:]
    )
    return '"' + text.replace('"', '""') + '"' if special or not text else text


@settings(deadline=None)
@given(st.lists(st.none() | st.text('ab ,"\t\n\r\f\x01é', max_size=3)), st.integers(0, 3))
def test_a_value_is_quoted_when_it_needs_it_and_only_then(texts: list[str | None], front: int):
    """However few of the values need quotes, and wherever a slice begins."""
    values = pa.array([",", "", None, "a"][:front] + texts, pa.string())[front:]
    assert written({"a": values, "n": [7] * len(texts)}) == "a,n\n" + "".join(f"{_spelled(text)},7\n" for text in texts)


def test_formulas_are_disarmed_only_when_asked_for():
    texts = ["=1+1", "+49", "-1", "@x", "\tx", "x=1", None]
    assert "=1+1\n" in written({"a": texts})
    lines = written({"a": texts, "n": [-1, *[None] * 6]}, spreadsheet=True).split("\n")
    assert lines[1:7] == ["'=1+1,-1", "'+49,", "'-1,", "'@x,", "'\tx,", "x=1,"]


@pytest.mark.parametrize("text", ["a,b\n1\n", ""])
def test_what_is_not_csv_is_an_input_error(text: str):
    with pytest.raises(InputError):
        list(Csv.read(io.BytesIO(text.encode())))


def test_other_columns_than_the_schema_has_are_an_input_error():
    with pytest.raises(InputError, match="expected the columns b, found a"):
        list(Csv.read(io.BytesIO(b"a\n1\n"), pa.schema([("b", pa.int64())])))
