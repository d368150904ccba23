"""Fixtures of the gateway's tests: its state, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hotfixture.server.gateway.state import State


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[State]:
    """An empty store of the daemon."""
    url = request.getfixturevalue("postgresql_url") if request.param == "postgresql" else ""
    made = State(url, tmp_path)
    yield made
    made.close()
