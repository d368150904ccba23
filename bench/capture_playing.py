"""Playing recordings back: what one call costs with 10 to 10,000 interactions, and loading them; beside VCR.py."""

from __future__ import annotations

import logging
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from bench.measure import WORK, Figure, Scale
from hotfixture.capture.playing.playback import Playback, replay
from hotfixture.capture.session import Session

SIZES = (10, 1_000, 10_000)
CALLS = 500
JSON = [("content-type", "application/json")]
BODY = msgspec.json.encode(
    {"id": "x", "items": [{"sku": f"A{n}", "qty": n, "price": n * 1.5, "name": "some product"} for n in range(30)]}
)
"""2 KB."""


def playing(scale: Scale) -> Iterator[Figure]:
    """One call of a playback with so many interactions, request and answer of 2 KB each; and loading the most."""
    medians = {}
    for size in SIZES:
        folder = record(WORK / f"playing {size}", size)
        loads, calls = [], []
        for _ in range(scale.runs):
            began = time.thread_time()
            playback = Playback(folder)
            loads.append(time.thread_time() - began)
            calls.append(median_of(lambda number, of=playback: play(of, number), min(size, CALLS)))
            playback.close()
        medians[size] = statistics.median(calls)
        ours = medians[size] * 1000
        yield Figure(f"replay a call, {size:,} interactions", ours, None, "ms", value=ours, kind="ms", target=0.15)
    reads, inexact = [], []
    for _ in range(scale.runs):
        playback = Playback(folder)
        inexact.append(timed(lambda of=playback: play_otherwise(of)))
        reads.append(median_of(lambda number, of=playback: read_one(of, number), CALLS))
        playback.close()
    ours = statistics.median(reads) * 1000
    yield Figure(
        "replay a call without a body, 10,000 interactions", ours, None, "ms", value=ours, kind="ms", target=0.15
    )
    first = statistics.median(inexact) * 1000
    yield Figure("the first question that differs in what passes, 10,000 interactions", first, None, "ms", value=first,
                 kind="ms", target=50)  # fmt: skip
    load = statistics.median(loads) * 1000
    yield Figure(f"load {SIZES[-1]:,} interactions", load, None, "ms", value=load, kind="ms", target=1000)
    flat = medians[SIZES[-1]] / medians[SIZES[0]]
    yield Figure("replay with 10,000 against 10", medians[SIZES[-1]] * 1000, medians[SIZES[0]] * 1000, "ms",
                 "with 10", flat, target=1.5)  # fmt: skip
    yield from messages(scale)
    yield from beside_vcr(scale)


def play(playback: Playback, number: int) -> None:
    """Ask what was recorded as that number."""
    asked = {"method": "POST", "url": f"https://api.example/orders?n={number}", "headers": JSON}
    assert playback.play("http", "api.example", "POST /orders", asked, [BODY]).body


def play_otherwise(playback: Playback) -> None:
    """Ask what was recorded, at another port of this machine and by another token."""
    asked = {"method": "POST", "url": "http://localhost:8081/orders?n=1", "headers": JSON}
    assert playback.play("http", "localhost", "POST /orders", asked, [BODY]).body


def messages(scale: Scale) -> Iterator[Figure]:
    """One call of gRPC, whose message is a document."""
    from google.protobuf import struct_pb2

    for name, items in (("2 KB", 24), ("200 KB", 2_200)):
        document = struct_pb2.Struct()
        lines = [{"sku": f"A{n}", "name": "some product", "note": f"Words {n}"} for n in range(items)]
        document.update({"items": lines})
        data = document.SerializeToString()
        folder = record_messages(WORK / f"messages {name}", data, scale.runs * 3)
        playback = Playback(folder)
        ours = median_of(lambda _, of=playback, sent=data: play_message(of, sent), scale.runs * 3) * 1000
        playback.close()
        yield Figure(f"replay a call of gRPC, {name} each way", ours, None, "ms", value=ours, kind="ms")


def asked_message() -> dict[str, object]:
    """A call as the hook describes it."""
    return {"method": "/shop.Orders/Add", "metadata": [], "arity": "unary_unary", "type": "google.protobuf.Struct"}


def record_messages(folder: Path, data: bytes, count: int) -> Path:
    """A session of so many calls of gRPC."""
    session = Session("bench", directory=folder, within=True)
    for _ in range(count):
        call = session.begin("grpc", "shop.Orders", "shop.Orders/Add", asked_message())
        call.send(data)
        call.answered(type="google.protobuf.Struct", initial_metadata=[], trailing_metadata=[], code="OK", details="")
        call.chunk(data)
        call.done()
    session.close()
    return session.folder


def play_message(playback: Playback, data: bytes) -> None:
    """Ask it again."""
    played = playback.play("grpc", "shop.Orders", "shop.Orders/Add", asked_message(), [data])
    assert played.response["messages"][0]["raw"]


def read_one(playback: Playback, number: int) -> None:
    """Ask what was recorded as that number, by a GET."""
    asked = {"method": "GET", "url": f"https://api.example/orders/{number}", "headers": JSON}
    assert playback.play("http", "api.example", "GET /orders/{id}", asked).body


def record(folder: Path, count: int) -> Path:
    """A session of so many exchanges; of the largest one, those that are read by GET beside them."""
    session = Session("bench", directory=folder, within=True)
    for number in range(CALLS if count == SIZES[-1] else 0):
        asked = {"method": "GET", "url": f"https://api.example/orders/{number}", "headers": JSON}
        call = session.begin("http", "api.example", "GET /orders/{id}", asked)
        call.answered(status=200, reason="OK", version="HTTP/1.1", headers=JSON)
        call.chunk(BODY)
        call.done()
    for number in range(count + (count == SIZES[-1])):
        last = number == count  # what is asked at another port of this machine
        place = "http://localhost:8080" if last else "https://api.example"
        asked = {"method": "POST", "url": f"{place}/orders?n={1 if last else number}", "headers": JSON}
        call = session.begin("http", "api.example", "POST /orders", asked)
        call.send(BODY)
        call.answered(status=200, reason="OK", version="HTTP/1.1", headers=JSON)
        call.chunk(BODY)
        call.done()
    session.close()
    return session.folder


def median_of(call: Callable[[int], None], count: int) -> float:
    """Seconds of the median call."""
    return statistics.median([timed(lambda of=number: call(of)) for number in range(count)])


def timed(call: Callable[[], object]) -> float:
    """Seconds that this thread works: of the wall clock the machine's other work would take its share."""
    began = time.thread_time()
    call()
    return time.thread_time() - began


def beside_vcr(scale: Scale) -> Iterator[Figure]:
    """A whole request by way of requests, from 200 recordings."""
    import requests
    import vcr

    from hotfixture.capture.formats import FORMATS
    from hotfixture.capture.journal import read

    logging.getLogger("vcr").setLevel(logging.ERROR)
    folder, count = record(WORK / "beside", 200), 200
    cassette = WORK / "beside.yaml"
    FORMATS.find("vcr").write(read(folder), cassette)
    ours, theirs = [], []
    for _ in range(scale.runs):
        with requests.Session() as client, replay(folder):
            ours.append(median_of(lambda number, by=client: ask(by, number), count))
        matching = ("method", "uri", "body")
        with requests.Session() as client, vcr.use_cassette(str(cassette), record_mode="none", match_on=matching):
            theirs.append(median_of(lambda number, by=client: ask(by, number), count))
    one, other = statistics.median(ours) * 1000, statistics.median(theirs) * 1000
    yield Figure("a request of requests, played, 200 recordings", one, other, "ms", "VCR.py", one / other)


def ask(client: object, number: int) -> None:
    """One request."""
    answer = client.post(f"https://api.example/orders?n={number}", data=BODY, headers=dict(JSON))  # type: ignore[attr-defined]  # requests is imported late
    assert answer.status_code == 200
