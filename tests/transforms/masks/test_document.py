"""Masks inside JSON: what is masked changes, every other byte stays."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotfixture.errors import InputError
from hotfixture.schema import Column
from hotfixture.transforms.masks import MaskingKey, MaskSpec, Row, bind

KEY = MaskingKey(bytes(range(32)))
COLUMN = Column("value", pa.string(), "json")


def masked(text: str, paths: dict[str, Any]) -> str:
    mask = bind(MaskSpec("json", paths), COLUMN)
    return str(mask.apply(Row({"value": pa.array([text])}, KEY)).to_pylist()[0])


STAR = {"fixed": "*"}


@pytest.mark.parametrize(
    ("before", "paths", "after"),
    [
        ('{ "email" : "a@b.c" , "n":1.50}', {"$.email": STAR}, '{ "email" : "*" , "n":1.50}'),
        ('{"a":[{"e":"x","k":1e5},{"e":null}]}', {"$.a[*].e": STAR}, '{"a":[{"e":"*","k":1e5},{"e":null}]}'),
        ('{"a":["x","y"]}', {"$.a[1]": STAR}, '{"a":["x","*"]}'),
        ('{"p":{"q":{"e":"x"}},"e":"y"}', {"$..e": STAR}, '{"p":{"q":{"e":"*"}},"e":"*"}'),
        ('{"e":"x","\\u0065":"y"}', {"$.e": STAR}, '{"e":"*","\\u0065":"*"}'),
        ('{"a":{"b":"x","c":[1,true,"y"]}}', {"$.a": "redact"}, '{"a":{"b":"*","c":[0,false,"*"]}}'),
        ('{"a b":{"c":"x"}}', {"$['a b'].*": STAR}, '{"a b":{"c":"*"}}'),
        ('"x"', {"$": STAR}, '"*"'),
        ('[1, {"n": 42}]', {"$[*].n": {"fixed": 7}}, '[1, {"n": 7}]'),
        ('{"e":"x"}', {"$.e": None}, '{"e":null}'),
        ('{"other": {"deep": ["\\u00e9", 1.0E+2]}}', {"$.e": STAR}, '{"other": {"deep": ["\\u00e9", 1.0E+2]}}'),
    ],
)
def test_only_the_values_at_the_paths_change(before: str, paths: dict[str, Any], after: str) -> None:
    assert masked(before, paths) == after


@pytest.mark.parametrize(
    "broken", ["{", "nonsense", '{"a":1}{"b":2}', '{"a":}', '{"a":1,}', "[1,]", '{"e":"x', "[" * 9000]
)
def test_a_text_that_is_no_document_lets_nothing_through(broken: str) -> None:
    assert masked(broken, {"$.e": STAR}) == "null"


def test_escapes_stay_ascii_where_the_original_was_and_unicode_where_it_was_not() -> None:
    assert masked('{"e":"x"}', {"$.e": {"fixed": "é"}}) == '{"e":"\\u00e9"}'
    assert masked('{"e":"ü"}', {"$.e": {"fixed": "é"}}) == '{"e":"é"}'


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abe é"), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=60)
@given(values, st.sampled_from([None, 1]), st.booleans())
def test_any_document_stays_one_and_keeps_what_no_path_reaches(value: Any, indent: int | None, plain: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=plain)
    assert masked(text, {"$.nowhere.at[*].all": STAR}) == text
    after = json.loads(masked(text, {"$..e": "redact"}))
    assert _without(after) == _without(value)
    assert not _strings_under_e(after)


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without(inner) for name, inner in value.items() if name != "e"}
    return [_without(inner) for inner in value] if isinstance(value, list) else value


def _strings_under_e(value: Any, inside: bool = False) -> list[str]:
    if isinstance(value, dict):
        return [s for name, inner in value.items() for s in _strings_under_e(inner, inside or name == "e")]
    if isinstance(value, list):
        return [s for inner in value for s in _strings_under_e(inner, inside)]
    return [value] if inside and isinstance(value, str) and value.strip("*") else []


@pytest.mark.parametrize("path", ["email", "$.", "$..", "$[", "$.a[x]", "a.b", ""])
def test_a_path_that_is_none_is_refused(path: str) -> None:
    with pytest.raises(InputError, match="no path"):
        bind(MaskSpec("json", {path: "redact"}), COLUMN)


def test_the_same_value_gets_the_same_mask_in_a_document_and_in_a_column() -> None:
    column = bind(MaskSpec("email"), Column("email", pa.string())).apply(Row({"email": pa.array(["a@b.c"])}, KEY))
    assert json.loads(masked('{"e":"a@b.c"}', {"$.e": "email"}))["e"] == column.to_pylist()[0]
