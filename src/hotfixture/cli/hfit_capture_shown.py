"""Comparisons of recordings, in lines for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hotfixture.cli import output

MOST_SHOWN = 10


def mock_lines(result: Mapping[str, Any], *, verbose: bool) -> Iterable[str]:
    """The comparison for people."""
    low, high = result["accuracy_interval"]
    yield (f"{result['matches']:,} of {result['total_comparisons']:,} interactions agree with the mocks:"
           f" {result['accuracy_score']:.1%} (95 % interval {low:.1%} to {high:.1%})")  # fmt: skip
    for one in result["by_operation"]:
        if one["comparisons"] and one["matches"] < one["comparisons"]:
            share = f"{one['accuracy']:>6.1%}  {one['matches']}/{one['comparisons']}"
            yield f"  {share}  {one['service']}  {one['operation']}"
    shown = result["differences"] if verbose else result["differences"][:MOST_SHOWN]
    for one in shown:
        yield f"{one['service']} {one['operation']}: {output.counted(one['count'], 'interaction')}"
        for each in one["differences"] if verbose else one["differences"][:3]:
            place = each["path"] or "the answer"
            yield f"  {each['severity']:<9} {each['type']} at {place}{_values(each, verbose=verbose)}"
    if len(shown) < len(result["differences"]):
        yield f"and {len(result['differences']) - len(shown):,} more: --verbose shows all"
    for one in result["missing_mocks"]:
        yield f"no mock: {one['service']} {one['operation']} ({output.counted(one['count'], 'call')})"
    for one in result["volatile"]:
        yield f"not counted, for it differs from recording to recording: {one['operation']} {one['path']}"
    for why, count in result["skipped"].items():
        yield f"not compared: {output.counted(count, 'call')}: {why}"


def _values(each: Mapping[str, Any], *, verbose: bool) -> str:
    return f": recorded {each['real']!r}, mock {each['mock']!r}" if verbose else ""


def drift_lines(result: Mapping[str, Any]) -> Iterable[str]:
    """What differs between two sessions, for people."""
    from hotfixture.capture.comparing.differences import said

    yield f"{output.counted(result['compared'], 'request')} compared"
    for one in result["drift"]:
        yield f"request changed: {one['service']} {one['operation']} ({one['old_id']} → {one['new_id']})"
        for each in one["differences"]:
            yield f"  {each['severity']:<9} {said(each['type'], each['path'], each['old'], each['new'])}"
    for one in result["answers"]:
        yield f"answer changed: {one['service']} {one['operation']} ({one['old_id']} → {one['new_id']})"
        for each in one["differences"]:
            yield f"  {each['severity']:<9} {each['path']}: {each['old']!r} → {each['new']!r}"
    for title, entries in (("new request", result["new_requests"]), ("no longer asked", result["lost_requests"])):
        for one in entries:
            yield f"{title}: {one['service']} {one['operation']} ({one['id']})"
    for one in result["order"]:
        yield f"other order: {one['operation']} comes before {one['after']} now"
    for one in result["timing"]:
        change = f"{one['before']} → {one['now']} ms (p {one['p_adjusted']:.2g})"
        yield f"timing: {one['service']} {one['operation']}: {change}"
    if result["same"] and not result["answers"]:
        yield "the program asks and gets what it asked and got"
