"""Keys of OpenSSH for the tests of identity."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.identity import ssh


@pytest.fixture(scope="session")
def key_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A key file of every kind, by name."""
    return ssh.make_all(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def agent() -> Iterator[dict[str, str]]:
    """The environment of a running, empty agent."""
    with ssh.agent() as environment:
        yield environment
