"""Sessions in a folder, analysed and compared with mocks: the class that users of the first framework know."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hotfixture.capture.analysis import reading
from hotfixture.capture.analysis.patterns import Patterns
from hotfixture.capture.analysis.reading import Glimpse, Recorded
from hotfixture.capture.analysis.tallies import SERVER_ERROR, Tallies, Tally
from hotfixture.capture.analysis.trends import SESSIONS, Past, trends

MOST = 10
"""Operations in a list of the slowest, most used …"""


class CaptureAnalyzer:
    """Analyses the sessions under a folder."""

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        self.directory = Path(directory)

    def analyze_captures(self, days_back: float = 7) -> dict[str, Any]:
        """The analysis of all sessions that changed within so many days; see `analyze_sessions`."""
        return analyze_sessions(reading.sessions(self.directory, days_back))

    def analyze_interactions(self, interactions: Iterable[Any]) -> dict[str, Any]:
        """The analysis of interactions that are held in memory, as dicts or as `records.Interaction`."""
        gathered = Gathered()
        gathered.journal(reading.glimpses(interactions))
        return gathered.analysis()

    _analyze_interactions = analyze_interactions
    """Under this name tests of the first framework's users call it."""

    def compare_with_mock(
        self, capture_file: str | os.PathLike[str], mock_responses: Any, **options: Any
    ) -> dict[str, Any]:
        """How far the mocks are from what was recorded: `comparing.mocked.compare`, with its options.

        The session is a path, or a name within the folder, or interactions in memory; the mocks are a dict by
        `service.operation`, a file of them, or `mocks.Mocks`.
        """
        from hotfixture.capture.comparing.mocked import compare

        within = self.directory / capture_file if isinstance(capture_file, str | os.PathLike) else None
        found = within if within is not None and not Path(capture_file).exists() and within.exists() else capture_file
        return compare(found, mock_responses, **options)

    def generate_report(self, analysis: Mapping[str, Any], output_file: str | os.PathLike[str] | None = None) -> str:
        """The report, also written to a file: Markdown, or what the file's name asks for (.json, .html)."""
        from hotfixture.capture.analysis.reports import report

        return report(analysis, Path(output_file) if output_file is not None else None)


class Gathered:
    """What one pass over sessions leaves behind."""

    def __init__(self) -> None:
        self.tallies = Tallies()
        self.patterns = Patterns()
        self.sessions: list[Recorded] = []
        self.runs: list[Past] = []
        """What is compared: sessions, those of one run of tests together."""

    def session(self, session: Recorded) -> None:
        """One more session."""
        self.sessions.append(session)
        past = next((one for one in reversed(self.runs) if session.run and one.run == session.run), None)
        if past is None:
            past = Past(session.id, session.changed, session.run)
            self.runs.append(past)
            if len(self.runs) > SESSIONS:
                self.runs[-SESSIONS - 1].forget()
        for journal in reading.journals(session):
            self.journal(journal, past)

    def journal(self, journal: Iterable[Glimpse], past: Past | None = None) -> None:
        """The calls of one process."""
        tally, watch = self.tallies.add, self.patterns.add
        note = past.add if past is not None else None
        for seen in journal:
            code = seen.code
            tally(seen, code)
            watch(seen, code)
            if note is not None:
                failed = seen.status == "error" or (code is not None and code >= SERVER_ERROR)
                note((seen.service, seen.operation), seen.duration_ms, failed=failed)
        self.patterns.journal_ended()

    def analysis(self) -> dict[str, Any]:
        """Everything, with the contract's keys first."""
        all_of_them = list(self.tallies)
        total = sum(tally.count for tally in all_of_them)
        good = sum(tally.statuses["success"] for tally in all_of_them)
        failed = sum(tally.failed for tally in all_of_them)
        return {
            "total_interactions": total,
            "success_rate": good / total if total else 0.0,
            "by_service": by_service(all_of_them),
            "performance": performance(all_of_them),
            "errors": self.tallies.errors,
            "patterns": {**usage(all_of_them), **self.patterns.findings(all_of_them)},
            "error_count": failed,
            "pattern_counts": self.patterns.counts,
            "operations": [
                tally.summary() for tally in sorted(all_of_them, key=lambda one: (one.service, one.operation))
            ],
            "sessions": [{"id": one.id, "changed": one.changed} for one in self.sessions],
            "trends": trends(self.runs),
        }


def analyze_sessions(sessions: Iterable[Recorded]) -> dict[str, Any]:
    """Totals, services, operations with percentiles, errors, patterns with evidence, and what changed since earlier
    sessions; durations in milliseconds. Memory stays bounded, whatever the size of the journals; a session that is one
    file is held as a whole while it is read."""
    gathered = Gathered()
    for session in sessions:
        gathered.session(session)
    return gathered.analysis()


def by_service(tallies: Iterable[Tally]) -> dict[str, Any]:
    """Calls, operations with their counts, mean duration and errors, by service."""
    found: dict[str, Any] = {}
    spent: dict[str, list[float]] = {}
    for tally in tallies:
        service = found.setdefault(tally.service, {"count": 0, "operations": {}, "avg_duration": 0.0, "errors": 0})
        service["count"] += tally.count
        service["operations"][tally.operation] = tally.count
        service["errors"] += tally.failed
        held = spent.setdefault(tally.service, [0.0, 0])
        held[0] += tally.durations.total
        held[1] += tally.durations.count
    for name, (total, count) in spent.items():
        found[name]["avg_duration"] = total / count if count else 0.0
    return found


def performance(tallies: Iterable[Tally]) -> dict[str, Any]:
    """Durations over all, and the slowest and fastest operations by their mean."""
    timed = [tally for tally in tallies if tally.durations.count]
    total, count = (sum(getattr(tally.durations, what) for tally in timed) for what in ("total", "count"))
    ordered = sorted(timed, key=lambda tally: (-tally.durations.mean, tally.service, tally.operation))
    return {
        "total_duration": total,
        "avg_duration": total / count if count else 0.0,
        "min_duration": min((tally.durations.least for tally in timed), default=0.0),
        "max_duration": max((tally.durations.greatest for tally in timed), default=0.0),
        "slowest_operations": [_timed(tally) for tally in ordered[:MOST]],
        "fastest_operations": [_timed(tally) for tally in ordered[::-1][:MOST]],
    }


def _timed(tally: Tally) -> dict[str, Any]:
    held = tally.durations
    return {
        "service": tally.service, "operation": tally.operation, "count": tally.count, "avg_duration": held.mean,
        "min_duration": held.least, "max_duration": held.greatest,
    }  # fmt: skip


def usage(tallies: Iterable[Tally]) -> dict[str, Any]:
    """The operations that were called most and least."""
    ordered = sorted(tallies, key=lambda tally: (-tally.count, tally.service, tally.operation))
    named = [{"service": one.service, "operation": one.operation, "count": one.count} for one in ordered]
    return {"most_used_operations": named[:MOST], "least_used_operations": named[::-1][:MOST]}
