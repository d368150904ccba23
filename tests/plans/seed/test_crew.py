"""Several processes that fill one database store what one process stores, and whoever comes next goes on there."""

from __future__ import annotations

import pytest
from tests.engines import Anywhere

from hotfixture.databases import open_database
from hotfixture.plans.seed import fill, read, spans
from hotfixture.plans.seed.calls import compare, seed, unseed
from hotfixture.plans.seed.fill import CancelledError

PLAN = """
tables:
  - name: people
    count: 3000
    columns:
      - {name: id, type: bigint, primary_key: true}
      - {name: boss_id, references: people.id}
      - {name: full_name}
  - name: visits
    count: 7000
    columns:
      - {name: person_id, references: people.id}
      - {name: seen_at, every: 1h, start: 2024-03-04}
"""


def _stored(url: str) -> list[tuple[object, ...]]:
    with open_database(url) as database:
        return database.fetch("SELECT person_id, seen_at FROM visits ORDER BY seen_at")


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (spans, fill):
        monkeypatch.setattr(module, "PART", 1000)


def test_two_processes_store_what_one_stores(anywhere: Anywhere) -> None:
    one, two = anywhere.fresh(), anywhere.fresh()
    told: list[int] = []
    seed(PLAN, one)
    done = seed(PLAN, two, workers=2, batch_size=300, progress=lambda _, rows: told.append(rows))
    assert done.rows == {"people": 3000, "visits": 7000}
    assert sum(told) == 10_000
    assert _stored(one) == _stored(two)
    assert [found for found in compare(PLAN, two) if not found.holds] == []
    assert seed(PLAN, two, append={"visits": 1500}).rows["visits"] == 1500
    assert len(set(_stored(two))) == 8500
    assert unseed(PLAN, two).rows == {"people": 3000, "visits": 8500}
    assert _stored(two) == []


@pytest.mark.parametrize("workers", [1, 3])
def test_what_several_processes_left_half_done_any_number_finishes(
    postgresql_url: str, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = 0

    def progress(_table: str, rows: int) -> None:
        nonlocal stored
        stored += rows

    monkeypatch.setattr(spans, "PART", 200)
    with pytest.raises(CancelledError):
        seed(PLAN, postgresql_url, workers=2, batch_size=20, progress=progress, cancelled=lambda: stored > 3500)
    before = len(_stored(postgresql_url))
    assert 0 < before < 7000
    done = seed(PLAN, postgresql_url, workers=workers)
    assert done.rows["visits"] == 7000 - before
    assert len(set(_stored(postgresql_url))) == 7000


def test_what_several_processes_left_half_done_is_removed_whole(
    mariadb_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = 0

    def progress(_table: str, rows: int) -> None:
        nonlocal stored
        stored += rows

    monkeypatch.setattr(spans, "PART", 200)
    with pytest.raises(CancelledError):
        seed(PLAN, mariadb_url, workers=2, batch_size=20, progress=progress, cancelled=lambda: stored > 3500)
    before = len(_stored(mariadb_url))
    assert 0 < before < 7000
    assert unseed(PLAN, mariadb_url).rows["visits"] == before
    assert _stored(mariadb_url) == []


def test_spans_that_are_stored_and_those_to_come_are_the_whole_table() -> None:
    table = read(PLAN).table("visits")
    for marks in ({}, {"visits": 2300}, {"visits": 500, "visits part 0": 700, "visits part 6": 6400}):
        inside = [*spans.stored(table, marks), *spans.parts(table, marks)]
        rows = [row for span in inside for row in range(span.first, span.last)]
        assert sorted(rows) == list(range(7000))
