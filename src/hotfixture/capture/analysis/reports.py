"""The report of an analysis: Markdown, JSON, or one self-contained HTML page, by the name of the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from hotfixture.capture import clocks
from hotfixture.errors import CaptureError, Where

Analysis = Mapping[str, Any]
SHOWN = 10
"""Findings of one sort that a report shows; the JSON has them all."""
PATTERNS: Mapping[str, str] = {
    "retries": "Retries",
    "n_plus_one": "N+1 calls",
    "repeated_calls": "Repeated identical calls",
    "error_bursts": "Error bursts",
    "slow_tails": "Slow tails",
}


def report(analysis: Analysis, output: Path | None = None) -> str:
    """The report, in the form that the name of `output` asks for, and also written to it; CaptureError where it cannot
    be."""
    ending = output.suffix.lower().lstrip(".") if output is not None else ""
    text = written(analysis, {"htm": "html"}.get(ending, ending))
    if output is not None:
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CaptureError(f"the report cannot be written: {error.strerror}", where=Where(str(output))) from error
    return text


def written(analysis: Analysis, form: str) -> str:
    """The report as `html` or `json`; in any other form it is Markdown."""
    if form == "html":
        from hotfixture.capture.analysis.page import page

        return page(analysis)
    return as_json(analysis) if form == "json" else markdown(analysis)


def as_json(analysis: Analysis) -> str:
    """The whole analysis, with the moment of its making."""
    return msgspec.json.format(msgspec.json.encode({"generated": moment(), **analysis}, enc_hook=str)).decode() + "\n"


def moment() -> str:
    """Now, UTC, to the second."""
    return datetime.fromtimestamp(clocks.epoch(), UTC).isoformat(timespec="seconds")


def milliseconds(value: float) -> str:
    """A duration for readers: three digits that count, in the unit that suits."""
    if value >= 1000:
        return f"{value / 1000:.3g} s" if value < 1e6 else f"{value / 1000:,.0f} s"
    return f"{value:.3g} ms" if value >= 1 or value == 0 else f"{value * 1000:.3g} µs"


def share(value: float) -> str:
    """A share in percent."""
    return f"{100 * value:.1f} %"


def markdown(analysis: Analysis) -> str:
    """The report as Markdown, under the headings that the first framework had, and ours after them."""
    parts = [
        "# Capture Analysis Report",
        f"Generated: {moment()}",
        "## Summary",
        _summary(analysis),
        "## Service Breakdown",
        *_services(analysis),
        "## Performance Analysis",
        *_performance(analysis),
        "## Errors",
        _errors(analysis),
        "## Patterns",
        *_patterns(analysis),
        "## Changes",
        *_changes(analysis),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A Markdown table; what stands in it cannot break out of its cell."""
    lines = [headings, ["---"] * len(headings), *([cell(one) for one in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(value: Any) -> str:
    """A value within a cell, on one line."""
    return " ".join(str(value).split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def _summary(analysis: Analysis) -> str:
    performance = analysis["performance"]
    return "\n".join([
        f"- Total Interactions: {analysis['total_interactions']}",
        f"- Success Rate: {share(analysis['success_rate'])}",
        f"- Sessions: {len(analysis.get('sessions', ()))}",
        f"- Total Duration: {milliseconds(performance['total_duration'])}",
        f"- Average Duration: {milliseconds(performance['avg_duration'])}",
    ])  # fmt: skip


def _services(analysis: Analysis) -> Iterable[str]:
    for name, service in sorted(analysis["by_service"].items()):
        yield f"### {cell(name)}"
        yield "\n".join([
            f"- Total calls: {service['count']}",
            f"- Average duration: {milliseconds(service['avg_duration'])}",
            f"- Errors: {service['errors']}",
            f"- Operations: {len(service['operations'])}",
        ])  # fmt: skip
        own = [one for one in analysis.get("operations", ()) if one["service"] == name]
        yield table(OPERATION_HEADINGS, map(operation_row, own))


OPERATION_HEADINGS = ("Operation", "Calls", "Errors", "Min", "Mean", "p50", "p90", "p95", "p99", "Max")


def operation_row(one: Analysis) -> list[Any]:
    """The cells of one operation under `OPERATION_HEADINGS`."""
    durations = ("min_duration", "avg_duration", "p50", "p90", "p95", "p99", "max_duration")
    return [one["operation"], one["count"], one["errors"], *(milliseconds(one[name]) for name in durations)]


def _performance(analysis: Analysis) -> Iterable[str]:
    performance = analysis["performance"]
    least, most = performance.get("min_duration", 0.0), performance.get("max_duration", 0.0)
    yield f"From {milliseconds(least)} to {milliseconds(most)} a call."
    for title, name in (("Slowest", "slowest_operations"), ("Fastest", "fastest_operations")):
        yield f"### {title} Operations"
        yield _numbered(
            f"{_named(one)}: {milliseconds(one['avg_duration'])} on average ({one['count']} calls)"
            for one in performance[name]
        )
    for title, name in (("Most", "most_used_operations"), ("Least", "least_used_operations")):
        yield f"### {title} Used Operations"
        yield _numbered(f"{_named(one)}: {one['count']} calls" for one in analysis["patterns"].get(name, ()))


def _numbered(lines: Iterable[str]) -> str:
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1)) or "None."


def _named(one: Analysis) -> str:
    return cell(f"{one['service']} {one.get('operation', '')}".strip())


def _errors(analysis: Analysis) -> str:
    kinds = error_kinds(analysis)
    if not kinds:
        return "No errors."
    shown = [
        f"- {_named(one)}: {cell(one['error_type'] or 'unknown')}: {cell(one['error'])[:200]} ({one['id']})"
        for one in analysis["errors"][:SHOWN]
    ]
    more = analysis.get("error_count", len(analysis["errors"])) - len(shown)
    lines = [table(("Service", "Operation", "Error", "Count"), kinds), "\n".join(shown)]
    return "\n\n".join([*lines, *([f"… and {more} more."] if more > 0 else [])])


def error_kinds(analysis: Analysis) -> list[tuple[str, str, str, int]]:
    """Service, operation, class and count of the errors, the most frequent first."""
    found = [
        (one["service"], one["operation"], kind, count)
        for one in analysis.get("operations", ())
        for kind, count in one["error_types"].items()
    ]
    return sorted(found, key=lambda one: (-one[3], one))


def _patterns(analysis: Analysis) -> Iterable[str]:
    found = analysis["patterns"]
    for name, title in PATTERNS.items():
        if found.get(name):
            yield f"### {title}"
            yield "\n".join(f"- {cell(sentence(name, one))}" for one in found[name][:SHOWN])
    if not any(found.get(name) for name in PATTERNS):
        yield "None found."


def sentence(pattern: str, one: Analysis) -> str:
    """One finding in words, with its evidence."""
    named = f"{one['service']} {one.get('operation', '')}".strip()
    evidence = ", ".join(str(each) for each in one["ids"][:5]) + ("…" if len(one["ids"]) > 5 else "")
    return f"{named}: {_SENTENCES[pattern](one)} ({evidence})"


_SENTENCES: Mapping[str, Any] = {
    "retries": lambda one: (
        f"{one['attempts']} attempts, {'the last went well' if one['recovered'] else 'none went well'}"
    ),
    "n_plus_one": lambda one: (
        f"{one['count']} calls that differ in {one['differs_in']}, {milliseconds(one['total_duration'])} together"
        + (f", within {one.get('scope') or one.get('parent')}" if one.get("scope") or one.get("parent") else "")
    ),
    "repeated_calls": lambda one: f"{one['count']} times the same",
    "error_bursts": lambda one: f"{one['count']} errors within {max(0.0, one['until'] - one['since']):.3g} s",
    "slow_tails": lambda one: (
        f"p99 {milliseconds(one['p99'])} is {one['ratio']:.0f} times the median of {milliseconds(one['p50'])}"
    ),
}


def _changes(analysis: Analysis) -> Iterable[str]:
    found = analysis.get("trends", {})
    if len(found.get("sessions", ())) < 2:
        yield "There is no earlier session to compare with."
        return
    yield f"{found['method']}. The latest session against {len(found['sessions']) - 1} before it."
    for title, name in (("Regressions", "regressions"), ("Improvements", "improvements")):
        yield f"### {title}"
        yield table(CHANGE_HEADINGS, map(change_row, found[name])) if found[name] else "None."


CHANGE_HEADINGS = ("Service", "Operation", "Measure", "Before", "Now", "Effect", "p (corrected)", "Calls")


def change_row(one: Analysis) -> list[Any]:
    """The cells of one change under `CHANGE_HEADINGS`."""
    form = share if one["measure"] == "errors" else milliseconds
    effect = f"{one['effect']:+.1%}" if one["measure"] == "errors" else f"A = {one['effect']:.2f}"
    counts = " / ".join(map(str, one["counts"]))
    names = one["service"], one["operation"], one["measure"]
    return [*names, form(one["before"]), form(one["now"]), effect, f"{one['p_adjusted']:.2g}", counts]
