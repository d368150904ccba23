"""A template is read whole, or refused with everything that is wrong with it, each at its place."""

from __future__ import annotations

import timeit
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotfixture.documents import place
from hotfixture.errors import InputError
from hotfixture.plans.exports import DdlExport, FilesExport, QueryExport, SubsetExport
from hotfixture.plans.template import from_text, holes, load

INCIDENT = """\
templateName: payment-incident
description: Everything about some customers around an incident
parameters:
  customer_ids: {type: list[integer], description: affected customers}
  start_time:   {type: timestamp}
  end_time:     {type: timestamp}
prepare:
  - {setVar: account_ids, provider: PROD, query: "SELECT account_id FROM customers WHERE id IN (${customer_ids})"}
exports:
  customers:
    type: subset
    provider: PROD
    root: customers
    where: id IN (${customer_ids})
    include: {orders: {where: "created_at BETWEEN ${start_time} AND ${end_time}", limit: 1000}, order_lines: {}}
  recent_logins:
    provider: PROD
    query: |
      SELECT * FROM logins
       WHERE customer_id IN (${customer_ids})
         AND account_id IN (${account_ids}) LIMIT 500
  schema: {type: ddl, provider: PROD, option: if-not-exists}
  invoices: {type: files, volume: invoices, path: "${customer_ids}/*.pdf"}
masks:
  support_notes.body: scrub
  users.phone: {keep_last: 4}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        from_text(text, "t.yaml")
    return [str(problem).partition("\n")[0] for problem in caught.value.problems]


def minimal(more: str, exports: str = "{q: {provider: P, query: SELECT 1}}") -> str:
    return f"name: t\nexports: {exports}\n{more}"


def test_every_part_of_a_template_is_read(tmp_path: Path):
    (tmp_path / "t.yaml").write_text(INCIDENT)
    template = load(tmp_path / "t.yaml")
    assert template.name == "payment-incident"
    assert template.declares
    assert {name: str(parameter.type) for name, parameter in template.parameters.items()} == {
        "customer_ids": "list[integer]", "start_time": "timestamp", "end_time": "timestamp",
    }  # fmt: skip
    assert [(p.name, str(p.provider)) for p in template.prepare] == [("account_ids", "PROD")]
    kinds = [type(export) for export in template.exports.values()]
    assert kinds == [SubsetExport, QueryExport, DdlExport, FilesExport]
    assert {name: node.plain() for name, node in template.masks.items()} == {
        "support_notes.body": "scrub",
        "users.phone": {"keep_last": 4},
    }
    assert list(template.uses) == ["customer_ids", "start_time", "end_time", "account_ids"]


def test_every_element_has_its_place():
    template = from_text(INCIDENT, "t.yaml")
    assert str(template.exports["recent_logins"].where) == "t.yaml:16:3"
    assert str(template.prepare[0].where) == "t.yaml:8:14"
    assert str(template.mask_places["users.phone"]) == "t.yaml:26:3"
    assert str(template.uses["account_ids"]) == "t.yaml:21:29"
    assert str(place(template.exports["recent_logins"].query, 2, 8)) == "t.yaml:20:14"


@pytest.mark.parametrize("key", ["templateName", "template_name", "template-name", "name", "NAME"])
def test_keys_are_known_in_the_spellings_of_other_tools(key: str):
    prepare = "[{set_var: v, provider: P, query: SELECT 1}]"
    template = from_text(f"{key}: t\nEXPORTS: {{q: {{Provider: P, sql: SELECT 1}}}}\nprepare: {prepare}")
    assert (template.name, template.prepare[0].name) == ("t", "v")


def test_a_template_without_parameters_uses_what_it_likes():
    template = from_text(minimal("", "{q: {provider: P, query: 'SELECT ${b} + ${a} + ${b}'}}"))
    assert not template.declares
    assert list(template.uses) == ["b", "a"]


def test_an_empty_declaration_declares_no_parameter():
    assert from_text("name: t\nparameters: {}\nexports: {q: {provider: P, query: SELECT 1}}").declares


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("parametres: {a: text}", "t.yaml:3:1: the template: unknown key 'parametres'"),
        ("prepare: [{setVar: x, query: SELECT 1}]", "t.yaml:3:11: preparation: 'provider' is missing"),
        ("prepare: [{setVar: a b, provider: P, query: SELECT 1}]", "t.yaml:3:20: setVar 'a b': expected a name"),
        (
            "prepare: [{setVar: row_limit, provider: P, query: SELECT 1}]",
            "t.yaml:3:20: setVar 'row_limit': expected a name",
        ),
        ("masks: {email: email}", "t.yaml:3:9: mask 'email': expected table.column"),
        ("masks: [a.b]", "t.yaml:3:8: masks: expected a mapping, found a list"),
        (
            "formats: [csv, parkuet]",
            "t.yaml:3:16: format: expected one of sql, csv, json, ndjson, parquet; unknown word",
        ),
        ("description: 5", "t.yaml:3:14: description: expected a text, found an integer"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(more: str, message: str):
    assert [found[: len(message)] for found in problems(minimal(more))] == [message]


@pytest.mark.parametrize("name", ["a/b", "..", "CON", "a b", "x.", "-", "'a:b'", "5"])
def test_a_name_that_is_no_file_name_is_refused(name: str):
    if name == "-":
        from_text(f"name: '{name}x'\nexports: {{}}")
        return
    assert "templateName" in problems(f"name: {name}\nexports: {{q: {{provider: P, query: SELECT 1}}}}")[0]


def test_all_problems_come_at_once_in_the_order_of_the_file():
    text = """\
name: a/b
parameters: {a: {type: intger}}
prepare: [{setVar: y, provider: P}]
exports:
  q: {query: "SELECT ${aa}", provider: P, tabel: x}
  g: {}
references: [a.b]
masks: {x: y}
"""
    places = ["1:7", "2:24", "3:11", "5:22", "5:43", "6:3", "7:14", "8:9"]
    assert [found.split(": ")[0] for found in problems(text)] == [f"t.yaml:{place}" for place in places]


def test_a_mistyped_parameter_is_answered_with_the_nearest():
    with pytest.raises(InputError, match=r"t\.yaml:4:5: unknown parameter 'customer_id'\n  Did you mean customer_ids"):
        from_text(
            'name: t\nparameters: {customer_ids: text}\nexports: {q: {provider: P, query: "\n    ${customer_id}"}}',
            "t.yaml",
        )


def test_a_variable_is_prepared_before_it_is_used():
    text = """\
name: t
parameters: {a: integer}
prepare:
  - {setVar: x, provider: P, query: "SELECT ${y}"}
  - {setVar: y, provider: P, query: "SELECT ${x} + ${a}"}
  - {setVar: a, provider: P, query: "SELECT 1"}
exports: {q: {provider: P, query: "SELECT ${x}, ${y}, ${row_limit}, ${table_size_factor}"}}
"""
    assert problems(text) == [
        "t.yaml:4:45: 'y' is prepared later than it is used here",
        "t.yaml:6:14: setVar 'a': a parameter has this name",
    ]


def test_only_a_date_range_has_parts():
    declared = "parameters: {p: date_range, i: integer}\n"
    query = "SELECT ${p.start}, ${p.end}, ${p.after}, ${p}, ${p.strt}, ${i.start}"
    found = problems(f"{declared}name: t\nexports: {{q: {{provider: P, query: '{query}'}}}}")
    assert [text.split(": ", 1)[1] for text in found] == [
        "unknown part of a date_range 'strt'", "only a date_range has a part 'start'; 'i' is integer",
    ]  # fmt: skip


def test_a_parameter_cannot_stand_for_a_name():
    exports = (
        "{q: {provider: '${p}', query: SELECT 1}, s: {type: subset, provider: P, root: '${t}'},"
        " f: {type: files, volume: '${v}', path: x}}"
    )
    assert len([found for found in problems(minimal("", exports)) if "a parameter cannot stand here" in found]) == 3


def test_holes_are_found_with_their_places_in_a_block():
    text = from_text(INCIDENT).exports["recent_logins"].query
    assert [(name, part, where[1:]) for name, part, where in holes(text)] == [
        ("customer_ids", "", (20, 30)), ("account_ids", "", (21, 29)),
    ]  # fmt: skip


def test_a_template_of_twenty_exports_is_read_in_20_ms():
    exports = "".join(f"  e{n}: {{provider: P, query: 'SELECT * FROM t{n} WHERE a IN (${{a}})'}}\n" for n in range(20))
    assert min(timeit.repeat(lambda: from_text(f"name: t\nexports:\n{exports}"), number=1, repeat=10)) < 0.02


@settings(deadline=None)
@given(st.text("{}[]:,- \n'\"$abnextypqu", max_size=80))
def test_any_text_is_a_template_or_an_input_error(text: str):
    try:
        from_text(f"name: t\nexports:\n  a: {text}\n")
    except InputError as error:
        assert all(problem.where for problem in error.problems)  # noqa: PT017 - either outcome is right
