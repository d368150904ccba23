"""The road of a package: asked for, built, scanned, ready, downloaded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.server.gateway.packages.production import PEOPLE, Desk, settings_of, settle
from tests.server.gateway.served import Served, serve

from hotfixture.server.gateway import packages


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A daemon's packages."""
    settings = settings_of(tmp_path_factory.mktemp("daemon"))
    with serve(settings, packages.OPERATIONS, PEOPLE, packages.lifespan) as found:
        settle(found.gateway.state)
        yield found


@pytest.fixture
def dev(served: Served) -> Iterator[Desk]:
    with served.as_("dev") as client:
        yield Desk(client)


def test_a_package_is_made_and_downloaded(dev: Desk) -> None:
    found = dev.ready()
    assert found["rows"] == 500
    answer = dev.download(found["id"])
    assert answer.status_code == 200
    assert hashlib.sha256(answer.content).hexdigest() == found["sha256"]
    assert b"secret-firm" not in answer.content
    assert answer.content.count(b"@") >= 500
