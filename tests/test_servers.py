"""The servers that the suite starts for itself."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from tests.document_servers import MongoDB, Redis, RedisCluster
from tests.servers import rows, run_script

URLS = ["postgresql_url", "mariadb_url", "sqlite_url", "postgresql_plain_url", "mariadb_plain_url"]


@pytest.mark.parametrize("name", URLS)
def test_every_test_finds_an_empty_database_that_it_can_fill(name: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(name)
    for value in ("first", "second"):
        run_script(url, f"CREATE TABLE t (v varchar(10)); INSERT INTO t VALUES ('{value}'); DROP TABLE t;")
    run_script(url, "CREATE TABLE t (v varchar(10)); INSERT INTO t VALUES ('a;b'), (NULL);")
    assert [tuple(row) for row in rows(url, "SELECT v FROM t")] == [("a;b",), (None,)]


@pytest.mark.parametrize("number", [1, 2])
def test_every_test_finds_an_empty_document_database(
    number: int, mongodb_server: MongoDB, mongodb_url: str, redis_server: Redis, redis_url: str
) -> None:
    with mongodb_server.client() as client:
        collection = client[urlsplit(mongodb_url).path[1:]].things
        assert collection.count_documents({}) == 0
        collection.insert_one({"number": number})
    with redis_server.client(redis_url) as client:
        assert client.dbsize() == 0
        client.set("number", number)


@pytest.mark.parametrize("number", [1, 2])
def test_a_cluster_spreads_keys_over_three_nodes(
    number: int, redis_cluster: RedisCluster, redis_cluster_url: str
) -> None:
    with redis_cluster.client() as client:
        assert client.dbsize(target_nodes="primaries") == 0
        for key in range(100):
            client.set(f"key:{key}", number)
        sizes = [client.dbsize(target_nodes=node) for node in client.get_primaries()]
    assert len(sizes) == 3
    assert all(sizes)


@pytest.mark.parametrize("name", URLS)
def test_a_script_that_fails_is_an_error(name: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(RuntimeError, match="nowhere"):
        run_script(request.getfixturevalue(name), "SELECT * FROM nowhere;")


def test_the_plain_account_has_no_right_to_read_files(postgresql_plain_url: str, mariadb_plain_url: str) -> None:
    with pytest.raises(Exception, match="permission denied"):
        rows(postgresql_plain_url, "SELECT pg_read_file('/etc/hostname')")
    assert rows(mariadb_plain_url, "SELECT load_file('/etc/hostname')") == [(None,)]


@pytest.mark.parametrize("number", [1, 2])
def test_every_test_finds_an_empty_project_of_firestore(number: int, firestore_project: str) -> None:
    from google.cloud import firestore

    things = firestore.Client(project=firestore_project).collection("things")
    assert list(things.stream()) == []
    things.document("one").set({"number": number})
    assert things.document("one").get().to_dict() == {"number": number}
