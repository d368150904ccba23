"""Fixtures of the tests of packages: a daemon's routes and crew, and people who ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.server.gateway.packages.production import PEOPLE, TEMPLATE, Desk, settings_of, settle
from tests.server.gateway.served import Served, serve

from hotfixture.server.gateway import packages

SLOW = """
templateName: slow
exports:
  people: {provider: PROD, query: "SELECT a.id, a.email FROM people a, people b"}
"""
ENDLESS = """
templateName: endless
exports:
  people: {provider: PROD, query: "SELECT a.id, a.email FROM people a, people b, people c"}
"""
CACHED = TEMPLATE.replace("templateName: daily", "templateName: cached\ncache: 1h")
BRIEF = TEMPLATE.replace("templateName: daily", "templateName: brief\nretention: 1s")
TABLES = TEMPLATE.replace("templateName: daily", "templateName: tables\nformats: [csv]")
SORTED = """
templateName: sorted
exports:
  people: {provider: PROD, query: "SELECT a.id, a.email FROM people a, people b, people c ORDER BY md5(b.email), c.id"}
"""
NOTED = """
templateName: noted
exports:
  people: {provider: PROD, query: "SELECT id, email, note FROM people"}
"""
STAR = """
templateName: star
exports:
  people: {provider: PROD, query: SELECT * FROM people}
"""
LOGS = """
templateName: logs
exports:
  people: {provider: PROD, query: "SELECT id, email FROM people"}
  files: {type: files, volume: logs, path: "*.log"}
"""
ALL = (TEMPLATE, SLOW, ENDLESS, CACHED, BRIEF, TABLES, SORTED, NOTED, STAR, LOGS)
Start = Callable[..., Served]


_served: list[Served] = []
_running = ExitStack()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    """A daemon's packages, for what disturbs nobody: one for all tests of this folder that follow each other."""
    if not _served:
        settings = settings_of(tmp_path_factory.mktemp("daemon"))
        _served.append(_running.enter_context(serve(settings, packages.OPERATIONS, PEOPLE, packages.lifespan)))
        settle(_served[0].gateway.state, ALL)
    return _served[0]


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """It ends where another folder's tests begin: what it does beside them would disturb those."""
    if nextitem is None or Path(__file__).parent not in nextitem.path.parents:
        _served.clear()
        _running.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts daemons of this test's own; settings by name."""
    with ExitStack() as stack:

        def started(**more: Any) -> Served:
            settings = settings_of(tmp_path, **more)
            made = stack.enter_context(serve(settings, packages.OPERATIONS, PEOPLE, packages.lifespan))
            settle(made.gateway.state, ALL)
            return made

        yield started


@pytest.fixture
def desks() -> Iterator[Callable[[Served, str], Desk]]:
    """Somebody at the desk of a daemon."""
    with ExitStack() as stack:
        yield lambda served, name: Desk(stack.enter_context(served.as_(name)))


@pytest.fixture
def dev(served: Served, desks: Callable[[Served, str], Desk]) -> Desk:
    """A developer of the team."""
    return desks(served, "dev")
