"""Clocks that a program freezes or moves do not reach its recordings (case 32)."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import freezegun
import time_machine
from tests.capture.recordings import call, run

from hotfixture.capture import clocks, journal
from hotfixture.capture.session import capture

REAL = time.time


def test_a_frozen_clock_does_not_reach_a_recording(sessions: Path) -> None:
    before = REAL()
    with freezegun.freeze_time("2001-01-01") as frozen, capture() as session:
        one = session.begin("call", "svc", "x", {"name": "a"})
        assert time.time() < 1e9
        time.sleep(0.02)
        frozen.move_to("1999-01-01")
        one.done(name="a")
        call("b")
    first, second = journal.read(session.folder)
    assert before <= first.start_time <= second.start_time <= REAL()
    assert first.duration_ms is not None
    assert 20 <= first.duration_ms < 60_000
    moment = datetime.fromisoformat(first.timestamp)
    assert moment.utcoffset() is not None
    assert abs(moment.timestamp() - first.start_time) < 0.001
    assert abs(int(session.id) / 1000 - before) < 60


def test_a_moved_clock_does_not_reach_a_recording(sessions: Path) -> None:
    before = clocks.epoch()
    with time_machine.travel("2001-01-01", tick=False) as traveller, capture() as session:
        one = session.begin("call", "svc", "x", {"name": "a"})
        assert time.time() < 1e9
        traveller.shift(-1e6)
        one.done(name="a")
        call("b")
    first, second = journal.read(session.folder)
    assert before <= first.start_time <= second.start_time <= clocks.epoch()
    assert first.duration_ms is not None
    assert 0 <= first.duration_ms < 60_000


def test_a_clock_that_was_frozen_before_we_came_is_seen_through(sessions: Path) -> None:
    program = """
import freezegun, time
real = time.time()
with freezegun.freeze_time("2001-01-01"):
    from hotfixture.capture import clocks
    first = clocks.nanoseconds()
    assert abs(clocks.epoch() - real) < 60, clocks.epoch()
assert clocks.nanoseconds() > first
"""
    run(program)
