"""Edits of single values in YAML."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotfixture.documents import parse
from hotfixture.errors import InputError
from hotfixture.plans.template import from_text
from hotfixture.server.gateway.templates.edits import with_default, with_description

TEXT = """\
# what everybody needs
templateName: daily   # the name
# about it
parameters:
  short: integer
  flow: {type: text, default: 'x, {y}'}   # kept
  block:
    # before
    type: list[text]
    default: [a, "b]c", 'd''[']
    description: >
      folded
      text
  none:
    type: text
    default:
  long:
    type: text
    default: |
      two
      lines
exports: {c: {provider: P, query: "SELECT 1"}}
"""
LISTED = """\
name: daily
parameters:
- name: one
  type: integer
- {name: two, default: 3, type: integer}
exports: {c: {provider: P, query: "SELECT 1"}}
"""
VALUES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20), st.integers(-(10**12), 10**12), st.booleans(),
    st.lists(st.text("a[]{},'\"# :\n", max_size=6), max_size=4), st.none(), st.decimals(-10, 10, places=2).map(float),
)  # fmt: skip


def default_in(text: str, name: str) -> object:
    """The default that a text declares."""
    declared = parse(text).plain()["parameters"]
    found = declared[name] if isinstance(declared, dict) else next(one for one in declared if one["name"] == name)
    return found["default"]


@pytest.mark.parametrize(
    ("text", "name"),
    [(TEXT, name) for name in ("short", "flow", "block", "none", "long")] + [(LISTED, "one"), (LISTED, "two")],
)
@given(value=VALUES)
def test_a_new_default_is_all_that_changes(text: str, name: str, value: object) -> None:
    made = with_default(text, name, value)
    assert default_in(made, name) == value
    for comment in ("# what everybody needs", "# the name", "# about it", "# kept", "# before"):
        assert (comment in made) == (comment in text)
    assert with_default(made, name, value) == made


@given(st.text("a: {}[]\n\"'#éß", max_size=30))
def test_a_description_is_added_and_changed_and_taken_away(description: str) -> None:
    made = with_description(TEXT, description)
    assert parse(made).plain()["description"] == description
    again = with_description(made, "other")
    assert parse(again).plain() == parse(TEXT).plain() | {"description": "other"}
    assert from_text(with_description(again, None)).description == ""


def test_the_name_stays_the_first_line_and_comments_stay_where_they_are() -> None:
    made = with_description(TEXT, "x").splitlines()
    assert made[:5] == [*TEXT.splitlines()[:3], 'description: "x"', "parameters:"]


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        (TEXT, "missing", "declares no parameter 'missing'"),
        ("parameters: {a: &x {type: text, default: q}, b: *x}\n", "b", "cannot be changed by itself"),
        ("parameters: {a: {type: text, default: &x q}, b: {type: text, default: *x}}\n", "b", "by itself"),
        ("parameters:\n  a:\n    default:\n    - 1\n    - 2\n", "a", "cannot be changed by itself"),
        ("[]\n", "a", "declares no parameter"),
    ],
)
def test_what_cannot_be_changed_by_itself_is_refused(text: str, name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        with_default(text, name, "new")


def test_values_that_yaml_cannot_say_are_refused() -> None:
    with pytest.raises(InputError, match="expected texts, numbers"):
        with_default(TEXT, "flow", float("nan"))
