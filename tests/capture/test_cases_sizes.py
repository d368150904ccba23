"""What many interactions cost: each as much as one of few (case 22); and what is not there costs nothing (case 33)."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.capture import made

from hotfixture.capture import spans
from hotfixture.capture.playing.playback import Playback
from hotfixture.capture.session import Session
from hotfixture.errors import ReplayMissError

BODY = {"id": 1, "items": [{"sku": f"A{n}", "quantity": n} for n in range(60)]}
"""2 KB."""


def recorded(folder: Path, count: int) -> Path:
    """A session of so many exchanges of 2 KB, each with a question of its own."""
    return made.journal(folder, [made.http(n, "POST", f"/orders?n={n}", said=BODY, sent=BODY) for n in range(count)])


def ask(playback: Playback, number: int) -> bytes:
    """The answer to one of the questions."""
    asked = {"method": "POST", "url": f"{made.HOST}/orders?n={number}", "headers": [["Accept", "*/*"]]}
    return playback.play("http", "api.shop.example", "POST /orders", asked, [json.dumps(BODY).encode()]).body


@pytest.fixture(scope="module")
def ten_thousand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A session of that many."""
    return recorded(tmp_path_factory.mktemp("many") / "capture_1_1", 10_000)


def median(work: Callable[[int], object], numbers: range) -> float:
    """Seconds of one call, in the middle of many."""
    took = []
    for number in numbers:
        began = time.perf_counter()
        work(number)
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def test_a_call_is_played_as_quickly_from_ten_thousand_interactions_as_from_a_hundred(
    tmp_path: Path, ten_thousand: Path
) -> None:
    """Case 22. The figures themselves are the benchmark's (`make bench`); here none may be missed by far."""
    costs = {}
    for count, folder in ((100, recorded(tmp_path / "capture_1_1", 100)), (10_000, ten_thousand)):
        began = time.perf_counter()
        playback = Playback(folder)
        loaded = time.perf_counter() - began

        def play(number: int, of: Playback = playback) -> None:
            assert json.loads(ask(of, number)) == BODY

        costs[count] = median(play, range(count - 100, count))
        playback.close()
    assert loaded < 10  # one second is asked for, of a machine that does nothing else
    assert costs[10_000] < 3 * costs[100] + 200e-6


def test_a_miss_among_ten_thousand_is_told_in_time(ten_thousand: Path) -> None:
    """Case 22: what comes nearest is looked for among all of them."""
    playback = Playback(ten_thousand)
    began = time.perf_counter()
    with pytest.raises(ReplayMissError, match=r"query\.n: recorded"):
        ask(playback, 10_000)
    assert time.perf_counter() - began < 15
    playback.close()


def test_without_opentelemetry_a_call_pays_nothing_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Case 33: less than a microsecond, for a session asks once whether it is there."""
    looked = []
    monkeypatch.setattr(spans, "emitter", looked.append)
    session = Session("untraced", directory=tmp_path, within=True)
    for number in range(50):
        session.begin("call", "billing", "charge", {}).done(value=number)
    session.close()
    assert looked == [session.id]
    monkeypatch.undo()
    monkeypatch.delitem(sys.modules, "opentelemetry.trace", raising=False)
    assert median(lambda _: [spans.emitter("1") for _ in range(100)], range(50)) / 100 < 5e-6
