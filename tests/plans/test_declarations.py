"""Parameters are declared with types, defaults and bounds; a wrong declaration is found before anybody runs it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from hotfixture.documents import Reader, parse
from hotfixture.plans.declarations import BUILT_IN, Parameter, read_parameters

TODAY = date(2024, 10, 15)


def declared(text: str) -> tuple[dict[str, Parameter], list[str]]:
    reader = Reader()
    found = read_parameters(reader, parse(text, "t.yaml"))
    return found, [str(problem).partition("\n")[0] for problem in reader.problems]


def test_every_field_of_a_declaration_is_read():
    found, problems = declared(
        "n: {type: list[integer], description: some, default: '1,2', min: 1, max: 9, min_items: 1, max_items: 3,\n"
        "  required: false}\n"
        "code: {type: text, pattern: '[A-Z]+', min: 2}"
    )
    assert not problems
    parameter = found["n"]
    assert (str(parameter.type), parameter.description, parameter.low, parameter.high) == (
        "list[integer]",
        "some",
        1,
        9,
    )
    assert (parameter.min_items, parameter.max_items, parameter.required) == (1, 3, False)
    assert parameter.value(parameter.default, TODAY) == [1, 2]
    assert found["code"].pattern == "[A-Z]+"


@pytest.mark.parametrize(
    "text",
    [
        "a: {type: integer}",
        "a: integer",
        "[{name: a, type: integer}]",
        "{A_: text, a: {TYPE: int}}",
        "a: {type: integer, minimum: 5}",
    ],
)
def test_every_form_of_a_declaration_is_read(text: str):
    found, problems = declared(text)
    assert not problems
    assert str(found["a"].type) == "integer"


def test_a_parameter_without_default_is_required_unless_it_says_so():
    found, _ = declared("{a: {type: text}, b: {default: x}, c: {required: false}, d: {required: true}}")
    assert {name: parameter.required for name, parameter in found.items()} == {
        "a": True,
        "b": False,
        "c": False,
        "d": True,
    }


def test_a_default_keeps_its_digits():
    found, _ = declared(
        "{a: {type: text, default: 007}, b: {type: decimal, default: 1.10}, c: {type: list[text], default: [01, 02]}}"
    )
    assert found["a"].default == "007"
    assert found["b"].value(found["b"].default, TODAY) == Decimal("1.10")
    assert found["c"].default == ["01", "02"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: {type: intger}", "t.yaml:1:11: parameter 'a': unknown type 'intger'"),
        ("a: {typ: integer}", "t.yaml:1:5: parameter 'a': unknown key 'typ'"),
        ("a: {type: choice}", "t.yaml:1:1: parameter 'a': 'choices' is missing"),
        ("a: {type: integer, default: x}", "t.yaml:1:29: default of parameter 'a': expected an integer"),
        ("a: {type: integer, default: 5, max: 3}", "t.yaml:1:29: default of parameter 'a': expected at most 3"),
        ("a: {type: integer, min: 5, max: 3}", "t.yaml:1:25: parameter 'a': min is greater than max"),
        ("a: {type: integer, min: x}", "t.yaml:1:25: bound of parameter 'a': expected an integer"),
        ("a: {type: boolean, min: 1}", "t.yaml:1:25: parameter 'a': a boolean has no bounds"),
        ("a: {type: text, pattern: '('}", "t.yaml:1:26: parameter 'a': not a regular expression"),
        ("a: {type: integer, pattern: x}", "t.yaml:1:29: parameter 'a': only a text has a pattern"),
        ("a: {type: integer, max_items: 1}", "t.yaml:1:31: parameter 'a': only a list has a number of items"),
        ("a: {type: choice, choices: [x], default: y}", "t.yaml:1:42: default of parameter 'a': expected x"),
        ("a: {default: x, required: true}", "t.yaml:1:27: parameter 'a': has a default, so it is never missing"),
        ("a b: text", "t.yaml:1:1: parameter 'a b': expected a name"),
        ("row_limit: text", "t.yaml:1:1: parameter 'row_limit': every template understands it, as integer"),
        ("table_size_factor: decimal", "t.yaml:1:1: parameter 'table_size_factor': is another name of 'sample_rate'"),
        ("[{type: text}]", "t.yaml:1:2: parameters: 'name' is missing"),
        ("[{name: a}, {name: a}]", "t.yaml:1:20: parameters: the name 'a' stands here twice"),
        (
            "{t: {type: timestamp, min: 2024-01-01 00:00Z, max: 2024-02-01 00:00}}",
            "t.yaml:1:28: parameter 't': min is greater",
        ),
    ],
)
def test_a_wrong_declaration_is_said_with_its_place(text: str, message: str):
    _, problems = declared(text)
    assert [problem[: len(message)] for problem in problems] == [message]


def test_bounds_of_dates_and_lengths_hold():
    found, _ = declared(
        "{d: {type: date, min: 2024-01-01}, t: {type: text, max: 3}, l: {type: list[integer], max: 3, max_items: 2}}"
    )
    for name, good, bad in (
        ("d", "2024-01-01", "2023-12-31"),
        ("t", "abc", "abcd"),
        ("l", "1,3", "1,4"),
        ("l", "1,2", "1,2,3"),
    ):
        found[name].value(good, TODAY)
        with pytest.raises(ValueError, match="expected"):
            found[name].value(bad, TODAY)


def test_a_timestamp_and_its_bound_agree_on_having_a_zone():
    found, _ = declared("t: {type: timestamp, min: 2024-01-01 00:00Z}")
    with pytest.raises(ValueError, match="time zone"):
        found["t"].value("2024-05-01 00:00", TODAY)


def test_what_every_template_understands_has_bounds():
    with pytest.raises(ValueError, match="at least 1"):
        BUILT_IN["row_limit"].value("0", TODAY)
    with pytest.raises(ValueError, match="at most 1"):
        BUILT_IN["sample_rate"].value("1.5", TODAY)
    assert BUILT_IN["sample_rate"].value("0.1", TODAY) == Decimal("0.1")


def test_a_built_in_parameter_that_is_declared_keeps_its_bounds():
    found, problems = declared("row_limit: {type: integer, default: 100, max: 1000}")
    assert not problems
    assert (found["row_limit"].low, found["row_limit"].high) == (1, 1000)
