"""What goes past a recording is counted and said, by name and never by value."""

from __future__ import annotations

import asyncio
import ctypes.util
import os
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from tests.test_pytest_plugin import Project
from websockets.sync import client, server

from hotfixture.capture.session import Session, capture

SECRET = "sk_live_4eC39HqLyjWDarjtT1zdp7dc"


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Where somebody takes connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture
def echo() -> Iterator[str]:
    """A server of websockets."""
    with server.serve(lambda connection: connection.send(connection.recv()), "127.0.0.1", 0) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield f"ws://127.0.0.1:{serving.socket.getsockname()[1]}"
        serving.shutdown()
        thread.join()


def told(session: Session) -> list[str]:
    """What is said of it."""
    return session.unseen.told()


def test_programs_are_counted_by_name_without_their_arguments(
    sessions: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with capture() as session:
        for _ in range(2):
            subprocess.run([sys.executable, "-c", f"# {SECRET}"], check=True)
        subprocess.run(f"true {SECRET}", shell=True, check=True)
        os.system("true")
    name = Path(sys.executable).name
    assert session.unseen.programs == {name: 2, "sh": 1, "true": 1}
    said = capfd.readouterr().err
    assert f"session {session.id}: not recorded: 4 programs started: {name} (2), " in said
    assert SECRET not in said


def test_connections_of_what_no_hook_knows_are_named_by_who_opened_them(sessions: Path, echo: str) -> None:
    """Of websockets, from a thread and from a loop; of a socket of the program's own."""
    place = echo.removeprefix("ws://")
    host, port = place.split(":")

    async def talk() -> None:
        from websockets.asyncio.client import connect

        async with connect(echo) as connection:
            await connection.send("x")
            assert await connection.recv() == "x"

    with capture() as session:
        with client.connect(echo) as connection:
            connection.send("x")
            assert connection.recv() == "x"
        asyncio.run(talk())
        socket.create_connection((host, int(port)), 5).close()
    assert session.unseen.connections == {f"websockets to {place}": 2, f"tests to {place}": 1}
    assert told(session) == [
        f"3 connections of what no hook records: websockets to {place} (2), tests to {place}",
    ]


def test_what_is_recorded_is_not_said_to_be_missing(sessions: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Nor are the recording's own processes, other sessions' connections, and what runs while it is paused."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        with capture() as session:
            with capture() as other:
                socket.create_connection(serving.server_address, 5).close()
            urllib.request.urlopen(f"http://127.0.0.1:{serving.server_port}/").close()
            for module in (httpx, httpx2):  # whose connections are opened in tasks of anyio
                asyncio.run(_asked(module, f"http://127.0.0.1:{serving.server_port}/"))
            ctypes.util.find_library("c")
        serving.shutdown()
        thread.join()
    assert (len(session.interactions), told(session)) == (3, [])
    assert len(told(other)) == 1
    assert f"session {session.id}" not in capfd.readouterr().err


async def _asked(module: Any, url: str) -> None:
    async with module.AsyncClient(trust_env=False) as client:
        assert (await client.get(url)).status_code == 204


def test_datagrams_and_connections_outside_are_not_counted(sessions: Path, listener: socket.socket) -> None:
    address = listener.getsockname()
    with capture() as session, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(address)
    socket.create_connection(address, 5).close()
    assert told(session) == []


def test_a_run_of_tests_says_it_in_its_summary(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("import subprocess\nimport sys\ndef test_it():\n    subprocess.run([sys.executable, '-c', ''])\n")
    done = project.run("capture")
    assert f"  not recorded: 1 programs started: {Path(sys.executable).name}" in done.stdout
    assert (done.stdout + done.stderr).count("programs started") == 1
    assert done.returncode == 0
