"""What reports of all forms say in the same words: durations, shares, findings, rows of tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

from hotfixture.capture import clocks
from hotfixture.capture.analysis.statistics import EXACT
from hotfixture.capture.analysis.tallies import SERVER_ERROR

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


def moment() -> str:
    """Now, UTC, to the second."""
    return datetime.fromtimestamp(clocks.epoch(), UTC).isoformat(timespec="seconds")


def milliseconds(value: float) -> str:
    """A duration for readers: three digits that count, in the unit that suits."""
    size = abs(value)
    if size >= 999_500:
        return f"{value / 1000:,.0f} s" if size < 1e12 else f"{value / 1000:.3g} s"
    if size >= 999.5:  # which three digits make 1,000 of
        return f"{value / 1000:.3g} s"
    return f"{value:.3g} ms" if size >= 0.9995 or size == 0 else f"{value * 1000:.3g} µs"


def printable(text: str) -> str:
    """A recorded text without what moves a cursor, rings a bell or turns the direction of reading."""
    return (
        text if text.isprintable() else "".join(one if one.isprintable() or one in "\n\t" else "\ufffd" for one in text)
    )


def escaped(text: str) -> str:
    """A recorded text within HTML."""
    return escape(printable(text))


def share(value: float) -> str:
    """A share in percent."""
    return f"{100 * value:.1f} %"


OPERATION_HEADINGS = ("Operation", "Calls", "Errors", "HTTP", "Min", "Mean", "p50", "p90", "p95", "p99", "Max")


def operation_row(one: Analysis) -> list[Any]:
    """The cells of one operation under `OPERATION_HEADINGS`."""
    durations = ("min_duration", "avg_duration", "p50", "p90", "p95", "p99", "max_duration")
    counts = one["operation"], one["count"], one["errors"], _codes(one["http_statuses"])
    return [*counts, *(milliseconds(one[name]) for name in durations)]


def _codes(statuses: Mapping[str, int]) -> str:
    """`200`, or `200: 9, 503: 1`; empty for what is no HTTP."""
    return ", ".join(code if len(statuses) == 1 else f"{code}: {count:,}" for code, count in statuses.items())


def error_kinds(analysis: Analysis) -> list[tuple[str, str, str, int]]:
    """Service, operation, class (or the status of a server that failed) and count of the errors, the most frequent
    first."""
    found: Counter[tuple[str, str, str]] = Counter()
    for one in analysis.get("operations", ()):
        refused = {f"HTTP {code}": count for code, count in one["http_statuses"].items() if _is_failure(code)}
        for kind, count in (one["error_types"] | refused).items():
            found[one["service"], one["operation"], kind] += count
    if not found:  # an analysis that has the contract's keys alone
        found.update(
            (one["service"], one["operation"], one.get("error_type") or "unknown") for one in analysis["errors"]
        )
    return sorted(((*name, count) for name, count in found.items()), key=lambda one: (-one[3], one))


def sentences(pattern: str, found: Sequence[Analysis]) -> list[str]:
    """The findings of a pattern in words, those of one operation together: the greatest, and how many there are."""
    alike: dict[tuple[Any, ...], list[Analysis]] = {}
    for one in found:
        alike.setdefault((one["service"], one.get("operation"), one.get("differs_in")), []).append(one)
    shown = list(alike.values())[:SHOWN]
    return [sentence(pattern, own[0]) + (f"; {len(own)} times in all" if len(own) > 1 else "") for own in shown]


def sampled(analysis: Analysis) -> str:
    """Whose percentiles are estimates; empty where all are exact."""
    names = [
        f"{one['service']} {one['operation']}" for one in analysis.get("operations", ()) if not one["percentiles_exact"]
    ]
    return f"Percentiles of a uniform sample of {EXACT:,} calls: {', '.join(names)}." if names else ""


def failures(one: Analysis) -> int:
    """Calls of an operation that failed, or that the server answered with 5xx."""
    return refusals(one) + int(one["errors"])


def refusals(one: Analysis) -> int:
    """Calls of an operation that the server answered with 5xx."""
    return sum(count for code, count in one["http_statuses"].items() if _is_failure(code))


def _is_failure(code: str) -> bool:
    return int(code) >= SERVER_ERROR


def totals(analysis: Analysis) -> dict[str, str]:
    """What the summary says, by its headings."""
    performance = analysis["performance"]
    return {
        "Total Interactions": f"{analysis['total_interactions']:,}",
        "Success Rate": share(analysis["success_rate"]),
        "Sessions": f"{len(analysis.get('sessions', ())):,}",
        "Errors": f"{analysis.get('error_count', len(analysis['errors'])):,}",
        "Answers of 5xx": f"{sum(map(refusals, analysis.get('operations', ()))):,}",
        "Total Duration": milliseconds(performance["total_duration"]),
        "Average Duration": milliseconds(performance["avg_duration"]),
    }


def error_samples(analysis: Analysis) -> tuple[list[tuple[Analysis, int]], int]:
    """The first errors, those of one text together with how many there are; and how many there are beside these."""
    alike: dict[tuple[Any, ...], list[Analysis]] = {}
    for one in analysis["errors"]:
        alike.setdefault((one["service"], one["operation"], one.get("error_type"), one.get("error")), []).append(one)
    shown = [(own[0], len(own)) for own in list(alike.values())[:SHOWN]]
    total = analysis.get("error_count", len(analysis["errors"]))
    return shown, total - sum(count for _, count in shown)


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


CHANGE_HEADINGS = ("Service", "Operation", "Measure", "Before", "Now", "Effect", "p (corrected)", "Calls")


def change_row(one: Analysis) -> list[Any]:
    """The cells of one change under `CHANGE_HEADINGS`."""
    form = share if one["measure"] == "errors" else milliseconds
    effect = f"{one['effect']:+.1%}" if one["measure"] == "errors" else f"A = {one['effect']:.2f}"
    counts = " / ".join(map(str, one["counts"]))
    names = one["service"], one["operation"], one["measure"]
    return [*names, form(one["before"]), form(one["now"]), effect, f"{one['p_adjusted']:.2g}", counts]
