"""Fixtures of the server's tests: one server for what disturbs nobody, others as a test needs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.server.served import Served


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with the default settings and hardly a rate limit."""
    limits = ["--rate-limit", "1000000/second", "--rate-limits", "seed=1000000/second"]
    server = Served(tmp_path_factory.mktemp("served"), *limits)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server whose jobs wait for ever; a job may have 2,500 rows."""
    server = Served(tmp_path_factory.mktemp("idle"), "--workers", "0", "--max-rows", "2500")
    yield server
    server.stop()


Serve = Callable[..., Served]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts servers of this test's own; each has a folder unless `folder` names one."""
    started: list[Served] = []

    def start(*flags: str, folder: str = "", **environment: str) -> Served:
        server = Served(tmp_path / (folder or f"server{len(started)}"), *flags, environment=environment)
        started.append(server)
        return server

    yield start
    for server in started:
        server.kill()
