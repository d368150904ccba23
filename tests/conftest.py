"""Fixtures for the whole suite: real servers, started on first use; one of each engine for each test process."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import settings
from tests.document_servers import MongoDB, Redis, RedisCluster
from tests.firestore import Firestore
from tests.servers import MariaDB, MissingServerError, PostgreSQL, Server

S = TypeVar("S", bound=Server)

settings.register_profile("suite", deadline=None)  # timings never decide a test
settings.load_profile("suite")

# Machines that say this mean programs that run once; here, hundreds of processes would compile the project anew.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
    sys.dont_write_bytecode = False

LONG = tuple(
    f"tests/{name}"
    for name in (
        "test_docs.py", "test_demo.py", "test_wheel.py", "test_pytest_plugin.py", "server/", "cli/",
        "capture/hooks/", "plans/", "databases/", "capture/test_",
        "transforms/test_evasion.py", "generators/test_laws.py",
    )
)  # fmt: skip
"""Where tests take seconds, those that take longest first."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config) -> None:
    """The order is ours: by themselves, the groups with most tests would come first."""
    config.option.loadscopereorder = False


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """For `--dist loadgroup`: what runs in one process, and in which order processes take it.

    Tests that share what their module has made run in one, else each would make it. Those that take milliseconds run
    module by module, since each group costs its handing out. They stand between the long ones, which wait for servers
    most of their time, and fill the end.
    """
    if not getattr(config.option, "loadgroup", False):
        return
    for item in items:
        known = item._fixtureinfo.name2fixturedefs if isinstance(item, pytest.Function) else {}
        shared = any(found[-1].scope == "module" for found in known.values())
        if (shared or not item.nodeid.startswith(LONG)) and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))
    long = sorted(filter(_place, items), key=_place)
    short = [item for item in items if not _place(item)]
    places = [0.9 * number / len(long) for number in range(len(long))]
    places += [number / len(short) for number in range(len(short))]
    items[:] = [item for _, item in sorted(zip(places, long + short, strict=True), key=lambda placed: placed[0])]


def _place(item: pytest.Item) -> int:
    """Where among the long ones a test stands; 0 for the others."""
    return next((number for number, name in enumerate(LONG, 1) if item.nodeid.startswith(name)), 0)


def _running(engine: type[S]) -> Iterator[S]:
    try:
        server = engine.start()
    except MissingServerError as error:
        if os.environ.get("CI"):
            pytest.fail(f"{engine.__name__}: {error}")
        pytest.skip(f"{engine.__name__}: {error}")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQL]:
    """A running PostgreSQL; `fresh_database()` gives the URL of an empty database."""
    yield from _running(PostgreSQL)


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariaDB]:
    """A running MariaDB; `fresh_database()` gives the URL of an empty database."""
    yield from _running(MariaDB)


@pytest.fixture(scope="session")
def mongodb_server() -> Iterator[MongoDB]:
    """A running MongoDB; `fresh_database()` gives the URL of an empty database."""
    yield from _running(MongoDB)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    """A running Redis; `fresh_database()` gives the URL of an empty numbered database."""
    yield from _running(Redis)


@pytest.fixture(scope="session")
def redis_cluster() -> Iterator[RedisCluster]:
    """A running Redis Cluster of three masters; `fresh_database()` empties it."""
    yield from _running(RedisCluster)


@pytest.fixture(scope="session")
def firestore_server() -> Iterator[Firestore]:
    """A running Firestore emulator; `fresh_database()` gives the name of an empty project."""
    yield from _running(Firestore)


@pytest.fixture
def firestore_project(firestore_server: Firestore, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty project of this test's own, in the emulator that FIRESTORE_EMULATOR_HOST points at."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore_server.url)
    return firestore_server.fresh_database()


@pytest.fixture
def postgresql_url(postgresql_server: PostgreSQL) -> Iterator[str]:
    """An empty PostgreSQL database of this test's own, as a superuser."""
    url = postgresql_server.fresh_database()
    yield url
    postgresql_server.drop(url)


@pytest.fixture
def mariadb_url(mariadb_server: MariaDB) -> Iterator[str]:
    """An empty MariaDB database of this test's own, as an account with all rights."""
    url = mariadb_server.fresh_database()
    yield url
    mariadb_server.drop(url)


@pytest.fixture
def postgresql_plain_url(postgresql_server: PostgreSQL) -> Iterator[str]:
    """An empty PostgreSQL database owned by an account without any other right."""
    url = postgresql_server.fresh_database(plain=True)
    yield url
    postgresql_server.drop(url)


@pytest.fixture
def mariadb_plain_url(mariadb_server: MariaDB) -> Iterator[str]:
    """An empty MariaDB database for an account that has rights on nothing else."""
    url = mariadb_server.fresh_database(plain=True)
    yield url
    mariadb_server.drop(url)


@pytest.fixture
def mongodb_url(mongodb_server: MongoDB) -> Iterator[str]:
    """A MongoDB database of this test's own."""
    url = mongodb_server.fresh_database()
    yield url
    mongodb_server.drop(url)


@pytest.fixture
def redis_url(redis_server: Redis) -> Iterator[str]:
    """An empty numbered Redis database of this test's own."""
    url = redis_server.fresh_database()
    yield url
    redis_server.drop(url)


@pytest.fixture
def redis_cluster_url(redis_cluster: RedisCluster) -> str:
    """An emptied Redis Cluster."""
    return redis_cluster.fresh_database()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite database file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'test.db'}"
