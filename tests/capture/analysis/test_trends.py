"""A regression is found where there is one, and chance is not taken for one."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest
from tests.capture.made import call, http, journal, session

from hotfixture.capture.analysis import analyzer
from hotfixture.capture.analysis.analyzer import CaptureAnalyzer
from hotfixture.capture.analysis.reading import Recorded
from hotfixture.capture.analysis.trends import Past, trends


def past(
    name: str,
    source: random.Random,
    factors: dict[str, float],
    failing: dict[str, float] | None = None,
    calls: int = 40,
) -> Past:
    one = Past(name, 0.0)
    for operation, factor in factors.items():
        for _ in range(calls):
            bad = source.random() < (failing or {}).get(operation, 0.0)
            one.add(("api", operation), factor * source.lognormvariate(2, 0.5), failed=bad)
    return one


def test_a_slower_operation_is_a_regression_with_effect_and_p() -> None:
    source = random.Random(1)
    usual = {f"op{n}": 1.0 for n in range(10)}
    sessions = [
        *(past(str(n), source, usual) for n in range(3)),
        past("now", source, {**usual, "op3": 2.0, "op5": 0.4}),
    ]
    found = trends(sessions)
    (worse,) = found["regressions"]
    (better,) = found["improvements"]
    assert (worse["operation"], better["operation"]) == ("op3", "op5")
    assert worse["effect"] > 0.75
    assert 1.5 < worse["ratio"] < 2.7
    assert worse["p"] < worse["p_adjusted"] < 0.001
    assert len(worse["medians"]) == 4


def test_an_operation_that_fails_more_often_is_a_regression() -> None:
    source = random.Random(2)
    sessions = [
        past("a", source, {"x": 1.0, "y": 1.0}, {"x": 0.01}, 300),
        past("b", source, {"x": 1.0, "y": 1.0}, {"x": 0.15}, 300),
    ]
    (worse,) = trends(sessions)["regressions"]
    assert (worse["operation"], worse["measure"]) == ("x", "errors")
    assert worse["effect"] > 0.05


def test_chance_is_seldom_taken_for_a_change() -> None:
    """The level is 5 % for all operations together; 60 runs may show it in 8 (the chance of more is 0.3 %)."""
    source = random.Random(5)
    usual = {f"op{n}": 1.0 for n in range(20)}
    alarms = sum(
        any(
            one["p_adjusted"] < 0.05
            for one in trends([past("a", source, usual), past("b", source, usual)])["operations"]
        )
        for _ in range(60)
    )
    assert alarms <= 8


def test_a_tiny_change_is_no_regression_however_sure_it_is() -> None:
    before, now = Past("a", 0), Past("b", 0)
    for number in range(400):
        before.add(("api", "x"), 100 + number % 3, failed=False)
        now.add(("api", "x"), 103 + number % 3, failed=False)
    found = trends([before, now])
    assert found["operations"][0]["p_adjusted"] < 1e-6
    assert found["regressions"] == []


def test_of_many_sessions_the_latest_are_held_against_each_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(analyzer, "SESSIONS", 3)
    gathered = analyzer.Gathered()
    for number in range(6):
        gathered.session(Recorded(str(number), tmp_path, float(number)))
        gathered.runs[-1].add(("api", "x"), 1.0, failed=False)
    assert [len(one.durations) for one in gathered.runs] == [0, 0, 0, 1, 1, 1]


def test_the_processes_of_one_run_of_tests_are_held_against_earlier_runs_and_not_against_each_other(
    tmp_path: Path,
) -> None:
    """With pytest-xdist each worker has a session of its own."""
    changed = 0
    for run, factor in (("first", 1.0), ("second", 5.0)):
        for _ in range(3):
            changed += 1
            calls = [call(n, duration_ms=factor * (10 + n / 100)) for n in range(4)]
            folder = journal(tmp_path / f"capture_1_{changed}", calls, labels={"run": run})
            os.utime(folder / "1-aaaaaaaa.jsonl", (time.time() - 100 + changed,) * 2)
    found = CaptureAnalyzer(tmp_path).analyze_captures()
    assert [one["id"] for one in found["sessions"]] == ["1", "2", "3", "4", "5", "6"]
    assert found["trends"]["sessions"] == ["1", "4"]
    (worse,) = found["trends"]["regressions"]
    assert (worse["counts"], worse["ratio"]) == ([12, 12], pytest.approx(5.0))


def test_a_server_that_begins_to_answer_5xx_is_a_regression(tmp_path: Path) -> None:
    """To the program such calls are answered: their status is `success`."""
    for number, status in ((1, 200), (2, 503)):
        calls = [http(n, "GET", "/health", status if n % 2 else 200) for n in range(40)]
        os.utime(session(tmp_path / f"capture_{number}.json", calls), (time.time() - 100 + number,) * 2)
    (worse,) = CaptureAnalyzer(tmp_path).analyze_captures()["trends"]["regressions"]
    assert (worse["measure"], worse["before"], worse["now"]) == ("errors", 0.0, 0.5)


def test_too_few_calls_or_sessions_are_not_tested() -> None:
    source = random.Random(4)
    assert trends([past("a", source, {"x": 1.0})])["operations"] == []
    assert trends([past("a", source, {"x": 1.0}, calls=2), past("b", source, {"x": 9.0})])["operations"] == []
