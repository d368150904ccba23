"""What a server does for a connection ends when another thread says so."""

from __future__ import annotations

import threading
import time

import pytest

from hotfixture.databases import open_database
from hotfixture.errors import DatabaseError

LONG = {
    "postgresql": "SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b",
    "mariadb": "SELECT count(*) FROM seq_1_to_100000 a, seq_1_to_100000 b",
}


@pytest.mark.servers
@pytest.mark.parametrize("engine", ["postgresql", "mariadb"])
def test_a_statement_that_is_interrupted_fails_at_once(request: pytest.FixtureRequest, engine: str) -> None:
    with open_database(request.getfixturevalue(f"{engine}_url")) as database, database.snapshot():
        timer = threading.Timer(0.5, database.interrupt)
        timer.start()
        begun = time.monotonic()
        with pytest.raises(DatabaseError):
            database.fetch(LONG[engine])
        assert 0.4 < time.monotonic() - begun < 5
        timer.join()


@pytest.mark.servers
@pytest.mark.parametrize("engine", ["postgresql", "mariadb", "sqlite"])
def test_interrupting_a_connection_that_is_closed_does_no_harm(request: pytest.FixtureRequest, engine: str) -> None:
    database = open_database(request.getfixturevalue(f"{engine}_url"), write=engine == "sqlite")
    assert database.fetch("SELECT 1")[0][0] == 1
    database.close()
    database.interrupt()
