"""Replicas say how far they are behind, and packages are not made of what is too old."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from tests.server.gateway.sources.replicas import standby
from tests.servers import MariaDB, PostgreSQL, rows

from hotfixture.errors import DatabaseError
from hotfixture.server.gateway.places import Provider
from hotfixture.server.gateway.sources.lag import Replica, replica
from hotfixture.server.gateway.sources.opening import connected
from hotfixture.server.gateway.sources.trying import test_provider as tried
from hotfixture.server.gateway.sources.trying import told


@pytest.fixture
def behind(postgresql_server: PostgreSQL) -> Iterator[PostgreSQL]:
    with standby(postgresql_server) as made:
        yield made


def replayed(server: PostgreSQL) -> float | None:
    with connected(Provider("PROD", server.url), fresh=False) as database:
        found = replica(database)
    assert found.is_replica
    return found.lag


@pytest.mark.servers
def test_a_standby_says_how_far_behind_it_is(postgresql_server: PostgreSQL, behind: PostgreSQL):
    primary, copy = postgresql_server.url, behind.url
    provider = Provider("PROD", copy, max_lag=1.0)
    rows(primary, "CREATE TABLE lagging (n integer)")
    try:
        deadline = time.monotonic() + 40
        written = rows(primary, "SELECT pg_current_wal_insert_lsn()::text")[0][0]
        while not rows(copy, f"SELECT pg_last_wal_replay_lsn() >= '{written}'")[0][0]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        while replayed(behind) != 0:  # it has replayed all it received, however long ago that was written
            assert time.monotonic() < deadline
            time.sleep(0.05)
        with connected(provider) as database:
            assert database.fetch("SELECT count(*) FROM lagging") == [(0,)]
        rows(copy, "SELECT pg_wal_replay_pause()")
        rows(primary, "INSERT INTO lagging VALUES (1)")
        time.sleep(1.5)
        assert (replayed(behind) or 0) > 1
        refused = connected(provider)
        with pytest.raises(DatabaseError, match=r"PROD is \d+ seconds behind; its limit is 1"):
            refused.__enter__()
        assert "seconds behind" in tried(provider).problem
        assert "seconds behind" in told(provider).problem
        rows(copy, "SELECT pg_wal_replay_resume()")
        while replayed(behind) != 0:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        with connected(provider):
            pass
        rows(copy, "ALTER SYSTEM SET primary_conninfo = ''")
        rows(copy, "SELECT pg_reload_conf()")
        while not replayed(behind):  # cut off, it has replayed all it received, and knows nothing of what came since
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        rows(primary, "DROP TABLE lagging")


@pytest.mark.servers
def test_a_replica_that_does_not_run_does_not_say_and_is_refused(mariadb_server: MariaDB, mariadb_url: str):
    rows(mariadb_url, "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=9, MASTER_USER='nobody'")
    try:
        with connected(Provider("PROD", mariadb_url, max_lag=5.0), fresh=False) as database:
            assert replica(database) == Replica(True, None)
        refused = connected(Provider("PROD", mariadb_url, max_lag=5.0))
        with pytest.raises(DatabaseError, match="does not say how far it is behind"):
            refused.__enter__()
        with connected(Provider("PROD", mariadb_url)):  # without a limit nobody asks
            pass
    finally:
        rows(mariadb_url, "RESET SLAVE ALL")
    with connected(Provider("PROD", mariadb_url, max_lag=5.0)) as database:
        assert replica(database) == Replica(False, 0.0)


@pytest.mark.servers
def test_an_account_that_may_not_ask_is_told_so_only_where_a_limit_is_set(mariadb_plain_url: str):
    with connected(Provider("PROD", mariadb_plain_url)) as database:
        assert replica(database) == Replica(None, None)
    refused = connected(Provider("PROD", mariadb_plain_url, max_lag=5.0))
    with pytest.raises(DatabaseError, match="does not say"):
        refused.__enter__()
