"""Wrapped objects and statements of databases: what one call costs while nothing, or everything, is recorded."""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from bench.measure import WORK, Figure, Scale
from hotfixture.capture import capture, hooks, wrap
from hotfixture.capture.playing.playback import replay

CALLS = 200
OFF, ON, PLAYED = 0.005, 0.1, 0.15
"""Milliseconds, as the figures to reach have them."""
SIZES = {"2 KB": 2_000, "200 KB": 200_000}


class Service:
    """Gives a document of a size."""

    def __init__(self, size: int) -> None:
        item = {"sku": "A1", "qty": 1, "price": 1.5, "name": "some product"}
        self._answer = {"id": "x", "items": [dict(item) for _ in range(size // 65)]}

    def ask(self, _number: int) -> dict[str, Any]:
        return self._answer


def calls(scale: Scale) -> Iterator[Figure]:
    """Medians; what the bare call costs is taken away, but in playback."""
    yield from _off(scale)
    for name, size in SIZES.items():
        bare, wrapped = Service(size), wrap(Service(size))
        before = _median(bare.ask, scale)
        with capture("bench", directory=WORK / f"calls {name}") as session:
            ours = _median(wrapped.ask, scale) - before
        yield _figure(f"record a wrapped call, {name} of values", ours, ON)
    with capture("bench", directory=WORK / "calls played") as session:
        for number in range(CALLS):
            wrap(Service(2_000)).ask(number)
    played = []
    for _ in range(scale.runs):
        with replay(session.folder):
            wrapped = wrap(Service(2_000))
            played.append(_each(wrapped.ask))
    yield _figure("replay a wrapped call, 2 KB", statistics.median(played), PLAYED)


def _off(scale: Scale) -> Iterator[Figure]:
    bare, wrapped = Service(100), wrap(Service(100))
    yield _figure("a wrapped call, mode off", _median(wrapped.ask, scale) - _median(bare.ask, scale), OFF)
    plain = sqlite3.Connection(":memory:").cursor()
    hooks.install()
    hooked = sqlite3.connect(":memory:").cursor()
    statement = "SELECT 1"
    ours = _median(lambda _: hooked.execute(statement).fetchone(), scale)
    theirs = _median(lambda _: plain.execute(statement).fetchone(), scale)
    yield _figure("a statement of sqlite3, mode off", ours - theirs, OFF)
    with capture("bench", directory=WORK / "statements"):
        ours = _median(lambda _: hooked.execute(statement).fetchone(), scale) - theirs
    yield _figure("record a statement of sqlite3", ours, ON)


def _figure(work: str, seconds: float, target: float) -> Figure:
    return Figure(work, seconds * 1000, None, "ms", value=seconds * 1000, kind="ms", target=target)


def _median(call: Callable[[int], object], scale: Scale) -> float:
    return statistics.median(_each(call) for _ in range(scale.runs))


def _each(call: Callable[[int], object]) -> float:
    """Seconds of the median of some calls."""
    times = []
    for number in range(CALLS):
        began = time.perf_counter()
        call(number)
        times.append(time.perf_counter() - began)
    return statistics.median(times)
