"""A daemon of the tests' own making, and a machine without anybody's settings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.client.daemon import Daemon, running

from hotfixture.client import Client


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of the test's own, without anything of the environment."""
    for name in [name for name in os.environ if name.startswith("HFIT_") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    for kind in ("CONFIG", "STATE", "DATA"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return tmp_path


@pytest.fixture(scope="session")
def one_daemon() -> Iterator[Daemon]:
    """One server for all tests."""
    with running() as daemon:
        yield daemon


@pytest.fixture
def daemon(one_daemon: Daemon) -> Daemon:
    """It, with nothing answered and nothing seen yet."""
    one_daemon.answers, one_daemon.seen = {}, []
    return one_daemon


@pytest.fixture
def client(daemon: Daemon) -> Iterator[Client]:
    """A client with a token."""
    with Client(daemon.url, token="hft_a") as made:
        yield made
