"""Backups of MongoDB and Redis: every type comes back, and what is another's in the scratch database stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from bson import Binary, Decimal128, Int64, ObjectId, Regex
from pymongo import MongoClient
from tests.plans.test_backup import repacked

from hotfixture.databases import open_backup
from hotfixture.errors import PackageError, RefusedError, UnsupportedError
from hotfixture.plans.backup import backup, restore


@pytest.fixture
def documents(mongodb_url: str) -> Iterator[Any]:
    """A database of MongoDB with every type, indexes, a view and options."""
    with MongoClient[dict[str, Any]](mongodb_url) as client:
        database = client.get_default_database()
        kinds = [
            None,
            True,
            1,
            Int64(2),
            0.5,
            "ü\0",
            Decimal128("1.50"),
            Binary(b"\0\xff"),
            Regex("^a", "i"),
            [{"a": 1}],
        ]
        moment = dt.datetime(2024, 2, 29)  # noqa: DTZ001 - as the driver reads it
        database["kinds"].insert_many([{"_id": number, "v": value} for number, value in enumerate([*kinds, moment])])
        database["people"].insert_many([{"_id": ObjectId(), "mail": f"wilhelmine{n}@example"} for n in range(500)])
        database["people"].create_index("mail", unique=True)
        database.create_collection("log", capped=True, size=4096)
        database.create_collection("empty/odd $name".replace("$", "§"))
        database.create_collection("mails", viewOn="people", pipeline=[{"$project": {"mail": 1}}])
        yield database


def contents(url: str) -> list[Any]:
    """All that is compared."""
    with open_backup(url) as database:
        return list(database.contents())


def test_documents_come_back(documents: Any, mongodb_url: str, mongodb_server: Any, tmp_path: Path) -> None:
    names = set(documents.client.list_database_names())
    made = backup(mongodb_url, tmp_path / "backup")
    assert made.verified
    assert {table.name: table.rows for table in made.tables}["people"] == 500
    assert set(documents.client.list_database_names()) == names
    other = mongodb_server.fresh_database()
    assert restore(other, tmp_path / "backup") == made
    assert contents(other) == contents(mongodb_url)
    documents["people"].delete_one({})
    documents["stranger"].insert_one({})
    with pytest.raises(RefusedError, match="not empty"):
        restore(mongodb_url, tmp_path / "backup")
    restore(mongodb_url, tmp_path / "backup", replace=True)
    assert contents(other) == contents(mongodb_url)
    mongodb_server.drop(other)


def test_a_tampered_document_is_found(documents: Any, mongodb_url: str, mongodb_server: Any, tmp_path: Path) -> None:
    for name in ("kinds", "log", "empty/odd §name", "mails"):
        documents.drop_collection(name)
    backup(mongodb_url, tmp_path / "backup")
    repacked(tmp_path / "backup", lambda data: data.replace(b"wilhelmine77", b"wilhelmina77"), "people.bson")
    other = mongodb_server.fresh_database()
    with pytest.raises(PackageError, match=r"people: 500 rows as expected, but not the same ones\n.*cannot undo"):
        restore(other, tmp_path / "backup")
    mongodb_server.drop(other)


@pytest.fixture
def keys(redis_url: str) -> Iterator[Any]:
    """A numbered database with every kind of value, some of which expire."""
    with redis.Redis.from_url(redis_url) as client:
        client.set("text", b"\0\xff")
        client.set("passing", "by", ex=1000)
        client.hset("hash", mapping={"a": "1", "ü": ""})
        client.rpush("list", *range(300))
        client.sadd("set", *range(300))
        client.zadd("zset", {"a": 0.1, "b": float("inf")})
        client.xadd("stream", {"k": "v"})
        yield client


def test_keys_come_back(keys: Any, redis_url: str, redis_server: Any, tmp_path: Path) -> None:
    made = backup(redis_url, tmp_path / "backup")
    assert made.verified
    assert [table.rows for table in made.tables if table.expires] == [1]
    with redis.Redis.from_url(urlsplit(redis_url)._replace(path="/9999").geturl()) as scratch:
        assert scratch.dbsize() == 0
    other = redis_server.fresh_database()
    assert restore(other, tmp_path / "backup") == made
    with redis.Redis.from_url(other) as found:
        assert 0 < found.ttl("passing") <= 1000
        found.set("stranger", 1)
        with pytest.raises(RefusedError, match="not empty"):
            restore(other, tmp_path / "backup")
        restore(other, tmp_path / "backup", replace=True)
        assert not found.exists("stranger")
        found.flushdb()


def test_both_protocols_of_redis_give_the_same_digests(keys: Any, redis_url: str) -> None:
    assert len(contents(redis_url)) == 7
    assert contents(f"{redis_url}?protocol=3") == contents(f"{redis_url}?protocol=2")


def test_keys_that_expire_meanwhile_do_no_harm(keys: Any, redis_url: str, redis_server: Any, tmp_path: Path) -> None:
    keys.set("brief", "x", px=1)
    made = backup(redis_url, tmp_path / "backup")
    other = redis_server.fresh_database()
    assert restore(other, tmp_path / "backup") == made
    redis_server.drop(other)


def test_a_database_in_use_is_no_scratch(keys: Any, redis_url: str, tmp_path: Path) -> None:
    with redis.Redis.from_url(urlsplit(redis_url)._replace(path="/9999").geturl()) as used:
        used.set("mine", 1)
        assert backup(redis_url, tmp_path / "backup").verified
        assert used.keys() == [b"mine"]
        used.flushdb()


def test_a_tampered_key_is_found(keys: Any, redis_url: str, redis_server: Any, tmp_path: Path) -> None:
    backup(redis_url, tmp_path / "backup")
    repacked(tmp_path / "backup", lambda data: data.replace(b"hash\xff", b"hasx\xff"))
    other = redis_server.fresh_database()
    with pytest.raises(PackageError, match="hash: 1 rows as expected, but not the same ones"):
        restore(other, tmp_path / "backup")
    redis_server.drop(other)


def test_a_cluster_is_proved_elsewhere(redis_cluster_url: str, redis_url: str, tmp_path: Path) -> None:
    with redis.RedisCluster.from_url(redis_cluster_url) as client:
        for number in range(50):
            client.set(f"key{number}", number)
    with pytest.raises(UnsupportedError, match=r"one database only.*\n.*--scratch"):
        backup(redis_cluster_url, tmp_path / "backup")
    made = backup(redis_cluster_url, tmp_path / "backup", scratch=redis_url)
    assert made.rows == 50
    with redis.Redis.from_url(redis_url) as scratch:
        assert scratch.dbsize() == 0
    assert restore(redis_cluster_url, tmp_path / "backup", replace=True) == made
