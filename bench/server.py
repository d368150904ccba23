"""`mockcraft server` against a bare route of the same framework, and how fast it streams values."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bench.measure import WORK, Figure, Scale, medians, ratio

CONNECTIONS = 32
SECONDS = 3.0
STREAMED = 100_000
OVER_BARE, STREAM = 0.6, 2_000_000
PATH = "/api/generate/firstname"

BARE = f'''
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def first_name(request):
    return PlainTextResponse("Anna\\n")


app = Starlette(routes=[Route("{PATH}", first_name)])
'''


def server(scale: Scale) -> Iterator[Figure]:
    """Requests a second of both in turns, then values a second of one stream."""
    WORK.mkdir(parents=True, exist_ok=True)
    with _bare() as bare, _ours() as ours:
        works = {"ours": partial(_requests, ours), "bare": partial(_requests, bare)}
        for work in works.values():
            work()
        found = medians(works, scale.runs)
        note = f"{CONNECTIONS} connections, request log written"
        yield ratio(
            f"GET {PATH}", found["ours"], found["bare"], "/s", against="a bare route", target=OVER_BARE, note=note
        )
        streamed = partial(_values, ours)
        streamed()
        rate = medians({"values": streamed}, max(scale.runs, 5))["values"]
        yield Figure("NDJSON of 100,000 values", rate, None, "/s", value=rate, kind="/s", target=STREAM)


@contextmanager
def _ours() -> Iterator[int]:
    command = [str(Path(sys.executable).parent / "mockcraft"), "server", "--port", "0", "--data", str(WORK / "server")]
    command += ["--rate-limit", "1000000000/minute"]
    with _served(command, WORK / "server.log", rb'"port":(\d+)') as port:
        yield port


@contextmanager
def _bare() -> Iterator[int]:
    (WORK / "bare.py").write_text(BARE, encoding="utf-8")
    command = [sys.executable, "-m", "uvicorn", "bare:app", "--app-dir", str(WORK), "--port", "0", "--no-access-log"]
    with _served(command, WORK / "bare.log", rb"http://127\.0\.0\.1:(\d+)") as port:
        yield port


@contextmanager
def _served(command: list[str], log: Path, port: bytes) -> Iterator[int]:
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream)
    try:
        deadline = time.monotonic() + 30
        while not (found := re.search(port, log.read_bytes())):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"it did not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)
        yield int(found[1])
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


class _Client(asyncio.Protocol):
    """One connection that asks again as soon as it has its answer."""

    def __init__(self, request: bytes, stop: float) -> None:
        self._request, self._stop = request, stop
        self._data = b""
        self.answers = 0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, found, body = self._data.partition(b"\r\n\r\n")
        if not found:
            return
        start = head.index(b"content-length: ") + 16
        if len(body) < int(head[start : start + 8].split(b"\r")[0]):
            return
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
        self.answers += 1
        self._data = b""
        if time.perf_counter() < self._stop:
            self._transport.write(self._request)
        elif not self.done.done():
            self._transport.close()
            self.done.set_result(None)


def _requests(port: int) -> float:
    """Requests a second over some seconds."""
    return asyncio.run(_ask(port))


async def _ask(port: int) -> float:
    request = f"GET {PATH} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n\r\n".encode()
    loop = asyncio.get_running_loop()
    begun = time.perf_counter()
    clients = [
        (await loop.create_connection(lambda: _Client(request, begun + SECONDS), "127.0.0.1", port))[1]
        for _ in range(CONNECTIONS)
    ]
    await asyncio.gather(*(client.done for client in clients))
    return sum(client.answers for client in clients) / (time.perf_counter() - begun)


def _values(port: int) -> float:
    """Values a second of one answer, from the request to its last byte."""
    url = f"http://127.0.0.1:{port}{PATH}?count={STREAMED}&format=ndjson&seed={os.getpid()}"
    begun = time.perf_counter()
    with urllib.request.urlopen(url) as answer:
        body = answer.read()
    taken = time.perf_counter() - begun
    assert body.count(b"\n") == STREAMED
    return STREAMED / taken
