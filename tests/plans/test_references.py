"""Virtual references in every readable form."""

from __future__ import annotations

import pytest

from hotfixture.documents import Reader, parse
from hotfixture.plans.references import read_references


def references(text: str):
    reader = Reader()
    found = read_references(reader, parse(text, "t.yaml"))
    return found, [str(problem) for problem in reader.problems]


def one(text: str) -> tuple:
    found, problems = references(f"[{text}]")
    assert not problems
    return (found[0].table, found[0].columns, found[0].target, found[0].target_columns, found[0].when, found[0].path)


SIMPLE = ("a", ("b",), "c", ("d",), None, "")


@pytest.mark.parametrize(
    "text",
    [
        "a.b -> c.d", "a.b→c.d", "a(b) -> c(d)", "{from: a.b, to: c.d}",
        "{table: a, columns: [b], target: c, target_columns: [d]}",
        "{table: a, column: b, target: c, targetColumn: d}", "{source: a.b, references: c.d}", "' a . b  ->  c ( d ) '",
    ],
)  # fmt: skip
def test_every_form_says_the_same(text: str):
    assert one(text) == SIMPLE


def test_a_mapping_says_it_shortest():
    found, problems = references("{a.b: c.d, s.a.x: c}")
    assert not problems
    assert [str(reference) for reference in found] == ["a(b) → c(d)", "s.a(x) → c()"]
    assert str(found[1].where) == "t.yaml:1:12"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'s.a(x, y) -> t.b(z, w)'", ("s.a", ("x", "y"), "t.b", ("z", "w"), None, "")),
        ("a.b -> c", ("a", ("b",), "c", (), None, "")),
        ("{from: a.b, to: c, when: {column: t, value: post}}", ("a", ("b",), "c", (), ("t", "post"), "")),
        ("{from: a.b, to: c, when: {t: 007}}", ("a", ("b",), "c", (), ("t", "007"), "")),
        ("{from: a.b, to: c, when: \"t = 'post'\"}", ("a", ("b",), "c", (), ("t", "post"), "")),
        (
            "{from: a.data, to: u.id, path: '$.items[*].user-id'}",
            ("a", ("data",), "u", ("id",), None, "$.items[*].user-id"),
        ),
        ("{table: a.b, column: c.d, target: e(f)}", ("a.b", ("c.d",), "e(f)", (), None, "")),
    ],
)
def test_composite_polymorphic_and_json_references(text: str, expected: tuple):
    assert one(text) == expected


def test_a_provider_can_be_named():
    found, _ = references("[{from: a.b, to: c.d, provider: P}]")
    assert found[0].provider == "P"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[a.b]", "t.yaml:1:2: reference: expected table.column -> table.column"),
        ("[a -> b.c]", "t.yaml:1:2: reference: expected table.column or table(column, column)"),
        ("[a.b -> 'c.(d']", "t.yaml:1:2: reference: expected table.column, table(column, column) or table"),
        ("[{from: a.b}]", "t.yaml:1:2: reference: 'to' is missing"),
        ("[{table: a, target: b}]", "t.yaml:1:2: reference: 'columns' is missing"),
        (
            "[{table: a, columns: [x, y], target: b, target_columns: [z]}]",
            "t.yaml:1:2: reference: expected 2 target columns, found 1",
        ),
        ("['a(x,) -> b.c']", "t.yaml:1:2: reference: a column is missing"),
        ("[{from: a.b, to: c.d, path: user}]", "t.yaml:1:29: path: expected a JSON path"),
        ("[{from: 'a(b, c)', to: c, path: $.x}]", "t.yaml:1:33: path: expected one column"),
        ("[{from: a.b, to: c.d, when: x}]", "t.yaml:1:29: when: expected {column"),
        ("[{form: a.b, to: c.d}]", "t.yaml:1:3: reference: unknown key 'form'"),
        ("{a.b: 5}", "t.yaml:1:7: target of the reference: expected a text"),
    ],
)
def test_a_wrong_reference_is_said_with_its_place(text: str, message: str):
    _, problems = references(text)
    assert problems[0].startswith(message)
    assert len(problems) == (2 if "form" in text else 1)
