"""What a YAML file may say, and what is refused, with its place."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hotfixture.documents import parse, read
from hotfixture.documents.parser import MAX_CHARACTERS, MAX_DEPTH
from hotfixture.errors import InputError, Problem


def problems(text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        parse(text, "t.yaml")
    return [str(problem).partition("\n")[0] for problem in caught.value.problems]


@pytest.mark.parametrize(
    "word", ["no", "No", "NO", "on", "off", "y", "n", "yes", "1:30", "2024-10-15", "1_000", "=", "0b1", "nUll"]
)
def test_what_only_yaml_1_1_reads_as_something_else_stays_text(word: str):
    assert parse(f"a: {word}").plain() == {"a": word}


@pytest.mark.parametrize(
    ("text", "value"),
    [("12", 12), ("-0o17", "-0o17"), ("0o17", 15), ("0x1F", 31), ("+7", 7), ("1e3", 1000.0), (".5", 0.5), ("1.", 1.0),
     ("-.INF", -math.inf), (".inf", math.inf), ("True", True), ("FALSE", False), ("~", None), ("Null", None),
     ("", None), ("'12'", "12"),
     ('"true"', "true"), ("!!str 12", "12"), ("! 12", "12"), ("!!int '12'", 12), ("!!null ''", None)],
)  # fmt: skip
def test_scalars_follow_the_core_schema(text: str, value: object):
    found = parse(f"a: {text}").plain()["a"]
    assert (found, type(found)) == (value, type(value))


def test_nan_is_read():
    assert math.isnan(parse("a: .NaN").plain()["a"])


def test_a_scalar_keeps_its_text():
    node = parse("[007, 1.10, 0x1F, no]")
    assert [item.text for item in node] == ["007", "1.10", "0x1F", "no"]


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff\ufffe\uffff"))
KEYS = st.text("abcé<-_ ", min_size=1).filter(lambda key: key != "<<")
SCALARS = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    SCALARS | TEXTS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=15
)


@settings(deadline=None)
@given(JSON)
@example({"a": [{"b": "x: y # z"}, "- 1"]})
def test_every_json_document_is_read_as_it_is(value: object):
    import json

    assert parse(json.dumps(value, ensure_ascii=False)).plain() == value


@settings(deadline=None)
@given(JSON)
def test_both_parsers_of_the_library_give_the_same_nodes(value: object):
    """Where libyaml is not installed the values and their places are the same."""
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=False)
    fast = parse(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml, "__with_libyaml__", False)
        slow = parse(text)
    assert places(fast) == places(slow)


def places(node):
    return node.plain(), node.where, [places(inner) for inner in node], node.keys


@settings(deadline=None)
@given(st.text(max_size=60) | st.text("{}[]:,-?&*!|>'\"%@`#\n\t ab1~", max_size=60))
def test_any_text_is_read_or_refused_with_a_place(text: str):
    found: tuple[Problem, ...] = ()
    try:
        parse(text, "t.yaml").plain()
    except InputError as error:
        found = error.problems
    assert all(problem.where and problem.where.source == "t.yaml" and problem.where.line for problem in found)


def test_every_value_and_key_has_its_place():
    node = parse("é: 1\nlist:\n  - x\n  - {𝄞: y, b: z}\n", "t.yaml")
    inner = node.value["list"].value[1]
    assert str(inner.where) == "t.yaml:4:5"
    assert str(inner.value["b"].where) == "t.yaml:4:15"
    assert str(inner.keys["b"]) == "t.yaml:4:12"
    assert str(node.keys["list"]) == "t.yaml:2:1"


def test_a_byte_order_mark_and_crlf_do_not_move_places():
    node = parse("\ufeffa: 1\r\nb: 2\r\n")
    assert node.plain() == {"a": 1, "b": 2}
    assert node.value["b"].where[1:] == (2, 4)


def test_duplicate_keys_are_all_named_with_both_places():
    assert problems("a: 1\nb: {c: 1, c: 2}\na: 3\n") == [
        "t.yaml:2:11: the key 'c' stands here twice, first in line 2",
        "t.yaml:3:1: the key 'a' stands here twice, first in line 1",
    ]


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system", "!!binary", "!!timestamp", "!!set", "!mine", "!!map"]
)
def test_tags_beyond_the_core_schema_are_refused(tag: str):
    assert "the tag" in problems(f"a: {tag} x")[0]


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("a: [", "t.yaml:2:1: not YAML"),
        ("a: b: c", "t.yaml:1:5: not YAML: mapping values"),
        ("a: 1\n---\nb: 2", "t.yaml:2:1: a second document"),
        ("? [a]\n: b", "t.yaml:1:3: expected a text as key, found a list"),
        ("a: \x07", "t.yaml:1:4: the character U+0007"),
        ("a: *x", "t.yaml:1:4: no anchor is named 'x'"),
        ("a: &a [1, *a]", "t.yaml:1:11: no anchor is named 'a'"),
        ("a: !!int x", "t.yaml:1:4: not a value of the tag 'int'"),
        ("b: &b {x: 1}\na:\n  <<: *b", "t.yaml:3:3: merge keys"),
        ("a: " + "9" * 500, "t.yaml:1:4: a number of 500 characters"),
    ],
)
def test_what_is_refused_says_where(text: str, start: str):
    assert problems(text)[0].startswith(start)


def test_a_tab_as_indentation_is_named_as_such():
    with pytest.raises(InputError, match="spaces, not tabs"):
        parse("a:\n\t- b")


def test_aliases_give_the_same_value():
    assert parse("a: &x {k: [1]}\nb: *x").plain() == {"a": {"k": [1]}, "b": {"k": [1]}}


def test_aliases_that_grow_without_bound_are_refused_at_once():
    """A billion values out of one kilobyte."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert "aliases counted" in problems("\n".join(lines))[0]


def test_aliases_cannot_nest_deeper_than_the_bound():
    lines = ["a0: &a0 " + "[" * 30 + "]" * 30]
    lines += [f"a{n}: &a{n} {'[' * 30}*a{n - 1}{']' * 30}" for n in range(1, 4)]
    assert "nested deeper" in problems("\n".join(lines))[0]


def test_depth_is_bounded():
    parse("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert "nested deeper" in problems("[" * 5000)[0]


def test_size_is_bounded():
    assert "at most" in problems("a" * (MAX_CHARACTERS + 1))[0]


def test_a_file_that_is_missing_or_not_utf8_is_an_input_error(tmp_path: Path):
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / "absent.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"a: 1\nb: \xe9\n")
    with pytest.raises(InputError, match=r"latin\.yaml:2: not UTF-8"):
        read(tmp_path / "latin.yaml")


def test_errors_call_the_file_by_its_given_name(tmp_path: Path):
    (tmp_path / "x.yaml").write_text("a: 1")
    assert read(tmp_path / "x.yaml", source="policy").where.source == "policy"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{type: list[integer], b: integer[]}", {"type": "list[integer]", "b": "integer[]"}),
        (
            "{q: SELECT ${a} FROM t, ${k}: [x, ${period.start}]}",
            {"q": "SELECT ${a} FROM t", "${k}": ["x", "${period.start}"]},
        ),
        ("{a: [b], c: {d: [e]}}", {"a": ["b"], "c": {"d": ["e"]}}),
        ("[a, [b]]", ["a", ["b"]]),
        ("{path: $.items[*].id, b: &x [c], d: [*x]}", {"path": "$.items[*].id", "b": ["c"], "d": [["c"]]}),
        ("a: 'x[1] ${y}'", {"a": "x[1] ${y}"}),
        ("a: b[0] # c[1]", {"a": "b[0]"}),
        ("a: \U0010fff0 b[0]", {"a": "\U0010fff0 b[0]"}),
    ],
)
def test_brackets_of_types_and_parameters_need_no_quotes(text: str, value: object):
    assert parse(text).plain() == value


def test_unquoted_brackets_do_not_move_places():
    node = parse("{type: list[integer], b: c}")
    assert node.value["b"].where.column == 26
    assert node.value["type"].raw == "list[integer]"
