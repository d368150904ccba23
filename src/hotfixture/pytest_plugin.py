"""The pytest plugin: `TEST_MODE=capture pytest …` records, `TEST_MODE=replay pytest …` plays back; fixtures.

Nothing of recordings is imported unless a run records or plays, or a test asks for a fixture.
"""

from __future__ import annotations

import os
from argparse import ArgumentTypeError
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from hotfixture.capture.providers import ServiceProvider
    from hotfixture.capture.pytest_runs import Run

MODES = ("mock", "real", "capture", "replay")
_RUN = "hotfixture-run"
_EXPENSIVE = "TEST_EXPENSIVE"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the command line; none of them has a name that other recording plugins use."""
    group = parser.getgroup("hotfixture", "Hot Fixture Tool: recordings of services")
    add = group.addoption
    add("--hfit-mode", choices=MODES, help="mock, real, capture or replay; else TEST_MODE")
    add("--hfit-capture-dir", metavar="FOLDER", help="where sessions are kept; else TEST_CAPTURE_DIR")
    add("--hfit-session", metavar="SESSION", help="replay: the folder, file, or id to play; else the newest run")
    add(
        "--hfit-speed",
        type=_speed,
        default=0.0,
        metavar="N",
        help="replay: streams at 1, 10 … times their pace; 0: at once",
    )
    add("--hfit-repeat", action="store_true", help="replay: what is asked too often is answered as the last time")
    add(
        "--hfit-allow",
        type=_allowed,
        default="",
        metavar="NAMES",
        help="replay: what shall not fail the run, of misses,unplayed,repeated,bypassed",
    )
    add(
        "--hfit-learn-from",
        action="append",
        default=[],
        metavar="SESSION",
        help="replay: another recording of the same tests; fields of requests that differ between the two do not count",
    )
    add("--hfit-network", action="append", default=[], metavar="HOST:PORT", help="replay: a place that stays reachable")
    add("--hfit-max-age", metavar="30d", help="replay: how old recordings may be")
    add("--hfit-stale", choices=("warn", "fail", "record"), default="warn", help="replay: what to do with older ones")
    add("--hfit-sqlite", action="store_true", help="record and play sqlite3 too, which by default is left as it is")
    add(
        "--hfit-expensive",
        action="store_true",
        help=f"run tests marked expensive with real services; else {_EXPENSIVE}=1",
    )


def _speed(text: str) -> float:
    """How many times as fast; ArgumentTypeError where it is no such number."""
    try:
        speed = float(text)
    except ValueError:
        speed = -1.0
    if not 0 <= speed < float("inf"):
        raise ArgumentTypeError(f"{text}: expected a number from 0 on")
    return speed


def _allowed(text: str) -> str:
    """What shall not fail the run; ArgumentTypeError where that fails none."""
    if not text:  # the default comes here, too: it must import nothing
        return text
    from hotfixture.capture.playing.tally import FAILING

    if unknown := [name for one in text.split(",") if (name := one.strip()) and name not in FAILING]:
        raise ArgumentTypeError(f"{', '.join(unknown)}: expected some of {','.join(FAILING)}")
    return text


def pytest_configure(config: pytest.Config) -> None:
    """Markers; and where this run records or plays, what does that."""
    for line in (
        "mock_only: runs with mocks alone",
        "real_only: runs with real services, or with recordings of them",
        "expensive: costs money with real services: runs there with --hfit-expensive alone",
    ):
        config.addinivalue_line("markers", line)
    for option, variable in (("hfit_mode", "TEST_MODE"), ("hfit_capture_dir", "TEST_CAPTURE_DIR")):
        if config.getoption(option):
            os.environ[variable] = config.getoption(option)
    if _mode() in ("capture", "replay") and not config.option.collectonly:
        from hotfixture.capture.pytest_runs import Run

        config.pluginmanager.register(Run(config, _mode()), _RUN)


def pytest_unconfigure(config: pytest.Config) -> None:
    """The run is over, also when it broke off."""
    run: Run | None = config.pluginmanager.get_plugin(_RUN)
    if run is not None:
        run.close()


def _mode() -> str:
    """What TEST_MODE says; `mock` where it says something that is not ours: other tools may read it too."""
    wanted = os.environ.get("TEST_MODE", "").strip().lower()
    return wanted if wanted in MODES else "mock"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what is not for this mode."""
    mode = _mode()
    if mode != "mock" and item.get_closest_marker("mock_only"):
        pytest.skip(f"for mocks only; TEST_MODE is {mode}")
    if mode == "mock" and item.get_closest_marker("real_only"):
        pytest.skip("for real services only; TEST_MODE is mock")
    if mode in ("real", "capture") and item.get_closest_marker("expensive") and not _is_expensive(item.config):
        pytest.skip(f"expensive; --hfit-expensive or {_EXPENSIVE}=1 runs it")


def _is_expensive(config: pytest.Config) -> bool:
    return bool(config.getoption("hfit_expensive")) or os.environ.get(_EXPENSIVE) == "1"


@pytest.fixture
def test_mode() -> str:
    """`mock`, `real`, `capture` or `replay`; ValueError names them where TEST_MODE says something else."""
    from hotfixture.capture import modes

    return modes.mode()


@pytest.fixture(scope="session")
def service_provider() -> Iterator[ServiceProvider]:
    """The provider of this process, by TEST_MODE; cleaned up at the end of the run."""
    from hotfixture.capture import providers

    yield providers.get_current_provider()
    providers.reset_global_provider()


@pytest.fixture
def isolated_service_provider() -> Iterator[ServiceProvider]:
    """A provider of this test's own."""
    from hotfixture.capture import providers

    with providers.get_service_provider() as provider:
        yield provider


@pytest.fixture(params=MODES)
def all_modes_service_provider(request: pytest.FixtureRequest) -> Iterator[ServiceProvider]:
    """A provider of each mode in turn; those that need services or recordings run where TEST_MODE gives them."""
    from hotfixture.capture import providers

    mode, current = request.param, _mode()
    if mode == "replay" and current != "replay":
        pytest.skip("there is nothing to replay; TEST_MODE=replay")
    if mode in ("real", "capture") and current not in ("real", "capture"):
        pytest.skip(f"needs real services; TEST_MODE={mode}")
    with providers.get_service_provider(mode) as provider:
        yield provider


@pytest.fixture
def firestore_client(service_provider: ServiceProvider) -> Any:
    """Firestore, by TEST_MODE."""
    return service_provider.get_firestore()


@pytest.fixture
def gemini_client(service_provider: ServiceProvider) -> Any:
    """Gemini, by TEST_MODE."""
    return service_provider.get_gemini()


@pytest.fixture
def auth_service(service_provider: ServiceProvider) -> Any:
    """Users and tokens for tests."""
    return service_provider.get_auth()


@pytest.fixture
def is_real_service(service_provider: ServiceProvider) -> bool:
    """Whether real services are asked."""
    return service_provider.is_real_service


@pytest.fixture
def test_services(service_provider: ServiceProvider) -> Any:
    """All services by name, each made when it is looked at: `test_services["firestore"]`, `test_services.gemini`."""
    from hotfixture.capture.providers import Services

    return Services(service_provider)
