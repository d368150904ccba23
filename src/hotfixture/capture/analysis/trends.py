"""Whether the latest session is slower or fails more often than those before it, or than chance explains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from hotfixture.capture.analysis.statistics import Sample, adjusted, fisher, mann_kendall, mann_whitney

KEPT = 500
"""Durations of an operation that are kept of each session."""
SESSIONS = 50
"""Sessions that are compared, the latest ones."""
FEWEST = 5
"""Calls on either side, below which nothing is tested."""
LEVEL = 0.05
NOTABLE = 1.1
"""Times the earlier median, from which a significant change is told: the least that anybody would act on."""


@dataclass
class Past:
    """What one session, or one run of tests in several processes, holds against the others."""

    id: str
    changed: float
    run: str = ""
    durations: dict[tuple[str, str], Sample] = field(default_factory=dict)
    errors: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, name: tuple[str, str], duration: float | None, *, failed: bool) -> None:
        """One more call."""
        sample = self.durations.get(name)
        if sample is None:
            if len(self.durations) >= 1000:
                return
            sample = self.durations[name] = Sample(KEPT)
            self.errors[name] = 0
        sample.add(duration or 0.0)
        self.errors[name] += failed

    def forget(self) -> None:
        """Let go of the calls: later sessions are compared with later ones."""
        self.durations, self.errors = {}, {}


def trends(sessions: Sequence[Past]) -> dict[str, Any]:
    """The latest session against all before it: by operation the medians, the effect, and p corrected for the number of
    tests; `regressions` and `improvements` are those that are significant and large enough to matter."""
    recent = sessions[-SESSIONS:]
    if len(recent) < 2:
        return {"sessions": [one.id for one in recent], "operations": [], "regressions": [], "improvements": []}
    latest, earlier = recent[-1], recent[:-1]
    tested = [
        found
        for name in sorted(latest.durations)
        for found in _tests(name, latest, earlier, recent)
        if found is not None
    ]
    for one, p in zip(tested, adjusted([one["p"] for one in tested]), strict=True):
        one["p_adjusted"] = p
        one["verdict"] = _verdict(one)
    return {
        "sessions": [one.id for one in recent],
        "level": LEVEL,
        "method": "Mann-Whitney U (durations) and Fisher's exact test (errors), two-sided, p corrected by Holm",
        "operations": tested,
        "regressions": [one for one in tested if one["verdict"] == "worse"],
        "improvements": [one for one in tested if one["verdict"] == "better"],
    }


def _tests(name: tuple[str, str], latest: Past, earlier: Sequence[Past], recent: Sequence[Past]) -> list[Any]:
    before = [one for one in earlier if name in one.durations]
    now = latest.durations[name]
    count = sum(one.durations[name].count for one in before)
    if now.count < FEWEST or count < FEWEST:
        return []
    return [_duration(name, now, before, recent), _errors(name, latest, before, count)]


def _duration(name: tuple[str, str], now: Sample, before: Sequence[Past], recent: Sequence[Past]) -> dict[str, Any]:
    pooled = [value for one in before for value in one.durations[name].values]
    p, effect = mann_whitney(pooled, now.values)
    was, became = median(pooled), median(now.values)
    medians = [median(one.durations[name].values) for one in recent if name in one.durations]
    p_trend, tau = mann_kendall(medians)
    return {
        "service": name[0], "operation": name[1], "measure": "duration", "before": was, "now": became,
        "ratio": became / was if was else None, "effect": effect, "p": p,
        "counts": [len(pooled), len(now.values)], "medians": medians, "trend": {"tau": tau, "p": p_trend},
    }  # fmt: skip


def _errors(name: tuple[str, str], latest: Past, before: Sequence[Past], count: int) -> dict[str, Any] | None:
    failed, was = latest.errors[name], sum(one.errors[name] for one in before)
    if not failed and not was:
        return None
    now = latest.durations[name].count
    return {
        "service": name[0], "operation": name[1], "measure": "errors", "before": was / count, "now": failed / now,
        "effect": failed / now - was / count, "p": fisher(failed, now, was, count), "counts": [count, now],
    }  # fmt: skip


def _verdict(one: dict[str, Any]) -> str:
    if one["p_adjusted"] >= LEVEL:
        return "same"
    if one["measure"] == "errors":
        return "worse" if one["effect"] > 0 else "better"
    ratio = one["ratio"]
    if ratio is None or 1 / NOTABLE < ratio < NOTABLE:
        return "same"
    return "worse" if ratio > 1 else "better"
