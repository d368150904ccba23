"""Starting and ending the server."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.server.conftest import Serve

from hotfixture.errors import HotFixtureError, MissingExtraError
from hotfixture.server.run import serve as run
from hotfixture.server.settings import ServerSettings, load


@pytest.mark.parametrize("module", ["uvicorn", "starlette.applications", "structlog"])
def test_without_the_extra_its_install_line_is_given(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    for loaded in [name for name in sys.modules if name.startswith("hotfixture.server.")]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError) as error:
        run(ServerSettings())
    assert "hotfixture[server]" in str(error.value)


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [Path(sys.executable).parent / "mockcraft", "server", "--port", str(port), "--data", tmp_path]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == HotFixtureError.exit_code
    assert f"mockcraft: cannot listen on 127.0.0.1:{port}" in done.stderr


def test_a_request_in_work_is_answered_before_the_server_ends(serve: Serve) -> None:
    server = serve()
    with server.client.stream("GET", "/api/generate/uuid?count=1000000&format=text") as answer:
        pieces = answer.iter_bytes()
        size = len(next(pieces))
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        size += sum(map(len, pieces))
    assert size == 37 * 1_000_000
    assert server.process.wait(30) == 0


def test_logs_as_text_are_for_people(tmp_path: Path) -> None:
    command = [
        Path(sys.executable).parent / "mockcraft",
        "server",
        "--port",
        "0",
        "--data",
        tmp_path,
        "--log-form",
        "text",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        line = process.stderr.readline()
        process.terminate()
    assert "serving" in line
    assert not line.startswith("{")


def test_the_defaults_listen_on_this_machine_alone() -> None:
    assert load(environment={}).host == "127.0.0.1"
