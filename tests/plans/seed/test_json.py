"""Columns of JSON: values with parts become objects, in every engine and also where rows have none."""

from __future__ import annotations

import json
from pathlib import Path

import pymongo
from tests.engines import Anywhere
from tests.servers import run_script

from hotfixture.databases import open_database
from hotfixture.plans.seed import read
from hotfixture.plans.seed.calls import compare, seed
from hotfixture.plans.seed.files import Filing, write_files

PEOPLE = """
tables:
  people:
    count: 40
    columns:
      id: {type: integer, primary_key: true}
      person: {type: json, generator: person, nulls: 0.3}
      size: {type: jsonb, fields: {height: {type: integer, params: {low: 150, high: 200}}}}
"""


def test_a_generator_whose_values_have_parts_fills_a_column_of_json(anywhere: Anywhere) -> None:
    url = anywhere.fresh()
    assert seed(PEOPLE, url).rows == {"people": 40}
    assert [one for one in compare(PEOPLE, url) if not one.holds] == []


def test_objects_are_documents_in_mongodb_though_the_column_says_json(mongodb_url: str) -> None:
    seed(PEOPLE, mongodb_url)
    with pymongo.MongoClient(mongodb_url) as client:  # type: ignore[var-annotated]  # of plain documents
        found = list(client.get_default_database()["people"].find(sort=[("id", 1)]))
    planned = read(PEOPLE).table("people").batch(0, 40).to_pylist()
    assert [one["size"] for one in found] == [one["size"] for one in planned]
    assert [one["person"] is None for one in found] == [one["person"] is None for one in planned]


LISTS = """
tables:
  t:
    count: 30
    columns:
      id: {type: integer, primary_key: true}
      words: {type: "text[]", items: {generator: word}, size: 0..3, nulls: 0.2}
      numbers: {type: "bigint[]", items: {type: bigint, params: {high: 9}}, size: 1..2}
"""


def test_a_column_that_asks_for_an_array_gets_one_in_postgresql(postgresql_url: str) -> None:
    assert seed(LISTS, postgresql_url).rows == {"t": 30}
    assert [one for one in compare(LISTS, postgresql_url) if not one.holds] == []
    _holds_arrays(postgresql_url)


def test_a_script_for_postgresql_has_the_same_arrays(postgresql_url: str, tmp_path: Path) -> None:
    (name,) = write_files(read(LISTS), tmp_path, Filing("sql"))
    run_script(postgresql_url, (tmp_path / name).read_text(encoding="utf-8"))
    _holds_arrays(postgresql_url)


def _holds_arrays(url: str) -> None:
    planned = read(LISTS).table("t").batch(0, 30).to_pylist()
    with open_database(url) as database:
        types = {column.name: column.native for column in database.inspect().find("t").columns}
        found = database.fetch("SELECT cardinality(words), numbers[1] FROM t ORDER BY id")
    assert (types["words"], types["numbers"]) == ("text[]", "bigint[]")
    sizes = [(None if row["words"] is None else len(row["words"]), row["numbers"][0]) for row in planned]
    assert [tuple(None if one is None else int(str(one)) for one in row) for row in found] == sizes


def test_texts_that_spell_json_fill_a_column_of_json() -> None:
    text = "tables: {t: {count: 9, columns: {c: {type: json, generator: integer}, d: {type: json, value: '[]'}}}}\n"
    assert all(json.loads(one) >= 0 for one in read(text).table("t").batch(0, 9)["c"].to_pylist())
