"""All problems of a file are found at once."""

from __future__ import annotations

import pytest

from hotfixture.documents import Reader, parse
from hotfixture.errors import InputError


def read(text: str, method: str, *args, **options):
    """What `Reader.method` makes of the value of `a`, and the problems it noted."""
    reader = Reader()
    result = getattr(reader, method)(parse(text, "t.yaml").value["a"], "the limit", *args, **options)
    return result, [str(problem) for problem in reader.problems]


@pytest.mark.parametrize(
    ("text", "method", "options", "value"),
    [
        ("a: x", "text", {}, "x"),
        ("a: ''", "text", {"empty": True}, ""),
        ("a: 5", "integer", {"low": 1, "high": 5}, 5),
        ("a: 5", "number", {}, 5.0),
        ("a: 0.5", "number", {"low": 0, "high": 1}, 0.5),
        ("a: false", "boolean", {}, False),
        ("a: If_Not_Exists", "choice", {"choices": ("drop-create", "if-not-exists")}, "if-not-exists"),
        ("a: x", "texts", {}, ["x"]),
        ("a: [x, y]", "texts", {}, ["x", "y"]),
        ("a:", "texts", {}, []),
        ("a:", "names", {}, {}),
    ],
)
def test_what_is_expected_is_read_without_a_problem(text, method, options, value):
    assert read(text, method, **options) == (value, [])


@pytest.mark.parametrize(
    ("text", "method", "options", "message"),
    [
        ("a: 007", "text", {}, "t.yaml:1:4: the limit: expected a text, found an integer\n  Put it in quotes: '007'."),
        ("a: ''", "text", {}, "t.yaml:1:4: the limit: expected a text, found an empty one"),
        ("a: {}", "text", {}, "t.yaml:1:4: the limit: expected a text, found a mapping"),
        ("a: true", "integer", {}, "t.yaml:1:4: the limit: expected an integer, found a boolean"),
        ("a: 6", "integer", {"high": 5}, "t.yaml:1:4: the limit: expected … to 5, found 6"),
        ("a: .nan", "number", {"low": 0}, "t.yaml:1:4: the limit: expected 0 to …, found .nan"),
        ("a: no", "boolean", {}, "t.yaml:1:4: the limit: expected true or false, found a text"),
        ("a: x", "names", {}, "t.yaml:1:4: the limit: expected a mapping, found a text"),
        (
            "a: [x, 1]",
            "texts",
            {},
            "t.yaml:1:8: the limit: expected a text, found an integer\n  Put it in quotes: '1'.",
        ),
        (
            "a: jsn",
            "choice",
            {"choices": ["json", "csv"]},
            "t.yaml:1:4: the limit: expected one of json, csv; unknown word 'jsn'\n  Did you mean json?",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_gives_the_right_type(text, method, options, message):
    result, problems = read(text, method, **options)
    assert problems == [message]
    expected = {
        "text": str,
        "integer": int,
        "number": float,
        "boolean": bool,
        "names": dict,
        "texts": list,
        "choice": str,
    }
    assert isinstance(result, expected[method])


def test_a_value_is_never_repeated_in_an_error():
    _, problems = read("a: hunter2", "integer")
    assert "hunter2" not in problems[0]


def test_keys_are_known_in_every_spelling():
    result, problems = read(
        "a: {templateName: x, per-parent: 2, ROW_LIMIT: }", "mapping", ["template_name", "perParent", "row_limit"]
    )
    assert (list(result), problems) == (["template_name", "perParent"], [])


def test_wrong_keys_are_noted_at_their_own_places():
    _, problems = read("a:\n  lmit: 1\n  limit: 2\n  LIMIT: 3\n", "mapping", ["limit", "where"], required=["where"])
    assert problems == [
        "t.yaml:2:3: the limit: unknown key 'lmit'\n  Did you mean limit?",
        "t.yaml:4:3: the limit: the key 'limit' stands here twice, once as 'LIMIT'",
        "t.yaml:2:3: the limit: 'where' is missing",
    ]


def test_finish_raises_everything_in_the_order_of_places():
    reader = Reader()
    reader.finish()
    node = parse("a: x\nb: y", "t.yaml")
    reader.integer(node.value["b"], "b")
    reader.integer(node.value["a"], "a")
    with pytest.raises(InputError) as caught:
        reader.finish()
    assert [problem.where.line for problem in caught.value.problems] == [1, 2]
