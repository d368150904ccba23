"""Every option and variable does what its help says: those that no other test turns."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.capture.hooks.server import Server
from tests.test_pytest_plugin import Project

from hotfixture.capture import CaptureGeminiClient, CaptureManager
from hotfixture.capture.costs import Guard
from hotfixture.errors import OptionError, RefusedError
from hotfixture.pytest_plugin import pytest_addoption

TESTS = """
import os
import time
import urllib.request

def ask(path):
    with urllib.request.urlopen(os.environ["SERVICE"] + path, timeout=10) as answer:
        return answer.read().decode()

def test_counter():
    seen = [ask("/counter/options") for _ in range(int(os.environ.get("TIMES", 2)))]
    print("seen", *seen)

def test_stream():
    began = time.perf_counter()
    ask("/events/150")
    print("took", round(time.perf_counter() - began, 2))
"""


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of this test's own."""
    made = Server()
    yield made
    made.close()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write(TESTS)
    return made


def told(project: Project, mode: str, *options: str, **environment: str) -> tuple[int, dict[str, str]]:
    """What the tests print, by its first word."""
    done = project.run(mode, "-s", *options, **environment)
    return done.returncode, dict(re.findall(r"\.?(seen|took) (.*?)\.?$", done.stdout, re.MULTILINE))


def test_the_options_of_a_playback_do_what_they_say(project: Project, server: Server) -> None:
    """--hfit-session, --hfit-repeat, --hfit-speed: two runs of the same tests are recorded, and the service goes."""
    for _ in range(2):
        assert project.run("capture", SERVICE=server.url).returncode == 0
    server.close()
    first, last = project.sessions()
    code, quick = told(project, "replay", SERVICE=server.url)
    assert (code, quick["seen"]) == (0, "3 4")
    code, slow = told(project, "replay", "--hfit-session", str(first.path), "--hfit-speed", "1", SERVICE=server.url)
    assert (code, slow["seen"]) == (0, "1 2")
    assert float(slow["took"]) > 0.5 > float(quick["took"])
    named = first.path.name.rpartition("_")[2]
    code, said = told(project, "replay", "--hfit-session", named, "--hfit-repeat", SERVICE=server.url, TIMES="3")
    assert (code, said["seen"]) == (1, "1 2 2")
    options = ("--hfit-repeat", "--hfit-allow", "repeated, unplayed")
    code, said = told(project, "replay", *options, SERVICE=server.url, TIMES="3")
    assert (code, said["seen"]) == (0, "3 4 4")
    assert last.path != first.path


def test_the_mode_and_the_folder_may_be_options(project: Project, server: Server, tmp_path: Path) -> None:
    """--hfit-mode and --hfit-capture-dir win over TEST_MODE and TEST_CAPTURE_DIR."""
    elsewhere = tmp_path / "elsewhere"
    options = ("--hfit-capture-dir", str(elsewhere), "-k", "counter")
    assert project.run("mock", "--hfit-mode", "capture", *options, SERVICE=server.url).returncode == 0
    assert project.sessions() == []
    assert len(list(elsewhere.glob("*/*.jsonl"))) == 1
    server.close()
    assert told(project, "", "--hfit-mode", "replay", *options, SERVICE=server.url) == (0, {"seen": "1 2"})


def test_a_place_may_stay_reachable(project: Project, server: Server) -> None:
    """--hfit-network, more than once; what goes there is neither counted nor stopped."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        ports = [sock.getsockname()[1] for sock in (one, other)]
        project.write(f"""
import socket
import urllib.request
def test_it():
    urllib.request.urlopen("{server.url}/counter/network").close()
    for port in {ports}:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
""")
        assert project.run("capture").returncode == 0
        allowed = [word for port in ports for word in ("--hfit-network", f"127.0.0.1:{port}")]
        assert project.run("replay", *allowed).returncode == 0
        half = project.run("replay", *allowed[:2])
        assert half.returncode == 1
        assert "1 bypassed" in half.stdout
        assert f"127.0.0.1:{ports[1]}" in half.stdout


def test_prices_and_limits_come_from_the_environment() -> None:
    """TEST_PRICE_…, TEST_MAX_COST_…, TEST_MAX_CALLS."""
    guard = Guard(environment={"TEST_PRICE_MAPS": "0.5,1000000,0", "TEST_MAX_COST_MAPS": "2", "TEST_MAX_CALLS": "9"})
    guard.before("maps")
    guard.after("maps", {"usage_metadata": {"prompt_token_count": 1, "candidates_token_count": 7}})
    assert guard.money["maps"] == 1.5
    guard.before("maps")
    with pytest.raises(RefusedError, match=r"maps: about \$2\.0000 was spent, the limit is \$2"):
        guard.before("maps")
    for _ in range(7):
        guard.before("others")
    with pytest.raises(RefusedError, match="all services: 9 calls"):
        guard.before("others")


@pytest.mark.parametrize("said", ["much", "1,2,x", "1,2,3,4"])
def test_a_price_that_is_none_is_said_with_its_variable(said: str) -> None:
    with pytest.raises(OptionError, match=f"TEST_PRICE_MAPS={said}"):
        Guard(environment={"TEST_PRICE_MAPS": said}).before("maps")


def test_the_model_of_the_short_form_is_the_variable_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TEST_GEMINI_MODEL; what the call says itself comes first."""
    asked = []

    class Models:
        def generate_content(self, **given: Any) -> Any:
            asked.append(given["model"])
            return SimpleNamespace(text="hi", candidates=[], usage_metadata=None)

    client = CaptureGeminiClient(SimpleNamespace(models=Models()), CaptureManager(tmp_path))
    monkeypatch.setenv("TEST_GEMINI_MODEL", "gemini-of-the-variable")
    assert client.generate_content("hello").text == "hi"
    client.generate_content("hello", model="gemini-of-the-call")
    monkeypatch.delenv("TEST_GEMINI_MODEL")
    client.generate_content("hello")
    assert asked[:2] == ["gemini-of-the-variable", "gemini-of-the-call"]
    assert asked[2] not in asked[:2]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--hfit-speed", "-3"], "expected a number from 0 on"),
        (["--hfit-speed", "nan"], "expected a number from 0 on"),
        (["--hfit-speed", "fast"], "expected a number from 0 on"),
        (["--hfit-allow", "unplayd,misses"], "unplayd: expected some of misses,unplayed"),
    ],
)
def test_an_option_that_means_nothing_is_refused_before_anything_runs(words: list[str], said: str) -> None:
    parser = pytest.Parser(_ispytest=True)
    pytest_addoption(parser)
    with pytest.raises(pytest.UsageError, match=said):
        parser.parse(words)
    assert parser.parse(["--hfit-allow", "unplayed, misses", "--hfit-speed", "2"]).hfit_speed == 2.0
