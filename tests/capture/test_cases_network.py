"""Case 23, the rest of it: roads to the network that programs seldom take, forks, and programs that are started."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from tests.capture.playing.recorded import record
from tests.test_pytest_plugin import Project

from hotfixture.capture import replay
from hotfixture.capture.playing.playback import Playback
from hotfixture.errors import NetworkBlockedError

GET = ("GET", "https://api.example/", None)
ANYTHING = ("misses", "unplayed", "bypassed")


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Where somebody would take a connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        yield server


def address(listener: socket.socket) -> tuple[str, int]:
    return ("127.0.0.1", listener.getsockname()[1])


def in_a_pool(listener: socket.socket) -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(socket.create_connection, address(listener), 5).result()


def by_a_message(listener: socket.socket) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendmsg([b"x"], [], 0, address(listener))


def by_the_loop(listener: socket.socket) -> None:
    async def connect() -> None:
        with socket.socket() as sock:
            sock.setblocking(False)
            await asyncio.get_running_loop().sock_connect(sock, address(listener))

    asyncio.run(connect())


def names_of_addresses(_listener: socket.socket) -> None:
    socket.gethostbyaddr("192.0.2.1")


def names_of_places(_listener: socket.socket) -> None:
    socket.getnameinfo(("192.0.2.1", 80), 0)


def names_by_the_loop(_listener: socket.socket) -> None:
    async def look_up() -> None:
        await asyncio.get_running_loop().getaddrinfo("service.example", 443)

    asyncio.run(look_up())


def by_a_module_of_its_own(listener: socket.socket) -> None:
    """A library that has taken `_socket` itself: the class below is not Python's `socket.socket`."""
    import _socket

    sock = _socket.socket()
    try:
        sock.connect(address(listener))
    finally:
        sock.close()


ROADS = [
    in_a_pool,
    by_a_message,
    by_the_loop,
    names_of_addresses,
    names_of_places,
    names_by_the_loop,
    by_a_module_of_its_own,
]


@pytest.mark.parametrize("road", ROADS, ids=lambda road: road.__name__)
def test_nothing_gets_out_by_other_roads_either(
    tmp_path: Path, listener: socket.socket, road: Callable[[socket.socket], None]
) -> None:
    with replay(record(tmp_path, [(GET, 1)]), allow=ANYTHING) as playback, pytest.raises(NetworkBlockedError):
        road(listener)
    assert len(playback.tally.bypassed) == 1
    with pytest.raises(TimeoutError):
        listener.accept()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no forks")
def test_a_fork_has_no_network_either(tmp_path: Path, listener: socket.socket) -> None:
    folder = record(tmp_path, [(GET, 1)])
    with replay(folder, allow=ANYTHING):
        child = os.fork()
        if not child:
            try:
                socket.create_connection(address(listener), 5)
            except NetworkBlockedError:
                os._exit(7)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_a_thread_from_before_and_code_after_reach_the_network(tmp_path: Path, listener: socket.socket) -> None:
    """Only what runs under the playback is kept from it, and only while it runs."""
    go, done = threading.Event(), []

    def work() -> None:
        go.wait(10)
        socket.create_connection(address(listener), 5).close()
        done.append(1)

    thread = threading.Thread(target=work)
    thread.start()
    with replay(record(tmp_path, [(GET, 1)]), allow=ANYTHING):
        go.set()
        thread.join(10)
    assert done == [1]
    socket.create_connection(address(listener), 5).close()


def test_a_server_of_this_machine_may_be_started(tmp_path: Path) -> None:
    """It asks for its own name; that is no network. Nobody can reach it but where that is allowed."""

    async def serve() -> int:
        server = await asyncio.start_server(lambda *_: None, "localhost", 0)
        async with server:
            return int(server.sockets[0].getsockname()[1])

    with replay(record(tmp_path, [(GET, 1)]), allow=["unplayed"]) as playback:
        for host in ("", "localhost", "127.0.0.1"):
            HTTPServer((host, 0), BaseHTTPRequestHandler).server_close()
        assert asyncio.run(serve())
    assert playback.tally.bypassed == []


def test_a_program_that_is_started_is_named_in_the_tally(tmp_path: Path) -> None:
    playback: Playback
    with replay(record(tmp_path, [(GET, 1)]), allow=ANYTHING) as playback:
        subprocess.run([sys.executable, "-c", ""], check=True)
    assert "1 programs started" in str(playback.tally)
    assert Path(sys.executable).name in str(playback.tally)


def test_a_run_of_tests_tells_of_it_and_does_not_fail_by_it(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("import subprocess\nimport sys\ndef test_it():\n    subprocess.run([sys.executable, '-c', ''])\n")
    assert project.run("capture").returncode == 0
    done = project.run("replay")
    assert (done.returncode, "1 programs started" in done.stdout) == (0, True), done.stdout
