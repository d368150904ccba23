"""While recordings are played the network is closed: every road that Python tells of, and no other context's."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.capture.playing.recorded import record

from hotfixture.capture.playing.playback import Playback, replay
from hotfixture.errors import NetworkBlockedError

GET = ("GET", "https://api.example/", None)


@pytest.fixture
def listener() -> Iterator[int]:
    """A port of this machine where somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@contextlib.contextmanager
def playing(tmp_path: Path, **options: Any) -> Iterator[Playback]:
    """A playback whose tally does not matter."""
    with replay(record(tmp_path, [(GET, 1)]), allow=["unplayed", "bypassed"], **options) as playback:
        yield playback


def connect(port: int) -> None:
    socket.create_connection(("127.0.0.1", port), timeout=5).close()


def connect_later(port: int) -> None:
    with socket.socket() as sock:
        sock.setblocking(False)
        sock.connect_ex(("127.0.0.1", port))


def datagram(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"x", ("127.0.0.1", port))


def look_up(_port: int) -> None:
    socket.getaddrinfo("service.example", 443)


def look_up_the_old_way(_port: int) -> None:
    socket.gethostbyname("service.example")


def unix(_port: int) -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect("/tmp/nobody-listens-here")


def by_asyncio(port: int) -> None:
    async def open_one() -> None:
        await asyncio.open_connection("127.0.0.1", port)

    asyncio.run(open_one())


ROADS = [connect, connect_later, datagram, look_up, look_up_the_old_way, unix, by_asyncio]


@pytest.mark.parametrize("road", ROADS, ids=lambda road: road.__name__)
def test_no_road_leads_out(tmp_path: Path, listener: int, road: Callable[[int], None]) -> None:
    """Case 23."""
    if road is unix and not hasattr(socket, "AF_UNIX"):
        pytest.skip("this system has no such sockets")
    with playing(tmp_path) as playback:
        with pytest.raises(NetworkBlockedError, match="the network is closed"):
            road(listener)
        assert len(playback.tally.bypassed) == 1
    assert playback.tally.problems() != []


def test_the_loop_of_asyncio_wakes_itself_all_the_same(tmp_path: Path) -> None:
    """Case 23: its own pair of sockets is no network."""
    with playing(tmp_path) as playback:
        assert asyncio.run(asyncio.wait_for(asyncio.to_thread(lambda: 5), 10)) == 5
    assert playback.tally.bypassed == []


def test_places_that_are_named_may_be_reached_and_are_not_counted(tmp_path: Path, listener: int) -> None:
    with playing(tmp_path, network=[f"127.0.0.1:{listener}"]) as playback:
        connect(listener)
    assert playback.tally.bypassed == []


def test_other_contexts_reach_the_network_as_ever(tmp_path: Path, listener: int) -> None:
    stop, failed = threading.Event(), []

    def outside() -> None:
        stop.wait(10)
        try:
            connect(listener)
        except NetworkBlockedError as error:
            failed.append(error)

    thread = threading.Thread(target=outside)
    thread.start()
    with playing(tmp_path):
        stop.set()
        thread.join()
    assert failed == []
    connect(listener)


def test_programs_that_are_started_are_counted(tmp_path: Path) -> None:
    with playing(tmp_path) as playback:
        subprocess.run([sys.executable, "-c", "pass"], check=True)
    assert len(playback.tally.processes) == 1
