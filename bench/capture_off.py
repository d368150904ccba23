"""What hooks cost that are in place and have nothing to do: calls whose answers are there, without a network."""

from __future__ import annotations

import io
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bench.measure import Figure, Scale

OFF = 0.005
"""Milliseconds a call."""
TURNS, CALLS, WARM = 25, 200, 100
"""Turns with hooks and as many without; calls of a turn, and those at its beginning that do not count, for the
interpreter has to learn the classes anew."""
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2000\r\n\r\n" + b"x" * 2000
URL = "http://127.0.0.1:9/orders"


def off(clients: Mapping[str, object], scale: Scale) -> Iterator[Figure]:
    """Each library in a process of its own; hooks are taken out and put in by turns, so that both see one machine."""
    for library in clients:
        command = [sys.executable, "-m", "bench.capture_off", library]
        found = [
            float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) for _ in range(scale.runs)
        ]
        added = statistics.median(found)
        yield Figure(f"hooks of {library}, mode off", added, None, "ms", "", added, "ms", OFF)


def added(library: str) -> float:
    """Milliseconds that the hooks add to a call: the median of what turns with and without them differ by."""
    get = _CANNED[library]()
    places = [one for name, one in sys.modules.items() if name.startswith(("http.client", "urllib3", "httpcore"))]
    owners = {one for place in places for one in vars(place).values() if isinstance(one, type)}
    before = {owner: dict(vars(owner)) for owner in owners}
    from hotfixture.capture import hooks

    hooks.install()
    changed = [
        (owner, name, kept[name], value)
        for owner, kept in before.items()
        for name, value in vars(owner).items()
        if name in kept and kept[name] is not value
    ]
    assert changed
    found = []
    for _ in range(TURNS):
        turn = []
        for hooked in (False, True):
            for owner, name, bare, hook in changed:
                setattr(owner, name, hook if hooked else bare)
            turn.append(_fifth(get))
        found.append(turn[1] - turn[0])
    return statistics.median(found)


def _fifth(get: Callable[[str], Any]) -> float:
    """Milliseconds of the quicker calls of a turn."""
    took = []
    for _ in range(CALLS):
        began = time.thread_time()
        get(URL)
        took.append((time.thread_time() - began) * 1000)
    return sorted(took[WARM:])[(CALLS - WARM) // 5]


class _Socket:
    """One that has the answer."""

    def __init__(self) -> None:
        self._never, _ = os.pipe()

    def makefile(self, *_: Any) -> io.BytesIO:
        return io.BytesIO(ANSWER)

    def fileno(self) -> int:
        return self._never

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_: None


def _requests() -> Callable[[str], Any]:
    import requests
    from urllib3.connection import HTTPConnection

    HTTPConnection._new_conn = lambda _: _Socket()  # type: ignore[method-assign, assignment, return-value]  # canned
    session = requests.Session()
    session.trust_env = False
    return lambda url: session.get(url).content


def _httpx() -> Callable[[str], Any]:
    import httpcore
    import httpx

    class Stream(httpcore.NetworkStream):
        def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - as it is declared
            return ANSWER

        def write(self, buffer: bytes, timeout: float | None = None) -> None:
            """It goes nowhere."""

        def close(self) -> None:
            """Nothing is open."""

        def get_extra_info(self, info: str) -> Any:  # noqa: ARG002 - as it is declared
            return None

    class Network(httpcore.NetworkBackend):
        def connect_tcp(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
            return Stream()

    client = httpx.Client(trust_env=False)
    transport: Any = client._transport
    transport._pool._network_backend = Network()
    return lambda url: client.get(url).content


_CANNED: dict[str, Callable[[], Callable[[str], Any]]] = {"requests": _requests, "httpx": _httpx}

if __name__ == "__main__":
    print(added(sys.argv[1]))
