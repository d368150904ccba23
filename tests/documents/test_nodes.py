"""The place of anything inside a text of a YAML file."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from hotfixture.documents import Text, parse, place
from hotfixture.errors import Where

SQL = "SELECT a, 'it''s'\n  FROM t\n\n WHERE b = \"é\"\n"
FILES = {
    "literal": "k:\n  q: |\n    SELECT a, 'it''s'\n      FROM t\n\n     WHERE b = \"é\"\n",
    "explicit indentation": "k:\n  q: |2 # why\n    SELECT a, 'it''s'\n      FROM t\n\n     WHERE b = \"é\"\n",
    "folded": "k:\n  q: >\n    SELECT a, 'it''s'\n    FROM t\n    WHERE b = \"é\"\n",
    "plain": "k:\n  q: SELECT a, 'it''s'\n    FROM t\n\n    WHERE b = \"é\"\n",
    "single quotes": "k:\n  q: 'SELECT a, ''it''''s''\n    FROM t WHERE b = \"é\"'\n",
    "double quotes": "k:\n  q: \"SELECT a, 'it''s'\\n FROM\\x20t \\\n     WHERE b = \\\"\\u00e9\\\"\"\n",
    "flow": "k: {q: SELECT a 'it''s' FROM t WHERE b = \"é\"}\n",
    "anchor and tag": "k:\n  q: &x !!str |\n    SELECT a, 'it''s'\n      FROM t\n     WHERE b = \"é\"\n",
}


@pytest.mark.parametrize("form", FILES)
@pytest.mark.parametrize("word", ["SELECT", "FROM", "t", "WHERE", "b"])
def test_a_place_in_sql_is_found_in_every_form_of_scalar(form: str, word: str):
    source = FILES[form]
    text = parse(source).value["k"].value["q"].as_text()
    index = f" {text.value} ".replace("\n", " ").index(f" {word} ")
    line, column = text.value.count("\n", 0, index) + 1, index - (text.value.rfind("\n", 0, index) + 1) + 1
    found = place(text, line, column)
    assert source.split("\n")[found.line - 1][found.column - 1 :].startswith(word)


SHOWN = st.text(st.sampled_from("ab '\"\\#:-\n\té𝄞{},$"), min_size=1, max_size=60).filter(lambda t: t.strip())


@settings(deadline=None)
@given(SHOWN, st.sampled_from(["", "'", '"', "|", ">"]), st.integers(8, 80), st.data())
def test_every_visible_character_is_found_again(value: str, style: str, width: int, data: st.DataObject):
    """Whatever the library writes, at any line width: the place of a character holds that character."""
    source = yaml.dump({"k": {"q": value}}, default_style=style or None, width=width, allow_unicode=True)
    text = parse(source).value["k"].value["q"].as_text()
    assert text.value == value
    index = data.draw(st.sampled_from([i for i, c in enumerate(value) if not c.isspace()]))
    line, column = value.count("\n", 0, index) + 1, index - (value.rfind("\n", 0, index) + 1) + 1
    found = place(text, line, column)
    shown = source.split("\n")[found.line - 1][found.column - 1 :]
    assert shown.startswith((value[index], f"\\{value[index]}", f"\\U{ord(value[index]):08X}"))


def test_a_place_past_the_end_is_the_end():
    text = parse("q: |\n  a\n  b\n").value["q"].as_text()
    assert place(text, 9, 9)[1:] == (3, 4)


def test_an_empty_block_has_a_place():
    assert place(parse("q: |").value["q"].as_text(), 1, 1).line == 1


def test_a_text_from_elsewhere_is_where_it_was_said_to_be():
    assert place(Text("a\nb", Where("given", 3, 1)), 2, 1) == Where("given", 3, 1)


def test_a_block_is_said_to_be_one():
    node = parse("a: |\n  x\nb: >-\n  x\nc: x\nd: 'x'\n")
    assert [item.as_text().block for item in node] == [True, True, False, False]


def test_kinds_are_named_in_plain_words():
    node = parse("[{}, [], x, 1, 1.5, true, ~]")
    assert [item.kind for item in node] == ["mapping", "list", "text", "integer", "number", "boolean", "nothing"]
