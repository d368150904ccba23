"""The report as one HTML page that needs nothing else: no script, no network; light and dark; charts with words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from hotfixture.capture.analysis import charts
from hotfixture.capture.analysis.wording import (
    CHANGE_HEADINGS,
    OPERATION_HEADINGS,
    PATTERNS,
    Analysis,
    change_row,
    error_kinds,
    error_samples,
    escaped,
    failures,
    milliseconds,
    moment,
    operation_row,
    sampled,
    sentences,
    totals,
)

CHARTED = 15
"""Operations in a chart."""
_STYLE = """
:root { color-scheme: light dark; --ground: #fff; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --card: #f6f8fa;
  --bar: #2f6fb7; --bad: #b3261e; --mark: #0b2b4d; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171b; --ink: #e6e9ec; --soft: #a3acb5; --line: #3a414a;
  --card: #1d2126; --bar: #6aa5e8; --bad: #ff8a80; --mark: #fff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.7rem; margin: 0; } h2 { margin: 2.2rem 0 .6rem; font-size: 1.25rem; }
h3 { margin: 1.2rem 0 .4rem; font-size: 1.05rem; overflow-wrap: anywhere; }
p, li { overflow-wrap: anywhere; } .soft { color: var(--soft); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .8rem; margin: 1.2rem 0; }
dl div { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .6rem .9rem; }
dt { color: var(--soft); font-size: .85rem; } dd { margin: 0; font-size: 1.35rem; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; } .wide:focus-visible { outline: 2px solid var(--bar); }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .7rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td:first-child { overflow-wrap: anywhere; min-width: 9rem; }
th { color: var(--soft); font-weight: 600; } td.number, th.number { text-align: right; white-space: nowrap; }
caption { text-align: left; color: var(--soft); padding: .2rem 0; }
svg { width: 100%; height: auto; min-width: 46rem; max-width: 860px; display: block; }
td svg { width: 140px; min-width: 140px; }
svg text { fill: var(--ink); font: 13px system-ui, sans-serif; } svg .label { text-anchor: end; }
svg .tick { text-anchor: middle; fill: var(--soft); font-size: 12px; }
.bar { fill: var(--bar); } .bad { fill: var(--bad); }
.grid { stroke: var(--line); } .whisker { stroke: var(--soft); } .median { stroke: var(--mark); stroke-width: 2; }
.line { fill: none; stroke: var(--bar); stroke-width: 2; } .dot { fill: var(--bar); }
@media print { body { max-width: none; } }
"""
_NUMBERS = {"Calls", "Errors", "Count", "Min", "Mean", "p50", "p90", "p95", "p99", "Max", "Before", "Now"}


def page(analysis: Analysis) -> str:
    """The whole page."""
    body = "".join([
        "<header><h1>Capture Analysis Report</h1>", f'<p class="soft">Generated: {moment()}</p></header><main>',
        _summary(analysis), _usage(analysis), _durations(analysis), _services(analysis), _errors(analysis),
        _patterns(analysis), _changes(analysis), "</main>",
    ])  # fmt: skip
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Capture Analysis Report</title>'
        '<meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<style>{_STYLE}</style></head><body>{body}</body></html>\n"
    )


def _section(title: str, *parts: str) -> str:
    name = title.lower().replace(" ", "-")
    return f'<section aria-labelledby="{name}"><h2 id="{name}">{escaped(title)}</h2>{"".join(parts)}</section>'


def _table(caption: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table that scrolls within itself where it is too wide; cells that begin with an SVG are taken as they are."""
    kinds = [' class="number"' if name in _NUMBERS else "" for name in headings]
    head = "".join(f'<th scope="col"{kind}>{escaped(name)}</th>' for name, kind in zip(headings, kinds, strict=True))
    lines = "".join(
        "<tr>" + "".join(f"<td{kind}>{_cell(one)}</td>" for one, kind in zip(row, kinds, strict=True)) + "</tr>"
        for row in rows
    )
    return _wide(
        caption,
        f"<table><caption>{escaped(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>",
    )


def _wide(label: str, inner: str) -> str:
    """What scrolls within itself where the window is too narrow: it stays as large as can be read."""
    return f'<div class="wide" tabindex="0" role="region" aria-label="{escaped(label)}">{inner}</div>'


class _Drawn(str):
    """A chart, which is no text to be escaped."""

    __slots__ = ()


def _cell(value: Any) -> str:
    return value if isinstance(value, _Drawn) else escaped(str(value))


def _summary(analysis: Analysis) -> str:
    cards = "".join(f"<div><dt>{name}</dt><dd>{escaped(value)}</dd></div>" for name, value in totals(analysis).items())
    return _section("Summary", f"<dl>{cards}</dl>")


def _named(one: Analysis) -> str:
    return f"{one['service']} {one['operation']}"


def _charted(analysis: Analysis, by: str) -> list[Analysis]:
    return sorted(analysis.get("operations", ()), key=lambda one: (-one[by], _named(one)))[:CHARTED]


def _usage(analysis: Analysis) -> str:
    rows = [(_named(one), one["count"], failures(one)) for one in _charted(analysis, "count")]
    return _section("Calls", _wide("Calls by operation", charts.bars("Calls by operation", rows))) if rows else ""


def _durations(analysis: Analysis) -> str:
    names = ("min_duration", "p50", "p95", "p99", "max_duration")
    rows = [(_named(one), [one[name] for name in names]) for one in _charted(analysis, "total_duration")]
    if not rows:
        return ""
    legend = (
        '<p class="soft">The operations that took most time in all. Thin line: least to greatest; bar: median to 95th '
        "percentile; dot: 99th percentile.</p>"
    )
    title = "Durations by operation"
    return _section("Performance Analysis", legend, _wide(title, charts.spreads(title, rows)))


def _services(analysis: Analysis) -> str:
    parts = []
    for name, service in sorted(analysis["by_service"].items()):
        own = [one for one in analysis.get("operations", ()) if one["service"] == name]
        mean = milliseconds(service["avg_duration"])
        caption = f"{service['count']:,} calls, {mean} on average, {service['errors']:,} errors"
        parts.append(f"<h3>{escaped(name)}</h3>{_table(caption, OPERATION_HEADINGS, map(operation_row, own))}")
    note = sampled(analysis)
    return _section("Service Breakdown", *parts, *([f'<p class="soft">{escaped(note)}</p>'] if note else []))


def _errors(analysis: Analysis) -> str:
    kinds = error_kinds(analysis)
    if not kinds:
        return _section("Errors", "<p>No errors.</p>")
    samples, more = error_samples(analysis)
    shown = [
        (one["id"], _named(one), one["error_type"] or "", one["error"] or "", f"{count:,}") for one, count in samples
    ]
    parts = [
        _table("By class, or by the status of a server that failed", ("Service", "Operation", "Error", "Count"), kinds)
    ]
    if shown:
        parts.append(_table("The first of them", ("Id", "Operation", "Class", "Text", "Count"), shown))
    return _section("Errors", *parts, f'<p class="soft">… and {more:,} more.</p>' if more > 0 else "")


def _patterns(analysis: Analysis) -> str:
    parts = []
    for name, title in PATTERNS.items():
        found = analysis["patterns"].get(name)
        if found:
            lines = "".join(f"<li>{escaped(one)}</li>" for one in sentences(name, found))
            parts.append(f"<h3>{title}</h3><ul>{lines}</ul>")
    return _section("Patterns", *(parts or ["<p>None found.</p>"]))


def _changes(analysis: Analysis) -> str:
    found = analysis.get("trends", {})
    if len(found.get("sessions", ())) < 2:
        return _section("Changes", "<p>There is no earlier session to compare with.</p>")
    parts = [f'<p class="soft">{escaped(found["method"])}.</p>']
    for title, name in (("Regressions", "regressions"), ("Improvements", "improvements")):
        if found[name]:
            rows = [[*change_row(one), _drawn(one)] for one in found[name]]
            parts.append(f"<h3>{title}</h3>{_table(title, (*CHANGE_HEADINGS, 'Medians'), rows)}")
        else:
            parts.append(f"<h3>{title}</h3><p>None.</p>")
    return _section("Changes", *parts)


def _drawn(one: Analysis) -> str:
    return _Drawn(charts.line(f"Medians of {_named(one)} by session", one["medians"])) if "medians" in one else ""
