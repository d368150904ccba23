"""`make demo` holds what it shows, as often as it is run, and leaves nothing behind that runs."""

from __future__ import annotations

import importlib.util
import io
import shutil
import sys
import time
from pathlib import Path
from types import ModuleType

import psutil
import pytest
from rich.console import Console
from tests.forking import CAN_FORK, stand_ins

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="make demo is for POSIX")
EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples in a folder of their own, with a shop that is large enough for the story and small for a test."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(EXAMPLES, folder / "examples")
    (folder / "demo").mkdir()
    module(folder, "shop").build(folder / "demo" / "production.db", customers=10_000)
    return folder


@pytest.fixture
def demo(project: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The demo; what it prints is in `demo.console.file`."""
    monkeypatch.syspath_prepend(str(project / "examples"))
    found = module(project, "demo")
    found.console = Console(file=io.StringIO(), width=150, highlight=False)
    if CAN_FORK:
        found.program = lambda name: str(stand_ins() / name)
    return found


def module(project: Path, name: str) -> ModuleType:
    """A file of the examples as a module."""
    spec = importlib.util.spec_from_file_location(f"examples_{name}", project / "examples" / f"{name}.py")
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def running_in(folder: Path) -> list[str]:
    """The processes that work in a folder."""
    found = ((process, process.info["cwd"]) for process in psutil.process_iter(["name", "cwd"]))
    return [process.info["name"] for process, place in found if place and Path(place).is_relative_to(folder)]


def left_in(folder: Path) -> list[str]:
    """The same, once those had time to go that end when they see that the daemon has."""
    end = time.monotonic() + 10
    while (found := running_in(folder)) and time.monotonic() < end:
        time.sleep(0.05)
    return found


def test_the_demo_holds_twice_and_leaves_neither_a_process_nor_a_file_at_home(demo, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HFIT_URL", "https://elsewhere.example")
    for _ in range(2):
        demo.console.file = io.StringIO()
        assert demo.main() == 0
        printed = demo.console.file.getvalue()
        assert "✗" not in printed
        assert printed.count("✓") == 5
        assert printed.count("\n") < 50
        assert left_in(demo.FOLDER) == []
    assert list(tmp_path.rglob("*")) == []
    assert list(demo.DESK.rglob("hfit.toml"))


def test_a_demo_that_fails_stops_its_daemon_too(demo, monkeypatch):
    original = demo.run

    def run(*command: str, code: int = 0) -> str:
        if command[:2] == ("hfitd", "template"):
            assert running_in(demo.DAEMON)
            raise RuntimeError("the approval fails")
        return original(*command, code=code)

    monkeypatch.setattr(demo, "run", run)
    with pytest.raises(RuntimeError, match="the approval fails"):
        demo.main()
    assert left_in(demo.FOLDER) == []
