"""What recording costs the program: calls by requests and httpx against a server of its own, beside VCR.py.

`python -m bench.capture_recording` is the server, a process of its own; it says its port.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from bench import capture_off
from bench.measure import WORK, Figure, Scale

CALLS, LAST = 200, 40
"""Calls of each turn, and those at its end that count: VCR.py gets slower."""
ON, SHARE, FIRST = 0.1, 0.2, 1.0
"""Milliseconds a call; of what VCR.py adds; milliseconds that the first byte of a stream may come later."""
SIZES = {"2 KB": 2_000, "200 KB": 200_000}
THREADS, EACH = 8, 1_000

Get = Callable[[str], Any]


def recording(scale: Scale) -> Iterator[Figure]:
    """Medians of turns taken alternately: bare, recorded, recorded by VCR.py."""
    with server() as url:
        for library, client in CLIENTS.items():
            for name, size in SIZES.items():
                yield from _added(library, client, f"{url}/{size}", name, scale)
        yield _first_byte(url, scale)
        yield _threads(f"{url}/2000")
    yield _memory()
    yield from capture_off.off(CLIENTS, scale)


def _requests() -> Get:
    import requests

    session = requests.Session()
    session.trust_env = False
    return lambda url: session.get(url).content


def _httpx() -> Get:
    import httpx

    client = httpx.Client(trust_env=False)
    return lambda url: client.get(url).content


CLIENTS: dict[str, Callable[[], Get]] = {"requests": _requests, "httpx": _httpx}


def _added(library: str, client: Callable[[], Get], url: str, name: str, scale: Scale) -> Iterator[Figure]:
    import vcr

    from hotfixture.capture import capture

    taken: dict[str, list[float]] = {"bare": [], "ours": [], "vcr": []}
    for turn in range(scale.runs):
        place = WORK / f"recording {library} {name} {turn}"
        blocks: dict[str, AbstractContextManager[Any]] = {
            "bare": nullcontext(),
            "ours": capture("bench", directory=place),
            "vcr": vcr.use_cassette(f"{place}.yaml", record_mode="all"),
        }
        for road, block in blocks.items():
            with block:
                taken[road].append(_median(client(), url))
    bare, ours, theirs = (statistics.median(taken[road]) for road in ("bare", "ours", "vcr"))
    work = f"record {library}, {name}"
    yield Figure(work, ours - bare, theirs - bare, "ms", "VCR.py", ours - bare, "ms", ON, note=f"bare {bare:.2f} ms")
    share = (ours - bare) / (theirs - bare)
    yield Figure(f"{work}, beside VCR.py", ours - bare, theirs - bare, "ms", "VCR.py", share, "×", SHARE)


def _median(get: Get, url: str) -> float:
    """Milliseconds of the caller's own time for one of the last calls of a turn: not what the server takes, nor what
    other programs take of a machine that has too few processors for all of them."""
    took = []
    for _ in range(CALLS):
        began = time.thread_time()
        get(url)
        took.append((time.thread_time() - began) * 1000)
    return statistics.median(took[-LAST:])


def _first_byte(url: str, scale: Scale) -> Figure:
    """How much later the first piece of a stream comes while it is recorded."""
    import httpx

    from hotfixture.capture import capture

    client = httpx.Client(trust_env=False)

    def first() -> float:
        began = time.perf_counter()
        with client.stream("GET", f"{url}/stream") as answer:
            next(answer.iter_raw())
            return (time.perf_counter() - began) * 1000

    bare = statistics.median(first() for _ in range(20 * scale.runs))
    with capture("bench", directory=WORK / "recording stream"):
        first()
        ours = statistics.median(first() for _ in range(20 * scale.runs))
    return Figure("first byte of a stream, recorded", ours, bare, "ms", "bare", ours - bare, "ms more", FIRST)


def _threads(url: str) -> Figure:
    """Calls of threads that are recorded, each once."""
    from hotfixture.capture import capture

    began = time.perf_counter()
    with capture("bench", directory=WORK / "recording threads") as session:
        threads = [threading.Thread(target=_many, args=(_requests(), url)) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.perf_counter() - began
    count = session.close().count
    right = len({one.id for one in session.interactions})
    work = f"{THREADS} threads × {EACH:,} calls, recorded once"
    return Figure(
        work, THREADS * EACH / took, None, "/s", "", right, "/s", THREADS * EACH, note=f"{count} of {THREADS * EACH}"
    )


def _many(get: Get, url: str) -> None:
    for _ in range(EACH):
        get(url)


def _memory() -> Figure:
    """What the program holds at most while it records calls of 20 MB each."""
    from hotfixture.capture.session import capture

    with capture("bench", directory=WORK / "recording memory") as session:
        tracemalloc.start()
        for number in range(20):
            call = session.begin("http", "a", "GET /", {"method": "GET", "url": f"http://a/{number}", "headers": []})
            for _ in range(20):
                call.chunk(bytes(1_000_000))
            call.done()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return Figure("memory of the program, 20 bodies of 20 MB", peak / 1e6, None, "MB", "", peak / 1e6, "MB", 10)


@contextmanager
def server() -> Iterator[str]:
    """The address of a running server."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.capture_recording"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.kill()
        process.wait()


def _document(size: int) -> bytes:
    item = {"sku": "A-100", "quantity": 3, "price": 19.5, "name": "a product of some kind", "available": True}
    return json.dumps({"page": 1, "items": [item] * (size // len(json.dumps(item)))}).encode()


async def _serve() -> None:
    bodies = {f"/{size}": _document(size) for size in SIZES.values()}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await _head(reader):
            path = head.split(b" ", 2)[1].decode()
            kind = b"text/event-stream" if path == "/stream" else b"application/json"
            front = b"HTTP/1.1 200 OK\r\nContent-Type: " + kind + b"\r\n"
            if path == "/stream":
                writer.write(front + b"Transfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n")
                await writer.drain()
                await asyncio.sleep(0.02)
                writer.write(b"9\r\ndata: 2\n\n\r\n0\r\n\r\n")
            else:
                body = bodies[path]
                writer.write(front + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        writer.close()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(listening.sockets[0].getsockname()[1], flush=True)
    await listening.serve_forever()


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


if __name__ == "__main__":
    asyncio.run(_serve())
