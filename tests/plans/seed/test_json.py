"""Columns of JSON: values with parts become objects, in every engine and also where rows have none."""

from __future__ import annotations

import json

import pymongo
from tests.engines import Anywhere

from hotfixture.plans.seed import read
from hotfixture.plans.seed.calls import compare, seed

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


def test_texts_that_spell_json_fill_a_column_of_json() -> None:
    text = "tables: {t: {count: 9, columns: {c: {type: json, generator: integer}, d: {type: json, value: '[]'}}}}\n"
    assert all(json.loads(one) >= 0 for one in read(text).table("t").batch(0, 9)["c"].to_pylist())
