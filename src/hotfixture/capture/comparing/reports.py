"""The report of a comparison as Markdown: of mocks with a recording, or of two recordings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hotfixture.capture.comparing.differences import brief

SHOWN = 20


def mocked(comparison: Mapping[str, Any], *, verbose: bool = False) -> str:
    """How far mocks are from a recording (what `mocked.compare` gave); `verbose` shows every difference."""
    low, high = comparison["accuracy_interval"]
    score = f"{100 * comparison['accuracy_score']:.1f} % (95 % interval {100 * low:.1f} to {100 * high:.1f} %)"
    counts = f"- Comparisons: {comparison['total_comparisons']}\n- Matches: {comparison['matches']}"
    parts = [
        "# Mock Comparison Report",
        f"- Accuracy: {score}\n{counts}",
        *_skipped(comparison),
        "## Operations",
        "\n".join(map(_operation, comparison["by_operation"])) or "None.",
        "## Missing Mocks",
        "\n".join(f"- {_named(one)}: {one['count']} calls" for one in comparison["missing_mocks"]) or "None.",
        "## Differences",
        *(_limited(map(_entry, comparison["differences"]), verbose=verbose) or ["None."]),
        "## Volatile Fields",
        "\n".join(map(volatile, comparison["volatile"])) or "None were learned.",
    ]
    return "\n\n".join(parts) + "\n"


def sessions(comparison: Mapping[str, Any], *, verbose: bool = False) -> str:
    """What differs between two recordings (what `drift.compare_sessions` gave)."""
    lists = {
        "Request Drift": map(_entry, comparison["drift"]),
        "New Requests": (f"- {_named(one)} ({one['id']})" for one in comparison["new_requests"]),
        "Requests No Longer Made": (f"- {_named(one)} ({one['id']})" for one in comparison["lost_requests"]),
        "Changed Answers": map(_entry, comparison["answers"]),
        "Changed Order": (
            f"- {one['operation']} now comes after {one['after']} ({one['id']})" for one in comparison["order"]
        ),
        "Timing": map(_timing, comparison["timing"]),
        "Volatile Fields": map(volatile, comparison["volatile"]),
    }
    parts = ["# Session Comparison Report", f"- Requests compared: {comparison['compared']}"]
    for title, lines in lists.items():
        parts += [f"## {title}", "\n".join(_limited(lines, verbose=verbose)) or "None."]
    return "\n\n".join(parts) + "\n"


def _skipped(comparison: Mapping[str, Any]) -> Iterable[str]:
    if comparison["skipped"]:
        yield "\n".join(f"- Left out: {count} ({why})" for why, count in comparison["skipped"].items())


def _limited(lines: Iterable[str], *, verbose: bool) -> list[str]:
    found = list(lines)
    if verbose or len(found) <= SHOWN:
        return found
    return [*found[:SHOWN], f"… and {len(found) - SHOWN} more."]


def _named(one: Mapping[str, Any]) -> str:
    return f"{one['service']} {one['operation']}"


def _operation(one: Mapping[str, Any]) -> str:
    if one["accuracy"] is None:
        return f"- {_named(one)}: nothing to compare"
    low, high = one["interval"]
    missing = f", {one['missing']} without a mock" if one["missing"] else ""
    return (
        f"- {_named(one)}: {100 * one['accuracy']:.1f} % ({one['matches']} of {one['comparisons']}; 95 % interval"
        f" {100 * low:.0f} to {100 * high:.0f} %{missing})"
    )


def _entry(one: Mapping[str, Any]) -> str:
    count = f", {one['count']} times" if one.get("count", 1) > 1 else ""
    lines = [f"- {_named(one)} ({', '.join(one['ids']) if 'ids' in one else one['new_id']}{count})"]
    return "\n".join([*lines, *(f"  - {_difference(each)}" for each in one["differences"])])


def _difference(one: Mapping[str, Any]) -> str:
    first, second = (one["old"], one["new"]) if "old" in one else (one["real"], one["mock"])
    said = one["type"].replace("_", " ")
    return f"{one['severity']}: {one['path'] or '(the whole)'}: {said}: {brief(first)} / {brief(second)}"


def _timing(one: Mapping[str, Any]) -> str:
    return f"- {_named(one)}: median {one['before']:.3g} ms, now {one['now']:.3g} ms (p {one['p_adjusted']:.2g})"


def volatile(one: Mapping[str, Any]) -> str:
    """A field that changes by itself, with the first of the evidence."""
    values = " / ".join(brief(each, 40) for each in one["evidence"][0]["values"])
    place = f"{one['side']} {one['path'] or '(the whole)'}"
    return f"- {_named(one)}: {place}: {values} (in {one['changes']} of {one['groups']} groups)"
