"""Exports in every form that a template may give them."""

from __future__ import annotations

import pytest

from hotfixture.documents import Reader, parse
from hotfixture.files.formats import FileFormat
from hotfixture.plans.exports import DdlExport, FilesExport, QueryExport, SubsetExport, read_exports


def exports(text: str, formats: tuple[FileFormat, ...] = ()) -> tuple[dict, list[str]]:
    reader = Reader()
    found = read_exports(reader, parse(text, "t.yaml"), formats)
    return found, [str(problem).partition("\n")[0] for problem in reader.problems]


def export(text: str):
    found, problems = exports(f"x: {text}")
    assert not problems
    return found["x"]


def test_a_query_loads_into_the_table_of_its_name_or_another():
    assert export("{provider: P, query: SELECT 1}").table == "x"
    assert export("{type: query, provider: P, query: SELECT 1, table: s.y}").table == "s.y"


def test_formats_are_the_templates_own_or_the_exports():
    text = "{a: {provider: P, query: SELECT 1}, b: {provider: P, query: SELECT 1, format: parquet}}"
    found, _ = exports(text, (FileFormat("csv"),))
    assert (found["a"].formats, found["b"].formats) == ((FileFormat("csv"),), (FileFormat("parquet"),))


@pytest.mark.parametrize(
    ("written", "formats"),
    [
        ("sql", ()),
        ("[sql, CSV]", (FileFormat("csv"),)),
        ("{csv: {spreadsheet: true}, json: }", (FileFormat("csv", {"spreadsheet": True}), FileFormat("json"))),
        ("[parquet: {rowGroup: 5}, ndjson]", (FileFormat("parquet", {"row_group": 5}), FileFormat("ndjson"))),
    ],
)
def test_formats_may_have_options(written: str, formats: tuple[FileFormat, ...]):
    assert export(f"{{provider: P, query: SELECT 1, formats: {written}}}").formats == formats


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("{csv: {spreadshet: true}}", "format 'csv': unknown key 'spreadshet'"),
        ("{csv: {text_numbers: true}}", "format 'csv': unknown key 'text_numbers'"),
        ("{json: {text_numbers: 1}}", "text_numbers of format 'json': expected true or false, found an integer"),
        ("{parquet: {row_group: 0}}", "row_group of format 'parquet': expected 1 to …, found 0"),
        ("{xls: }", "format: expected one of sql, csv, json, ndjson, parquet; unknown word 'xls'"),
        ("{sql: {inserts: true}}", "format 'sql': unknown key 'inserts'"),
    ],
)
def test_what_a_format_does_not_know_is_said(written: str, problem: str):
    _, problems = exports(f"x: {{provider: P, query: SELECT 1, formats: {written}}}")
    assert len(problems) == 1
    assert problem in problems[0]


def test_a_list_of_exports_is_read_as_a_mapping_is():
    found, problems = exports("[{name: a, provider: P, query: SELECT 1}, {name: b, type: ddl, provider: P}]")
    assert not problems
    assert [type(item) for item in found.values()] == [QueryExport, DdlExport]


def roots(text: str) -> list[tuple]:
    subset = export(f"{{type: subset, provider: P, {text}}}")
    assert isinstance(subset, SubsetExport)
    return [(str(root.table), root.condition and root.condition.value, root.limit) for root in subset.roots]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("root: a", [("a", None, None)]),
        ("root: a, where: b > 1, limit: 5", [("a", "b > 1", 5)]),
        ("roots: [a, b]", [("a", None, None), ("b", None, None)]),
        ("roots: {a: {where: x}, b: }", [("a", "x", None), ("b", None, None)]),
        ("roots: [{table: a, where: x, limit: 3}, b]", [("a", "x", 3), ("b", None, None)]),
    ],
)
def test_roots_are_one_or_several(text: str, expected: list):
    assert roots(text) == expected


def includes(text: str) -> list[tuple]:
    subset = export(f"{{type: subset, provider: P, root: r, include: {text}}}")
    return [
        (str(each.table), each.condition and each.condition.value, each.limit, each.per_parent, each.via, each.all)
        for each in subset.include
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{a: {}, b: }", [("a", None, None, None, (), False), ("b", None, None, None, (), False)]),
        ("[a]", [("a", None, None, None, (), False)]),
        ("all", [("*", None, None, None, (), False)]),
        ("{'*': {perParent: 3}}", [("*", None, None, 3, (), False)]),
        ("{a: {where: x, limit: 1, per_parent: 2, via: d_id, all: true}}", [("a", "x", 1, 2, ("d_id",), True)]),
        ("[{table: a, limit: 4}]", [("a", None, 4, None, (), False)]),
    ],
)
def test_children_are_included_with_caps(text: str, expected: list):
    assert includes(text) == expected


def test_a_subset_has_bounds_and_exclusions():
    subset = export("{type: subset, provider: P, root: a, exclude: [audit_*, b], depth: 2}")
    assert ([str(table) for table in subset.exclude], subset.depth) == (["audit_*", "b"], 2)


def test_definitions_and_files_are_read():
    ddl = export("{type: ddl, provider: P, option: drop_create, includeIndexes: false, tables: [a]}")
    assert (ddl.option, ddl.include_indexes, [str(table) for table in ddl.tables]) == ("drop-create", False, ["a"])
    files = export("{type: files, volume: v, paths: ['${a}/*.pdf', x/**]}")
    assert isinstance(files, FilesExport)
    assert [str(path) for path in files.paths] == ["${a}/*.pdf", "x/**"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "t.yaml:1:1: export 'x': expected a 'query' or a 'type'"),
        ("5", "t.yaml:1:4: export 'x': expected a mapping, found an integer"),
        ("{type: subst, provider: P}", "t.yaml:1:11: type of export 'x': expected one of query, subset, ddl, files"),
        ("{query: SELECT 1}", "t.yaml:1:4: export 'x': 'provider' is missing"),
        ("{query: 5, provider: P}", "t.yaml:1:12: query of export 'x': expected a text, found an integer"),
        ("{type: subset, provider: P}", "t.yaml:1:1: export 'x': expected either 'root' or 'roots'"),
        (
            "{type: subset, provider: P, root: a, roots: [b]}",
            "t.yaml:1:1: export 'x': expected either 'root' or 'roots'",
        ),
        ("{type: subset, provider: P, roots: [b], where: x}", "t.yaml:1:51: export 'x': 'where' stands beside 'root'"),
        (
            "{type: subset, provider: P, root: a, depth: -1}",
            "t.yaml:1:48: depth of export 'x': expected 0 to …, found -1",
        ),
        (
            "{type: subset, provider: P, root: a, include: {b: {limt: 1}}}",
            "t.yaml:1:55: include 'b' of export 'x': unknown key 'limt'",
        ),
        (
            "{type: subset, provider: P, root: a, include: [{limit: 1}]}",
            "t.yaml:1:51: include of export 'x': 'table' is missing",
        ),
        ("{type: subset, provider: P, root: a, query: SELECT 1}", "t.yaml:1:41: export 'x': unknown key 'query'"),
        (
            "{type: ddl, provider: P, option: replace}",
            "t.yaml:1:37: option of export 'x': expected one of if-not-exists",
        ),
        ("{type: files, volume: v}", "t.yaml:1:4: export 'x': 'path' is missing"),
        ("{type: files, volume: v, path: ../a}", "t.yaml:1:35: path of export 'x': '..' is no safe file name"),
        ("{type: files, volume: v, path: /a}", "t.yaml:1:35: path of export 'x': '/a' is no path below its folder"),
    ],
)
def test_a_wrong_export_is_said_with_its_place(text: str, message: str):
    _, problems = exports(f"x: {text}")
    assert [problem[: len(message)] for problem in problems] == [message]


@pytest.mark.parametrize("name", ["a/b", "../x", "a:b", "x.", "''", "a\\b"])
def test_an_export_name_that_is_no_file_name_is_refused(name: str):
    _, problems = exports(f"{name}: {{provider: P, query: SELECT 1}}")
    assert "expected a name" in problems[0]


def test_a_key_stands_once_in_all_its_spellings():
    _, problems = exports("x: {provider: P, query: SELECT 1, sql: SELECT 2}")
    assert problems == ["t.yaml:1:35: export 'x': the key 'query' stands here twice, once as 'sql'"]
