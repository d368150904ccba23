"""Daemons, and people with keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.server.gateway.identity.running import Daemon

from hotfixture.identity import keys
from hotfixture.identity.private import PrivateKey
from hotfixture.server.gateway import app
from hotfixture.server.gateway.actors import system
from hotfixture.server.gateway.identity import accounts, known

Start = Callable[..., Daemon]
DaemonPair = tuple[Daemon, Daemon]


def fresh_key() -> PrivateKey:
    """A new private key."""
    made = Ed25519PrivateKey.generate()
    return PrivateKey(keys.of_key(made.public_key()), made)


@pytest.fixture(autouse=True)
def _a_short_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Daemons look at the mark five times a second, so that tests wait less for it."""
    monkeypatch.setattr(known, "FRESH", 0.2)


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts daemons on one folder, and stops them."""
    monkeypatch.setattr(app, "MODULES", ("identity",))
    running: list[Daemon] = []

    def one(store: str = "", **more: Any) -> Daemon:
        running.append(Daemon(tmp_path, store, **more))
        return running[-1]

    yield one
    for daemon in running:
        daemon.stop()


@pytest.fixture
def daemon(start: Start) -> Daemon:
    """One daemon on an empty store."""
    return start()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def two(request: pytest.FixtureRequest, start: Start) -> tuple[Daemon, Daemon]:
    """Two daemons on one store."""
    url = request.getfixturevalue("postgresql_url") if request.param == "postgresql" else ""
    return start(url), start(url)


@pytest.fixture
def dev(daemon: Daemon) -> PrivateKey:
    """The key of dev@example.com, a developer of the team payments."""
    key = fresh_key()
    accounts.add_user(daemon.state, system(), "dev@example.com", teams=["payments"], keys=[key.public])
    return key


@pytest.fixture
def admin(daemon: Daemon) -> str:
    """A session's token of root@example.com, an administrator."""
    key = fresh_key()
    accounts.add_user(daemon.state, system(), "root@example.com", roles=["admin"], keys=[key.public])
    return daemon.token(key, "root@example.com")
