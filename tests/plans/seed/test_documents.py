"""Plans into MongoDB and Redis: every row once, resumed after a break, grown, compared and removed."""

from __future__ import annotations

from typing import Any

import pymongo
import pytest
import redis
from tests.plans.seed.test_kinds import RICH

from hotfixture.errors import UnsupportedError
from hotfixture.plans.seed import read
from hotfixture.plans.seed.calls import compare, drafted, seed, unseed
from hotfixture.plans.seed.fill import CancelledError

KEYED = RICH.replace(
    "  - name: events\n", "  - name: events\n    redis: {kind: stream, key: 'events:${user_id}'}\n"
).replace(
    "  - name: readings\n",
    "  - name: readings\n    redis: {kind: zset, key: 'meter:${meter_id}', score: kwh, value: at}\n",
)
KEYED = KEYED.replace("decimal(8,3)", "double")  # a score is a double
NAMES = [table.name for table in read(KEYED).tables]


@pytest.fixture(params=["mongodb", "redis"])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


def test_a_plan_fills_a_store_and_a_second_run_adds_nothing(url: str) -> None:
    plan = read(KEYED)
    assert seed(plan, url).rows == {table.name: table.count for table in plan.tables}
    assert sum(seed(KEYED, url).rows.values()) == 0
    assert [one for one in compare(KEYED, url) if not one.holds] == []


def test_a_run_that_breaks_off_goes_on_where_it_was(url: str) -> None:
    stored = 0

    def progress(_table: str, rows: int) -> None:
        nonlocal stored
        stored += rows

    with pytest.raises(CancelledError):
        seed(KEYED, url, batch_size=170, progress=progress, cancelled=lambda: stored > 1500)
    assert sum(seed(KEYED, url, batch_size=90).resumed.values()) == stored
    assert [one for one in compare(KEYED, url) if not one.holds] == []


def test_unseeding_leaves_what_was_there_before(url: str) -> None:
    _strange(url)
    seed(KEYED, url)
    unseed(KEYED, url)
    assert _left(url) == 1


def _strange(url: str) -> None:
    if url.startswith("redis"):
        redis.Redis.from_url(url).set("own", "value")
    else:
        with pymongo.MongoClient(url) as client:
            client.get_default_database(_database(url))["users"].insert_one({"own": True})


def _left(url: str) -> int:
    if url.startswith("redis"):
        return len([key for key in redis.Redis.from_url(url).scan_iter() if not key.startswith(b"_mockcraft")])
    with pymongo.MongoClient(url) as client:
        database: Any = client.get_default_database(_database(url))
        return sum(database[name].count_documents({}) for name in NAMES)


def _database(url: str) -> str:
    return url.rpartition("/")[2].partition("?")[0]


def test_growth_keeps_what_was_there(url: str) -> None:
    seed(KEYED, url)
    assert seed(KEYED, url, append={"users": 40}).rows["users"] == 40
    assert [one for one in compare(KEYED, url) if not one.holds and "count" not in one.check] == []


def test_a_draft_of_collections_reads_and_seeds_others(mongodb_url: str) -> None:
    text = (
        "collections:\n  - name: people\n    count: 50\n    fields:\n"
        "      - {name: _id, type: objectid, primary_key: true}\n      - {name: email, unique: true}\n"
        "      - {name: home, fields: [{name: city}, {name: floor, type: integer}]}\n"
        "      - {name: tags, items: {values: [a, b]}}\n"
    )
    seed(text, mongodb_url)
    draft = drafted(mongodb_url, scale=2)
    plan = read(draft)
    assert plan.table("people").count == 100
    assert {"_id", "email", "home", "tags"} <= set(plan.table("people").columns)
    assert "@" not in draft, "no value of the database stands in a draft"
    seed(draft.replace("people", "others"), mongodb_url)
    assert [one for one in compare(draft.replace("people", "others"), mongodb_url) if not one.holds] == []


def test_a_store_without_collections_cannot_be_drafted(redis_url: str) -> None:
    with pytest.raises(UnsupportedError, match="nothing that could be drafted"):
        drafted(redis_url)
