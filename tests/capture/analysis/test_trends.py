"""A regression is found where there is one, and chance is not taken for one."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from hotfixture.capture.analysis import analyzer
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
        gathered.sessions[-1].add(("api", "x"), 1.0, failed=False)
    assert [len(one.durations) for one in gathered.sessions] == [0, 0, 0, 1, 1, 1]


def test_too_few_calls_or_sessions_are_not_tested() -> None:
    source = random.Random(4)
    assert trends([past("a", source, {"x": 1.0})])["operations"] == []
    assert trends([past("a", source, {"x": 1.0}, calls=2), past("b", source, {"x": 9.0})])["operations"] == []
