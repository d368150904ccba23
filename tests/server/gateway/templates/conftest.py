"""Fixtures of the templates' tests: the routes over an empty store, with and without a shop as provider."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.server.gateway.templates.acting import Acting, shop

from hotfixture.server.gateway.state import State


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[State]:
    """An empty store in SQLite."""
    made = State("", tmp_path / "store")
    yield made
    made.close()


@pytest.fixture
def acting(embedded: State, tmp_path: Path) -> Iterator[Acting]:
    """The routes, without providers."""
    made = Acting(embedded, tmp_path)
    yield made
    made.close()


@pytest.fixture
def anywhere(state: State, tmp_path: Path) -> Iterator[Acting]:
    """The routes over each store, without providers."""
    made = Acting(state, tmp_path)
    yield made
    made.close()


@pytest.fixture
def shopping(acting: Acting) -> Acting:
    """The routes, with a shop in SQLite as the provider SHOP of the team `payments`."""
    with shop(acting.folder):
        pass
    acting.provide(f"sqlite:///{acting.folder / 'shop.db'}")
    return acting
