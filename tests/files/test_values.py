"""Many values in the forms that are text: kernels spell as Python does, and each form is what its name says."""

from __future__ import annotations

import csv
import io
import json

import pyarrow as pa
import pytest

from hotfixture import generators
from hotfixture.files import values
from hotfixture.generators import generate


def test_a_column_is_spelled_as_its_values_are_one_by_one() -> None:
    for name in generators.names():
        column = generate(name, count=64, seed=11)
        plain = column.to_pylist()
        for form in values.FORMS:
            kernels = b"".join(values.pieces(form, name, [column[:40], column[40:]]))
            assert kernels == b"".join(values.pieces(form, name, [plain])), (name, form)


@pytest.mark.parametrize("form", values.FORMS)
def test_nulls_and_what_needs_escapes_are_spelled_alike_too(form: str) -> None:
    texts = ["a", None, "", 'say "no"', "two\nlines", "a,b", "\x01", "ж"]
    for column in (
        pa.array(texts),
        pa.array([1, None, 3]),
        pa.array([{"a": 1, "b": "x"}, None, {"a": None, "b": ","}]),
    ):
        plain = b"".join(values.pieces(form, "x", [column.to_pylist()]))
        if form == "csv" and pa.types.is_struct(column.type):
            continue  # a row that is no structure has no columns
        assert b"".join(values.pieces(form, "x", [column])) == plain


@pytest.mark.parametrize("form", values.FORMS)
def test_no_values_are_an_empty_list(form: str) -> None:
    assert b"".join(values.pieces(form, "x", [])) == (b"[]\n" if form == "json" else b"")


@pytest.mark.parametrize("name", ["uuid", "integer", "boolean", "timestamp", "person", "amount"])
def test_ndjson_is_one_json_value_a_line(name: str) -> None:
    column = generate(name, count=300, seed=2)
    lines = b"".join(values.pieces("ndjson", name, [column])).decode().splitlines()
    assert [json.loads(line) for line in lines] == json.loads(b"".join(values.pieces("json", name, [column])))
    assert values.one("ndjson", name, column[0].as_py()).decode() == f"{lines[0]}\n"
    assert isinstance(json.loads(lines[0]), dict) == pa.types.is_struct(column.type)


def test_pretty_indents_the_values_of_a_list_and_nothing_else_changes() -> None:
    column = generate("person", count=3, seed=2)
    plain, pretty = (b"".join(values.pieces("json", "person", [column], pretty=pretty)) for pretty in (False, True))
    assert json.loads(plain) == json.loads(pretty)
    assert len(pretty.splitlines()) > len(plain.splitlines()) == 5
    assert pretty.decode() == json.dumps(json.loads(plain), indent=2, ensure_ascii=False) + "\n"


def test_csv_of_a_structure_has_a_column_a_field() -> None:
    column = generate("person", count=3, seed=2)
    rows = list(csv.reader(io.StringIO(b"".join(values.pieces("csv", "person", [column])).decode())))
    assert rows[0] == [field.name for field in column.type]
    assert len(rows) == 4
