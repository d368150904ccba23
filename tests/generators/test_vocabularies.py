"""Lists of words: one line of a file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from tests.generators.agreement import agreed

from hotfixture.draws import Draws
from hotfixture.generators import lanes, names, pools
from hotfixture.generators.pools import pool, table
from hotfixture.generators.vocabularies import vocabulary, weighted_vocabulary

DATA = Path(pools.__file__).with_name("data")
WEIGHTED = sorted(
    path.relative_to(DATA).with_suffix("").as_posix()
    for path in DATA.rglob("*.tsv")
    if path.read_text(encoding="utf-8").startswith("value\tweight\n")
)


def test_every_line_of_the_file_comes_and_nothing_else():
    counts = Counter(agreed("health.symptom", count=5_000))
    assert set(counts) == set(pool("health/symptom").lines)
    assert max(counts.values()) < 4 * min(counts.values())


def test_values_of_a_weighted_file_come_as_often_as_it_says():
    columns = table("health/blood_type")
    counts = Counter(agreed("health.blood_type", count=20_000))
    for value, weight in zip(columns["value"].lines, columns["weight"].lines, strict=True):
        share = weight / sum(columns["weight"].lines)
        assert abs(counts[value] / 20_000 - share) < 4 * (share * (1 - share) / 20_000) ** 0.5, value


def test_two_vocabularies_of_the_same_draws_are_independent():
    draws = Draws.from_rows(1, "vocabularies", 0, 10_000)
    first = vocabulary("t.first", "health/symptom", doc="A.")(draws).to_pylist()
    second = vocabulary("t.second", "health/symptom", doc="B.")(draws).to_pylist()
    same = sum(left == right for left, right in zip(first, second, strict=True))
    assert 60 < same < 10_000 / len(pool("health/symptom")) * 1.6


def test_a_value_of_weight_zero_never_comes_and_is_not_counted(monkeypatch):
    columns = {"value": pools.Pool(["a", "b", "c"]), "weight": pools.Pool([1, 0, 3])}
    monkeypatch.setattr("hotfixture.generators.vocabularies.table", lambda _: columns)
    made = weighted_vocabulary("t.weighted", "nowhere/at_all", doc="Some.")
    found = Counter(made(Draws.from_rows(1, "w", 0, 4_000)).to_pylist())
    assert set(found) == {"a", "c"}
    assert made.capacity() == 2
    assert not made.holds("b")


@pytest.mark.parametrize("place", WEIGHTED)
def test_weighted_files_have_distinct_values_and_whole_weights(place):
    columns = table(place)
    assert all(isinstance(weight, int) and weight >= 0 for weight in columns["weight"].lines)
    assert len(set(columns["value"].lines)) == len(columns["value"])


def test_no_two_generators_share_the_lane_of_their_name():
    assert len({lanes.own(name) for name in names()}) == len(names())
