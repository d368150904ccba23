"""Comparisons of recordings, in lines for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hotfixture.cli import output

Entry = Mapping[str, Any]
MOST_SHOWN, MOST_PLACES = 10, 5
"""Sorts of differences that are shown, and places of each."""
LONGEST, NAME = 200, 100
"""Characters of a value and of a name that are shown."""


def named(text: str) -> str:
    """A recorded name for a terminal: on one line, and no longer than a table has room for."""
    line = one_line(text)
    return line if len(line) <= NAME else f"{line[: NAME - 1]}…"


def one_line(text: str) -> str:
    """A text for a terminal, whose cursor and colours it cannot move."""
    from hotfixture.capture.analysis.wording import printable

    return printable(text).replace("\n", " ").replace("\t", " ")


def mock_lines(result: Mapping[str, Any], *, verbose: bool) -> Iterable[str]:
    """The comparison for people."""
    low, high = result["accuracy_interval"]
    yield (f"{result['matches']:,} of {result['total_comparisons']:,} interactions agree with the mocks:"
           f" {result['accuracy_score']:.1%} (95 % interval {low:.1%} to {high:.1%})")  # fmt: skip
    for one in result["by_operation"]:
        if one["comparisons"] and one["matches"] < one["comparisons"]:
            share = f"{one['accuracy']:>6.1%}  {one['matches']}/{one['comparisons']}"
            yield f"  {share}  {one['service']}  {one['operation']}"
    yield from _every_difference(result["differences"]) if verbose else _differences_by_place(result["differences"])
    for one in result["missing_mocks"]:
        yield f"no mock: {one['service']} {one['operation']} ({output.counted(one['count'], 'call')})"
    for one in result["volatile"]:
        yield f"not counted, for it differs from recording to recording: {one['operation']} {one['path']}"
    for why, count in result["skipped"].items():
        yield f"not compared: {output.counted(count, 'call')}: {why}"


def _every_difference(entries: Sequence[Entry]) -> Iterable[str]:
    for one in entries:
        yield f"{one['service']} {one['operation']}: {output.counted(one['count'], 'interaction')}"
        for each in one["differences"]:
            yield f"  {_place(each)}: {_sides(each)}"


def _differences_by_place(entries: Sequence[Entry]) -> Iterable[str]:
    """What differs in the same places together, whatever the values; the most frequent first."""
    counts: Counter[tuple[str, str, tuple[str, ...]]] = Counter()
    for one in entries:
        places = tuple(_place(each) for each in one["differences"])
        counts[one["service"], one["operation"], places] += one["count"]
    for (service, operation, places), count in counts.most_common(MOST_SHOWN):
        yield f"{service} {operation}: {output.counted(count, 'interaction')}"
        yield from (f"  {place}" for place in places[:MOST_PLACES])
        if len(places) > MOST_PLACES:
            yield f"  and {output.counted(len(places) - MOST_PLACES, 'place')} more"
    if entries:
        left = len(counts) - MOST_SHOWN
        yield f"{f'and {left:,} more sorts; ' if left > 0 else ''}--verbose shows every difference with its values"


def _place(each: Entry) -> str:
    return f"{each['severity']:<9} {each['type']} at {each['path'] or 'the answer'}"


def _sides(each: Entry) -> str:
    """Both values, or the one that there is."""
    recorded, mock = f"recorded {_short(each['real'])}", f"mock {_short(each['mock'])}"
    return {"missing_key_in_mock": recorded, "extra_key_in_mock": mock}.get(each["type"], f"{recorded}, {mock}")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} characters; --json has them all)"


def drift_lines(result: Mapping[str, Any]) -> Iterable[str]:
    """What differs between two sessions, for people."""
    from hotfixture.capture.analysis.wording import milliseconds
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
        change = f"{milliseconds(one['before'])} → {milliseconds(one['now'])} (p {one['p_adjusted']:.2g})"
        yield f"timing: {one['service']} {one['operation']}: {change}"
    if result["same"] and not result["answers"]:
        yield "the program asks and gets what it asked and got"
