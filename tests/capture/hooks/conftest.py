"""Fixtures of the tests of hooks: a server, and a session that records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.capture.hooks.recorder import Recorder
from tests.capture.hooks.server import Certificate, Server

from hotfixture.capture import hooks


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server without TLS."""
    hooks.install()
    made = Server()
    yield made
    made.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """What the server with TLS shows."""
    return Certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def secure(certificate: Certificate) -> Iterator[Server]:
    """A server with TLS."""
    hooks.install()
    made = Server(certificate.server())
    yield made
    made.close()


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorder]:
    """A session of this test."""
    hooks.install()
    made = Recorder(tmp_path)
    yield made
    made.session.close()
