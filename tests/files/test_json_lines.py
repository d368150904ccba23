"""JSON and NDJSON: exact numbers, valid for every reader, read piece by piece."""

from __future__ import annotations

import io
import json
from decimal import Decimal

import pyarrow as pa
import pytest

from hotfixture.errors import InputError
from hotfixture.files import json_lines
from hotfixture.files.json_lines import Json, Ndjson

ROW = {"n": 2**53 + 1, "d": Decimal("0.10"), "f": float("nan"), "s": 'a"\\\n\x00é', "z": None, "l": [1, None]}


def written(kind, rows: list[dict], **options) -> str:
    batch = pa.RecordBatch.from_pylist(rows)
    stream = io.BytesIO()
    with kind.writer(stream, batch.schema, **options) as writer:
        writer.write(batch)
    return stream.getvalue().decode()


def test_numbers_keep_every_digit_and_nan_is_text():
    assert written(Ndjson, [ROW]) == (
        '{"n":9007199254740993,"d":0.10,"f":"nan","s":"a\\"\\\\\\n\\u0000é","z":null,"l":[1,null]}\n'
    )


def test_inexact_numbers_are_texts_when_asked_for():
    rows = [{"n": 2**53 + 1, "d": Decimal("1.5")}, {"n": -(2**53), "d": None}, {"n": -(2**63), "d": None}]
    found = [json.loads(line) for line in written(Ndjson, rows, text_numbers=True).splitlines()]
    assert found == [{"n": str(2**53 + 1), "d": "1.5"}, {"n": -(2**53), "d": None}, {"n": str(-(2**63)), "d": None}]


def test_an_array_is_one_object_a_line():
    assert written(Json, [{"a": 1}, {"a": 2}]) == '[\n{"a":1},\n{"a":2}\n]\n'
    assert json.loads(written(Json, [ROW] * 3))[2]["n"] == 2**53 + 1


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_an_array_is_read_the_same_whatever_the_pieces(monkeypatch: pytest.MonkeyPatch, size: int):
    monkeypatch.setattr(json_lines, "_CHUNK", size)
    text = ' [ {"a": "}é{", "b": [1.50, {"c": "]"}]} ,\n{"b": null,"a":"x"}] '
    rows = [row for batch in Json.read(io.BytesIO(text.encode())) for row in batch.to_pylist()]
    assert rows == [{"a": "}é{", "b": '[1.50, {"c": "]"}]'.replace("1.50", '"1.50"')}, {"a": "x", "b": None}]


@pytest.mark.parametrize(
    "text", ["", "{}", "[", "[{}", "[{},]x", "[1]", '[{"a": }]', "[{} {}]", '[{"a":1},{"b":2}]', "[" * 100_000, "\xff"]
)
def test_what_is_no_array_of_objects_is_an_input_error(text: str):
    with pytest.raises(InputError):
        list(Json.read(io.BytesIO(text.encode("latin-1"))))


@pytest.mark.parametrize("text", ["x", "1", '{"a": 1}\n{"b": 2}', '{"a"', '{"a":' + "[" * 100_000])
def test_what_is_no_ndjson_is_an_input_error(text: str):
    with pytest.raises(InputError):
        list(Ndjson.read(io.BytesIO(text.encode())))
