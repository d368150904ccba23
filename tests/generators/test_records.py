"""Rows whose columns agree."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pytest

from hotfixture.draws import Draw, Draws
from hotfixture.errors import UnknownNameError
from hotfixture.generators import pools
from hotfixture.generators.records import Records, _narrowed, together
from hotfixture.generators.vocabularies import vocabulary

DRAWS = Draws.from_rows(1, "records", 0, 8_000)
COLUMNS = {"name": pools.Pool(["a", "b", "c"]), "kind": pools.Pool(["x", "y", "y"]), "size": pools.Pool([1, 2, 3])}


@pytest.fixture
def planets(monkeypatch):
    """A function that makes Records of columns given by hand."""

    def made(columns):
        _narrowed.cache_clear()
        monkeypatch.setattr("hotfixture.generators.records.table", lambda _: columns)
        return Records("nowhere/at_all", lane=21, source="a test", by=("kind",))

    yield made
    _narrowed.cache_clear()


def test_a_struct_has_the_types_of_its_columns_and_only_rows_of_the_file(planets):
    made = planets(COLUMNS).record("t.planet", "name size", doc="A planet.")
    assert made.arrow_type() == pa.struct([("name", pa.string()), ("size", pa.int64())])
    assert {(row["name"], row["size"]) for row in made(DRAWS).to_pylist()} == {("a", 1), ("b", 2), ("c", 3)}
    assert made.capacity() == 3
    assert not made.holds({"name": "a", "size": 2})


def test_a_column_is_that_of_the_struct_of_the_same_draws(planets):
    records = planets(COLUMNS)
    rows = records.record("t.planet", "name kind", doc="A.")(DRAWS).to_pylist()
    assert records.column("t.name", "name", doc="B.")(DRAWS).to_pylist() == [row["name"] for row in rows]


def test_an_option_narrows_the_lines_whatever_its_case(planets):
    made = planets(COLUMNS).column("t.name", "name", doc="A.")
    assert set(made(DRAWS, kind="Y").to_pylist()) == {"b", "c"}
    assert made.capacity(kind="x") == 1
    assert not made.holds("a", kind="y")
    with pytest.raises(UnknownNameError, match="kind"):
        made(DRAWS, kind="z")


def test_weights_decide_how_often_a_line_comes_also_among_those_left(planets):
    made = planets({**COLUMNS, "weight": pools.Pool([8, 1, 3])}).column("t.name", "name", doc="A.")
    counts = Counter(made(DRAWS).to_pylist())
    assert 0.64 < counts["a"] / 8_000 < 0.69
    counts = Counter(made(DRAWS, kind="y").to_pylist())
    assert 0.72 < counts["c"] / 8_000 < 0.78


def test_another_line_is_never_the_same_one(planets):
    records = planets(COLUMNS)
    first = records.index(DRAWS)
    second = records.another(DRAWS, first, 22)
    assert not (first == second).any()
    assert set(second.tolist()) == {0, 1, 2}
    one = Draw(int(DRAWS.bits[5]))
    assert records.another(one, records.index(one), 22) == second[5]


def test_structs_of_generators_hold_what_each_makes_of_the_same_draws():
    word = vocabulary("t.word", "health/symptom", doc="A.")
    other = vocabulary("t.other", "health/allergy", doc="B.")
    made = together("t.both", {"one": word, "two": other}, doc="C.", agrees=lambda value: value["one"] != "cough")
    rows = made(DRAWS).to_pylist()
    assert [row["one"] for row in rows] == word(DRAWS).to_pylist()
    assert [row["two"] for row in rows] == other(DRAWS).to_pylist()
    assert made.holds({"one": "fever", "two": "fish"})
    assert not made.holds({"one": "cough", "two": "fish"})
    assert not made.holds({"one": "fish", "two": "fever"})
