"""Documents come back as they were spelled."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.capture.sanitising.json_style import Spans, spelled, style_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
DOCUMENTS = st.lists(JSON, min_size=1, max_size=3) | st.dictionaries(st.text(max_size=6), JSON, min_size=1, max_size=4)
STYLES = [
    {}, {"separators": (",", ":")}, {"indent": 2}, {"indent": 4, "ensure_ascii": False}, {"indent": "\t"},
    {"ensure_ascii": False, "separators": (",", ":")},
]  # fmt: skip


@given(DOCUMENTS, st.sampled_from(STYLES), st.sampled_from(["", "\n"]))
def test_a_known_style_gives_back_the_very_text(value: object, how: dict[str, object], tail: str) -> None:
    text = json.dumps(value, **how) + tail  # type: ignore[arg-type]  # options of dumps
    style = style_of(text, json.loads(text))
    if style is not None:
        assert spelled(style.name, json.loads(text)) == text


@pytest.mark.parametrize("how", STYLES)
def test_the_usual_styles_are_known(how: dict[str, object]) -> None:
    value = {"id": 17, "name": "Grüße", "list": [1, 2.5, None, True], "inner": {"a": "b"}}
    text = json.dumps(value, **how)  # type: ignore[arg-type]  # options of dumps
    assert style_of(text, value) is not None


@given(DOCUMENTS)
def test_spans_know_the_document(value: object) -> None:
    text = json.dumps(value, indent=1)
    assert Spans(text).value == json.loads(text)


def test_single_literals_are_replaced_and_nothing_else() -> None:
    text = '{ "a":1.50,\n"b" : ["x" , {"a":2, "a":"twice"}] }'
    spans = Spans(text)
    twice = spans.value["b"][1]
    changes = [(spans.value["b"], 0, "é"), (twice, "a\x00", "y"), (spans.value, "a", 7)]
    assert spans.with_changes(changes) == '{ "a":7,\n"b" : ["\\u00e9" , {"a":2, "a":"y"}] }'
