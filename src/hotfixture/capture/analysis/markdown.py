"""The report of an analysis as Markdown, under the headings that the first framework had, and ours after them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from hotfixture.capture.analysis.wording import (
    CHANGE_HEADINGS,
    OPERATION_HEADINGS,
    PATTERNS,
    Analysis,
    change_row,
    error_kinds,
    error_samples,
    milliseconds,
    moment,
    operation_row,
    printable,
    sampled,
    sentences,
    totals,
)


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
    """A value within a cell, on one line; it makes no link."""
    text = printable(" ".join(str(value).split()))
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("](", "]\\(")


def _summary(analysis: Analysis) -> str:
    return "\n".join(f"- {name}: {value}" for name, value in totals(analysis).items())


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
    yield cell(sampled(analysis))


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
    samples, more = error_samples(analysis)
    shown = [
        f"- {_named(one)}: {cell(one['error_type'] or 'unknown')}: {cell(one['error'])[:200]} ({one['id']})"
        + (f"; {count:,} times in all" if count > 1 else "")
        for one, count in samples
    ]
    lines = [table(("Service", "Operation", "Error", "Count"), kinds), "\n".join(shown)]
    return "\n\n".join(filter(None, [*lines, f"… and {more:,} more." if more > 0 else ""]))


def _patterns(analysis: Analysis) -> Iterable[str]:
    found = analysis["patterns"]
    for name, title in PATTERNS.items():
        if found.get(name):
            yield f"### {title}"
            yield "\n".join(f"- {cell(one)}" for one in sentences(name, found[name]))
    if not any(found.get(name) for name in PATTERNS):
        yield "None found."


def _changes(analysis: Analysis) -> Iterable[str]:
    found = analysis.get("trends", {})
    if len(found.get("sessions", ())) < 2:
        yield "There is no earlier session to compare with."
        return
    yield f"{found['method']}. The latest session against {len(found['sessions']) - 1} before it."
    for title, name in (("Regressions", "regressions"), ("Improvements", "improvements")):
        yield f"### {title}"
        yield table(CHANGE_HEADINGS, map(change_row, found[name])) if found[name] else "None."
