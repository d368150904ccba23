"""The servers that the suite starts for itself."""

from __future__ import annotations

import pytest
from tests.servers import rows, run_script

URLS = ["postgresql_url", "mariadb_url", "sqlite_url", "postgresql_plain_url", "mariadb_plain_url"]


@pytest.mark.parametrize("name", URLS)
def test_every_test_finds_an_empty_database_that_it_can_fill(name: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(name)
    for value in ("first", "second"):
        run_script(url, f"CREATE TABLE t (v varchar(10)); INSERT INTO t VALUES ('{value}'); DROP TABLE t;")
    run_script(url, "CREATE TABLE t (v varchar(10)); INSERT INTO t VALUES ('a;b'), (NULL);")
    assert [tuple(row) for row in rows(url, "SELECT v FROM t")] == [("a;b",), (None,)]


@pytest.mark.parametrize("name", URLS)
def test_a_script_that_fails_is_an_error(name: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(RuntimeError, match="nowhere"):
        run_script(request.getfixturevalue(name), "SELECT * FROM nowhere;")


def test_the_plain_account_has_no_right_to_read_files(postgresql_plain_url: str, mariadb_plain_url: str) -> None:
    with pytest.raises(Exception, match="permission denied"):
        rows(postgresql_plain_url, "SELECT pg_read_file('/etc/hostname')")
    assert rows(mariadb_plain_url, "SELECT load_file('/etc/hostname')") == [(None,)]
